"""Reporting webhooks: where Customer.io tells what happens to messages and people."""

from __future__ import annotations

from typing import Any

from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.routes import Routes
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.customerio.identity import next_number
from lookalike.vendors.customerio.problems import missing
from lookalike.vendors.customerio.schemas.reporting_webhooks import (
    ReportingWebhook,
    ReportingWebhooks,
    WebhookChange,
    WebhookInput,
)

WEBHOOKS = Resource("reporting_webhooks", indexes=("events",), orders=(Order("number", ("number",)),))

_SHOWN = ("name", "endpoint", "disabled", "full_resolution", "with_content", "events")

routes = Routes("reporting_webhooks", doc="https://docs.customer.io/integrations/api/app/tag/reporting-webhooks/")


def webhook_json(webhook: Document) -> dict[str, Any]:
    """A webhook as the App API shows it, without any envelope."""
    return {"id": webhook["number"], **{name: webhook[name] for name in _SHOWN}, "type": "webhook"}


def _webhook(call: Call, id: str) -> Document:
    found = call.collection(WEBHOOKS).get(id)
    if found is None:
        raise missing("reporting webhook")
    return found


@routes.get("/v1/reporting_webhooks", returns=ReportingWebhooks)
def list_webhooks(call: Call) -> dict[str, Any]:
    """List all reporting webhooks, oldest first."""
    return {"reporting_webhooks": [webhook_json(webhook) for webhook in call.collection(WEBHOOKS).scan("number")]}


@routes.post("/v1/reporting_webhooks", body=WebhookInput, returns=ReportingWebhook)
def create_webhook(call: Call, body: WebhookInput) -> dict[str, Any]:
    """Create a reporting webhook."""
    number = next_number(call.part, WEBHOOKS)
    webhook = {"id": str(number), "number": number, **body.model_dump()}
    call.collection(WEBHOOKS).put(webhook)
    return webhook_json(webhook)


@routes.get("/v1/reporting_webhooks/{webhook_id}", returns=ReportingWebhook)
def get_webhook(call: Call, webhook_id: str) -> dict[str, Any]:
    """Get a reporting webhook."""
    return webhook_json(_webhook(call, webhook_id))


@routes.put("/v1/reporting_webhooks/{webhook_id}", body=WebhookChange, returns=ReportingWebhook)
def update_webhook(call: Call, webhook_id: str, body: WebhookChange) -> dict[str, Any]:
    """Change what a reporting webhook says; the vendor's clients send any of its fields."""
    webhook = _webhook(call, webhook_id) | body.model_dump(exclude_none=True)
    call.collection(WEBHOOKS).put(webhook)
    return webhook_json(webhook)


@routes.delete("/v1/reporting_webhooks/{webhook_id}", status=204)
def delete_webhook(call: Call, webhook_id: str) -> Answer:
    """Delete a reporting webhook."""
    call.collection(WEBHOOKS).delete(_webhook(call, webhook_id)["id"])
    return Answer(204)
