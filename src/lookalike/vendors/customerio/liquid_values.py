"""Values of Liquid: variables, literals, filters and conditions, made into functions of the variables."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lookalike.vendors.customerio.attributes import text

_QUOTED = r""""[^"]*"|'[^']*'"""
_WORD = re.compile(rf"{_QUOTED}|[<>=!]=|<>|[<>|:,]|[^\s|:,<>=!\"']+")
_STEP = re.compile(r"([^.\[\]]+)")

_LITERALS: Mapping[str, Any] = {"true": True, "false": False, "nil": None, "null": None, "blank": "", "empty": ""}

Scope = Mapping[str, Any]
"""The variables."""


class Unknown(Exception):
    """A part of the language that is not known here."""


def _words(said: str) -> list[str]:
    return _WORD.findall(said)


def value_of(word: str) -> Callable[[Scope], Any]:
    """A literal, or a variable by its path; None where there is none."""
    if word[:1] in ("'", '"'):
        return lambda _: word[1:-1]
    if re.fullmatch(r"-?\d+(\.\d+)?", word):
        number = float(word) if "." in word else int(word)
        return lambda _: number
    if word in _LITERALS:
        return lambda _: _LITERALS[word]
    steps = _STEP.findall(word)

    def find(scope: Scope) -> Any:
        held: Any = scope
        for step in steps:
            held = _member(held, step)
        return held

    return find


def _member(held: Any, step: str) -> Any:
    if isinstance(held, Mapping):
        return len(held) if step == "size" and step not in held else held.get(step)
    if isinstance(held, list):
        places = {"first": 0, "last": -1, "size": None}
        place = places[step] if step in places else int(step) if step.isdecimal() else len(held)
        if place is None:
            return len(held)
        return held[place] if -len(held) <= place < len(held) else None
    return len(held) if step == "size" and isinstance(held, str) else None


def expression(said: str) -> Callable[[Scope], Any]:
    """A value and its filters."""
    words = _words(said)
    if not words or (len(words) > 1 and words[1] != "|"):
        raise Unknown
    value, filters = value_of(words[0]), [_filter(part) for part in _split(words[2:], "|")] if len(words) > 1 else []

    def evaluate(scope: Scope) -> Any:
        found = value(scope)
        for change, arguments in filters:
            found = change(found, *[argument(scope) for argument in arguments])
        return found

    return evaluate


def _split(words: list[str], separator: str) -> Iterator[list[str]]:
    part: list[str] = []
    for word in words:
        if word == separator:
            yield part
            part = []
        else:
            part.append(word)
    yield part


def _filter(words: list[str]) -> tuple[Callable[..., Any], list[Callable[[Scope], Any]]]:
    name, *rest = words or [""]
    if name not in _FILTERS or (rest and rest[0] != ":"):
        raise Unknown
    arguments = list(_split(rest[1:], ",")) if rest else []
    least, most = _FILTERS[name][1:]
    if not least <= len(arguments) <= most or any(len(argument) != 1 for argument in arguments):
        raise Unknown
    return _FILTERS[name][0], [value_of(argument) for (argument,) in arguments]


def _of_text(change: Callable[..., str]) -> Callable[..., Any]:
    """A filter of texts; what is not there stays so."""
    return lambda value, *more: None if value is None else change(text(value), *map(text, more))


def _truncate(value: str, length: str = "50") -> str:
    if not length.isdecimal():
        raise Unknown
    most = int(length)
    return value if len(value) <= most else value[: max(0, most - 3)] + "..."


_FILTERS: Mapping[str, tuple[Callable[..., Any], int, int]] = {
    "default": (lambda value, other: other if value in (None, "", False, []) else value, 1, 1),
    "upcase": (_of_text(str.upper), 0, 0),
    "downcase": (_of_text(str.lower), 0, 0),
    "capitalize": (_of_text(lambda value: value[:1].upper() + value[1:].lower()), 0, 0),
    "strip": (_of_text(str.strip), 0, 0),
    "escape": (_of_text(html.escape), 0, 0),
    "append": (_of_text(lambda value, more: value + more), 1, 1),
    "prepend": (_of_text(lambda value, more: more + value), 1, 1),
    "replace": (_of_text(str.replace), 2, 2),
    "remove": (_of_text(lambda value, part: value.replace(part, "")), 1, 1),
    "truncate": (_of_text(_truncate), 0, 1),
    "size": (lambda value: len(value) if isinstance(value, str | list | dict) else 0, 0, 0),
    "first": (lambda value: value[0] if isinstance(value, list) and value else None, 0, 0),
    "last": (lambda value: value[-1] if isinstance(value, list) and value else None, 0, 0),
    "join": (lambda value, by=" ": by.join(map(text, value)) if isinstance(value, list) else value, 0, 1),
}
"""What a filter does, and how many arguments it takes at least and at most."""


# --- conditions ------------------------------------------------------------------------------------------------------


def condition(said: str) -> Callable[[Scope], bool]:
    """Comparisons joined by `and` and `or`, which bind to the right."""
    words = _words(said)
    for place, word in enumerate(words):
        if word in ("and", "or"):
            left = _comparison(words[:place])
            right = condition(" ".join(words[place + 1 :]))
            if word == "and":
                return lambda scope: left(scope) and right(scope)
            return lambda scope: left(scope) or right(scope)
    return _comparison(words)


def _comparison(words: list[str]) -> Callable[[Scope], bool]:
    if len(words) == 1:
        value = value_of(words[0])
        return lambda scope: value(scope) not in (None, False)
    if len(words) != 3 or words[1] not in _COMPARE:
        raise Unknown
    left, compare, right = value_of(words[0]), _COMPARE[words[1]], value_of(words[2])
    if words[2] in ("blank", "empty"):
        return lambda scope: compare(left(scope) in (None, "", False, [], {}), True)
    return lambda scope: compare(left(scope), right(scope))


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """A comparison of what has an order; of other things it is false."""

    def safe(left: Any, right: Any) -> bool:
        try:
            return compare(left, right)
        except TypeError:
            return False

    return safe


_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": lambda left, right: bool(left == right),
    "!=": lambda left, right: bool(left != right),
    "<>": lambda left, right: bool(left != right),
    "<": _ordered(lambda left, right: left < right),
    ">": _ordered(lambda left, right: left > right),
    "<=": _ordered(lambda left, right: left <= right),
    ">=": _ordered(lambda left, right: left >= right),
    "contains": lambda left, right: isinstance(left, str | list) and right in left,
}
