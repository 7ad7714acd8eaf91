"""What stands around every answer: preflights, rate limits, CORS (I but for the limits)."""

from __future__ import annotations

import math

from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.limits import Limit, Standing
from lookalike.problem import Problem

PER_MINUTE = 500
ASSISTANTS_PER_HOUR = 10

_PREFLIGHT = (
    ("Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type"),
)
_EVERYWHERE = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "pagination-count, pagination-page, pagination-take"),
)
_KEYED = ("/orgs/", "/chats/")
"""Where paths begin that want a key."""


def gate(call: Call) -> Answer | None:
    """Answer any OPTIONS at once."""
    return Answer(204, headers=list(_PREFLIGHT)) if call.method == "OPTIONS" else None


def unrouted(call: Call, _allowed: tuple[str, ...]) -> None:
    """A wrong method is an unknown route; where keys are wanted, the missing key is told of first."""
    if call.path.startswith(_KEYED) and "refusal" in call.notes:
        raise call.notes["refusal"]
    raise Problem("no_route")


def limits(call: Call) -> tuple[Limit, ...]:
    """500 requests a minute from one address (D); ten new assistants an hour in one organization (D)."""
    address = Limit(f"invent {call.environ.get('REMOTE_ADDR', '')}", PER_MINUTE, 60.0)
    if call.operation is not None and call.operation.id == "create_assistant":
        return address, Limit("invent assistants", ASSISTANTS_PER_HOUR, 3600.0)
    return (address,)


def dress(call: Call, answer: Answer) -> None:
    """Add what every answer carries, and where the caller stands if calls are counted."""
    answer.headers += _EVERYWHERE
    standing: Standing | None = call.notes.get("standing")
    if standing is not None:
        answer.headers += (
            ("x-ratelimit-limit", str(standing.limit.maximum)),
            ("x-ratelimit-remaining", str(standing.remaining)),
            ("x-ratelimit-reset", str(max(0, math.ceil(standing.reset - call.clock.now())))),
        )
