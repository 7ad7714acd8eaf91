"""What happens around the operations: redirects of root paths, wrong methods, and the headers of every answer."""

from __future__ import annotations

from urllib.parse import quote

from lookalike.addressing import SLASH
from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.problem import Problem
from lookalike.vendors.opensend import correlation
from lookalike.vendors.opensend.problems import html

REWRITES = {
    "topics": "/api/topics",
    "contact-properties": "/api/properties",
    "events": "/api/events",
    "webhooks": "/api/webhooks",
    "domains": "/api/domains",
    "logs": "/api/logs",
    "api-keys": "/api/api-keys",
    "emails": "/api/emails",
    "templates": "/api/public/templates",
    "automations": "/api/public/automations",
}
"""Root families that the real server rewrites as a whole; contacts and broadcasts only in part (see `_rewritten`)."""

ALIASES = ("topics", "contact-properties")
"""Root families whose answers name themselves in a header."""

GUARDED = frozenset([*REWRITES.keys() - {"events"}, "broadcasts"])
"""Root families whose GETs are pages of the dashboard unless the request looks like an API call."""

NAVIGATION = ("RSC", "Next-Router-State-Tree", "Next-Url")
"""Headers of the dashboard's own navigation."""

SECURITY = [
    ("X-Frame-Options", "DENY"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), interest-cohort=()"),
]

DASHBOARD = "/api/templates"
"""The dashboard's own way to templates, in shapes of its own: not served here, but refused as the real one refuses."""

STATIC = {
    "/api/contacts/bulk": ("OPTIONS", "POST"),
    "/api/contacts/import": ("OPTIONS", "POST"),
    "/api/emails/batch": ("OPTIONS", "POST"),
    "/api/emails/receiving": ("GET", "HEAD", "OPTIONS"),
    "/api/events/send": ("OPTIONS", "POST"),
    "/api/suppressions/export": ("GET", "HEAD", "OPTIONS"),
    "/api/suppressions/import": ("OPTIONS", "POST"),
}
"""Paths that look like an item's, but are routes of their own to the framework: other methods on them are wrong."""

_ENCODED_SLASH = quote(SLASH)

PAGES = ("/unsubscribe/",)
"""Root paths that are pages for people: no API headers, no guard."""


def gate(call: Call) -> Answer | None:
    """Redirects that come before everything else: stray slashes, unknown root paths, pages asked for by browsers."""
    path = call.path
    if "//" in path or (path[-1] == "/" and len(path) > 1):
        return _tidied(call)
    if path == "/auth":
        return html(200, "Sign in to OpenSend") if call.method in ("GET", "HEAD") else Answer(405)
    if call.method not in STATIC.get(path, (call.method,)):
        raise Problem("no_method")
    if path.startswith("/api/") or _is_for_operation(call, path):
        return None
    return to_sign_in(call)


def _is_for_operation(call: Call, path: str) -> bool:
    """Whether a root path reaches an operation, be it one that lookalike lacks."""
    if call.operation is None and call.vendor.coverage.planned(call.method, path) is None:
        # Under /audiences a GET of what does not exist is the framework's 404, not the way to sign in.
        return call.method == "GET" and path.startswith("/audiences/")
    if path.startswith(PAGES):
        return True
    return call.method != "HEAD" and (call.method != "GET" or _is_api_call(call, path))


def to_sign_in(call: Call) -> Answer:
    """307 to `/auth`, where the real server sends whatever it takes for a lost browser."""
    location = f"{call.prefix}/auth"
    return Answer(307, location.encode(), [("Location", location)])


def _tidied(call: Call) -> Answer:
    location = call.prefix + "/" + "/".join(_quoted(piece) for piece in call.path.split("/") if piece)
    query = call.environ.get("QUERY_STRING", "")
    target = f"{location}?{query}" if query else location
    return Answer(308, target.encode(), [("Location", target)])


def _quoted(path: str) -> str:
    return quote(path, safe="/@:+,;=$&!*'()~").replace(_ENCODED_SLASH, "%2F")


def _is_api_call(call: Call, path: str) -> bool:
    family, _, rest = path[1:].partition("/")
    if family not in GUARDED or (family == "broadcasts" and rest):
        return True
    accept = call.header("Accept") or ""
    if "text/html" in accept or any(_carries(call, name) for name in NAVIGATION):
        return False
    if call.header("Sec-Fetch-Dest") == "document":
        return False
    if _carries(call, "Authorization") or "application/json" in accept:
        return True
    return "application/json" in (call.header("Content-Type") or "")


def _carries(call: Call, header: str) -> bool:
    """Whether a request has a header, be it an empty one."""
    return f"HTTP_{header.upper().replace('-', '_')}" in call.environ


def unrouted(call: Call, allowed: tuple[str, ...]) -> None:
    """Under `/api`: unknown paths, wrong methods and OPTIONS."""
    if call.path.startswith(DASHBOARD) and "refusal" in call.notes:
        raise call.notes["refusal"]
    if not allowed:
        raise Problem("no_route")
    if call.method == "OPTIONS":
        raise Problem("no_method", status=204, allow=STATIC.get(call.path) or sorted({*allowed, "OPTIONS"}))
    raise Problem("no_method")


def dress(call: Call, answer: Answer) -> None:
    """The headers that every answer carries, and those by which the real server shows its inner paths."""
    if answer.status == 308:
        return
    answer.headers += SECURITY
    path = call.path
    if answer.status == 307 or path == "/auth" or path.startswith(PAGES):
        return
    if call.operation is not None and call.operation.extras.get("traced") and answer.status != 429:
        answer.headers += correlation.headers(call)
    answer.headers.append(
        ("X-RateLimit-Backend", "redis" if "standing" in call.notes or answer.status == 429 else "disabled")
    )
    if path.startswith("/api/") or answer.status == 429:
        return
    family, _, rest = path[1:].partition("/")
    inner = _rewritten(family, rest)
    if inner is not None:
        answer.headers.append(("x-middleware-rewrite", _quoted(inner)))
        if family in ALIASES:
            answer.headers.append(("x-opensend-root-api-alias", family))


def _rewritten(family: str, rest: str) -> str | None:
    if family == "contacts":
        return f"/api/contacts/{rest}" if "/" in rest else None
    if family == "broadcasts":
        return None if rest else "/api/broadcasts"
    if family == "emails" and rest.endswith("/cancel"):
        return None
    start = REWRITES.get(family)
    if start is None:
        return None
    return f"{start}/{rest}" if rest else start
