"""What people do, told by an interface: events, page and screen views, of known and unknown people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lookalike.part import Part
from lookalike.vendors.customerio import activities, people
from lookalike.vendors.customerio.identifiers import Named, somebody
from lookalike.vendors.customerio.identity import is_ulid

LONGEST_NAME = 100
"""Bytes of an event's name (D). A page's name is its address, for which no limit is told."""


@dataclass(frozen=True)
class Happening:
    """One of them. `id` (a ULID) keeps it from being told twice; `at` is in epoch seconds."""

    type: str
    name: str
    data: Mapping[str, Any]
    at: float | None = None
    id: str | None = None

    def is_repeated(self, part: Part) -> bool:
        return self.id is not None and is_ulid(self.id) and activities.is_known(part, self.id)

    @property
    def ulid(self) -> str | None:
        return self.id if self.id is not None and is_ulid(self.id) else None


def note(part: Part, named: Named, happening: Happening) -> None:
    """Append it to the person of that name, who is made where there is none; of a suppressed one nothing is kept."""
    if happening.is_repeated(part):
        return
    person = somebody(part, named)
    if person is not None:
        at = part.clock.now() if happening.at is None else happening.at
        people.happened(part, person, happening.type, happening.name, happening.data, at, happening.ulid)


def note_anonymous(part: Part, anonymous_id: str | None, happening: Happening) -> None:
    """Append it to whoever has that anonymous id, or keep it until somebody has."""
    if happening.is_repeated(part):
        return
    person = people.find(part, "anonymous_id", anonymous_id) if anonymous_id else None
    at = part.clock.now() if happening.at is None else happening.at
    if person is not None:
        people.happened(part, person, happening.type, happening.name, happening.data, at, happening.ulid)
        return
    activities.record_unknown(
        part, anonymous_id, happening.type, dict(happening.data), name=happening.name, at=at, id=happening.ulid
    )
