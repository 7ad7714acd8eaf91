"""`tinydb:PATH`: the memory store, loaded from a TinyDB file at start and written behind to it."""

from __future__ import annotations

from lookalike.stores.memory import MemoryStore


class TinyStore(MemoryStore):
    """See `Store`."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
