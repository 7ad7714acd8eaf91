"""From a fixture's recipes to the audience that they make."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lookalike.audience import Audience, EventDefinition, Group, Person, Property, Topic
from lookalike.seeding.checks import Unfit
from lookalike.seeding.happenings import messages, occurrences
from lookalike.seeding.people import Crowd
from lookalike.seeding.recipes import Recipes
from lookalike.seeding.rules import check_rules, grouped

if TYPE_CHECKING:
    from lookalike.seeding.schema import FixtureSpec


def cast(spec: FixtureSpec, seed: int) -> Audience:
    """The audience that `spec` describes; the same seed gives the same one. Raises Unfit."""
    for name in ("groups", "topics", "properties", "events"):
        _refuse_twins(name, getattr(spec, name))
    recipes = Recipes(seed, 0.0)
    recipes.now = recipes.moment(spec.now, ("now",))
    check_rules(spec)
    people: Sequence[Person] = Crowd(spec, recipes).people()
    happened = sorted(occurrences(spec, recipes, people), key=lambda one: one.at)
    return Audience(
        now=recipes.now,
        people=grouped(spec, people, happened, recipes.now),
        properties=[Property(p.name, p.type, p.label or _label(p.name), p.fallback) for p in spec.properties],
        groups=[Group(g.name, g.description, g.where) for g in spec.groups],
        topics=[Topic(t.name, t.description, t.opt_in, t.public) for t in spec.topics],
        events=[EventDefinition(e.name, e.description, e.properties) for e in spec.events],
        occurrences=happened,
        messages=sorted(messages(spec, recipes, people), key=lambda one: one.at),
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
