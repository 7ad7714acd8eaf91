"""The names of attributes in use: counted as contacts are written, so that asking for them reads no contact."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from lookalike.call import Call
from lookalike.conditions.values import date
from lookalike.part import Part
from lookalike.routes import Routes
from lookalike.stores import Resource
from lookalike.stores.collection import Document
from lookalike.vendors.segmailer.schemas.attributes import AttributeList

ATTRIBUTES = Resource("attributes")
"""One document for each name, which is its id too: how many contacts have a value of which type under it."""

routes = Routes("attributes", doc="https://www.segmailer.com/features/rest-api")


_TYPES = {bool: "boolean", int: "number", float: "number", list: "array"}


def type_of(value: Any) -> str:
    """The type that SegMailer's answers give a value; text that is an ISO 8601 day or instant is a date (I)."""
    if type(value) is str and not value[:1].isdigit():
        return "string"
    return _TYPES.get(type(value)) or ("string" if date(value) is None else "date")


def _types(values: list[Any]) -> Mapping[str, int]:
    """How many of these values, at least one, are of which type."""
    first, *others = set(map(type, values))
    if not others and (first is not str or min(values) >= _NO_DATE):
        return {type_of(values[0]): len(values)}
    return Counter(map(type_of, values))


_NO_DATE = ":"
"""Texts from here on begin with none of the digits of a date."""


class Tally:
    """What a request changes about the counts: gathered from every contact it writes, then written once."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._changes: dict[tuple[str, str], int] = {}

    def note(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """A contact had the attributes `before` and has those of `after` now."""
        changes = self._changes
        for name, value in after.items():
            if name not in before or before[name] is not value:
                key = (name, type_of(value))
                changes[key] = changes.get(key, 0) + 1
        for name, value in before.items():
            if name not in after or after[name] is not value:
                key = (name, type_of(value))
                changes[key] = changes.get(key, 0) - 1

    def note_new(self, many: Iterable[Mapping[str, Any]]) -> None:
        """New contacts have these attributes."""
        columns: defaultdict[str, list[Any]] = defaultdict(list)
        for attributes in many:
            for name, value in attributes.items():
                columns[name].append(value)
        for name, values in columns.items():
            for type_, count in _types(values).items():
                key = (name, type_)
                self._changes[key] = self._changes.get(key, 0) + count

    def write(self) -> None:
        """Bring the documents up to date; a name that nobody has any more goes."""
        changed: dict[str, dict[str, int]] = {}
        for (name, type_), step in self._changes.items():
            if step:
                changed.setdefault(name, {})[type_] = step
        names = self._part.collection(ATTRIBUTES)
        for name, steps in changed.items():
            held = names.get(name) or {"id": name, "counts": {}}
            counts = {
                type_: held["counts"].get(type_, 0) + steps.get(type_, 0) for type_ in {**held["counts"], **steps}
            }
            held["counts"] = {type_: count for type_, count in counts.items() if count > 0}
            if held["counts"]:
                names.put(held)
            else:
                names.delete(name)
        self._changes.clear()


def attribute_json(document: Document) -> dict[str, Any]:
    """A name with its type: `mixed` where contacts have values of several."""
    counts = document["counts"]
    type_ = next(iter(counts)) if len(counts) == 1 else "mixed"
    return {"name": document["id"], "type": type_, "contactsCount": sum(counts.values())}


@routes.get("/api/v2/attributes", returns=AttributeList, source="I")
def list_attributes(call: Call) -> dict[str, Any]:
    """List the attribute names that contacts have, sorted by name.

    Path and answer are inferred; documented is that attributes need not be declared.
    """
    return {"data": [attribute_json(document) for document in call.collection(ATTRIBUTES).scan("id")]}
