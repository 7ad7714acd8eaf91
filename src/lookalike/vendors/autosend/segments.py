"""Lists and segments as documents, and the rules of segments: AutoSend's `filterCriteria` as condition trees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookalike.conditions import DEEPEST, ConditionError, Get, Key, check, differing, group_key
from lookalike.living import RULED
from lookalike.part import Part
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.autosend.problems import rejected

LISTS = Resource("contact_lists", unique=("name",), indexes=(RULED,), orders=(Order("newest", ("createdAt",)),))
"""Lists and segments share one space of ids and names. A segment has a `tree`."""

BUILT_IN = ("email", "firstName", "lastName", "userId", "createdAt", "updatedAt")
CUSTOM = "customFields."
_CUSTOM_PREFIXES = (CUSTOM, "contactProperties.")

OPERATORS: Mapping[str, tuple[str, ...]] = {
    "string": (
        "equals", "not_equals", "contains", "not_contains", "starts_with", "ends_with", "is_empty", "is_not_empty",
    ),
    "number": ("equals", "not_equals", "greater_than", "less_than", "between"),
    "boolean": ("equals", "not_equals"),
    "date": ("equals", "not_equals", "before", "after", "between", "is_empty", "is_not_empty"),
}  # fmt: skip

_KINDS = {"AND": "all", "OR": "any"}
_SPELLINGS = {"type": "fieldType", "op": "operator"}


def parse(criteria: Any, place: str = "filterCriteria", depth: int = 1) -> dict[str, Any]:
    """A group of criteria as a condition tree. Raises the vendor's 400 with the place of what makes no sense.

    The members of a group stand under `groups`, or under `conditions` as automations spell it; either kind may hold
    groups in turn (I). Without `logicalOperator` all have to hold (I).
    """
    if not isinstance(criteria, dict):
        raise rejected(place, "Must be an object")
    kind = _KINDS.get(criteria.get("logicalOperator", "AND")) if _is_text(criteria.get("logicalOperator")) else None
    if kind is None:
        raise rejected(f"{place}.logicalOperator", "LogicalOperator must be one of AND, OR")
    key = "groups" if "groups" in criteria or "conditions" not in criteria else "conditions"
    members = criteria.get(key)
    if not isinstance(members, list) or not members:
        raise rejected(f"{place}.{key}", f"{key.capitalize()} must contain at least 1 item")
    if depth > DEEPEST:
        raise rejected(place, "Too many nested groups")
    return {kind: [_member(item, f"{place}.{key}.{number}", depth) for number, item in enumerate(members)]}


def _is_text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _member(item: Any, place: str, depth: int) -> dict[str, Any]:
    if isinstance(item, dict) and ("groups" in item or "conditions" in item):
        return parse(item, place, depth + 1)
    if not isinstance(item, dict):
        raise rejected(place, "Must be an object")
    return _condition(item, place)


def _condition(item: dict[str, Any], place: str) -> dict[str, Any]:
    field, type_, op = item.get("field"), item.get("fieldType"), item.get("operator")
    if not isinstance(field, str) or not field:
        raise rejected(f"{place}.field", "Field is required")
    if not isinstance(type_, str) or type_ not in OPERATORS:
        raise rejected(f"{place}.fieldType", f"FieldType must be one of {', '.join(OPERATORS)}")
    if op not in OPERATORS[type_]:
        raise rejected(f"{place}.operator", f"Operator must be one of {', '.join(OPERATORS[type_])}")
    leaf = {"field": _field(field), "type": type_, "op": op}
    if not op.startswith("is_"):
        leaf["value"] = item.get("value")
    try:
        check(leaf)
    except ConditionError as error:
        name = _SPELLINGS.get(str(error.path[-1]), error.path[-1])
        raise rejected(f"{place}.{name}", f"{str(name).capitalize()} {error.message}") from None
    return leaf


def _field(name: str) -> str:
    if name in BUILT_IN:
        return name
    for prefix in _CUSTOM_PREFIXES:
        name = name.removeprefix(prefix)
    return CUSTOM + name


def within_parent(tree: dict[str, Any], parent: Document) -> dict[str, Any]:
    """The tree of a segment inside another list or segment: whoever is in it has to be there too (I)."""
    return {"all": [{"group": parent["id"]}, tree]}


def read(_part: Part, contact: Document) -> Get:
    """How a condition reads a contact."""
    custom = contact.get("customFields", {})

    def get(key: Key) -> Any:
        if isinstance(key, tuple):
            return key[1] in contact["listIds"]
        return custom.get(key[len(CUSTOM) :]) if key.startswith(CUSTOM) else contact.get(key)

    return get


def changes(before: Document, after: Document) -> set[Key]:
    """What conditions may ask for that differs between two versions of a contact."""
    changed: set[Key] = {name for name in BUILT_IN if before.get(name) != after.get(name)}
    old, new = before.get("customFields", {}), after.get("customFields", {})
    changed.update(CUSTOM + name for name in differing(old, new))
    if before["listIds"] != after["listIds"]:
        changed |= {group_key(id) for id in set(before["listIds"]) ^ set(after["listIds"])}
    return changed
