"""Who is in a fixture's rule-based groups: told once its people, and all that they did, are known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lookalike.audience import Occurrence, Person
from lookalike.conditions import ConditionError, Get, Key, Rule, check, fields
from lookalike.seeding.checks import Unfit, unknown
from lookalike.seeding.people import fields_of

if TYPE_CHECKING:
    from lookalike.seeding.schema import FixtureSpec, GroupSpec


def check_rules(spec: FixtureSpec) -> None:
    """Raises Unfit where a group's rule makes no sense. It may name events, and groups that are declared before it."""
    known: list[str] = []
    events = [event.name for event in spec.events]
    for n, group in enumerate(spec.groups):
        if group.where is not None:
            _check_rule(group, ("groups", n), known, events)
        known.append(group.name)


def _check_rule(group: GroupSpec, place: tuple[Any, ...], groups: list[str], events: list[str]) -> None:
    assert group.where is not None
    if group.share:
        raise Unfit((*place, "share"), "a group with a rule has no share")
    try:
        check(group.where)
    except ConditionError as error:
        raise Unfit((*place, "where", *error.path), error.message) from None
    for key in sorted(map(_as_pair, Rule(group.where).keys)):
        kind, name = key
        if kind == "group" and name not in groups:
            raise Unfit((*place, "where"), unknown("group declared before this one", name, groups))
        if kind == "event" and name not in events:
            raise Unfit((*place, "where"), unknown("event", name, events))


def _as_pair(key: Key) -> tuple[str, str]:
    return key if isinstance(key, tuple) else ("field", key)


def grouped(
    spec: FixtureSpec, people: Sequence[Person], occurrences: Iterable[Occurrence], now: float
) -> Sequence[Person]:
    """The people with the groups by rule added, all groups in the order of their declaration."""
    rules = {group.name: Rule(group.where) for group in spec.groups if group.where is not None}
    if not rules:
        return people
    happened: dict[tuple[int, str], list[float]] = {}
    for one in occurrences:
        happened.setdefault((one.person, one.event), []).append(one.at)
    dated = any("created_at" in fields(rule.tree) for rule in rules.values())
    return [_grouped(spec, person, rules, _reader(person, happened, dated=dated), now) for person in people]


def _reader(person: Person, happened: dict[tuple[int, str], list[float]], *, dated: bool) -> Get:
    told = fields_of(person, dated=dated)

    def get(key: Key) -> Any:
        return told.get(key) if isinstance(key, str) else happened.get((person.number, key[1]), ())

    return get


def _grouped(spec: FixtureSpec, person: Person, rules: dict[str, Rule], get: Get, now: float) -> Person:
    names = set(person.groups)

    def told(key: Key) -> Any:
        return key[1] in names if isinstance(key, tuple) and key[0] == "group" else get(key)

    for name, rule in rules.items():
        if rule.judge(told, now)[0]:
            names.add(name)
    if len(names) == len(person.groups):
        return person
    return replace(person, groups=tuple(group.name for group in spec.groups if group.name in names))
