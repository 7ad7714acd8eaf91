"""How contacts, channels and segments are shown; what a segment counts is worked out when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lookalike.part import Part
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.invent import people

SEGMENTS = Resource("segments", indexes=("name",), orders=(Order("newest", ("created_at",)),))

_PERSON = ("id", "name", "blocked", "unsubscribed", "is_admin")
_REST = (
    "blocked_at",
    "unsubscribed_at",
    "unsubscribe_reason",
    "unsubscribe_feedback",
)


_CHANNEL: Mapping[str, Any] = {
    **dict.fromkeys(("id", "type", "user_id", "avatar", "name", "username", "email", "phone")),
    **dict.fromkeys(("country", "agent", "ip", "language")),
    "platform_data": {},
    **dict.fromkeys(("created_at", "updated_at", "link")),
}
"""A channel of which nothing is known."""


def channel_json(channel: Document) -> dict[str, Any]:
    """A channel as Invent shows it."""
    return {**_CHANNEL, "updated_at": channel["created_at"], **channel}


def embedded_json(part: Part, segment: Document) -> dict[str, Any]:
    """A segment as contacts and broadcasts show it."""
    return {
        "id": segment["id"],
        "name": segment["name"],
        "color": segment["color"],
        "contacts_count": people.count(part, segment["id"]),
        "created_at": segment["created_at"],
        "updated_at": segment["updated_at"],
    }


def segments_json(part: Part, ids: Iterable[str]) -> list[dict[str, Any]]:
    """The segments of these ids, those that are no more left out."""
    return [embedded_json(part, segment) for segment in part.collection(SEGMENTS).get_many(ids)]


def contact_json(part: Part, contact: Document) -> dict[str, Any]:
    """A contact as Invent shows it."""
    return contacts_json(part, [contact])[0]


def contacts_json(part: Part, contacts: list[Document]) -> list[dict[str, Any]]:
    """Contacts as Invent shows them; each segment is read once for all of them."""
    wanted = dict.fromkeys(id for contact in contacts for id in contact["segment_ids"])
    segments = {segment["id"]: segment for segment in segments_json(part, wanted)}
    return [
        {name: contact[name] for name in _PERSON}
        | {"channels": [channel_json(channel) for channel in contact["channels"]]}
        | {"segments": [segments[id] for id in contact["segment_ids"] if id in segments]}
        | {"created_at": contact["created_at"], "updated_at": contact.get("updated_at", contact["created_at"])}
        | {name: contact.get(name) for name in _REST}
        for contact in contacts
    ]
