"""How AutoSend's webhooks are signed and sent, how often it tries again, and what its log says then.

The secret signs the body alone, and the retries after about 5, 10 and 20 seconds come exactly then.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

import orjson

from lookalike.clock import iso
from lookalike.outbox import Delivery, Outcome, Outgoing, Refused, Sender, delay_after
from lookalike.part import Part
from lookalike.vendors.autosend.webhooks import LOGS, WEBHOOKS

RETRIES = (5.0, 10.0, 20.0)
"""Seconds after the first, second and third failed attempt."""


def prepare(part: Part, delivery: Delivery) -> Outgoing:
    """The request of one attempt. Raises Refused for a webhook that is gone or switched off meanwhile (I)."""
    webhook = part.collection(WEBHOOKS).get(delivery.subscription)
    if webhook is None:
        raise Refused("The webhook was deleted.")
    if not webhook["isActive"]:
        raise Refused("The webhook is not active.")
    body = orjson.dumps(delivery.payload)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "AutoSend-Webhooks/1.0",
        "X-Webhook-Signature": hmac.new(webhook["secret"].encode(), body, sha256).hexdigest(),
        "X-Webhook-Event": delivery.event,
        "X-Webhook-Delivery-Id": str(delivery.reference),
        "X-Webhook-Timestamp": str(int(delivery.at * 1000)),
    }
    return Outgoing(webhook["url"], tuple(headers.items()), body)


def settle(part: Part, delivery: Delivery, outcome: Outcome) -> float | None:
    """Note an attempt in the log; seconds until the next one."""
    logs = part.collection(LOGS)
    log = logs.one("jobId", str(delivery.reference))
    if log is not None and not outcome.refused:
        log |= {
            "statusCode": outcome.status,
            "success": outcome.success,
            "attempts": delivery.attempt,
            "duration": round(outcome.seconds * 1000),
            "deliveredAt": iso(outcome.at) if outcome.success else None,
            "updatedAt": iso(outcome.at),
        }
        logs.put(log)
    return delay_after(delivery, outcome, RETRIES)


SENDER = Sender(10.0, prepare, settle, signature="X-Webhook-Signature")
