"""Contacts, one by one."""

from __future__ import annotations

from typing import Any

from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.routes import Routes
from lookalike.stores.collection import Document
from lookalike.vendors.segmailer import events, people, segments
from lookalike.vendors.segmailer.attributes import Tally
from lookalike.vendors.segmailer.membership import CONTACTS, SEGMENTS, page
from lookalike.vendors.segmailer.paging import listing, newest, window
from lookalike.vendors.segmailer.problems import SEGMENT, missing
from lookalike.vendors.segmailer.schemas.contacts import Contact, ContactChange, ContactInput, ContactsQuery
from lookalike.vendors.segmailer.schemas.events import Event
from lookalike.vendors.segmailer.schemas.fields import Listing, PageQuery
from lookalike.vendors.segmailer.schemas.segments import Segment

routes = Routes("contacts", doc="https://www.segmailer.com/features/rest-api")


@routes.post("/api/v2/contacts", body=ContactInput, returns=Contact)
def upsert_contact(call: Call, body: ContactInput) -> Answer:
    """Create the contact of an address, or merge into it; the answer shows the segments it is in now.

    Path, request, idempotency on the address and that segments follow at once are documented. Inferred are the
    answer, its status (201 for a new contact, 200 for a known one), that attributes merge and null removes one.
    """
    tally = Tally(call.part)
    contact, is_new = people.upsert(call.part, body.identifier.email, body, tally)
    tally.write()
    return call.answer(201 if is_new else 200, people.contact_json(call.part, contact))


@routes.get("/api/v2/contacts", query=ContactsQuery, returns=Listing[Contact], source="I")
def list_contacts(call: Call, query: ContactsQuery) -> dict[str, Any]:
    """List contacts, newest first; of one address, in one segment, of one status.

    Everything about this operation is inferred.
    """
    if query.segmentId is not None and call.collection(SEGMENTS).get(query.segmentId) is None:
        raise missing(SEGMENT)
    if query.email is not None:
        fitting = _of_address(call, query)
        return listing(query, len(fitting), people.contacts_json(call.part, window(fitting, query)))
    found, total = page(call.collection(CONTACTS), query, query.segmentId, query.status)
    return listing(query, total, people.contacts_json(call.part, found))


def _of_address(call: Call, query: ContactsQuery) -> list[Document]:
    contact = people.by_email(call.part, query.email or "")
    if contact is None or query.status not in (None, contact["status"]):
        return []
    return [contact] if query.segmentId is None or query.segmentId in contact["segmentIds"] else []


@routes.get("/api/v2/contacts/{id}", returns=Contact)
def get_contact(call: Call, id: str) -> dict[str, Any]:
    """Get a contact by its id, or by its address (I).

    That contacts can be read is documented; path and answer follow from the other operations.
    """
    return people.contact_json(call.part, people.contact(call.part, id))


@routes.patch("/api/v2/contacts/{id}", also=("PUT",), body=ContactChange, returns=Contact)
def update_contact(call: Call, id: str, body: ContactChange) -> dict[str, Any]:
    """Change a contact's attributes, status or address.

    That attributes can be updated is documented; method, request and answer are inferred, and so is that PUT does the
    same.
    """
    return people.contact_json(call.part, people.update(call.part, people.contact(call.part, id), body))


@routes.delete("/api/v2/contacts/{id}", status=204)
def delete_contact(call: Call, id: str) -> Answer:
    """Erase a contact with its events; it leaves all segments.

    Path and effect are documented; that the answer is 204 without a body, and that events go too, is inferred.
    """
    contact, tally = people.contact(call.part, id), Tally(call.part)
    people.remove(call.part, contact, tally)
    tally.write()
    events.forget(call.part, contact["id"])
    return Answer(204)


@routes.get("/api/v2/contacts/{id}/segments", query=PageQuery, returns=Listing[Segment], source="I")
def list_contact_segments(call: Call, id: str, query: PageQuery) -> dict[str, Any]:
    """List the segments that a contact is in, newest first.

    Everything about this operation is inferred.
    """
    contact = people.contact(call.part, id)
    found = call.collection(SEGMENTS).get_many(contact["segmentIds"])
    found.sort(key=lambda segment: (segment["createdAt"], segment["id"]), reverse=True)
    return listing(query, len(found), segments.segments_json(call.part, window(found, query)))


@routes.get("/api/v2/contacts/{id}/events", query=PageQuery, returns=Listing[Event], source="I")
def list_contact_events(call: Call, id: str, query: PageQuery) -> dict[str, Any]:
    """List what happened to a contact, the latest first.

    Everything about this operation is inferred.
    """
    contact = people.contact(call.part, id)
    found = newest(call.collection(events.EVENTS), query, contact["id"])
    return listing(query, found.total, [events.event_json(document) for document in found.documents])
