"""Who is in which segment, and what a contact prefers.

OpenSend keeps membership twice: names with the contact, and a table. Only POST writes both; what a contact was created
with, bulk and import write names alone. `GET /segments/{id}/contacts` reads the table, all else the names.
"""

from __future__ import annotations

from typing import Any

from lookalike.call import Call
from lookalike.part import Part
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores.collection import Document
from lookalike.vendors.opensend import coercion, paging
from lookalike.vendors.opensend.contact_views import named_preferences, status_of, topic_names
from lookalike.vendors.opensend.contacts import CONTACTS, PATH, contact_of
from lookalike.vendors.opensend.schemas.lists import PageQuery
from lookalike.vendors.opensend.schemas.segments import Added, ContactSegmentList, Removed, SegmentContactList
from lookalike.vendors.opensend.schemas.topics import ContactTopicList, ContactTopics, TopicChanges
from lookalike.vendors.opensend.segments import segment_of
from lookalike.vendors.opensend.shelves import SEGMENTS, members
from lookalike.vendors.opensend.topics import topic_of
from lookalike.vendors.opensend.validation import read_json

DOCS = "https://opensend.namuh.co/docs/api-reference/contacts"

routes = Routes("memberships", doc=DOCS)


def _both(call: Call, id_or_email: str, segment_id: str) -> tuple[Document, Document]:
    """The contact and the segment of a path; a bad segment id is told first, then a missing contact."""
    coercion.database_id(segment_id)
    contact = contact_of(call, id_or_email)
    return contact, segment_of(call, segment_id)


@routes.get(
    "/segments/{id}/contacts",
    "/api/segments/{id}/contacts",
    accepts_query=PageQuery,
    returns=SegmentContactList,
    source="S",
    extras={"fallback": "Failed to fetch segment contacts"},
)
def list_segment_contacts(call: Call, id: str) -> dict[str, Any]:
    """List the contacts that were added to a segment one by one."""
    segment = segment_of(call, id)
    page = paging.page(call, CONTACTS, paging.window(call), order="shelf", within=members(segment["id"]))
    return {
        "object": "list",
        "data": [_member_json(contact) for contact in page.documents],
        "has_more": page.has_more,
    }


def _member_json(contact: Document) -> dict[str, Any]:
    return {
        "id": contact["id"],
        "email": contact["email"],
        "firstName": contact["first_name"],
        "lastName": contact["last_name"],
        "status": status_of(contact),
        "created_at": contact["created_at"],
    }


@routes.post(
    f"{PATH}/segments/{{segment_id}}",
    f"/api{PATH}/segments/{{segment_id}}",
    returns=Added,
    source="S",
    extras={"fallback": "Failed to add contact to segment"},
)
def add_contact_to_segment(call: Call, id_or_email: str, segment_id: str) -> dict[str, Any]:
    """Add a contact to a segment; adding it again changes nothing."""
    contact, segment = _both(call, id_or_email, segment_id)
    if segment["id"] not in contact["joined"] or segment["name"] not in contact["segments"]:
        bear_name(contact, segment)
        contact["joined"][segment["id"]] = segment["name"]
        call.collection(CONTACTS).put(contact)
    return {"object": "contact_segment", "contact_id": contact["id"], "segment_id": segment["id"], "added": True}


def membership(part: Part, contact: str, segment: str) -> tuple[str | None, str | None, bool]:
    """The ids of a contact (by id or address) and a segment (by id or name), and whether either record has both."""
    contacts, segments = part.collection(CONTACTS), part.collection(SEGMENTS)
    found = contacts.get(contact.lower()) or contacts.one("email", contact)
    group = segments.get(segment.lower()) or segments.one("name", segment)
    if found is None or group is None:
        return None if found is None else found["id"], None if group is None else group["id"], False
    return found["id"], group["id"], group["name"] in found["segments"] or group["id"] in found["joined"]


def bear_name(contact: Document, segment: Document) -> None:
    """Give a contact a segment's name, once."""
    if segment["name"] not in contact["segments"]:
        contact["segments"].append(segment["name"])


@routes.delete(
    f"{PATH}/segments/{{segment_id}}",
    f"/api{PATH}/segments/{{segment_id}}",
    returns=Removed,
    source="S",
    extras={"fallback": "Failed to remove contact from segment"},
)
def remove_contact_from_segment(call: Call, id_or_email: str, segment_id: str) -> dict[str, Any]:
    """Remove a contact from a segment, be it a member or not."""
    contact, segment = _both(call, id_or_email, segment_id)
    contact["segments"] = [name for name in contact["segments"] if name != segment["name"]]
    contact["joined"].pop(segment["id"], None)
    call.collection(CONTACTS).put(contact)
    return {"object": "contact_segment", "contact_id": contact["id"], "segment_id": segment["id"], "deleted": True}


@routes.get(
    f"{PATH}/segments",
    f"/api{PATH}/segments",
    returns=ContactSegmentList,
    source="S",
    extras={"fallback": "Failed to fetch contact segments"},
)
def list_contact_segments(call: Call, id_or_email: str) -> dict[str, Any]:
    """List the segments whose names a contact bears."""
    contact = contact_of(call, id_or_email)
    segments = call.collection(SEGMENTS)
    found = [segment for name in dict.fromkeys(contact["segments"]) for segment in segments.find("name", name)]
    return {"object": "list", "data": found, "has_more": False}


@routes.get(
    f"{PATH}/topics",
    f"/api{PATH}/topics",
    returns=ContactTopicList,
    source="S",
    extras={"fallback": "Failed to fetch contact topics"},
)
def list_contact_topics(call: Call, id_or_email: str) -> dict[str, Any]:
    """List what a contact explicitly prefers."""
    contact = contact_of(call, id_or_email)
    return {"object": "list", "data": named_preferences(contact, topic_names(call, [contact]))}


@routes.patch(
    f"{PATH}/topics",
    f"/api{PATH}/topics",
    accepts=TopicChanges,
    returns=ContactTopics,
    source="S",
    extras={"fallback": "Failed to update contact topics", "malformed": "fallback"},
)
def update_contact_topics(call: Call, id_or_email: str) -> dict[str, Any]:
    """Replace what a contact prefers."""
    contact = contact_of(call, id_or_email)
    body = read_json(call)
    given = body.get("topics") if isinstance(body, dict) else None
    if not isinstance(given, list):
        raise Problem("invalid", "topics must be an array")
    if not all(isinstance(one, dict) and isinstance(one.get("id"), str) for one in given):
        raise Problem("invalid", "topic id is required")
    contact["topics"] = [
        {"topicId": topic_of(call, one["id"])["id"], "subscribed": one.get("subscription") == "opt_in"} for one in given
    ]
    call.collection(CONTACTS).put(contact)
    return {"object": "contact_topics", "contact_id": contact["id"], "updated": True}
