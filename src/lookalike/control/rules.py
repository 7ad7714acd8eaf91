"""Fault rules: put in force, listed, replaced, dropped."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from pydantic import RootModel

from lookalike.control.parsing import fit
from lookalike.control.refusal import Refusal
from lookalike.faults import FaultError, RuleModel, When, parse_fault
from lookalike.routes import Routes
from lookalike.sandbox import Sandbox

routes = Routes("faults")


class RulesBody(RootModel[dict[str, Any] | list[dict[str, Any]]]):
    """One rule or a list of them; a `fault` may be in short form: `"429"`, `"latency=200"`."""


def _read(sandbox: Sandbox, body: RulesBody) -> list[RuleModel]:
    items = body.root if isinstance(body.root, list) else [body.root]
    rules = [fit(RuleModel, _spelled_out(item)) for item in items]
    for rule in rules:
        check_when(sandbox, rule.when)
    return rules


def _spelled_out(item: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(item.get("fault"), str):
        return item
    try:
        return {**item, "fault": parse_fault(item["fault"])}
    except FaultError as error:
        raise Refusal(400, f"Member 'fault' cannot be used: {error}.") from None


def check_when(sandbox: Sandbox, when: When, *, unimplemented: bool = False) -> None:
    """Refuse a `when` that no request could ever meet, since it is a misspelling.

    The journal knows calls of `unimplemented` operations by name; faults do not.
    """
    vendors = [vendor for name, vendor in sandbox.vendors.items() if fnmatchcase(name, when.vendor)]
    if not vendors:
        known = " or ".join(sandbox.vendors)
        raise Refusal(400, f"Member 'when.vendor' {when.vendor!r} matches no vendor served here: use {known}.")
    ids = {operation.id for vendor in vendors for operation in vendor.operations}
    if unimplemented:
        ids |= {entry.id for vendor in vendors for entry in vendor.coverage.entries}
    if when.operation != "*" and not any(fnmatchcase(id, when.operation) for id in ids):
        raise Refusal(400, f"Member 'when.operation' {when.operation!r} matches no operation: {_nearest(when, ids)}.")


def _nearest(when: When, ids: set[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(when.operation, sorted(ids), n=3)
    return f"use {' or '.join(close)}" if close else "GET /_lookalike/coverage?vendor=NAME lists them"


@routes.get("/faults")
def list_faults(sandbox: Sandbox) -> dict[str, Any]:
    """Every rule in force, with how often it was met (`seen`) and fired (`hits`)."""
    return {"faults": [rule.as_json() for rule in sandbox.faults]}


@routes.post("/faults", body=RulesBody, status=201)
def create_faults(sandbox: Sandbox, body: RulesBody) -> dict[str, Any]:
    """Put rules in force behind those there are; if one makes no sense none is."""
    return {"faults": [sandbox.faults.add(rule).as_json() for rule in _read(sandbox, body)]}


@routes.put("/faults", body=RulesBody)
def replace_faults(sandbox: Sandbox, body: RulesBody) -> dict[str, Any]:
    """Make these the only rules; if one makes no sense the old ones stay."""
    return {"faults": [rule.as_json() for rule in sandbox.faults.replace(_read(sandbox, body))]}


@routes.delete("/faults")
def delete_faults(sandbox: Sandbox) -> dict[str, Any]:
    """Drop every rule."""
    gone = [rule.id for rule in sandbox.faults]
    sandbox.faults.clear()
    return {"deleted": gone}


@routes.delete("/faults/{id}")
def delete_fault(sandbox: Sandbox, id: str) -> dict[str, Any]:
    """Drop one rule."""
    if not sandbox.faults.remove(id):
        raise Refusal(404, f"There is no fault {id!r}: GET /_lookalike/faults lists them.")
    return {"deleted": [id]}
