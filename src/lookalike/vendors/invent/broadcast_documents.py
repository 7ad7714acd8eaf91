"""The broadcast documents: how they are made, shown and counted.

A document holds what the API shows but for the segments, of which it holds the ids, and the `type` beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lookalike.call import Call
from lookalike.part import Part
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.invent.contact_views import segments_json
from lookalike.vendors.invent.identity import new_id
from lookalike.vendors.invent.problems import missing

EVERY = "ALL"


def _shelves(broadcast: Document) -> Iterator[str]:
    return iter((EVERY, broadcast["status"]))


BROADCASTS = Resource("broadcasts", indexes=("name",), orders=(Order("newest", ("created_at",), within=_shelves),))

COUNTERS = (
    "contacts_count",
    "recipients_count",
    "skipped_count",
    "sent_count",
    "failed_count",
    "delivered_count",
    "opened_count",
    "played_count",
    "click_count",
    "complained_count",
    "unsubscribed_count",
)

_HEAD = ("id", "name", "status", "scheduled_at", "started_at", "completed_at", *COUNTERS, "error_message")

DEFAULT_TEMPLATE: Mapping[str, Any] = {"integration_id": "custom", "connection_id": None, "config": {}}
"""What a broadcast is sent from when nobody said, so that a send has recipients (I)."""


def broadcast_of(call: Call, broadcast_id: str) -> Document:
    """The broadcast of that id. Raises the vendor's 404."""
    found = call.collection(BROADCASTS).get(broadcast_id)
    if found is None:
        raise missing("Broadcast")
    return found


def broadcast_json(part: Part, broadcast: Document) -> dict[str, Any]:
    """A broadcast as Invent shows it; its type is not shown."""
    return {name: broadcast[name] for name in _HEAD} | {
        "segments": segments_json(part, broadcast["segment_ids"]),
        "send_to_all": broadcast["send_to_all"],
        "templates": broadcast["templates"],
        "created_at": broadcast["created_at"],
        "updated_at": broadcast["updated_at"],
    }


def make_broadcast(part: Part, name: str, kind: str, at: str, **members: Any) -> Document:
    """A new draft with the default template, not yet stored; `kind` is MARKETING or TRANSACTIONAL."""
    broadcast: Document = {
        "id": new_id(part, "brd"),
        "name": name,
        "type": kind,
        "status": "DRAFT",
        "scheduled_at": None,
        "started_at": None,
        "completed_at": None,
        **dict.fromkeys(COUNTERS, 0),
        "error_message": None,
        "segment_ids": [],
        "send_to_all": False,
        "created_at": at,
        "updated_at": at,
        **members,
    }
    broadcast["templates"] = make_templates(part, broadcast["id"], [], at)
    return broadcast


def make_templates(part: Part, broadcast_id: str, said: list[dict[str, Any]], at: str) -> list[Document]:
    """The templates of a broadcast; without any it gets the default one."""
    return [
        {
            "id": new_id(part, "brt"),
            "broadcast_id": broadcast_id,
            "connection_id": template["connection_id"],
            "integration_id": template["integration_id"],
            "recipients_count": 0,
            "config": template["config"],
            "error": None,
            "created_at": at,
            "updated_at": at,
        }
        for template in said or [dict(DEFAULT_TEMPLATE)]
    ]
