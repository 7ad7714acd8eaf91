"""How OpenSend's webhooks are signed and sent, how often it tries again, and what its delivery rows say then.

The form is Svix's, but for the key: it is the text of the secret without `whsec_`, not what that text means in base64.
So verifiers of Svix and Standard Webhooks refuse these signatures as long as they are given the secret as it is.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from hashlib import sha256
from typing import Any

import orjson

from lookalike.clock import iso
from lookalike.outbox import Delivery, Outcome, Outgoing, Refused, Sender, delay_after
from lookalike.part import Part
from lookalike.vendors.opensend import outbound_urls
from lookalike.vendors.opensend.webhooks import DELIVERIES, WEBHOOKS

TIMEOUT = 5.0

DELAYS = (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 10 * 3600)
"""Seconds after the first, second, ... failed attempt; after one more failure the delivery is a dead letter."""

RESPONSE_KEPT = 1000
"""Characters of a receiver's answer that a row keeps; an ellipsis says that there was more."""


def sign(secret: str, id: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the HMAC-SHA256 of `<id>.<timestamp>.<body>` in base64."""
    key = secret.removeprefix("whsec_").encode()
    digest = hmac.digest(key, f"{id}.{timestamp}.".encode() + body, sha256)
    return f"v1,{b64encode(digest).decode()}"


def prepare(part: Part, delivery: Delivery) -> Outgoing:
    """The request of an attempt; every attempt has an id of its own. `User-Agent` and `Accept` are those of the
    recordings."""
    webhook = part.collection(WEBHOOKS).get(delivery.subscription)
    if webhook is None:
        raise Refused("Webhook not found")
    if webhook["status"] != "enabled":
        raise Refused("Webhook is disabled")
    reason = outbound_urls.webhook_refusal(part, webhook["endpoint"])
    if reason is not None:
        raise Refused(f"Refused unsafe webhook URL: {reason}")
    id, timestamp = f"whd_{delivery.reference}_{delivery.attempt}", int(delivery.at)
    event = {"id": id, "type": delivery.event, "created_at": iso(delivery.at), "data": delivery.payload}
    body = orjson.dumps(event)
    headers = (
        ("content-type", "application/json"),
        ("svix-id", id),
        ("svix-signature", sign(webhook["signing_secret"], id, timestamp, body)),
        ("svix-timestamp", str(timestamp)),
        ("user-agent", "Bun/1.3.8"),
        ("accept", "*/*"),
    )
    return Outgoing(webhook["endpoint"], headers, body)


def settle(part: Part, delivery: Delivery, outcome: Outcome) -> float | None:
    """Note an outcome on the delivery's row. What it says where nobody answered is inferred."""
    delay = delay_after(delivery, outcome, DELAYS)
    deliveries = part.collection(DELIVERIES)
    row = deliveries.get(delivery.reference or "")
    if row is not None:
        deliveries.put(row | _changes(delivery, outcome, delay))
    return delay


def _changes(delivery: Delivery, outcome: Outcome, delay: float | None) -> dict[str, Any]:
    if outcome.refused:
        return {"status": "failed", "response_body": outcome.error, "next_retry_at": None}
    unsuccessful = "dead_letter" if delay is None else "pending"
    return {
        "status": "success" if outcome.success else unsuccessful,
        "attempt": delivery.attempt,
        "status_code": outcome.status,
        "response_body": _kept(outcome.body if outcome.error is None else outcome.error),
        "attempted_at": iso(outcome.at),
        "next_retry_at": None if delay is None else iso(outcome.at + delay),
    }


def _kept(text: str) -> str:
    return text if len(text) <= RESPONSE_KEPT else f"{text[:RESPONSE_KEPT]}…"


SENDER = Sender(TIMEOUT, prepare, settle, signature="svix-signature")
