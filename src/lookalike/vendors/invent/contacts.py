"""Contacts: list, create, read, change, delete."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lookalike.answer import Answer, Lengthy
from lookalike.call import Call
from lookalike.parsing import read_body
from lookalike.part import Part
from lookalike.routes import Routes
from lookalike.stores.collection import Document
from lookalike.vendors.invent import people
from lookalike.vendors.invent.contact_views import SEGMENTS, contact_json, contacts_json
from lookalike.vendors.invent.paging import Fits, listed, newest, searched
from lookalike.vendors.invent.people import CONTACTS
from lookalike.vendors.invent.problems import missing, rejected
from lookalike.vendors.invent.schemas.contacts import (
    ChannelInput,
    Contact,
    ContactInput,
    ContactPatch,
    ContactsQuery,
)

routes = Routes("contacts", doc="https://docs.useinvent.com/api-reference/orgs-contacts/get-contacts")


def contact_of(call: Call, contact_id: str) -> Document:
    """The contact of that id. Raises the vendor's 404."""
    found = call.collection(CONTACTS).get(contact_id)
    if found is None:
        raise missing("Contact")
    return found


def check_segments(part: Part, ids: list[str]) -> None:
    """Raise the vendor's 404 unless every segment exists."""
    if any(part.collection(SEGMENTS).get(id) is None for id in ids):
        raise missing("Segment")


@routes.get("/orgs/{org_id}/contacts", query=ContactsQuery, returns=list[Contact])
def get_contacts(call: Call, org_id: str, query: ContactsQuery) -> Lengthy | Answer:
    """List contacts, newest first, all or those that pass every filter."""
    shelves, addresses, tests = _shelves(call.part, query), _addresses(query), _tests(query)
    if addresses or tests or len(shelves) > 1:
        held = _candidates(call.part, shelves, addresses)
        return searched(call, held, _all_of(shelves, tests), query, contacts_json)
    page = newest(call.collection(CONTACTS), query, next(iter(shelves)))
    return listed(call, contacts_json(call.part, page.documents), query, page.total)


_NOBODY = "nobody"
"""The shelf on which no contact stands."""


def _shelves(part: Part, query: ContactsQuery) -> set[str]:
    """The lists that a contact has to be on; replies of an assistant are never switched off here (I)."""
    if query.segment_id is not None and part.collection(SEGMENTS).get(query.segment_id) is None:
        return {_NOBODY}
    shelves = {_NOBODY if query.status == "AI_REPLIES_DISABLED" else query.status}
    if query.unsubscribed is not None:
        shelves.add(people.UNSUBSCRIBED if query.unsubscribed else people.LISTENING)
    if query.segment_id is not None:
        shelves.add(query.segment_id)
    if query.is_admin:
        shelves.add(people.ADMINS)
    if len(shelves) > 1:
        shelves.discard(people.EVERYBODY)
    return shelves


def _addresses(query: ContactsQuery) -> dict[str, str]:
    """What a contact has to have a channel with."""
    said = {"user_id": query.user_id, "email": query.email, "username": (query.username or "").lower()}
    return {name: value for name, value in said.items() if value}


def _tests(query: ContactsQuery) -> list[Fits]:
    tests: list[Fits] = []
    if query.search:
        tests.append(_mentions(query.search.lower()))
    if query.name:
        wanted = query.name.lower()
        tests.append(lambda contact: wanted in (contact["name"] or "").lower())
    if query.exclude_admins or query.is_admin is False:
        tests.append(lambda contact: not contact["is_admin"])
    return tests


def _mentions(wanted: str) -> Fits:
    def fits(contact: Document) -> bool:
        texts = [contact["name"]]
        for channel in contact["channels"]:
            texts += (channel.get("email"), channel.get("phone"), channel.get("username"))
        return any(wanted in text.lower() for text in texts if text)

    return fits


def _candidates(part: Part, shelves: set[str], addresses: dict[str, str]) -> Iterable[Document]:
    """As few contacts as possible among which are all that may fit, newest first."""
    if not addresses:
        shelf = min(shelves, key=lambda name: people.count(part, name))
        return part.collection(CONTACTS).scan("newest", within=shelf, descending=True)
    sets = [{contact["id"]: contact for contact in people.found_by(part, *wanted)} for wanted in addresses.items()]
    kept = set(sets[0]).intersection(*sets[1:])
    return sorted((sets[0][id] for id in kept), key=lambda c: (c["created_at"], c["id"]), reverse=True)


def _all_of(shelves: set[str], tests: list[Fits]) -> Fits:
    def fits(contact: Document) -> bool:
        return shelves.issubset(people.shelves(contact)) and all(test(contact) for test in tests)

    return fits


@routes.post(
    "/orgs/{org_id}/contacts",
    body=ContactInput,
    returns=Contact,
    doc="https://docs.useinvent.com/api-reference/orgs-contacts/create-a-contact",
)
def create_a_contact(call: Call, org_id: str, body: ContactInput) -> dict[str, Any]:
    """Create a contact, or change the one that the user id already belongs to."""
    said = channel_fields(body.channel)
    owner = None if body.channel.contact_id is None else contact_of(call, body.channel.contact_id)
    check_segments(call.part, body.segment_ids)
    return contact_json(call.part, people.upsert(call.part, said, body.segment_ids, owner))


def channel_fields(channel: ChannelInput) -> dict[str, str]:
    """What a request says of a channel, its user id included: the address or the number where none is given."""
    user_id = channel.user_id or channel.email or channel.phone
    if not user_id:
        raise rejected("channel must have at least one of user_id, email and phone", "channel")
    said = {name: getattr(channel, name) for name in ("name", "email", "phone")}
    return {"user_id": user_id} | {name: value for name, value in said.items() if value}


@routes.get(
    "/orgs/{org_id}/contacts/{contact_id}",
    returns=Contact,
    source="I",
    doc="https://docs.useinvent.com/api-reference/orgs-contacts/get-contacts",
)
def get_a_contact(call: Call, org_id: str, contact_id: str) -> dict[str, Any]:
    """Get one contact."""
    return contact_json(call.part, contact_of(call, contact_id))


@routes.patch(
    "/orgs/{org_id}/contacts/{contact_id}",
    accepts=ContactPatch,
    returns=Contact,
    doc="https://docs.useinvent.com/api-reference/orgs-contacts/update-a-contact",
)
def update_a_contact(call: Call, org_id: str, contact_id: str) -> dict[str, Any]:
    """Change a contact's name, block it, unsubscribe it, or take that back."""
    before = contact_of(call, contact_id)
    body = read_body(call, ContactPatch)
    said = body.model_dump(include=body.model_fields_set)
    flags = {name: said[name] for name in ("blocked", "unsubscribed") if name in said}
    after = people.flag(call.part, before, **flags) | {"updated_at": call.clock.iso()}
    after["name"] = said.get("name", before["name"])
    people.save(call.part, after, before)
    return contact_json(call.part, after)


@routes.delete(
    "/orgs/{org_id}/contacts/{contact_id}",
    returns=Contact,
    source="I",
    doc="https://docs.useinvent.com/api-reference/orgs-contacts/get-contacts",
)
def delete_a_contact(call: Call, org_id: str, contact_id: str) -> dict[str, Any]:
    """Delete a contact with its channels and memberships; it is shown a last time."""
    contact = contact_of(call, contact_id)
    shown = contact_json(call.part, contact)
    people.remove(call.part, contact)
    return shown
