"""A neutral audience in Customer.io's terms.

Groups become manual segments, data-driven ones where they have a rule; topics become subscription topics and consents
what people prefer among them. The attribute `company`, where people have one, becomes an object type of its own, to
whose objects they are related.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from lookalike import living
from lookalike.audience import Audience, Group, Person, SentMessage
from lookalike.clock import iso
from lookalike.messages import history
from lookalike.part import Part
from lookalike.stores.collection import Document
from lookalike.vendors.customerio import (
    activities,
    deliveries,
    delivering,
    objects,
    people,
    segmentation,
    senders,
    subscriptions,
)
from lookalike.vendors.customerio.identity import cio_ids_since, delivery_id
from lookalike.vendors.customerio.message_events import happen
from lookalike.vendors.customerio.subscription_center import CHANNELS

COMPANY = "company"
_FIELDS = {"user_id": "id"}
"""What a person's field is called here, where it has another name."""
_OWN = frozenset(("id", "email", "cio_id"))


def seed(part: Part, audience: Audience) -> None:
    """Tell an audience; what is there by name stays, people whose id or address is taken are left out.

    The clock stands at the audience's now in the end.
    """
    _channels(part)
    begin = min((person.created_at for person in audience.people), default=audience.now)
    part.clock.freeze(begin)  # definitions are as old as the first person, so that nobody uses what was not there yet
    segments = {group.name: _segment(part, group) for group in audience.groups}
    ids = _people(part, audience, segments, _topics(part, audience))
    for event in sorted(audience.occurrences, key=lambda event: event.at):
        person = part.collection(people.PEOPLE).get(ids.get(event.person, ""))
        if person is not None:
            people.happened(part, person, "event", event.event, event.properties, event.at)
    for message in sorted(audience.messages, key=lambda message: message.at):
        if message.person in ids:
            _message(part, message, ids[message.person], audience.now)
    part.clock.freeze(audience.now)


def _channels(part: Part) -> None:
    part.collection(CHANNELS).extend(
        {
            "id": str(number),
            "number": number,
            "type": type_,
            "name": name,
            "description": "",
            "subscribed_by_default": True,
        }
        for number, (type_, name) in enumerate((("email", "Email"), ("push", "Push"), ("twilio", "SMS")), start=1)
    )


def _segment(part: Part, group: Group) -> str | None:
    """Find or make a group's segment; only of a manual one the id is told, since the others find their members."""
    segment = part.collection(segmentation.SEGMENTS).one("name", group.name)
    if segment is None:
        tree = None if group.where is None else _renamed(part, group.where)
        segment = segmentation.add_segment(part, group.name, group.description or "", tree)
    return str(segment["id"]) if segment["type"] == "manual" else None


def _topics(part: Part, audience: Audience) -> dict[str, str]:
    known = {topic["name"]: topic for topic in subscriptions.topics_in_order(part)} if audience.topics else {}
    topics = {
        topic.name: known.get(topic.name)
        or subscriptions.add_topic(part, topic.name, topic.description or "", topic.opt_in)
        for topic in audience.topics
    }
    return {name: topic["identifier"] for name, topic in topics.items()}


def _renamed(part: Part, tree: Mapping[str, Any]) -> dict[str, Any]:
    """A condition about Customer.io's names; groups, which a fixture calls by name, become segments by id."""
    if "event" in tree:
        return dict(tree)
    if "group" in tree:
        segment = part.collection(segmentation.SEGMENTS).one("name", tree["group"])
        return {"group": tree["group"] if segment is None else segment["id"]}
    if "field" in tree:
        return {**tree, "field": _FIELDS.get(tree["field"], tree["field"])}
    return {
        kind: _renamed(part, child) if kind == "not" else [_renamed(part, one) for one in child]
        for kind, child in tree.items()
    }


def _people(
    part: Part, audience: Audience, segments: Mapping[str, str | None], topics: Mapping[str, str]
) -> dict[int, str]:
    """Take people in, in the order in which they came; the ids of those whose identifiers were not taken."""
    told = sorted(audience.people, key=attrgetter("created_at"))
    ids = cio_ids_since(part.collection(people.PEOPLE), [int(person.created_at) for person in told])
    documents = [_person(id, person, segments, topics) for id, person in zip(ids, told, strict=True)]
    if living.rulebook(part):
        for person, document in zip(told, documents, strict=True):
            part.clock.freeze(person.created_at)
            living.assign(part, document, None)
    kept = {document["id"]: document for document in part.collection(people.PEOPLE).extend(documents)}
    since = audience.now - activities.KEPT
    activities.record_all(
        part, (document for document in kept.values() if document["created"] >= since), "profile_create"
    )
    taken_in = [(person, kept[id]) for id, person in zip(ids, told, strict=True) if id in kept]
    for person, document in taken_in:
        if person.attributes.get(COMPANY):
            _relate(part, person, document)
    return {person.number: document["id"] for person, document in taken_in}


def _person(id: str, person: Person, segments: Mapping[str, str | None], topics: Mapping[str, str]) -> Document:
    document = people.blank(id, int(person.created_at))
    document["attributes"] = _attributes(person, topics)
    document["segments"] = [held for name in person.groups if (held := segments.get(name)) is not None]
    people.identify(document)
    return document


def _relate(part: Part, person: Person, document: Document) -> None:
    """Have somebody belong to the company that the attribute names."""
    company = person.attributes[COMPANY]
    if not isinstance(company, str):
        return
    part.clock.freeze(person.created_at)
    if part.collection(objects.OBJECT_TYPES).get("1") is None:
        objects.add_type(part, "1", "Companies", "Company")
    found = objects.ensure(part, "1", re.sub(r"[^a-z0-9]+", "-", company.lower()).strip("-") or company)
    objects.change(part, found, {"name": company})
    objects.relate(part, document["id"], found, {})


def _attributes(person: Person, topics: Mapping[str, str]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": person.user_id,
        "email": person.email,
        "created_at": int(person.created_at),
        "first_name": person.first_name,
        "last_name": person.last_name,
    }
    if person.phone is not None:
        told["phone"] = person.phone
    own, free = _OWN, person.attributes
    told |= free if own.isdisjoint(free) else {name: value for name, value in free.items() if name not in own}
    if person.unsubscribed:
        told["unsubscribed"] = True
    chosen = {topics[name]: agreed for name, agreed in person.consents.items() if name in topics}
    if chosen:
        told[subscriptions.PREFERENCES] = {"topics": chosen}
    if all(told.values()):  # which is quickly asked, and holds of most
        return told
    return {name: value for name, value in told.items() if value is not None and value != ""}


def _message(part: Part, message: SentMessage, cio_id: str, now: float) -> None:
    part.clock.freeze(message.at)
    person = part.collection(people.PEOPLE).get(cio_id)
    assert person is not None
    senders.note_sender(part, message.sender)
    delivery = deliveries.add_delivery(part, person, _delivery(part, message, person))
    sent = delivering.message_of(deliveries.mark(part, delivery, "sent", message.at), iso(message.at))
    happenings = history(sent, message.outcome, now)
    part.keep_message({**sent, "status": message.outcome, "events": [one.as_json() for one in happenings]})
    for happening in happenings:
        part.clock.freeze(happening.at)
        happen(part, sent, happening)


def _delivery(part: Part, message: SentMessage, person: Document) -> dict[str, Any]:
    email = person["attributes"]["email"]
    return {
        "id": delivery_id(part),
        "type": "email",
        "recipient": email,
        "to": [email],
        "subject": message.subject,
        "metrics": {"created": int(message.at)},
        "archived": {"body": message.html, "from": message.sender},
        "more": {"body_plain": message.text},
        "draft": False,
        "send_to_unsubscribed": True,
        "forget": False,
    }
