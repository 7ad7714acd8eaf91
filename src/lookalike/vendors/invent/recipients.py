"""Who was to get a broadcast by which template, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.parsing import read_query
from lookalike.part import Part
from lookalike.routes import Routes
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.invent.broadcast_documents import broadcast_of
from lookalike.vendors.invent.contact_views import contacts_json
from lookalike.vendors.invent.identity import new_id
from lookalike.vendors.invent.paging import listed, newest
from lookalike.vendors.invent.people import CONTACTS
from lookalike.vendors.invent.schemas.broadcasts import Recipient
from lookalike.vendors.invent.schemas.fields import PageQuery

RECIPIENTS = Resource(
    "recipients",
    indexes=("contact_id",),
    orders=(Order("newest", ("created_at",), within="broadcast_id"),),
)

routes = Routes("broadcasts", doc="https://docs.useinvent.com/api-reference/get-broadcast-recipients")

HAPPENINGS = (
    "skipped",
    "failed",
    "bounced",
    "sent",
    "delivered",
    "complained",
    "unsubscribed",
    "opened",
    "played",
)
"""What may happen to a recipient, each with a flag `is_X` and its time `is_X_at`."""

_FLAGS = tuple(name for happening in HAPPENINGS for name in (f"is_{happening}", f"is_{happening}_at"))
_SHOWN = (
    "id", "broadcast_id", "broadcast_name", "template_id", "integration_id", "user_id", "name", "username", "phone",
    "email", "status", *_FLAGS, "error_message", "external_message_id", "created_at", "updated_at",
)  # fmt: skip


def recipients_json(part: Part, rows: list[Document]) -> list[dict[str, Any]]:
    """Recipients as Invent shows them, each with its contact, or null where that is no more (I)."""
    contacts = part.collection(CONTACTS).get_many(dict.fromkeys(row["contact_id"] for row in rows))
    shown = {contact["id"]: contact for contact in contacts_json(part, contacts)}
    return [{name: row[name] for name in _SHOWN} | {"contact": shown.get(row["contact_id"])} for row in rows]


def make_recipient(
    part: Part, broadcast: Document, template: Document, contact: Document, said: Mapping[str, Any], at: str
) -> Document:
    """A recipient to whom nothing has happened yet, not yet stored; `said` holds where and under what name."""
    row: Document = {
        "id": new_id(part, "brr"),
        "broadcast_id": broadcast["id"],
        "broadcast_name": broadcast["name"],
        "template_id": template["id"],
        "integration_id": template["integration_id"],
        "user_id": None,
        "name": None,
        "username": None,
        "phone": None,
        "email": None,
        **said,
        "status": "SENDING",
        "error_message": None,
        "external_message_id": None,
        "created_at": at,
        "updated_at": at,
        "contact_id": contact["id"],
    }
    for happening in HAPPENINGS:
        row |= {f"is_{happening}": False, f"is_{happening}_at": None}
    return row


def mark(row: Document, happening: str, at: str) -> bool:
    """Note what happened to a recipient; false when that is known already. The status is the last of it (I)."""
    if row[f"is_{happening}"]:
        return False
    row |= {f"is_{happening}": True, f"is_{happening}_at": at, "status": happening.upper(), "updated_at": at}
    return True


def ids_of(part: Part, broadcast_id: str) -> list[str]:
    """The ids of all recipients of a broadcast."""
    rows = part.collection(RECIPIENTS)
    total = rows.page("newest", limit=0, within=broadcast_id).total
    return rows.page("newest", limit=total, within=broadcast_id).ids


def adopt(part: Part, contact_id: str, gone: list[str]) -> None:
    """Make what merged contacts got belong to the one that is left."""
    rows = part.collection(RECIPIENTS)
    for row in (row for id in gone for row in rows.find("contact_id", id)):
        rows.put({**row, "contact_id": contact_id})


@routes.get(
    "/orgs/{org_id}/broadcasts/{broadcast_id}/recipients",
    accepts_query=PageQuery,
    returns=list[Recipient],
)
def get_broadcast_recipients(call: Call, org_id: str, broadcast_id: str) -> Answer:
    """List the recipients of a broadcast, newest first."""
    broadcast = broadcast_of(call, broadcast_id)
    query = read_query(call, PageQuery)
    page = newest(call.collection(RECIPIENTS), query, broadcast["id"])
    return listed(call, recipients_json(call.part, page.documents), query, page.total)
