"""What reporting webhooks tell: which of them are told of an event, and what it says to each.

The members of `data` are those that the vendor describes for each metric of each channel.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from lookalike.part import Part
from lookalike.stores.collection import Document
from lookalike.vendors.customerio.identity import ulid
from lookalike.vendors.customerio.people import PEOPLE, identifiers_json
from lookalike.vendors.customerio.reporting_webhooks import WEBHOOKS

Said = Mapping[str, Any]

CHANNELS = {"twilio": "sms"}
"""What reporting webhooks call a type of delivery, where it is not its name."""

_PARENTS = {
    "broadcast_id": ("broadcast_id", "trigger_id", "action_id", "journey_id", "parent_action_id"),
    "campaign_id": ("campaign_id", "action_id", "journey_id", "parent_action_id", "trigger_event_id"),
    "newsletter_id": ("newsletter_id", "content_id"),
    "transactional_message_id": ("transactional_message_id",),
}
"""What a delivery may come from, and what is said of it then (D)."""

_FAILURES = frozenset({"attempted", "bounced", "deferred", "dropped", "failed", "undeliverable"})
_WITHOUT_ADDRESS = frozenset({"drafted", "attempted", "failed", "undeliverable"})
"""Metrics that name no recipient, of all channels but email."""

_HREF = re.compile(r"""href\s*=\s*["']?(https?://[^"'\s>]+)""", re.IGNORECASE)


def channel_of(delivery: Document) -> str:
    """What reporting webhooks call the channel of a delivery."""
    return CHANNELS.get(delivery["type"], str(delivery["type"]))


def tell_delivery(part: Part, delivery: Document, metric: str, at: float, said: Said, *, first: bool) -> None:
    """Tell of a metric of a delivery. `first` is whether it is the first of its kind, `said` what came with it."""
    channel = channel_of(delivery)

    def event(webhook: Document) -> dict[str, Any] | None:
        if not (first or webhook["full_resolution"]):
            return None
        data = _whose(part, delivery) | _extras(part, delivery, channel, metric, said)
        content = _content(delivery, channel) if webhook["with_content"] and metric == "sent" else {}
        return {"metric": metric, "object_type": channel, "data": data | content}

    _tell(part, f"{channel}_{metric}", at, event)


def tell_subscription(part: Part, person: Document, metric: str, delivery: Document | None) -> None:
    """Tell that somebody `subscribed` or `unsubscribed`, maybe by a message."""
    object_type = "customer" if delivery is None else channel_of(delivery)
    event = {"metric": metric, "object_type": object_type, "data": _customer(person)}
    _tell(part, f"customer_{metric}", part.clock.now(), lambda _: event)


def tell_preferences(part: Part, person: Document, changed: Said, delivery: Document | None) -> None:
    """Tell what somebody prefers now, maybe said by a message; `changed` is only what is new of it (I).

    The vendor's description calls the type of this event's object `object_type_type`, as of no other; both are sent.
    """
    object_type = "customer" if delivery is None else channel_of(delivery)
    data = _customer(person) | ({} if delivery is None else _parents(delivery))

    def event(webhook: Document) -> dict[str, Any]:
        content = {"content": orjson.dumps(changed).decode()} if webhook["with_content"] else {}
        return {
            "metric": "cio_subscription_preferences_changed",
            "object_type": object_type,
            "object_type_type": object_type,
            "data": data | content,
        }

    _tell(part, "customer_subscription_preferences_changed", part.clock.now(), event)


def _tell(part: Part, name: str, at: float, event: Callable[[Document], dict[str, Any] | None]) -> None:
    id = None
    for webhook in part.collection(WEBHOOKS).find("events", name):
        told = None if webhook["disabled"] else event(webhook)
        if told is not None:
            id = id or ulid(part, max(at, 0.0))
            types: dict[str, Any] = {key: told[key] for key in ("object_type", "object_type_type") if key in told}
            payload = {"metric": told["metric"], "event_id": id, **types, "timestamp": int(at), "data": told["data"]}
            part.deliver(subscription=webhook["id"], event=name, url=webhook["endpoint"], payload=payload)


# --- data ------------------------------------------------------------------------------------------------------------


def _customer(person: Document) -> dict[str, Any]:
    return {
        "customer_id": person["user_id"] or "",
        "email_address": person["attributes"].get("email"),
        "identifiers": identifiers_json(person),
    }


def _whose(part: Part, delivery: Document) -> dict[str, Any]:
    """Whom a delivery was for and where it came from; the `customer_id` is blank of somebody who is gone (D)."""
    person = part.collection(PEOPLE).get(delivery["cio_id"]) if delivery["cio_id"] else None
    held = delivery["customer_identifiers"] or {"id": None, "email": None}
    return {
        "customer_id": "" if person is None else person["user_id"] or "",
        "identifiers": held if person is None else identifiers_json(person),
        **_parents(delivery),
    }


def _parents(delivery: Document) -> dict[str, Any]:
    """The delivery, and what it came from."""
    names = next((names for parent, names in _PARENTS.items() if delivery[parent] is not None), ())
    parents = {name: delivery.get(name) for name in names}
    return {"delivery_id": delivery["id"], **{name: id for name, id in parents.items() if id is not None}}


def _extras(part: Part, delivery: Document, channel: str, metric: str, said: Said) -> dict[str, Any]:
    """What is said of this metric of this channel alone."""
    failure = {"failure_message": delivery["failure_message"] or ""} if metric in _FAILURES else {}
    told: dict[str, Any]
    if channel == "push" and metric not in _WITHOUT_ADDRESS:
        told = {"recipients": [one | failure for one in _devices(part, delivery, said)]}
    else:
        told = _address(delivery, channel, metric) | failure
    if metric == "clicked":
        href = str(said.get("href", ""))
        told |= {"href": href, "link_id": _link_id(delivery, href)}
    if channel == "email" and metric == "opened":
        told |= {"proxied": False, "prefetched": False, "synthetic": said.get("synthetic", False)}
    if channel == "email" and metric == "clicked":
        told |= {"machine": False}
    return told


def _address(delivery: Document, channel: str, metric: str) -> dict[str, Any]:
    if channel == "email":
        addressed = {"recipient": delivery["recipient"], "subject": delivery["subject"] or ""}
        return {} if metric == "attempted" else addressed
    if metric in _WITHOUT_ADDRESS or (channel, metric) == ("in_app", "opened"):
        return {}
    return {"recipient": delivery["recipient"]}


def _devices(part: Part, delivery: Document, said: Said) -> list[dict[str, Any]]:
    """The devices that a push message was for, or the one that reports."""
    person = part.collection(PEOPLE).get(delivery["cio_id"]) if delivery["cio_id"] else None
    devices: list[Document] = [] if person is None else person["devices"]
    wanted = said.get("device_token") or (delivery.get("to") or ["all"])[0]
    if wanted == "last_used":
        devices = sorted(devices, key=lambda device: device["last_used"])[-1:]
    elif wanted != "all":
        devices = [device for device in devices if device["id"] == wanted] or [{"id": wanted}]
    return [
        {"device_id": device["id"], **({"device_platform": device["platform"]} if "platform" in device else {})}
        for device in devices
    ]


def _link_id(delivery: Document, href: str) -> int:
    """The place of a link among those of the message, from 1 (I); one that is not there comes after them."""
    body = (delivery.get("archived") or {}).get("body") or ""
    links = list(dict.fromkeys(_HREF.findall(body)))
    return links.index(href) + 1 if href in links else len(links) + 1


def _content(delivery: Document, channel: str) -> dict[str, Any]:
    """What a message says, and an email's own headers."""
    archived = delivery.get("archived") or {}
    if channel == "email":
        headers = _headers(archived.get("headers"))
        return {"content": archived.get("body") or "", **({"headers": headers} if headers else {})}
    if channel == "push":
        return {"content": orjson.dumps(delivery.get("more", {})).decode()}
    return {"content": archived.get("body") or ""}


def _headers(text: str | None) -> dict[str, list[str]]:
    """Header name -> its values; what was sent as headers but makes no sense as such is left out."""
    try:
        held = orjson.loads(text or "{}")
    except orjson.JSONDecodeError:
        return {}
    pairs = held.items() if isinstance(held, dict) else ()
    return {name: [str(one) for one in (value if isinstance(value, list) else [value])] for name, value in pairs}
