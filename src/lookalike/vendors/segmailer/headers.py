"""Keys, preflights, rate limits, and the headers of every answer."""

from __future__ import annotations

import math

from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.limits import Limit, Standing
from lookalike.problem import Problem

MAXIMUM = 100
WINDOW = 10.0

_PREFLIGHT = (
    ("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE"),
    ("Access-Control-Allow-Headers", "*, Authorization"),
)


def read_key(call: Call) -> str:
    """`Authorization: Bearer <key>` (D); the form of keys is not documented, so any text without blanks is one (I)."""
    scheme, _, key = (call.header("Authorization") or "").partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer" or not key or any(map(str.isspace, key)):
        raise Problem("unauthorized")
    return key


def gate(call: Call) -> Answer | None:
    """Answer any OPTIONS at once, for browsers (I)."""
    return Answer(204, headers=list(_PREFLIGHT)) if call.method == "OPTIONS" else None


def limits(call: Call) -> tuple[Limit, ...]:
    """A hundred requests in ten seconds for each key: none are documented, these are inferred."""
    return () if call.key is None else (Limit(f"segmailer {call.key}", MAXIMUM, WINDOW),)


def unrouted(_call: Call, allowed: tuple[str, ...]) -> None:
    """405 where the path is known for other methods; else the core's 404."""
    if allowed:
        raise Problem("no_method", allowed=allowed)


def dress(call: Call, answer: Answer) -> None:
    """Add the id of the request, and where limits are counted how the key stands."""
    with call.workspace.lock:
        id = call.part.passing_ids.uuid4()
    answer.headers += (("X-Request-Id", id), ("Access-Control-Allow-Origin", "*"))
    standing: Standing | None = call.notes.get("standing")
    if standing is not None:
        answer.headers += (
            ("X-RateLimit-Limit", str(standing.limit.maximum)),
            ("X-RateLimit-Remaining", str(0 if answer.status == 429 else standing.remaining)),
            ("X-RateLimit-Reset", str(math.ceil(standing.reset))),
        )
