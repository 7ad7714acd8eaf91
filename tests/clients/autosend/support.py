"""What the SDK returns, in the few forms that it has."""

from __future__ import annotations

from typing import Any

NOW = "2026-01-05T09:00:00.000Z"


def ok(data: Any = None) -> dict[str, Any]:
    return {"success": True} if data is None else {"success": True, "data": data}


def failed(error: Any, status: int | None = None) -> dict[str, Any]:
    """Calls about contacts leave the status out."""
    return {"success": False, "error": error} if status is None else failed(error) | {"statusCode": status}


def problem(message: str, code: str, **more: Any) -> dict[str, Any]:
    """The vendor's error object, which the SDK hands through although its types promise a string."""
    return {"message": message, "code": code, **more}


def invalid(*details: tuple[str, str]) -> dict[str, Any]:
    listed = [{"field": field, "message": message} for field, message in details]
    return problem("Validation failed", "VALIDATION_FAILED", details=listed)


UNAUTHORIZED = problem("Unauthorized", "UNAUTHORIZED")
RATE_LIMITED = problem("Rate limit exceeded", "RATE_LIMIT_EXCEEDED", retryAfter=1)
UNAVAILABLE = problem("Service unavailable", "SERVICE_UNAVAILABLE")
INTERNAL = problem("Internal server error", "SERVER_ERROR")
NO_CONTACT = problem("Contact not found", "CONTACT_NOT_FOUND", status=404)
TAKEN = problem("Contact already exists", "CONTACT_ALREADY_EXISTS", status=409)
