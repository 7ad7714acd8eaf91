"""Which segments a contact is in."""

from __future__ import annotations

from typing import Any

from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.parsing import read_query
from lookalike.routes import Routes
from lookalike.stores.collection import Document
from lookalike.vendors.invent import people
from lookalike.vendors.invent.contact_views import SEGMENTS, contact_json, embedded_json
from lookalike.vendors.invent.contacts import contact_of
from lookalike.vendors.invent.paging import listed
from lookalike.vendors.invent.problems import missing
from lookalike.vendors.invent.schemas.contacts import Contact
from lookalike.vendors.invent.schemas.fields import PageQuery
from lookalike.vendors.invent.schemas.segments import EmbeddedSegment

routes = Routes("contacts", doc="https://docs.useinvent.com/api-reference/orgs-contacts/add-segment-to-contact")


def segment_of(call: Call, segment_id: str) -> Document:
    """The segment of that id. Raises the vendor's 404."""
    found = call.collection(SEGMENTS).get(segment_id)
    if found is None:
        raise missing("Segment")
    return found


@routes.get(
    "/orgs/{org_id}/contacts/{contact_id}/segments",
    accepts_query=PageQuery,
    returns=list[EmbeddedSegment],
    doc="https://docs.useinvent.com/api-reference/orgs-contacts/get-contact-segments",
)
def get_contact_segments(call: Call, org_id: str, contact_id: str) -> Answer:
    """List the segments that a contact is in, newest first."""
    contact = contact_of(call, contact_id)
    query = read_query(call, PageQuery)
    segments = call.collection(SEGMENTS).get_many(contact["segment_ids"])
    segments.sort(key=lambda segment: (segment["created_at"], segment["id"]), reverse=True)
    first = (query.page - 1) * query.take
    shown = [embedded_json(call.part, segment) for segment in segments[first : first + query.take]]
    return listed(call, shown, query, len(segments))


@routes.post("/orgs/{org_id}/contacts/{contact_id}/segments/{segment_id}", returns=Contact)
def add_segment_to_contact(call: Call, org_id: str, contact_id: str, segment_id: str) -> dict[str, Any]:
    """Put a contact into a segment, unless it is in it; the answer is the contact."""
    contact, segment = contact_of(call, contact_id), segment_of(call, segment_id)
    return contact_json(call.part, people.join(call.part, contact, segment["id"]))


@routes.delete("/orgs/{org_id}/contacts/{contact_id}/segments/{segment_id}", returns=Contact, source="I")
def remove_segment_from_contact(call: Call, org_id: str, contact_id: str, segment_id: str) -> dict[str, Any]:
    """Take a contact out of a segment, if it is in it; the answer is the contact."""
    contact, segment = contact_of(call, contact_id), segment_of(call, segment_id)
    return contact_json(call.part, people.leave(call.part, contact, segment["id"]))
