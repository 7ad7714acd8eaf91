"""What happened, person by person: events, changes of attributes and devices, deliveries. Also events of nobody yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from lookalike.part import Part
from lookalike.stores import Index, Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.customerio.identity import ulid

KEPT = 30 * 86400
"""Seconds of history that move with a merge, and for which anonymous events wait for their person (D)."""

OCCURRENCES = ("event", "page", "screen")
"""The types that stand for what a person did; the others say what became of the person."""


def place(cio_id: str | None = None, type: str | None = None, name: str | None = None) -> str:
    """The partition of the order "newest" with the activities of a person, or else of a type and a name, each if given.

    It is cheap to page through. A name is that of an event, page or screen, or of a changed attribute. What a person
    did is not parted any further: a sorted list for every person, type and name would cost more than all documents.
    """
    return f"person {cio_id}" if cio_id else f"{type or ''}\n{name or ''}"


def _places(activity: Document) -> Iterator[str]:
    for type in ("", activity["type"]):
        for name in ("", *activity["names"]):
            yield place(None, type, name)
    if activity["cio_id"]:
        yield place(activity["cio_id"])


def _waiting(activity: Document) -> Iterable[str]:
    return () if activity["cio_id"] or not activity["anonymous_id"] else (activity["anonymous_id"],)


ACTIVITIES = Resource(
    "activities",
    indexes=(Index("anonymous_id", _waiting),),
    orders=(Order("newest", ("timestamp",), within=_places),),
)
"""id (a ULID), type, name (or None), names (what `place` finds it under), timestamp (unix seconds), cio_id (None
as long as nobody is known), anonymous_id (or None), customer_id, customer_identifiers, data, delivery_id,
delivery_type."""


def record(
    part: Part,
    person: Document,
    type: str,
    data: dict[str, Any] | None = None,
    *,
    name: str | None = None,
    at: float | None = None,
    id: str | None = None,
    delivery: Document | None = None,
) -> Document:
    """Append an activity of a person and return it.

    `at` is in epoch seconds and now if left out; `delivery` is the one that a message activity is about, of which
    its data tells too.
    """
    activity = _activity(part, type, data or {}, name, at, id) | _whose(person)
    if delivery is not None:
        activity |= {"delivery_id": delivery["id"], "delivery_type": delivery["type"]}
        activity["data"] = _state(delivery) | activity["data"]
    part.collection(ACTIVITIES).put(activity)
    return activity


def _state(delivery: Document) -> dict[str, Any]:
    """How far a delivery is: when it arrived, and whether it was opened (D); null as long as it is not."""
    metrics = delivery["metrics"]
    return {
        "delivered": metrics.get("delivered"),
        "delivery_id": delivery["id"],
        "opened": True if "opened" in metrics else None,
    }


def record_all(part: Part, people: Iterable[Document], type: str) -> None:
    """Append an activity to each of many people who have just been created."""
    part.collection(ACTIVITIES).extend(
        [_activity(part, type, {}, None, person["created"], None) | _whose(person) for person in people]
    )


def record_unknown(
    part: Part,
    anonymous_id: str | None,
    type: str,
    data: dict[str, Any],
    *,
    name: str | None = None,
    at: float | None = None,
    id: str | None = None,
) -> Document:
    """Append what somebody did who is not known yet."""
    activity = _activity(part, type, data, name, at, id) | {"anonymous_id": anonymous_id}
    part.collection(ACTIVITIES).put(activity)
    return activity


def _activity(
    part: Part, type: str, data: dict[str, Any], name: str | None, at: float | None, id: str | None
) -> Document:
    when = part.clock.now() if at is None else at
    return {
        "id": id or ulid(part, max(when, 0.0)),
        "type": type,
        "name": name,
        "names": [name] if name else sorted(data) if type.endswith("attribute_change") else [],
        "timestamp": int(when),
        "anonymous_id": None,
        "data": data,
        "delivery_id": None,
        "delivery_type": None,
        "cio_id": None,
        "customer_id": None,
        "customer_identifiers": None,
    }


def _whose(person: Document) -> dict[str, Any]:
    return {
        "cio_id": person["id"],
        "customer_id": person["user_id"],
        "customer_identifiers": {
            "email": person["attributes"].get("email"),
            "id": person["user_id"],
            "cio_id": person["id"],
        },
    }


def is_known(part: Part, id: str) -> bool:
    """Whether an event with this id has been seen."""
    return part.collection(ACTIVITIES).get(id) is not None


def waiting(part: Part, anonymous_id: str) -> list[Document]:
    """The events of the last 30 days that wait for somebody with this anonymous id, oldest first."""
    found = part.collection(ACTIVITIES).find("anonymous_id", anonymous_id)
    return [activity for activity in found if activity["timestamp"] >= part.clock.now() - KEPT]


def recent(part: Part, cio_id: str) -> Iterator[Document]:
    """A person's activities of the last 30 days, newest first."""
    since = part.clock.now() - KEPT
    for activity in part.collection(ACTIVITIES).scan("newest", within=place(cio_id), descending=True):
        if activity["timestamp"] < since:
            return
        yield activity


def give(part: Part, activity: Document, person: Document) -> None:
    """Make it an activity of this person."""
    part.collection(ACTIVITIES).put({**activity, **_whose(person)})
