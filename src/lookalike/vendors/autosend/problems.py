"""Kind of trouble -> AutoSend's status, code and message, and the one function that shapes the body.

Sources: docs.autosend.com/api-reference/errors and /api-reference/rate-limit (D); where those are silent, the rows
marked I are our inference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookalike.answer import Answer, json_answer
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
    "internal": (500, "SERVER_ERROR", "Internal server error"),
    "unavailable": (503, "SERVICE_UNAVAILABLE", "Service unavailable"),  # I
    "no_route": (404, "NOT_FOUND", "Not found"),  # I
    "no_method": (404, "NOT_FOUND", "Not found"),  # I: Express has no 405
    "unimplemented": (501, "NOT_IMPLEMENTED", "Not implemented"),  # lookalike's own
}


def render(_call: Call, problem: Problem) -> Answer:
    """`{"success": false, "error": {message, code, details?, status?}}`; `details` on validation errors."""
    status, code, message = TABLE[problem.kind]
    status = problem.status or status
    error: dict[str, Any] = {"message": problem.message or message, "code": problem.code or code}
    if problem.kind in ("invalid", "malformed"):
        error["details"] = problem.details or [_detail(item) for item in problem.errors]
    if problem.extra.get("with_status"):
        error["status"] = status
    body: dict[str, Any] = {"success": False, "error": error}
    answer_headers = []
    if problem.kind == "rate_limited":
        # Documented as a member of the body without saying where; in both places any reader finds it.
        body["retryAfter"] = error["retryAfter"] = problem.extra.get("retry_after", 1)
        answer_headers.append(("Retry-After", str(error["retryAfter"])))
    answer = json_answer(status, body, CONTENT_TYPE)
    answer.headers += answer_headers
    return answer


def _detail(error: Mapping[str, Any]) -> dict[str, str]:
    field = ".".join(str(part) for part in error["loc"])
    if error["type"] == "missing":
        return {"field": field, "message": f"{field.capitalize()} is required"}
    return {"field": field, "message": error["msg"]}
