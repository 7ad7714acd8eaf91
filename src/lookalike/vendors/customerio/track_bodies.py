"""Reading bodies of Track v1, which tells every fault in a sentence of its own."""

from __future__ import annotations

from typing import Any

from lookalike.call import Call
from lookalike.vendors.customerio.problems import rejected


def read_object(call: Call) -> dict[str, Any]:
    """The body, which has to be an object."""
    body = call.json()
    if not isinstance(body, dict):
        raise rejected("request body must be a JSON object")
    return body


def read_time(value: Any, name: str = "timestamp") -> int | None:
    """Unix seconds, or None where nothing is said. A fraction is cut off (I)."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e11:
        raise rejected(f"{name} must be a unix timestamp")
    return int(value)


def read_members(value: Any, name: str) -> dict[str, Any]:
    """An object, or an empty one where nothing is said."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise rejected(f"{name} must be an object")
    return value
