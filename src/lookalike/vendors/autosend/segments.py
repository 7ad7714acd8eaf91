"""Lists and segments as documents, and the rules of segments: AutoSend's `filterCriteria` as condition trees.

Which segments hold for a contact is kept in the contact (`segmentIds`) and brought up to date with every write, so
that members and counts cost nothing to ask for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lookalike.conditions import DEEPEST, ConditionError, Tree, check, fields, matches
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.autosend.problems import rejected
from lookalike.workspace import Part

LISTS = Resource(
    "contact_lists", unique=("name",), indexes=("type", "dependsOn"), orders=(Order("newest", ("createdAt",)),)
)
"""Lists and segments share one space of ids and names. Of a segment `tree` and `dependsOn` are kept too."""

BUILT_IN = ("email", "firstName", "lastName", "userId", "createdAt", "updatedAt")
CUSTOM = "customFields."
_CUSTOM_PREFIXES = (CUSTOM, "contactProperties.")
_ON_LIST = "list:"

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
    """The tree of a segment inside another list or segment: what holds there has to hold too (I)."""
    if parent["type"] == "segment":
        return {"all": [parent["tree"], tree]}
    return {"all": [{"field": _ON_LIST + parent["id"], "type": "boolean", "op": "equals", "value": True}, tree]}


def depends_on(tree: Tree) -> list[str]:
    """What a segment's document is found under when a contact changes."""
    return sorted(fields(tree))


def holds(tree: Tree, contact: Document) -> bool:
    """Whether a contact belongs to the segment of that tree."""
    return matches(tree, _reader(contact))


def _reader(contact: Document) -> Callable[[str], Any]:
    custom = contact.get("customFields", {})

    def get(field: str) -> Any:
        if field.startswith(CUSTOM):
            return custom.get(field[len(CUSTOM) :])
        if field.startswith(_ON_LIST):
            return field[len(_ON_LIST) :] in contact["listIds"]
        return contact.get(field)

    return get


def assign(part: Part, contact: Document, before: Document | None) -> None:
    """Set `contact["segmentIds"]`. Of a contact that was there before, only what depends on a change is judged."""
    lists = part.collection(LISTS)
    if not lists.count("type", "segment"):
        return
    if before is None:
        segments = lists.find("type", "segment")
    else:
        segments = [segment for field in _changes(before, contact) for segment in lists.find("dependsOn", field)]
    get, ids = _reader(contact), dict.fromkeys(contact["segmentIds"])
    for segment in segments:
        if matches(segment["tree"], get):
            ids[segment["id"]] = None
        else:
            ids.pop(segment["id"], None)
    contact["segmentIds"] = list(ids)


def _changes(before: Document, after: Document) -> set[str]:
    changed = {name for name in BUILT_IN if before.get(name) != after.get(name)}
    old, new = before.get("customFields", {}), after.get("customFields", {})
    changed |= {CUSTOM + name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    return changed | {_ON_LIST + id for id in set(before["listIds"]) ^ set(after["listIds"])}
