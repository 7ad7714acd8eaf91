"""A neutral audience in SegMailer's terms.

SegMailer has no lists, no topics and no declared attributes. So groups become segments: those with a rule by that
rule, where a filter can tell it; the others by the attribute `groups`, which names what a contact belongs to. The
topics that somebody agreed to stand in the attribute `topics`. Bounces, complaints and openings leave their traces in
the contact.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from lookalike.audience import Audience, Group, Person, SentMessage
from lookalike.clock import iso
from lookalike.messages import history
from lookalike.part import Part
from lookalike.stores.collection import Document
from lookalike.vendors.segmailer import events, mails, people, segments
from lookalike.vendors.segmailer.membership import SEGMENTS
from lookalike.vendors.segmailer.neutral import filter_of

_STATUSES = ("complained", "bounced")
_OPENED = ("opened", "clicked")
_SCALARS = frozenset((str, int, float, bool))


def seed(part: Part, audience: Audience) -> None:
    """Tell an audience; segments that are there by name stay, people whose address is taken are left out."""
    plain = {group.name for group in audience.groups if _segment(part, group, iso(audience.now))}
    outcomes: dict[int, list[str]] = {}
    for message in audience.messages:
        outcomes.setdefault(message.person, []).append(message.outcome)
    ids = part.ids.uuids(len(audience.people))
    told = [
        _contact(id, person, plain, outcomes.get(person.number, ()))
        for id, person in zip(ids, audience.people, strict=True)
    ]
    kept = people.add_all(part, told)
    if not (audience.occurrences or audience.messages):
        return
    contacts = {
        person.number: contact for person, contact in zip(audience.people, told, strict=True) if contact["id"] in kept
    }
    for occurrence in audience.occurrences:
        if (known := contacts.get(occurrence.person)) is not None:
            at = iso(occurrence.at)
            events.make(part, known["id"], occurrence.event, dict(occurrence.properties), at, at)
    for message in audience.messages:
        if (known := contacts.get(message.person)) is not None:
            _message(part, message, known["email"], audience.now)


def _segment(part: Part, group: Group, now: str) -> bool:
    """Find or make a group's segment; says whether contacts have to name the group to be in it."""
    filter_ = None if group.where is None else filter_of(group.where)
    if part.collection(SEGMENTS).one("name", group.name) is None:
        named = {"attribute": "groups", "op": "contains", "value": group.name}
        segments.add(part, segments.draft(part, group.name, filter_ or named, now))
    return filter_ is None


def _contact(id: str, person: Person, plain: Collection[str], outcomes: Collection[str]) -> Document:
    contact = people.draft(id, person.email.lower(), iso(person.created_at))
    contact["attributes"] = _attributes(person, plain)
    if person.unsubscribed:
        contact["status"] = "unsubscribed"
    if outcomes:
        contact["opened"] = any(outcome in _OPENED for outcome in outcomes)
        for status in _STATUSES:
            if status in outcomes:
                contact["status"] = status
    return contact


def _attributes(person: Person, plain: Collection[str]) -> dict[str, Any]:
    return _flat(
        {
            "firstName": person.first_name,
            "lastName": person.last_name,
            "phone": person.phone,
            "userId": person.user_id,
            **person.attributes,
            "groups": [name for name in person.groups if name in plain] if person.groups else None,
            "topics": [topic for topic, agreed in person.consents.items() if agreed] if person.consents else None,
        }
    )


def _flat(said: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty, and without objects, which SegMailer does not take: members stand under both names."""
    flat: dict[str, Any] = {}
    for name, value in said.items():
        if type(value) in _SCALARS:
            flat[name] = value
        elif isinstance(value, dict):
            flat |= {f"{name}_{member}": inner for member, inner in _flat(value).items()}
        elif value:
            flat[name] = list(value)
    return flat


def _message(part: Part, message: SentMessage, email: str, now: float) -> None:
    sent = mails.message(
        part, [email], message.subject, sender=message.sender, html=message.html, text=message.text, at=message.at
    )
    past = history(sent, message.outcome, now)
    part.keep_message({**sent, "events": [happening.as_json() for happening in past]})
