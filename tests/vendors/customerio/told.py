"""What reporting webhooks were told, held against the vendor's own description of it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from tests.support import Client
from tests.vendors.customerio.bodies import DELIVERY, NOW, ULID
from tests.vendors.customerio.contract import HERE, faults

NOT_DESCRIBED = {"deferred": "among the events that a webhook may ask for, but nowhere described"}
FROM_NO_MESSAGE = "cio_subscription_preferences_changed"
"""Described with a message behind it, while its `object_type` may be `customer`, which says that there is none."""


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((HERE / "webhooks.json").read_text())
    schemas = document["components"]["schemas"]
    # Described where a message may be an email or a push, and forgotten where it may be a text.
    transactional = schemas["event_common_data"]["anyOf"][-1]
    assert "transactional_message_id" in transactional["properties"]
    for name in ("other_event_common_data", "person_cio_subscription_preferences_common"):
        required = [member for member in transactional["required"] if member != "identifiers"]
        schemas[name]["anyOf"].append({**transactional, "required": required})
    return document


def check(event: str, payload: dict[str, Any]) -> None:
    """A payload has the form that the vendor describes for its event."""
    metric = payload["metric"]
    if metric in NOT_DESCRIBED or (metric == FROM_NO_MESSAGE and payload["object_type"] == "customer"):
        return
    of_person = event.startswith("customer_")
    schema = {"$ref": f"#/components/schemas/{f'person_{metric}' if of_person else event}"}
    assert not faults(schema, _document(), payload), payload


def subscribe(client: Client, *events: str, endpoint: str = "http://127.0.0.1:9/hook", **more: Any) -> int:
    """A reporting webhook for these events; its id."""
    body = {"name": "Ours", "endpoint": endpoint, "events": list(events), **more}
    reply = client.post("/v1/reporting_webhooks", body)
    assert reply.status == 200, reply.text
    number: int = reply.json["id"]
    return number


def told(client: Client, webhook: int = 1) -> list[dict[str, Any]]:
    """What is on its way to a webhook or has got there, oldest first, each as it should be."""
    log = client.sandbox.workspace("default").deliveries.newest_first()
    ours = [one for one in reversed(list(log)) if one["subscription"] == str(webhook)]
    for one in ours:
        check(one["event"], one["payload"])
    return [one["payload"] for one in ours]


def event(metric: str, object_type: str, data: dict[str, Any], at: int = NOW, **more: Any) -> dict[str, Any]:
    """An event as a webhook is told of it."""
    return {
        "metric": metric,
        "event_id": ULID,
        "object_type": object_type,
        **more,
        "timestamp": at,
        "data": data,
    }


def whose(cio_id: str, id: str | None = "ann", email: str | None = "ann@x.co", **parents: Any) -> dict[str, Any]:
    """What `data` says of a person and of what came to it."""
    return {
        "customer_id": id or "",
        "identifiers": {"email": email, "id": id, "cio_id": cio_id},
        "delivery_id": DELIVERY,
        **(parents or {"transactional_message_id": 1}),
    }
