"""A neutral audience in AutoSend's terms.

Attributes become custom fields, groups lists (segments where they have a rule), topics suppression groups with those
in them who declined, and whoever unsubscribed from everything is on the global list. Bounces and complaints suppress
globally, as the vendor's own entries do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from lookalike import living
from lookalike.audience import Audience, Group, Person, SentMessage
from lookalike.clock import iso
from lookalike.conditions import type_of
from lookalike.messages import history
from lookalike.part import Part
from lookalike.stores.collection import Document
from lookalike.vendors.autosend import events, lists, people, properties, segments, suppressions
from lookalike.vendors.autosend.identity import new_id, new_ids
from lookalike.vendors.autosend.people import CONTACTS
from lookalike.vendors.autosend.segments import LISTS

_FAILURES = {"bounced": "BOUNCE", "complained": "SPAM_COMPLAINT"}
_STATUSES = {"bounced": "bounced", "complained": "spam_reported"}
_SCALARS = frozenset((str, int, float, bool))
_PERSON_FIELDS = {"first_name": "firstName", "last_name": "lastName", "user_id": "userId", "created_at": "createdAt"}


def seed(part: Part, audience: Audience) -> None:
    """Tell an audience to a project; what is there by name stays, people whose address is taken are left out."""
    now = iso(audience.now)
    suppressions.standing(part, "global")
    _definitions(part, audience, now)
    list_ids = {group.name: _group(part, group, now) for group in audience.groups}
    topics = _topics(part, audience, now)
    ids = new_ids(part, len(audience.people))
    told = [_contact(id, person, list_ids) for id, person in zip(ids, audience.people, strict=True)]
    living.assign_new(part, told)
    kept = {contact["id"] for contact in part.collection(CONTACTS).extend(told)}
    _suppress(part, [person for id, person in zip(ids, audience.people, strict=True) if id in kept], topics)
    if not (audience.occurrences or audience.messages):
        return
    pairs = zip(audience.people, told, strict=True)
    contacts = {person.number: contact for person, contact in pairs if contact["id"] in kept}
    for occurrence in audience.occurrences:
        if (contact := contacts.get(occurrence.person)) is not None:
            events.record(part, occurrence.event, contact["id"], occurrence.properties, iso(occurrence.at))
    for message in audience.messages:
        if (contact := contacts.get(message.person)) is not None:
            _message(part, message, contact, audience.now)


def _definitions(part: Part, audience: Audience, now: str) -> None:
    for item in audience.properties:
        name = _name(item.name)
        if part.collection(properties.PROPERTIES).one("name", name) is None:
            properties.make_property(part, name, item.type, now, item.fallback)
    for definition in audience.events:
        if part.collection(events.EVENTS).one("activeName", definition.name) is None:
            declared = [events.property_of(name, type_) for name, type_ in definition.properties.items()]
            events.make_event(part, definition.name, definition.description, declared, now)


def _topics(part: Part, audience: Audience, now: str) -> dict[str, Document]:
    known = {group["name"]: group for group in part.collection(suppressions.GROUPS).scan("newest")}
    return {
        topic.name: known.get(topic.name)
        or suppressions.make_group(part, topic.name, at=now, description=topic.description)
        for topic in audience.topics
    }


def _group(part: Part, group: Group, now: str) -> str | None:
    """Find or make a list, or a segment where AutoSend can tell the rule; only of a list the id is told.

    Segments find their members themselves.
    """
    known = part.collection(LISTS).one("name", group.name)
    if known is not None:
        return str(known["id"]) if known["type"] == "list" else None
    document = lists.make_list(part, group.name, group.description, now)
    criteria = None if group.where is None else _criteria(group.where)
    if criteria is not None:
        lists.define_segment(part, document, criteria, segments.parse(criteria))
    part.collection(LISTS).put(document)
    if criteria is None:
        return str(document["id"])
    living.rebuild_now(part, document["id"])
    return None


def _criteria(where: Mapping[str, Any]) -> dict[str, Any] | None:
    """A neutral rule as `filterCriteria`, or None where AutoSend has no words for it."""
    member = _member(where)
    if member is None:
        return None
    return member if "groups" in member else {"logicalOperator": "AND", "groups": [member]}


def _member(tree: Mapping[str, Any]) -> dict[str, Any] | None:
    for kind, operator in (("all", "AND"), ("any", "OR")):
        if kind in tree:
            members = [_member(child) for child in tree[kind]]
            return None if None in members else {"logicalOperator": operator, "groups": members}
    type_ = type_of(tree) if "field" in tree else ""
    if tree.get("op") not in segments.OPERATORS.get(type_, ()):
        return None
    member = {"field": _name(tree["field"]), "fieldType": type_, "operator": tree["op"]}
    return member | ({"value": tree["value"]} if "value" in tree else {})


@lru_cache(maxsize=1024)
def _name(field: str) -> str:
    """A person's field or attribute as a contact has it; names that custom fields cannot have get a prefix."""
    if field in _PERSON_FIELDS:
        return _PERSON_FIELDS[field]
    return f"contact_{field}" if field in properties.RESERVED and field != "email" else field


def _contact(id: str, person: Person, list_ids: dict[str, str | None]) -> Document:
    contact = people.draft(id, person.email.lower(), iso(person.created_at))
    if person.first_name is not None:
        contact["firstName"] = person.first_name
    if person.last_name is not None:
        contact["lastName"] = person.last_name
    if person.user_id is not None:
        contact["userId"] = person.user_id
    custom = _custom_fields(person)
    if custom:
        contact["customFields"] = custom
    if person.groups:
        contact["listIds"] = [list_id for name in person.groups if (list_id := list_ids.get(name)) is not None]
    return contact


def _custom_fields(person: Person) -> dict[str, Any]:
    custom: dict[str, Any] = {}
    for name, value in person.attributes.items():
        if type(value) in _SCALARS:
            custom[_name(name)] = value
        elif value:
            custom[_name(name)] = _flat(value)
    if person.phone is not None:
        custom.setdefault("phone", person.phone)
    return custom


def _suppress(part: Part, told: Iterable[Person], topics: dict[str, Document]) -> None:
    """Put those who declined into the topic's group, and those who want nothing into the global one."""
    everything, entries = suppressions.standing(part, "global"), []
    for person in told:
        if not (person.consents or person.unsubscribed):
            continue
        groups = [topics[topic] for topic, agreed in person.consents.items() if not agreed and topic in topics]
        for group in (*groups, everything) if person.unsubscribed else groups:
            at = iso(person.created_at)
            entries.append(suppressions.entry(part, person.email.lower(), group, "unsubscribed", at))
    part.collection(suppressions.ENTRIES).extend(entries)


def _flat(value: Mapping[str, Any] | Sequence[Any]) -> str:
    """Several values as one text, which is all that a custom field can have."""
    return ", ".join(map(str, value.values() if isinstance(value, Mapping) else value))


def _message(part: Part, message: SentMessage, contact: Document, now: float) -> None:
    mail = {
        "id": new_id(part),
        "from": message.sender,
        "to": [contact["email"]],
        "subject": message.subject,
        "html": message.html,
        "text": message.text,
        "created_at": iso(message.at),
        "status": _STATUSES.get(message.outcome, message.outcome),
    }
    happenings = history(mail, message.outcome, now)
    part.keep_message({**mail, "events": [happening.as_json() for happening in happenings]})
    reason = _FAILURES.get(message.outcome)
    if reason is not None:
        group = suppressions.standing(part, "global")
        suppressions.suppress(part, contact["email"], group, reason, iso(happenings[-1].at))
