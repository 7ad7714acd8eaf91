"""Searches among people: who fits a filter, in the order of creation, from an index as far as one helps."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from operator import itemgetter
from typing import Any

from lookalike.stores.collection import Document
from lookalike.vendors.customerio.cursors import Key, walk
from lookalike.vendors.customerio.filters import UNIQUE, FilterError, Leaf, Node, Place, compare, parse, shelf
from lookalike.vendors.customerio.people import PEOPLE, find
from lookalike.vendors.customerio.problems import bad_request
from lookalike.workspace import Part


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


def found(part: Part, filter: Node, after: Key | None = None) -> Iterator[Document]:
    """Everybody who fits, from the one that follows the key `after`; read as far as somebody asks."""
    people = part.collection(PEOPLE)

    def count(place: Place) -> int:
        order, within = place
        return 1 if order in UNIQUE else people.page(order, limit=0, within=within).total

    places = filter.places(count)
    walks = [walk(people, after=after)] if places is None else [_walk(part, place, after) for place in places]
    last = None
    for person in merge(*walks, key=itemgetter("id")):
        if person["id"] != last and filter.holds(person):
            yield person
        last = person["id"]


def _walk(part: Part, place: Place, after: Key | None) -> Iterator[Document]:
    order, within = place
    if order not in UNIQUE:
        return walk(part.collection(PEOPLE), order, within=within, after=after)
    person = find(part, order, within)
    return iter(() if person is None or (after is not None and (person["id"],) <= after) else (person,))
