"""Neutral rules, as fixtures write them, in the words of SegMailer's filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lookalike.conditions import type_of

Filter = dict[str, Any]

FIELDS: Mapping[str, str] = {
    "first_name": "firstName",
    "last_name": "lastName",
    "user_id": "userId",
    "created_at": "createdAt",
}
"""What a contact calls the fields of a person; attributes keep their names."""


def filter_of(where: Mapping[str, Any]) -> Filter | None:
    """The filter that holds for the same people, or None where SegMailer has no words for the rule."""
    for kind, own in (("all", "and"), ("any", "or")):
        if kind in where:
            members = [filter_of(child) for child in where[kind]]
            return None if None in members else {own: members}
    if "not" in where:
        denied = filter_of(where["not"])
        return None if denied is None else {"not": denied}
    if "field" not in where or "missing" in where:
        return None
    tell = _WORDS.get((type_of(where), where["op"]))
    return None if tell is None else tell(FIELDS.get(where["field"], where["field"]), where.get("value"))


def _op(name: str) -> Callable[[str, Any], Filter]:
    return lambda attribute, value: {"attribute": attribute, "op": name, "value": value}


def _between(attribute: str, value: Any) -> Filter:
    return {"and": [_op("gte")(attribute, value[0]), _op("lte")(attribute, value[1])]}


def _is_empty(attribute: str, _value: Any) -> Filter:
    return {"or": [{"attribute": attribute, "op": "not_exists"}, _op("eq")(attribute, "")]}


def _is_not_empty(attribute: str, value: Any) -> Filter:
    return {"not": _is_empty(attribute, value)}


def _lacks(attribute: str, value: Any) -> Filter:
    return {"not": _op("contains")(attribute, value)}


_EMPTINESS = {"is_empty": _is_empty, "is_not_empty": _is_not_empty}
_EQUALITY = {"equals": _op("eq"), "not_equals": _op("ne")}
_BY_TYPE: Mapping[str, Mapping[str, Callable[[str, Any], Filter]]] = {
    "string": {**_EQUALITY, **_EMPTINESS, "contains": _op("contains"), "not_contains": _lacks},
    "number": {
        **_EQUALITY, **_EMPTINESS, "greater_than": _op("gt"), "less_than": _op("lt"), "between": _between,
    },
    "boolean": {**_EQUALITY, **_EMPTINESS},
    "date": {**_EMPTINESS, "before": _op("lt")},
}  # fmt: skip
"""A text's equality is one of case here, and a day is its midnight, so not every date can be told."""
_WORDS = {(type_, op): tell for type_, told in _BY_TYPE.items() for op, tell in told.items()}
