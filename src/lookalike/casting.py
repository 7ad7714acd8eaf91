"""From a fixture's recipes to the people, groups, events and messages that they make."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lookalike import conditions
from lookalike.audience import (
    Audience,
    EventDefinition,
    Group,
    Occurrence,
    Person,
    Property,
    SentMessage,
    Topic,
)
from lookalike.clock import iso
from lookalike.ids import seeded
from lookalike.recipes import Maker, Place, Recipes, Unfit

if TYPE_CHECKING:
    from lookalike.seeding import FixtureSpec, MessageSpec, OccurrenceSpec, PersonSpec

OUTCOMES = ("delivered", "opened", "clicked", "bounced", "complained")

_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>.]+")
_FIELDS = ("number", "first_name", "last_name", "email", "phone", "user_id")
_TEXTS = ("first_name", "last_name", "phone", "user_id")
_TYPES: Mapping[str, tuple[type, ...]] = {"string": (str,), "number": (int, float), "boolean": (bool,), "date": (str,)}


def cast(spec: FixtureSpec, seed: int) -> Audience:
    """The audience that `spec` describes; the same seed gives the same one. Raises Unfit."""
    for name in ("groups", "topics", "properties", "events"):
        _refuse_twins(name, getattr(spec, name))
    recipes = Recipes(seed, 0.0)
    recipes.now = recipes.moment(spec.now, ("now",))
    people = _Crowd(spec, recipes).people()
    return Audience(
        now=recipes.now,
        people=people,
        properties=[Property(p.name, p.type, p.label or _label(p.name), p.fallback) for p in spec.properties],
        groups=[Group(g.name, g.description, g.where) for g in spec.groups],
        topics=[Topic(t.name, t.description, t.opt_in, t.public) for t in spec.topics],
        events=[EventDefinition(e.name, e.description, e.properties) for e in spec.events],
        occurrences=sorted(_occurrences(spec, recipes, people), key=lambda one: one.at),
        messages=sorted(_messages(spec, recipes, people), key=lambda one: one.at),
    )


def _refuse_twins(kind: str, parts: Sequence[Any]) -> None:
    seen = set()
    for n, part in enumerate(parts):
        if part.name.lower() in seen:
            raise Unfit((kind, n, "name"), f"{part.name!r} is declared twice")
        seen.add(part.name.lower())


def _label(name: str) -> str:
    words = re.sub(r"([a-z])([A-Z])", r"\1 \2", name).replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]


def fields_of(person: Person) -> dict[str, Any]:
    """Everything a rule or a template may ask of a person, by name."""
    return {
        **person.attributes,
        "number": person.number,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "phone": person.phone,
        "user_id": person.user_id,
        "unsubscribed": person.unsubscribed,
        "created_at": iso(person.created_at),
    }


class _Mould:
    """The makers of one person's fields."""

    def __init__(self, spec: PersonSpec, recipes: Recipes, place: Place) -> None:
        self.place = place
        self.texts = {
            name: recipes.maker(getattr(spec, name), (*place, name), _FIELDS[: _FIELDS.index(name)]) for name in _TEXTS
        }
        self.email = recipes.maker(spec.email, (*place, "email"), ("number", "first_name", "last_name"), slug=True)
        self.unsubscribed = recipes.maker(spec.unsubscribed, (*place, "unsubscribed"))
        self.created = _moments(recipes, "now" if spec.created is None else spec.created, (*place, "created"))
        self.attributes = _members(recipes, spec.attributes, (*place, "attributes"), _FIELDS)
        self.groups = [recipes.maker(one, (*place, "groups", n)) for n, one in enumerate(spec.groups)]
        self.consents = _members(recipes, spec.consents, (*place, "consents"), ())


def _members(recipes: Recipes, specs: Mapping[str, Any], place: Place, names: Sequence[str]) -> dict[str, Maker]:
    """Makers of an object's members, where each may use the ones before it."""
    makers: dict[str, Maker] = {}
    for name, recipe in specs.items():
        makers[name] = recipes.maker(recipe, (*place, name), (*names, *makers))
    return makers


def _moments(recipes: Recipes, recipe: Any, place: Place) -> Maker:
    """A maker of epoch seconds, none of them later than the fixture's now."""
    make = recipes.maker(recipe, place)

    def moment(scope: Mapping[str, Any]) -> float:
        at = recipes.moment(_typed(make(scope), "string", place), place)
        if at > recipes.now:
            raise Unfit(place, f"{iso(at)} is later than the fixture's now")
        return at

    return moment


def _typed(value: Any, type_: str, place: Place) -> Any:
    """`value` if it is of that type. Raises Unfit."""
    if not isinstance(value, _TYPES[type_]) or (type_ == "number" and isinstance(value, bool)):
        raise Unfit(place, f"this should give a {type_}, not {value!r}")
    return value


class _Crowd:
    """Makes the people and sees to it that they fit together."""

    def __init__(self, spec: FixtureSpec, recipes: Recipes) -> None:
        self.spec = spec
        self.recipes = recipes
        self.types = {one.name: one.type for one in spec.properties}
        self.topics = {one.name for one in spec.topics}
        self.static = {one.name for one in spec.groups if one.where is None}
        self.emails: dict[str, int] = {}
        self.user_ids: set[str] = set()
        self.shares = [
            (one.name, one.share, seeded(recipes.seed, "groups", one.name)) for one in spec.groups if one.share
        ]
        self.rules = [(one.name, one.where) for one in spec.groups if one.where is not None]
        self._check_groups()

    def _check_groups(self) -> None:
        for n, group in enumerate(self.spec.groups):
            if group.where is None:
                continue
            if group.share:
                raise Unfit(("groups", n, "share"), "a group with a rule has no share")
            try:
                conditions.check(group.where)
            except conditions.ConditionError as error:
                raise Unfit(("groups", n, "where", *error.path), error.message) from None

    def people(self) -> list[Person]:
        spec = self.spec.people
        found: list[Person] = []
        for n, listed in enumerate(spec.listed):
            mould = self._mould(listed, ("people", "list", n))
            found.append(self._person(len(found) + 1, mould, mould.created({}), listed=True))
        if spec.count:
            mould = self._mould(spec.fields, ("people", "fields"))
            created = sorted(mould.created({}) for _ in range(spec.count))
            found += [self._person(len(found) + n, mould, at, listed=False) for n, at in enumerate(created, 1)]
        return found

    def _mould(self, spec: PersonSpec, place: Place) -> _Mould:
        if spec.email is None:
            raise Unfit(place, "'email' is missing")
        for topic in spec.consents:
            if topic not in self.topics:
                raise Unfit((*place, "consents", topic), _unknown("topic", topic, self.topics))
        return _Mould(spec, self.recipes, place)

    def _person(self, number: int, mould: _Mould, created: float, *, listed: bool) -> Person:
        place = mould.place
        scope: dict[str, Any] = {"number": number}
        for name in ("first_name", "last_name"):
            scope[name] = self._text(mould, name, scope)
        scope["email"] = self._email(mould.email(scope), (*place, "email"), listed)
        for name in ("phone", "user_id"):
            scope[name] = self._text(mould, name, scope)
        self._own_user_id(scope["user_id"], (*place, "user_id"))
        attributes: dict[str, Any] = {}
        for name, make in mould.attributes.items():
            value = attributes[name] = make({**attributes, **scope})
            if value is not None and name in self.types:
                _typed(value, self.types[name], (*place, "attributes", name))
        person = Person(
            number=number,
            email=scope["email"],
            first_name=scope["first_name"],
            last_name=scope["last_name"],
            phone=scope["phone"],
            user_id=scope["user_id"],
            attributes=attributes,
            groups=(),
            consents=self._consents(mould, scope),
            unsubscribed=_typed(mould.unsubscribed(scope), "boolean", (*place, "unsubscribed")),
            created_at=created,
        )
        groups = self._groups(person, mould, scope)
        if groups:
            object.__setattr__(person, "groups", groups)
        return person

    @staticmethod
    def _text(mould: _Mould, name: str, scope: Mapping[str, Any]) -> str | None:
        value: str | None = mould.texts[name](scope)
        return value if value is None else _typed(value, "string", (*mould.place, name))

    def _email(self, value: Any, place: Place, listed: bool) -> str:
        """Lower-case and nobody else's: a made address that is taken gets a number, a listed one is refused."""
        email = value.lower() if isinstance(value, str) else ""
        if not _EMAIL.fullmatch(email):
            raise Unfit(place, f"this should give an email address, not {value!r}")
        wanted = email
        while email in self.emails:
            if listed:
                raise Unfit(place, f"{email} is another person's email already")
            self.emails[wanted] += 1
            name, _, domain = wanted.partition("@")
            email = f"{name}{self.emails[wanted]}@{domain}"
        self.emails[email] = 1
        return email

    def _own_user_id(self, user_id: str | None, place: Place) -> None:
        if user_id is None:
            return
        if user_id in self.user_ids:
            raise Unfit(place, f"{user_id!r} is another person's user id already; a {{number}} makes it unique")
        self.user_ids.add(user_id)

    def _consents(self, mould: _Mould, scope: Mapping[str, Any]) -> dict[str, bool]:
        found: dict[str, bool] = {}
        for topic, make in mould.consents.items():
            value = make(scope)
            if value is not None:
                found[topic] = _typed(value, "boolean", (*mould.place, "consents", topic))
        return found

    def _groups(self, person: Person, mould: _Mould, scope: Mapping[str, Any]) -> tuple[str, ...]:
        """The person's groups in the order of their declaration."""
        names = {name for name, share, chance in self.shares if chance.random() < share}
        for n, make in enumerate(mould.groups):
            name = make(scope)
            if name is not None and name not in self.static:
                raise Unfit((*mould.place, "groups", n), _unknown("group without a rule", name, self.static))
            names.add(name)
        if self.rules:
            get = fields_of(person).get
            names.update(name for name, where in self.rules if conditions.matches(where, get))
        return tuple(group.name for group in self.spec.groups if group.name in names)


def _unknown(kind: str, name: Any, known: Iterable[str]) -> str:
    return f"there is no {kind} {name!r}; use one of {', '.join(sorted(known)) or 'those you declare'}"


class _Lot:
    """Draws people, or finds the one who is named."""

    def __init__(self, recipes: Recipes, people: Sequence[Person], kind: str) -> None:
        self._people = people
        self._seed = recipes.seed
        self._kind = kind
        self._by_email = {person.email: person for person in people}

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


def _occurrences(spec: FixtureSpec, recipes: Recipes, people: Sequence[Person]) -> Iterable[Occurrence]:
    lot = _Lot(recipes, people, "occurrences")
    events = {event.name: event.properties for event in spec.events}
    for n, one in enumerate(spec.occurrences):
        place: Place = ("occurrences", n)
        if one.event not in events:
            raise Unfit((*place, "event"), _unknown("event", one.event, events))
        types = events[one.event]
        for name in one.properties:
            if name not in types:
                raise Unfit((*place, "properties", name), _unknown(f"property of {one.event}", name, types))
        names = _names(people)
        makers = _members(recipes, one.properties, (*place, "properties"), names)
        at = _moments(recipes, one.at, (*place, "at"))
        for person in lot.draw(one, place):
            scope = fields_of(person)
            made = {name: make(scope) for name, make in makers.items()}
            for name, value in made.items():
                _typed(value, types[name], (*place, "properties", name))
            yield Occurrence(person.number, one.event, made, at(scope))


def _messages(spec: FixtureSpec, recipes: Recipes, people: Sequence[Person]) -> Iterable[SentMessage]:
    lot = _Lot(recipes, people, "messages")
    for n, one in enumerate(spec.messages):
        place: Place = ("messages", n)
        names = _names(people)
        texts = {
            name: recipes.maker(getattr(one, name), (*place, name), names)
            for name in ("sender", "subject", "html", "text", "outcome")
        }
        at = _moments(recipes, one.at, (*place, "at"))
        for person in lot.draw(one, place):
            scope = fields_of(person)
            made = {name: _typed(make(scope), "string", (*place, name)) for name, make in texts.items()}
            if made["outcome"] not in OUTCOMES:
                raise Unfit((*place, "outcome"), _unknown("outcome", made["outcome"], OUTCOMES))
            yield SentMessage(person.number, **made, at=at(scope))


def _names(people: Sequence[Person]) -> tuple[str, ...]:
    return tuple(fields_of(people[0])) if people else _FIELDS
