"""Rules over a person's fields, as JSON data: what segments and rule-based groups are made of.

    {"all": [tree, ...]}     every one holds
    {"any": [tree, ...]}     at least one holds
    {"not": tree}            it does not hold
    {"field": "plan", "type": "string", "op": "equals", "value": "pro"}

`type` may be left out where the value tells it. Text is compared without regard to case, `between` takes
`[low, high]` and includes both ends, a date is an ISO 8601 instant or a day (`2026-03-01`: the whole day, UTC).
A field that is missing, or that cannot be read as the type, is empty: of such a field only `is_empty`,
`not_equals` and `not_contains` hold.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from math import isfinite
from typing import Any

from lookalike.clock import parse_instant

Tree = Mapping[str, Any]
Get = Callable[[str], Any]

DEEPEST = 20
"""Levels of nesting a tree may have."""

_DAY = 86400.0
_EMPTINESS = ("is_empty", "is_not_empty")

OPERATORS: Mapping[str, tuple[str, ...]] = {
    "string": ("equals", "not_equals", "contains", "not_contains", "starts_with", "ends_with", *_EMPTINESS),
    "number": ("equals", "not_equals", "greater_than", "less_than", "between", *_EMPTINESS),
    "boolean": ("equals", "not_equals", *_EMPTINESS),
    "date": ("equals", "not_equals", "before", "after", "between", *_EMPTINESS),
}
"""What may be asked of a field of each type."""


class ConditionError(ValueError):
    """A tree that makes no sense; `path` leads to the place, as in `("all", 0, "op")`."""

    def __init__(self, message: str, path: tuple[str | int, ...]) -> None:
        super().__init__(message)
        self.message = message
        self.path = path

    def __str__(self) -> str:
        place = ".".join(map(str, self.path))
        return f"{place}: {self.message}" if place else self.message


def check(tree: Any, path: tuple[str | int, ...] = ()) -> None:
    """Raises ConditionError when `tree` is not a condition tree."""
    if not isinstance(tree, Mapping):
        raise ConditionError("a condition must be an object", path)
    if len(path) > 2 * DEEPEST:
        raise ConditionError(f"conditions may be nested {DEEPEST} levels deep", path)
    kinds = [kind for kind in ("all", "any", "not", "field") if kind in tree]
    if len(kinds) != 1:
        raise ConditionError("a condition needs exactly one of all, any, not and field", path)
    if kinds[0] == "field":
        _check_leaf(tree, path)
    elif len(tree) > 1:
        raise ConditionError(f"nothing may stand beside {kinds[0]}", path)
    elif kinds[0] == "not":
        check(tree["not"], (*path, "not"))
    else:
        _check_branch(tree[kinds[0]], (*path, kinds[0]))


def _check_branch(children: Any, path: tuple[str | int, ...]) -> None:
    if not isinstance(children, list) or not children:
        raise ConditionError("must be a list of at least one condition", path)
    for number, child in enumerate(children):
        check(child, (*path, number))


def _check_leaf(leaf: Tree, path: tuple[str | int, ...]) -> None:
    for name in leaf:
        if name not in ("field", "type", "op", "value"):
            raise ConditionError("is unknown: a condition has field, type, op and value", (*path, name))
    if not isinstance(leaf["field"], str) or not leaf["field"]:
        raise ConditionError("must be the name of a field", (*path, "field"))
    type_ = type_of(leaf)
    if type_ not in OPERATORS:
        raise ConditionError(f"must be one of {', '.join(OPERATORS)}", (*path, "type"))
    op = leaf.get("op")
    if op not in OPERATORS[type_]:
        raise ConditionError(f"must be one of {', '.join(OPERATORS[type_])}", (*path, "op"))
    if op not in _EMPTINESS and _operand(leaf) is None:
        wanted = "a list of two values" if op == "between" else "a value"
        raise ConditionError(f"must be {wanted} of type {type_}", (*path, "value"))


def type_of(leaf: Tree) -> str:
    """The type a condition names, or the one its value shows."""
    named = leaf.get("type")
    if named is not None:
        return str(named)
    value = leaf.get("value")
    sample = value[0] if isinstance(value, list) and value else value
    if isinstance(sample, bool):
        return "boolean"
    if isinstance(sample, int | float):
        return "number"
    return "date" if leaf.get("op") in ("before", "after", "between") else "string"


def fields(tree: Tree) -> set[str]:
    """The names of the fields that a tree's outcome depends on."""
    return {leaf["field"] for leaf in _leaves(tree)}


def _leaves(tree: Tree) -> Iterator[Tree]:
    if "field" in tree:
        yield tree
        return
    for child in tree.get("all") or tree.get("any") or [tree["not"]]:
        yield from _leaves(child)


def matches(tree: Tree, get: Get) -> bool:
    """Whether a valid tree holds for the one whose fields `get` tells (None for a field that is not there)."""
    if "field" in tree:
        return _holds(tree, get(tree["field"]))
    if "all" in tree:
        return all(matches(child, get) for child in tree["all"])
    if "any" in tree:
        return any(matches(child, get) for child in tree["any"])
    return not matches(tree["not"], get)


def _holds(leaf: Tree, raw: Any) -> bool:
    op, type_ = leaf["op"], type_of(leaf)
    value = _READERS[type_](raw)
    empty = value is None or value == ""
    if op in _EMPTINESS:
        return bool(empty == (op == "is_empty"))
    if op.startswith("not_"):
        return bool(empty or not _TESTS[op[4:]](value, _operand(leaf)))
    return bool(not empty and _TESTS[op](value, _operand(leaf)))


def _operand(leaf: Tree) -> Any:
    """What the field is compared with, or None when the condition's value is not of its type."""
    type_, op, value = type_of(leaf), leaf["op"], leaf.get("value")
    read: Callable[[Any], Any] = _span if type_ == "date" else _READERS[type_]
    if op != "between":
        return read(value)
    if not isinstance(value, list) or len(value) != 2:
        return None
    low, high = map(read, value)
    return None if low is None or high is None else (low, high)


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).casefold() if isinstance(value, str | int | float) else None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if isfinite(number) else None


def _boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


def _instant(value: Any) -> float | None:
    if not isinstance(value, str):
        return None
    try:
        return parse_instant(value)
    except (ValueError, OverflowError):
        return None


def _span(value: Any) -> tuple[float, float] | None:
    """First and last instant that a date stands for: one and the same, or those of a whole day."""
    start = _instant(value)
    if start is None:
        return None
    return (start, start + _DAY - 0.001) if len(value) == 10 else (start, start)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "string": _text,
    "number": _number,
    "boolean": _boolean,
    "date": _instant,
}


def _equals(value: Any, operand: Any) -> bool:
    return bool(operand[0] <= value <= operand[1] if isinstance(operand, tuple) else value == operand)


def _between(value: Any, operand: Any) -> bool:
    low, high = operand
    if isinstance(low, tuple):
        low, high = low[0], high[1]
    return bool(low <= value <= high)


_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "equals": _equals,
    "contains": operator.contains,
    "starts_with": lambda value, start: bool(value.startswith(start)),
    "ends_with": lambda value, end: bool(value.endswith(end)),
    "greater_than": operator.gt,
    "less_than": operator.lt,
    "before": lambda value, span: bool(value < span[0]),
    "after": lambda value, span: bool(value > span[1]),
    "between": _between,
}
