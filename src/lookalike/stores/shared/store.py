"""The store of one server among several: replicas of workspaces, in step with Redis."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING, Any

import orjson

from lookalike.clock import monotonic, pause
from lookalike.ids import fresh_token
from lookalike.stores.collection import Resource
from lookalike.stores.memory import MemoryStore, fill
from lookalike.stores.memory_collection import MemoryCollection
from lookalike.stores.shared.link import NAMES, Link, Unreachable
from lookalike.stores.shared.replica import NOTHING, Replica, SharedUnit
from lookalike.stores.units import Dropped, RecordingCollection

if TYPE_CHECKING:
    from lookalike.journal import Journal


CORE = "lookalike"
"""The vendor name under which the core keeps documents of its own."""

PATIENCE = 10.0
"""Seconds for which a unit waits for one of another server that lives."""

TICK = 0.25
"""Seconds between two looks for units of ours that take long."""

SENDER_MILLISECONDS = 3000
"""How long the server that sends a workspace's webhooks may be silent before another one takes over."""


def _sender(workspace: str) -> str:
    return f"lookalike:{{{workspace}}}:sender"


class SharedStore(MemoryStore):
    """See `Store`. Everything about one workspace is called with that workspace to oneself."""

    keeps = True
    shared = True

    def __init__(self, url: str) -> None:
        super().__init__()
        self.link = Link(url)
        self._replicas: dict[str, Replica] = {}
        self._token = fresh_token()
        self._closing = threading.Event()
        threading.Thread(target=self._stay, name="lookalike-locks", daemon=True).start()

    def _replica(self, workspace: str) -> Replica:
        found = self._replicas.get(workspace)
        return found or self._replicas.setdefault(workspace, Replica(workspace, self.link))

    def collection(self, workspace: str, vendor: str, resource: Resource) -> MemoryCollection:
        try:
            return self._collections[workspace, vendor][resource.name]
        except KeyError:
            replica = self._replica(workspace)
            collection = RecordingCollection(resource, workspace, vendor, replica.recorder)
            texts = replica.waiting.get(collection.place, {}).values()
            fill(collection, texts, (workspace, vendor, resource.name))
            replica.waiting.pop(collection.place, None)
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
        until = monotonic() + PATIENCE
        while (news := replica.take(alone=True)) is None:
            if monotonic() > until:
                raise Unreachable(f"Another server keeps workspace {replica.name!r} to itself for too long.")
            pause()
        return news

    def _stay(self) -> None:
        """Keep the locks of units that take long, so that those of a server that died need not last long."""
        before: dict[Replica, str] = {}
        while not self._closing.wait(TICK):
            held = {replica: replica.token for replica in list(self._replicas.values()) if replica.token}
            for replica, token in held.items():
                if before.get(replica) == token:
                    with suppress(Unreachable):
                        replica.stay(token)
            before = held

    def touched(self, workspace: str, resource: Resource) -> bool:
        return self._replica(workspace).has_touched(f"{CORE}/{resource.name}")

    def may_send(self, workspace: str) -> bool:
        return bool(self.link.claim((_sender(workspace),), (self._token, SENDER_MILLISECONDS)))

    def sends_no_more(self, workspace: str) -> None:
        self.link.release((_sender(workspace),), (self._token,))

    def open_journal(self, size: int) -> Journal:
        from lookalike.stores.shared.journal import SharedJournal

        return SharedJournal(size, self.link)

    # --- the rest of Store ------------------------------------------------------------------------------------

    def drop(self, workspace: str, vendor: str | None = None) -> None:
        replica = self._replica(workspace)
        back = replica.emptied(vendor)
        replica.recorder.note(Dropped(vendor, back))

    def texts(self, workspace: str) -> Iterator[tuple[str, str, list[bytes]]]:
        for place, texts in self._replica(workspace).texts():
            vendor, _, resource = place.partition("/")
            yield vendor, resource, texts

    def copy(self, source: str, target: str) -> None:
        self.drop(target)
        for vendor, resource, texts in list(self.texts(source)):
            self.lay_down(target, vendor, resource, {orjson.loads(text)["id"]: text for text in texts})

    def lay_down(self, workspace: str, vendor: str, resource: str, texts: Mapping[str, bytes]) -> None:
        self._replica(workspace).lay_down(f"{vendor}/{resource}", texts)

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
        self._closing.set()
        self.link.close()
        super().close()
