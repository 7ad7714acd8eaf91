"""Searches among people: who fits a filter, in the order of creation, from indexes as far as they help."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import chain, islice
from operator import itemgetter
from typing import Any

from lookalike.stores.collection import Document
from lookalike.vendors.customerio.cursors import Key, walk
from lookalike.vendors.customerio.filters import (
    UNIQUE,
    Bound,
    FilterError,
    Leaf,
    Node,
    Place,
    compare,
    parse,
    shelf,
    size,
)
from lookalike.vendors.customerio.people import PEOPLE, find
from lookalike.vendors.customerio.problems import bad_request
from lookalike.workspace import Part

_PATIENCE = 1024
"""How many people are read from the narrowest bound before the others are laid over it. Most searches have their page
by then, and to lay bounds over each other costs as much as to read about so many people."""

_CHUNK = 256


def read(filter: Any) -> Node:
    """A filter over people. Raises the vendor's 400."""
    try:
        return parse(filter, {"segment": _segment, "attribute": _attribute})
    except FilterError as error:
        raise bad_request(str(error)) from None


def _segment(value: Any) -> Leaf:
    """Members of a segment; nobody is in one that is not there."""
    id = value.get("id") if isinstance(value, dict) else None
    if isinstance(id, bool) or not isinstance(id, int):
        raise FilterError("segment.id must be an integer")
    name = str(id)
    return Leaf(lambda person: name in person["segments"], ("members", name))


def _attribute(value: Any) -> Leaf:
    return compare("attribute", value, field_of, _place)


def field_of(person: Document, field: str) -> Any:
    """An attribute of a person, the `cio_id` among them."""
    return person["id"] if field == "cio_id" else person["attributes"].get(field)


def _place(field: str, text: str | None) -> Place | None:
    if text is not None and field in UNIQUE:
        return field, text
    return None if field == "cio_id" else ("attributes", shelf(field, text))


def found(part: Part, filter: Node, after: Key | None = None, expected: int = _CHUNK) -> Iterator[Document]:
    """Everybody who fits, from the one that follows the key `after`; read as far as somebody asks.

    `expected` is how many somebody asks for.
    """
    search = _Search(part, expected)
    bounds = sorted(filter.bounds(search.count), key=lambda bound: size(bound, search.count))
    return (person for person in search.candidates(bounds, after) if filter.holds(person))


class _Search:
    """The people of one workspace and their indexes."""

    def __init__(self, part: Part, expected: int = _CHUNK) -> None:
        self.part = part
        self.expected = expected
        self.people = part.collection(PEOPLE)

    def count(self, place: Place) -> int:
        order, within = place
        return 1 if order in UNIQUE else self.people.page(order, limit=0, within=within).total

    def candidates(self, bounds: Sequence[Bound], after: Key | None) -> Iterator[Document]:
        """Whoever lies in all bounds, the narrowest first among them, and some who do not."""
        if not bounds:
            yield from walk(self.people, after=after, expected=self.expected)
            return
        narrowest = self.walk(bounds[0], after)
        if len(bounds) == 1 or size(bounds[0], self.count) <= _PATIENCE:
            yield from narrowest
            return
        for person in islice(narrowest, _PATIENCE):
            yield person
            after = (person["id"],)
        yield from self.read(sorted(self.common(bounds, after)))

    def walk(self, bound: Bound, after: Key | None) -> Iterator[Document]:
        """Whoever lies in one of the places of a bound, each once."""
        last = None
        for person in merge(*(self.walk_place(place, after) for place in bound), key=itemgetter("id")):
            if person["id"] != last:
                yield person
            last = person["id"]

    def walk_place(self, place: Place, after: Key | None) -> Iterator[Document]:
        order, within = place
        if order not in UNIQUE:
            return walk(self.people, order, within=within, after=after, expected=self.expected)
        return self.read(self.ids(place, after))

    def common(self, bounds: Sequence[Bound], after: Key | None) -> set[str]:
        """The ids that lie in all bounds and follow the key `after`."""
        common = set(chain.from_iterable(self.ids(place, after) for place in bounds[0]))
        for bound in bounds[1:]:
            common = common.intersection(chain.from_iterable(self.ids(place, after) for place in bound))
        return common

    def ids(self, place: Place, after: Key | None) -> list[str]:
        """The ids in a place that follow the key `after`."""
        order, within = place
        if order not in UNIQUE:
            return self.people.page(order, limit=self.people.count(), within=within, after=after).ids
        person = find(self.part, order, within)
        return [] if person is None or (after is not None and (person["id"],) <= after) else [person["id"]]

    def read(self, ids: Iterable[str]) -> Iterator[Document]:
        """The people of these ids, as far as somebody asks."""
        rest = iter(ids)
        while chunk := list(islice(rest, _CHUNK)):
            yield from self.people.get_many(chunk)
