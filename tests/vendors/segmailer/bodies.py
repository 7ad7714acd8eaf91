"""What SegMailer's answers are made of, for tests to compare whole bodies with."""

from __future__ import annotations

from typing import Any

from tests.support import UUID

START = "2026-03-17T10:30:00.000Z"
LATER = "2026-03-17T10:30:01.000Z"
NOBODY = "00000000-0000-4000-8000-000000000000"


def error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


def invalid(*details: tuple[str, str]) -> dict[str, Any]:
    """The 400 for fields; each detail is the field and how the sentence goes on after it."""
    listed = [{"field": field, "message": message} for field, message in details]
    told = f"{listed[0]['field']} {listed[0]['message']}"
    return {"error": {"code": "validation_error", "message": told, "details": listed}}


INVALID_JSON = error("invalid_json", "Request body must be a JSON object")
UNAUTHORIZED = error("unauthorized", "Missing or invalid API key")
NO_CONTACT = error("not_found", "Contact not found")
NO_SEGMENT = error("not_found", "Segment not found")
NO_WEBHOOK = error("not_found", "Webhook not found")
NO_ROUTE = error("not_found", "Route not found")
NO_METHOD = error("method_not_allowed", "Method not allowed")
EMAIL_TAKEN = error("email_taken", "Another contact already has this email")


def contact(email: str, attributes: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A contact as answers show it; `segments` are given as (id, name)."""
    segments = [{"id": id, "name": name} for id, name in more.pop("segments", ())]
    return {
        "id": UUID,
        "identifier": {"email": email},
        "attributes": attributes or {},
        "status": "subscribed",
        "segments": segments,
        "createdAt": START,
        "updatedAt": START,
        **more,
    }


def listing(*data: Any, page: int = 1, limit: int = 50, total: int | None = None) -> dict[str, Any]:
    total = len(data) if total is None else total
    more = page * limit < total
    return {"data": list(data), "pagination": {"page": page, "limit": limit, "total": total, "hasMore": more}}


def upsert(client: Any, email: str, attributes: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Create or update a contact; what the answer shows."""
    body = {"identifier": {"email": email}, "attributes": attributes or {}, **more}
    reply = client.post("/api/v2/contacts", body)
    assert reply.status in (200, 201), reply.text
    return reply.json


def make(client: Any, *emails: str, **attributes: Any) -> list[str]:
    """Create contacts, a second apart; their ids."""
    ids = []
    for email in emails:
        ids.append(upsert(client, email, attributes)["id"])
        client.clock(advance="1s")
    return ids


def make_segment(client: Any, name: str, filter_: dict[str, Any]) -> str:
    reply = client.post("/api/v2/segments", {"name": name, "filter": filter_})
    assert reply.status == 201, reply.text
    return str(reply.json["id"])


def make_webhook(client: Any, url: str = "https://example.com/hook", **more: Any) -> dict[str, Any]:
    reply = client.post("/api/v2/webhooks", {"url": url, "events": ["*"], **more})
    assert reply.status == 201, reply.text
    return reply.json


def where(attribute: str, op: str, *value: Any) -> dict[str, Any]:
    condition = {"attribute": attribute, "op": op}
    return {**condition, "value": value[0]} if value else condition


def emails(client: Any, path: str, **query: Any) -> list[str]:
    """The addresses on the first page of a list of contacts."""
    reply = client.get(path, query={"limit": 100, **query})
    assert reply.status == 200, reply.text
    return [item["identifier"]["email"] for item in reply.json["data"]]


def held(client: Any) -> list[Any]:
    """Every document of the workspace, to see that nothing changed."""
    found = client.sandbox.store.contents("default", "segmailer")
    return [(resource.name, documents) for resource, documents in found if documents]
