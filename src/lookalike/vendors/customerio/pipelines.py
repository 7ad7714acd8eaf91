"""Pipelines: what sources send, taken as the vendor's own destination takes it.

Without `X-Strict-Mode: 1` every answer is 200 `{}`; what is wrong with a call only keeps it from having an effect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from lookalike.answer import Lengthy
from lookalike.call import Call
from lookalike.part import Part
from lookalike.pieces import Steps, in_pieces
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.vendors.customerio.interfaces import is_strict
from lookalike.vendors.customerio.pipelines_calls import Step, prepare
from lookalike.vendors.customerio.problems import rejected, sentence
from lookalike.vendors.customerio.schemas import pipelines as schemas
from lookalike.vendors.customerio.schemas.empty import Empty

routes = Routes("pipelines", doc="https://docs.customer.io/integrations/api/cdp/")

LARGEST, LARGEST_BATCH = 32 * 1024, 500 * 1024
"""Bytes of one call, and of a batch (D). What is larger is dropped with a 200, strict or not."""


def _carry_out(call: Call, read: Callable[[Any], list[Step]], largest: int) -> dict[str, Any] | Lengthy:
    """Read everything, then act; the answer says nothing either way."""
    try:
        steps = read(call.json()) if len(call.body) <= largest else []
    except Problem as problem:
        if is_strict(call) and problem.kind != "too_large":
            raise
        return {}
    return in_pieces(call.part, _take(call.part, steps))


def _take(part: Part, steps: list[Step]) -> Steps[dict[str, Any]]:
    for step in steps:
        step(part)
        yield
    return {}


def _one(kind: str, call: Call) -> dict[str, Any] | Lengthy:
    return _carry_out(call, lambda message: [prepare(kind, message)], LARGEST)


@routes.post("/v1/identify", accepts=schemas.Identify, returns=Empty)
def pipelines_identify(call: Call) -> dict[str, Any] | Lengthy:
    """Add or update a person; traits become attributes."""
    return _one("identify", call)


@routes.post("/v1/track", accepts=schemas.Track, returns=Empty)
def pipelines_track(call: Call) -> dict[str, Any] | Lengthy:
    """Note an event, or do what a semantic event such as `User Deleted` asks for."""
    return _one("track", call)


@routes.post("/v1/page", accepts=schemas.View, returns=Empty)
def pipelines_page(call: Call) -> dict[str, Any] | Lengthy:
    """Note a page view."""
    return _one("page", call)


@routes.post("/v1/screen", accepts=schemas.View, returns=Empty)
def pipelines_screen(call: Call) -> dict[str, Any] | Lengthy:
    """Note a view of a screen."""
    return _one("screen", call)


@routes.post("/v1/group", accepts=schemas.Group, returns=Empty)
def pipelines_group(call: Call) -> dict[str, Any] | Lengthy:
    """Add or update an object, and relate somebody to it."""
    return _one("group", call)


@routes.post("/v1/alias", accepts=schemas.Alias, returns=Empty, source="I")
def pipelines_alias(call: Call) -> dict[str, Any] | Lengthy:
    """Merge one person into another; what the vendor's own destination does with it is inferred."""
    return _one("alias", call)


@routes.post("/v1/batch", accepts=schemas.Batch, returns=Empty)
def pipelines_batch(call: Call) -> dict[str, Any] | Lengthy:
    """Carry out many calls in their order; in strict mode one that makes no sense spoils all of them (I)."""
    strict = is_strict(call)
    return _carry_out(call, lambda body: _many(body, strict), LARGEST_BATCH)


def _many(body: Any, strict: bool) -> list[Step]:
    items = body.get("batch") if isinstance(body, dict) else None
    if not isinstance(items, list):
        raise rejected("batch is required")
    shared = {name: body[name] for name in ("context", "integrations") if name in body}
    steps, wrong = [], []
    for number, item in enumerate(items):
        try:
            steps.append(_item(item, shared))
        except Problem as problem:
            wrong += [f"batch.{number}: {text}" for text in _texts(problem)]
    if wrong and strict:
        raise rejected(*wrong)
    return steps


def _item(item: Any, shared: Mapping[str, Any]) -> Step:
    kind = item.get("type") if isinstance(item, dict) else None
    if not isinstance(kind, str):
        raise rejected("type is required")
    if len(orjson.dumps(item)) > LARGEST:
        return lambda _part: None
    return prepare(kind, {**item, **shared})


def _texts(problem: Problem) -> list[str]:
    return list(problem.details or [sentence(error) for error in problem.errors])
