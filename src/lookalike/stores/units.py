"""Units: the writes of one request, kept or undone together; for stores that write them down somewhere.

A collection of such a store is a `RecordingCollection`: it notes every write, with what was there before, in the unit
that is open in its workspace. `Unit.commit` hands the notes to the store; if that cannot keep them, `Unit.undo` takes
the writes back in memory, last first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from lookalike.stores.collection import Collection, Document, Resource
from lookalike.stores.memory_collection import MemoryCollection


class Write(Protocol):
    """One write, as it was made."""

    def told(self) -> bytes:
        """What to do to have it again, as a JSON list that begins with the verb."""

    def undo(self) -> None:
        """Have in memory what was there before."""


Keep = Callable[[list[Write], dict[str, Any] | None], None]
"""Has writes last, and the workspace's own state if it has changed. Raises Unwritable or Conflict with nothing kept."""


class Recorder(Protocol):
    """Where the collections of one workspace note their writes."""

    def note(self, write: Write) -> None: ...


class Unit:
    """See `lookalike.stores.store.Unit`."""

    __slots__ = ("_keep", "_over", "writes")

    news = False

    def __init__(self, keep: Keep, over: Callable[[], None]) -> None:
        self.writes: list[Write] = []
        self._keep = keep
        self._over = over

    def commit(self, state: dict[str, Any] | None) -> None:
        self._over()
        if self.writes or state is not None:
            self._keep(self.writes, state)

    def undo(self) -> None:
        self._over()
        for write in reversed(self.writes):
            write.undo()


class WorkspaceRecorder:
    """The recorder of one workspace: notes go to the unit that is open, or each is a unit by itself."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep
        self._open: Unit | None = None

    def begin(self) -> Unit:
        """Open a unit. The caller has the workspace to itself until it is over."""
        self._open = Unit(self._keep, self._end)
        return self._open

    def _end(self) -> None:
        self._open = None

    def note(self, write: Write) -> None:
        if self._open is not None:
            self._open.writes.append(write)
            return
        try:
            self._keep([write], None)
        except Exception:
            write.undo()
            raise


class RecordingCollection(MemoryCollection):
    """A collection in memory whose writes are noted. `place` names it in what is told of them."""

    __slots__ = ("_delete", "_put", "_recorder", "place", "told")

    def __init__(self, resource: Resource, workspace: str, vendor: str, recorder: Recorder) -> None:
        super().__init__(resource, workspace)
        self._recorder = recorder
        self.place = f"{vendor}/{resource.name}"
        self.told = orjson.dumps(self.place)
        self._put = b'["put",%b,' % self.told
        self._delete = b'["delete",%b,' % self.told

    def put(self, document: Document) -> None:
        id = document["id"]
        before = self._documents.get(id)
        super().put(document)
        self._recorder.note(Put(self, id, before, self._documents[id]))

    def extend(self, documents: Iterable[Document]) -> list[Document]:
        fresh = super().extend(documents)
        for document in fresh:
            id = document["id"]
            self._recorder.note(Put(self, id, None, self._documents[id]))
        return fresh

    def amend(self, pairs: list[tuple[Document, Document]]) -> None:
        before = [(after["id"], self._documents[after["id"]]) for _, after in pairs]
        super().amend(pairs)
        for id, raw in before:
            self._recorder.note(Put(self, id, raw, self._documents[id]))

    def delete(self, id: str) -> bool:
        before = self._documents.get(id)
        if before is None:
            return False
        super().delete(id)
        self._recorder.note(Put(self, id, before, None))
        return True

    def clear(self) -> None:
        self._replace(super().clear)

    def copy_from(self, source: Collection) -> None:
        self._replace(lambda: super(RecordingCollection, self).copy_from(source))

    def _replace(self, act: Callable[[], None]) -> None:
        before = list(self.raw())
        act()
        self._recorder.note(Filled(self, before, list(self.raw())))


@dataclass(slots=True)
class Put:
    """A document was put, or deleted where there is none after."""

    collection: RecordingCollection
    id: str
    before: bytes | None
    after: bytes | None

    def told(self) -> bytes:
        if self.after is None:
            return self.collection._delete + orjson.dumps(self.id) + b"]"
        return self.collection._put + self.after + b"]"

    def undo(self) -> None:
        if self.before is None:
            MemoryCollection.delete(self.collection, self.id)
        else:
            MemoryCollection.put(self.collection, orjson.loads(self.before))


@dataclass(slots=True)
class Filled:
    """All documents were replaced by others, or by none."""

    collection: RecordingCollection
    before: list[bytes]
    after: list[bytes]

    def told(self) -> bytes:
        return b'["fill",%b,[%b]]' % (self.collection.told, b",".join(self.after))

    def undo(self) -> None:
        self.collection.load(self.before)


@dataclass(slots=True)
class Dropped:
    """A workspace was dropped, or one vendor's part of it; `back` has it again."""

    vendor: str | None
    back: Callable[[], None]

    def told(self) -> bytes:
        return orjson.dumps(["drop"] if self.vendor is None else ["drop", self.vendor])

    def undo(self) -> None:
        self.back()


@dataclass(slots=True)
class LaidDown:
    """Documents were put where no collection was asked for yet; `back` has again what was there."""

    place: str
    documents: list[bytes]
    back: Callable[[], None]

    def told(self) -> bytes:
        return b'["fill",%b,[%b]]' % (orjson.dumps(self.place), b",".join(self.documents))

    def undo(self) -> None:
        self.back()


def record(workspace: str, writes: list[Write], state: dict[str, Any] | None) -> bytes:
    """A unit as one JSON object."""
    told = b",".join([write.told() for write in writes])
    if state is None:
        return b'{"workspace":%b,"writes":[%b]}' % (orjson.dumps(workspace), told)
    return b'{"workspace":%b,"writes":[%b],"state":%b}' % (orjson.dumps(workspace), told, orjson.dumps(state))
