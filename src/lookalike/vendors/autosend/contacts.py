"""Contacts: create, upsert, read, delete."""

from __future__ import annotations

from typing import Any

from lookalike.call import Call
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores import Order, Resource
from lookalike.vendors.autosend.schemas import ContactAnswer, ContactInput

CONTACTS = Resource("contacts", unique=("email",), indexes=("userId",), orders=(Order("newest", ("createdAt",)),))

routes = Routes("contacts", doc="https://docs.autosend.com/api-reference/contacts")


def contact_json(document: dict[str, Any]) -> dict[str, Any]:
    """A contact as AutoSend shows it: members that were never set are absent, `updatedAt` comes first."""
    shown = (
        "id",
        "email",
        "firstName",
        "lastName",
        "userId",
        "customFields",
        "updatedAt",
        "createdAt",
        "projectId",
    )
    return {name: document[name] for name in shown if document.get(name) is not None}


@routes.post("/v1/contacts", body=ContactInput, returns=ContactAnswer)
def create_contact(call: Call, body: ContactInput) -> dict[str, Any]:
    """Create a contact."""
    contacts = call.collection(CONTACTS)
    email = body.email.lower()
    if contacts.one("email", email) is not None:
        raise Problem("conflict", "Contact already exists", code="CONTACT_ALREADY_EXISTS", with_status=True)
    now = call.clock.iso()
    document = {
        "id": call.ids.hex(24),
        "email": email,
        "firstName": body.firstName,
        "lastName": body.lastName,
        "userId": body.userId,
        "customFields": body.customFields,
        "updatedAt": now,
        "createdAt": now,
        "projectId": "229f1f77bcf86cd927304803",
    }
    contacts.put(document)
    return {"success": True, "data": contact_json(document)}


@routes.get("/v1/contacts/{id}", returns=ContactAnswer)
def get_contact(call: Call, id: str) -> dict[str, Any]:
    """Get a contact by id."""
    document = call.collection(CONTACTS).get(id)
    if document is None:
        raise Problem("not_found", "Contact not found", code="CONTACT_NOT_FOUND", with_status=True)
    return {"success": True, "data": contact_json(document)}
