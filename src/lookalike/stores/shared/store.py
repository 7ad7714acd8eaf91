"""The store of one server among several: replicas of workspaces, in step with Redis."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from lookalike.clock import monotonic, pause
from lookalike.stores.collection import Resource
from lookalike.stores.memory import MemoryCollection, MemoryStore
from lookalike.stores.shared.link import NAMES, Link, Unreachable
from lookalike.stores.shared.replica import LOCK_SECONDS, NOTHING, Replica, SharedUnit
from lookalike.stores.units import Dropped, RecordingCollection


class SharedStore(MemoryStore):
    """See `Store`. Everything about one workspace is called with that workspace to oneself."""

    shared = True

    def __init__(self, url: str) -> None:
        super().__init__()
        self.link = Link(url)
        self._replicas: dict[str, Replica] = {}

    def _replica(self, workspace: str) -> Replica:
        found = self._replicas.get(workspace)
        return found or self._replicas.setdefault(workspace, Replica(workspace, self.link))

    def collection(self, workspace: str, vendor: str, resource: Resource) -> MemoryCollection:
        try:
            return self._collections[workspace, vendor][resource.name]
        except KeyError:
            replica = self._replica(workspace)
            collection = RecordingCollection(resource, workspace, vendor, replica.recorder)
            collection.load(replica.waiting.pop(collection.place, {}).values())
            replica.held[collection.place] = collection
            self._collections.setdefault((workspace, vendor), {})[resource.name] = collection
            return collection

    # --- in step with others ----------------------------------------------------------------------------------

    def sync(self, *workspaces: str) -> list[str]:
        replicas = [self._replica(name) for name in workspaces]
        versions = self.link.get([replica.version_key for replica in replicas])
        late = [
            replica
            for replica, version in zip(replicas, versions, strict=True)
            if (version or NOTHING) != replica.version
        ]
        return [replica.name for replica in late if replica.take()]

    def begin(self, workspace: str, *, alone: bool = True) -> SharedUnit:
        replica = self._replica(workspace)
        news = self._taken(replica) if alone else False
        return SharedUnit(replica, news=news)

    @staticmethod
    def _taken(replica: Replica) -> bool:
        until = monotonic() + 2 * LOCK_SECONDS
        while (news := replica.take(alone=True)) is None:
            if monotonic() > until:
                raise Unreachable(f"Another server keeps workspace {replica.name!r} to itself for too long.")
            pause()
        return news

    def touched(self, workspace: str) -> set[str]:
        """The places that others have written to since the last call."""
        replica = self._replica(workspace)
        touched, replica.touched = replica.touched, set()
        return touched

    # --- the rest of Store ------------------------------------------------------------------------------------

    def drop(self, workspace: str, vendor: str | None = None) -> None:
        replica = self._replica(workspace)
        back = replica.emptied(vendor)
        replica.recorder.note(Dropped(vendor, back))

    def workspaces(self) -> list[str]:
        return sorted(name.decode() for name in self.link("SMEMBERS", NAMES))

    def load_state(self, workspace: str) -> dict[str, Any]:
        return dict(self._replica(workspace).state)

    def hold_by(self, lock: Callable[[str], AbstractContextManager[object]]) -> None:
        """What is written is with Redis at once."""

    @property
    def trouble(self) -> str | None:
        return self.link.trouble

    def close(self) -> None:
        self.link.close()
        super().close()
