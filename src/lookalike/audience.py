"""A neutral audience: what a fixture says, in nobody's terms. Vendors' `seeding.py` tell it in theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lookalike.ids import ALL, Share


@dataclass(slots=True)  # frozen, a person would take five times as long to make, and crowds are millions
class Person:
    """One person, whom nobody changes. Times are epoch seconds. `attributes` are free JSON values; `groups` are names,
    those of rule-based groups included; `consents` says for some topics whether the person agreed (True) or declined
    (False)."""

    number: int
    email: str
    first_name: str | None
    last_name: str | None
    phone: str | None
    user_id: str | None
    attributes: Mapping[str, Any]
    groups: tuple[str, ...]
    consents: Mapping[str, bool]
    unsubscribed: bool
    created_at: float


@dataclass(frozen=True, slots=True)
class Property:
    """A declared attribute; `type` is string, number, boolean or date."""

    name: str
    type: str
    label: str
    fallback: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """A list of people; with `where` (a condition as `conditions.py` reads it) membership follows from attributes."""

    name: str
    description: str | None
    where: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Topic:
    """Something a person may agree to receive. `opt_in`: who said nothing gets it. `public`: shown to everybody."""

    name: str
    description: str | None
    opt_in: bool
    public: bool


@dataclass(frozen=True, slots=True)
class EventDefinition:
    """A kind of event; `properties` maps names to string, number, boolean or date."""

    name: str
    description: str | None
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One event that happened to the person of that number."""

    person: int
    event: str
    properties: Mapping[str, Any]
    at: float


@dataclass(frozen=True, slots=True)
class SentMessage:
    """One mail sent to the person of that number; `outcome`: delivered, opened, clicked, bounced or complained."""

    person: int
    sender: str
    subject: str
    html: str
    text: str
    outcome: str
    at: float


@dataclass(frozen=True)
class Audience:
    """Everything a fixture says. `now` (epoch seconds) is the moment it describes; nothing in it is later."""

    now: float
    people: Sequence[Person] = ()
    properties: Sequence[Property] = ()
    groups: Sequence[Group] = ()
    topics: Sequence[Topic] = ()
    events: Sequence[EventDefinition] = ()
    occurrences: Sequence[Occurrence] = ()
    messages: Sequence[SentMessage] = ()
    share: Share = ALL
    """Where these people are among all who are told: what is random of them is to be neighbours there."""
