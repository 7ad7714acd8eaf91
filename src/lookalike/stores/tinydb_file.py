"""The file of `tinydb:PATH`: read whole, replaced whole, held by one server at a time."""

from __future__ import annotations

import json
import os
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any
from zlib import crc32

import orjson
from tinydb.storages import Storage

from lookalike.stores import StoreError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]  # Windows has none: then no lock

_PIECE = 2_000_000
"""Bytes made and written at once, about. Making them takes some milliseconds, in which nobody is answered; but after
each piece this thread has to wait for its turn, which takes long beside one that never rests, and costs that one as
much. Pieces of a few hundred lines made a file that is written in half a second take ten, with all requests slower."""

Tables = Iterable[tuple[str, Sequence[bytes]]]

CHECKSUM = "checksum"
"""The last table, with one document: the CRC-32 of all that stands before it, which tells whether somebody has edited
the file since it was written."""
_SEAL = b',\n"%b": {\n"1": {"crc32":"' % CHECKSUM.encode()


class FileStorage(Storage):
    """A TinyDB storage whose writes are a new file that takes the old one's place."""

    def __init__(self, path: str) -> None:
        self.path = os.path.realpath(path)
        self._shown = path
        folder, name = os.path.split(self.path)
        self._folder = folder
        self._draft = os.path.join(folder, f".{name}.new")
        self.size = 0
        """Bytes of the file as it was read or written last."""
        self.edited = False
        """Whether the file that was read is not as a server has written it."""

    def read(self) -> dict[str, dict[str, Any]] | None:
        """The tables by name, or None while there is no file. Raises StoreError."""
        try:
            with open(self.path, "rb") as file:
                raw = file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"store file {self._shown} cannot be read: {error.strerror}") from None
        self.size = len(raw)
        raw = raw.removeprefix(BOM_UTF8)  # editors on Windows leave it
        if not raw.strip():
            return None
        try:
            tables = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise StoreError(f"store file {self._shown}, line {error.lineno}, is not JSON: {error.msg}") from None
        if not _is_tinydb(tables):
            raise StoreError(f"store file {self._shown} is not a TinyDB file: it should hold tables of documents")
        self.edited = _is_edited(raw)
        repetition = _repetition(raw) if self.edited else None
        if repetition is not None:
            raise StoreError(f"store file {self._shown}{repetition}")
        tables.pop(CHECKSUM, None)
        return tables  # type: ignore[no-any-return]  # JSON; its shape was just checked

    def write(self, data: Mapping[str, Mapping[str, Any]]) -> None:
        """What TinyDB writes through."""
        self.write_tables(
            (name, [orjson.dumps(document) for document in table.values()]) for name, table in data.items()
        )

    def write_tables(self, tables: Tables) -> None:
        """Replace the file by these tables of JSON documents, numbered from 1. Raises OSError and changes nothing."""
        try:
            with open(self._draft, "wb", buffering=_PIECE) as file:
                file.writelines(_sealed(_pieces(tables)))
                file.flush()
                os.fsync(file.fileno())
                size = file.tell()
            os.replace(self._draft, self.path)
        except BaseException:
            self.tidy()
            raise
        self.size = size
        self._sync_folder()

    def tidy(self) -> None:
        """Remove what a writer that was killed has left."""
        with suppress(OSError):
            os.unlink(self._draft)

    def _sync_folder(self) -> None:
        """Have the disk know the file by its name before anything is removed that it stands for."""
        with suppress(OSError):  # where folders cannot be opened, that is left to the system
            descriptor = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _is_tinydb(tables: Any) -> bool:
    return isinstance(tables, dict) and all(
        isinstance(table, dict)
        and all(key.isdecimal() and isinstance(document, dict) for key, document in table.items())
        for table in tables.values()
    )


def _is_edited(raw: bytes) -> bool:
    end = raw.rfind(_SEAL)
    return end < 0 or not raw.startswith(b"%08x" % crc32(memoryview(raw)[:end]), end + len(_SEAL))


def _repetition(raw: bytes) -> str | None:
    """What somebody wrote twice, a copied line's number most likely: of both, JSON would silently keep the last."""
    found: list[tuple[Mapping[str, Any], str]] = []

    def noted(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        told = dict(pairs)
        if len(told) < len(pairs):
            counts = Counter(name for name, _ in pairs)
            found.append((told, counts.most_common(1)[0][0]))
        return told

    tables = json.loads(raw, object_pairs_hook=noted)
    if not found:
        return None
    where, name = found[-1]  # a table is noted after what it holds
    if where is tables:
        return f" has a table {name!r} twice"
    table = next((one for one, documents in tables.items() if documents is where), None)
    return (
        f" has a document with {name!r} twice"
        if table is None
        else f", table {table!r}: number {name!r} is there twice"
    )


def _sealed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    crc = 0
    for piece in pieces:
        crc = crc32(piece, crc)
        yield piece
    yield b'%b%08x"}\n}\n}\n' % (_SEAL, crc) if crc else b"{}\n"


def _pieces(tables: Tables) -> Iterator[bytes]:
    start = b"{\n"
    for name, documents in tables:
        yield start + orjson.dumps(name) + b": {"
        start = b",\n"
        at_once = max(1, _PIECE * len(documents) // (1 + sum(map(len, documents))))
        for first in range(0, len(documents), at_once):
            lines = _lines(documents[first : first + at_once], first + 1)
            yield lines if first else lines.removeprefix(b",")
        yield b"\n}"


def _lines(documents: Sequence[bytes], number: int) -> bytes:
    """One document a line, numbered, each behind a comma."""
    return (b',\n"%d": %b' * len(documents)) % tuple(chain.from_iterable(enumerate(documents, number)))


class FileLock:
    """Keeps a second server from the same file, where the system can (`fcntl`). Raises StoreError."""

    def __init__(self, path: str) -> None:
        folder, name = os.path.split(os.path.realpath(path))
        if os.path.isdir(path):
            raise StoreError(f"store file {path} is a folder: name a file in it")
        self._path = os.path.join(folder, f".{name}.lock")
        self._descriptor: int | None = None
        try:
            while not self._held():
                self._close()
        except BlockingIOError:
            self._close()
            raise StoreError(f"store file {path} is in use by another server") from None
        except OSError as error:
            self._close()
            raise StoreError(f"store file {path} cannot be used: {error.strerror} ({folder})") from None

    def _held(self) -> bool:
        """Lock; false when the file was removed by the server before us, after we had opened it."""
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        if fcntl is None:
            return True
        fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            return os.path.samestat(os.fstat(self._descriptor), os.stat(self._path))
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Let go, and leave nothing behind."""
        if self._descriptor is not None:
            with suppress(OSError):
                os.unlink(self._path)
            self._close()

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
