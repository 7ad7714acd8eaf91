"""Segments as a collection, and the shelves that contacts stand on.

By its shelf every filtered list pages and counts without looking at all contacts. A shelf is a partition of one order:
all contacts of a status, of a segment's name, of both, the members in the membership table, and those members who do
not bear the segment's name (so that counts take each contact once).
"""

from __future__ import annotations

from collections.abc import Sequence

from lookalike.stores import Collection, Resource
from lookalike.stores.collection import Document

SEGMENTS = Resource("segments", indexes=("name",))
"""id, name (not unique), created_at."""


def shelf(name: str | None = None, *, status: str | None = None) -> str:
    """The contacts of a status, or who bear a segment's name, or both."""
    return f"{status or 'all'} {name}" if name is not None else f"{status}"


def members(segment_id: str) -> str:
    """The contacts in the membership table."""
    return f"member {segment_id}"


def _nameless(segment_id: str, *, status: str = "all") -> str:
    return f"nameless {segment_id} {status}"


def shelves(contact: Document) -> Sequence[str]:
    """Every shelf of a contact."""
    status = "unsubscribed" if contact["unsubscribed"] else "subscribed"
    names, joined = contact["segments"], contact["joined"]
    found = [status]
    for name in names:
        found += (shelf(name), shelf(name, status=status))
    for id, name in joined.items():
        found.append(members(id))
        if name not in names:
            found += (_nameless(id), _nameless(id, status=status))
    return found


def counts(contacts: Collection, segment: Document) -> tuple[int, int]:
    """How many contacts a segment has by name or by membership, and how many of them are unsubscribed."""

    def size(within: str) -> int:
        return contacts.page("shelf", limit=0, within=within).total

    id, name = segment["id"], segment["name"]
    return (
        size(shelf(name)) + size(_nameless(id)),
        size(shelf(name, status="unsubscribed")) + size(_nameless(id, status="unsubscribed")),
    )
