"""Webhook endpoints, and the deliveries that events leave for them.

A delivery is a row that waits (`pending`, attempt 0) until the outbox has sent it (see `webhook_sending`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lookalike.answer import Lengthy
from lookalike.call import Call
from lookalike.ids import BASE64URL
from lookalike.part import Part
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores import Index, Order, Resource
from lookalike.vendors.opensend import coercion, jsonb, outbound_urls, paging
from lookalike.vendors.opensend.problems import FAILED_QUERY
from lookalike.vendors.opensend.schemas.webhooks import (
    DeliveryReplay,
    WebhookDeleted,
    WebhookDetail,
    WebhookInput,
    WebhookList,
    WebhookMade,
    WebhookPatch,
)
from lookalike.vendors.opensend.schemas.webhooks import Webhook as WebhookAnswer
from lookalike.vendors.opensend.sequence import next_number
from lookalike.vendors.opensend.validation import read

WEBHOOKS = Resource(
    "webhooks",
    indexes=(Index("listening", lambda webhook: webhook["events"] if webhook["status"] == "enabled" else ()),),
)

DELIVERIES = Resource(
    "webhook_deliveries",
    indexes=("webhook_id", "email_id"),
    orders=(Order("id", within="webhook_id"), Order("age", ("created_at", "number"), within="webhook_id")),
)
"""What is shown of a delivery, and `webhook_id`, `event_id`, `email_id`, `type` and `data` of its event."""


KEPT = 1000
"""How many deliveries an endpoint keeps; older ones go (lookalike's own bound)."""

DOCS = "https://opensend.namuh.co/docs/api-reference/webhooks"

routes = Routes("webhooks", doc=DOCS)


def emit(
    part: Part,
    type: str,
    data: Callable[[], dict[str, Any]] | dict[str, Any],
    *,
    email_id: str | None = None,
    event_id: str | None = None,
    at: str | None = None,
) -> None:
    """Leave a delivery of an event for every enabled endpoint that asked for its type; `at` is now unless given.

    What takes some making is given as a function: most often nobody listens.
    """
    webhooks = part.collection(WEBHOOKS)
    if not webhooks.count("listening", type):
        return
    event = {
        "event_id": event_id or part.ids.uuid4(),
        "email_id": email_id,
        "type": type,
        "data": jsonb.stored(data() if callable(data) else data),
        "created_at": at or part.clock.iso(),
    }
    for webhook in webhooks.find("listening", type):
        _put_delivery(part, webhook, event)


def _put_delivery(part: Part, webhook: dict[str, Any], event: dict[str, Any]) -> tuple[str, str]:
    """The ids of the row and of what the outbox makes of it."""
    deliveries, webhook_id = part.collection(DELIVERIES), webhook["id"]
    delivery = {
        **event,
        "id": part.ids.uuid4(),
        "webhook_id": webhook_id,
        "status": "pending",
        "attempt": 0,
        "status_code": None,
        "response_body": None,
        "attempted_at": None,
        "next_retry_at": None,
        "number": next_number(deliveries, "age", within=webhook_id),
    }
    deliveries.put(delivery)
    if deliveries.count("webhook_id", webhook_id) > KEPT:
        for oldest in deliveries.page("age", within=webhook_id, limit=1).documents:
            deliveries.delete(oldest["id"])
    sent = part.deliver(
        subscription=webhook_id,
        event=event["type"],
        url=webhook["endpoint"],
        payload=event["data"],
        reference=delivery["id"],
    )
    return delivery["id"], sent


def webhook_item(webhook: dict[str, Any]) -> dict[str, Any]:
    """An endpoint without its secret."""
    return {name: webhook[name] for name in ("id", "endpoint", "events", "status", "created_at")}


def delivery_json(delivery: dict[str, Any]) -> dict[str, Any]:
    """A delivery without what was delivered."""
    shown = ("id", "status", "attempt", "status_code", "response_body", "attempted_at", "next_retry_at", "created_at")
    return {name: delivery[name] for name in shown}


@routes.post(
    "/webhooks",
    "/api/webhooks",
    accepts=WebhookInput,
    returns=WebhookMade,
    status=201,
    source="S",
    doc=f"{DOCS}/create-webhook",
    extras={"fallback": "Failed to create webhook"},
)
def create_webhook(call: Call) -> dict[str, Any]:
    """Create an endpoint; its signing secret is shown here and nowhere else."""
    body = read(call, WebhookInput)
    endpoint = body.get("endpoint") or body["url"]
    _require_allowed(call, endpoint)
    webhook = {
        "id": call.ids.uuid4(),
        "endpoint": endpoint,
        "events": _event_types(body),
        "status": "enabled",
        "created_at": call.clock.iso(),
        "signing_secret": f"whsec_{call.ids.text(32, BASE64URL)}",
    }
    call.collection(WEBHOOKS).put(webhook)
    return {"object": "webhook", **webhook_item(webhook), "signing_secret": webhook["signing_secret"]}


@routes.get(
    "/webhooks",
    "/api/webhooks",
    returns=WebhookList,
    source="S",
    doc=f"{DOCS}/list-webhooks",
    extras={"fallback": FAILED_QUERY},
)
def list_webhooks(call: Call) -> dict[str, Any]:
    """List endpoints by id, descending."""
    page = paging.page(call, WEBHOOKS, paging.window(call))
    return {"object": "list", "data": [webhook_item(webhook) for webhook in page.documents], "has_more": page.has_more}


@routes.get(
    "/webhooks/{id}",
    "/api/webhooks/{id}",
    returns=WebhookDetail,
    source="S",
    doc=f"{DOCS}/get-webhook",
    extras={"fallback": FAILED_QUERY},
)
def get_webhook(call: Call, id: str) -> dict[str, Any]:
    """Read an endpoint with up to 20 of its deliveries, by id and not by time."""
    webhook = _found(call, id)
    page = call.collection(DELIVERIES).page(limit=20, within=webhook["id"], descending=True)
    deliveries = [delivery_json(delivery) for delivery in page.documents]
    return {"object": "webhook", **webhook_item(webhook), "recent_deliveries": deliveries}


@routes.patch(
    "/webhooks/{id}",
    "/api/webhooks/{id}",
    accepts=WebhookPatch,
    returns=WebhookAnswer,
    source="S",
    doc=f"{DOCS}/update-webhook",
    extras={"fallback": FAILED_QUERY},
)
def update_webhook(call: Call, id: str) -> dict[str, Any]:
    """Change an endpoint's URL, events or status; `active` counts where `status` is not given."""
    body = read(call, WebhookPatch)
    changes: dict[str, Any] = {}
    endpoint = body.get("endpoint", body.get("url"))
    if endpoint is not None:
        _require_allowed(call, endpoint)
        changes["endpoint"] = endpoint
    if "events" in body or "event_types" in body:
        changes["events"] = _event_types(body)
    if "status" in body:
        changes["status"] = body["status"]
    elif "active" in body:
        changes["status"] = "enabled" if body["active"] else "disabled"
    if not changes:
        raise Problem("internal", "No values to set")
    webhook = _found(call, id) | changes
    call.collection(WEBHOOKS).put(webhook)
    return {"object": "webhook", **webhook_item(webhook)}


@routes.delete(
    "/webhooks/{id}",
    "/api/webhooks/{id}",
    returns=WebhookDeleted,
    source="S",
    doc=f"{DOCS}/delete-webhook",
    extras={"fallback": FAILED_QUERY},
)
def delete_webhook(call: Call, id: str) -> dict[str, Any]:
    """Delete an endpoint and its deliveries."""
    webhook = _found(call, id)
    call.collection(WEBHOOKS).delete(webhook["id"])
    deliveries = call.collection(DELIVERIES)
    for delivery_id in deliveries.ids("webhook_id", webhook["id"]):
        deliveries.delete(delivery_id)
    return {"object": "webhook", "id": webhook["id"], "deleted": True}


@routes.post(
    "/api/webhooks/{id}/deliveries/{delivery_id}/replay",
    returns=DeliveryReplay,
    status=202,
    source="S",
    extras={"fallback": FAILED_QUERY},
)
def replay_webhook_delivery(call: Call, id: str, delivery_id: str) -> Lengthy:
    """Deliver an event once more, as a delivery of its own; the answer tells how it went."""
    webhook = call.collection(WEBHOOKS).get(coercion.database_id(id))
    if webhook is None:
        raise Problem("not_found", "Webhook endpoint not found or deleted")
    if webhook["status"] != "enabled":
        raise Problem("conflict", "Webhook endpoint is disabled and cannot replay deliveries")
    original = call.collection(DELIVERIES).get(coercion.database_id(delivery_id))
    if original is None or original["webhook_id"] != webhook["id"]:
        raise Problem("not_found", "Webhook delivery not found for this endpoint")
    event = {name: original[name] for name in ("event_id", "email_id", "type", "data")}
    row, sent = _put_delivery(call.part, webhook, {**event, "created_at": call.clock.iso()})

    def send() -> dict[str, Any]:
        call.workspace.deliveries.send_one(sent)
        replayed = call.collection(DELIVERIES).get(row)
        if replayed is None:  # the endpoint was deleted meanwhile
            raise Problem("not_found", "Webhook delivery not found for this endpoint")
        return {
            "object": "webhook_delivery_replay",
            "original_delivery": delivery_json(original),
            "replay_delivery": delivery_json(replayed),
        }

    return Lengthy(send)


def _found(call: Call, id: str) -> dict[str, Any]:
    webhook = call.collection(WEBHOOKS).get(coercion.database_id(id))
    if webhook is None:
        raise Problem("not_found", "Webhook not found")
    return webhook


def _event_types(body: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(body["events"] if "events" in body else body["event_types"]))


def _require_allowed(call: Call, endpoint: str) -> None:
    reason = outbound_urls.webhook_refusal(call.part, endpoint)
    if reason is not None:
        raise Problem("internal", f"Webhook endpoint rejected: {reason}")
