"""The journal of all servers that share a store: one list in Redis for each workspace."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from heapq import merge
from typing import Any

import orjson

from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.clock import Clock
from lookalike.journal import Entry, Journal, entry_of
from lookalike.stores.shared.link import NAMES, Link, Unreachable


class SharedJournal(Journal):
    """See `Journal`. A request that Redis cannot be told of is left out: its answer was a refusal anyway."""

    def __init__(self, size: int, link: Link) -> None:
        super().__init__(size)
        self._link = link
        self._clock = Clock()
        self._last = 0

    def record(self, call: Call, answer: Answer, seconds: float) -> None:
        if not self._size:
            return
        try:
            entry = entry_of(self._next_number(), call, answer, seconds)
            self._link.append((_key(entry.workspace),), (_written(entry), self._size))
        except Unreachable:
            return

    def _next_number(self) -> int:
        """Microseconds of real time, so that entries of several servers sort by when they came to be."""
        self._last = max(self._last + 1, int(self._clock.now() * 1_000_000))
        return self._last

    def __iter__(self) -> Iterator[Entry]:
        return merge(*map(self._read, self._names("*")), key=_number)

    def newest_first(self, workspace: str = "*") -> Iterator[Entry]:
        shelves = (reversed(self._read(name)) for name in self._names(workspace))
        return merge(*shelves, key=_number, reverse=True)

    def __len__(self) -> int:
        return sum(self._link("LLEN", _key(name)) for name in self._names("*"))

    def remove(self, gone: Callable[[Entry], bool]) -> int:
        removed = 0
        for name in self._names("*"):
            for raw in self._link("LRANGE", _key(name), 0, -1):
                if gone(_entry(raw)):
                    removed += self._link("LREM", _key(name), 1, raw)
        return removed

    def drop(self, workspace: str) -> None:
        self._link("DEL", _key(workspace))

    def _names(self, workspace: str) -> list[str]:
        names = [name.decode() for name in self._link("SMEMBERS", NAMES)]
        return [name for name in names if name == workspace or fnmatchcase(name, workspace)]

    def _read(self, workspace: str) -> list[Entry]:
        return sorted(map(_entry, self._link("LRANGE", _key(workspace), 0, -1)), key=_number)


def _key(workspace: str) -> str:
    return f"lookalike:{{{workspace}}}:requests"


def _number(entry: Entry) -> int:
    return entry.number


def _written(entry: Entry) -> bytes:
    told = {name: getattr(entry, name) for name in Entry.__slots__}
    told["headers"] = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in entry.headers]
    told["body"], told["answer"] = b64encode(entry.body).decode(), b64encode(entry.answer).decode()
    return orjson.dumps(told)


def _entry(raw: bytes) -> Entry:
    told: dict[str, Any] = orjson.loads(raw)
    told["headers"] = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in told["headers"]]
    told["body"], told["answer"] = b64decode(told["body"]), b64decode(told["answer"])
    return Entry(**told)
