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
from lookalike.messages import history
from lookalike.part import Part
from lookalike.stores.collection import Document
from lookalike.vendors.invent import contact_fields, people, segments
from lookalike.vendors.invent.broadcast_documents import BROADCASTS, make_broadcast
from lookalike.vendors.invent.contact_views import SEGMENTS
from lookalike.vendors.invent.identity import new_id, new_ids, twin
from lookalike.vendors.invent.message_events import COUNTERS, note
from lookalike.vendors.invent.recipients import RECIPIENTS, make_recipient, mark
from lookalike.vendors.invent.schemas.fields import normal_phone

_COLORS = ("blue", "green", "amber", "purple", "rose", "teal", "orange", "sky")
_STATUSES = {"MARKETING": "SENT", "TRANSACTIONAL": "ACTIVE"}


def seed(part: Part, audience: Audience) -> None:
    """Tell an audience to an organization; what is there by name stays, people who are there already are left out."""
    now = iso(audience.now)
    for key, type_, name in contact_fields.SYSTEM:
        contact_fields.declare(part, key, type_, name, "system")
    for item in audience.properties:
        contact_fields.declare(part, item.name, item.type, item.label or item.name, "custom")
    segment_ids = {
        group.name: _segment(part, group.name, _COLORS[position % len(_COLORS)], now)
        for position, group in enumerate(audience.groups)
    }
    ids = new_ids(part, "ctc", len(audience.people))
    told = {
        person.number: _contact(part, id, person, segment_ids) for id, person in zip(ids, audience.people, strict=True)
    }
    kept = {contact["id"] for contact in people.add_all(part, told.values())}
    for name, kind, messages in _broadcasts(audience):
        mails = [(mail, contact) for mail in messages if (contact := told[mail.person])["id"] in kept]
        if mails:
            _broadcast(part, name, kind, mails, audience.now)


def _segment(part: Part, name: str, color: str, now: str) -> str:
    known = part.collection(SEGMENTS).one("name", name)
    return str((known or segments.make_segment(part, name, color, now))["id"])


def _contact(part: Part, id: str, person: Person, segment_ids: dict[str, str]) -> Document:
    at, email, phone = iso(person.created_at), person.email.lower(), person.phone
    contact = people.blank(id, at)
    contact["name"] = name = " ".join(filter(None, (person.first_name, person.last_name))) or None
    said = {"user_id": person.user_id or email, "name": name, "email": email}
    if phone is None:
        contact["channels"] = [people.channel(twin(id, "cch"), at, **said)]
    else:
        phone = normal_phone(phone)
        contact["channels"] = [
            people.channel(twin(id, "cch"), at, **said, phone=phone),
            people.make_channel(part, at, type="whatsapp_bot", user_id=phone, name=name, phone=phone),
        ]
    contact["segment_ids"] = [segment_ids[group] for group in person.groups if group in segment_ids]
    if person.unsubscribed:
        contact |= {"unsubscribed": True, "unsubscribed_at": at}
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


def _broadcast(part: Part, name: str, kind: str, mails: list[tuple[SentMessage, Document]], now: float) -> None:
    """Add the messages to the broadcast of that name, made if there is none."""
    known = part.collection(BROADCASTS).find("name", name)
    fitting = [one for one in known if (one["type"], one["status"]) == (kind, _STATUSES[kind])]
    broadcast = fitting[0] if fitting else _new_broadcast(part, name, kind, [mail.at for mail, _ in mails])
    for mail, contact in mails:
        _recipient(part, broadcast, contact, mail, now)
        broadcast["contacts_count"] += kind == "MARKETING"
    part.collection(BROADCASTS).put(broadcast)


def _new_broadcast(part: Part, name: str, kind: str, times: list[float]) -> Document:
    first, last, is_over = iso(min(times)), iso(max(times)), kind == "MARKETING"
    return make_broadcast(
        part,
        name,
        kind,
        first,
        status=_STATUSES[kind],
        started_at=first,
        completed_at=last if is_over else None,
        updated_at=last,
        send_to_all=is_over,
    )


def _recipient(part: Part, broadcast: Document, contact: Document, mail: SentMessage, now: float) -> None:
    at, template, channel = iso(mail.at), broadcast["templates"][0], contact["channels"][0]
    where = {name: channel.get(name) for name in ("user_id", "name", "phone", "email")}
    row = make_recipient(part, broadcast, template, contact, where, at)
    row["external_message_id"] = new_id(part, "msg")
    mark(row, "sent", at)
    for count in ("sent_count", "recipients_count"):
        broadcast[count] += 1
    template["recipients_count"] += 1
    message = _message(row, contact, mail)
    happenings = history(message, mail.outcome, now)
    for happening in happenings:
        if note(row, happening.type, iso(happening.at)):
            broadcast[COUNTERS[happening.type]] += 1
    part.collection(RECIPIENTS).put(row)
    part.keep_message({**message, "events": [happening.as_json() for happening in happenings]})


def _message(row: Document, contact: Document, mail: SentMessage) -> dict[str, Any]:
    return {
        "id": row["external_message_id"],
        "from": mail.sender,
        "to": [row["email"]],
        "subject": mail.subject,
        "html": mail.html,
        "text": mail.text,
        "created_at": row["created_at"],
        "status": mail.outcome,
        "broadcast_id": row["broadcast_id"],
        "recipient_id": row["id"],
        "template_id": row["template_id"],
        "contact_id": contact["id"],
        "variables": {},
    }
