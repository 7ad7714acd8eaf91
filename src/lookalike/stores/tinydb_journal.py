"""The journal of `tinydb:PATH`: what was written since the file itself was, a line a unit.

A line is a checksum (CRC-32 of the rest, eight hexadecimal digits), a blank and a JSON object. It is handed to the
system with one `write` before the answer leaves, so it survives the end of this process, whatever ends it; the disk
has it a second later at most (`fsync`), which matters when the whole machine stops. Journals are numbered: `PATH` says
which number it needs first. Doing again what a journal says, from its beginning, is harmless.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from zlib import crc32

import orjson

from lookalike.stores import StoreError

_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
_PROBE = 4096
"""Bytes that lie in a block of their own on any disk."""

_HEAD = 9
"""Bytes of a line's checksum and the blank."""


def line_of(body: bytes) -> bytes:
    """A journal's line."""
    return b"%08x %b\n" % (crc32(body), body)


def _body_of(line: bytes) -> Any:
    """What a line holds. Raises ValueError when it is not what was written."""
    body = line[_HEAD:]
    if line[:_HEAD] != b"%08x " % crc32(body):
        raise ValueError("the checksum differs")
    return orjson.loads(body)


class Journals:
    """The journals beside a store file; the last one, if any was begun, takes what is appended."""

    def __init__(self, path: str, shown: str) -> None:
        folder, name = os.path.split(path)
        self._folder = folder or "."
        self._prefix = f"{name}.journal-"
        self._shown = shown
        self._descriptor: int | None = None
        self._ended: list[int] = []
        self._torn = False
        self.is_torn = False
        """Whether the journal that was read last ends in a line that is not whole."""
        self.number = 0
        self.size = 0
        """Bytes in the journal that is being written."""

    def numbers(self) -> list[int]:
        """Of those that there are, in order. Raises OSError."""
        pattern = re.compile(re.escape(self._prefix) + r"([1-9]\d*)")
        found = (pattern.fullmatch(name) for name in os.listdir(self._folder))
        return sorted(int(match[1]) for match in found if match)

    def _path(self, number: int) -> str:
        return os.path.join(self._folder, f"{self._prefix}{number}")

    # --- reading ----------------------------------------------------------------------------------------------

    def read(self, number: int) -> Iterator[Any]:
        """What the lines of one say. A last line that is not whole is left out (`is_torn` says so).

        Raises StoreError for any other that is not as it was written.
        """
        shown = f"{self._shown}.journal-{number}"
        try:
            with open(self._path(number), "rb") as file:
                *lines, rest = file.read().split(b"\n")
        except OSError as error:
            raise StoreError(f"store journal {shown} cannot be read: {error.strerror}") from None
        self.is_torn = bool(rest)
        for at, line in enumerate(lines, 1):
            try:
                body = _body_of(line)
            except ValueError:
                if at < len(lines) or rest:
                    raise StoreError(f"store journal {shown}, line {at}, is damaged: mend or delete it") from None
                self.is_torn = True
                return
            yield body

    # --- writing ----------------------------------------------------------------------------------------------

    def begin(self, number: int) -> None:
        """Start an empty one and append there from now on. Raises OSError and goes on with the one before.

        Nothing waits for the disk here, since answers wait for this: `sync` does.
        """
        path = self._path(number)
        descriptor = os.open(path, _FLAGS, 0o666)
        if self._descriptor is not None:
            self._ended.append(self._descriptor)
        self._descriptor = descriptor
        self.number, self.size, self._torn = number, 0, False

    def probe(self) -> None:
        """Raises OSError where nothing can be appended: a disk that is full has room for an empty file."""
        self.append(b" " * _PROBE)
        self.size = 0
        self._cut()

    def append(self, line: bytes) -> None:
        """Have a line last. Raises OSError, and then there is nothing of it."""
        assert self._descriptor is not None
        try:
            if self._torn:
                self._cut()
            written = os.write(self._descriptor, line)
            while written < len(line):
                self._torn = True
                written += os.write(self._descriptor, line[written:])
        except OSError:
            if self._torn:
                with suppress(OSError):
                    self._cut()
            raise
        self._torn = False
        self.size += len(line)

    def _cut(self) -> None:
        """Take away a beginning of a line that could not be finished."""
        assert self._descriptor is not None
        os.ftruncate(self._descriptor, self.size)
        self._torn = False

    def sync(self) -> None:
        """Have the disk keep what was appended, here and in those that ended since. Raises OSError."""
        while self._ended:
            os.fsync(self._ended[0])
            os.close(self._ended.pop(0))
        if self._descriptor is not None:
            os.fsync(self._descriptor)

    def forget(self, before: int) -> None:
        """Remove those with smaller numbers; what cannot be removed is harmless."""
        with suppress(OSError):
            for number in self.numbers():
                if number < before:
                    os.unlink(self._path(number))

    def close(self, *, needed: bool) -> None:
        """Stop writing; remove the journal that was written to, unless it is needed."""
        while self._ended:
            with suppress(OSError):
                os.close(self._ended.pop(0))
        if self._descriptor is not None:
            with suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = None
            if not needed:
                with suppress(OSError):
                    os.unlink(self._path(self.number))
