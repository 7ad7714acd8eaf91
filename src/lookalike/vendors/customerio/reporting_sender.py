"""How reporting webhooks are signed and sent, and how often they are tried again."""

from __future__ import annotations

import hmac
from hashlib import sha256

import orjson

from lookalike.credentials import DEFAULT_WORKSPACE
from lookalike.outbox import Delivery, Outcome, Outgoing, Refused, Sender
from lookalike.part import Part
from lookalike.vendors.customerio.reporting_webhooks import WEBHOOKS

TIMEOUT = 4.0
PATIENCE = 7 * 86400
"""Seconds for which an event is tried again (D)."""

FIRST_WAIT = 60.0
"""Seconds to the second attempt; each later wait is twice as long. How long the first one is, is inferred."""
LONG_WAIT = 3600.0
"""The same after one of these statuses, or where no connection came about (D)."""
LONG_AFTER = frozenset({400, 401, 402, 403, 404, 405, 410, 429, 500, 502, 521})


def signing_key(part: Part) -> str:
    """The key of a workspace: `cio_lookalike`, or `cio_lookalike~ci7` of the workspace `ci7`.

    The vendor's screens show a key of its own for each workspace; none of its interfaces does.
    """
    key, name = part.vendor.sample_key, part.workspace.name
    return key if name == DEFAULT_WORKSPACE else f"{key}~{name}"


def sign(key: str, timestamp: int, body: bytes) -> str:
    """The HMAC-SHA256 of `v0:<timestamp>:<body>` in hexadecimal digits."""
    return hmac.digest(key.encode(), f"v0:{timestamp}:".encode() + body, sha256).hex()


def prepare(part: Part, delivery: Delivery) -> Outgoing:
    """The request of an attempt, to where the webhook points by now. Its `User-Agent` is inferred.

    Raises Refused for a webhook that is gone or disabled.
    """
    webhook = part.collection(WEBHOOKS).get(delivery.subscription)
    if webhook is None:
        raise Refused("The reporting webhook was deleted.")
    if webhook["disabled"]:
        raise Refused("The reporting webhook is disabled.")
    timestamp, body = int(delivery.at), orjson.dumps(delivery.payload)
    headers = (
        ("Content-Type", "application/json"),
        ("User-Agent", "Customer.io Web Hooks"),
        ("X-CIO-Timestamp", str(timestamp)),
        ("X-CIO-Signature", sign(signing_key(part), timestamp, body)),
    )
    return Outgoing(webhook["endpoint"], headers, body)


def settle(_part: Part, delivery: Delivery, outcome: Outcome) -> float | None:
    """Seconds to the next attempt: each wait is twice the one before, for seven days in all."""
    if outcome.success or outcome.refused:
        return None
    first = LONG_WAIT if outcome.status in LONG_AFTER or _is_unreachable(outcome) else FIRST_WAIT
    waits = first * 2 ** (delivery.attempt - 1)
    return waits if 2 * waits - first <= PATIENCE else None


def _is_unreachable(outcome: Outcome) -> bool:
    """Whether nobody answered for another reason than that it took too long."""
    return outcome.status is None and outcome.seconds < TIMEOUT


SENDER = Sender(TIMEOUT, prepare, settle, signature="X-CIO-Signature", in_order=True)
