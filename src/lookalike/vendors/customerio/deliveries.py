"""The store of deliveries: every message for one person, with the metrics that came in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.customerio import activities, reporting
from lookalike.vendors.customerio.people import PEOPLE, copied, identifiers_json, is_unsubscribed, save
from lookalike.workspace import Part

PARENTS = (
    "campaign_id",
    "action_id",
    "parent_action_id",
    "newsletter_id",
    "content_id",
    "broadcast_id",
    "trigger_id",
    "trigger_event_id",
    "transactional_message_id",
)
"""What a delivery may have come from; those that do not apply are null."""


def place(cio_id: str | None = None, type: str | None = None) -> str:
    """The partition of the order "newest" with the deliveries of a person and a type, each if given."""
    return f"{cio_id or ''}\n{type or ''}"


def _places(delivery: Document) -> Iterator[str]:
    for cio_id in {"", delivery["cio_id"] or ""}:
        for type in ("", delivery["type"]):
            yield place(cio_id, type)


DELIVERIES = Resource("deliveries", orders=(Order("newest", ("created", "number"), within=_places),))
"""id, type (email, push, twilio, ...), cio_id (or None), customer_identifiers, recipient, subject, created (unix
seconds), metrics (name -> unix seconds), failure_message, and `PARENTS`. Whoever makes them may keep more (what was
sent, say) under names of their own."""

CHANNELS = {"twilio": "sms"}
"""What reporting webhooks call a type of delivery, where it is not its name."""


def add_delivery(part: Part, person: Document | None, delivery: Document) -> Document:
    """Store a new delivery: `id`, `type`, `recipient`, `subject`, `metrics` are the caller's; the rest is filled in.

    No metric is told of; `mark` does that for those that come one by one.
    """
    document: Document = {
        "cio_id": person["id"] if person else None,
        "customer_identifiers": identifiers_json(person) if person else None,
        "created": int(part.clock.now()),
        "number": part.collection(DELIVERIES).count() + 1,
        "metrics": {},
        "failure_message": None,
        **dict.fromkeys(PARENTS),
        **delivery,
    }
    part.collection(DELIVERIES).put(document)
    return document


def person_of(part: Part, delivery: Document) -> Document | None:
    """Whom a delivery was for, as far as the person is still there."""
    return part.collection(PEOPLE).get(delivery["cio_id"]) if delivery["cio_id"] else None


def mark(
    part: Part, delivery: Document, metric: str, at: float | None = None, more: dict[str, Any] | None = None
) -> Document:
    """Note a metric (`opened`), append its activity (`opened_email`) and tell the reporting webhooks.

    `at` is in epoch seconds; `more` joins the webhook's data (`href` of a click, say). The first time of a metric is
    what the delivery shows.
    """
    when = part.clock.now() if at is None else at
    after = {**delivery, "metrics": {**delivery["metrics"], metric: delivery["metrics"].get(metric, int(when))}}
    part.collection(DELIVERIES).put(after)
    person = person_of(part, after)
    if person is not None:
        activities.record(part, person, f"{metric}_{after['type']}", more, at=when, delivery=after)
    told = {"delivery_id": after["id"], "recipient": after["recipient"], "identifiers": after["customer_identifiers"]}
    reporting.tell(part, CHANNELS.get(after["type"], after["type"]), metric, told | (more or {}))
    return after


def unsubscribe(part: Part, delivery: Document) -> None:
    """The person of a delivery wants no more: said of the person and of the delivery (D)."""
    mark(part, delivery, "unsubscribed")
    person = person_of(part, delivery)
    if person is not None and not is_unsubscribed(person):
        set_unsubscribed(part, person, True)


def set_unsubscribed(part: Part, person: Document, unsubscribed: bool) -> Document:
    """Set the attribute alone, with its activity and webhook; returns the person."""
    after = copied(person)
    after["attributes"]["unsubscribed"] = unsubscribed
    after["timestamps"]["unsubscribed"] = int(part.clock.now())
    save(part, after, person)
    change = {"unsubscribed": {"from": str(is_unsubscribed(person)).lower(), "to": str(unsubscribed).lower()}}
    activities.record(part, after, "attribute_change", change)
    tell_subscription(part, after)
    return after


def tell_subscription(part: Part, person: Document) -> None:
    """Tell the reporting webhooks that somebody subscribed or unsubscribed."""
    data = {
        "customer_id": person["user_id"],
        "email_address": person["attributes"].get("email"),
        "identifiers": identifiers_json(person),
    }
    reporting.tell(part, "customer", "unsubscribed" if is_unsubscribed(person) else "subscribed", data)
