"""Segments as documents, manual and data-driven, and who belongs to which.

The segments of a person are kept in the person (`segments`, ids as texts) and brought up to date with every write, so
that members and counts cost nothing to ask for. A data-driven one is judged anew only when something that its rule
depends on has changed, for that person alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lookalike.clock import EARLIEST, LATEST, iso
from lookalike.conditions import fields, matches
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.customerio.identity import next_number
from lookalike.workspace import Part

SEGMENTS = Resource("segments", indexes=("type", "depends_on"), orders=(Order("number", ("number",)),))
"""id ("7"), number (7), name, description, type (manual or dynamic), created_at, updated_at (unix seconds), tags; of a
dynamic one `tree` and `depends_on` as well."""

EVENT = "event:"
"""`event:purchase` in a rule is how often a person did that."""


def add_segment(part: Part, name: str, description: str, tree: Mapping[str, Any] | None = None) -> Document:
    """A new segment: manual, or data-driven by a condition tree (`lookalike.conditions`) over attributes and events.

    A data-driven one finds only people who are written from then on, since none can be made but before there are any.
    """
    segments, now = part.collection(SEGMENTS), int(part.clock.now())
    number = next_number(part, SEGMENTS)
    segment: Document = {
        "id": str(number),
        "number": number,
        "name": name,
        "description": description,
        "type": "manual" if tree is None else "dynamic",
        "tags": None,
        "created_at": now,
        "updated_at": now,
    }
    if tree is not None:
        segment |= {"tree": dict(tree), "depends_on": sorted(fields(tree))}
    segments.put(segment)
    return segment


def find_segment(part: Part, id: str) -> Document | None:
    """The segment of that number; `007` is none."""
    return part.collection(SEGMENTS).get(id)


def assign(part: Part, person: Document, before: Document | None) -> None:
    """Set `person["segments"]`. Of somebody who was there before, only what depends on a change is judged."""
    segments = part.collection(SEGMENTS)
    if not segments.count("type", "dynamic"):
        return
    if before is None:
        concerned = segments.find("type", "dynamic")
    else:
        concerned = [segment for field in _changes(before, person) for segment in segments.find("depends_on", field)]
    get, ids = reader(person), dict.fromkeys(person["segments"])
    for segment in concerned:
        if matches(segment["tree"], get):
            ids[segment["id"]] = None
        else:
            ids.pop(segment["id"], None)
    person["segments"] = list(ids)


def reader(person: Document) -> Callable[[str], Any]:
    """How a condition reads a person: attributes by name, `event:NAME` as a count; `created_at` is a date."""
    attributes, events = person["attributes"], person["events"]

    def get(field: str) -> Any:
        if field.startswith(EVENT):
            return events.get(field[len(EVENT) :], {}).get("count", 0)
        value = attributes.get(field)
        is_time = field == "created_at" and type(value) is int and EARLIEST <= value <= LATEST
        return iso(value) if is_time else value

    return get


def _changes(before: Document, after: Document) -> set[str]:
    old, new = before["attributes"], after["attributes"]
    changed = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    old, new = before["events"], after["events"]
    return changed | {EVENT + name for name in new if old.get(name) != new[name]}
