"""Contacts."""

from __future__ import annotations

from typing import Any

from lookalike.call import Call
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores import Resource
from lookalike.vendors.opensend.schemas.contacts import ContactInput, ContactMade
from lookalike.vendors.opensend.validation import read

CONTACTS = Resource("contacts", unique=("email",))
RESOURCES = (CONTACTS,)

routes = Routes("contacts", doc="https://opensend.namuh.co/docs/api-reference/contacts")


@routes.post(
    "/contacts",
    "/api/contacts",
    accepts=ContactInput,
    returns=ContactMade,
    status=201,
    source="S",
    extras={"fallback": "Failed to create contact", "malformed": "fallback"},
)
def create_contact(call: Call) -> dict[str, Any]:
    """Create a contact."""
    body = read(call, ContactInput)
    contacts = call.collection(CONTACTS)
    if contacts.one("email", body["email"].lower()) is not None:
        raise Problem("internal")
    document = {"id": call.ids.uuid4(), "email": body["email"].lower()}
    contacts.put(document)
    return {"object": "contact", "id": document["id"]}
