"""The store of people: how they are found, written and deleted, so that segments and activities follow.

A document holds

    id            the cio_id
    user_id       the identifier `id`, or None
    email_key     the address in lower case, or None
    attributes    every attribute as it was sent, `id` and `email` among them; `unsubscribed` is a boolean
    timestamps    attribute -> unix second when it was set last; left out where that was the person's creation
    devices       [{id, platform, last_used, attributes}]
    segments      ids of segments, manual and data-driven
    events        event name -> {count, last}
    created       unix second of the profile's creation
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lookalike import living
from lookalike.part import Part
from lookalike.stores import Index, Order, Resource
from lookalike.stores.collection import Document, Value
from lookalike.vendors.customerio import activities, campaign_triggers
from lookalike.vendors.customerio.filters import shelves, spread
from lookalike.vendors.customerio.identity import new_cio_id
from lookalike.vendors.customerio.objects import forget_person

ID_TYPES = ("id", "email", "phone", "cio_id")
UNIQUE = ("id", "email", "cio_id")
"""Fields whose values name one person."""


def _attribute(name: str) -> Index:
    def keys(person: Document) -> Iterable[Value]:
        value = person["attributes"].get(name)
        return (value,) if isinstance(value, str) and value else ()

    return Index(name, keys)


PEOPLE = Resource(
    "people",
    unique=("user_id", "email_key"),
    indexes=(_attribute("phone"), _attribute("anonymous_id")),
    orders=(
        Order("id"),
        Order("members", within="segments"),
        living.RECHECKS,
    ),
    sets=(
        "segments",
        Index(
            "attributes",
            lambda person: shelves(person["attributes"], UNIQUE),
            lambda people, slots: spread([person["attributes"] for person in people], slots, UNIQUE),
        ),
    ),
)
"""The order "id" is that of creation, "members" within a segment's id the same among its members. The sets are those
of the members of each segment, and of those who have an attribute as `filters.shelf` names it."""


def find(part: Part, id_type: str, value: str) -> Document | None:
    """The person whom an identifier of one of `ID_TYPES` (or `anonymous_id`) names, or None.

    Addresses are compared without regard to case; a cio_id may come with its prefix `cio_`.
    """
    people = part.collection(PEOPLE)
    if id_type == "cio_id":
        return people.get(value.removeprefix("cio_"))
    if id_type == "email":
        return people.one("email_key", value.lower())
    return people.one("user_id" if id_type == "id" else id_type, value)


def called(part: Part, text: str) -> Document | None:
    """The person of an email, an id or a cio_id."""
    found = (find(part, id_type, text) for id_type in ("email", "id", "cio_id"))
    return next((person for person in found if person is not None), None)


def title(person: Document) -> str:
    """What to call somebody."""
    return str(person["attributes"].get("email") or person["user_id"] or person["id"])


def set_at(person: Document, attribute: str) -> int:
    """The unix second in which an attribute was set last, 0 if it is not set."""
    at: int = person["timestamps"].get(attribute, person["created"] if attribute in person["attributes"] else 0)
    return at


def identifiers_json(person: Document) -> dict[str, Any]:
    """`{"email", "id", "cio_id"}`, as every answer names a person; what is not set is null."""
    return {"email": person["attributes"].get("email"), "id": person["user_id"], "cio_id": person["id"]}


def is_unsubscribed(person: Document) -> bool:
    return person["attributes"].get("unsubscribed") is True


def draft(part: Part) -> Document:
    """A person who is not stored yet, without identifiers."""
    return blank(new_cio_id(part.collection(PEOPLE), part), int(part.clock.now()))


def blank(id: str, created: int) -> Document:
    """The same with an id and a second of creation of its own."""
    return {
        "id": id,
        "user_id": None,
        "email_key": None,
        "attributes": {},
        "timestamps": {},
        "devices": [],
        "segments": [],
        "events": {},
        "created": created,
    }


def copied(person: Document) -> Document:
    """The same person, to be changed and given to `save` beside the original."""
    return {
        **person,
        "attributes": dict(person["attributes"]),
        "timestamps": dict(person["timestamps"]),
        "devices": list(person["devices"]),
        "segments": list(person["segments"]),
        "events": dict(person["events"]),
    }


def save(part: Part, person: Document, before: Document | None) -> None:
    """Store what became of somebody (`before` is None for a new one), in the segments where it now belongs.

    What the person did has to be recorded by then: rules look it up.
    """
    identify(person)
    living.assign(part, person, before)
    part.collection(PEOPLE).put(person)
    campaign_triggers.passed(part, before, person)


def identify(person: Document) -> None:
    """Take the identifiers from the attributes."""
    email = person["attributes"].get("email")
    person["user_id"] = person["attributes"].get("id")
    person["email_key"] = email.lower() if isinstance(email, str) else None


def delete(part: Part, person: Document) -> None:
    """Take somebody away, with devices, memberships and relationships; activities and deliveries stay."""
    part.collection(PEOPLE).delete(person["id"])
    forget_person(part, person["id"])
    activities.record(part, person, "profile_delete")


def join(part: Part, person: Document, segment_id: str) -> bool:
    """Put somebody into a manual segment; false when already there."""
    if segment_id in person["segments"]:
        return False
    save(part, {**person, "segments": [*person["segments"], segment_id]}, person)
    return True


def leave(part: Part, person: Document, segment_id: str) -> bool:
    """Take somebody out of a segment; false when not there."""
    if segment_id not in person["segments"]:
        return False
    save(part, {**person, "segments": [id for id in person["segments"] if id != segment_id]}, person)
    return True


def count_members(part: Part, segment_id: str) -> int:
    """How many people belong to a segment."""
    return part.collection(PEOPLE).page("members", limit=0, within=segment_id).total


def happened(
    part: Part, person: Document, type: str, name: str, data: Mapping[str, Any], at: float, id: str | None = None
) -> Document:
    """Append an event, page or screen of a person, and count it where segments look; returns the person."""
    activity = activities.record(part, person, type, dict(data), name=name, at=at, id=id)
    after = counted(person, [activity])
    save(part, after, person)
    campaign_triggers.happened(part, after, activity)
    return after


def counted(person: Document, happenings: Iterable[Document]) -> Document:
    """The person with these events, pages and screens counted; not stored."""
    after = copied(person)
    for activity in happenings:
        if activity["type"] not in activities.OCCURRENCES:
            continue
        key = activity["name"] if activity["type"] == "event" else f"{activity['type']}:{activity['name']}"
        seen = after["events"].get(key, {"count": 0, "last": 0})
        after["events"][key] = {"count": seen["count"] + 1, "last": max(seen["last"], activity["timestamp"])}
    return after
