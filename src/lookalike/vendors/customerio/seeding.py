"""A neutral audience in Customer.io's terms.

Groups become manual segments, data-driven ones where they have a rule; topics become subscription topics and consents
what people prefer among them. The attribute `company`, where people have one, becomes an object type of its own, to
whose objects they are related.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lookalike.audience import Audience, Person, SentMessage
from lookalike.clock import iso
from lookalike.messages import history
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
from lookalike.vendors.customerio.identity import delivery_id
from lookalike.vendors.customerio.message_events import happen
from lookalike.vendors.customerio.subscription_center import CHANNELS
from lookalike.workspace import Part

COMPANY = "company"
_FIELDS = {"user_id": "id"}
"""What a person's field is called here, where it has another name."""


def seed(part: Part, audience: Audience) -> None:
    """Fill a fresh workspace."""
    _channels(part)
    with_companies = any(person.attributes.get(COMPANY) for person in audience.people)
    if with_companies:
        objects.add_type(part, "1", "Companies", "Company")
    begin = min((person.created_at for person in audience.people), default=audience.now)
    part.clock.freeze(begin)  # definitions are as old as the first person, so that nobody uses what was not there yet
    segments: dict[str, str | None] = {}
    for group in audience.groups:
        tree = None if group.where is None else _renamed(group.where)
        segment = segmentation.add_segment(part, group.name, group.description or "", tree)
        segments[group.name] = segment["id"] if tree is None else None
    topics = {
        topic.name: subscriptions.add_topic(part, topic.name, topic.description or "", topic.opt_in)["identifier"]
        for topic in audience.topics
    }
    ids = {person.number: _person(part, person, segments, topics) for person in audience.people}
    for event in sorted(audience.occurrences, key=lambda event: event.at):
        person = part.collection(people.PEOPLE).get(ids[event.person])
        assert person is not None
        people.happened(part, person, "event", event.event, event.properties, event.at)
    for message in sorted(audience.messages, key=lambda message: message.at):
        _message(part, message, ids[message.person], audience.now)
    part.clock.freeze(audience.now)


def _channels(part: Part) -> None:
    channels = part.collection(CHANNELS)
    for number, (type_, name) in enumerate((("email", "Email"), ("push", "Push"), ("twilio", "SMS")), start=1):
        channels.put(
            {
                "id": str(number),
                "number": number,
                "type": type_,
                "name": name,
                "description": "",
                "subscribed_by_default": True,
            }
        )


def _renamed(tree: Mapping[str, Any]) -> dict[str, Any]:
    """A condition about Customer.io's names."""
    if "field" in tree:
        return {**tree, "field": _FIELDS.get(tree["field"], tree["field"])}
    return {
        kind: _renamed(child) if kind == "not" else [_renamed(one) for one in child] for kind, child in tree.items()
    }


def _person(part: Part, person: Person, segments: Mapping[str, str | None], topics: Mapping[str, str]) -> str:
    at = int(person.created_at)
    part.clock.freeze(person.created_at)
    document = people.draft(part)
    attributes = _attributes(person, topics)
    document["attributes"] = attributes
    document["timestamps"] = dict.fromkeys(attributes, at)
    document["segments"] = [id for name in person.groups if (id := segments.get(name)) is not None]
    people.save(part, document, None)
    activities.record(part, document, "profile_create")
    company = person.attributes.get(COMPANY)
    if isinstance(company, str) and company:
        found = objects.ensure(part, "1", re.sub(r"[^a-z0-9]+", "-", company.lower()).strip("-") or company)
        objects.change(part, found, {"name": company})
        objects.relate(part, document["id"], found, {})
    return str(document["id"])


def _attributes(person: Person, topics: Mapping[str, str]) -> dict[str, Any]:
    told = {
        "id": person.user_id,
        "email": person.email,
        "created_at": int(person.created_at),
        "first_name": person.first_name,
        "last_name": person.last_name,
        "phone": person.phone,
        **{name: value for name, value in person.attributes.items() if name not in ("id", "email", "cio_id")},
    }
    if person.unsubscribed:
        told["unsubscribed"] = True
    chosen = {topics[name]: agreed for name, agreed in person.consents.items() if name in topics}
    if chosen:
        told[subscriptions.PREFERENCES] = {"topics": chosen}
    return {name: value for name, value in told.items() if value not in (None, "")}


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
