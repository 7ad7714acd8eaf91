"""Condition trees: what they say of a person, what they depend on, and which ones make no sense."""

from __future__ import annotations

import pytest

from lookalike.conditions import ConditionError, check, fields, matches

PERSON = {
    "email": "Ann@Example.com",
    "plan": "Pro",
    "blank": "",
    "age": 42,
    "score": "7.5",
    "vip": True,
    "trial": "false",
    "born": "1984-05-06",
    "seen": "2026-03-01T10:30:00.000Z",
    "tags": ["a"],
}


def leaf(field, op, value=None, type=None):
    condition = {"field": field, "op": op}
    if type is not None:
        condition["type"] = type
    if value is not None:
        condition["value"] = value
    return condition


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (leaf("plan", "equals", "pro"), True),
        (leaf("plan", "equals", "PRO", "string"), True),
        (leaf("plan", "equals", "free"), False),
        (leaf("plan", "not_equals", "pro"), False),
        (leaf("plan", "not_equals", "free"), True),
        (leaf("nobody", "not_equals", "free"), True),
        (leaf("nobody", "equals", "free"), False),
        (leaf("email", "contains", "@example"), True),
        (leaf("email", "contains", "@elsewhere"), False),
        (leaf("email", "not_contains", "@example"), False),
        (leaf("nobody", "not_contains", "@example"), True),
        (leaf("email", "starts_with", "ANN"), True),
        (leaf("email", "starts_with", "nn"), False),
        (leaf("email", "ends_with", ".COM"), True),
        (leaf("email", "ends_with", ".org"), False),
        (leaf("nobody", "is_empty"), True),
        (leaf("blank", "is_empty"), True),
        (leaf("plan", "is_empty"), False),
        (leaf("plan", "is_not_empty"), True),
        (leaf("blank", "is_not_empty"), False),
        (leaf("tags", "is_empty"), True),
        (leaf("age", "equals", 42), True),
        (leaf("age", "equals", "42", "number"), True),
        (leaf("age", "equals", "42", "string"), True),
        (leaf("age", "not_equals", 41), True),
        (leaf("age", "greater_than", 41.5), True),
        (leaf("age", "greater_than", 42), False),
        (leaf("age", "less_than", 43), True),
        (leaf("age", "less_than", 42), False),
        (leaf("age", "between", [42, 50]), True),
        (leaf("age", "between", [1, 42]), True),
        (leaf("age", "between", [43, 50]), False),
        (leaf("score", "greater_than", 7), True),
        (leaf("plan", "greater_than", 7), False),
        (leaf("vip", "greater_than", 0, "number"), False),
        (leaf("nobody", "less_than", 7), False),
        (leaf("vip", "equals", True), True),
        (leaf("vip", "equals", "true", "boolean"), True),
        (leaf("vip", "equals", False), False),
        (leaf("vip", "not_equals", False), True),
        (leaf("trial", "equals", False), True),
        (leaf("nobody", "equals", False), False),
        (leaf("seen", "before", "2026-03-02"), True),
        (leaf("seen", "before", "2026-03-01"), False),
        (leaf("seen", "after", "2026-03-01"), False),
        (leaf("seen", "after", "2026-02-28"), True),
        (leaf("seen", "after", "2026-03-01T10:30:00Z"), False),
        (leaf("seen", "equals", "2026-03-01", "date"), True),
        (leaf("seen", "equals", "2026-03-01T11:30:00+01:00", "date"), True),
        (leaf("seen", "not_equals", "2026-03-02", "date"), True),
        (leaf("seen", "between", ["2026-02-01", "2026-03-01"]), True),
        (leaf("seen", "between", ["2026-03-02", "2026-03-03"]), False),
        (leaf("born", "before", "1990-01-01T00:00:00Z"), True),
        (leaf("plan", "after", "1990-01-01"), False),
        (leaf("nobody", "is_empty", type="date"), True),
        (leaf("plan", "is_empty", type="date"), True),
        ({"all": [leaf("plan", "equals", "pro"), leaf("age", "greater_than", 40)]}, True),
        ({"all": [leaf("plan", "equals", "pro"), leaf("age", "greater_than", 50)]}, False),
        ({"any": [leaf("plan", "equals", "free"), leaf("age", "greater_than", 40)]}, True),
        ({"any": [leaf("plan", "equals", "free"), leaf("age", "greater_than", 50)]}, False),
        ({"not": leaf("plan", "equals", "free")}, True),
        ({"not": {"any": [leaf("plan", "equals", "pro")]}}, False),
    ],
)
def test_matches(condition, expected):
    check(condition)
    assert matches(condition, PERSON.get) is expected


def test_fields_are_those_of_every_branch():
    tree = {
        "any": [
            leaf("plan", "equals", "pro"),
            {"not": {"all": [leaf("age", "less_than", 18), leaf("plan", "is_empty")]}},
        ]
    }
    assert fields(tree) == {"plan", "age"}


def nested(levels):
    tree = leaf("plan", "is_empty")
    for _ in range(levels):
        tree = {"all": [tree]}
    return tree


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ([], "a condition must be an object"),
        ({}, "a condition needs exactly one of all, any, not, field, event and group"),
        ({"all": [], "any": []}, "a condition needs exactly one of all, any, not, field, event and group"),
        ({"all": []}, "all: must be a list of at least one condition"),
        ({"any": {}}, "any: must be a list of at least one condition"),
        ({"all": [leaf("a", "is_empty")], "op": "equals"}, "nothing may stand beside all"),
        ({"not": 3}, "not: a condition must be an object"),
        ({"all": [leaf("a", "is_empty"), 1]}, "all.1: a condition must be an object"),
        ({"field": ""}, "field: must be the name of a field"),
        ({"field": 3}, "field: must be the name of a field"),
        (
            {"field": "a", "op": "is_empty", "values": 1},
            "values: is unknown: a condition has field, type, op, value and missing",
        ),
        (leaf("a", "is_empty", type="money"), "type: must be one of string, number, boolean, date, json"),
        (
            leaf("a", "contains", 3),
            "op: must be one of equals, not_equals, greater_than, less_than, between, is_empty, is_not_empty",
        ),
        (leaf("a", "equals"), "value: must be a value of type string"),
        (leaf("a", "equals", "many", "number"), "value: must be a value of type number"),
        (leaf("a", "equals", "yes", "boolean"), "value: must be a value of type boolean"),
        (leaf("a", "before", "soon"), "value: must be a value of type date"),
        (leaf("a", "between", 3, "number"), "value: must be a list of two values of type number"),
        (leaf("a", "between", [3], "number"), "value: must be a list of two values of type number"),
        (leaf("a", "between", [3, "x"], "number"), "value: must be a list of two values of type number"),
        ({"any": [{"all": [leaf("a", "equals", [])]}]}, "any.0.all.0.value: must be a value of type string"),
    ],
)
def test_a_wrong_tree_is_refused_with_its_place(tree, message):
    with pytest.raises(ConditionError) as caught:
        check(tree)
    assert str(caught.value) == message


def test_nesting_has_a_limit():
    check(nested(20))
    with pytest.raises(ConditionError, match="nested 20 levels deep"):
        check(nested(21))
    with pytest.raises(ConditionError, match="nested 20 levels deep"):
        check(nested(5000))
