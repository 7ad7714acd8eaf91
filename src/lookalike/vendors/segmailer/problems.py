"""Kind of trouble -> SegMailer's status, code and message, and the one function that shapes the body.

SegMailer documents that a key is needed and nothing else about errors: every status, code and sentence here is
inferred, in one style.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lookalike.answer import Answer, json_answer
from lookalike.call import Call
from lookalike.problem import Problem

TABLE: Mapping[str, tuple[int, str, str]] = {
    "unauthorized": (401, "unauthorized", "Missing or invalid API key"),
    "forbidden": (403, "forbidden", "This API key is not allowed to do this"),
    "not_found": (404, "not_found", "Not found"),
    "conflict": (409, "conflict", "Conflict"),
    "invalid": (400, "validation_error", "Validation failed"),
    "malformed": (400, "invalid_json", "Request body must be a JSON object"),
    "too_large": (413, "payload_too_large", "Request body must not be larger than 5 MB"),
    "rate_limited": (429, "rate_limited", "Too many requests"),
    "internal": (500, "internal_error", "Internal server error"),
    "unavailable": (503, "service_unavailable", "Service unavailable"),
    "no_route": (404, "not_found", "Route not found"),
    "no_method": (405, "method_not_allowed", "Method not allowed"),
    "unimplemented": (501, "unimplemented", "Not implemented"),  # lookalike's own
}

CONTACT = "Contact not found"
SEGMENT = "Segment not found"
WEBHOOK = "Webhook not found"
_EMAIL_TAKEN = ("email_taken", "Another contact already has this email")
_LIMIT_REACHED = ("contact_limit_reached", "The contact limit of your plan is reached")
_PAYMENT_REQUIRED = 402

_OWN: Mapping[str, str] = {
    CONTACT: "get_contact update_contact delete_contact list_contact_segments list_contact_events",
    SEGMENT: "get_segment update_segment delete_segment list_segment_contacts list_contacts",
    WEBHOOK: "get_webhook update_webhook delete_webhook",
}
OWN: Mapping[str, str] = {id: sentence for sentence, ids in _OWN.items() for id in ids.split()}
"""What is missing where an operation finds nothing and nobody said more: for injected errors, that is."""

Detail = dict[str, str]


def missing(sentence: str) -> Problem:
    """The 404 of one resource."""
    return Problem("not_found", sentence)


def email_taken() -> Problem:
    """The 409 for an address that belongs to somebody else."""
    code, message = _EMAIL_TAKEN
    return Problem("conflict", message, code=code)


def rejected(field: str, message: str) -> Problem:
    """The 400 for one field; `message` goes on where the field's name ends: `is required`."""
    return Problem("invalid", details=[{"field": field, "message": message}])


def render(call: Call, problem: Problem) -> Answer:
    """`{"error": {"code": ..., "message": ..., "details": [...]}}`; details belong to validation alone."""
    error = explained(problem, call.operation.id if call.operation else "")
    answer = json_answer(problem.status or TABLE[problem.kind][0], {"error": error})
    if problem.kind == "rate_limited":
        answer.headers.append(("Retry-After", str(problem.extra.get("retry_after", 1))))
    if problem.kind == "no_method":
        answer.headers.append(("Allow", ", ".join(problem.extra.get("allowed", ()))))
    return answer


def explained(problem: Problem, operation: str = "") -> dict[str, Any]:
    """The object under `error`."""
    kind = problem.kind
    if kind == "invalid" and _is_no_object(problem.errors):
        kind = "malformed"
    _, code, message = TABLE[kind]
    if kind == "not_found":
        message = OWN.get(operation, message)
    elif problem.status == _PAYMENT_REQUIRED:
        code, message = _LIMIT_REACHED
    elif kind == "conflict" and operation == "update_contact":
        code, message = _EMAIL_TAKEN
    error: dict[str, Any] = {"code": problem.code or code, "message": problem.message or message}
    if error["code"] == TABLE["invalid"][1]:
        details = problem.details or [detail(found) for found in problem.errors]
        error |= {"message": _first(details) or error["message"], "details": details}
    return error


def row_error(problem: Problem) -> dict[str, Any]:
    """What is wrong with one entry of a bulk request, which has no details (I)."""
    if _is_no_object(problem.errors):
        return {"code": TABLE["invalid"][1], "message": "must be an object"}
    error = explained(problem)
    return {"code": error["code"], "message": error["message"]}


def _is_no_object(errors: Iterable[Mapping[str, Any]]) -> bool:
    return any(not error["loc"] for error in errors)


def _first(details: Sequence[Detail]) -> str | None:
    return "{field} {message}".format_map(details[0]) if details else None


_SENTENCES: Mapping[str, str] = {
    "missing": "is required",
    "string_type": "must be a string",
    "int_type": "must be an integer",
    "int_parsing": "must be an integer",
    "int_parsing_size": "must be an integer",
    "bool_type": "must be a boolean",
    "list_type": "must be an array",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "string_too_long": "must have at most {max_length} characters",
    "string_too_short": "must not be empty",
    "too_long": "must have at most {max_length} entries",
    "too_short": "must have at least {min_length} entry",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be one of {expected}",
}

_REQUIRED_INSIDE = {"identifier": "identifier.email"}
"""What is missed where the object that should hold it is not there."""


def detail(error: Mapping[str, Any]) -> Detail:
    """One of pydantic's errors as an item of `details`."""
    field = ".".join(str(part) for part in error["loc"] if part != "[key]")
    if error["type"] == "missing":
        field = _REQUIRED_INSIDE.get(field, field)
    sentence = _SENTENCES.get(error["type"])
    if sentence is None:
        return {"field": field, "message": str(error["msg"])}
    told = {name: str(value).replace("'", "").replace(" or ", ", ") for name, value in error.get("ctx", {}).items()}
    return {"field": field, "message": sentence.format(**told)}
