"""A collection in memory: documents as compact JSON bytes in dictionaries, orders as sorted sequences.

Bytes rather than dictionaries: a third of the memory, nothing for the garbage collector to walk, and a copy in and
out for free.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from weakref import WeakSet

import orjson

from lookalike.stores.collection import (
    Choose,
    Collection,
    Document,
    Duplicate,
    Order,
    Page,
    Resource,
    Value,
    View,
    read_all,
)
from lookalike.stores.layout import Gathered, Places, id_of, layout_of, stored, told
from lookalike.stores.lookups import Entries, Owners, Partitions
from lookalike.stores.sequence import Key, Sequence, Texts, Window
from lookalike.stores.sets import Sets
from lookalike.stores.showing import Showing, compact, ids_of


class MemoryCollection:
    """See `Collection`."""

    __slots__ = (
        "__weakref__",
        "_documents",
        "_indexes",
        "_layout",
        "_orders",
        "_sets",
        "_sharing",
        "_showing",
        "_unique",
        "resource",
        "version",
        "workspace",
    )

    def __init__(self, resource: Resource, workspace: str) -> None:
        self.resource = resource
        self._sharing: WeakSet[MemoryCollection] | None = None
        """Those who hold the very same containers, this one among them; None when there is nobody else."""
        self.version = 0
        self.workspace = workspace
        self._layout = layout_of(resource)
        self._showing = Showing(resource, workspace)
        self._empty()

    def _empty(self) -> None:
        self._leave()
        self.version += 1
        self._documents: dict[str, bytes] = {}
        self._unique = [Owners(field) for field in self.resource.unique]
        self._indexes = [Entries(index) for index in self._layout.declared_indexes]
        self._orders = [Partitions(order) for order in self.resource.orders]
        self._sets = Sets(self._layout.declared_sets)

    def clear(self) -> None:
        self._empty()

    def get(self, id: str) -> Document | None:
        raw = self._documents.get(id)
        return None if raw is None else orjson.loads(raw)

    def get_many(self, ids: Iterable[str]) -> list[Document]:
        return read_all(raw for id in ids if (raw := self._documents.get(id)) is not None)

    def put(self, document: Document) -> None:
        id = document["id"]
        after = self._layout.places(document)
        self._refuse_taken(id, after)
        if self._sharing is not None:
            self._part()
        old = self._documents.get(id)
        before = self._layout.nowhere if old is None else self._layout.places(orjson.loads(old))
        self.version += 1
        self._documents[id] = compact(document)
        texts = self._showing.texts(document)
        if texts or before != after:
            self._move(id, before, after, texts)

    def extend(self, documents: Iterable[Document]) -> list[Document]:
        fresh = self._free(list(documents))
        if not fresh:
            return []
        raws = {id: compact(document) for id, document in fresh.items()}
        self._place(list(fresh), self._layout.gather(fresh, self._sets.end))
        self._documents.update(raws)
        return list(fresh.values())

    def _free(self, documents: list[Document]) -> dict[str, Document]:
        """Those that are new, by id: nothing unique of theirs is taken, not by one before either."""
        fresh = {document["id"]: document for document in documents}
        if len(fresh) == len(documents) and self._documents.keys().isdisjoint(fresh):
            named = (
                (owners, [value for document in documents if (value := document.get(owners.field)) is not None])
                for owners in self._unique
            )
            if all(len(set(values)) == len(values) and not owners.knows(values) for owners, values in named):
                return fresh
        return self._picked(documents)

    def _picked(self, documents: Iterable[Document]) -> dict[str, Document]:
        """The same, one by one."""
        fresh: dict[str, Document] = {}
        entered = [(owners, set[Value]()) for owners in self._unique]
        for document in documents:
            id = document["id"]
            if id in self._documents or id in fresh:
                continue
            values = [(owners.of(value := document.get(owners.field)), value, new) for owners, new in entered]
            if any([owner is not None or value in new for owner, value, new in values]):
                continue
            for _, value, new in values:
                if value is not None:
                    new.add(value)
            fresh[id] = document
        return fresh

    def _place(self, ids: list[str], gathered: Gathered) -> None:
        """Have new documents found. Raises TypeError, with some of it done, when keys cannot be compared."""
        if self._sharing is not None:
            self._part()
        self.version += 1
        for owners, new in zip(self._unique, gathered.unique, strict=True):
            owners.extend(new)
        for entries, found in zip(self._indexes, gathered.indexes, strict=True):
            entries.extend(found)
        for order, keys in zip(self._orders, gathered.orders, strict=True):
            order.extend(keys)
        if gathered.sets:
            self._sets.extend(ids, gathered.sets)

    def amend(self, pairs: list[tuple[Document, Document]]) -> None:
        if self._sharing is not None:
            self._part()
        self.version += 1
        entering: list[dict[Value | None, list[Key]]] = [{} for _ in self._orders]
        for before, after in pairs:
            self._documents[after["id"]] = compact(after)
            self._amend(before, after, entering)
        for order, keys in zip(self._orders, entering, strict=True):
            order.extend(keys)

    def _amend(self, before: Document, after: Document, entering: list[dict[Value | None, list[Key]]]) -> None:
        """Have a document leave where it belongs no more; `entering` gathers where it belongs from now on."""
        id, layout = after["id"], self._layout
        for entries, values in zip(self._indexes, layout.indexes, strict=True):
            was, now = values(before), values(after)
            if was is not now and was != now:
                entries.move(id, dict.fromkeys(was), dict.fromkeys(now))
        for order, (key, partitions), found in zip(self._orders, layout.orders, entering, strict=True):
            first, last, old, new = partitions(before), partitions(after), key(before), key(after)
            if old != new or first != last:
                _reorder(order, (dict.fromkeys(first), old), (dict.fromkeys(last), new), found)
        if layout.sets:
            sets = [(dict.fromkeys(values(before)), dict.fromkeys(values(after))) for values in layout.sets]
            self._sets.move(id, [leaving for leaving, _ in sets], [arriving for _, arriving in sets])
        if self._showing.differs(before, after):
            places = layout.places(after)
            self._move(id, places, places, self._showing.texts(after))

    def delete(self, id: str) -> bool:
        raw = self._documents.get(id)
        if raw is None:
            return False
        if self._sharing is not None:
            self._part()
        del self._documents[id]
        self.version += 1
        self._move(id, self._layout.places(orjson.loads(raw)), self._layout.nowhere)
        if self.resource.sets:
            self._sets.drop(id)
        return True

    def load(self, raws: Iterable[bytes]) -> None:
        """Hold these documents and no others, sorted once. Raises Duplicate, or KeyError for a missing field."""
        self._empty()
        documents: dict[str, Document] = {}
        taken: list[dict[Value, str]] = [{} for _ in self._unique]
        for raw in raws:
            document = orjson.loads(raw)
            id = document["id"]
            if id in documents:
                raise Duplicate("id", id)
            for field, owners in zip(self.resource.unique, taken, strict=True):
                value = document.get(field)
                if value is not None and owners.setdefault(value, id) != id:
                    raise Duplicate(field, value)
            documents[id] = document
            self._documents[id] = raw
        self._place(list(documents), self._layout.gather(documents, self._sets.end))

    def copy_from(self, source: Collection) -> None:
        if not isinstance(source, MemoryCollection) or source.resource != self.resource:
            self.load(compact(document) for document in source.scan(self.resource.orders[0].name))
            return
        if source is not self:
            self._share(source)

    # --- copies that cost nothing until somebody writes -------------------------------------------------------

    def _share(self, source: MemoryCollection) -> None:
        """Hold what the source holds; the first of both to write makes a copy of what leads to the documents."""
        self._leave()
        self.version += 1
        if source._sharing is None:
            source._sharing = WeakSet([source])
        source._sharing.add(self)
        self._sharing = source._sharing
        self._documents, self._unique, self._indexes = source._documents, source._unique, source._indexes
        self._orders, self._sets = source._orders, source._sets

    def _leave(self) -> None:
        if self._sharing is not None:
            self._sharing.discard(self)
            self._sharing = None

    def _part(self) -> None:
        """Have containers of its own. What they lead to in turn is copied when it is changed."""
        assert self._sharing is not None
        if len(self._sharing) > 1:
            self._documents = self._documents.copy()
            self._unique = [owners.copy() for owners in self._unique]
            self._indexes = [entries.copy() for entries in self._indexes]
            self._orders = [order.copy() for order in self._orders]
            self._sets = self._sets.copy()
        self._leave()

    def _refuse_taken(self, id: str, places: Places) -> None:
        for owners, value in zip(self._unique, places.unique, strict=True):
            if value is not None and owners.of(value) not in (None, id):
                raise Duplicate(owners.field, value)

    def _move(self, id: str, before: Places, after: Places, texts: Texts = ()) -> None:
        for owners, left, taken in zip(self._unique, before.unique, after.unique, strict=True):
            if left != taken:
                owners.move(id, left, taken)
        for entries, leaving, entering in zip(self._indexes, before.indexes, after.indexes, strict=True):
            if leaving != entering:
                entries.move(id, leaving, entering)
        for order, moved_from, moved_to in zip(self._orders, before.orders, after.orders, strict=True):
            told = texts if order.order.shown else ()
            if told or moved_from != moved_to:
                order.move(moved_from, moved_to, told)
        if after.sets:
            self._sets.move(id, before.sets, after.sets)

    def one(self, index: str, value: Value) -> Document | None:
        for owners in self._unique:
            if owners.field == index:
                id = owners.of(value)
                return None if id is None else orjson.loads(self._documents[id])
        for id in self.ids(index, value)[:1]:
            return self.get(id)
        return None

    def find(self, index: str, value: Value) -> list[Document]:
        return self.get_many(self.ids(index, value))

    def ids(self, index: str, value: Value) -> list[str]:
        return self._entries(index).ids(value)

    def count(self, index: str | None = None, value: Value | None = None) -> int:
        if index is None:
            return len(self._documents)
        entries = self._entries(index)
        return 0 if value is None else entries.count(value)

    def knows(self, index: str, values: Iterable[Value]) -> bool:
        return self._entries(index).knows(values)

    def _entries(self, name: str) -> Entries:
        for entries in self._indexes:
            if entries.index.name == name:
                return entries
        raise LookupError(f"{self.resource.name} declares no index {name!r}")

    def _sequence(self, name: str, within: Value | None) -> tuple[Order, Sequence]:
        for order in self._orders:
            if order.order.name == name:
                return order.order, order.get(within) or _EMPTY
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
        declared, sequence = self._sequence(order, within)
        total = sequence.length
        if not total:
            return Page(_Held(self, declared, _NOTHING), False, 0)
        low, high = (before, after) if descending else (after, before)
        start = (0, 0) if low is None else sequence.seek(stored(declared, low), beyond=True)
        stop = sequence.end if high is None else max(sequence.seek(stored(declared, high)), start)
        from_stop = descending if before is None else not descending
        if from_stop:
            last = sequence.back(stop, offset, start) if offset else stop
            first = sequence.back(last, limit, start)
            has_more = first > start
        else:
            first = sequence.forth(start, offset, stop) if offset else start
            last = sequence.forth(first, limit, stop)
            has_more = last < stop
        window = sequence.window(first, last, descending=descending)
        return Page(_Held(self, declared, window), has_more, total)

    def select(self, choose: Choose, *, limit: int, after: str | None = None) -> list[str]:
        return self._sets.select(choose, limit, after)

    def scan(self, order: str = "id", *, within: Value | None = None, descending: bool = False) -> Iterator[Document]:
        declared, sequence = self._sequence(order, within)
        keys = iter(list(reversed(sequence) if descending else sequence))
        while chunk := list(islice(keys, 256)):
            yield from read_all(raw for key in chunk if (raw := self._documents.get(id_of(declared, key))) is not None)

    def first(self, order: str, *, within: Value | None = None) -> tuple[Any, ...] | None:
        declared, sequence = self._sequence(order, within)
        for key in sequence:
            return told(declared, key)
        return None

    def position(self, order: str, key: tuple[Any, ...], *, within: Value | None = None) -> int:
        declared, sequence = self._sequence(order, within)
        return sequence.below(stored(declared, key))

    def raw(self) -> Iterable[bytes]:
        """The documents as stored, oldest first."""
        return self._documents.values()


_EMPTY = Sequence()
_NOTHING = _EMPTY.window(_EMPTY.end, _EMPTY.end)


def _reorder(
    order: Partitions,
    before: tuple[dict[Value | None, None], Key],
    after: tuple[dict[Value | None, None], Key],
    entering: dict[Value | None, list[Key]],
) -> None:
    """Have a document leave partitions where it belongs no more, and note in `entering` where it belongs now."""
    (was, old), (now, new) = before, after
    moved = old != new
    leaving = dict.fromkeys([partition for partition in was if moved or partition not in now], old)
    if leaving:
        order.move(leaving, {}, ())
    for partition in now:
        if moved or partition not in was:
            entering.setdefault(partition, []).append(new)


@dataclass(slots=True)
class _Held:
    """The contents of a page of a collection."""

    collection: MemoryCollection
    order: Order
    window: Window

    @property
    def ids(self) -> list[str]:
        return ids_of(self.order, self.window.keys)

    def documents(self) -> list[Document]:
        return self.collection.get_many(self.ids)

    def shown(self, view: View) -> list[Any]:
        held = self.collection
        return held._showing.shown(view, self.window, self.order, held._documents)
