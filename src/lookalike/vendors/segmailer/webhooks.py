"""Webhooks: who wants to be told of what."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson

from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.clock import iso
from lookalike.outbox import Delivery, Outcome, Outgoing, Refused, Sender, delay_after
from lookalike.part import Part
from lookalike.routes import Routes
from lookalike.stores import Index, Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.segmailer.paging import listing, newest
from lookalike.vendors.segmailer.problems import WEBHOOK, missing
from lookalike.vendors.segmailer.schemas.fields import Listing, PageQuery
from lookalike.vendors.segmailer.schemas.webhooks import (
    EVENT_TYPES,
    EVERYTHING,
    NewWebhook,
    Webhook,
    WebhookChange,
    WebhookInput,
)


def _subscriptions(webhook: Document) -> tuple[str, ...]:
    if not webhook["active"]:
        return ()
    return EVENT_TYPES if EVERYTHING in webhook["events"] else tuple(webhook["events"])


WEBHOOKS = Resource(
    "webhooks", indexes=(Index("subscribed", _subscriptions),), orders=(Order("newest", ("createdAt",)),)
)

SIGNATURE = "X-SegMailer-Signature"
RETRIES = (60.0, 300.0, 1_800.0, 7_200.0, 43_200.0)
"""Seconds after the first, second, ... failed attempt; then a delivery is given up."""

routes = Routes("webhooks", doc="https://www.segmailer.com/features/rest-api")


def emit(part: Part, type_: str, data: Mapping[str, Any], at: float) -> None:
    """Leave a delivery for every active webhook that is subscribed to this type of event, which happened at `at`."""
    webhooks = part.collection(WEBHOOKS)
    for webhook in webhooks.find("subscribed", type_) if webhooks.count("subscribed", type_) else ():
        id = part.ids.uuid4()
        payload = {"id": id, "type": type_, "createdAt": iso(at), "data": dict(data)}
        part.deliver(subscription=webhook["id"], event=type_, url=webhook["url"], payload=payload, reference=id)


def prepare(part: Part, delivery: Delivery) -> Outgoing:
    """The request of one attempt. Raises Refused for a webhook that is gone or switched off meanwhile."""
    webhook = part.collection(WEBHOOKS).get(delivery.subscription)
    if webhook is None:
        raise Refused("The webhook was deleted.")
    if not webhook["active"]:
        raise Refused("The webhook is not active.")
    body, timestamp = orjson.dumps(delivery.payload), str(int(delivery.at))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "SegMailer-Webhooks/1.0",
        "X-SegMailer-Event": delivery.event,
        "X-SegMailer-Delivery": str(delivery.reference),
        "X-SegMailer-Timestamp": timestamp,
        SIGNATURE: f"sha256={signature(webhook['secret'], timestamp, body)}",
    }
    return Outgoing(webhook["url"], tuple(headers.items()), body)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over the time and the body, with a dot between them, in hexadecimal digits."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, sha256).hexdigest()


def _settle(_part: Part, delivery: Delivery, outcome: Outcome) -> float | None:
    return delay_after(delivery, outcome, RETRIES)


SENDER = Sender(10.0, prepare, _settle, signature=SIGNATURE)
"""That deliveries are signed by HMAC is documented; everything else about them is inferred."""


def webhook_json(webhook: Document) -> dict[str, Any]:
    """A webhook as SegMailer shows it, without its secret."""
    return {name: webhook[name] for name in ("id", "url", "events", "active", "createdAt", "updatedAt")}


def _webhook(call: Call, id: str) -> Document:
    found = call.collection(WEBHOOKS).get(id)
    if found is None:
        raise missing(WEBHOOK)
    return found


@routes.get("/api/v2/webhooks", query=PageQuery, returns=Listing[Webhook])
def list_webhooks(call: Call, query: PageQuery) -> dict[str, Any]:
    """List webhooks, newest first.

    That there are webhooks is documented; path and answer are inferred.
    """
    found = newest(call.collection(WEBHOOKS), query)
    return listing(query, found.total, [webhook_json(webhook) for webhook in found.documents])


@routes.post("/api/v2/webhooks", body=WebhookInput, returns=NewWebhook, status=201)
def create_webhook(call: Call, body: WebhookInput) -> dict[str, Any]:
    """Subscribe to events; the answer, and no other, shows the secret that deliveries are signed with.

    That one can subscribe, to which five events, and that deliveries are signed by HMAC is documented; path, request,
    names and answer are inferred.
    """
    now = call.clock.iso()
    webhook: Document = {
        "id": call.ids.uuid4(),
        "url": body.url,
        "events": body.events,
        "active": body.active,
        "createdAt": now,
        "updatedAt": now,
        "secret": f"whsec_{call.ids.hex(32)}",
    }
    call.collection(WEBHOOKS).put(webhook)
    return webhook_json(webhook) | {"secret": webhook["secret"]}


@routes.get("/api/v2/webhooks/{id}", returns=Webhook, source="I")
def get_webhook(call: Call, id: str) -> dict[str, Any]:
    """Get a webhook.

    Everything about this operation is inferred.
    """
    return webhook_json(_webhook(call, id))


@routes.patch("/api/v2/webhooks/{id}", body=WebhookChange, returns=Webhook, source="I")
def update_webhook(call: Call, id: str, body: WebhookChange) -> dict[str, Any]:
    """Change a webhook; what is not sent stays.

    Everything about this operation is inferred.
    """
    webhook = _webhook(call, id) | body.model_dump(exclude_unset=True) | {"updatedAt": call.clock.iso()}
    call.collection(WEBHOOKS).put(webhook)
    return webhook_json(webhook)


@routes.delete("/api/v2/webhooks/{id}", status=204, source="I")
def delete_webhook(call: Call, id: str) -> Answer:
    """Unsubscribe.

    Everything about this operation is inferred.
    """
    call.collection(WEBHOOKS).delete(_webhook(call, id)["id"])
    return Answer(204)
