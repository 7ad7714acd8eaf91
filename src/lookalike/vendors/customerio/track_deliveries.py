"""Track v1: what became of deliveries. None of it needs a credential."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lookalike.call import Call
from lookalike.messages import Happening
from lookalike.part import Part
from lookalike.routes import Routes
from lookalike.stores.collection import Document
from lookalike.vendors.customerio import deliveries
from lookalike.vendors.customerio.deliveries import DELIVERIES
from lookalike.vendors.customerio.problems import rejected
from lookalike.vendors.customerio.schemas.empty import Empty
from lookalike.vendors.customerio.schemas.track import MetricInput, PushEventInput, UnsubscribeInput
from lookalike.vendors.customerio.track_bodies import read_object, read_time

routes = Routes("delivery metrics", doc="https://docs.customer.io/integrations/api/track/#tag/Track-Metrics")

_EMAIL = frozenset(["bounced", "clicked", "converted", "deferred", "delivered", "dropped", "opened", "spammed"])
METRICS: Mapping[str, frozenset[str]] = {
    "email": _EMAIL,
    "in_app": frozenset({"clicked", "converted", "opened"}),
    "push": frozenset({"converted", "delivered", "opened"}),
    "slack": frozenset({"clicked", "converted", "delivered", "opened"}),
    "twilio": frozenset({"bounced", "clicked", "delivered", "opened"}),
    "webhook": _EMAIL,
}
"""What may be reported of each type of delivery (D)."""

_DELIVERY_ID = re.compile(r"[A-Za-z0-9_=-]{8,}")


@routes.post("/unsubscribe/{delivery_id}", accepts=UnsubscribeInput, returns=Empty, public=True)
def unsubscribe(call: Call, delivery_id: str) -> dict[str, Any]:
    """Unsubscribe the person of a delivery from everything; a delivery that nobody knows is no trouble (I)."""
    if not (call.header("Content-Type") or "").lower().startswith("application/json"):  # documented for this one alone
        raise rejected("Content-Type must be application/json")
    body = read_object(call)
    if _DELIVERY_ID.fullmatch(delivery_id) is None:
        raise rejected("invalid delivery_id")
    wanted = body.get("unsubscribe")
    if wanted is not None and not isinstance(wanted, bool):
        raise rejected("unsubscribe must be a boolean")
    delivery = call.collection(DELIVERIES).get(delivery_id)
    if wanted and delivery is not None:
        deliveries.unsubscribe(call.part, delivery)
        _note(call.part, delivery, "unsubscribed", call.clock.now(), {})
    return {}


@routes.post("/api/v1/metrics", accepts=MetricInput, returns=Empty, public=True)
def metrics(call: Call) -> dict[str, Any]:
    """Note a metric of a delivery. Only 200 is documented; what is missing or unknown is told as elsewhere (I)."""
    body = read_object(call)
    id, metric = _required(body, "delivery_id", "metric")
    if not any(metric in known for known in METRICS.values()):
        raise rejected(f"metric '{metric}' is not supported")
    more = {name: body[name] for name in ("href", "reason") if isinstance(body.get(name), str)}
    report(call.part, id, metric, read_time(body.get("timestamp")), more)
    return {}


@routes.post("/api/v1/push/events", accepts=PushEventInput, returns=Empty, public=True)
def push_metrics(call: Call) -> dict[str, Any]:
    """Note a metric of a push message; deprecated. It wants nothing of its body but that it is one (D)."""
    body = read_object(call)
    id, event = body.get("delivery_id"), body.get("event")
    if isinstance(id, str) and isinstance(event, str) and event in METRICS["push"]:
        device = {"device_token": body["device_id"]} if isinstance(body.get("device_id"), str) else {}
        report(call.part, id, event, read_time(body.get("timestamp")), device)
    return {}


def _required(body: dict[str, Any], *names: str) -> list[str]:
    values = [body.get(name) for name in names]
    wrong = [
        f"{name} is required"
        for name, value in zip(names, values, strict=True)
        if not isinstance(value, str) or not value
    ]
    if wrong:
        raise rejected(*wrong)
    return [str(value) for value in values]


def report(part: Part, id: str, metric: str, at: int | None, more: dict[str, Any]) -> None:
    """Note a metric of the delivery of that id, if there is one whose type has such a metric."""
    delivery = part.collection(DELIVERIES).get(id)
    if delivery is not None and metric in METRICS.get(delivery["type"], _EMAIL):
        failed = {"failure_message": more["reason"]} if "reason" in more else {}
        deliveries.mark(part, {**delivery, **failed}, metric, at, more)
        _note(part, delivery, metric, part.clock.now() if at is None else at, more)


_HAPPENINGS = {"spammed": "complained", "bounced": "bounced"} | {
    name: name for name in ("delivered", "opened", "clicked", "unsubscribed")
}
"""What the outbox calls a metric, of those that it knows."""


def _note(part: Part, delivery: Document, metric: str, at: float, more: dict[str, Any]) -> None:
    """Have the outbox show it of the message too."""
    type = _HAPPENINGS.get(metric)
    if type is not None:
        said = {"url": more.get("href"), "reason": more.get("reason")}
        part.note_message(delivery["id"], Happening(type, at, tuple(delivery.get("to", ())), **said))
