"""Kind of trouble -> OpenSend's status and body, in the envelope that the operation uses.

OpenSend has two envelopes: `{"error": text}` (A) nearly everywhere, `{name, code, message, statusCode}` (B) on the two
send operations and for refused permissions. An operation says in its `extras` what is its own:

- `fallback`: the text of its 500 (`Failed to create contact`).
- `malformed`: "fallback" where unparsable JSON ends in that 500; else it is a 400. A "malformed" with
  a message of its own is always the 400 with that text.
- `envelope`: "B" on the sends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lookalike.answer import Answer, json_answer
from lookalike.call import Call
from lookalike.problem import Problem

CONTENT_TYPE = "application/json;charset=utf-8"
HTML = "text/html; charset=utf-8"

PAGE = (
    '<!DOCTYPE html><html lang="en" class="dark"><head><meta charSet="utf-8"/><meta name="viewport"/>'
    "<title>{0}</title></head><body>{0}</body></html>"
)

NEXT = [
    ("X-Powered-By", "Next.js"),
    ("x-nextjs-cache", "HIT"),
    ("x-nextjs-prerender", "1, 1"),
    ("x-nextjs-stale-time", "300"),
]
"""What the framework's own 404 page says of itself."""

BILLING = "/dashboard/billing"

FAILED_QUERY = "Failed query"
"""The fixed part of the 500s that show the database driver's text; the rest of the real one is SQL."""

SHORT: Mapping[str, tuple[int, str]] = {
    "unauthorized": (401, "Missing or invalid API key"),
    "forbidden": (403, "Forbidden"),  # I: the real 403 is always B
    "not_found": (404, "Not found"),
    "conflict": (409, "Conflict"),  # I
    "invalid": (422, "Validation failed"),
    "malformed": (400, "Invalid JSON body"),
    "too_large": (413, "Payload too large"),  # I: only when injected
    "rate_limited": (429, "Rate limit exceeded. Try again later."),
    "internal": (500, "Internal server error"),
    "unavailable": (503, "Rate limiting is temporarily unavailable."),
    "unimplemented": (501, "Not implemented"),  # lookalike's own
}

PUBLIC: Mapping[str, tuple[int, str, str]] = {
    "unauthorized": (401, "invalid_api_key", "Invalid API key."),
    "forbidden": (
        403,
        "insufficient_api_key_permission",
        "This API key does not have permission to access this resource.",
    ),
    "not_found": (404, "not_found", "Not found."),
    "conflict": (409, "idempotency_conflict", "Conflict."),  # I: only when injected
    "invalid": (422, "validation_error", "Validation failed."),
    "malformed": (400, "invalid_json", "Request body must be valid JSON."),
    "too_large": (413, "payload_too_large", "Payload too large."),  # I: only when injected
    "rate_limited": (429, "rate_limit_exceeded", "Rate limit exceeded. Try again later."),
    "internal": (500, "internal_server_error", "Internal server error."),
    "unavailable": (503, "rate_limit_unavailable", "Rate limiting is temporarily unavailable."),
    "unimplemented": (501, "not_implemented", "Not implemented."),  # lookalike's own
}

NO_KEY: Mapping[str, tuple[str, str]] = {
    "missing": ("missing_api_key", "Missing API key. Provide an Authorization: Bearer <api_key> header."),
    "malformed": (
        "malformed_api_key",
        "Malformed API key. Use the Authorization: Bearer <api_key> header format.",
    ),
    "unknown": ("invalid_api_key", "Invalid API key."),
}

Issue = tuple[tuple[str | int, ...], str]
"""Where in the body, and what is wrong there."""


def invalid(*issues: Issue, **more: Any) -> Problem:
    """The 422 of a schema: `invalid((("email",), "Invalid email address"))`; an empty path is the body as a whole."""
    return Problem("invalid", issues=issues, **more)


def form_invalid(text: str) -> Problem:
    """The 422 of a schema about the body as a whole."""
    return invalid(((), text))


def public(kind: str, code: str, message: str, **more: Any) -> Problem:
    """Trouble in envelope B, whatever the operation's own is."""
    return Problem(kind, message, code=code, envelope="B", **more)


def flatten(issues: Iterable[Issue], *, dotted: bool = False) -> dict[str, Any]:
    """`{formErrors, fieldErrors}`: by top-level name and, on the sends, by dotted path too."""
    form: list[str] = []
    fields: dict[str, list[str]] = {}
    for path, text in issues:
        if not path:
            form.append(text)
            continue
        fields.setdefault(str(path[0]), []).append(text)
        if dotted and len(path) > 1:
            fields.setdefault(".".join(map(str, path)), []).append(text)
    return {"formErrors": form, "fieldErrors": fields}


def render(call: Call, problem: Problem) -> Answer:
    """The answer for a kind of trouble, in the operation's envelope."""
    if problem.kind in ("no_route", "no_method"):
        return _nothing_there(problem)
    extras: Mapping[str, Any] = call.operation.extras if call.operation is not None else {}
    kind = problem.kind
    if kind == "too_large" and not problem.extra.get("injected"):
        kind = "malformed"  # the real server cuts the body, which then is no JSON any more
    if kind == "malformed" and problem.message is None and _ends_in_fallback(problem, extras):
        kind = "internal"
    if problem.status == 402:
        answer = _public("invalid", _over_quota(call), extras)
    elif kind == "forbidden" or problem.extra.get("envelope", extras.get("envelope")) == "B":
        answer = _public(kind, problem, extras)
    else:
        answer = _short(kind, problem, extras)
    if kind == "rate_limited":
        answer.headers.append(("Retry-After", str(problem.extra.get("retry_after", 1))))
    return answer


def _over_quota(call: Call) -> Problem:
    """What a hosted plan refuses, by the first part of the path; the figures are made up (only when injected)."""
    family = call.path.removeprefix("/api").strip("/").partition("/")[0]
    resource = {"emails": "emails", "domains": "domains", "api-keys": "api_keys"}.get(family, "mutation")
    details = {"resource": resource, "limit": 0, "used": 0, "plan": "no_subscription", "upgrade_url": BILLING}
    return Problem("invalid", "Quota exceeded.", status=402, code="quota_exceeded", details=details)


def _ends_in_fallback(problem: Problem, extras: Mapping[str, Any]) -> bool:
    return extras.get("malformed") == "fallback" and not problem.extra.get("injected")


def _short(kind: str, problem: Problem, extras: Mapping[str, Any]) -> Answer:
    status, text = SHORT[kind]
    if kind == "internal":
        text = extras.get("fallback", text)
    body: dict[str, Any] = {"error": problem.message or text}
    if problem.code is not None:
        body["code"] = problem.code
    details = _details(kind, problem)
    if details is not None:
        body["details"] = details
    body.update(problem.extra.get("members", {}))
    return json_answer(problem.status or status, body, CONTENT_TYPE)


def _public(kind: str, problem: Problem, extras: Mapping[str, Any]) -> Answer:
    status, code, text = PUBLIC[kind]
    if kind == "unauthorized":
        code, text = NO_KEY[problem.extra.get("reason", "unknown")]
    elif kind == "internal":
        text = extras.get("fallback", text)
    status, code = problem.status or status, problem.code or code
    body = {"name": code, "code": code, "message": problem.message or text, "statusCode": status}
    details = _details(kind, problem, dotted=True)
    if details is not None:
        body["details"] = details
    return json_answer(status, body, CONTENT_TYPE)


def _details(kind: str, problem: Problem, *, dotted: bool = False) -> Any:
    if problem.details is not None or kind != "invalid":
        return problem.details
    issues = problem.extra.get("issues", ())
    return flatten(issues, dotted=dotted) if issues or problem.message is None else None


def _nothing_there(problem: Problem) -> Answer:
    """Under `/api`: an HTML page for an unknown path, an empty 405 for a wrong method, 204 for OPTIONS."""
    if problem.kind == "no_route":
        answer = html(404, "404: This page could not be found.")
        answer.headers += NEXT
        return answer
    if problem.status == 204:
        return Answer(204, b"", [("Allow", ", ".join(problem.extra["allow"]))])
    return Answer(405)


def html(status: int, text: str) -> Answer:
    """A short HTML page, where the real one shows a whole application."""
    return Answer(status, PAGE.format(text).encode(), [("Content-Type", HTML)])
