"""The default store: collections in memory, which end with the server."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from itertools import chain
from typing import TYPE_CHECKING, Any

from lookalike.stores.collection import (
    Collection,
    Document,
    Duplicate,
    Place,
    Resource,
    Unfit,
    read_all,
)
from lookalike.stores.memory_collection import MemoryCollection
from lookalike.stores.store import Unit

if TYPE_CHECKING:
    from lookalike.journal import Journal


class MemoryStore:
    """See `Store`. Collections lie under (workspace, vendor, resource).

    Documents of collections that nobody asked for yet wait as they were read, and are kept.
    """

    def __init__(self) -> None:
        self._collections: dict[tuple[str, str], dict[str, MemoryCollection]] = {}
        self._states: dict[str, dict[str, Any]] = {}
        self._unread: dict[Place, dict[str, bytes]] = {}

    def collection(self, workspace: str, vendor: str, resource: Resource) -> MemoryCollection:
        try:
            return self._collections[workspace, vendor][resource.name]
        except KeyError:
            collection = self._make(workspace, vendor, resource)
            place = (workspace, vendor, resource.name)
            if place in self._unread:
                self._read(collection, place)
            self._collections.setdefault((workspace, vendor), {})[resource.name] = collection
            self._unread.pop(place, None)
            return collection

    def _make(self, workspace: str, vendor: str, resource: Resource) -> MemoryCollection:
        return MemoryCollection(resource, workspace)

    def _read(self, collection: MemoryCollection, place: Place) -> None:
        fill(collection, self._unread[place].values(), place)

    def collections(self, workspace: str, vendor: str) -> list[Collection]:
        return list(self._collections.get((workspace, vendor), {}).values())

    def contents(self, workspace: str, vendor: str) -> list[tuple[Resource, list[Document]]]:
        collections = self._collections.get((workspace, vendor), {}).values()
        return [(collection.resource, read_all(collection.raw())) for collection in collections]

    def texts(self, workspace: str) -> Iterator[tuple[str, str, list[bytes]]]:
        for (owner, vendor, name), unread in list(self._unread.items()):
            if owner == workspace:
                yield vendor, name, list(unread.values())
        for (owner, vendor), collections in list(self._collections.items()):
            if owner == workspace:
                for name, collection in list(collections.items()):
                    yield vendor, name, list(collection.raw())

    def copy(self, source: str, target: str) -> None:
        self.drop(target)
        for (owner, vendor), collections in list(self._collections.items()):
            if owner == source:
                for collection in list(collections.values()):
                    self.collection(target, vendor, collection.resource).copy_from(collection)
        for (owner, vendor, name), unread in list(self._unread.items()):
            if owner == source:
                self.lay_down(target, vendor, name, unread)

    def lay_down(self, workspace: str, vendor: str, resource: str, texts: Mapping[str, bytes]) -> None:
        self._unread[workspace, vendor, resource] = dict(texts)

    def drop(self, workspace: str, vendor: str | None = None) -> None:
        for place in [p for p in list(self._collections) if p[0] == workspace and vendor in (None, p[1])]:
            del self._collections[place]
        for unread in [p for p in list(self._unread) if p[0] == workspace and vendor in (None, p[1])]:
            del self._unread[unread]
        if vendor is None:
            self._states.pop(workspace, None)

    def workspaces(self) -> list[str]:
        places = chain(list(self._collections), list(self._unread))
        return list(dict.fromkeys(chain((place[0] for place in places), list(self._states))))

    def load_state(self, workspace: str) -> dict[str, Any]:
        return dict(self._states.get(workspace, {}))

    keeps = False
    shared = False
    edited = False

    def begin(self, workspace: str, *, alone: bool = True) -> Unit:
        raise NotImplementedError("there is nothing to be kept")

    def sync(self, *workspaces: str) -> list[str]:
        return []

    def touched(self, workspace: str, resource: Resource) -> bool:
        return False

    def may_send(self, workspace: str) -> bool:
        return True

    def sends_no_more(self, workspace: str) -> None:
        """Nobody else waits for that."""

    def open_journal(self, size: int) -> Journal:
        from lookalike.journal import Journal

        return Journal(size)

    @property
    def trouble(self) -> str | None:
        return None

    def hold_by(self, lock: Callable[[str], AbstractContextManager[object]]) -> None:
        """Nothing is ever written out."""

    def close(self) -> None:
        self._collections.clear()


def fill(collection: MemoryCollection, texts: Iterable[bytes], place: Place) -> None:
    """Have a collection hold documents from elsewhere. Raises Unfit."""
    try:
        collection.load(texts)
    except Duplicate as error:
        raise Unfit(place, f"{error.field} {error.value!r} is there twice") from None
    except KeyError as error:
        raise Unfit(place, f"a document lacks its {error.args[0]!r}") from None
    except (TypeError, AttributeError):
        raise Unfit(place, "a document has a field of the wrong type") from None
