"""How a condition reads what it compares: the person's value and its own operand."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

from lookalike.clock import parse_duration, parse_instant

_DAY = 86400.0
_UNITS = {"seconds": 1.0, "minutes": 60.0, "hours": 3600.0, "days": _DAY, "weeks": 7 * _DAY}
_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ].+)?", re.DOTALL)


def text(value: Any) -> str | None:
    """Without case; None for what is no text, and for an empty one."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).casefold() or None if isinstance(value, str | int | float) else None


def number(value: Any) -> float | None:
    """A number, or a text that reads as one."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        read = float(value)
    except (ValueError, OverflowError):
        return None
    return read if isfinite(read) else None


def boolean(value: Any) -> bool | None:
    """A boolean, or the word for one."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


def instant(value: Any) -> float | None:
    """Epoch seconds of an ISO 8601 text."""
    if not isinstance(value, str):
        return None
    try:
        return parse_instant(value)
    except (ValueError, OverflowError):
        return None


def date(value: Any) -> float | None:
    """Epoch seconds of an ISO 8601 date with or without a time, and of no other text."""
    return instant(value) if isinstance(value, str) and _DATE.fullmatch(value) else None


def moment(value: Any) -> float | None:
    """Epoch seconds of a date, or of a number that counts them."""
    return number(value) if not isinstance(value, str) else date(value)


def days(value: Any) -> tuple[float, float] | None:
    """First and last instant that a date stands for: one and the same, or those of a whole day."""
    start = instant(value)
    if start is None:
        return None
    return (start, start + _DAY - 0.001) if len(value) == 10 else (start, start)


def span(value: Any) -> float | None:
    """Seconds in `7`, `"7d"` or `{"amount": 7, "unit": "days"}`; None for what is no span of time."""
    if isinstance(value, Mapping):
        if set(value) != {"amount", "unit"} or value["unit"] not in _UNITS or isinstance(value["amount"], str):
            return None
        amount = number(value["amount"])
        return None if amount is None or amount < 0 else amount * _UNITS[value["unit"]]
    if isinstance(value, str):
        try:
            return parse_duration(value)
        except ValueError:
            return None
    seconds = number(value)
    return None if seconds is None or seconds < 0 else seconds


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal and of one type; 1 and 1.0 are, 1 and true are not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    return bool(one == other)


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The names whose values differ between two objects. What a copy has left alone costs next to nothing."""
    found = [name for name, value in after.items() if (old := before.get(name)) is not value and not same(old, value)]
    if before.keys() <= after.keys():
        return found
    return found + [name for name, value in before.items() if value is not None and name not in after]


READERS: Mapping[str, Callable[[Any], Any]] = {
    "string": text,
    "number": number,
    "boolean": boolean,
    "date": instant,
    "json": lambda value: value,
}
"""How a person's value is read by a condition of each type; None means empty."""
