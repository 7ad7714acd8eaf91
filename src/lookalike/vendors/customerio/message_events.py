"""What follows from something that happened to a message: metrics, suppressions, consents and reporting webhooks."""

from __future__ import annotations

from collections.abc import Mapping

from lookalike.messages import CannotHappen, Happening, Message
from lookalike.part import Part
from lookalike.stores.collection import Document
from lookalike.vendors.customerio import deliveries, esp_suppression, optouts, subscriptions
from lookalike.vendors.customerio.deliveries import DELIVERIES
from lookalike.vendors.customerio.reporting import channel_of
from lookalike.vendors.customerio.schemas.reporting_webhooks import METRICS

_METRICS: Mapping[str, str] = {
    "delivered": "delivered",
    "opened": "opened",
    "clicked": "clicked",
    "bounced": "bounced",
    "complained": "spammed",
}

_SUPPRESSED_AS = {"bounced": "bounces", "spammed": "spam_reports"}
"""What an address is suppressed as by the email service provider after its metric (D)."""

_REASONS = {"bounced": "550 No such user here", "deferred": "450 Try again later", "spammed": "Marked as spam"}
"""What the other server said, where nobody says what (I)."""


def happen(part: Part, message: Message, happening: Happening) -> None:
    """Draw the consequences. Raises CannotHappen for what messages of its channel never meet."""
    delivery = part.collection(DELIVERIES).get(message["id"])
    if delivery is None:
        raise CannotHappen(f"Customer.io has no delivery {message['id']} any more.")
    if happening.type == "unsubscribed":
        _unsubscribe(part, delivery, happening)
        return
    metric, channel = _METRICS[happening.type], channel_of(delivery)
    if metric == "bounced" and happening.bounce == "transient" and "deferred" in METRICS[channel].split():
        metric = "deferred"
    if metric not in METRICS[channel].split():
        raise CannotHappen(f"Customer.io knows no {channel} message that is {metric}.")
    _mark(part, delivery, metric, happening)


def _mark(part: Part, delivery: Document, metric: str, happening: Happening) -> None:
    more = {"href": happening.url} if happening.url is not None else {}
    if metric in ("bounced", "deferred"):
        reason = happening.reason or _REASONS[metric]
        delivery, more = {**delivery, "failure_message": reason}, {"reason": reason}
    deliveries.mark(part, delivery, metric, happening.at, more)
    if metric in _SUPPRESSED_AS and delivery["type"] == "email":
        for address in happening.recipients:
            reason = happening.reason or _REASONS[metric]
            esp_suppression.add_entry(part, _SUPPRESSED_AS[metric], address, reason)


def _unsubscribe(part: Part, delivery: Document, happening: Happening) -> None:
    """From everything, or from one topic; a text message from its sender, as by an answer of STOP (I)."""
    channel = channel_of(delivery)
    if happening.group is not None:
        deliveries.unsubscribe_from_topic(part, delivery, _topic(part, happening.group))
    elif channel == "email":
        deliveries.unsubscribe(part, delivery, happening.at)
    else:
        sender = (delivery.get("archived") or {}).get("from")
        if channel not in ("sms", "whatsapp") or sender is None or delivery["cio_id"] is None:
            raise CannotHappen(f"Nobody can unsubscribe by this {channel} message: it names no sender.")
        optouts.change(part, delivery["cio_id"], {(channel, sender): True})


def _topic(part: Part, named: str) -> Document:
    for topic in subscriptions.topics_in_order(part):
        if named in (topic["id"], topic["identifier"], topic["name"]):
            return topic
    raise CannotHappen(f"Customer.io has no subscription topic {named!r}: name one by its id, identifier or name.")
