"""The App API's filter language: what a filter says, told apart from whom it is asked about.

    {"and": [F, ...]}    {"or": [F, ...]}    {"not": F}
    {"segment": {"id": 4}}
    {"attribute": {"field": "plan", "operator": "eq", "value": "basic"}}
    {"attribute": {"field": "plan", "operator": "exists"}}
    {"object_attribute": {"field": "plan", "operator": "eq", "value": "basic", "type_id": "1"}}

A filter is read into a tree of nodes. `holds` judges one document; `bounds` names parts of indexes that every match
lies in, so that a search reads no more than it has to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from zlib import crc32

from lookalike.stores.collection import Document
from lookalike.vendors.customerio.attributes import text

Place = tuple[str, str]
"""Part of an index: what it sorts by, and which of its parts."""
Bound = tuple[Place, ...]
"""Places one of which every match lies in; there may be more in them."""
Count = Callable[[Place], int]
Get = Callable[[Document, str], Any]
"""A field of a document; None where it has none."""


UNIQUE = ("id", "email", "cio_id")
"""Fields whose values name one person."""

_SHELVES = 256
"""Parts that the values of one attribute are spread over. One part a value would cost a sorted list for each
person wherever values are unique."""


class FilterError(ValueError):
    """A filter that makes no sense; the message is one sentence."""


class Node(Protocol):
    """A filter, or part of one."""

    def holds(self, document: Document) -> bool:
        """Whether the document is asked for."""

    def bounds(self, count: Count) -> list[Bound]:
        """All that bounds the matches, in no order; nothing where only a full walk will do."""


@dataclass(frozen=True, slots=True)
class And:
    nodes: Sequence[Node]

    def holds(self, document: Document) -> bool:
        return all(node.holds(document) for node in self.nodes)

    def bounds(self, count: Count) -> list[Bound]:
        return [bound for node in self.nodes for bound in node.bounds(count)]


@dataclass(frozen=True, slots=True)
class Or:
    nodes: Sequence[Node]

    def holds(self, document: Document) -> bool:
        return any(node.holds(document) for node in self.nodes)

    def bounds(self, count: Count) -> list[Bound]:
        """The narrowest bound of each node, together."""
        together: dict[Place, None] = {}
        for node in self.nodes:
            bounds = node.bounds(count)
            if not bounds:
                return []
            together.update(dict.fromkeys(min(bounds, key=lambda bound: size(bound, count))))
        return [tuple(together)]


@dataclass(frozen=True, slots=True)
class Not:
    node: Node

    def holds(self, document: Document) -> bool:
        return not self.node.holds(document)

    def bounds(self, _count: Count) -> list[Bound]:
        return []


@dataclass(frozen=True, slots=True)
class Leaf:
    """One condition; `place` is the part of an index that holds whatever it is true of."""

    test: Callable[[Document], bool]
    place: Place | None = None

    def holds(self, document: Document) -> bool:
        return self.test(document)

    def bounds(self, _count: Count) -> list[Bound]:
        return [] if self.place is None else [(self.place,)]


def size(bound: Iterable[Place], count: Count) -> int:
    """How many documents lie in a bound; those in several places of it count for each."""
    return sum(map(count, bound))


Reader = Callable[[Any], Leaf]
"""Makes a leaf of what stands beside its key. Raises FilterError."""


def parse(filter: Any, readers: Mapping[str, Reader]) -> Node:
    """A filter as a tree; `readers` are the conditions it may hold, by key. Raises FilterError.

    That a node has exactly one key is documented; that an empty `and` or `or` is refused is inferred from what the
    vendor says of the recipients of a broadcast.
    """
    if not isinstance(filter, dict) or len(filter) != 1:
        raise FilterError(f"a filter must be an object with exactly one of {', '.join(('and', 'or', 'not', *readers))}")
    ((key, value),) = filter.items()
    if key in ("and", "or"):
        return _group(key, value, readers)
    if key == "not":
        return Not(parse(value, readers))
    if key not in readers:
        raise FilterError(f"{key} is not a known filter")
    return readers[key](value)


def _group(key: str, members: Any, readers: Mapping[str, Reader]) -> Node:
    if not isinstance(members, list) or not members:
        raise FilterError(f"{key} must be a list of at least one filter")
    nodes = [parse(member, readers) for member in members]
    return And(nodes) if key == "and" else Or(nodes)


def compare(name: str, value: Any, get: Get, place: Callable[[str, str | None], Place | None]) -> Leaf:
    """`{"field", "operator": "eq" or "exists", "value"}`, under the key `name`.

    What is compared is text, an email without regard to case (I). `place` tells which part of an index holds a field's
    value, or (for None) whoever has the field.
    """
    if not isinstance(value, dict):
        raise FilterError(f"{name} must be an object")
    field, operator = value.get("field"), value.get("operator")
    if not isinstance(field, str) or not field:
        raise FilterError(f"{name}.field is required")
    if operator == "exists":
        return Leaf(lambda document: get(document, field) not in (None, ""), place(field, None))
    if operator != "eq":
        raise FilterError(f"{name}.operator must be one of eq, exists")
    wanted = value.get("value")
    if wanted is None or isinstance(wanted, list | dict):
        raise FilterError(f"{name}.value is required")
    compared = comparable(field, wanted)
    return Leaf(lambda document: comparable(field, get(document, field)) == compared, place(field, compared))


def comparable(field: str, value: Any) -> str | None:
    """A value as it is compared; None where there is none."""
    if value is None or value == "":
        return None
    shown = text(value)
    return shown.lower() if field == "email" else shown


def shelf(field: str, value: str | None) -> str:
    """Where people with a field (None) or with that value of it, among others, stand in the index."""
    return f"has {field}" if value is None else f"{crc32(value.encode(errors='surrogatepass')) % _SHELVES} {field}"


def shelves(attributes: Mapping[str, Any]) -> Iterator[str]:
    """Every place in the index where somebody with these attributes stands.

    Values that name a single person are looked up without it.
    """
    for field, value in attributes.items():
        if value is None or value == "":
            continue
        yield shelf(field, None)
        if field not in UNIQUE and not isinstance(value, list | dict):
            yield shelf(field, comparable(field, value))
