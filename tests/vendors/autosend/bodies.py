"""What AutoSend's answers are made of, for tests to compare whole bodies with."""

from __future__ import annotations

from typing import Any

from lookalike.vendors.autosend.identity import project_id
from tests.support import OBJECT_ID

START = "2026-03-17T10:30:00.000Z"
LATER = "2026-03-17T10:30:01.000Z"
PROJECT = project_id("default")
NOBODY = "f" * 24


def ok(data: Any) -> dict[str, Any]:
    return {"success": True, "data": data}


def told(message: str) -> dict[str, Any]:
    return {"success": True, "message": message}


def error(message: str, code: str, **more: Any) -> dict[str, Any]:
    return {"success": False, "error": {"message": message, "code": code, **more}}


def invalid(*details: tuple[str, str]) -> dict[str, Any]:
    listed = [{"field": field, "message": message} for field, message in details]
    return error("Validation failed", "VALIDATION_FAILED", details=listed)


CONTACT_NOT_FOUND = error("Contact not found", "CONTACT_NOT_FOUND", status=404)
CONTACT_EXISTS = error("Contact already exists", "CONTACT_ALREADY_EXISTS", status=409)
LIST_NOT_FOUND = error("Contact list not found", "CONTACT_LIST_NOT_FOUND")
GROUP_NOT_FOUND = error("Suppression group not found", "GROUP_NOT_FOUND", status=404)
EVENT_NOT_FOUND = error("Event not found", "EVENT_NOT_FOUND")
WEBHOOK_NOT_FOUND = error("Webhook not found", "WEBHOOK_NOT_FOUND", status=404)
NOT_FOUND = error("Not found", "NOT_FOUND")


def contact(email: str, **more: Any) -> dict[str, Any]:
    times = {"updatedAt": START, "createdAt": START}
    return {"id": OBJECT_ID, "email": email, **times, "projectId": PROJECT, **more}


def pagination(page: int, limit: int, total: int, pages: int) -> dict[str, int]:
    return {"page": page, "limit": limit, "total": total, "pages": pages}


def make(client: Any, *emails: str, **members: Any) -> list[str]:
    """Create contacts; their ids."""
    ids = []
    for email in emails:
        reply = client.post("/v1/contacts", {"email": email, **members})
        assert reply.status == 200, reply.text
        ids.append(reply.json["data"]["id"])
    return ids


def make_list(client: Any, name: str, **members: Any) -> str:
    reply = client.post("/v1/contact-lists", {"name": name, **members})
    assert reply.status == 201, reply.text
    return str(reply.json["data"]["id"])


def make_segment(client: Any, name: str, *conditions: Any, operator: str = "AND", **members: Any) -> str:
    criteria = {"logicalOperator": operator, "groups": list(conditions)}
    return make_list(client, name, type="segment", filterCriteria=criteria, **members)


def where(field: str, type: str, operator: str, value: Any = None) -> dict[str, Any]:
    condition = {"field": field, "fieldType": type, "operator": operator}
    return condition if value is None else {**condition, "value": value}


def members(client: Any, list_id: str, **more: Any) -> list[str]:
    """The addresses on a list, first page, newest first."""
    reply = client.post("/v1/contact-lists/contacts/search", {"contactListId": list_id, "limit": 100, **more})
    assert reply.status == 200, reply.text
    return [item["email"] for item in reply.json["data"]["contacts"]]


def held(client: Any) -> list[Any]:
    """Every document of the project, to see that nothing changed."""
    found = client.sandbox.store.contents("default", "autosend")
    return [(resource.name, documents) for resource, documents in found if documents]
