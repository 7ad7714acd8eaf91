"""Webhooks: who wants to be told of what."""

from __future__ import annotations

from typing import Any

from lookalike.answer import Answer
from lookalike.call import Call
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

routes = Routes("webhooks", doc="https://www.segmailer.com/features/rest-api")


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
