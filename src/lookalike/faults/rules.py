"""Rules: which calls a fault is for, and how often."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Annotated, Any

from pydantic import Field, model_validator

from lookalike.addressing import SLASH
from lookalike.call import Call
from lookalike.faults.firing import Firing
from lookalike.faults.shorthand import parse_script
from lookalike.faults.types import Fault, FaultModel
from lookalike.problem import Problem


class When(FaultModel):
    """What a rule applies to; every member is optional, strings are globs. `body` matches members of a JSON body."""

    vendor: str = "*"
    operation: str = "*"
    workspace: str = "*"
    method: str = "*"
    path: str = "*"
    body: dict[str, Any] | None = None

    def matches(self, call: Call) -> bool:
        operation = call.operation.id if call.operation else ""
        pairs = (
            (self.vendor, call.vendor.name),
            (self.workspace, call.workspace.name),
            (self.method.upper(), call.method),
            (self.operation, operation),
            (self.path, call.path.replace(SLASH, "%2F")),
        )
        if not all(glob == "*" or fnmatchcase(value, glob) for glob, value in pairs):
            return False
        return self.body is None or self._matches_body(call)

    def _matches_body(self, call: Call) -> bool:
        try:
            return body_matches(self.body, call.json())
        except Problem:
            return False


def body_matches(expected: Any, actual: Any) -> bool:
    """Whether JSON has at least the expected members; expected strings are globs over the actual value's text."""
    if isinstance(expected, dict):
        return isinstance(actual, dict) and all(
            key in actual and body_matches(value, actual[key]) for key, value in expected.items()
        )
    if isinstance(expected, str):
        text = actual if isinstance(actual, str) else str(actual)
        return not isinstance(actual, dict | list) and fnmatchcase(text, expected)
    return bool(expected == actual and isinstance(expected, bool) == isinstance(actual, bool))


class RuleModel(FaultModel):
    """A fault rule as the control API takes it."""

    when: When = When()
    fault: Annotated[Fault, Field(discriminator="type")] | None = None
    script: str | None = None
    times: int | None = Field(default=None, ge=1)
    skip: int = Field(default=0, ge=0)
    probability: float = Field(default=1.0, ge=0, le=1)

    @model_validator(mode="after")
    def _one_of(self) -> RuleModel:
        if (self.fault is None) == (self.script is None):
            raise ValueError("a rule needs either a fault or a script")
        if self.script is not None:
            if self.times is not None or self.skip:
                raise ValueError("a script replaces times and skip")
            parse_script(self.script)
        return self


class Rule:
    """A rule in force: what was asked for, and how often it was met (`seen`) and fired (`hits`)."""

    def __init__(self, id: str, model: RuleModel, seen: int = 0, hits: int = 0) -> None:
        self.id = id
        self.model = model
        self.seen = seen
        self.hits = hits
        self._script = None if model.script is None else parse_script(model.script)

    def decide(self, firing: Firing) -> Fault | None:
        """The fault for a call that the rule applies to; counts it."""
        position, self.seen = self.seen, self.seen + 1
        fault = self._due(position)
        if fault is not None and self.model.probability < 1 and firing.chance.random() >= self.model.probability:
            return None
        if fault is not None:
            self.hits += 1
        return fault

    def _due(self, position: int) -> Fault | None:
        if self._script is not None:
            return self._script[position] if position < len(self._script) else None
        if position < self.model.skip or (self.model.times is not None and self.hits >= self.model.times):
            return None
        return self.model.fault

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            **self.model.model_dump(exclude_none=True),
            "seen": self.seen,
            "hits": self.hits,
        }
