"""Faults on demand: rules that say when, and faults that say what.

A fault is one callable around the rest of the way: it is given the call and `proceed`, and answers. What concerns
the connection (delays, resets, cut bodies) is noted on the answer as an `Effect` and carried out by the edge.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationError, field_validator, model_validator

from lookalike.answer import Answer, Effect, json_answer
from lookalike.call import Call
from lookalike.clock import parse_duration
from lookalike.ids import seeded
from lookalike.limits import Limit, Windows
from lookalike.models import RequestModel
from lookalike.problem import INJECTABLE, Problem

Proceed = Callable[[Call], Answer]

_KIND_OF_STATUS = {
    400: "malformed",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    413: "too_large",
    422: "invalid",
    429: "rate_limited",
    500: "internal",
    503: "unavailable",
}


class FaultError(ValueError):
    """A fault or rule that makes no sense; the message is one sentence for the user."""


class _Fault(RequestModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Error(_Fault):
    """The vendor's own answer for a kind of trouble, or for a status; `body` replaces the vendor's."""

    type: Literal["error"] = "error"
    kind: str | None = None
    status: int | None = Field(default=None, ge=400, le=599)
    body: Any = None
    when: Literal["before", "after"] = "before"
    retry_after: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _named(self) -> Error:
        if self.kind is None and self.status is None:
            raise ValueError("an error fault needs a kind or a status")
        if self.kind is not None and self.kind not in INJECTABLE:
            raise ValueError(f"kind {self.kind!r} is unknown: use one of {', '.join(INJECTABLE)}")
        return self

    def around(self, call: Call, proceed: Proceed, _rule: Rule) -> Answer:
        if self.when == "after":
            proceed(call)
        if self.body is not None:
            return json_answer(self.status or 500, self.body, call.vendor.content_type)
        kind = self.kind or _KIND_OF_STATUS.get(self.status or 500) or _nearest_kind(self.status or 500)
        problem = Problem(kind, status=self.status, injected=True, retry_after=self.retry_after)
        return call.vendor.render(call, problem)


def _nearest_kind(status: int) -> str:
    return "internal" if status >= 500 else "invalid"


class Latency(_Fault):
    """The answer is late by `ms`, by `min` to `max`, or log-normally around `median`; all in milliseconds."""

    type: Literal["latency"] = "latency"
    ms: float | None = Field(default=None, ge=0)
    min: float | None = Field(default=None, ge=0)
    max: float | None = Field(default=None, ge=0)
    median: float | None = Field(default=None, gt=0)
    sigma: float = Field(default=0.5, ge=0)

    @model_validator(mode="after")
    def _one_form(self) -> Latency:
        forms = [self.ms is not None, self.min is not None or self.max is not None, self.median is not None]
        if sum(forms) != 1 or (self.min is None) != (self.max is None):
            raise ValueError("a latency fault needs ms, or min and max, or median (and sigma)")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min must not be above max")
        return self

    def around(self, call: Call, proceed: Proceed, rule: Rule) -> Answer:
        answer = proceed(call)
        _effect(call).delay += self._milliseconds(rule) / 1000
        return answer

    def _milliseconds(self, rule: Rule) -> float:
        if self.ms is not None:
            return self.ms
        if self.min is not None and self.max is not None:
            return rule.random.uniform(self.min, self.max)
        median = self.median or 0.0
        return median * rule.random.lognormvariate(0.0, self.sigma)


class RateLimit(_Fault):
    """Answers beyond `limit` in a `window` (seconds, or `10s`, `1m`) are the vendor's 429; counted per credential."""

    type: Literal["rate_limit"] = "rate_limit"
    limit: int = Field(ge=0)
    window: float

    @field_validator("window", mode="before")
    @classmethod
    def _seconds(cls, value: Any) -> Any:
        return parse_duration(value) if isinstance(value, str) else value

    def around(self, call: Call, proceed: Proceed, rule: Rule) -> Answer:
        limit = Limit(f"{call.workspace.name} {call.key}", self.limit, self.window)
        standing = rule.windows.count(limit, call.clock.now())
        call.notes["standing"] = standing
        if not standing.exceeded:
            return proceed(call)
        return call.vendor.render(call, Problem("rate_limited", retry_after=standing.retry_after))


class Timeout(_Fault):
    """No effect and no answer for so many seconds; then the connection is closed."""

    type: Literal["timeout"] = "timeout"
    seconds: float = Field(default=30, ge=0, le=3600)

    def around(self, call: Call, _proceed: Proceed, _rule: Rule) -> Answer:
        effect = _effect(call)
        effect.delay += self.seconds
        effect.close = "empty"
        return Answer(504)


class Reset(_Fault):
    """The connection is reset, before the handler has run or after."""

    type: Literal["reset"] = "reset"
    when: Literal["before", "after"] = "before"

    def around(self, call: Call, proceed: Proceed, _rule: Rule) -> Answer:
        return _closed(call, proceed, "reset", self.when)


class Empty(_Fault):
    """The connection is closed without an answer, before the handler has run or after."""

    type: Literal["empty"] = "empty"
    when: Literal["before", "after"] = "before"

    def around(self, call: Call, proceed: Proceed, _rule: Rule) -> Answer:
        return _closed(call, proceed, "empty", self.when)


def _closed(call: Call, proceed: Proceed, close: str, when: str) -> Answer:
    answer = proceed(call) if when == "after" else Answer(502)
    _effect(call).close = close
    return answer


class Truncate(_Fault):
    """The headers promise the whole body; the connection breaks off after `bytes` of it (half of it if not given)."""

    type: Literal["truncate"] = "truncate"
    bytes: int | None = Field(default=None, ge=0)

    def around(self, call: Call, proceed: Proceed, _rule: Rule) -> Answer:
        answer = proceed(call)
        keep = len(answer.body) // 2 if self.bytes is None else self.bytes
        _effect(call).keep = min(keep, max(0, len(answer.body) - 1))
        return answer


class Garbage(_Fault):
    """Status and headers as they would be, a body of `bytes` bytes that is no JSON."""

    type: Literal["garbage"] = "garbage"
    bytes: int = Field(default=64, ge=1, le=1_000_000)

    def around(self, call: Call, proceed: Proceed, rule: Rule) -> Answer:
        answer = proceed(call)
        return Answer(answer.status, b"<" + rule.random.randbytes(self.bytes - 1), answer.headers)


class Slow(_Fault):
    """The body comes in drops of `rate` bytes per second."""

    type: Literal["slow"] = "slow"
    rate: float = Field(default=100, gt=0)

    def around(self, call: Call, proceed: Proceed, _rule: Rule) -> Answer:
        answer = proceed(call)
        _effect(call).rate = self.rate
        return answer


Fault = Error | Latency | RateLimit | Timeout | Reset | Empty | Truncate | Garbage | Slow

TYPES: tuple[str, ...] = (
    "error", "latency", "rate_limit", "timeout", "reset", "empty", "truncate", "garbage", "slow",
)  # fmt: skip


def _effect(call: Call) -> Effect:
    if call.effect is None:
        call.effect = Effect()
    return call.effect


_SHORTHANDS: dict[str, Callable[[str | None], Fault]] = {
    "latency": lambda value: Latency(ms=float(value or 1000)),
    "timeout": lambda value: Timeout(seconds=float(value or 30)),
    "reset": lambda _value: Reset(),
    "empty": lambda _value: Empty(),
    "truncate": lambda value: Truncate(bytes=None if value is None else int(value)),
    "garbage": lambda value: Garbage(bytes=int(value or 64)),
    "slow": lambda value: Slow(rate=float(value or 100)),
}


def parse_fault(text: str) -> Fault | None:
    """A fault in its short form, as in the header and scripts: `503`, `rate_limited`, `latency=200`; `ok` is none."""
    word, _, value = text.strip().partition("=")
    try:
        if word == "ok":
            return None
        if word.isdigit():
            return Error(status=int(word))
        if word in INJECTABLE:
            return Error(kind=word)
        return _SHORTHANDS[word](value or None)
    except (KeyError, ValueError):
        forms = "ok, a status such as 503, a kind such as rate_limited, or latency=200, timeout=2, reset, empty, "
        raise FaultError(f"{text!r} is no fault: write {forms}truncate=10, garbage, slow=100") from None


_STEP = re.compile(r"(.+?)(?:x(\d+))?")


def parse_script(text: str) -> list[Fault | None]:
    """`429x2, ok, 503` as the faults of the first, second, ... matching request. Raises FaultError."""
    steps: list[Fault | None] = []
    for step in text.split(","):
        match = _STEP.fullmatch(step.strip())
        if match is None:
            raise FaultError(f"script {text!r} has an empty step: write for example '429x2, ok, 503'")
        steps += [parse_fault(match[1])] * int(match[2] or 1)
        if len(steps) > 10_000:
            raise FaultError("a script has at most 10000 steps")
    return steps


class When(_Fault):
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
            (self.path, call.path),
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


class RuleModel(_Fault):
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

    def __init__(self, id: str, model: RuleModel, seed: int) -> None:
        self.id = id
        self.model = model
        self.seen = 0
        self.hits = 0
        self.random = seeded(seed, "fault", id)
        self.windows = Windows()
        self._script = None if model.script is None else parse_script(model.script)

    def decide(self, call: Call) -> Fault | None:
        """The fault for this call, if the rule applies to it; counts it."""
        if not self.model.when.matches(call):
            return None
        position, self.seen = self.seen, self.seen + 1
        fault = self._due(position)
        if fault is not None and self.model.probability < 1 and self.random.random() >= self.model.probability:
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
