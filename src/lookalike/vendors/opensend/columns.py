"""What a text column of OpenSend's database makes of a JSON value that nobody checked before."""

from __future__ import annotations

from typing import Any

import orjson

from lookalike.problem import Problem
from lookalike.vendors.opensend import coercion


def text(value: Any, most: int | None = None) -> str | None:
    """The stored text, or None for null. Raises Problem("internal") for NUL and for more than `most` characters."""
    if value is None:
        return None
    # Objects and arrays are stored as JSON (I: the driver's own notation for arrays is not imitated).
    stored = orjson.dumps(value).decode() if isinstance(value, dict | list) else coercion.string(value)
    if "\0" in stored or (most is not None and len(stored) > most):
        raise Problem("internal")
    return stored


def needed(value: Any, most: int | None = None) -> str:
    """The same where the column does not take null."""
    stored = text(value, most)
    if stored is None:
        raise Problem("internal")
    return stored


def truthy(value: Any, most: int | None = None) -> str | None:
    """The same, with everything that JavaScript takes for false stored as null."""
    return text(value, most) if is_truthy(value) else None


def is_truthy(value: Any) -> bool:
    """Whether JavaScript takes a JSON value for true: arrays and objects always are."""
    return isinstance(value, dict | list) or bool(value)
