"""One workspace as this server knows it: what of Redis it has taken in, and what nobody here has asked for yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import orjson

from lookalike.ids import fresh_token
from lookalike.stores import Conflict
from lookalike.stores.collection import Document
from lookalike.stores.memory_collection import MemoryCollection
from lookalike.stores.shared.link import NAMES, Link, Unreachable
from lookalike.stores.showing import compact
from lookalike.stores.units import Dropped, Filled, LaidDown, Put, RecordingCollection, WorkspaceRecorder, Write, record

LOCK_SECONDS = 1.5
"""How long the lock of a server that died in a unit keeps the others waiting. One that lives has it for longer: see
`Replica.stay`."""

UNITS_KEPT = 1000
"""How many units Redis keeps; a server that has missed more reads the whole workspace."""

FORGOTTEN_AFTER = 3600
"""Seconds for which Redis remembers that a workspace was dropped, for servers that still know it."""

NOTHING = b""

Place = str
"""`vendor/resource`"""


class Replica:
    """The documents live in collections once somebody asks for them (`held`), and wait as JSON texts before."""

    def __init__(self, name: str, link: Link) -> None:
        self.name = name
        self.state: dict[str, Any] = {}
        self.held: dict[Place, RecordingCollection] = {}
        self.waiting: dict[Place, dict[str, bytes]] = {}
        self.version = NOTHING
        self._touched: set[Place] = set()
        self.recorder = WorkspaceRecorder(self.keep)
        self._link = link
        self.token = ""
        """What the lock is ours by; nothing while we do not have it."""
        self._is_listed = False
        base = f"lookalike:{{{name}}}:"
        self._documents = base + "documents:"
        lock, version, units, state, places, counter = (
            base + part for part in ("lock", "version", "units", "state", "places", "counter")
        )
        self.version_key = version
        self._take_keys = (lock, version, units)
        self._read_keys = (version, state, places)
        self._write_keys = (lock, version, units, state, places, counter)

    # --- taking in --------------------------------------------------------------------------------------------

    def take(self, *, alone: bool = False) -> bool | None:
        """Take in what is new, with `alone` and the workspace's lock; whether there was any. None: somebody has it.

        Raises Unreachable, and then the lock is not ours.
        """
        token = fresh_token() if alone else ""
        arguments = (token, int(LOCK_SECONDS * 1000), self.version)
        status, *found = self._link.take(self._take_keys, arguments)
        if status == 0:
            return None
        self.token = token
        if status == 1:
            return False
        if status == 2:
            for unit in found[1]:
                self._apply(orjson.loads(unit))
            self.version = found[0]
            return True
        try:
            self._read_all()
        except BaseException:
            with suppress(Unreachable):  # kept by nobody, it runs out
                self.release()
            raise
        return True

    def has_touched(self, place: Place) -> bool:
        """Whether others have written there since this was asked last."""
        touched = place in self._touched
        self._touched.discard(place)
        return touched

    def _read_all(self) -> None:
        version, state, found = self._link.read(self._read_keys, (self._documents,))
        self.state = orjson.loads(state) if state else {}
        contents = {place.decode(): _in_order(flat) for place, flat in zip(found[::2], found[1::2], strict=True)}
        self._touched |= contents.keys() | self.held.keys()
        self.waiting = {place: texts for place, texts in contents.items() if place not in self.held}
        for place, collection in self.held.items():
            collection.load(contents.get(place, {}).values())
        self.version = version

    def _apply(self, unit: dict[str, Any]) -> None:
        for verb, *rest in unit["writes"]:
            _VERBS[verb](self, *rest)
            self._touched.update(rest[:1] if verb != "drop" else self.held)
        if "state" in unit:
            self.state = unit["state"]

    def _put(self, place: Place, document: Document) -> None:
        held = self.held.get(place)
        if held is None:
            self.waiting.setdefault(place, {})[document["id"]] = compact(document)
        else:
            MemoryCollection.put(held, document)

    def _delete(self, place: Place, id: str) -> None:
        held = self.held.get(place)
        if held is None:
            self.waiting.get(place, {}).pop(id, None)
        else:
            MemoryCollection.delete(held, id)

    def _fill(self, place: Place, documents: list[Document]) -> None:
        held, texts = self.held.get(place), [(document["id"], compact(document)) for document in documents]
        if held is None:
            self.waiting[place] = dict(texts)
        else:
            held.load([text for _, text in texts])

    def _drop(self, vendor: str | None = None) -> None:
        self.emptied(vendor)

    def emptied(self, vendor: str | None) -> Callable[[], None]:
        """Hold nothing more of a vendor, or nothing at all; what is given back has it again."""
        waiting = {place: texts for place, texts in self.waiting.items() if _is_of(place, vendor)}
        for place in waiting:
            del self.waiting[place]
        # The collections stay who they are: parts of this server hold on to them.
        held = {one: list(one.raw()) for place, one in self.held.items() if _is_of(place, vendor)}
        for collection in held:
            MemoryCollection.clear(collection)
        state = self.state
        if vendor is None:
            self.state = {}

        def back() -> None:
            self.waiting.update(waiting)
            for collection, texts in held.items():
                collection.load(texts)
            self.state = state

        return back

    def texts(self) -> Iterator[tuple[Place, list[bytes]]]:
        """Everything, place by place."""
        for place, waiting in self.waiting.items():
            yield place, list(waiting.values())
        for place, collection in self.held.items():
            yield place, list(collection.raw())

    def lay_down(self, place: Place, texts: Mapping[str, bytes]) -> None:
        """Have these documents at a place, and no others."""
        held = self.held.get(place)
        before = self.waiting.get(place, {}) if held is None else {}
        if held is None:
            self.waiting[place] = dict(texts)
        else:
            former = list(held.raw())
            held.load(texts.values())

        def back() -> None:
            if held is None:
                self.waiting[place] = before
            else:
                held.load(former)

        self.recorder.note(LaidDown(place, list(texts.values()), back))

    # --- giving out -------------------------------------------------------------------------------------------

    def keep(self, writes: list[Write], state: dict[str, Any] | None) -> None:
        """Have writes kept by Redis. Raises Conflict or Unreachable."""
        if not self._is_listed:
            self._link("SADD", NAMES, self.name)
            self._is_listed = True
        unit = record(self.name, writes, state)
        last = writes[-1] if writes else None  # what is dropped to be filled anew is there again
        dropped = state is None and isinstance(last, Dropped) and last.vendor is None
        arguments = [
            self.token,
            self.version,
            fresh_token(),
            UNITS_KEPT,
            unit,
            b"" if state is None else orjson.dumps(state),
            self._documents,
            FORGOTTEN_AFTER if dropped else "",
            *(part for write in writes for part in _spelled(write)),
        ]
        status, *found = self._link.write(self._write_keys, arguments)
        token, self.token = self.token, ""
        if status == 2:
            self.version = found[0]
            if dropped:
                self._link("SREM", NAMES, self.name)
                self._is_listed = False
            if state is not None:
                self.state = state
        elif token:
            raise Unreachable("Another server has taken over: this one was away for too long.")
        else:
            raise Conflict

    def stay(self, token: str) -> None:
        """Keep the lock that is ours by this token for as long again. Raises Unreachable."""
        self._link.stay(self._take_keys[:1], (token, int(LOCK_SECONDS * 1000)))

    def release(self) -> None:
        """Let go of the lock, if we have it."""
        token, self.token = self.token, ""
        if token:
            self._link.release(self._take_keys[:1], (token,))


class SharedUnit:
    """See `Unit`: one that gives the lock back where there is nothing to keep."""

    __slots__ = ("_replica", "_unit", "news")

    def __init__(self, replica: Replica, *, news: bool) -> None:
        self._replica = replica
        self._unit = replica.recorder.begin()
        self.news = news

    def commit(self, state: dict[str, Any] | None) -> None:
        has_written = bool(self._unit.writes) or state is not None
        self._unit.commit(state)
        if not has_written:
            self._replica.release()

    def undo(self) -> None:
        self._unit.undo()
        with suppress(Unreachable):
            self._replica.release()


def _in_order(flat: list[bytes]) -> dict[str, bytes]:
    """Documents by id, in the order in which they were put there, from `id, "number document", ...`."""
    numbered = []
    for id, text in zip(flat[::2], flat[1::2], strict=True):
        number, _, document = text.partition(b" ")
        numbered.append((int(number), id.decode(), document))
    return {id: document for _, id, document in sorted(numbered)}


def _spelled(write: Write) -> Iterator[Any]:
    """A write as the script takes it."""
    if isinstance(write, Put):
        if write.after is None:
            return iter(("delete", write.collection.place, write.id))
        return iter(("put", write.collection.place, write.id, write.after))
    if isinstance(write, Filled):
        return _cleared_and_put(write.collection.place, write.after)
    if isinstance(write, LaidDown):
        return _cleared_and_put(write.place, write.documents)
    assert isinstance(write, Dropped)
    return iter(("drop", write.vendor or ""))


def _cleared_and_put(place: Place, documents: list[bytes]) -> Iterator[Any]:
    yield from ("clear", place)
    for text in documents:
        yield from ("put", place, orjson.loads(text)["id"], text)


def _is_of(place: Place, vendor: str | None) -> bool:
    return vendor is None or place.startswith(f"{vendor}/")


_VERBS: dict[str, Any] = {
    "put": Replica._put,
    "delete": Replica._delete,
    "fill": Replica._fill,
    "drop": Replica._drop,
}
