"""Searches among people: who fits a filter, in the order of creation, from the sets that the store keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from lookalike.part import Part
from lookalike.stores.collection import Document, Value
from lookalike.vendors.customerio.cursors import Key
from lookalike.vendors.customerio.filters import EVERYTHING, Filter, FilterError, Place, compare, parse, shelf
from lookalike.vendors.customerio.people import PEOPLE, UNIQUE, find
from lookalike.vendors.customerio.problems import bad_request
from lookalike.vendors.customerio.segmentation import find_segment

_CHUNK = 256


def read(filter: Any) -> Filter:
    """A filter over people. Raises the vendor's 400."""
    try:
        return parse(filter, {"segment": _segment, "attribute": _attribute})
    except FilterError as error:
        raise bad_request(str(error)) from None


def _segment(value: Any) -> Place:
    """Members of a segment; nobody is in one that is not there."""
    id = value.get("id") if isinstance(value, dict) else None
    if isinstance(id, bool) or not isinstance(id, int):
        raise FilterError("segment.id must be an integer")
    return "segments", str(id)


def _attribute(value: Any) -> Place:
    """Whoever has an attribute, or a value of it. A `cio_id` has everybody."""
    field, wanted = compare("attribute", value)
    if wanted is not None and field in UNIQUE:
        return field, wanted
    return EVERYTHING if field == "cio_id" else ("attributes", shelf(field, wanted))


def found(part: Part, filter: Filter, after: Key | None = None, expected: int = _CHUNK) -> Iterator[Document]:
    """Everybody who fits, from the one that follows the key `after`; read as far as somebody asks.

    `expected` is how many somebody asks for.
    """
    people = part.collection(PEOPLE)
    last: str | None = None if after is None else after[-1]
    while True:
        ids = people.select(lambda of: filter(lambda place: _set(part, of, place)), limit=expected, after=last)
        yield from people.get_many(ids)
        if len(ids) < expected:
            return
        last = ids[-1]


def found_ids(part: Part, filter: Filter) -> list[str]:
    """Everybody who fits, by cio_id; nobody is read for it."""
    people = part.collection(PEOPLE)
    return people.select(lambda of: filter(lambda place: _set(part, of, place)), limit=people.count())


def _set(part: Part, of: Callable[[str, Value], int], place: Place) -> int:
    name, value = place
    if name == "segments" and find_segment(part, str(value)) is None:
        return 0  # its members may still be on their way out
    if name not in UNIQUE:
        return of(name, value)
    if name == "cio_id":
        return of("id", value)
    person = find(part, name, str(value))
    return 0 if person is None else of("id", person["id"])
