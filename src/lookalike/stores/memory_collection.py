"""A collection in memory: documents as compact JSON bytes in dictionaries, orders as sorted sequences.

Bytes rather than dictionaries: a third of the memory, nothing for the garbage collector to walk, and a copy in and
out for free.
"""

from __future__ import annotations

from collections import deque
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
    Index,
    Order,
    Page,
    Resource,
    Value,
    View,
    read_all,
)
from lookalike.stores.layout import Gathered, Places, id_of, layout_of, stored, told
from lookalike.stores.sequence import Block, Key, Sequence, Shelf, Text, Texts, Window
from lookalike.stores.sets import Sets
from lookalike.stores.tables import Ids, enter_all, reindex, resort, retake, sort_in


@dataclass(slots=True)
class _Lent:
    """What may be held by another collection too: the values of each index, the partitions of each order."""

    indexes: list[set[Value]]
    orders: list[set[Value | None]]

    def mark(
        self,
        indexes: list[tuple[Index, dict[Value, Ids]]],
        orders: list[tuple[Order, dict[Value | None, Sequence]]],
    ) -> None:
        """Everything may."""
        for values, (_, entries) in zip(self.indexes, indexes, strict=True):
            values.update(entries)
        for partitions, (_, sequences) in zip(self.orders, orders, strict=True):
            partitions.update(sequences)


class MemoryCollection:
    """See `Collection`."""

    __slots__ = (
        "__weakref__",
        "_documents",
        "_indexes",
        "_layout",
        "_lent",
        "_orders",
        "_said",
        "_sets",
        "_sharing",
        "_shelves",
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
        shown: deque[Block] = deque()
        self._shelves = [Shelf(f"{view.name} {workspace}", shown) for view in resource.views]
        self._said: dict[tuple[str, str], tuple[bytes, Text]] = {}
        self._empty()

    def _empty(self) -> None:
        self._leave()
        self.version += 1
        self._documents: dict[str, bytes] = {}
        self._unique: list[tuple[str, dict[Value, str]]] = [(field, {}) for field in self.resource.unique]
        self._indexes: list[tuple[Index, dict[Value, Ids]]] = [(index, {}) for index in self._layout.declared_indexes]
        self._orders: list[tuple[Order, dict[Value | None, Sequence]]] = [(order, {}) for order in self.resource.orders]
        self._sets = Sets(self._layout.declared_sets)
        self._lent = _Lent([set() for _ in self._indexes], [set() for _ in self._orders])

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
        texts = self._texts(document)
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
                (taken, [value for document in documents if (value := document.get(field)) is not None])
                for field, taken in self._unique
            )
            if all(len(set(values)) == len(values) and taken.keys().isdisjoint(values) for taken, values in named):
                return fresh
        return self._picked(documents)

    def _picked(self, documents: Iterable[Document]) -> dict[str, Document]:
        """The same, one by one."""
        fresh: dict[str, Document] = {}
        checks = [(field, taken, set[Value]()) for field, taken in self._unique]
        for document in documents:
            id = document["id"]
            if id in self._documents or id in fresh:
                continue
            values = [(value, taken, new) for field, taken, new in checks if (value := document.get(field)) is not None]
            if any([value in taken or value in new for value, taken, new in values]):
                continue
            for value, _, new in values:
                new.add(value)
            fresh[id] = document
        return fresh

    def _place(self, ids: list[str], gathered: Gathered) -> None:
        """Have new documents found. Raises TypeError, with some of it done, when keys cannot be compared."""
        if self._sharing is not None:
            self._part()
        self.version += 1
        for (_, taken), new in zip(self._unique, gathered.unique, strict=True):
            taken.update(new)
        for number, found in enumerate(gathered.indexes):
            if self._lent.indexes[number]:
                self._own_entries(number, [value for value, _ in found])
            enter_all(self._indexes[number][1], found)
        for number, partitions in enumerate(gathered.orders):
            if self._lent.orders[number]:
                self._own_sequences(number, partitions)
            sort_in(self._orders[number][1], partitions)
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
        for number, partitions in enumerate(entering):
            if self._lent.orders[number]:
                self._own_sequences(number, partitions)
            sort_in(self._orders[number][1], partitions)

    def _amend(self, before: Document, after: Document, entering: list[dict[Value | None, list[Key]]]) -> None:
        """Have a document leave where it belongs no more; `entering` gathers where it belongs from now on."""
        id, layout = after["id"], self._layout
        for number, values in enumerate(layout.indexes):
            was, now = values(before), values(after)
            if was is not now and was != now:
                self._reindex(number, id, dict.fromkeys(was), dict.fromkeys(now))
        for (key, partitions), found in zip(layout.orders, enumerate(entering), strict=True):
            first, last, old, new = partitions(before), partitions(after), key(before), key(after)
            if old != new or first != last:
                self._reorder((dict.fromkeys(first), old), (dict.fromkeys(last), new), *found)
        if layout.sets:
            sets = [(dict.fromkeys(values(before)), dict.fromkeys(values(after))) for values in layout.sets]
            self._sets.move(id, [leaving for leaving, _ in sets], [arriving for _, arriving in sets])
        if self._shelves and any(_differs(view, before, after, self.workspace) for view in self.resource.views):
            places, texts = layout.places(after), self._texts(after)
            self._move(id, places, places, texts)

    def _reorder(
        self,
        before: tuple[dict[Value | None, None], Key],
        after: tuple[dict[Value | None, None], Key],
        number: int,
        entering: dict[Value | None, list[Key]],
    ) -> None:
        (was, old), (now, new) = before, after
        moved = old != new
        leaving = dict.fromkeys([partition for partition in was if moved or partition not in now], old)
        if leaving:
            self._resort(number, leaving, {}, ())
        for partition in now:
            if moved or partition not in was:
                entering.setdefault(partition, []).append(new)

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
            for (field, _), owners in zip(self._unique, taken, strict=True):
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
        self._orders, self._sets, self._lent = source._orders, source._sets, source._lent

    def _leave(self) -> None:
        if self._sharing is not None:
            self._sharing.discard(self)
            self._sharing = None

    def _part(self) -> None:
        """Have containers of its own. What they lead to in turn is copied when it is changed."""
        assert self._sharing is not None
        if len(self._sharing) > 1:
            lent = self._lent
            lent.mark(self._indexes, self._orders)
            self._lent = _Lent([set(one) for one in lent.indexes], [set(one) for one in lent.orders])
            self._documents = self._documents.copy()
            self._unique = [(field, taken.copy()) for field, taken in self._unique]
            self._indexes = [(index, entries.copy()) for index, entries in self._indexes]
            self._orders = [(order, sequences.copy()) for order, sequences in self._orders]
            self._sets = self._sets.copy()
        self._leave()

    def _own_entries(self, number: int, values: Iterable[Value]) -> None:
        """Have entries of an index of its own, before they are changed."""
        lent, entries = self._lent.indexes[number], self._indexes[number][1]
        for value in values:
            if value in lent:
                lent.discard(value)
                ids = entries.get(value)
                if isinstance(ids, dict):
                    entries[value] = ids.copy()

    def _own_sequences(self, number: int, partitions: Iterable[Value | None]) -> None:
        """Have sequences of an order of its own, before they are changed."""
        lent, sequences = self._lent.orders[number], self._orders[number][1]
        for partition in partitions:
            if partition in lent:
                lent.discard(partition)
                if partition in sequences:
                    sequences[partition] = sequences[partition].copy()

    def _texts(self, document: Document) -> Texts:
        """What the views make of a document."""
        if not self._shelves:
            return ()
        return [
            (shelf, _text(view.serialize(document, self.workspace)))
            for shelf, view in zip(self._shelves, self.resource.views, strict=True)
        ]

    def _refuse_taken(self, id: str, places: Places) -> None:
        for (field, taken), value in zip(self._unique, places.unique, strict=True):
            if value is not None and taken.get(value, id) != id:
                raise Duplicate(field, value)

    def _move(self, id: str, before: Places, after: Places, texts: Texts = ()) -> None:
        for (_, taken), left, entered in zip(self._unique, before.unique, after.unique, strict=True):
            if left != entered:
                retake(taken, id, left, entered)
        for number, (leaving, entering) in enumerate(zip(before.indexes, after.indexes, strict=True)):
            if leaving != entering:
                self._reindex(number, id, leaving, entering)
        for number, (moved_from, moved_to) in enumerate(zip(before.orders, after.orders, strict=True)):
            told = texts if self._orders[number][0].shown else ()
            if told or moved_from != moved_to:
                self._resort(number, moved_from, moved_to, told)
        if after.sets:
            self._sets.move(id, before.sets, after.sets)

    def _reindex(self, number: int, id: str, before: dict[Value, None], after: dict[Value, None]) -> None:
        if self._lent.indexes[number]:
            self._own_entries(number, (*before, *after))
        reindex(self._indexes[number][1], id, before, after)

    def _resort(
        self, number: int, before: dict[Value | None, Key], after: dict[Value | None, Key], texts: Texts
    ) -> None:
        if self._lent.orders[number]:
            self._own_sequences(number, (*before, *after))
        resort(self._orders[number][1], before, after, texts)

    def one(self, index: str, value: Value) -> Document | None:
        for field, taken in self._unique:
            if field == index:
                id = taken.get(value)
                return None if id is None else orjson.loads(self._documents[id])
        for id in self.ids(index, value)[:1]:
            return self.get(id)
        return None

    def find(self, index: str, value: Value) -> list[Document]:
        return self.get_many(self.ids(index, value))

    def ids(self, index: str, value: Value) -> list[str]:
        ids = self._entries(index).get(value, ())
        return [ids] if isinstance(ids, str) else list(ids)

    def count(self, index: str | None = None, value: Value | None = None) -> int:
        if index is None:
            return len(self._documents)
        ids = () if value is None else self._entries(index).get(value, ())
        return 1 if isinstance(ids, str) else len(ids)

    def knows(self, index: str, values: Iterable[Value]) -> bool:
        return not self._entries(index).keys().isdisjoint(values)

    def _entries(self, name: str) -> dict[Value, Ids]:
        for index, entries in self._indexes:
            if index.name == name:
                return entries
        raise LookupError(f"{self.resource.name} declares no index {name!r}")

    def _sequence(self, name: str, within: Value | None) -> tuple[Order, Sequence]:
        for order, sequences in self._orders:
            if order.name == name:
                return order, sequences.get(within) or _EMPTY
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
            return Page(_Held(self, declared, _NOTHING, is_kept=False), False, 0)
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
        return Page(_Held(self, declared, window, is_kept=declared.shown), has_more, total)

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

    def _said_of(self, view: View, ids: list[str]) -> list[Text]:
        """What a view makes of documents, remembered for a while: as long as the document is the very same bytes."""
        if len(self._said) > _REMEMBERED:
            self._said.clear()
        found = [
            (id, raw, self._said.get((view.name, id))) for id in ids if (raw := self._documents.get(id)) is not None
        ]
        missing = [(id, raw) for id, raw, said in found if said is None or said[0] is not raw]
        if not missing:
            return [said[1] for _, _, said in found if said is not None]
        documents = read_all(raw for _, raw in missing)
        for (id, raw), document in zip(missing, documents, strict=True):
            self._said[view.name, id] = (raw, _text(view.serialize(document, self.workspace)))
        return [self._said[view.name, id][1] for id, _, _ in found]

    def raw(self) -> Iterable[bytes]:
        """The documents as stored, oldest first."""
        return self._documents.values()


_REMEMBERED = 10_000
"""Texts beyond those of a page that are remembered of orders that keep none."""

_EMPTY = Sequence()
_NOTHING = _EMPTY.window(_EMPTY.end, _EMPTY.end)


def compact(document: Document) -> bytes:
    """A document as JSON that takes no more room than its text: orjson hands out a buffer of some kilobytes."""
    return bytes(memoryview(orjson.dumps(document)))


def _text(shown: Any) -> Text:
    return b"" if shown is None else compact(shown)


def _differs(view: View, before: Document, after: Document, workspace: str) -> bool:
    return bool(view.serialize(before, workspace) != view.serialize(after, workspace))


@dataclass(slots=True)
class _Held:
    """The contents of a page of a collection."""

    collection: MemoryCollection
    order: Order
    window: Window
    is_kept: bool
    """Whether what is shown of it is kept at hand."""

    @property
    def ids(self) -> list[str]:
        return self._ids(self.window.keys)

    def _ids(self, keys: list[Key]) -> list[str]:
        return [id_of(self.order, key) for key in keys] if self.order.by else keys  # type: ignore[return-value] # ids

    def documents(self) -> list[Document]:
        return self.collection.get_many(self.ids)

    def shown(self, view: View) -> list[Any]:
        texts = self._texts(view)
        if all(texts):
            return [orjson.Fragment(b",".join(texts))] if texts else []
        return [orjson.Fragment(text) if text else None for text in texts]

    def _texts(self, view: View) -> list[Text]:
        collection = self.collection

        def make(keys: list[Key]) -> list[Text]:
            documents = collection.get_many(self._ids(keys))
            return [_text(view.serialize(document, collection.workspace)) for document in documents]

        if not self.is_kept:
            return collection._said_of(view, self.ids)
        return self.window.texts(collection._shelves[collection.resource.views.index(view)], make)
