"""What the calls of the scenario come to, whoever makes them."""

from __future__ import annotations

from typing import Any

from tests.support import UUID

NOW = "2026-01-05T09:00:00.000Z"
JANE = {"firstName": "Jane", "lastName": "Doe", "plan": "premium", "signupDate": "2024-01-15"}
TIMES = {"createdAt": NOW, "updatedAt": NOW}


def segment(name: str, plan: str) -> dict[str, Any]:
    filter_ = {"attribute": "plan", "op": "eq", "value": plan}
    return {"id": UUID, "name": name, "filter": filter_, "contactsCount": 0, **TIMES}


def contact(attributes: dict[str, Any], *segments: str, times: dict[str, Any] = TIMES) -> dict[str, Any]:
    return {
        "id": UUID,
        "identifier": {"email": "user@example.com"},
        "attributes": attributes,
        "status": "subscribed",
        "segments": [{"id": UUID, "name": name} for name in segments],
        **times,
    }


def error(code: str, message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, **more}}


def expected(times: dict[str, Any] = TIMES) -> dict[str, tuple[int, Any]]:
    """Status and body of each call, by the name that the scenario gives it; `times` are those of every contact."""
    bare = {name: value for name, value in JANE.items() if name != "plan"}
    required = [{"field": "identifier.email", "message": "is required"}]
    return {
        "premium": (201, {**segment("Premium", "premium"), **times}),
        "free": (201, {**segment("Free", "free"), **times}),
        "create": (201, contact(JANE, "Premium", times=times)),
        "again": (200, contact(JANE, "Premium", times=times)),
        "moved": (200, contact({**JANE, "plan": "free"}, "Free", times=times)),
        "left": (200, contact(bare, times=times)),
        "event": (202, {"id": UUID, "event": "feature_X_used", "contactId": UUID, "status": "accepted"}),
        "read": (200, contact(bare, times=times)),
        "bad": (400, error("validation_error", "identifier.email is required", details=required)),
        "delete": (204, None),
        "gone": (404, error("not_found", "Contact not found")),
    }
