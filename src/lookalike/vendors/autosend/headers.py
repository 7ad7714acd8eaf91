"""What is on every answer: rate limits, CORS, Express."""

from __future__ import annotations

import math

from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.limits import Limit, Standing

PER_SECOND = 2

_EVERYWHERE = (("X-Powered-By", "Express"), ("Access-Control-Allow-Origin", "*"))
_PREFLIGHT = (
    ("Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type, x-api-key, x-project-id"),
)


def gate(call: Call) -> Answer | None:
    """Answer any OPTIONS at once, as Express with its usual CORS module does (I)."""
    return Answer(204, headers=list(_PREFLIGHT)) if call.method == "OPTIONS" else None


def limits(call: Call) -> tuple[Limit, ...]:
    """Two requests a second for each key (D)."""
    return () if call.key is None else (Limit(f"autosend {call.key}", PER_SECOND, 1.0),)


def dress(call: Call, answer: Answer) -> None:
    """Add the headers that every answer carries. Where nothing is counted they tell of one call in a fresh second."""
    standing: Standing | None = call.notes.get("standing")
    if standing is not None:
        maximum, remaining, reset = standing.limit.maximum, standing.remaining, standing.reset
    else:
        maximum, remaining, reset = PER_SECOND, PER_SECOND - 1, call.clock.now() + 1
    answer.headers += _EVERYWHERE
    answer.headers += (
        ("X-RateLimit-Limit", str(maximum)),
        ("X-RateLimit-Remaining", str(0 if answer.status == 429 else remaining)),
        ("X-RateLimit-Reset", str(math.ceil(reset))),
    )
