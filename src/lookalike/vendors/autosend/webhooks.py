"""Webhooks: who wants to be told of what, and the log of what there was to tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookalike.call import Call
from lookalike.part import Part
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores import Collection, Index, Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.autosend.identity import new_id, organization_id, project_id
from lookalike.vendors.autosend.paging import newest, pages
from lookalike.vendors.autosend.problems import WEBHOOK_NOT_FOUND, missing, rejected
from lookalike.vendors.autosend.schemas.fields import Success, Told, ToldSuccess
from lookalike.vendors.autosend.schemas.webhooks import (
    EVENT_TYPES,
    EventTypeList,
    Job,
    Logs,
    LogsQuery,
    OneWebhook,
    ResendInput,
    Secret,
    WebhookChange,
    WebhookInput,
    Webhooks,
    WebhooksQuery,
)

HIDDEN = "***hidden***"


def _subscriptions(webhook: Document) -> list[str]:
    return webhook["events"] if webhook["isActive"] else []


def _shelves(webhook: Document) -> tuple[str, str]:
    return ("all", _shelf(webhook["isActive"]))


def _shelf(is_active: bool | None) -> str:
    return "all" if is_active is None else "active" if is_active else "inactive"


WEBHOOKS = Resource(
    "webhooks",
    indexes=(Index("subscribed", _subscriptions),),
    orders=(Order("newest", ("createdAt",), within=_shelves),),
)
LOGS = Resource("webhook_logs", unique=("jobId",), orders=(Order("newest", ("createdAt",), within="webhookId"),))
"""One row for each delivery, with the `jobId` that belongs to it."""

KEPT = 1000
"""How many rows of its log a webhook keeps; older ones go (lookalike's own bound)."""

routes = Routes("webhooks", doc="https://docs.autosend.com/api-reference/webhooks")


def emit(part: Part, type: str, data: Mapping[str, Any]) -> None:
    """Queue a delivery to every active webhook that is subscribed to this type of event."""
    webhooks = part.collection(WEBHOOKS)
    for webhook in webhooks.find("subscribed", type) if webhooks.count("subscribed", type) else ():
        _queue(part, webhook, type, data)


def _queue(part: Part, webhook: Document, type: str, data: Mapping[str, Any]) -> str:
    """Leave a delivery with its row in the log; returns the id of its job."""
    now, logs = part.clock.iso(), part.collection(LOGS)
    id = new_id(part)
    job = str(10_000 + part.ids.count)
    logs.put(
        {
            "id": id,
            "webhookId": webhook["id"],
            "event": type,
            "url": webhook["url"],
            "statusCode": None,
            "success": False,
            "attempts": 0,
            "duration": None,
            "deliveredAt": None,
            "createdAt": now,
            "updatedAt": now,
            "jobId": job,
        }
    )
    rows = logs.page("newest", within=webhook["id"], limit=1)
    if rows.total > KEPT:
        logs.delete(rows.ids[0])
    payload = {"type": type, "createdAt": now, "data": dict(data)}
    part.deliver(subscription=webhook["id"], event=type, url=webhook["url"], payload=payload, reference=job)
    return job


def webhook_json(part: Part, webhook: Document, *, secret: str = HIDDEN) -> dict[str, Any]:
    """A webhook as AutoSend shows it: the secret is hidden but in the answer to its creation.

    That `metadata` is shown where it was given is inferred.
    """
    shown = {
        "id": webhook["id"],
        "organizationId": organization_id(part.workspace.name),
        "projectId": project_id(part.workspace.name),
        "url": webhook["url"],
        "secret": secret,
        "events": webhook["events"],
        "isActive": webhook["isActive"],
    }
    if webhook["metadata"] is not None:
        shown["metadata"] = webhook["metadata"]
    return shown | {"createdAt": webhook["createdAt"], "updatedAt": webhook["updatedAt"]}


def log_json(part: Part, log: Document) -> dict[str, Any]:
    """A row of the delivery log; its id stands under `_id`."""
    return {
        "_id": log["id"],
        "webhookId": log["webhookId"],
        "projectId": project_id(part.workspace.name),
        "event": log["event"],
        "url": log["url"],
        "statusCode": log["statusCode"],
        "success": log["success"],
        "attempts": log["attempts"],
        "duration": log["duration"],
        "deliveredAt": log["deliveredAt"],
        "createdAt": log["createdAt"],
        "updatedAt": log["updatedAt"],
    }


def _webhook(call: Call, id: str) -> Document:
    found = call.collection(WEBHOOKS).get(id)
    if found is None:
        raise missing(WEBHOOK_NOT_FOUND)
    return found


def _flat(total: int, query: LogsQuery | WebhooksQuery) -> dict[str, int]:
    return {"total": total, "page": query.page, "limit": query.limit, "totalPages": pages(total, query.limit)}


@routes.get("/v1/webhooks", query=WebhooksQuery, returns=Success[Webhooks])
def list_webhooks(call: Call, query: WebhooksQuery) -> dict[str, Any]:
    """List webhooks, newest first."""
    found = newest(call.collection(WEBHOOKS), query.page, query.limit, _shelf(query.isActive))
    shown = [webhook_json(call.part, webhook) for webhook in found.documents]
    return {"success": True, "data": {"webhooks": shown, **_flat(found.total, query)}}


@routes.post("/v1/webhooks", body=WebhookInput, returns=ToldSuccess[OneWebhook], status=201)
def create_webhook(call: Call, body: WebhookInput) -> dict[str, Any]:
    """Create a webhook; the answer shows its secret."""
    now = call.clock.iso()
    webhook: Document = {
        "id": new_id(call.part),
        "url": body.url,
        "secret": f"whsec_{call.ids.hex(32)}",
        "events": body.events,
        "isActive": True,
        "metadata": body.metadata,
        "createdAt": now,
        "updatedAt": now,
    }
    call.collection(WEBHOOKS).put(webhook)
    shown = webhook_json(call.part, webhook, secret=webhook["secret"])
    return {"success": True, "message": "Webhook created successfully", "data": {"webhook": shown}}


@routes.get("/v1/webhooks/events", returns=Success[EventTypeList], source="I")
def list_webhook_events(call: Call) -> dict[str, Any]:
    """List the types of events there are; path and answer are inferred."""
    return {"success": True, "data": {"events": list(EVENT_TYPES)}}


@routes.get("/v1/webhooks/{id}", returns=Success[OneWebhook])
def get_webhook(call: Call, id: str) -> dict[str, Any]:
    """Get a webhook."""
    return {"success": True, "data": {"webhook": webhook_json(call.part, _webhook(call, id))}}


@routes.put("/v1/webhooks/{id}", body=WebhookChange, returns=ToldSuccess[OneWebhook])
def update_webhook(call: Call, id: str, body: WebhookChange) -> dict[str, Any]:
    """Change a webhook; what is not sent stays, and the secret cannot be set."""
    webhook = _webhook(call, id)
    if "secret" in call.json():
        raise rejected("secret", "Secret cannot be updated")
    sent = {name: value for name, value in body.model_dump(exclude_unset=True).items() if value is not None}
    webhook |= sent | {"updatedAt": call.clock.iso_after(webhook["updatedAt"])}
    call.collection(WEBHOOKS).put(webhook)
    shown = webhook_json(call.part, webhook)
    return {"success": True, "message": "Webhook updated successfully", "data": {"webhook": shown}}


@routes.delete("/v1/webhooks/{id}", returns=Told)
def delete_webhook(call: Call, id: str) -> dict[str, Any]:
    """Delete a webhook and its log."""
    call.collection(WEBHOOKS).delete(_webhook(call, id)["id"])
    logs: Collection = call.collection(LOGS)
    for log in logs.scan("newest", within=id):
        logs.delete(log["id"])
    return {"success": True, "message": "Webhook deleted successfully"}


@routes.get("/v1/webhooks/{id}/reveal", returns=Success[Secret])
def reveal_webhook_secret(call: Call, id: str) -> dict[str, Any]:
    """Show a webhook's signing secret."""
    return {"success": True, "data": {"secret": _webhook(call, id)["secret"]}}


@routes.post("/v1/webhooks/{id}/resend", body=ResendInput, returns=ToldSuccess[Job])
def resend_webhook(call: Call, id: str, body: ResendInput) -> dict[str, Any]:
    """Queue a delivery of an event to a webhook.

    That the code of the refusal begins with `WEBHOOK_NOT_` is documented; the rest of it is inferred.
    """
    webhook = _webhook(call, id)
    if body.event not in webhook["events"]:
        message = f"Webhook is not subscribed to this event: {body.event}"
        raise Problem("invalid", message, code="WEBHOOK_NOT_SUBSCRIBED", with_status=True)
    job = _queue(call.part, webhook, body.event, body.data or {})
    return {"success": True, "message": "Webhook queued for delivery", "data": {"jobId": job}}


@routes.get("/v1/webhooks/{id}/logs", query=LogsQuery, returns=Success[Logs])
def list_webhook_logs(call: Call, id: str, query: LogsQuery) -> dict[str, Any]:
    """List a webhook's deliveries, newest first."""
    webhook = _webhook(call, id)
    found = newest(call.collection(LOGS), query.page, query.limit, webhook["id"])
    return {
        "success": True,
        "data": {"logs": [log_json(call.part, log) for log in found.documents], **_flat(found.total, query)},
    }
