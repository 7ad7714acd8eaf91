"""Rule-based groups of every vendor: whatever happens, who is in them is as if all were judged from scratch."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lookalike.audience import Audience, Person
from tests.every_vendor.populations import DAY, POPULATIONS, START, Population, email, population
from tests.every_vendor.worlds import NAMES, VENDORS

GROUPED = [name for name in NAMES if VENDORS[name].living is not None or name in POPULATIONS]
"""The vendors with rule-based groups, and those whose groups have to stay as they were put together."""

RELATIVE = ("within_last", "within_next", "more_than_ago", "more_than_ahead")
_leaves = st.one_of(
    st.fixed_dictionaries({"plan": st.sampled_from("ab")}),
    st.fixed_dictionaries({"seats": st.integers(0, 3)}),
    st.fixed_dictionaries({"seen": st.tuples(st.sampled_from(RELATIVE), st.integers(0, 6))}),
    st.fixed_dictionaries({"bought": st.tuples(st.integers(0, 2), st.integers(1, 6))}),
    st.fixed_dictionaries({"in": st.integers(0, 3)}),
)
RULES = st.recursive(
    _leaves,
    lambda rules: st.one_of(
        st.fixed_dictionaries({"all": st.lists(rules, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(rules, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"not": rules}),
    ),
    max_leaves=4,
)
PEOPLE = st.integers(0, 2)
ATTRIBUTES = st.fixed_dictionaries(
    {
        "plan": st.sampled_from(["a", "b", None]),
        "seats": st.sampled_from([0, 2, "3", True, None]),
        "seen": st.sampled_from([-7, -3, -1.5, 0.25, 2, 5, None]),
    },
)
SOME = st.one_of(ATTRIBUTES, ATTRIBUTES.map(lambda told: {"seen": told["seen"]}), st.just({"plan": "b"}))
STEPS: dict[str, tuple[st.SearchStrategy[Any], ...]] = {
    "write": (PEOPLE, SOME),
    "move": (st.sampled_from([0.5, 1, 2.5, 4, 9]),),
    "make": (RULES,),
    "change": (st.integers(0, 3), RULES),
    "drop": (st.integers(0, 3),),
    "delete": (PEOPLE,),
    "join": (PEOPLE,),
    "leave": (PEOPLE,),
    "buy": (PEOPLE,),
    "back": (st.sampled_from([1, 6]),),
}
OFTEN = ["write"] * 8 + ["move"] * 6 + ["buy"] * 3 + ["make"] * 2
SELDOM = ["change", "drop", "delete", "join", "leave"]


def steps(*kinds: str) -> st.SearchStrategy[list[tuple[Any, ...]]]:
    """What happens one after the other."""
    one = st.sampled_from([*OFTEN, *SELDOM, *kinds]).flatmap(lambda kind: st.tuples(st.just(kind), *STEPS[kind]))
    return st.lists(one, min_size=10, max_size=25)


BEGINNINGS = st.tuples(st.lists(ATTRIBUTES, min_size=3, max_size=3), st.lists(RULES, min_size=2, max_size=3))

BOUNDED = settings(
    max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)


def take(people: Population, step: tuple[Any, ...]) -> None:
    action, *arguments = step
    if action == "move":
        people.client.clock(advance=f"{arguments[0] * 24}h")
    elif action == "back":
        people.client.clock(freeze=people.day(-arguments[0]))
    else:
        getattr(people, action)(*arguments)


def begin(people: Population, beginning: tuple[list[Any], list[Any]]) -> None:
    for who, attributes in enumerate(beginning[0]):
        people.write(who, attributes)
    for rule in beginning[1]:
        people.make(rule)


@pytest.mark.parametrize("vendor", GROUPED)
@BOUNDED
@given(beginning=BEGINNINGS, steps=steps("back"))
def test_membership_is_as_if_judged_from_scratch(vendor: str, beginning: Any, steps: list[Any]) -> None:
    people = population(vendor)
    begin(people, beginning)
    for step in steps:
        take(people, step)
        assert people.shown() == people.expected(), step


@pytest.mark.parametrize("vendor", GROUPED)
@BOUNDED
@given(beginning=BEGINNINGS, steps=steps())
def test_with_a_lag_it_is_as_it_was_so_long_ago(vendor: str, beginning: Any, steps: list[Any]) -> None:
    people = population(vendor)
    people.client.control("PUT", "/lag", {"lag": "6h"})
    begin(people, beginning)
    for step in steps:
        take(people, step)
    expected = people.expected()
    people.client.clock(advance="6h")
    assert people.shown() == expected


def seed(people: Population, everybody: list[dict[str, Any]]) -> None:
    """Tell so many people at once, as a crowd or a fixture is told."""
    part = people.part
    told = [
        Person(
            number,
            email(number),
            *(None,) * 4,
            {**attributes, "seen": None if attributes["seen"] is None else people.day(attributes["seen"])},
            (),
            {},
            unsubscribed=False,
            created_at=START - DAY,
        )
        for number, attributes in enumerate(everybody)
    ]
    assert part.vendor.seed is not None
    now = part.clock.now()
    with part.workspace.unit():
        part.vendor.seed(part, Audience(now, told))
    part.clock.freeze(now)


@pytest.mark.parametrize("lag", ["0s", "6h"])
@pytest.mark.parametrize("vendor", [name for name in GROUPED if VENDORS[name].living is not None])
@BOUNDED
@given(rules=st.lists(RULES, min_size=1, max_size=3), everybody=st.lists(ATTRIBUTES, min_size=1, max_size=6))
def test_those_who_are_seeded_are_judged(vendor: str, lag: str, rules: list[Any], everybody: list[Any]) -> None:
    people = population(vendor)
    people.client.control("PUT", "/lag", {"lag": lag})
    for rule in rules:
        people.make(rule)
    seed(people, everybody)
    expected = people.expected()
    people.client.clock(advance=lag)
    assert people.shown() == expected
