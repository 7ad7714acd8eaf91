"""The default store: documents as compact JSON bytes in dictionaries, orders as sorted lists.

Bytes rather than dictionaries: a third of the memory, nothing for the garbage collector to walk, and a copy in and
out for free.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Any

import orjson
from sortedcontainers import SortedList

from lookalike.stores.collection import Document, Duplicate, Index, Order, Page, Resource, Value


class MemoryCollection:
    """See `Collection`."""

    __slots__ = ("_documents", "_indexes", "_orders", "_unique", "resource")

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.clear()

    def clear(self) -> None:
        self._documents: dict[str, bytes] = {}
        self._unique: dict[str, dict[Value, str]] = {field: {} for field in self.resource.unique}
        self._indexes: list[tuple[Index, dict[Value, dict[str, None]]]] = [
            (Index(index) if isinstance(index, str) else index, {}) for index in self.resource.indexes
        ]
        self._orders: list[tuple[Order, dict[Value | None, SortedList]]] = [
            (order, {}) for order in self.resource.orders
        ]

    def get(self, id: str) -> Document | None:
        raw = self._documents.get(id)
        return None if raw is None else orjson.loads(raw)

    def get_many(self, ids: Iterable[str]) -> list[Document]:
        return _read(raw for id in ids if (raw := self._documents.get(id)) is not None)

    def put(self, document: Document) -> None:
        id = document["id"]
        old_raw = self._documents.get(id)
        old = None if old_raw is None else orjson.loads(old_raw)
        for field, taken in self._unique.items():
            value = document.get(field)
            if value is not None and taken.get(value, id) != id:
                raise Duplicate(field, value)
        # orjson hands out a buffer of some kilobytes; the copy is as long as the text.
        raw = bytes(memoryview(orjson.dumps(document)))
        self._documents[id] = raw
        self._update_unique(id, old, document)
        self._update_indexes(id, old, document)
        self._update_orders(old, document)

    def delete(self, id: str) -> bool:
        raw = self._documents.pop(id, None)
        if raw is None:
            return False
        old = orjson.loads(raw)
        self._update_unique(id, old, None)
        self._update_indexes(id, old, None)
        self._update_orders(old, None)
        return True

    def _update_unique(self, id: str, old: Document | None, new: Document | None) -> None:
        for field, taken in self._unique.items():
            before = None if old is None else old.get(field)
            after = None if new is None else new.get(field)
            if before != after:
                if before is not None:
                    del taken[before]
                if after is not None:
                    taken[after] = id

    def _update_indexes(self, id: str, old: Document | None, new: Document | None) -> None:
        for index, entries in self._indexes:
            before = set(index.of(old)) if old is not None else set()
            after = dict.fromkeys(index.of(new)) if new is not None else {}
            for value in before:
                if value not in after:
                    ids = entries[value]
                    del ids[id]
                    if not ids:
                        del entries[value]
            for value in after:
                if value not in before:
                    entries.setdefault(value, {})[id] = None

    def _update_orders(self, old: Document | None, new: Document | None) -> None:
        for order, sequences in self._orders:
            before = {} if old is None else dict.fromkeys(order.partitions(old), order.key(old))
            after = {} if new is None else dict.fromkeys(order.partitions(new), order.key(new))
            for partition, key in before.items():
                if after.get(partition) != key:
                    sequence = sequences[partition]
                    sequence.remove(key)
                    if not sequence:
                        del sequences[partition]
            for partition, key in after.items():
                if before.get(partition) != key:
                    sequence = sequences.get(partition)
                    if sequence is None:
                        sequence = sequences[partition] = SortedList()
                    sequence.add(key)

    def one(self, index: str, value: Value) -> Document | None:
        taken = self._unique.get(index)
        if taken is not None:
            id = taken.get(value)
            return None if id is None else orjson.loads(self._documents[id])
        for id in self._entries(index).get(value, ()):
            return self.get(id)
        return None

    def find(self, index: str, value: Value) -> list[Document]:
        return self.get_many(self.ids(index, value))

    def ids(self, index: str, value: Value) -> list[str]:
        return list(self._entries(index).get(value, ()))

    def count(self, index: str | None = None, value: Value | None = None) -> int:
        if index is None:
            return len(self._documents)
        return 0 if value is None else len(self._entries(index).get(value, ()))

    def _entries(self, name: str) -> dict[Value, dict[str, None]]:
        for index, entries in self._indexes:
            if index.name == name:
                return entries
        raise LookupError(f"{self.resource.name} declares no index {name!r}")

    def _sequence(self, name: str, within: Value | None) -> SortedList:
        for order, sequences in self._orders:
            if order.name == name:
                return sequences.get(within) or ()
        raise LookupError(f"{self.resource.name} declares no order {name!r}")

    def page(
        self,
        order: str = "id",
        *,
        limit: int,
        within: Value | None = None,
        after: tuple[Any, ...] | None = None,
        before: tuple[Any, ...] | None = None,
        offset: int = 0,
        descending: bool = False,
    ) -> Page:
        sequence = self._sequence(order, within)
        total = len(sequence)
        if not total:
            return Page([], False, 0)
        low, high = (before, after) if descending else (after, before)
        start = 0 if low is None else sequence.bisect_right(low)
        stop = total if high is None else sequence.bisect_left(high)
        from_stop = descending if before is None else not descending
        if from_stop:
            stop -= offset
            first, last = max(start, stop - limit), max(start, stop)
            has_more = first > start
        else:
            start += offset
            first, last = start, min(stop, start + limit)
            has_more = last < stop
        keys = sequence.islice(first, last, reverse=descending)
        return Page(_read(self._documents[key[-1]] for key in keys), has_more, total)

    def scan(self, order: str = "id", *, within: Value | None = None, descending: bool = False) -> Iterator[Document]:
        sequence = self._sequence(order, within)
        keys = iter(list(reversed(sequence) if descending else sequence))
        while chunk := list(islice(keys, 256)):
            yield from _read(raw for key in chunk if (raw := self._documents.get(key[-1])) is not None)

    def position(self, order: str, key: tuple[Any, ...], *, within: Value | None = None) -> int:
        sequence = self._sequence(order, within)
        return int(sequence.bisect_left(key)) if sequence else 0

    def raw(self) -> Iterable[bytes]:
        """The documents as stored, oldest first."""
        return self._documents.values()


def _read(raws: Iterable[bytes]) -> list[Document]:
    # One parse of many documents costs about half of one parse each.
    documents: list[Document] = orjson.loads(b"[" + b",".join(raws) + b"]")
    return documents


class MemoryStore:
    """See `Store`. Collections lie under (workspace, vendor, resource)."""

    def __init__(self) -> None:
        self._collections: dict[tuple[str, str], dict[str, MemoryCollection]] = {}
        self._states: dict[str, dict[str, Any]] = {}

    def collection(self, workspace: str, vendor: str, resource: Resource) -> MemoryCollection:
        try:
            return self._collections[workspace, vendor][resource.name]
        except KeyError:
            collection = MemoryCollection(resource)
            self._collections.setdefault((workspace, vendor), {})[resource.name] = collection
            return collection

    def contents(self, workspace: str, vendor: str) -> list[tuple[Resource, list[Document]]]:
        collections = self._collections.get((workspace, vendor), {}).values()
        return [(collection.resource, _read(collection.raw())) for collection in collections]

    def drop(self, workspace: str, vendor: str | None = None) -> None:
        for place in [p for p in self._collections if p[0] == workspace and vendor in (None, p[1])]:
            del self._collections[place]
        if vendor is None:
            self._states.pop(workspace, None)

    def workspaces(self) -> list[str]:
        return list(dict.fromkeys(chain((place[0] for place in self._collections), self._states)))

    def load_state(self, workspace: str) -> dict[str, Any]:
        return dict(self._states.get(workspace, {}))

    def save_state(self, workspace: str, state: dict[str, Any]) -> None:
        self._states[workspace] = dict(state)

    def before_flush(self, callback: Callable[[], None]) -> None:
        """Nothing is ever written out."""

    def close(self) -> None:
        self._collections.clear()
