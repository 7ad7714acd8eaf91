"""Who is on a list: page through members, add, take out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lookalike.call import Call
from lookalike.part import Part
from lookalike.routes import Routes
from lookalike.stores.collection import Document
from lookalike.vendors.autosend import people, suppressions
from lookalike.vendors.autosend.lists import contact_list, editable_list
from lookalike.vendors.autosend.paging import newest, pagination, window
from lookalike.vendors.autosend.people import CONTACT, CONTACTS, contact_json
from lookalike.vendors.autosend.problems import rejected
from lookalike.vendors.autosend.schemas.fields import Success, normal_email
from lookalike.vendors.autosend.schemas.lists import (
    BulkAddInput,
    BulkAddResult,
    ChosenContacts,
    Members,
    MembersInput,
    RemoveResult,
)

routes = Routes("list members", doc="https://docs.autosend.com/api-reference/contact-lists")


@routes.post("/v1/contact-lists/contacts/search", body=MembersInput, returns=Success[Members])
def search_list_contacts(call: Call, body: MembersInput) -> dict[str, Any]:
    """Page through the members of a list or segment, newest first (I), all or those whose address has a part."""
    order, within = people.on_list(contact_list(call.part, body.contactListId)["id"])
    contacts = call.collection(CONTACTS)
    wanted = (body.email or "").strip().lower()
    if wanted:
        members = contacts.scan(order, within=within, descending=True)
        fitting = (contact for contact in members if wanted in contact["email"])
        found = window(fitting, body.page, body.limit, call.workspace.name)
    else:
        found = newest(contacts, body.page, body.limit, within, order)
    shown = found.shown(CONTACT)
    return {"success": True, "data": {"contacts": shown, "pagination": pagination(body.page, body.limit, found.total)}}


@dataclass
class _Tally:
    """What became of each one who was to be added."""

    added: int = 0
    created: int = 0
    already: int = 0
    errors: list[dict[str, str]] = field(default_factory=list)
    verdicts: dict[str, dict[str, None]] = field(default_factory=lambda: {"valid": {}, "invalid": {}, "suppressed": {}})
    contacts: dict[str, Document] = field(default_factory=dict)

    def judge(self, email: str, status: str) -> None:
        self.verdicts[status][email] = None

    def validation(self) -> dict[str, list[dict[str, str]]]:
        """The addresses sorted by verdict, each once."""
        return {
            status: [{"email": email, "status": status} for email in emails] for status, emails in self.verdicts.items()
        }


@routes.post("/v1/contact-lists/contacts/bulk-add", body=BulkAddInput, returns=Success[BulkAddResult])
def bulk_add_contacts(call: Call, body: BulkAddInput) -> dict[str, Any]:
    """Put contacts on a list; addresses without a contact get one.

    Invalid addresses are reported and do not fail the call (D). Suppressed ones are reported and added all the same,
    since to be on a list is not to be mailed (I).
    """
    part = call.part
    _check_choice(body)
    list_id = editable_list(part, body.contactListId)["id"]
    tally = _Tally()
    for email, contact in _chosen(part, body, tally):
        _add(part, list_id, email, contact, tally)
    data = {
        "added": tally.added,
        "created": tally.created,
        "alreadyInList": tally.already,
        "errors": tally.errors,
        "validation": tally.validation(),
        "totalContactsInList": people.count(part, list_id),
        "contacts": [
            contact_json(contact, part.workspace.name, "listIds", "segmentIds") for contact in tally.contacts.values()
        ],
    }
    return {"success": True, "data": data}


def _chosen(part: Part, body: ChosenContacts, tally: _Tally) -> Iterator[tuple[str, Document | None]]:
    """Every address that is one, with its contact if there is any; those that cannot be served go to the tally."""
    for text in body.emails or ():
        email = normal_email(text)
        if email is None:
            tally.judge(text, "invalid")
        else:
            yield email, people.by_email(part, email)
    for id in body.contactIds or ():
        contact = part.collection(CONTACTS).get(id)
        if contact is None:
            tally.errors.append({"contactId": id, "error": "Contact not found"})
        else:
            yield contact["email"], contact


def _add(part: Part, list_id: str, email: str, contact: Document | None, tally: _Tally) -> None:
    tally.judge(email, "suppressed" if suppressions.is_suppressed(part, email) else "valid")
    if contact is None:
        tally.created += 1
        contact = people.add(part, email, {}, [list_id])
    elif list_id in contact["listIds"]:
        tally.already += 1
    else:
        tally.added += 1
        contact = people.join(part, contact, list_id)
    tally.contacts[contact["id"]] = contact


def _check_choice(body: ChosenContacts) -> None:
    if (body.emails is None) == (body.contactIds is None):
        raise rejected("emails", "Provide either emails or contactIds")


@routes.post("/v1/contact-lists/{contactListId}/contacts/remove", body=ChosenContacts, returns=Success[RemoveResult])
def remove_contacts_from_list(call: Call, contactListId: str, body: ChosenContacts) -> dict[str, Any]:
    """Take contacts off a list; they stay in the project. Who is not on it is counted, known or not (I)."""
    part = call.part
    _check_choice(body)
    list_id = editable_list(part, contactListId)["id"]
    tally, removed, not_in_list = _Tally(), 0, 0
    for _, contact in _chosen(part, body, tally):
        if contact is not None and list_id in contact["listIds"]:
            people.leave(part, contact, list_id)
            removed += 1
        else:
            not_in_list += 1
    errors = [{"email": email, "error": "Invalid email format"} for email in tally.verdicts["invalid"]]
    return {
        "success": True,
        "data": {"removed": removed, "notInList": not_in_list, "errors": errors + tally.errors},
    }
