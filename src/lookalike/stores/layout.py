"""Where documents are to be found, as their resource declares it: worked out once for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any

from lookalike.stores.collection import Document, Index, Numbers, Order, Resource, Spread, Value
from lookalike.stores.sequence import Key

NUL = "\0"
"""Between the parts of a place that is kept as one text: it sorts before everything."""

_EVERYTHING: tuple[None] = (None,)


@dataclass(slots=True)
class Places:
    """Where one document is to be found.

    Its unique values, its index values, its keys by partition of each order, and the sets that it belongs to.
    """

    unique: list[Value | None]
    indexes: list[dict[Value, None]]
    orders: list[dict[Value | None, Key]]
    sets: list[dict[Value, None]]


@dataclass(slots=True)
class Gathered:
    """The same of many documents, by where they are to be put: ids by value, keys by partition, slots by set."""

    unique: list[dict[Value, str]]
    indexes: list[list[tuple[Value, str]]]
    orders: list[dict[Value | None, list[Key]]]
    sets: list[dict[Value, Numbers]]


class Layout:
    """What a resource declares, made ready to be asked about documents."""

    __slots__ = (
        "_shared",
        "_spread",
        "declared_indexes",
        "declared_sets",
        "indexes",
        "nowhere",
        "orders",
        "sets",
        "unique",
    )

    def __init__(self, resource: Resource) -> None:
        self.unique = resource.unique
        self.declared_indexes = [_index(index) for index in resource.indexes]
        self.declared_sets = [_index(index) for index in resource.sets]
        self.indexes = [_values_of(index) for index in resource.indexes]
        keys: dict[tuple[object, ...], Callable[[Document], Key]] = {}
        self.orders = [
            (keys.setdefault((type(order), order.by, order.text), _key_of(order)), _partitions_of(order))
            for order in resource.orders
        ]
        self._shared = {key for key in keys.values() if [one for one, _ in self.orders].count(key) > 1}
        """Those that give the key of several orders, which is kept once then."""
        self.sets = [_values_of(index) for index in resource.sets]
        self._spread = [_spread_of(index) for index in resource.sets]
        self.nowhere = Places(
            [None for _ in self.unique], [{} for _ in self.indexes], [{} for _ in self.orders], [{} for _ in self.sets]
        )

    def places(self, document: Document) -> Places:
        """Raises KeyError for a document that lacks a field of an order."""
        fromkeys = dict.fromkeys
        return Places(
            [document.get(field) for field in self.unique],
            [fromkeys(values(document)) for values in self.indexes],
            self._keys(document),
            [fromkeys(values(document)) for values in self.sets],
        )

    def _keys(self, document: Document) -> list[dict[Value | None, Key]]:
        fromkeys = dict.fromkeys
        if not self._shared:
            return [fromkeys(partitions(document), key(document)) for key, partitions in self.orders]
        made = {key: key(document) for key in self._shared}
        return [fromkeys(partitions(document), made.get(key) or key(document)) for key, partitions in self.orders]

    def gather(self, documents: Mapping[str, Document], first: int) -> Gathered:
        """The places of documents by id that are all new, and get slots from `first` on.

        Raises KeyError for one that lacks a field of an order.
        """
        listed = list(documents.values())
        return Gathered(
            [
                {value: id for id, document in documents.items() if (value := document.get(field)) is not None}
                for field in self.unique
            ],
            [
                [(value, id) for id, document in documents.items() for value in values(document)]
                for values in self.indexes
            ],
            self._partitioned(listed),
            [spread(listed, range(first, first + len(listed))) for spread in self._spread],
        )

    def _partitioned(self, documents: Sequence[Document]) -> list[dict[Value | None, list[Key]]]:
        made = {key: list(map(key, documents)) for key in self._shared}
        return [_partitioned(key, partitions, documents, made.get(key)) for key, partitions in self.orders]


@cache
def layout_of(resource: Resource) -> Layout:
    """The one layout of a resource: each workspace has a collection of every resource, and most hold nothing."""
    return Layout(resource)


def _index(declared: str | Index) -> Index:
    return Index(declared) if isinstance(declared, str) else declared


def _partitioned(
    key: Callable[[Document], Key],
    partitions: Callable[[Document], Iterable[Value | None]],
    documents: Sequence[Document],
    places: list[Key] | None,
) -> dict[Value | None, list[Key]]:
    """The keys by partition, in no order; `places` has those of all the documents where they are known already.

    Many documents are in the same partitions as others, which is asked once then.
    """
    if partitions is _everything:
        return {None: places.copy() if places else list(map(key, documents))} if documents else {}
    alike: dict[tuple[Value | None, ...], list[Key]] = {}
    for number, document in enumerate(documents):
        within = tuple(partitions(document))
        if within:
            place = places[number] if places else key(document)
            keys = alike.get(within)
            if keys is None:
                alike[within] = [place]
            else:
                keys.append(place)
    found: dict[Value | None, list[Key]] = {}
    for within, keys in alike.items():
        for partition in dict.fromkeys(within):
            found.setdefault(partition, []).extend(keys)
    return found


def _everything(_document: Document) -> Iterable[None]:
    return _EVERYTHING


def _spread_of(index: str | Index) -> Spread:
    if isinstance(index, Index) and index.spread is not None:
        return index.spread
    values_of = _values_of(index)

    def spread(documents: Sequence[Document], slots: range) -> dict[Value, Numbers]:
        found: dict[Value, list[int]] = {}
        for document, slot in zip(documents, slots, strict=True):
            for value in values_of(document):
                numbers = found.get(value)
                if numbers is None:
                    found[value] = [slot]
                elif numbers[-1] != slot:
                    numbers.append(slot)
        return found  # type: ignore[return-value] # lists are sequences

    return spread


def _values_of(index: str | Index) -> Callable[[Document], Iterable[Value]]:
    if isinstance(index, str):
        return _members_of(index)
    return _members_of(index.name) if index.keys is None else index.keys


def _members_of(field: str) -> Callable[[Document], Iterable[Value]]:
    def members(document: Document) -> Iterable[Value]:
        value = document.get(field)
        if value is None:
            return ()
        return value if type(value) is list else (value,)

    return members


def _key_of(order: Order) -> Callable[[Document], Key]:
    if not order.by:
        return itemgetter("id")
    return _text_of(order.key) if order.text else order.key


def _text_of(key: Callable[[Document], tuple[str, ...]]) -> Callable[[Document], str]:
    return lambda document: NUL.join(key(document))


def stored(order: Order, key: tuple[Any, ...]) -> Key:
    """A place as sequences hold it. The id alone is enough where it sorts by nothing else."""
    if not order.by:
        return str(key[-1])
    return NUL.join(key) if order.text else key


def told(order: Order, key: Key) -> tuple[Any, ...]:
    """A place as the order's `key` tells it."""
    if not isinstance(key, str):
        return key
    return tuple(key.split(NUL, len(order.by)))


def id_of(order: Order, key: Key) -> str:
    """The id of the document that has this place."""
    if not isinstance(key, str):
        return str(key[-1])
    return key.split(NUL, len(order.by))[-1] if order.by else key


def _partitions_of(order: Order) -> Callable[[Document], Iterable[Value | None]]:
    if order.within is None:
        return _everything
    return order.within if callable(order.within) else _members_of(order.within)
