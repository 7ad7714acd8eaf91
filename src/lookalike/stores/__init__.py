"""Where the state lives. Choose by URL: `memory:` or `tinydb:PATH`; a driver is imported only when asked for."""

from __future__ import annotations

from lookalike.stores.collection import (
    Collection,
    Conflict,
    Duplicate,
    Found,
    Index,
    Order,
    Page,
    Resource,
    StoreError,
    Unfit,
    Unwritable,
    View,
)
from lookalike.stores.store import Store, Unit

__all__ = [
    "Collection",
    "Conflict",
    "Duplicate",
    "Found",
    "Index",
    "Order",
    "Page",
    "Resource",
    "Store",
    "StoreError",
    "Unfit",
    "Unit",
    "Unwritable",
    "View",
    "open_store",
]


def open_store(url: str) -> Store:
    """The store that `url` names. Raises StoreError."""
    scheme, _, rest = url.partition(":")
    if scheme == "memory" and not rest:
        from lookalike.stores.memory import MemoryStore

        return MemoryStore()
    if scheme == "tinydb" and rest:
        from lookalike.stores.tinydb import TinyStore

        return TinyStore(rest)
    if scheme in ("redis", "rediss", "unix") and rest.startswith("//"):
        return _shared(url)
    raise StoreError(f"store {url!r} is unknown: use memory:, tinydb:PATH or redis://HOST:PORT/DB")


def _shared(url: str) -> Store:
    try:
        from lookalike.stores.shared import SharedStore
    except ImportError:
        raise StoreError("store redis:// needs a package more: pip install 'lookalike[redis]'") from None
    return SharedStore(url)
