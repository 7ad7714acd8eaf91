"""Contacts: create, list, read, update, delete."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import orjson

from lookalike.answer import Lengthy
from lookalike.call import Call
from lookalike.part import Part
from lookalike.pieces import Steps, in_pieces
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores import Duplicate, Order, Page, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.opensend import coercion, columns, jsonb, paging, webhooks
from lookalike.vendors.opensend.contact_views import (
    ITEM,
    contact_json,
    item_json,
    patched_json,
    topic_names,
    webhook_json,
)
from lookalike.vendors.opensend.problems import FAILED_QUERY
from lookalike.vendors.opensend.schemas.contacts import (
    Contact,
    ContactDeleted,
    ContactInput,
    ContactList,
    ContactMade,
    ContactPatch,
    ContactPatched,
)
from lookalike.vendors.opensend.schemas.lists import ContactQuery
from lookalike.vendors.opensend.shelves import SEGMENTS, shelf, shelves
from lookalike.vendors.opensend.topics import TOPICS
from lookalike.vendors.opensend.validation import read, read_json

CONTACTS = Resource("contacts", unique=("email",), orders=(Order("id"), Order("shelf", within=shelves)), views=(ITEM,))
"""id, email, first_name, last_name, unsubscribed, properties (object or null), created_at, and

- segments: the names of segments, as the real product keeps them beside the membership table;
- joined: the membership table's rows, segment id -> the segment's name;
- topics: explicit preferences, `{topicId, subscribed}`.
"""


PATH = "/contacts/{id_or_email}"

routes = Routes("contacts", doc="https://opensend.namuh.co/docs/api-reference/contacts")


def contact_of(call: Call, id_or_email: str) -> Document:
    """The contact of a path: by id or e-mail if it looks like an id, else by e-mail, exactly as stored.

    Raises Problem("not_found"), and Problem("internal") for NUL.
    """
    if "\0" in id_or_email:
        raise Problem("internal")
    contacts = call.collection(CONTACTS)
    contact = contacts.get(id_or_email.lower()) if coercion.is_contact_id(id_or_email) else None
    contact = contact or contacts.one("email", id_or_email)
    if contact is None:
        raise Problem("not_found", "Contact not found")
    return contact


def draft(id: str, email: str, at: str) -> Document:
    """A new contact of whom nothing but the address is known, exactly as given; not yet stored."""
    return {
        "id": id,
        "email": email,
        "first_name": None,
        "last_name": None,
        "unsubscribed": False,
        "properties": None,
        "segments": [],
        "joined": {},
        "topics": [],
        "created_at": at,
    }


def add(part: Part, values: Document) -> Document:
    """Keep a new contact of whom at least the `email` is known. Raises Duplicate."""
    contact = draft(part.ids.uuid4(), values["email"], part.clock.iso()) | values
    part.collection(CONTACTS).put(contact)
    return contact


# --- create -----------------------------------------------------------------------------------------------------


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
    """Create a contact.

    A taken e-mail is the 500 that the deployed service answers, not the 409 that its code intends.
    """
    body = read(call, ContactInput)
    values = {
        "email": body["email"].lower(),
        "first_name": columns.truthy(body.get("first_name")),
        "last_name": columns.truthy(body.get("last_name")),
        "unsubscribed": body.get("unsubscribed", False),
        "properties": jsonb.stored(body.get("properties")),
        "segments": list(_segment_names(call, body.get("segments", ()))),
        "topics": list(_preferences(call, body.get("topics", ()))),
    }
    try:
        contact = add(call.part, values)
    except Duplicate:
        raise Problem("internal") from None
    webhooks.emit(call.part, "contact.created", partial(webhook_json, contact))
    return {"object": "contact", "id": contact["id"]}


def _segment_names(call: Call, ids: Iterable[str]) -> Iterator[str]:
    for id in ids:
        segment = call.collection(SEGMENTS).get(coercion.database_id(id))
        if segment is not None:
            yield segment["name"]


def _preferences(call: Call, given: Iterable[Any]) -> Iterator[dict[str, Any]]:
    for one in given:
        id, wanted = (one, "opt_in") if isinstance(one, str) else (one["id"], one["subscription"])
        if call.collection(TOPICS).get(id.lower()) is not None:
            yield {"topicId": id.lower(), "subscribed": wanted == "opt_in"}


# --- read -------------------------------------------------------------------------------------------------------


@routes.get(
    "/contacts",
    "/api/contacts",
    accepts_query=ContactQuery,
    returns=ContactList,
    source="S",
    extras={"fallback": "Failed to fetch contacts"},
)
def list_contacts(call: Call) -> dict[str, Any] | Lengthy:
    """List contacts, by id descending; filters are segment_id, status and search."""
    asked = paging.window(call, 40, 100)
    within = _shelf(call)
    order = "id" if within is None else "shelf"
    text = call.argument("search")
    if text:
        return in_pieces(call.part, _found(call, asked, text, order, within))
    return _list(call, paging.page(call, CONTACTS, asked, order=order, within=within))


def _found(call: Call, asked: paging.Window, text: str, order: str, within: str | None) -> Steps[dict[str, Any]]:
    fields = ("email", "first_name", "last_name")
    contacts, pattern = call.collection(CONTACTS), coercion.pattern(text)
    page = yield from paging.search(contacts, asked, pattern, fields, order=order, within=within)
    return _list(call, page)


def _list(call: Call, page: Page) -> dict[str, Any]:
    return {"object": "list", "data": _items(call, page), "has_more": page.has_more}


def _items(call: Call, page: Page) -> list[Any]:
    items = page.shown(ITEM)
    if None in items:
        names = topic_names(call, page.documents)
        return [item or item_json(contact, names) for item, contact in zip(items, page.documents, strict=True)]
    return items


def _shelf(call: Call) -> str | None:
    """The shelf that holds what the filters leave, or None without any."""
    status = call.argument("status")
    status = status if status in ("subscribed", "unsubscribed") else None
    id = call.argument("segment_id")
    if not id:
        return None if status is None else shelf(status=status)
    segment = call.collection(SEGMENTS).get(coercion.database_id(id))
    return "" if segment is None else shelf(segment["name"], status=status)


@routes.get(PATH, f"/api{PATH}", returns=Contact, source="S", extras={"fallback": "Failed to fetch contact"})
def get_contact(call: Call, id_or_email: str) -> dict[str, Any]:
    """Get a contact by id or e-mail."""
    return contact_json(contact_of(call, id_or_email))


# --- update and delete ------------------------------------------------------------------------------------------


@routes.patch(
    PATH,
    f"/api{PATH}",
    accepts=ContactPatch,
    returns=ContactPatched,
    source="S",
    extras={"fallback": FAILED_QUERY},
)
def update_contact(call: Call, id_or_email: str) -> dict[str, Any]:
    """Update a contact; nothing is validated beyond what the database cannot convert."""
    body = read_json(call)
    if body is None:
        raise Problem("internal", "Cannot read properties of null (reading 'email')")
    contact = contact_of(call, id_or_email)
    given = body if isinstance(body, dict) else {}
    changes = {name: _column(name, given[name]) for name in _COLUMNS if name in given}
    changed = [name for name in changes if _differ(contact[name], given[name])]
    contact |= changes
    if changed:
        try:
            call.collection(CONTACTS).put(contact)
        except Duplicate:
            raise Problem("internal") from None
        data = {"id": contact["id"], "changed_fields": changed, "contact": webhook_json(contact)}
        webhooks.emit(call.part, "contact.updated", data)
    return patched_json(contact)


_COLUMNS = {"email": 512, "first_name": 255, "last_name": 255, "unsubscribed": None, "properties": None}
"""What PATCH looks at, in the order in which webhooks name it, with the width of text columns."""


def _column(name: str, value: Any) -> Any:
    """A value as the database stores it. Raises Problem("internal") where it refuses."""
    if name == "properties":
        return jsonb.stored(value)
    if name == "unsubscribed":
        return coercion.database_boolean(value)
    column = columns.needed if name == "email" else columns.text
    return column(value, _COLUMNS[name])


def _differ(stored: Any, given: Any) -> bool:
    """Whether a value is another than the stored one, as it was given: `"yes"` is not true and 5 not `"5"`."""
    given = jsonb.stored(given)
    return orjson.dumps(stored, option=orjson.OPT_SORT_KEYS) != orjson.dumps(given, option=orjson.OPT_SORT_KEYS)


@routes.delete(PATH, f"/api{PATH}", returns=ContactDeleted, source="S", extras={"fallback": "Failed to delete contact"})
def delete_contact(call: Call, id_or_email: str) -> dict[str, Any]:
    """Delete a contact with its memberships."""
    contact = contact_of(call, id_or_email)
    call.collection(CONTACTS).delete(contact["id"])
    webhooks.emit(call.part, "contact.deleted", {"id": contact["id"], "email": contact["email"]})
    return {"object": "contact", "id": contact["id"], "deleted": True}
