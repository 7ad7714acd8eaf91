"""Faults on demand: rules that say when, and faults that say what. The rules of one server are a `Faults`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from pydantic import ValidationError

from lookalike.answer import Answer, json_answer
from lookalike.call import Call
from lookalike.faults.firing import Firing
from lookalike.faults.rules import Rule, RuleModel, When, body_matches
from lookalike.faults.shorthand import FaultError, parse_fault, parse_script
from lookalike.faults.types import TYPES, Fault, Proceed
from lookalike.limits import WINDOWS
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.workspace import Workspace

__all__ = [
    "TYPES",
    "Fault",
    "FaultError",
    "Faults",
    "Rule",
    "RuleModel",
    "When",
    "body_matches",
    "parse_fault",
    "parse_script",
]


RULES = Resource("fault_rules", orders=(Order("number", ("number",)),))
"""id, number, rule (as the control API takes it), seen, hits."""

COUNTS = Resource("fault_counts")
"""One document: how many rules were made since they were last cleared."""
_MADE = "made"


class Faults:
    """The rules of one server, in order: the first added is the outermost.

    They are documents of the server's own workspace, so that they last, and count together, as far as the store goes.
    """

    def __init__(self, home: Workspace) -> None:
        self._home = home
        self._rules = home.own(RULES)
        self._counts = home.own(COUNTS)
        self._read: dict[str, tuple[Any, RuleModel]] = {}

    def __iter__(self) -> Iterator[Rule]:
        return iter([self._rule(document) for document in self._rules.scan("number")])

    def _rule(self, document: Document) -> Rule:
        id, told = document["id"], document["rule"]
        known = self._read.get(id)
        if known is None or known[0] != told:
            known = self._read[id] = (told, RuleModel.model_validate(told))
        return Rule(id, known[1], document["seen"], document["hits"])

    def add(self, data: Any) -> Rule:
        """Put a rule in force. Raises FaultError."""
        model = _validated(data)
        with self._home.unit():
            made = self._counts.get(_MADE) or {"id": _MADE, "count": 0}
            made["count"] += 1
            self._counts.put(made)
            told = model.model_dump(mode="json", exclude_none=True)
            document = {"id": f"fault_{made['count']}", "number": made["count"], "rule": told, "seen": 0, "hits": 0}
            self._rules.put(document)
            return self._rule(document)

    def replace(self, data: list[Any]) -> list[Rule]:
        """Make these the only rules; if one makes no sense the old ones stay. Raises FaultError."""
        models = [_validated(item) for item in data]
        with self._home.unit():
            self.clear()
            return [self.add(model) for model in models]

    def remove(self, id: str) -> bool:
        with self._home.unit():
            return self._rules.delete(id)

    def clear(self) -> None:
        """Drop every rule. Draws and ids begin anew, so that a run can be repeated on the same server."""
        with self._home.unit():
            self._rules.clear()
            self._counts.clear()
            self._home.own(WINDOWS).clear()

    def drop(self, workspace: str) -> None:
        """Drop the rules that are for this workspace alone."""
        with self._home.unit():
            for rule in self:
                if rule.model.when.workspace == workspace:
                    self._rules.delete(rule.id)

    def concern(self, call: Call) -> bool:
        """Whether there is anything to look at for this call; false for nearly all, so it is cheap."""
        return self._rules.count() > 0 or "HTTP_X_LOOKALIKE_FAULT" in call.environ

    def around(self, call: Call, proceed: Proceed) -> Answer:
        """Answer the call with every fault that is due around it."""
        try:
            chain = list(self._due(call))
        except FaultError as error:
            refusal = json_answer(400, {"error": f"X-Lookalike-Fault: {error}"})
            refusal.headers.append(("X-Lookalike-Status", "bad_fault"))
            return refusal
        for firing, fault in reversed(chain):
            call.faults.insert(0, fault.type)
            proceed = partial(_around, fault, firing, proceed)
        return proceed(call)

    def _due(self, call: Call) -> Iterator[tuple[Firing, Fault]]:
        header = call.header("X-Lookalike-Fault")
        if header is not None:
            fault = parse_fault(header)
            if fault is not None:
                yield Firing(self._home, "header", 0), fault
        for rule in self:
            if not rule.model.when.matches(call):
                continue
            firing, fault = self._decide(rule.id)
            if fault is not None:
                yield firing, fault

    def _decide(self, id: str) -> tuple[Firing, Fault | None]:
        with self._home.unit():
            document = self._rules.get(id)
            if document is None:  # dropped by somebody else just now
                return Firing(self._home, id, 0), None
            rule = self._rule(document)
            firing = Firing(self._home, id, rule.seen)
            fault = rule.decide(firing)
            self._rules.put({**document, "seen": rule.seen, "hits": rule.hits})
            return firing, fault


def _around(fault: Fault, firing: Firing, proceed: Proceed, call: Call) -> Answer:
    return fault.around(call, proceed, firing)


def _validated(data: Any) -> RuleModel:
    if isinstance(data, RuleModel):
        return data
    try:
        return RuleModel.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise FaultError(f"{place}: {message}" if place else message) from None
