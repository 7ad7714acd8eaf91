"""JSON as it comes back from OpenSend's database: `properties`, `schema`, `payload`, webhook data, the log's bodies."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from lookalike.problem import Problem
from lookalike.vendors.opensend import coercion

_INDEX = re.compile("0|[1-9][0-9]{0,9}", re.ASCII)
_NO_INDEX = 2**32 - 1


def stored(value: Any) -> Any:
    """A JSON value with its members in the database's order and its numbers as JavaScript writes them.

    The database sorts members by length, then by bytes; JavaScript moves those that look like indexes to the front.
    Raises Problem("internal") for NUL, which the database refuses.
    """
    if type(value) is str:
        return _text(value)
    if isinstance(value, dict):
        return {
            name: member if type(member := value[name]) is str and "\0" not in member else stored(member)
            for name in _sorted(tuple(value))
        }
    if isinstance(value, list):
        return [stored(item) for item in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return coercion.plain_number(value)
    return value


def texts(values: Mapping[str, Any], tell: Callable[[Any], str]) -> dict[str, str]:
    """`stored` of an object in which `tell` has made a text of every value that is none; None is left out."""
    return {
        name: value if type(value) is str and "\0" not in value else _text(tell(value))
        for name in _sorted(tuple(values))
        if (value := values[name]) is not None
    }


@lru_cache(maxsize=256)
def _sorted(names: tuple[str, ...]) -> tuple[str, ...]:
    """Members of objects are the same few again and again."""
    return tuple(_text(name) for name in sorted(names, key=_rank))


def _rank(name: str) -> tuple[bool, int, bytes]:
    if _INDEX.fullmatch(name) and int(name) < _NO_INDEX:
        return (False, int(name), b"")
    raw = name.encode()
    return (True, len(raw), raw)


def _text(text: str) -> str:
    if "\0" in text:
        raise Problem("internal")
    return text
