"""Contacts: create, upsert, read, find, delete."""

from __future__ import annotations

from typing import Any

from lookalike.call import Call
from lookalike.parsing import validate
from lookalike.part import Part
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores.collection import Document
from lookalike.vendors.autosend import people, suppressions
from lookalike.vendors.autosend.people import CONTACTS, contact_json
from lookalike.vendors.autosend.problems import CONTACT_EXISTS, CONTACT_NOT_FOUND, missing, rejected, taken
from lookalike.vendors.autosend.schemas.contacts import (
    BulkUpdateInput,
    BulkUpdateResult,
    Contact,
    ContactInput,
    ContactRow,
    DuplicateInput,
    EmailsInput,
    FoundContacts,
    UnsubscribeGroups,
)
from lookalike.vendors.autosend.schemas.fields import Success, Told
from lookalike.vendors.autosend.segments import LISTS

routes: Routes = Routes("contacts", doc="https://docs.autosend.com/api-reference/contacts")


def contact(call: Call, id: str) -> Document:
    """The contact of that id. Raises the vendor's 404."""
    found = call.collection(CONTACTS).get(id)
    if found is None:
        raise missing(CONTACT_NOT_FOUND)
    return found


def _lists_to_join(part: Part, list_ids: list[str] | None) -> list[str]:
    lists = part.collection(LISTS)
    for id in list_ids or ():
        found = lists.get(id)
        if found is None or found["type"] != "list":
            raise rejected("listIds", f"Contact list not found: {id}")
    return list_ids or []


def _shown(part: Part, document: Document, body: ContactInput) -> dict[str, Any]:
    more = ("listIds",) if body.listIds is not None else ()
    return {"success": True, "data": contact_json(document, part.workspace.name, *more)}


@routes.post("/v1/contacts", body=ContactInput, returns=Success[Contact], source="S")
def create_contact(call: Call, body: ContactInput) -> dict[str, Any]:
    """Create a contact.

    That a taken address is refused is documented; the status and body of that answer are inferred.
    """
    list_ids = _lists_to_join(call.part, body.listIds)
    if people.by_email(call.part, body.email) is not None:
        raise taken(CONTACT_EXISTS)
    return _shown(call.part, people.add(call.part, body.email, people.said(body), list_ids), body)


@routes.post("/v1/contacts/email", body=ContactInput, returns=Success[Contact])
def upsert_contact(call: Call, body: ContactInput) -> dict[str, Any]:
    """Create the contact of an address, or merge into it."""
    list_ids = _lists_to_join(call.part, body.listIds)
    return _shown(call.part, people.upsert(call.part, body, list_ids), body)


@routes.get("/v1/contacts/{id}", returns=Success[Contact])
def get_contact(call: Call, id: str) -> dict[str, Any]:
    """Get a contact by id."""
    return {"success": True, "data": contact_json(contact(call, id), call.workspace.name)}


@routes.delete("/v1/contacts/{id}", returns=Told)
def delete_contact(call: Call, id: str) -> dict[str, Any]:
    """Delete a contact by id."""
    people.remove(call.part, contact(call, id))
    return {"success": True, "message": "Contact deleted successfully"}


@routes.delete("/v1/contacts/email/userId/{userId}", returns=Told)
def delete_contact_by_user_id(call: Call, userId: str) -> dict[str, Any]:
    """Delete every contact with the caller's own user id."""
    found = call.collection(CONTACTS).find("userId", userId)
    if not found:
        raise missing(CONTACT_NOT_FOUND)
    for document in found:
        people.remove(call.part, document)
    return {"success": True, "message": "Contact deleted successfully"}


@routes.post("/v1/contacts/remove", body=EmailsInput, returns=Told, source="S")
def remove_contacts(call: Call, body: EmailsInput) -> dict[str, Any]:
    """Delete many contacts by address; addresses without a contact are passed over (I)."""
    for document in _known(call.part, body.emails):
        people.remove(call.part, document)
    return {"success": True, "message": "Contacts removed successfully"}


@routes.post("/v1/contacts/search/emails", body=EmailsInput, returns=Success[FoundContacts])
def search_contacts_by_emails(call: Call, body: EmailsInput) -> dict[str, Any]:
    """Look up many contacts by address, in the order asked for (I)."""
    found = [contact_json(document, call.workspace.name) for document in _known(call.part, body.emails)]
    return {"success": True, "data": {"contacts": found}}


def _known(part: Part, emails: list[str]) -> list[Document]:
    found = (people.by_email(part, email) for email in dict.fromkeys(emails))
    return [document for document in found if document is not None]


@routes.post("/v1/contacts/bulk-update", body=BulkUpdateInput, returns=Success[BulkUpdateResult])
def bulk_update_contacts(call: Call, body: BulkUpdateInput) -> dict[str, Any]:
    """Create or update up to 100 contacts by address; a bad row only counts as failed (I)."""
    failed = 0
    for row in body.contacts:
        try:
            people.upsert(call.part, validate(ContactRow, row))
        except Problem:
            failed += 1
    total = len(body.contacts)
    return {"success": True, "data": {"successCount": total - failed, "failedCount": failed, "totalCount": total}}


@routes.post("/v1/contacts/email/duplicate", body=DuplicateInput, returns=Success[Contact], source="I")
def duplicate_contact(call: Call, body: DuplicateInput) -> dict[str, Any]:
    """Copy a contact to a new address.

    The operation is documented by its name and purpose alone; request and answer are inferred.
    """
    original = people.by_email(call.part, body.email)
    if original is None:
        raise missing(CONTACT_NOT_FOUND)
    if people.by_email(call.part, body.newEmail) is not None:
        raise taken(CONTACT_EXISTS)
    copy = people.add(call.part, body.newEmail, original, original["listIds"])
    return {"success": True, "data": contact_json(copy, call.workspace.name)}


@routes.get("/v1/contacts/{id}/unsubscribe-groups", returns=Success[UnsubscribeGroups])
def get_unsubscribe_groups(call: Call, id: str) -> dict[str, Any]:
    """List the suppression groups that a contact's address is in."""
    return {"success": True, "data": {"groups": suppressions.groups_of(call.part, contact(call, id)["email"])}}
