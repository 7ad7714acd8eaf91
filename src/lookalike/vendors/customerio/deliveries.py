"""The store of deliveries: every message for one person, with the metrics that came in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lookalike.part import Part
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.customerio import activities, reporting, subscriptions
from lookalike.vendors.customerio.people import PEOPLE, copied, identifiers_json, is_unsubscribed, save
from lookalike.vendors.customerio.subscriptions import PREFERENCES

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

    `at` is in epoch seconds; `more` is what came with it (`href` of a click, say). The first time of a metric is what
    the delivery shows. A click into a mail that nobody is known to have opened means that it was opened (D).
    """
    when = part.clock.now() if at is None else at
    if (metric, delivery["type"]) == ("clicked", "email") and "opened" not in delivery["metrics"]:
        delivery = mark(part, delivery, "opened", when, {"synthetic": True})
    first = metric not in delivery["metrics"]
    after = {**delivery, "metrics": {**delivery["metrics"], **({metric: int(when)} if first else {})}}
    part.collection(DELIVERIES).put(after)
    person = person_of(part, after)
    if person is not None:
        activities.record(part, person, f"{metric}_{after['type']}", more, at=when, delivery=after)
    reporting.tell_delivery(part, after, metric, when, more or {}, first=first)
    return after


def unsubscribe(part: Part, delivery: Document, at: float | None = None) -> None:
    """The person of a delivery wants no more: said of the person and of the delivery (D)."""
    mark(part, delivery, "unsubscribed", at)
    person = person_of(part, delivery)
    if person is not None and not is_unsubscribed(person):
        _set_unsubscribed(part, person, delivery)


def _set_unsubscribed(part: Part, person: Document, delivery: Document) -> None:
    """Set the attribute alone, with its activity and webhook."""
    after = copied(person)
    after["attributes"]["unsubscribed"] = True
    after["timestamps"]["unsubscribed"] = int(part.clock.now())
    save(part, after, person)
    activities.record(part, after, "attribute_change", {"unsubscribed": {"from": "false", "to": "true"}})
    reporting.tell_subscription(part, after, "unsubscribed", delivery)


def unsubscribe_from_topic(part: Part, delivery: Document, topic: Document) -> None:
    """The person of a delivery wants no more of one topic (I: what follows from it)."""
    person = person_of(part, delivery)
    if person is None or not subscriptions.is_subscribed(person, topic):
        return
    after = copied(person)
    attributes, chosen = after["attributes"], {f"{PREFERENCES}.topics.{topic['identifier']}": False}
    attributes[PREFERENCES] = subscriptions.merged(attributes.get(PREFERENCES), chosen)
    after["timestamps"][PREFERENCES] = int(part.clock.now())
    save(part, after, person)
    activities.record(
        part, after, f"topic_unsubscribed_{delivery['type']}", {"topic": topic["name"]}, delivery=delivery
    )
    reporting.tell_preferences(part, after, {"topics": {topic["identifier"]: False}}, delivery)
