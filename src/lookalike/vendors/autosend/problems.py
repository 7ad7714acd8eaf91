"""Kind of trouble -> AutoSend's status, code and message, and the one function that shapes the body.

Sources: docs.autosend.com/api-reference/errors and /api-reference/rate-limit (D); where those are silent, the rows
marked I are our inference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lookalike.answer import Answer, Headers, json_answer
from lookalike.call import Call
from lookalike.problem import Problem

CONTENT_TYPE = "application/json; charset=utf-8"

TABLE: Mapping[str, tuple[int, str, str]] = {
    "unauthorized": (401, "UNAUTHORIZED", "Unauthorized"),
    "forbidden": (403, "FORBIDDEN", "Forbidden"),  # message: I
    "not_found": (404, "NOT_FOUND", "Not found"),
    "conflict": (409, "CONFLICT", "Conflict"),  # I
    "invalid": (400, "VALIDATION_FAILED", "Validation failed"),
    "malformed": (400, "VALIDATION_FAILED", "Validation failed"),  # I
    "too_large": (413, "PAYLOAD_TOO_LARGE", "Request entity too large"),  # I
    "rate_limited": (429, "RATE_LIMIT_EXCEEDED", "Rate limit exceeded"),
    "internal": (500, "SERVER_ERROR", "Internal server error"),  # message: I
    "unavailable": (503, "SERVICE_UNAVAILABLE", "Service unavailable"),  # I
    "no_route": (404, "NOT_FOUND", "Not found"),  # I
    "no_method": (404, "NOT_FOUND", "Not found"),  # I: Express has no 405
    "unimplemented": (501, "NOT_IMPLEMENTED", "Not implemented"),  # lookalike's own
}

CONTACT_NOT_FOUND = ("Contact not found", "CONTACT_NOT_FOUND", True)
LIST_NOT_FOUND = ("Contact list not found", "CONTACT_LIST_NOT_FOUND", False)  # I
PROPERTY_NOT_FOUND = ("Contact property not found", "CONTACT_PROPERTY_NOT_FOUND", True)  # I
CUSTOM_FIELD_NOT_FOUND = ("Custom field not found", "CUSTOM_FIELD_NOT_FOUND", True)
EVENT_NOT_FOUND = ("Event not found", "EVENT_NOT_FOUND", False)
GROUP_NOT_FOUND = ("Suppression group not found", "GROUP_NOT_FOUND", True)
WEBHOOK_NOT_FOUND = ("Webhook not found", "WEBHOOK_NOT_FOUND", True)


def missing(what: tuple[str, str, bool]) -> Problem:
    """The 404 of one resource; some of them repeat the status inside the error."""
    message, code, with_status = what
    return Problem("not_found", message, code=code, with_status=with_status)


def rejected(field: str, message: str) -> Problem:
    """A 400 about one field, found by a handler."""
    return Problem("invalid", details=[{"field": field, "message": message}])


def render(_call: Call, problem: Problem) -> Answer:
    """`{"success": false, "error": {message, code, details?, status?}}`; `details` on validation errors."""
    status, code, message = TABLE[problem.kind]
    status = problem.status or status
    error: dict[str, Any] = {"message": problem.message or message, "code": problem.code or code}
    if error["code"] == "VALIDATION_FAILED":
        error["details"] = problem.details or [detail(item) for item in problem.errors if item["loc"]]
    if problem.extra.get("with_status"):
        error["status"] = status
    body: dict[str, Any] = {"success": False, "error": error}
    headers: Headers = []
    if problem.kind == "rate_limited":
        # Documented as a member of the body without saying where; in both places any reader finds it (I).
        body["retryAfter"] = error["retryAfter"] = problem.extra.get("retry_after", 1)
        headers.append(("Retry-After", str(error["retryAfter"])))
    answer = json_answer(status, body, CONTENT_TYPE)
    answer.headers += headers
    return answer


_SENTENCES: Mapping[str, str] = {
    "string_type": "must be a string",
    "int_type": "must be an integer",
    "int_parsing": "must be an integer",
    "int_from_float": "must be an integer",
    "int_parsing_size": "must be an integer",
    "bool_type": "must be a boolean",
    "bool_parsing": "must be a boolean",
    "list_type": "must be an array",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "string_too_long": "must be at most {max_length} characters",
    "string_too_short": "is required",
    "too_long": "must contain at most {max_length} items",
    "too_short": "must contain at least {min_length} item",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be one of {expected}",
}
"""What is wrong with a field, after its name. Only `Invalid email format` is documented; these are inferred."""


def detail(error: Mapping[str, Any]) -> dict[str, str]:
    """One of pydantic's errors as an item of `details`."""
    field = ".".join(str(part) for part in error["loc"])
    name = error["loc"][-1]
    label = name[:1].upper() + name[1:] if isinstance(name, str) else "Item"
    return {"field": field, "message": _message(error, label)}


def _message(error: Mapping[str, Any], label: str) -> str:
    if error["type"] == "missing" or error.get("input", ...) is None:
        return f"{label} is required"
    sentence = _SENTENCES.get(error["type"])
    if sentence is None:
        return str(error["msg"])
    told = {key: re.sub(r"'", "", str(value)).replace(" or ", ", ") for key, value in error.get("ctx", {}).items()}
    return f"{label} {sentence.format(**told)}"
