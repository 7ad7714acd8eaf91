"""Segments as documents, and which of them a contact is in.

The members of a segment are those contacts for whom its filter holds. A contact's document keeps the ids
(`segmentIds`), brought up to date with every write and as the clock moves on, so that members and counts cost nothing
to ask for.
"""

from __future__ import annotations

from itertools import islice
from typing import Any

from lookalike.conditions import Get, Key, differing
from lookalike.living import RECHECKS, RULED
from lookalike.part import Part
from lookalike.stores import Collection, Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.segmailer import filters
from lookalike.vendors.segmailer.filters import CUSTOM
from lookalike.vendors.segmailer.schemas.fields import PageQuery, normal_email

SEGMENTS = Resource("segments", indexes=(RULED, "name"), orders=(Order("newest", ("createdAt",)),))
"""`tree` is what the filter means."""

EVERYBODY = "everybody"
STATUSES = ("unsubscribed", "bounced", "complained")
"""Every status but `subscribed`, which is that of nearly everybody."""


_PREFIX = len(CUSTOM)


def _shelves(contact: Document) -> list[str]:
    ids, status = contact["segmentIds"], contact["status"]
    # For the many who are subscribed one place a segment has to do: each costs something with every write.
    exceptional = [_shelf(id, status) for id in ids] if status in STATUSES else ()
    return [EVERYBODY, status, *ids, *exceptional]


def _shelf(segment_id: str, status: str) -> str:
    return f"{segment_id} {status}"


CONTACTS = Resource(
    "contacts", unique=("email",), orders=(Order("newest", ("createdAt",), within=_shelves, text=True), RECHECKS)
)
"""`opened` says whether the contact has ever opened a campaign."""


def count(contacts: Collection, segment_id: str) -> int:
    """How many contacts are in a segment."""
    return contacts.page("newest", limit=0, within=segment_id).total


def page(
    contacts: Collection, query: PageQuery, segment_id: str | None = None, status: str | None = None
) -> tuple[list[Document], int]:
    """One page of the contacts in a segment (or all), of one status (or any), newest first; and how many there are."""
    first = (query.page - 1) * query.limit
    if segment_id is not None and status == "subscribed":
        others = sum(count(contacts, _shelf(segment_id, other)) for other in STATUSES)
        members = contacts.scan("newest", within=segment_id, descending=True)
        subscribed = (contact for contact in members if contact["status"] == status)
        return list(islice(subscribed, first, first + query.limit)), count(contacts, segment_id) - others
    within = _shelf(segment_id, status) if segment_id and status else segment_id or status or EVERYBODY
    found = contacts.page("newest", limit=query.limit, offset=first, within=within, descending=True)
    return found.documents, found.total


def find(part: Part, text: str) -> Document | None:
    """The contact of that address, or of that id."""
    contacts = part.collection(CONTACTS)
    return contacts.one("email", normal_email(text)) if "@" in text else contacts.get(text)


def read(_part: Part, contact: Document) -> Get:
    """How a filter reads a contact."""
    attributes = contact["attributes"]

    def get(key: Key) -> Any:
        if isinstance(key, tuple):
            return None
        if key.startswith(CUSTOM):
            return attributes.get(key[_PREFIX:])
        return contact["opened"] if key == filters.OPENED else contact[key]

    return get


def changes(before: Document, after: Document) -> list[Key]:
    """What a filter may ask for and that is not the same in two versions of a contact."""
    changed: list[Key] = [name for name in filters.BUILT_IN if before[name] != after[name]]
    if before["opened"] != after["opened"]:
        changed.append(filters.OPENED)
    return changed + [CUSTOM + name for name in differing(before["attributes"], after["attributes"])]
