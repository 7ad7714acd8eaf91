"""What the SDK returns, in the few forms that it has."""

from __future__ import annotations

from typing import Any

NOW = "2026-01-05T09:00:00.000Z"


def ok(data: Any) -> dict[str, Any]:
    """The SDK has got what it asked for."""
    return {"data": data, "error": None}


def refused(error: Any) -> dict[str, Any]:
    """The SDK hands the body of an error through as it came."""
    return {"data": None, "error": error}


def short(text: str) -> dict[str, Any]:
    """Most routes of OpenSend answer an error as this, without the name, message and statusCode that Resend has."""
    return refused({"error": text})


def invalid(*form: str, **fields: list[str]) -> dict[str, Any]:
    """A body that does not fit the schema."""
    return refused({"error": "Validation failed", "details": {"formErrors": list(form), "fieldErrors": fields}})


def public(status: int, code: str, message: str, **more: Any) -> dict[str, Any]:
    """The send routes and permissions answer in the form that Resend has, and more."""
    return refused({"name": code, "code": code, "message": message, "statusCode": status, **more})


def not_json(status: int) -> dict[str, Any]:
    """An error without a JSON body."""
    message = "Internal server error. We are unable to process your request right now, please try again later."
    return refused({"name": "application_error", "statusCode": status, "message": message})


UNREADABLE = refused(
    {
        "name": "application_error",
        "statusCode": None,
        "message": "Unable to fetch data. The request could not be resolved.",
    }
)
"""No answer, or a successful one without a JSON body."""


def listed(*items: dict[str, Any], more: bool = False, **extra: Any) -> dict[str, Any]:
    """A list in OpenSend's usual order: by id, descending."""
    data = sorted(items, key=lambda item: item["id"], reverse=True)
    return ok({"object": "list", "data": data, "has_more": more, **extra})
