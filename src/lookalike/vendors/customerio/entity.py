"""Track v2: one operation, or many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from lookalike.answer import Answer, Lengthy
from lookalike.call import Call
from lookalike.parsing import validate
from lookalike.part import Part
from lookalike.pieces import Steps, in_pieces
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.vendors.customerio.entity_actions import ACTIONS, Act, faults_of
from lookalike.vendors.customerio.problems import pretty, unfit
from lookalike.vendors.customerio.relating import Fault, fault
from lookalike.vendors.customerio.schemas.empty import Empty
from lookalike.vendors.customerio.schemas.entity import BatchAnswer, BatchInput, Entity

routes = Routes("entities", doc="https://docs.customer.io/integrations/api/track/#tag/Track-V2")

LARGEST, LARGEST_BATCH = 32 * 1024, 500 * 1024
"""Bytes of one operation, and of a batch (D)."""


@routes.post("/api/v2/entity", accepts=Entity, returns=Empty)
def entity(call: Call) -> dict[str, Any]:
    """Carry out one operation on a person, an object or a delivery."""
    if len(call.body) > LARGEST:
        raise unfit("", "too_large", f"request cannot be larger than {LARGEST} bytes")
    operation, act = _read(call.json())
    act(call.part, operation)
    return {}


@routes.post("/api/v2/batch", accepts=BatchInput, returns=BatchAnswer, source="S")
def batch(call: Call) -> Answer | dict[str, Any] | Lengthy:
    """Carry out many operations in their order; 207 tells of those that make no sense."""
    if len(call.body) > LARGEST_BATCH:
        raise unfit("", "too_large", f"request cannot be larger than {LARGEST_BATCH} bytes")
    body = call.json()
    items = body.get("batch") if isinstance(body, dict) else None
    if not isinstance(items, list) or not items:
        raise unfit("batch", "required", "batch is required")
    return in_pieces(call.part, _one_by_one(call.part, items))


def _one_by_one(part: Part, items: list[Any]) -> Steps[Answer | dict[str, Any]]:
    errors: list[dict[str, Any]] = []
    for index, item in enumerate(items):
        try:
            operation, act = _read(item)
        except Problem as problem:
            errors += [{"batch_index": index, **one} for one in problem.details]
        else:
            act(part, operation)
        yield
    return pretty(207, {"errors": errors}) if errors else {}


def _read(item: Any) -> tuple[Any, Act]:
    """An operation, and what does it. Raises Problem with all that is wrong."""
    if not isinstance(item, dict):
        raise unfit("", "invalid", "operation must be an object")
    if len(orjson.dumps(item)) > LARGEST:
        raise unfit("", "too_large", f"operation cannot be larger than {LARGEST} bytes")
    model, act = _kind(item)
    try:
        operation = validate(model, item)
    except Problem as problem:
        raise Problem("invalid", details=[_fault(error) for error in problem.errors]) from None
    wrong = list(faults_of(operation))
    if wrong:
        raise Problem("invalid", details=wrong)
    return operation, act


def _kind(item: dict[str, Any]) -> tuple[Any, Act]:
    actions = _chosen(item, "type", ACTIONS)
    found: tuple[Any, Act] = _chosen(item, "action", actions)
    return found


def _chosen(item: dict[str, Any], field: str, known: Mapping[str, Any]) -> Any:
    value = item.get(field)
    if value in (None, ""):
        raise unfit(field, "required", f"{field} is required")
    if not isinstance(value, str) or value not in known:
        raise unfit(field, "invalid", f"{field} must be one of {', '.join(known)}")
    return known[value]


def _fault(error: Mapping[str, Any]) -> Fault:
    """One of pydantic's errors in Track's terms (I: neither reasons nor sentences are documented)."""
    field = ".".join(str(place) for place in error["loc"])
    if error["type"] == "missing" or error.get("input") in (None, ""):
        return fault("required", field, f"{field} is required")
    return fault("invalid", field, f"{field} is invalid: {str(error['msg'])[:1].lower()}{str(error['msg'])[1:]}")
