"""The contact documents: how they are found, written and shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from lookalike import living
from lookalike.part import Part
from lookalike.stores.collection import Document
from lookalike.vendors.segmailer import workflows
from lookalike.vendors.segmailer.attributes import Tally
from lookalike.vendors.segmailer.membership import CONTACTS, find
from lookalike.vendors.segmailer.problems import CONTACT, email_taken, missing
from lookalike.vendors.segmailer.schemas.contacts import ContactChange, ContactInput
from lookalike.vendors.segmailer.schemas.fields import normal_email


def contacts_json(part: Part, contacts: Sequence[Document]) -> list[dict[str, Any]]:
    """Contacts as SegMailer shows them, with the names of the segments they are in."""
    rules = living.rulebook(part).by_id
    return [_shown(contact, rules) for contact in contacts]


def contact_json(part: Part, contact: Document) -> dict[str, Any]:
    """One contact as SegMailer shows it."""
    return contacts_json(part, [contact])[0]


def _shown(contact: Document, rules: Mapping[str, living.GroupRule]) -> dict[str, Any]:
    segments = [{"id": id, "name": rules[id].name} for id in contact["segmentIds"] if id in rules]
    return {
        "id": contact["id"],
        "identifier": {"email": contact["email"]},
        "attributes": contact["attributes"],
        "status": contact["status"],
        "segments": sorted(segments, key=itemgetter("name", "id")),
        "createdAt": contact["createdAt"],
        "updatedAt": contact["updatedAt"],
    }


def contact(part: Part, id: str) -> Document:
    """The contact of that id, or of that address (I). Raises the vendor's 404."""
    found = find(part, id)
    if found is None:
        raise missing(CONTACT)
    return found


def by_email(part: Part, email: str) -> Document | None:
    return part.collection(CONTACTS).one("email", normal_email(email))


def draft(id: str, email: str, at: str) -> Document:
    """A new contact's document, not yet stored."""
    return {
        "id": id,
        "email": email,
        "attributes": {},
        "status": "subscribed",
        "opened": False,
        "segmentIds": [],
        "createdAt": at,
        "updatedAt": at,
    }


def upsert(part: Part, email: str, body: ContactInput | None, tally: Tally) -> tuple[Document, bool]:
    """Create the contact of an address, or merge into it; says too whether it is new."""
    before = by_email(part, email)
    after = draft(part.ids.uuid4(), email, part.clock.iso()) if before is None else changed(part, before)
    if body is not None:
        merge(after, body)
    write(part, before, after, tally)
    return after, before is None


def update(part: Part, before: Document, body: ContactChange) -> Document:
    """Merge into a contact, and give it another address if that is free. Raises the vendor's 409."""
    after = changed(part, before)
    if body.identifier is not None:
        owner = by_email(part, body.identifier.email)
        if owner is not None and owner["id"] != before["id"]:
            raise email_taken()
        after["email"] = body.identifier.email
    merge(after, body)
    tally = Tally(part)
    write(part, before, after, tally)
    tally.write()
    return after


def changed(part: Part, before: Document, **members: Any) -> Document:
    """A copy of a contact as of now, with other members."""
    return {**before, "attributes": dict(before["attributes"]), "updatedAt": part.clock.iso(), **members}


def merge(after: Document, body: ContactInput | ContactChange) -> None:
    """Put into a contact what a request says: attributes that are sent are set, null removes one, the rest stay (I)."""
    attributes = after["attributes"]
    for name, value in body.attributes.items():
        if value is None:
            attributes.pop(name, None)
        else:
            attributes[name] = value
    if "status" in body.model_fields_set:
        after["status"] = body.status


def write(part: Part, before: Document | None, after: Document, tally: Tally) -> None:
    """Store what became of a contact, in the segments that it belongs to now; their workflows run."""
    living.assign(part, after, before)
    part.collection(CONTACTS).put(after)
    tally.note({} if before is None else before["attributes"], after["attributes"])
    workflows.passed(part, before, after)


def add_all(part: Part, contacts: Sequence[Document]) -> set[str]:
    """Store many new contacts, but those whose address is taken; says which ids there are now."""
    living.assign_new(part, contacts)
    kept, tally = part.collection(CONTACTS).extend(contacts), Tally(part)
    tally.note_new([contact["attributes"] for contact in kept])
    tally.write()
    return {contact["id"] for contact in kept}


def remove(part: Part, contact: Document, tally: Tally) -> None:
    """Take a contact away; it leaves all segments with that. What happened to it is for `events.forget`."""
    part.collection(CONTACTS).delete(contact["id"])
    tally.note(contact["attributes"], {})
