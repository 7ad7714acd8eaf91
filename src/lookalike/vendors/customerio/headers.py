"""What is on every answer, and the documented limits."""

from __future__ import annotations

import re
from http import HTTPStatus

from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.limits import Limit
from lookalike.vendors.customerio.interfaces import APP, PIPELINES, SEND, interface

_TRACK = (
    ("Access-Control-Allow-Origin", "*"),
    ("Cache-Control", "no-cache, no-store, must-revalidate, max-age=0"),
)
_APP = (
    ("Cache-Control", "must-revalidate,no-cache,no-store"),
    ("Access-Control-Allow-Origin", "https://fly.customer.io"),
    ("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE, OPTIONS"),
    (
        "Access-Control-Allow-Headers",
        "Authorization,Content-Type,x-ui-version,x-is-background-request,x-workspace-hydra-id,"
        "x-workspace-id,x-active-session-index",
    ),
    ("Access-Control-Allow-Credentials", "true"),
    ("Access-Control-Max-Age", "7200"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "SAMEORIGIN"),
    ("X-XSS-Protection", "1; mode=block"),
    ("Referrer-Policy", "no-referrer-when-downgrade"),
    ("Pragma", "no-cache"),
    ("Expires", "0"),
)
"""Both as recorded (S)."""

_TRACK_PREFLIGHT = (
    ("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE, OPTIONS"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type"),
)
_TRIGGERS = re.compile(r"/v1/campaigns/([^/]+)/triggers")


def gate(call: Call) -> Answer | None:
    """Answer a preflight at once (I)."""
    if call.method != "OPTIONS":
        return None
    return Answer(204, headers=[] if interface(call) in (APP, SEND) else list(_TRACK_PREFLIGHT))


def dress(call: Call, answer: Answer) -> None:
    """Add the headers that every answer carries; a success of Track ends in a newline (S)."""
    found = interface(call)
    if found in (APP, SEND):
        answer.headers += _APP
        return
    answer.headers += _TRACK
    if found != PIPELINES:
        answer.headers.append(("Status", f"{answer.status} {_phrase(answer.status)}"))
    if answer.status == 200 and answer.data is not None:
        answer.body += b"\n"


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""


def limits(call: Call) -> tuple[Limit, ...]:
    """Track and Pipelines 3000 in 3 s, sends 100/s, the App API 10/s; per workspace. What is tighter is added (D)."""
    found = interface(call)
    if found not in (APP, SEND):
        return (Limit(f"customerio {found}", 3000, 3.0),)
    if found == SEND:
        return (Limit("customerio send", 100, 1.0),)
    general = Limit("customerio app", 10, 1.0)
    trigger = _TRIGGERS.fullmatch(call.path) if call.method == "POST" else None
    if trigger is not None:
        return (Limit(f"customerio trigger {trigger.group(1)}", 1, 10.0),)
    if call.path.endswith("/archived_message"):
        return (general, Limit("customerio archived", 100, 86400.0))
    return (general,)
