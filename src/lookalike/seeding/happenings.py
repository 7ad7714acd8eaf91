"""What happened to the people of a fixture: events, and messages that they were sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from lookalike.audience import Occurrence, Person, SentMessage
from lookalike.ids import seeded
from lookalike.seeding.checks import Place, Unfit, typed, unknown
from lookalike.seeding.people import FIELDS, fields_of
from lookalike.seeding.recipes import Recipes

if TYPE_CHECKING:
    from lookalike.seeding.schema import FixtureSpec, MessageSpec, OccurrenceSpec

OUTCOMES = ("delivered", "opened", "clicked", "bounced", "complained")


class _Lot:
    """Draws people, or finds the one who is named."""

    def __init__(self, recipes: Recipes, people: Sequence[Person], kind: str) -> None:
        self._people = people
        self._seed = recipes.seed
        self._kind = kind
        self._by_email = {person.email: person for person in people}
        self.names = (*FIELDS, *dict.fromkeys(name for person in people for name in person.attributes))
        """What a template may use."""

    def draw(self, spec: OccurrenceSpec | MessageSpec, place: Place) -> list[Person]:
        """As many people as `spec` counts; nobody twice while there are others."""
        if spec.person is not None:
            person = self._by_email.get(spec.person.lower())
            if person is None:
                raise Unfit((*place, "person"), f"there is no person with the email {spec.person!r}")
            return [person] * spec.count
        if not self._people:
            raise Unfit(place, f"{self._kind} need people")
        chance = seeded(self._seed, *place)
        rounds = [
            chance.sample(self._people, min(len(self._people), spec.count - done))
            for done in range(0, spec.count, len(self._people))
        ]
        return [person for one in rounds for person in one]


def occurrences(spec: FixtureSpec, recipes: Recipes, people: Sequence[Person]) -> Iterable[Occurrence]:
    """The occurrences, as the file has them. Raises Unfit."""
    lot = _Lot(recipes, people, "occurrences")
    events = {event.name: event.properties for event in spec.events}
    for n, one in enumerate(spec.occurrences):
        place: Place = ("occurrences", n)
        if one.event not in events:
            raise Unfit((*place, "event"), unknown("event", one.event, events))
        types = events[one.event]
        for name in one.properties:
            if name not in types:
                raise Unfit((*place, "properties", name), unknown(f"property of {one.event}", name, types))
        makers = recipes.members(one.properties, (*place, "properties"), lot.names)
        at = recipes.moments(one.at, (*place, "at"))
        for person in lot.draw(one, place):
            scope = fields_of(person)
            made: dict[str, Any] = {}
            for name, make in makers.items():
                made[name] = typed(make({**scope, **made}), types[name], (*place, "properties", name))
            yield Occurrence(person.number, one.event, made, at(scope))


def messages(spec: FixtureSpec, recipes: Recipes, people: Sequence[Person]) -> Iterable[SentMessage]:
    """The messages, as the file has them. Raises Unfit."""
    lot = _Lot(recipes, people, "messages")
    for n, one in enumerate(spec.messages):
        place: Place = ("messages", n)
        texts = {
            name: recipes.maker(getattr(one, name), (*place, name), lot.names)
            for name in ("sender", "subject", "html", "text", "outcome")
        }
        at = recipes.moments(one.at, (*place, "at"))
        for person in lot.draw(one, place):
            scope = fields_of(person)
            made = {name: typed(make(scope), "string", (*place, name)) for name, make in texts.items()}
            if made["outcome"] not in OUTCOMES:
                raise Unfit((*place, "outcome"), unknown("outcome", made["outcome"], OUTCOMES))
            yield SentMessage(person.number, **made, at=at(scope))
