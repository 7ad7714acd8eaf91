"""Kind of trouble -> AutoSend's status, code and message, and the one function that shapes the body.

Sources: docs.autosend.com/api-reference/errors and /api-reference/rate-limit (D); where those are silent, the rows
marked I are our inference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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

Trouble = tuple[str, str, bool]
"""Message, code (may be empty), and whether the error repeats the status."""

CONTACT_NOT_FOUND = ("Contact not found", "CONTACT_NOT_FOUND", True)
LIST_NOT_FOUND = ("Contact list not found", "CONTACT_LIST_NOT_FOUND", False)  # I
PROPERTY_NOT_FOUND = ("Contact property not found", "CONTACT_PROPERTY_NOT_FOUND", True)  # I
CUSTOM_FIELD_NOT_FOUND = ("Custom field not found", "CUSTOM_FIELD_NOT_FOUND", True)
EVENT_NOT_FOUND = ("Event not found", "EVENT_NOT_FOUND", False)
GROUP_NOT_FOUND = ("Suppression group not found", "GROUP_NOT_FOUND", True)
WEBHOOK_NOT_FOUND = ("Webhook not found", "WEBHOOK_NOT_FOUND", True)
INBOUND_NOT_FOUND = ("Inbound email not found", "", False)  # S, that there is no code: I
ATTACHMENT_NOT_FOUND = ("Attachment not found", "", False)  # likewise
CONTACT_EXISTS = ("Contact already exists", "CONTACT_ALREADY_EXISTS", True)  # I
LIST_EXISTS = ("A list with this name already exists", "LIST_NAME_EXISTS", False)  # I
PROPERTY_EXISTS = ("Contact property already exists", "CONTACT_PROPERTY_EXISTS", True)  # I
CUSTOM_FIELD_EXISTS = ("Custom field already exists", "CUSTOM_FIELD_EXISTS", True)  # I
EVENT_EXISTS = ("Event already exists", "EVENT_ALREADY_EXISTS", False)  # I

_OWN: Mapping[str, Sequence[tuple[Trouble, str]]] = {
    "forbidden": ((("Unauthorized access to webhook", "UNAUTHORIZED_WEBHOOK_ACCESS", True), "reveal_webhook_secret"),),
    "not_found": (
        (
            CONTACT_NOT_FOUND,
            "get_contact delete_contact delete_contact_by_user_id duplicate_contact get_unsubscribe_groups",
        ),
        (
            LIST_NOT_FOUND,
            "get_contact_list delete_contact_list search_list_contacts bulk_add_contacts remove_contacts_from_list",
        ),
        (PROPERTY_NOT_FOUND, "get_contact_property delete_contact_property"),
        (CUSTOM_FIELD_NOT_FOUND, "delete_custom_field"),
        (EVENT_NOT_FOUND, "get_event update_event delete_event send_event"),
        (
            GROUP_NOT_FOUND,
            "get_suppression_group update_suppression_group delete_suppression_group search_suppression_entries "
            "bulk_suppress_emails bulk_unsuppress_emails",
        ),
        (
            WEBHOOK_NOT_FOUND,
            "get_webhook update_webhook delete_webhook reveal_webhook_secret resend_webhook list_webhook_logs",
        ),
        (INBOUND_NOT_FOUND, "get_inbound_message get_inbound_attachment reply_to_inbound_message"),
    ),
    "invalid": (
        (
            ("Invalid value", "", False),  # of a reply: I
            "list_inbound_messages get_inbound_message get_inbound_attachment reply_to_inbound_message",
        ),
    ),
    "conflict": (
        (CONTACT_EXISTS, "create_contact duplicate_contact"),
        (LIST_EXISTS, "create_contact_list"),
        (PROPERTY_EXISTS, "create_contact_property"),
        (CUSTOM_FIELD_EXISTS, "create_custom_field"),
        (EVENT_EXISTS, "create_event"),
    ),
    "internal": (
        (
            ("Contact deletion failed. Please try again.", "CONTACT_DELETION_FAILED", True),
            "delete_contact_by_user_id",
        ),
        (("Failed to create contact list", "", False), "create_contact_list"),  # S, without a code
    ),
}
OWN: Mapping[tuple[str, str], Trouble] = {
    (kind, operation): trouble for kind, rows in _OWN.items() for trouble, ids in rows for operation in ids.split()
}
"""The words that an operation has for a kind of trouble of which nobody said more, an injected one above all."""


def missing(what: Trouble) -> Problem:
    """The 404 of one resource; some of them repeat the status inside the error."""
    return _told("not_found", what)


def taken(what: Trouble) -> Problem:
    """The 409 of one resource."""
    return _told("conflict", what)


def _told(kind: str, what: Trouble) -> Problem:
    message, code, with_status = what
    return Problem(kind, message, code=code, with_status=with_status)


def rejected(field: str, message: str) -> Problem:
    """A 400 about one field, found by a handler."""
    return Problem("invalid", details=[{"field": field, "message": message}])


def render(call: Call, problem: Problem) -> Answer:
    """`{"success": false, "error": {message, code?, details?, status?}}`; `details` on validation errors."""
    own = OWN.get((problem.kind, call.operation.id)) if call.operation is not None else None
    if own is not None and problem.message is None and problem.details is None:
        status = problem.status
        problem = _told(problem.kind, own)
        problem.status = status
    status, code, message = TABLE[problem.kind]
    status = problem.status or status
    code = code if problem.code is None else problem.code
    error: dict[str, Any] = {"message": problem.message or message, **({"code": code} if code else {})}
    if code == "VALIDATION_FAILED":
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
