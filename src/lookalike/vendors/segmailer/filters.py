"""SegMailer's segment filters as condition trees.

That filters are rules over attributes, with AND, OR and NOT, equality, ranges, sets, booleans, time rules and the
question whether a campaign was opened, is documented; their form as JSON is inferred:

    {"and": [node, ...]}  {"or": [node, ...]}  {"not": node}
    {"attribute": "plan", "op": "eq", "value": "Pro"}
    {"engagement": "opened_campaign"}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lookalike.vendors.segmailer.problems import rejected

DEEPEST = 10
MOST_CONDITIONS = 100

BUILT_IN = ("email", "status", "createdAt", "updatedAt")
CUSTOM = "attributes."
OPENED = "engagement.opened_campaign"

UNITS: Mapping[str, int] = {"minutes": 60, "hours": 3_600, "days": 86_400, "weeks": 604_800}
_LONGEST = 1_000_000_000_000
"""Seconds that a time rule may look back or ahead: far more than any date could."""

_KINDS = ("and", "or", "not", "attribute", "engagement")


def parse(filter_: Mapping[str, Any]) -> dict[str, Any]:
    """The condition tree of a filter. Raises the vendor's 400 with the place of what makes no sense."""
    return _Reader().node(filter_, "filter", 1)


class _Reader:
    """Reads one filter; `conditions` counts what it has met."""

    def __init__(self) -> None:
        self._conditions = 0

    def node(self, node: Any, place: str, depth: int) -> dict[str, Any]:
        if not isinstance(node, Mapping):
            raise rejected(place, "must be an object")
        kinds = [kind for kind in _KINDS if kind in node]
        if len(kinds) != 1:
            raise rejected(place, f"must have exactly one of {', '.join(_KINDS)}")
        if depth > DEEPEST:
            raise rejected(place, f"must not be nested deeper than {DEEPEST} levels")
        kind = kinds[0]
        _refuse_others(node, place, ("attribute", "op", "value") if kind == "attribute" else (kind,))
        if kind == "not":
            return {"not": self.node(node["not"], f"{place}.not", depth + 1)}
        if kind in ("and", "or"):
            return {"all" if kind == "and" else "any": self._nodes(node[kind], f"{place}.{kind}", depth)}
        self._conditions += 1
        if self._conditions > MOST_CONDITIONS:
            raise rejected("filter", f"must have at most {MOST_CONDITIONS} conditions")
        return _comparison(node, place) if kind == "attribute" else _engagement(node, place)

    def _nodes(self, nodes: Any, place: str, depth: int) -> list[dict[str, Any]]:
        if not isinstance(nodes, list):
            raise rejected(place, "must be an array")
        return [self.node(child, f"{place}.{number}", depth + 1) for number, child in enumerate(nodes)]


def _refuse_others(node: Mapping[str, Any], place: str, known: tuple[str, ...]) -> None:
    for name in node:
        if name not in known:
            raise rejected(f"{place}.{name}", "is unknown")


def _engagement(node: Mapping[str, Any], place: str) -> dict[str, Any]:
    if node["engagement"] != "opened_campaign":
        raise rejected(f"{place}.engagement", "must be one of opened_campaign")
    return {"field": OPENED, "type": "json", "op": "equals", "value": True}


def _comparison(node: Mapping[str, Any], place: str) -> dict[str, Any]:
    attribute, op = node["attribute"], node.get("op")
    if not isinstance(attribute, str) or not attribute:
        raise rejected(f"{place}.attribute", "must be the name of an attribute")
    if not isinstance(op, str) or op not in OPERATORS:
        raise rejected(f"{place}.op", f"must be one of {', '.join(OPERATORS)}")
    name, is_negated, read = OPERATORS[op]
    leaf = {"field": attribute if attribute in BUILT_IN else CUSTOM + attribute, "type": "json", "op": name}
    value = read(node.get("value"), f"{place}.value")
    if value is not None:
        leaf["value"] = value
    return {"not": leaf} if is_negated else leaf


def _scalar(value: Any, place: str) -> Any:
    if not isinstance(value, str | int | float):
        raise rejected(place, "must be a string, a number or a boolean")
    return value


def _scalars(value: Any, place: str) -> list[Any]:
    if not isinstance(value, list):
        raise rejected(place, "must be an array")
    return [_scalar(item, f"{place}.{number}") for number, item in enumerate(value)]


def _bound(value: Any, place: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise rejected(place, "must be a number or a date")
    return value


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str):
        raise rejected(place, "must be a string")
    return value


def _nothing(value: Any, place: str) -> None:
    if value is not None:
        raise rejected(place, "must not be given")


def _span(value: Any, place: str) -> float:
    """Seconds in `{"amount": 7, "unit": "days"}`."""
    if not isinstance(value, Mapping):
        raise rejected(place, "must be an object with amount and unit")
    amount, unit = value.get("amount"), value.get("unit")
    if isinstance(amount, bool) or not isinstance(amount, int | float) or amount < 0:
        raise rejected(f"{place}.amount", "must be a number that is not negative")
    if not isinstance(unit, str) or unit not in UNITS:
        raise rejected(f"{place}.unit", f"must be one of {', '.join(UNITS)}")
    if amount * UNITS[unit] > _LONGEST:
        raise rejected(f"{place}.amount", "is too large")
    return amount * UNITS[unit]


_Read = Callable[[Any, str], Any]

OPERATORS: Mapping[str, tuple[str, bool, _Read]] = {
    "eq": ("equals", False, _scalar),
    "ne": ("equals", True, _scalar),
    "gt": ("greater_than", False, _bound),
    "gte": ("greater_or_equal", False, _bound),
    "lt": ("less_than", False, _bound),
    "lte": ("less_or_equal", False, _bound),
    "in": ("in", False, _scalars),
    "nin": ("in", True, _scalars),
    "contains": ("contains", False, _text),
    "exists": ("exists", False, _nothing),
    "not_exists": ("exists", True, _nothing),
    "within_last": ("within_last", False, _span),
    "within_next": ("within_next", False, _span),
    "more_than_ago": ("more_than_ago", False, _span),
    "more_than_ahead": ("more_than_ahead", False, _span),
}
"""Each operator: that of the condition tree, whether it is turned round (so that it holds for a missing attribute),
and what reads its value."""
