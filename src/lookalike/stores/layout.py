"""Where documents are to be found, as their resource declares it: worked out once for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter

from lookalike.stores.collection import Document, Index, Order, Resource, Value
from lookalike.stores.sequence import Key

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
    """The same of many documents, by where they are to be put: values and ids, keys by partition, ids and sets."""

    unique: list[dict[Value, str]]
    indexes: list[list[tuple[Value, str]]]
    orders: list[dict[Value | None, list[Key]]]
    sets: list[tuple[str, list[Iterable[Value]]]]


class Layout:
    """What a resource declares, made ready to be asked about documents."""

    __slots__ = ("indexes", "nowhere", "orders", "sets", "unique")

    def __init__(self, resource: Resource) -> None:
        self.unique = resource.unique
        self.indexes = [_values_of(index) for index in resource.indexes]
        self.orders = [(_key_of(order), _partitions_of(order)) for order in resource.orders]
        self.sets = [_values_of(index) for index in resource.sets]
        self.nowhere = Places(
            [None for _ in self.unique], [{} for _ in self.indexes], [{} for _ in self.orders], [{} for _ in self.sets]
        )

    def places(self, document: Document) -> Places:
        """Raises KeyError for a document that lacks a field of an order."""
        fromkeys = dict.fromkeys
        return Places(
            [document.get(field) for field in self.unique],
            [fromkeys(values(document)) for values in self.indexes],
            [fromkeys(partitions(document), key(document)) for key, partitions in self.orders],
            [fromkeys(values(document)) for values in self.sets],
        )

    def gather(self, documents: Mapping[str, Document]) -> Gathered:
        """The places of documents by id that are all new. Raises KeyError for one that lacks a field of an order."""
        return Gathered(
            [
                {value: id for id, document in documents.items() if (value := document.get(field)) is not None}
                for field in self.unique
            ],
            [
                [(value, id) for id, document in documents.items() for value in values(document)]
                for values in self.indexes
            ],
            [_partitioned(key, partitions, documents.values()) for key, partitions in self.orders],
            [
                (id, [values(document) for values in self.sets])
                for id, document in (documents.items() if self.sets else ())
            ],
        )


def _partitioned(
    key: Callable[[Document], Key],
    partitions: Callable[[Document], Iterable[Value | None]],
    documents: Iterable[Document],
) -> dict[Value | None, list[Key]]:
    found: dict[Value | None, list[Key]] = {}
    for document in documents:
        place: Key | None = None
        for partition in partitions(document):
            place = key(document) if place is None else place
            keys = found.get(partition)
            if keys is None:
                found[partition] = [place]
            elif keys[-1] is not place:  # a document that names a partition twice is in it once
                keys.append(place)
    return found


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
    return order.key if order.by else itemgetter("id")


def _partitions_of(order: Order) -> Callable[[Document], Iterable[Value | None]]:
    if order.within is None:
        return lambda document: _EVERYTHING
    return order.within if callable(order.within) else _members_of(order.within)
