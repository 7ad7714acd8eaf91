"""A neutral audience in Invent's terms.

People become contacts with a custom channel, and with a WhatsApp one where they have a phone number; groups become
segments, those with a rule too, since Invent knows no rules. Declared attributes become contact fields, but their
values have no place. A subject that several people got is a marketing broadcast that was sent; the other messages were
sent by a transactional broadcast for each sender, which is open for more. Topics and events have no counterpart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from email.utils import parseaddr
from typing import Any

from lookalike.audience import Audience, Person, SentMessage
from lookalike.clock import iso
from lookalike.stores.collection import Document
from lookalike.vendors.invent import contact_fields, people, segments
from lookalike.vendors.invent.broadcast_documents import BROADCASTS, make_broadcast
from lookalike.vendors.invent.identity import new_id
from lookalike.vendors.invent.message_events import COUNTERS, note
from lookalike.vendors.invent.recipients import RECIPIENTS, make_recipient, mark
from lookalike.vendors.invent.schemas.fields import normal_phone
from lookalike.workspace import Part

_COLORS = ("blue", "green", "amber", "purple", "rose", "teal", "orange", "sky")
_BEFORE = {"opened": ("delivered",), "clicked": ("delivered", "opened"), "complained": ("delivered",)}
"""What has happened to a message before this did."""


def seed(part: Part, audience: Audience) -> None:
    """Fill a fresh organization."""
    now = iso(audience.now)
    for key, type_, name in contact_fields.SYSTEM:
        contact_fields.make_field(part, key, type_, name, "system")
    for item in audience.properties:
        contact_fields.make_field(part, item.name, item.type, item.label or item.name, "custom")
    segment_ids = {
        group.name: segments.make_segment(part, group.name, _COLORS[position % len(_COLORS)], now)["id"]
        for position, group in enumerate(audience.groups)
    }
    contacts = {person.number: _contact(part, person, segment_ids) for person in audience.people}
    for name, kind, messages in _broadcasts(audience):
        _broadcast(part, name, kind, messages, contacts)


def _contact(part: Part, person: Person, segment_ids: dict[str, str]) -> Document:
    at, email = iso(person.created_at), person.email.lower()
    name = " ".join(part for part in (person.first_name, person.last_name) if part) or None
    phone = None if person.phone is None else normal_phone(person.phone)
    said = {"user_id": person.user_id or email, "name": name, "email": email, "phone": phone}
    channels = [people.make_channel(part, at, **said)]
    if phone is not None:
        channels.append(people.make_channel(part, at, type="whatsapp_bot", user_id=phone, name=name, phone=phone))
    contact = people.make(
        part,
        at,
        name=name,
        channels=channels,
        unsubscribed=person.unsubscribed,
        unsubscribed_at=at if person.unsubscribed else None,
        segment_ids=[segment_ids[group] for group in person.groups if group in segment_ids],
    )
    people.save(part, contact)
    return contact


def _broadcasts(audience: Audience) -> Iterator[tuple[str, str, list[SentMessage]]]:
    """Name, type and messages of each broadcast that the messages tell of."""
    times = Counter(message.subject for message in audience.messages)
    grouped: dict[tuple[str, str], list[SentMessage]] = {}
    for message in audience.messages:
        kind = "MARKETING" if times[message.subject] > 1 else "TRANSACTIONAL"
        name = message.subject if kind == "MARKETING" else parseaddr(message.sender)[0] or message.sender
        grouped.setdefault((name, kind), []).append(message)
    return ((name, kind, messages) for (name, kind), messages in grouped.items())


def _broadcast(part: Part, name: str, kind: str, messages: list[SentMessage], contacts: dict[int, Document]) -> None:
    first, last = min(message.at for message in messages), max(message.at for message in messages)
    is_sent = kind == "MARKETING"
    broadcast = make_broadcast(
        part,
        name,
        kind,
        iso(first),
        status="SENT" if is_sent else "ACTIVE",
        started_at=iso(first),
        completed_at=iso(last) if is_sent else None,
        updated_at=iso(last),
        contacts_count=len(messages) if is_sent else 0,
        send_to_all=is_sent,
    )
    for message in messages:
        _recipient(part, broadcast, contacts[message.person], message)
    part.collection(BROADCASTS).put(broadcast)


def _recipient(part: Part, broadcast: Document, contact: Document, message: SentMessage) -> None:
    at, template, channel = iso(message.at), broadcast["templates"][0], contact["channels"][0]
    where = {name: channel[name] for name in ("user_id", "name", "username", "phone", "email")}
    row = make_recipient(part, broadcast, template, contact, where, at)
    row["external_message_id"] = new_id(part, "msg")
    mark(row, "sent", at)
    broadcast["sent_count"] += 1
    broadcast["recipients_count"] += 1
    template["recipients_count"] += 1
    for outcome in (*_BEFORE.get(message.outcome, ()), message.outcome):
        if note(row, outcome, at):
            broadcast[COUNTERS[outcome]] += 1
    part.collection(RECIPIENTS).put(row)
    part.keep_message(_kept(row, contact, message))


def _kept(row: Document, contact: Document, message: SentMessage) -> dict[str, Any]:
    return {
        "id": row["external_message_id"],
        "from": message.sender,
        "to": [row["email"]],
        "subject": message.subject,
        "html": message.html,
        "text": message.text,
        "created_at": row["created_at"],
        "status": message.outcome,
        "broadcast_id": row["broadcast_id"],
        "recipient_id": row["id"],
        "template_id": row["template_id"],
        "contact_id": contact["id"],
        "variables": {},
    }
