"""A neutral audience told in OpenSend's terms.

Rule-based groups become segments like the others, since OpenSend's segments are static lists. Values that are no text
become text, since contacts are created with texts alone. What a message led to is told as its email events; who
bounced or complained is suppressed.
"""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any

import orjson

from lookalike.audience import Audience, EventDefinition, Person, SentMessage
from lookalike.clock import iso
from lookalike.messages import history
from lookalike.part import Part
from lookalike.stores.collection import Document
from lookalike.vendors.opensend import coercion, contacts, jsonb, message_events, outgoing
from lookalike.vendors.opensend.contacts import CONTACTS
from lookalike.vendors.opensend.events import DELIVERIES, EVENTS
from lookalike.vendors.opensend.properties import PROPERTIES
from lookalike.vendors.opensend.shelves import SEGMENTS
from lookalike.vendors.opensend.topics import TOPICS


class _Telling:
    """One audience on its way into one part."""

    def __init__(self, part: Part, audience: Audience) -> None:
        self.part = part
        self.audience = audience
        # Definitions are as old as the first person, so that nobody uses what was not there yet.
        self.begin = iso(min((person.created_at for person in audience.people), default=audience.now))
        self.segments: dict[str, str] = {}
        self.topics: dict[str, str] = {}
        self.joined: dict[tuple[str, ...], dict[str, str]] = {}
        self.people: dict[int, dict[str, Any]] = {}

    def all(self) -> None:
        self._definitions()
        ids = self.part.ids.uuids(len(self.audience.people), self.audience.share)
        told = [self._contact(id, person) for id, person in zip(ids, self.audience.people, strict=True)]
        kept = self.part.collection(CONTACTS).extend(told)
        if not (self.audience.occurrences or self.audience.messages):
            return
        numbers = {id: person.number for id, person in zip(ids, self.audience.people, strict=True)}
        self.people = {numbers[contact["id"]]: contact for contact in kept}
        for occurrence in self.audience.occurrences:
            if occurrence.person in self.people:
                self._occurrence(occurrence.person, occurrence.event, dict(occurrence.properties), occurrence.at)
        for message in sorted(self.audience.messages, key=lambda message: message.at):
            if message.person in self.people:
                self._message(message)

    def _define(self, resource: Any, by: str, **values: Any) -> str:
        """The id of what has this value of the field `by`; it is made unless it is there."""
        there = self.part.collection(resource).scan(resource.orders[0].name)
        found = (document["id"] for document in there if document[by] == values[by])
        return next(found, None) or self._put(resource, **values)

    def _put(self, resource: Any, **values: Any) -> str:
        document = {"id": self.part.ids.uuid4(), **values}
        self.part.collection(resource).put(document)
        id: str = document["id"]
        return id

    def _definitions(self) -> None:
        for one in self.audience.properties:
            self._define(
                PROPERTIES,
                "key",
                key=one.name,
                name=one.label,
                type=one.type,
                fallback_value=one.fallback,
                created_at=self.begin,
                updated_at=self.begin,
            )
        for group in self.audience.groups:
            self.segments[group.name] = self._define(SEGMENTS, "name", name=group.name, created_at=self.begin)
        for topic in self.audience.topics:
            self.topics[topic.name] = self._define(
                TOPICS,
                "name",
                name=topic.name,
                description=topic.description,
                default_subscription="opt_in" if topic.opt_in else "opt_out",
                visibility="public" if topic.public else "private",
                created_at=self.begin,
            )
        for event in self.audience.events:
            self._define(
                EVENTS,
                "name",
                name=event.name,
                schema=jsonb.stored(_schema(event)),
                created_at=self.begin,
                updated_at=self.begin,
            )

    def _contact(self, id: str, person: Person) -> Document:
        contact = contacts.draft(id, person.email.lower(), iso(person.created_at))
        contact["first_name"], contact["last_name"] = person.first_name, person.last_name
        contact["unsubscribed"] = person.unsubscribed
        contact["properties"] = _properties(person) or None
        if person.groups:
            joined = self.joined.get(person.groups) or self._joined(person.groups)
            contact["segments"], contact["joined"] = list(joined.values()), joined
        if person.consents:
            contact["topics"] = [
                {"topicId": self.topics[name], "subscribed": agreed}
                for name, agreed in person.consents.items()
                if name in self.topics
            ]
        return contact

    def _joined(self, groups: tuple[str, ...]) -> dict[str, str]:
        """Id and name of the segments among these groups; worked out once, for many are in the same few."""
        joined = self.joined[groups] = {self.segments[name]: name for name in groups if name in self.segments}
        return joined

    def _occurrence(self, number: int, event: str, payload: dict[str, Any], at: float) -> None:
        id = self.people[number]["id"]
        self._put(
            DELIVERIES, event=event, contact_id=id, email=None, payload=jsonb.stored(payload), received_at=iso(at)
        )

    def _message(self, message: SentMessage) -> None:
        recipient = self.people[message.person]["email"]
        email = outgoing.DRAFT | {
            "id": self.part.ids.uuid4(),
            "from": parseaddr(message.sender)[1],
            "to": [recipient],
            "subject": message.subject,
            "html": message.html,
            "text": message.text,
            "status": "sent",
            "scheduled_at": None,
            "sent_at": iso(message.at),
            "created_at": iso(message.at),
            "number": self.part.collection(outgoing.EMAILS).count() + 1,
            "due": None,
        }
        outgoing.keep(self.part, email)
        # The provider's word of having taken an email holds nothing.
        outgoing.tell(self.part, "sent", {}, email_id=email["id"], at=email["sent_at"])
        for happening in history(email, message.outcome, self.audience.now):
            self.part.clock.freeze(happening.at)
            message_events.happen(self.part, email, happening)
            self.part.note_message(email["id"], happening)
        self.part.clock.freeze(self.audience.now)


def _schema(event: EventDefinition) -> dict[str, Any] | None:
    if not event.properties:
        return None
    types = {name: {"type": "string" if type == "date" else type} for name, type in event.properties.items()}
    return {"type": "object", "properties": types}


def _properties(person: Person) -> dict[str, str]:
    return jsonb.texts({**person.attributes, "phone": person.phone, "user_id": person.user_id}, _text)


def _text(value: Any) -> str:
    return orjson.dumps(value).decode() if isinstance(value, dict) else coercion.string(value)


def seed(part: Part, audience: Audience) -> None:
    """Tell an audience in OpenSend's terms, with the ids of `part`; its clock stands at the audience's now.

    In a part that is in use, what is there by name stays, and people whose address is taken are left out.
    """
    _Telling(part, audience).all()
