"""Faults on demand: rules that say when, and faults that say what. The rules of one server are a `Faults`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

from pydantic import ValidationError

from lookalike.answer import Answer, json_answer
from lookalike.call import Call
from lookalike.faults.rules import Rule, RuleModel, When, body_matches
from lookalike.faults.shorthand import FaultError, parse_fault, parse_script
from lookalike.faults.types import TYPES, Fault, Proceed

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


class Faults:
    """The rules of one server, in order: the first added is the outermost."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._made = 0
        self._rules: dict[str, Rule] = {}
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[Rule]:
        return iter(list(self._rules.values()))

    def add(self, data: Any) -> Rule:
        """Put a rule in force. Raises FaultError."""
        model = _validated(data)
        with self._lock:
            self._made += 1
            rule = Rule(f"fault_{self._made}", model, self._seed)
            self._rules[rule.id] = rule
            return rule

    def replace(self, data: list[Any]) -> list[Rule]:
        """Make these the only rules; if one makes no sense the old ones stay. Raises FaultError."""
        models = [_validated(item) for item in data]
        self.clear()
        return [self.add(model) for model in models]

    def remove(self, id: str) -> bool:
        return self._rules.pop(id, None) is not None

    def clear(self) -> None:
        """Drop every rule. Draws and ids begin anew, so that a run can be repeated on the same server."""
        with self._lock:
            self._rules.clear()
            self._made = 0

    def drop(self, workspace: str) -> None:
        """Drop the rules that are for this workspace alone."""
        with self._lock:
            self._rules = {id: rule for id, rule in self._rules.items() if rule.model.when.workspace != workspace}

    def concern(self, call: Call) -> bool:
        """Whether there is anything to look at for this call; false for nearly all, so it is cheap."""
        return bool(self._rules) or "HTTP_X_LOOKALIKE_FAULT" in call.environ

    def around(self, call: Call, proceed: Proceed) -> Answer:
        """Answer the call with every fault that is due around it."""
        try:
            chain = list(self._due(call))
        except FaultError as error:
            refusal = json_answer(400, {"error": f"X-Lookalike-Fault: {error}"})
            refusal.headers.append(("X-Lookalike-Status", "bad_fault"))
            return refusal
        for rule, fault in reversed(chain):
            call.faults.insert(0, fault.type)
            proceed = partial(_around, fault, rule, proceed)
        return proceed(call)

    def _due(self, call: Call) -> Iterator[tuple[Rule, Fault]]:
        header = call.header("X-Lookalike-Fault")
        if header is not None:
            fault = parse_fault(header)
            if fault is not None:
                yield Rule("header", RuleModel(fault=fault), self._seed), fault
        with self._lock:
            for rule in self._rules.values():
                fault = rule.decide(call)
                if fault is not None:
                    yield rule, fault


def _around(fault: Fault, rule: Rule, proceed: Proceed, call: Call) -> Answer:
    return fault.around(call, proceed, rule)


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
