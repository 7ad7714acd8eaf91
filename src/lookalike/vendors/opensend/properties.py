"""Contact properties: definitions alone, which nothing is checked against.

The root paths validate strictly, those under `/api` derive and default what is missing.
"""

from __future__ import annotations

import re
from math import isnan
from typing import Any

from lookalike.call import Call
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores import Duplicate, Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.opensend import coercion, columns
from lookalike.vendors.opensend.schemas.lists import PropertyQuery
from lookalike.vendors.opensend.schemas.properties import (
    Property,
    PropertyInput,
    PropertyList,
    PropertyMade,
    PropertyPatch,
)
from lookalike.vendors.opensend.schemas.segments import Success
from lookalike.vendors.opensend.topics import is_strict
from lookalike.vendors.opensend.validation import js_length, read_object

PROPERTIES = Resource("properties", unique=("key",), orders=(Order("key", ("key",)),))

TYPES = ("string", "number", "boolean", "date")

routes = Routes("contact-properties", doc="https://opensend.namuh.co/docs/api-reference/contact-properties")

_WIDTHS = {"key": 255, "name": 255, "type": 50}
"""Of the text columns: what is longer ends in a 500."""

_LARGEST_OFFSET = 2**63


def _property_of(call: Call, id: str) -> Document:
    document = call.collection(PROPERTIES).get(coercion.database_id(id))
    if document is None:
        raise Problem("not_found", "Contact property not found")
    return document


@routes.post(
    "/contact-properties",
    "/api/properties",
    accepts=PropertyInput,
    returns=PropertyMade,
    status=201,
    source="S",
    extras={"fallback": "Failed to create contact property", "malformed": "fallback"},
)
def create_contact_property(call: Call) -> dict[str, Any]:
    """Define a contact property."""
    body = read_object(call)
    key, name = body.get("key"), body.get("name")
    key = coercion.required(key, "key is required") if is_strict(call) else _trimmed(key)
    name = _trimmed(name)
    type = _type(call, body.get("type"), "string")
    if not name:
        raise Problem("malformed", "Name is required")
    given = (body.get(member) for member in ("fallback_value", "fallbackValue"))
    fallback = next((value for value in given if columns.is_truthy(value)), None)
    now = call.clock.iso()
    document = {
        "id": call.ids.uuid4(),
        "key": columns.needed(key or re.sub("[^a-z0-9_]", _underscores, name.lower()), _WIDTHS["key"]),
        "name": columns.needed(name, _WIDTHS["name"]),
        "type": columns.needed(type, _WIDTHS["type"]),
        "fallback_value": _text(fallback),
        "created_at": now,
        "updated_at": now,
    }
    try:
        call.collection(PROPERTIES).put(document)
    except Duplicate:
        raise Problem("internal") from None
    return {"object": "contact_property", **document}


def _text(value: Any) -> str | None:
    return None if value is None else columns.text(coercion.string(value))


def _trimmed(value: Any) -> str:
    return "" if value is None else coercion.trimmed(value)


def _underscores(letter: re.Match[str]) -> str:
    return "_" * js_length(letter[0])


def _type(call: Call, value: Any, usual: str | None = None) -> str:
    """One of the types; the `/api` paths take any text, and the usual one in place of nothing."""
    if not is_strict(call):
        return coercion.string(value) if usual is None or columns.is_truthy(value) else usual
    if not isinstance(value, str) or not value.strip():
        raise Problem("malformed", "type is required")
    if value.strip() not in TYPES:
        raise Problem("invalid", f"type must be one of: {' | '.join(TYPES)}")
    return value.strip()


@routes.get(
    "/contact-properties",
    "/api/properties",
    accepts_query=PropertyQuery,
    returns=PropertyList,
    source="S",
    extras={"fallback": "Failed to fetch contact properties"},
)
def list_contact_properties(call: Call) -> dict[str, Any]:
    """List contact properties by key, in pages; filters are search and type."""
    limit = coercion.limit(call.argument("limit"), 20, 100)
    page = coercion.number(call.argument("page") or "1")
    page = 1 if isnan(page) else max(page, 1)
    offset = (page - 1) * limit
    if offset >= _LARGEST_OFFSET or offset != int(offset):
        raise Problem("internal")
    documents, total = _found(call, int(offset), limit)
    return {"data": documents, "total": total, "page": int(page) if page == int(page) else page, "limit": limit}


def _found(call: Call, offset: int, limit: int) -> tuple[list[Document], int]:
    search, type = (call.argument("search") or "").strip(), call.argument("type")
    properties = call.collection(PROPERTIES)
    if not search and not type:
        page = properties.page("key", limit=limit, offset=offset)
        return page.documents, page.total
    sought = coercion.pattern(search)
    matching = [
        document
        for document in properties.scan("key")
        if (not type or document["type"] == type)
        and (sought.search(document["key"]) or sought.search(document["name"]))
    ]
    return matching[offset : offset + limit], len(matching)


@routes.get(
    "/contact-properties/{id}",
    "/api/properties/{id}",
    returns=Property,
    source="S",
    extras={"fallback": "Failed to fetch contact property"},
)
def get_contact_property(call: Call, id: str) -> dict[str, Any]:
    """Get a contact property."""
    return _property_of(call, id)


@routes.patch(
    "/contact-properties/{id}",
    "/api/properties/{id}",
    accepts=PropertyPatch,
    returns=Property,
    source="S",
    extras={"fallback": "Failed to update contact property", "malformed": "fallback"},
)
def update_contact_property(call: Call, id: str) -> dict[str, Any]:
    """Update a contact property; its key stays."""
    changes = _changes(call, read_object(call))
    document = _property_of(call, id)
    document |= changes | {"updated_at": call.clock.iso_after(document["updated_at"])}
    call.collection(PROPERTIES).put(document)
    return document


def _changes(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if "name" in body:
        changes["name"] = coercion.trimmed(body["name"], _WIDTHS["name"])
    if "type" in body:
        changes["type"] = columns.needed(_type(call, body["type"]), _WIDTHS["type"])
    if "fallback_value" in body:
        changes["fallback_value"] = _text(body["fallback_value"])
    return changes


@routes.delete(
    "/contact-properties/{id}",
    "/api/properties/{id}",
    returns=Success,
    source="S",
    extras={"fallback": "Failed to delete contact property"},
)
def delete_contact_property(call: Call, id: str) -> dict[str, Any]:
    """Delete a contact property; contacts keep their values."""
    call.collection(PROPERTIES).delete(_property_of(call, id)["id"])
    return {"success": True}
