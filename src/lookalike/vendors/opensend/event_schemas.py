"""The small schema dialect of event definitions: checking a schema, and a payload against it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

TYPES = ("string", "number", "boolean", "object", "array")
_KEYWORDS = frozenset(("type", "properties", "required"))
_PYTHON: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
    "array": list,
}


def schema_faults(schema: dict[str, Any]) -> list[str]:
    """What is wrong with an event's schema, in OpenSend's words and order."""
    faults = list(_unknown_keywords(schema, "schema"))
    if schema.get("type") != "object":
        return [*faults, 'schema.type must be "object"']
    return [*faults, *_members(schema, "schema")]


def _unknown_keywords(schema: dict[str, Any], path: str) -> Iterator[str]:
    for keyword in schema:
        if keyword not in _KEYWORDS:
            yield f"{path}.{keyword} is not a supported schema keyword"


def _members(schema: dict[str, Any], path: str) -> Iterator[str]:
    if "properties" in schema:
        yield from _properties(schema["properties"], f"{path}.properties")
    if "required" in schema:
        yield from _required(schema["required"], f"{path}.required")


def _properties(properties: Any, path: str) -> Iterator[str]:
    if not isinstance(properties, dict):
        yield f"{path} must be an object"
        return
    for name, descriptor in properties.items():
        if name.strip():
            yield from _descriptor(descriptor, f"{path}.{name}")
        else:
            yield f"{path} keys must be non-empty strings"


def _descriptor(descriptor: Any, path: str) -> Iterator[str]:
    if not isinstance(descriptor, dict):
        yield f"{path} must be an object descriptor"
        return
    yield from _unknown_keywords(descriptor, path)
    type_ = descriptor.get("type")
    if type_ not in TYPES:
        yield f"{path}.type must be one of: {', '.join(TYPES)}"
    elif type_ == "object":
        yield from _members(descriptor, path)
    else:
        for keyword in ("properties", "required"):
            if keyword in descriptor:
                yield f'{path}.{keyword} is only supported when type is "object"'


def _required(required: Any, path: str) -> Iterator[str]:
    if not isinstance(required, list):
        yield f"{path} must be an array of strings"
        return
    for place, name in enumerate(required):
        if not isinstance(name, str) or not name.strip():
            yield f"{path}.{place} must be a non-empty string"


def payload_faults(payload: dict[str, Any], schema: dict[str, Any], path: str = "payload") -> list[dict[str, str]]:
    """Where a payload departs from a schema: `{path, message}`, missing fields of an object before its wrong ones."""
    faults = [
        {"path": f"{path}.{name}", "message": f"Missing required field {path}.{name}"}
        for name in schema.get("required", ())
        if name not in payload
    ]
    for name, descriptor in schema.get("properties", {}).items():
        if name not in payload:
            continue
        value, type_, place = payload[name], descriptor["type"], f"{path}.{name}"
        if not _fits(value, type_):
            faults.append({"path": place, "message": f'Expected {place} to be "{type_}"'})
        elif type_ == "object":
            faults += payload_faults(value, descriptor, place)
    return faults


def _fits(value: Any, type_: str) -> bool:
    if isinstance(value, bool):
        return type_ == "boolean"
    return isinstance(value, _PYTHON[type_])
