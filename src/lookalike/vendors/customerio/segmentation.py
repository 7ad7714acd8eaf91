"""Segments as documents, manual and data-driven, and who belongs to which.

The segments of a person are kept in the person (`segments`, ids as texts). Data-driven ones follow their rules by
`lookalike.living`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookalike import living
from lookalike.clock import EARLIEST, LATEST, iso
from lookalike.conditions import Get, Key, differing, event_key, group_key
from lookalike.part import Part
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.customerio import activities
from lookalike.vendors.customerio.identity import next_number

SEGMENTS = Resource("segments", indexes=(living.RULED, "name"), orders=(Order("number", ("number",)),))
"""id ("7"), number (7), name, description, type (manual or dynamic), created_at, updated_at (unix seconds), tags; of a
dynamic one `tree` as well."""

LOOKED_AT = 1000
"""A person's last activities, among which a rule looks for events."""


def add_segment(part: Part, name: str, description: str, tree: Mapping[str, Any] | None = None) -> Document:
    """A new segment: manual, or data-driven by a condition tree (`lookalike.conditions`)."""
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
        living.define(part, segment, tree)
    segments.put(segment)
    if tree is not None:
        living.rebuild_now(part, segment["id"])
    return segment


def find_segment(part: Part, id: str) -> Document | None:
    """The segment of that number; `007` is none."""
    return part.collection(SEGMENTS).get(id)


def read(part: Part, person: Document) -> Get:
    """How a condition reads a person: attributes by name, and `created_at` is a date.

    Page and screen views are events called `page:NAME` and `screen:NAME`.
    """
    attributes = person["attributes"]

    def get(key: Key) -> Any:
        if isinstance(key, tuple):
            kind, name = key
            return name in person["segments"] if kind == "group" else _instants(part, person, name)
        value = attributes.get(key)
        is_time = key == "created_at" and type(value) is int and EARLIEST <= value <= LATEST
        return iso(value) if is_time else value

    return get


def _instants(part: Part, person: Document, event: str) -> list[float]:
    if event not in person["events"]:
        return []
    type_, _, name = event.partition(":") if event.startswith(("page:", "screen:")) else ("event", "", event)
    held, whose = part.collection(activities.ACTIVITIES), activities.place(person["id"])
    newest = held.page("newest", within=whose, limit=LOOKED_AT, descending=True).documents
    return [one["timestamp"] for one in newest if (one["type"], one["name"]) == (type_, name)]


def changes(before: Document, after: Document) -> set[Key]:
    """What conditions may ask for that differs between two versions of a person."""
    changed: set[Key] = set(differing(before["attributes"], after["attributes"]))
    old, new = before["events"], after["events"]
    changed |= {event_key(name) for name in new if old.get(name) != new[name]}
    if before["segments"] is not after["segments"]:
        changed |= {group_key(id) for id in set(before["segments"]) ^ set(after["segments"])}
    return changed
