"""Conditions on values as they are, on time, on events and on groups: a table of types, operators and edges."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from lookalike.clock import parse_instant
from lookalike.conditions import (
    OPERATORS,
    ConditionError,
    check,
    differing,
    event_key,
    explain,
    group_key,
    judge,
    keys,
    matches,
    same,
)

VALUES: dict[str, Any] = {
    "text": "Pro",
    "empty": "",
    "one": 1,
    "half": 0.5,
    "yes": True,
    "no": False,
    "list": ["Pro", 1, False],
    "none": None,
    "day": "2026-01-10",
    "instant": "2026-01-10T12:00:00+02:00",
    "almost": "20260110",
    "number": "7",
}
EVERYTHING = {*VALUES, "missing"}

HOLDS: list[tuple[str, Any, set[str]]] = [
    ("equals", "Pro", {"text"}),
    ("equals", "pro", set()),
    ("equals", "", {"empty"}),
    ("equals", 1, {"one"}),
    ("equals", 1.0, {"one"}),
    ("equals", True, {"yes"}),
    ("equals", 0, set()),
    ("equals", "7", {"number"}),
    ("equals", 7, set()),
    ("equals", ["Pro", 1, False], {"list"}),
    ("equals", ["Pro", True, 0], set()),
    ("not_equals", "Pro", EVERYTHING - {"text"}),
    ("in", ["Pro", 1], {"text", "one"}),
    ("in", [True], {"yes"}),
    ("in", [], set()),
    ("not_in", ["Pro", 1], EVERYTHING - {"text", "one"}),
    ("not_in", [], EVERYTHING),
    ("contains", "r", {"text"}),
    ("contains", "PRO", {"text"}),
    ("contains", "Pro", {"text", "list"}),
    ("contains", 1, {"list"}),
    ("contains", True, set()),
    ("contains", False, {"list"}),
    ("contains", "", {"text", "empty", "day", "instant", "almost", "number"}),
    ("not_contains", "Pro", EVERYTHING - {"text", "list"}),
    ("greater_than", 0.5, {"one"}),
    ("greater_or_equal", 0.5, {"one", "half"}),
    ("less_than", 1, {"half"}),
    ("less_or_equal", 1, {"one", "half"}),
    ("greater_than", "2026-01-09", {"day", "instant"}),
    ("greater_than", "2026-01-10", {"instant"}),
    ("greater_or_equal", "2026-01-10", {"day", "instant"}),
    ("less_than", "2026-01-10T10:00:00Z", {"day"}),
    ("less_or_equal", "2026-01-10T10:00:00Z", {"day", "instant"}),
    ("greater_than", "A", set()),
    ("less_than", "7", set()),
    ("exists", None, EVERYTHING - {"none", "missing"}),
    ("not_exists", None, {"none", "missing"}),
]


@pytest.mark.parametrize(("op", "value", "expected"), HOLDS)
def test_json(op: str, value: Any, expected: set[str]) -> None:
    leaf = {"type": "json", "op": op} | ({} if "exists" in op else {"value": value})
    for field in EVERYTHING:
        check({"field": field, **leaf})
    assert {field for field in EVERYTHING if matches({"field": field, **leaf}, VALUES.get)} == expected


def test_the_table_has_every_operator() -> None:
    relative = {"within_last", "within_next", "more_than_ago", "more_than_ahead"}
    assert {op for op, _, _ in HOLDS} | relative == set(OPERATORS["json"])


@pytest.mark.parametrize("type_", OPERATORS)
@pytest.mark.parametrize("missing", [True, False])
def test_what_an_empty_field_counts_as_can_be_said(type_: str, missing: bool) -> None:
    value = {"string": "x", "number": 1, "boolean": True, "date": "2026-01-01", "json": 1}[type_]
    for op in ("equals", "not_equals"):
        tree = {"field": "missing", "type": type_, "op": op, "value": value, "missing": missing}
        check(tree)
        assert matches(tree, VALUES.get) is missing
    unsaid = {"field": "missing", "type": type_, "op": "not_equals", "value": value}
    assert matches(unsaid, VALUES.get)


# --- time ------------------------------------------------------------------------------------------------------------

NOW = parse_instant("2026-01-10T00:00:00Z")
DAY = 86_400.0
WEEK = 7 * DAY

EDGES: list[tuple[str, float, bool, float | None]] = [
    # operator, value's distance from now, whether it holds with a span of a week, when that may change
    ("within_last", 1, False, 1),
    ("within_last", 0, True, WEEK),
    ("within_last", -WEEK + 1, True, 1),
    ("within_last", -WEEK, True, 0),
    ("within_last", -WEEK - 1, False, None),
    ("within_next", WEEK + 1, False, 1),
    ("within_next", WEEK, True, WEEK),
    ("within_next", 1, True, 1),
    ("within_next", 0, True, 0),
    ("within_next", -1, False, None),
    ("more_than_ago", 1, False, WEEK + 1),
    ("more_than_ago", -WEEK + 1, False, 1),
    ("more_than_ago", -WEEK, False, 0),
    ("more_than_ago", -WEEK - 1, True, None),
    ("more_than_ahead", WEEK + 1, True, 1),
    ("more_than_ahead", WEEK, False, None),
    ("more_than_ahead", -1, False, None),
]


@pytest.mark.parametrize(("op", "distance", "holds", "change"), EDGES)
@pytest.mark.parametrize("span", [WEEK, "7d", "1w", {"amount": 1, "unit": "weeks"}, {"amount": 7, "unit": "days"}])
def test_relative_to_now(op: str, distance: float, holds: bool, change: float | None, span: Any) -> None:
    tree = {"field": "at", "type": "json", "op": op, "value": span}
    check(tree)
    seen, until = judge(tree, {"at": NOW + distance}.get, NOW)
    assert seen is holds
    if change is None:
        assert until is None
        return
    assert until is not None
    assert until > NOW
    assert until == pytest.approx(NOW + change, abs=1e-6)
    assert judge(tree, {"at": NOW + distance}.get, until)[0] is not holds


NO_DATES: list[tuple[str, Any]] = [
    *product(("json", "date"), (None, "", "soon", True, [], {"a": 1})),
    ("json", "20260110"),
    ("date", 7),
]


@pytest.mark.parametrize("op", ["within_last", "within_next", "more_than_ago", "more_than_ahead"])
@pytest.mark.parametrize(("type_", "value"), NO_DATES)
def test_what_is_no_date_never_matches(op: str, type_: str, value: Any) -> None:
    tree = {"field": "at", "type": type_, "op": op, "value": 60}
    assert judge(tree, {"at": value}.get, NOW) == (False, None)
    assert judge({"not": tree}, {"at": value}.get, NOW) == (True, None)


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        ("2026-01-09", NOW - DAY),
        ("2026-01-09T23:00:00-01:00", NOW),
        ("2026-01-10T00:00:00.000Z", NOW),
        ("2026-01-10 00:00", NOW),
        (NOW, NOW),
        (int(NOW) - 1, NOW - 1),
    ],
)
def test_dates_and_seconds_are_instants(value: Any, instant: float) -> None:
    tree = {"field": "at", "type": "json", "op": "more_than_ago", "value": 60}
    assert judge(tree, {"at": value}.get, instant + 60)[0] is False
    assert judge(tree, {"at": value}.get, instant + 60.001)[0] is True


def test_the_type_of_a_relative_condition_is_date_unless_it_says_otherwise() -> None:
    tree = {"field": "day", "op": "within_last", "value": "1d"}
    check(tree)
    assert matches(tree, VALUES.get, NOW)


# --- events and groups -----------------------------------------------------------------------------------------------


def bought(*distances: float) -> Any:
    return {event_key("bought"): [NOW + distance for distance in distances]}.get


@pytest.mark.parametrize(
    ("distances", "times", "at_least", "change"),
    [
        ((), 0, True, None),
        ((), 1, False, None),
        ((0,), 1, True, WEEK),
        ((-WEEK,), 1, True, 0),
        ((-WEEK - 1,), 1, False, None),
        ((-1, -DAY, -2 * DAY), 2, True, WEEK - DAY),
        ((-2 * DAY, -1, -DAY), 3, True, WEEK - 2 * DAY),
        ((-1, -DAY), 3, False, None),
        ((-1, 5), 2, False, 5),
        ((5, 9), 1, False, 5),
    ],
)
def test_events_within_a_window(distances: tuple[float, ...], times: int, at_least: bool, change: float | None) -> None:
    leaf = {"event": "bought", "times": times, "within": "7d"}
    holds, until = judge({**leaf, "op": "at_least"}, bought(*distances), NOW)
    assert holds is at_least
    assert (until is None) is (change is None)
    assert change is None or until == pytest.approx(NOW + change, abs=1e-6)
    if times:
        fewer = {**leaf, "op": "at_most", "times": times - 1}
        assert judge(fewer, bought(*distances), NOW) == (not at_least, until)


def test_events_ever() -> None:
    leaf = {"event": "bought", "op": "at_least", "times": 2}
    check(leaf)
    assert judge(leaf, bought(-1000 * DAY, -1), NOW) == (True, None)
    assert judge(leaf, bought(-1), NOW) == (False, None)
    assert judge(leaf, bought(-1, 60), NOW) == (False, NOW + 60)


def test_groups() -> None:
    leaf = {"group": "g"}
    check(leaf)
    assert matches(leaf, {group_key("g"): True}.get)
    assert not matches(leaf, {group_key("h"): True}.get)
    assert not matches(leaf, {"g": True}.get)


def test_what_a_tree_depends_on() -> None:
    tree = {"any": [{"not": {"group": "g"}}, {"all": [{"event": "e", "op": "at_least", "times": 1}]}, {"any": []}]}
    assert keys({"all": [tree, {"field": "f", "op": "is_empty"}]}) == {"f", ("event", "e"), ("group", "g")}


# --- branches --------------------------------------------------------------------------------------------------------

SOON = {"field": "soon", "type": "json", "op": "more_than_ago", "value": 0}
LATER = {"field": "later", "type": "json", "op": "more_than_ago", "value": 0}
NEVER = {"field": "missing", "type": "json", "op": "exists"}
ALWAYS = {"field": "soon", "type": "json", "op": "exists"}
CLOCK = {"soon": NOW + 10, "later": NOW + 20}.get


@pytest.mark.parametrize(
    ("tree", "holds", "until"),
    [
        ({"all": []}, True, None),
        ({"any": []}, False, None),
        ({"not": {"all": []}}, False, None),
        ({"all": [SOON, LATER]}, False, 20),
        ({"all": [SOON, ALWAYS]}, False, 10),
        ({"all": [SOON, NEVER]}, False, None),
        ({"all": [NEVER, SOON]}, False, None),
        ({"any": [SOON, LATER]}, False, 10),
        ({"any": [SOON, NEVER]}, False, 10),
        ({"any": [LATER, ALWAYS]}, True, None),
        ({"not": SOON}, True, 10),
        ({"all": [{"not": SOON}, {"not": LATER}]}, True, 10),
        ({"any": [{"not": SOON}, {"not": LATER}]}, True, 20),
        ({"not": {"any": [{"not": LATER}, NEVER]}}, False, 20),
        ({"all": [LATER, SOON]}, False, 20),
        ({"any": [LATER, SOON]}, False, 10),
        ({"any": [{"not": LATER}, {"not": SOON}]}, True, 20),
    ],
)
def test_a_branch_knows_how_long_it_stands(tree: dict[str, Any], holds: bool, until: float | None) -> None:
    found = judge(tree, CLOCK, NOW)
    assert found == (holds, None if until is None else pytest.approx(NOW + until, abs=1e-6))


@pytest.mark.parametrize("kinds", list(product(("all", "any", "not"), repeat=3)))
def test_what_is_said_to_stand_stands(kinds: tuple[str, ...]) -> None:
    """Nothing changes before the instant that was told."""
    tree: Any = SOON
    for kind in kinds:
        tree = {"not": tree} if kind == "not" else {kind: [tree, LATER]}
    at, steps = NOW, 0
    while at < NOW + 30:
        holds, until = judge(tree, CLOCK, at)
        end = NOW + 30 if until is None else until
        assert end > at
        for share in (0.0, 0.3, 0.9):
            assert judge(tree, CLOCK, at + (end - at) * share)[0] is holds
        at, steps = end, steps + 1
    assert steps <= 4


def test_explained() -> None:
    tree = {
        "all": [
            {"not": {"field": "text", "op": "equals", "value": "free"}},
            {"any": [{"event": "bought", "op": "at_least", "times": 3, "within": "7d"}, {"group": "g"}]},
        ]
    }
    get = {**VALUES, **{event_key("bought"): [NOW - 1, NOW - 30 * DAY], group_key("g"): False}}.get
    assert explain(tree, get, NOW) == {
        "all": [
            {
                "not": {"field": "text", "op": "equals", "value": "free", "seen": "Pro", "holds": False},
                "holds": True,
            },
            {
                "any": [
                    {"event": "bought", "op": "at_least", "times": 3, "within": "7d", "seen": 1, "holds": False},
                    {"group": "g", "seen": False, "holds": False},
                ],
                "holds": False,
            },
        ],
        "holds": False,
    }


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({"field": "a", "type": "json", "op": "equals"}, "value: must be a value of type json"),
        ({"field": "a", "type": "json", "op": "in", "value": "x"}, "value: must be a value of type json"),
        ({"field": "a", "type": "json", "op": "less_than", "value": True}, "value: must be a value of type json"),
        (
            {"field": "a", "type": "string", "op": "in", "value": ["x"]},
            f"op: must be one of {', '.join(OPERATORS['string'])}",
        ),
        ({"field": "a", "op": "within_last", "value": "soon"}, 'value: must be a span of time such as "7d"'),
        ({"field": "a", "op": "within_last", "value": -1}, 'value: must be a span of time such as "7d"'),
        ({"field": "a", "op": "within_last", "value": {"amount": 1}}, 'value: must be a span of time such as "7d"'),
        (
            {"field": "a", "op": "within_last", "value": {"amount": 1, "unit": "moons"}},
            'value: must be a span of time such as "7d"',
        ),
        (
            {"field": "a", "op": "within_last", "value": {"amount": "1", "unit": "days"}},
            'value: must be a span of time such as "7d"',
        ),
        ({"field": "a", "op": "is_empty", "missing": 1}, "missing: must be true or false"),
        ({"event": "", "op": "at_least", "times": 1}, "event: must be the name of an event"),
        ({"event": "e", "op": "exactly", "times": 1}, "op: must be one of at_least, at_most"),
        ({"event": "e", "op": "at_least"}, "times: must be a number of times"),
        ({"event": "e", "op": "at_least", "times": True}, "times: must be a number of times"),
        ({"event": "e", "op": "at_least", "times": -1}, "times: must be a number of times"),
        (
            {"event": "e", "op": "at_least", "times": 1, "within": "x"},
            'within: must be a span of time such as "7d"',
        ),
        (
            {"event": "e", "op": "at_least", "times": 1, "where": {}},
            "where: is unknown: a condition has event, op, times and within",
        ),
        ({"group": 3}, "group: must be the id of a group"),
        ({"group": "g", "op": "in"}, "op: is unknown: a condition has group"),
        ({"group": "g", "event": "e"}, "a condition needs exactly one of all, any, not, field, event and group"),
    ],
)
def test_what_makes_no_sense(tree: dict[str, Any], message: str) -> None:
    with pytest.raises(ConditionError) as caught:
        check(tree)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        ("1", 1, False),
        (None, None, True),
        ([1, [True]], [1.0, [True]], True),
        ([1], [True], False),
        ([1], [1, 2], False),
        ({"a": 1}, {"a": 1.0}, True),
        ({"a": 1}, {"a": True}, False),
        ({"a": 1}, {"b": 1}, False),
    ],
)
def test_the_same(one: Any, other: Any, expected: bool) -> None:
    assert same(one, other) is same(other, one) is expected


def test_what_differs() -> None:
    before = {"kept": [1], "changed": 1, "typed": 1, "gone": "x", "none": None}
    after = {"kept": [1], "changed": 2, "typed": True, "new": 0}
    assert sorted(differing(before, after)) == ["changed", "gone", "new", "typed"]
    assert differing(before, dict(before)) == []
