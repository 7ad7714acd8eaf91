"""Kind of trouble -> Invent's status and words, and the one function that shapes the body.

The statuses 400, 401, 404, 429 and 5xx are documented (D); the body, its texts and every other status are inferred (I).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lookalike.answer import Answer, json_answer, status_line
from lookalike.call import Call
from lookalike.problem import Problem

CONTENT_TYPE = "application/json"

TABLE: Mapping[str, tuple[int, str]] = {
    "unauthorized": (401, "Invalid or missing API key"),
    "forbidden": (401, "This endpoint is not available to API keys"),  # D: what keys may not use answers 401
    "not_found": (404, "Not found"),
    "conflict": (409, "Conflict"),
    "invalid": (400, "Invalid request"),
    "malformed": (400, "Malformed JSON in request body"),
    "too_large": (413, "Request body is too large"),
    "rate_limited": (429, "Rate limit exceeded"),
    "internal": (500, "Something went wrong"),
    "unavailable": (503, "Service is temporarily unavailable"),
    "no_route": (404, "Route not found"),
    "no_method": (404, "Route not found"),
    "unimplemented": (501, "Not implemented"),  # lookalike's own
}

_WORDS = {413: "Payload Too Large"}
"""What `error` says where it is not the status's own phrase."""

_THINGS = (
    ("Segment", "segment_id"),
    ("Channel", "channel_id"),
    ("Contact", "contact_id"),
    ("Broadcast", "broadcast_id"),
    ("Assistant", "assistant_id"),
)
"""What a path's parameters name, the last in a path first: for a 404 of which nobody said more."""


def missing(thing: str) -> Problem:
    """The 404 of one thing, `Contact` say."""
    return Problem("not_found", f"{thing} not found")


def rejected(message: str, *path: str | int) -> Problem:
    """A 400 found by a handler, about the member at `path`; without one it is about the state of things."""
    return Problem("invalid", message, details=[{"path": list(path), "message": message}] if path else None)


def render(call: Call, problem: Problem) -> Answer:
    """`{"statusCode", "error", "message"}`, and `issues` with path and message of each field that is wrong."""
    status, message = TABLE[problem.kind]
    status = problem.status or status
    issues = problem.details or [issue(error) for error in problem.errors]
    if problem.message is not None:
        message = problem.message
    elif issues:
        message = issues[0]["message"]
    elif problem.kind == "not_found":
        message = _not_found(call)
    words = _WORDS.get(status) or status_line(status).partition(" ")[2]
    body: dict[str, Any] = {"statusCode": status, "error": words, "message": message}
    if issues:
        body["issues"] = issues
    answer = json_answer(status, body, CONTENT_TYPE)
    if problem.kind == "rate_limited":
        answer.headers.append(("Retry-After", str(problem.extra.get("retry_after", 1))))
    return answer


def _not_found(call: Call) -> str:
    path = "" if call.operation is None else call.operation.paths[0]
    return next((f"{thing} not found" for thing, name in _THINGS if name in path), TABLE["not_found"][1])


_SENTENCES: Mapping[str, str] = {
    "missing": "is required",
    "string_type": "must be a string",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "must be a whole number",
    "bool_type": "must be a boolean",
    "list_type": "must be an array",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "string_too_long": "must contain at most {max_length} character(s)",
    "string_too_short": "must contain at least {min_length} character(s)",
    "too_long": "must contain at most {max_length} element(s)",
    "too_short": "must contain at least {min_length} element(s)",
    "greater_than_equal": "must be greater than or equal to {ge}",
    "less_than_equal": "must be less than or equal to {le}",
    "literal_error": "must be one of {expected}",
}
"""What is wrong with a field, after its name (I)."""


def issue(error: Mapping[str, Any]) -> dict[str, Any]:
    """One of pydantic's errors as an item of `issues`."""
    path = list(error["loc"])
    name = ".".join(map(str, path)) or "body"
    sentence = _SENTENCES.get(error["type"])
    if sentence is None:
        return {"path": path, "message": f"{name} {error['msg']}"}
    told = {key: _plain(value) for key, value in error.get("ctx", {}).items()}
    return {"path": path, "message": f"{name} {sentence.format(**told)}"}


def _plain(value: Any) -> str:
    return re.sub(r"'", "", str(value)).replace(" or ", ", ")
