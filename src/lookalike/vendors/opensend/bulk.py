"""Operations on many contacts at once."""

from __future__ import annotations

from typing import Any

from lookalike.call import Call
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores.collection import Document
from lookalike.vendors.opensend import coercion
from lookalike.vendors.opensend.contacts import CONTACTS
from lookalike.vendors.opensend.memberships import bear_name
from lookalike.vendors.opensend.schemas.bulk import BulkDone, BulkInput, Imported
from lookalike.vendors.opensend.segments import segment_of
from lookalike.vendors.opensend.topics import topic_of
from lookalike.vendors.opensend.validation import read_object

routes = Routes("bulk", doc="https://opensend.namuh.co/openapi.json")


@routes.post(
    "/api/contacts/bulk",
    accepts=BulkInput,
    returns=BulkDone,
    source="S",
    extras={"malformed": "fallback"},
)
def bulk_contacts(call: Call) -> dict[str, Any]:
    """Add contacts to a segment, by name alone, or subscribe them to a topic; unknown contacts are passed over."""
    body = read_object(call)
    ids = body.get("contact_ids")
    if not isinstance(ids, list) or not ids:
        raise Problem("invalid", "contact_ids must be a non-empty array")
    action = body.get("action")
    if action == "add_to_segment":
        segment = segment_of(call, _id(body, "segment_id"))
        contacts = _contacts(call, ids)
        for contact in contacts:
            bear_name(contact, segment)
    elif action == "subscribe_to_topic":
        topic = topic_of(call, _id(body, "topic_id"))
        contacts = _contacts(call, ids)
        for contact in contacts:
            _subscribe(contact, topic["id"])
    else:
        raise Problem("malformed", "Invalid action")
    for contact in contacts:
        call.collection(CONTACTS).put(contact)
    return {"object": "bulk_action", "success": True, "count": len(contacts)}


def _id(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise Problem("invalid", f"{name} is required")
    return value


def _contacts(call: Call, ids: list[Any]) -> list[Document]:
    wanted = dict.fromkeys(coercion.database_id(coercion.string(id)) for id in ids if id is not None)
    return call.collection(CONTACTS).get_many(wanted)


def _subscribe(contact: Document, topic_id: str) -> None:
    for preference in contact["topics"]:
        if preference["topicId"] == topic_id:
            preference["subscribed"] = True
            return
    contact["topics"].append({"topicId": topic_id, "subscribed": True})


@routes.post("/api/contacts/import", returns=Imported, source="S", extras={"sending": True})
def import_contacts(_call: Call) -> dict[str, Any]:
    """Import contacts from CSV: for dashboard sessions alone, so that every API key is refused."""
    raise Problem("unauthorized")
