"""What may be asked of a field, an event or a group, and how it is answered."""

from __future__ import annotations

import operator
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from math import nextafter
from typing import Any

from lookalike.conditions import values
from lookalike.conditions.trees import NEVER, Get, Tree, event_key, group_key

Verdict = tuple[bool, float]
"""Whether something holds, and the next instant at which that could change without a write (or NEVER)."""
Token = str | int | float | tuple[str, bool]
"""Stands for a value in a dictionary, where True and 1 would be one."""
Plain = Callable[[Get], bool]
Timed = Callable[[Get, float], Verdict]
"""Of someone and an instant; a condition that depends on the clock."""

EMPTINESS = ("is_empty", "is_not_empty")
EXISTENCE = ("exists", "not_exists")
RELATIVE = ("within_last", "within_next", "more_than_ago", "more_than_ahead")

OPERATORS: Mapping[str, tuple[str, ...]] = {
    "string": ("equals", "not_equals", "contains", "not_contains", "starts_with", "ends_with", *EMPTINESS),
    "number": ("equals", "not_equals", "greater_than", "less_than", "between", *EMPTINESS),
    "boolean": ("equals", "not_equals", *EMPTINESS),
    "date": ("equals", "not_equals", "before", "after", "between", *RELATIVE, *EMPTINESS),
    "json": (
        "equals", "not_equals", "in", "not_in", "contains", "not_contains", "greater_than", "greater_or_equal",
        "less_than", "less_or_equal", *RELATIVE, *EXISTENCE,
    ),
}  # fmt: skip
"""What may be asked of a field of each type."""

COUNTS = ("at_least", "at_most")
"""What may be asked of an event."""


def type_of(leaf: Tree) -> str:
    """The type a condition on a field names, or the one its value shows."""
    named = leaf.get("type")
    if named is not None:
        return str(named)
    op, value = leaf.get("op"), leaf.get("value")
    if op in RELATIVE:
        return "date"
    sample = value[0] if isinstance(value, list) and value else value
    if isinstance(sample, bool):
        return "boolean"
    if isinstance(sample, int | float):
        return "number"
    return "date" if op in ("before", "after", "between") else "string"


def operand(leaf: Tree) -> Any:
    """What the field is compared with, or None when the condition's value is not of its type."""
    type_, op, value = type_of(leaf), leaf["op"], leaf.get("value")
    if op in RELATIVE:
        return values.span(value)
    if type_ == "json":
        return value if _fits_json(op, value) else None
    read: Callable[[Any], Any] = values.days if type_ == "date" else values.READERS[type_]
    if op != "between":
        return read(value)
    if not isinstance(value, list) or len(value) != 2:
        return None
    low, high = map(read, value)
    return None if low is None or high is None else (low, high)


def _fits_json(op: str, value: Any) -> bool:
    if op in ("in", "not_in"):
        return isinstance(value, list)
    if op in _ORDERINGS:
        return isinstance(value, str | int | float) and not isinstance(value, bool)
    return value is not None


# --- fields ----------------------------------------------------------------------------------------------------------


def is_relative(leaf: Tree) -> bool:
    """Whether a leaf's outcome depends on the clock."""
    return "event" in leaf or leaf.get("op") in RELATIVE


def plain(leaf: Tree) -> Plain:
    """A leaf that does not depend on the clock, as a function of someone."""
    if "group" in leaf:
        key = group_key(leaf["group"])
        return lambda get: bool(get(key))
    field, read, wanted = leaf["field"], values.READERS[type_of(leaf)], operand(leaf)
    test, negated = _test(leaf)
    missing = bool(leaf.get("missing", negated))

    def holds(get: Get) -> bool:
        value = read(get(field))
        return missing if value is None else test(value, wanted) is not negated

    return holds


def equality(leaf: Tree) -> tuple[str, str, Token] | None:
    """Field, type and token of the only value for which a leaf holds; None where it holds for other values too."""
    if "field" not in leaf or leaf["op"] != "equals" or leaf.get("missing"):
        return None
    type_ = type_of(leaf)
    wanted = token(type_, leaf["value"])
    return None if wanted is None else (leaf["field"], type_, wanted)


def token(type_: str, value: Any) -> Token | None:
    """The same for two values that a type holds for equal, and for no others; None for what is no plain value."""
    read = None if type_ == "date" else values.READERS[type_](value)
    if isinstance(read, bool):
        return ("boolean", read)
    return read if isinstance(read, str | int | float) else None


def _test(leaf: Tree) -> tuple[Callable[[Any, Any], bool], bool]:
    op, type_ = leaf["op"], type_of(leaf)
    if op in EMPTINESS or op in EXISTENCE:
        return _is_there, op in ("is_empty", "not_exists")
    negated = op.startswith("not_")
    name = op.removeprefix("not_")
    return (_JSON_TESTS if type_ == "json" else _TESTS)[name], negated


def _is_there(_value: Any, _operand: Any) -> bool:
    return True


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


def _contains(value: Any, wanted: Any) -> bool:
    if isinstance(value, list):
        # A text equals nothing but a text, so that Python's own search does.
        return wanted in value if type(wanted) is str else any(values.same(one, wanted) for one in value)
    return isinstance(value, str) and isinstance(wanted, str) and wanted.casefold() in value.casefold()


def _compared(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def holds(value: Any, wanted: Any) -> bool:
        if isinstance(value, bool) or isinstance(value, str) is not isinstance(wanted, str):
            return False
        one, other = (values.date(value), values.date(wanted)) if isinstance(value, str) else (value, wanted)
        return isinstance(one, int | float) and isinstance(other, int | float) and test(one, other)

    return holds


_ORDERINGS = {
    "greater_than": _compared(operator.gt),
    "greater_or_equal": _compared(operator.ge),
    "less_than": _compared(operator.lt),
    "less_or_equal": _compared(operator.le),
}

_JSON_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "equals": values.same,
    "in": lambda value, wanted: any(values.same(value, one) for one in wanted),
    "contains": _contains,
    **_ORDERINGS,
}


# --- the clock -------------------------------------------------------------------------------------------------------


def timed(leaf: Tree) -> Timed:
    """A leaf that depends on the clock, as a function of someone and an instant."""
    if "event" in leaf:
        return _counted(leaf)
    field, span, shape = leaf["field"], operand(leaf), _SPANS[leaf["op"]]
    read = values.moment if type_of(leaf) == "json" else values.instant
    missing = bool(leaf.get("missing", False))

    def verdict(get: Get, now: float) -> Verdict:
        value = read(get(field))
        return (missing, NEVER) if value is None else _between_instants(*shape(value, span), now)

    return verdict


_SPANS: Mapping[str, Callable[[float, float], tuple[float, float]]] = {
    "within_last": lambda value, span: (value, value + span),
    "within_next": lambda value, span: (value - span, value),
    "more_than_ago": lambda value, span: (just_after(value + span), NEVER),
    "more_than_ahead": lambda value, span: (-NEVER, _just_before(value - span)),
}
"""From when until when (both included) a relative condition holds of a value."""


def just_after(instant: float) -> float:
    """The first instant past another one, so that what held up to and including that one holds no more."""
    return nextafter(instant, NEVER)


def _just_before(instant: float) -> float:
    return nextafter(instant, -NEVER)


def _between_instants(first: float, last: float, now: float) -> Verdict:
    if now < first:
        return False, first
    if now <= last:
        return True, NEVER if last == NEVER else just_after(last)
    return False, NEVER


def _counted(leaf: Tree) -> Timed:
    key, times, most = event_key(leaf["event"]), leaf["times"], leaf["op"] == "at_most"
    span = NEVER if leaf.get("within") is None else values.span(leaf["within"])
    assert span is not None
    wanted = times + 1 if most else times

    def verdict(get: Get, now: float) -> Verdict:
        reached, until = _reached(sorted(get(key) or ()), wanted, span, now)
        return reached is not most, until

    return verdict


def _reached(instants: list[float], wanted: int, span: float, now: float) -> Verdict:
    """Whether at least `wanted` of the instants lie within the last `span` seconds; what lies ahead counts later."""
    known = bisect_right(instants, now)
    ahead = instants[known] if known < len(instants) else NEVER
    held = [at for at in instants[:known] if now <= at + span]
    if len(held) < wanted:
        return False, ahead
    if not wanted or span == NEVER:
        return True, NEVER
    return True, just_after(held[-wanted] + span)


def count(instants: Iterable[float], span: float, now: float) -> int:
    """How many of the instants lie within the last `span` seconds."""
    return sum(at <= now <= at + span for at in instants)
