"""Segments as documents, and which of them a contact is in.

The members of a segment are those contacts for whom its filter holds. A contact's document keeps the ids
(`segmentIds`), brought up to date with every write, so that members and counts cost nothing to ask for.
"""

from __future__ import annotations

from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.workspace import Part

SEGMENTS = Resource("segments", orders=(Order("newest", ("createdAt",)),))
"""`tree` is what the filter means."""

EVERYBODY = "everybody"


def shelf(segment_id: str | None, status: str | None) -> str:
    """Where the contacts stand that are in a segment (or all) and have a status (or any)."""
    return f"{segment_id or EVERYBODY} {status}" if status is not None else segment_id or EVERYBODY


def _shelves(contact: Document) -> list[str]:
    places = [EVERYBODY, *contact["segmentIds"]]
    return places + [shelf(place, contact["status"]) for place in places]


CONTACTS = Resource("contacts", unique=("email",), orders=(Order("newest", ("createdAt",), within=_shelves),))
"""`opened` says whether the contact has ever opened a campaign."""


def count(part: Part, segment_id: str) -> int:
    """How many contacts are in a segment."""
    return part.collection(CONTACTS).page("newest", limit=0, within=segment_id).total
