"""Attributes of people and objects: their limits, and how a value reads as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from lookalike.vendors.customerio.subscriptions import COMPUTED, PREFERENCES

LONGEST_NAME, LONGEST_VALUE, MOST = 150, 1000, 300
"""Bytes, bytes, and how many in one call (D)."""

IDENTIFIERS = ("id", "email")

CONTROL = ("_update", "_timestamp", "cio_relationships", "cio_id", COMPUTED)
"""What steers an identify call, or follows from other things, and is no attribute."""


def text(value: Any) -> str:
    """A value as the App API shows it: text as it is, anything else as JSON."""
    if type(value) is int:
        return str(value)
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def faults(attributes: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(attribute, what is wrong with it); only the sentence about long values is the vendor's own (S)."""
    if len(attributes) > MOST:
        yield "", f"cannot have more than {MOST} attributes"
    for name, value in attributes.items():
        if len(name.encode()) > LONGEST_NAME:
            yield name, f"attribute name '{name}' cannot be longer than {LONGEST_NAME} bytes"
        if name in IDENTIFIERS and (isinstance(value, bool) or not isinstance(value, str | int | None)):
            yield name, f"value for attribute '{name}' must be a string"
        elif name not in (PREFERENCES, *CONTROL) and value is not None:
            longest = LONGEST_NAME if name == "id" else LONGEST_VALUE
            if len(text(value).encode()) > longest:
                yield name, f"value for attribute '{name}' cannot be longer than {longest} bytes"


def is_true(value: Any) -> bool:
    """How `unsubscribed` is read: any case of `true`, `1` or `"1"`; everything else is no (D)."""
    return (
        value is True
        or (type(value) is int and value == 1)
        or (isinstance(value, str) and value.lower() in ("true", "1"))
    )
