"""What is said of contacts: the fields of the built-in table. No operation shows or takes their values."""

from __future__ import annotations

from typing import Any

from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.part import Part
from lookalike.routes import Routes
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.invent.identity import contacts_table_id, new_id
from lookalike.vendors.invent.paging import listed
from lookalike.vendors.invent.schemas.contacts import ContactField
from lookalike.vendors.invent.schemas.fields import PageQuery

FIELDS = Resource("fields", unique=("key",), orders=(Order("order", ("order",)),))

routes = Routes("contacts", doc="https://docs.useinvent.com/api-reference/orgs-contacts/list-contact-fields")

SYSTEM = (
    ("name", "string", "Name"),
    ("email", "string", "Email"),
    ("phone", "string", "Phone"),
    ("created_at", "datetime", "Created at"),
)
"""Key, type and name of what every organization has (I)."""


def declare(part: Part, key: str, type_: str, name: str, kind: str) -> None:
    """Add a field behind those there are, unless there is one of that key."""
    fields = part.collection(FIELDS)
    if fields.one("key", key) is None:
        place = {"order": fields.count() + 1, "readonly": kind == "system"}
        fields.put({"id": new_id(part, "fld"), "key": key, "type": type_, "name": name, "kind": kind, **place})


def field_json(field: Document, workspace: str) -> dict[str, Any]:
    """A field as Invent shows it."""
    return {
        "id": field["id"],
        "table_id": contacts_table_id(workspace),
        "key": field["key"],
        "type": field["type"],
        "schema": {
            "type": field["type"],
            "name": field["name"],
            "description": "",
            "optional": True,
            "array": False,
            "placeholder": "",
            "order": field["order"],
        },
        "readonly": field["readonly"],
        "kind": field["kind"],
    }


@routes.get("/orgs/{org_id}/contacts/fields", query=PageQuery, returns=list[ContactField])
def list_contact_fields(call: Call, org_id: str, query: PageQuery) -> Answer:
    """List the definitions of contact fields in their order."""
    page = call.collection(FIELDS).page("order", limit=query.take, offset=(query.page - 1) * query.take)
    return listed(call, [field_json(field, call.workspace.name) for field in page.documents], query, page.total)
