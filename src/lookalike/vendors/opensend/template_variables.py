"""The variables that a template declares, and those that its content names."""

from __future__ import annotations

import re
from typing import Any

from lookalike.problem import Problem

RESERVED = frozenset(
    (
        *("FIRST_NAME", "LAST_NAME", "EMAIL", "CONTACT", "THIS", "INTERNAL_ID"),
        *("UNSUBSCRIBE_URL", "OPENSEND_UNSUBSCRIBE_URL", "RESEND_UNSUBSCRIBE_URL"),
    )
)
"""Names that OpenSend fills in itself."""

MOST = 50

_NAMED = re.compile(r"\{\{\{\s*([a-zA-Z0-9_-]+)\s*\}\}\}|\{\{\s*([a-zA-Z0-9_-]+)\s*\}\}")


def found_in(content: str) -> list[str]:
    """The names between two or three braces, each once, in the order of their first use."""
    return list(dict.fromkeys(match[1] or match[2] for match in _NAMED.finditer(content)))


def read_variables(value: Any) -> list[dict[str, Any]]:
    """Declared variables as `{key, name, type, required, fallback_value}`. Raises Problem("invalid")."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise Problem("invalid", "variables must be an array")
    if len(value) > MOST:
        raise Problem("invalid", f"Too many variables. Max allowed is {MOST}.")
    return [_variable(item) for item in value]


def _variable(item: Any) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise Problem("invalid", "variables must contain objects")
    key = _key(item)
    kind = item.get("type", "string")
    if kind not in ("string", "number"):
        raise Problem("invalid", f"Variable {key} type must be either string or number.")
    fallback = item["fallbackValue"] if "fallbackValue" in item else item.get("fallback_value")
    if fallback is not None and (isinstance(fallback, bool) or not isinstance(fallback, str | int | float)):
        raise Problem("invalid", f"Variable {key} fallback value must be a string or number.")
    return {
        "key": key,
        "name": key,
        "type": kind,
        "required": _required(item, key, fallback),
        "fallback_value": fallback,
    }


def _key(item: dict[str, Any]) -> str:
    given = next((item[name] for name in ("key", "name") if isinstance(item.get(name), str)), "")
    key = given.strip()
    if not key:
        raise Problem("invalid", "Variable key is required.")
    if key.upper() in RESERVED:
        raise Problem("invalid", f"Variable name {key} is reserved.")
    return key


def _required(item: dict[str, Any], key: str, fallback: Any) -> bool:
    """As said; else variables in the newer form are required where nothing stands in for them."""
    if "required" in item:
        if not isinstance(item["required"], bool):
            raise Problem("invalid", f"Variable {key} required must be a boolean.")
        return item["required"]
    newer = item.keys() & {"key", "type", "fallbackValue", "fallback_value"}
    return bool(newer) and fallback is None
