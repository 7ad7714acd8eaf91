"""The people of a fixture, made by its recipes so that they fit together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lookalike.audience import Person
from lookalike.clock import iso
from lookalike.ids import seeded
from lookalike.seeding.checks import Place, Unfit, typed, unknown
from lookalike.seeding.recipes import Recipes

if TYPE_CHECKING:
    from lookalike.seeding.schema import FixtureSpec, PersonSpec

FIELDS = ("number", "first_name", "last_name", "email", "phone", "user_id")

_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>.]+")
_TEXTS = ("first_name", "last_name", "phone", "user_id")


def fields_of(person: Person, *, dated: bool = True) -> dict[str, Any]:
    """Everything a rule or a template may ask of a person, by name (`created_at` only with `dated`: it takes long)."""
    fields = {
        **person.attributes,
        "number": person.number,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "phone": person.phone,
        "user_id": person.user_id,
        "unsubscribed": person.unsubscribed,
    }
    if dated:
        fields["created_at"] = iso(person.created_at)
    return fields


class _Mould:
    """The makers of one person's fields."""

    def __init__(self, spec: PersonSpec, recipes: Recipes, place: Place) -> None:
        self.place = place
        self.texts = {
            name: recipes.maker(getattr(spec, name), (*place, name), FIELDS[: FIELDS.index(name)]) for name in _TEXTS
        }
        self.email = recipes.maker(spec.email, (*place, "email"), ("number", "first_name", "last_name"), slug=True)
        self.unsubscribed = recipes.maker(spec.unsubscribed, (*place, "unsubscribed"))
        self.created = recipes.moments("now" if spec.created is None else spec.created, (*place, "created"))
        self.attributes = recipes.members(spec.attributes, (*place, "attributes"), FIELDS)
        self.groups = [recipes.maker(one, (*place, "groups", n)) for n, one in enumerate(spec.groups)]
        self.consents = recipes.members(spec.consents, (*place, "consents"), ())


class Crowd:
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
                raise Unfit((*place, "consents", topic), unknown("topic", topic, self.topics))
        return _Mould(spec, self.recipes, place)

    def _person(self, number: int, mould: _Mould, created: float, *, listed: bool) -> Person:
        scope = self._identity(number, mould, listed)
        person = Person(
            **scope,
            attributes=self._attributes(mould, scope),
            groups=(),
            consents=self._consents(mould, scope),
            unsubscribed=typed(mould.unsubscribed(scope), "boolean", (*mould.place, "unsubscribed")),
            created_at=created,
        )
        groups = self._groups(mould, scope)
        return replace(person, groups=groups) if groups else person

    def _identity(self, number: int, mould: _Mould, listed: bool) -> dict[str, Any]:
        scope: dict[str, Any] = {"number": number}
        for name in ("first_name", "last_name"):
            scope[name] = self._text(mould, name, scope)
        scope["email"] = self._email(mould.email(scope), (*mould.place, "email"), listed)
        for name in ("phone", "user_id"):
            scope[name] = self._text(mould, name, scope)
        self._own_user_id(scope["user_id"], (*mould.place, "user_id"))
        return scope

    def _attributes(self, mould: _Mould, scope: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, make in mould.attributes.items():
            value = found[name] = make({**found, **scope})
            if value is not None and name in self.types:
                typed(value, self.types[name], (*mould.place, "attributes", name))
        return found

    @staticmethod
    def _text(mould: _Mould, name: str, scope: Mapping[str, Any]) -> str | None:
        value: str | None = mould.texts[name](scope)
        return value if value is None else typed(value, "string", (*mould.place, name))

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
                found[topic] = typed(value, "boolean", (*mould.place, "consents", topic))
        return found

    def _groups(self, mould: _Mould, scope: Mapping[str, Any]) -> tuple[str, ...]:
        """The person's groups without a rule, in the order of their declaration."""
        names = {name for name, share, chance in self.shares if chance.random() < share}
        for n, make in enumerate(mould.groups):
            name = make(scope)
            if name is None:
                continue
            if typed(name, "string", (*mould.place, "groups", n)) not in self.static:
                raise Unfit((*mould.place, "groups", n), unknown("group without a rule", name, self.static))
            names.add(name)
        return tuple(group.name for group in self.spec.groups if group.name in names)
