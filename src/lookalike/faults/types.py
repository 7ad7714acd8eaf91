"""The fault types. Each is one callable around the rest of the way: given the call and `proceed`, it answers.

What concerns the connection (delays, resets, cut bodies) is noted on the call as an `Effect` and carried out by the
edge, after the handler has run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ConfigDict, Field, field_validator, model_validator

from lookalike.answer import BODILESS, Answer, Effect, json_answer
from lookalike.call import Call
from lookalike.clock import parse_duration
from lookalike.limits import Limit
from lookalike.models import RequestModel
from lookalike.problem import INJECTABLE, Problem

if TYPE_CHECKING:
    from lookalike.faults.firing import Firing

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


_LONGEST = 3600.0
"""Seconds that a fault may hold an answer back."""

_LONGEST_WINDOW = 366 * 86400.0


class FaultModel(RequestModel):
    """What users write: members that are not known are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Error(FaultModel):
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

    def around(self, call: Call, proceed: Proceed, _firing: Firing) -> Answer:
        if self.when == "after":
            proceed(call)
        kind = self.kind or _KIND_OF_STATUS.get(self.status or 500) or _nearest_kind(self.status or 500)
        problem = Problem(kind, status=self.status, injected=True, retry_after=self.retry_after)
        answer = call.vendor.render(call, problem)
        if self.body is None:
            return answer
        own = json_answer(answer.status, self.body, call.vendor.content_type)
        own.headers += [header for header in answer.headers if header[0].lower() != "content-type"]
        return own


def _nearest_kind(status: int) -> str:
    return "internal" if status >= 500 else "invalid"


class Latency(FaultModel):
    """The answer is late by `ms`, by `min` to `max`, or log-normally around `median`; all in milliseconds."""

    type: Literal["latency"] = "latency"
    ms: float | None = Field(default=None, ge=0, le=_LONGEST * 1000)
    min: float | None = Field(default=None, ge=0, le=_LONGEST * 1000)
    max: float | None = Field(default=None, ge=0, le=_LONGEST * 1000)
    median: float | None = Field(default=None, gt=0, le=_LONGEST * 1000)
    sigma: float = Field(default=0.5, ge=0, le=10)

    @model_validator(mode="after")
    def _one_form(self) -> Latency:
        forms = [self.ms is not None, self.min is not None or self.max is not None, self.median is not None]
        if sum(forms) != 1 or (self.min is None) != (self.max is None):
            raise ValueError("a latency fault needs ms, or min and max, or median (and sigma)")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min must not be above max")
        return self

    def around(self, call: Call, proceed: Proceed, firing: Firing) -> Answer:
        answer = proceed(call)
        _effect(call).delay += self._milliseconds(firing) / 1000
        return answer

    def _milliseconds(self, firing: Firing) -> float:
        if self.ms is not None:
            return self.ms
        if self.min is not None and self.max is not None:
            return firing.chance.uniform(self.min, self.max)
        median = self.median or 0.0
        return min(_LONGEST * 1000, median * firing.chance.lognormvariate(0.0, self.sigma))


class RateLimit(FaultModel):
    """Answers beyond `limit` in a `window` (seconds, or `10s`, `1m`) are the vendor's 429; counted per credential."""

    type: Literal["rate_limit"] = "rate_limit"
    limit: int = Field(ge=0)
    window: float

    @field_validator("window", mode="before")
    @classmethod
    def _seconds(cls, value: Any) -> Any:
        return parse_duration(value) if isinstance(value, str) else value

    @field_validator("window")
    @classmethod
    def _in_bounds(cls, value: float) -> float:
        if not 0 < value <= _LONGEST_WINDOW:
            raise ValueError("a window is longer than nothing and at most 366 days")
        return value

    def around(self, call: Call, proceed: Proceed, firing: Firing) -> Answer:
        standing = firing.count(Limit(f"{call.workspace.name} {call.key}", self.limit, self.window), call.clock)
        call.notes["standing"] = standing
        if not standing.exceeded:
            return proceed(call)
        return call.vendor.render(call, Problem("rate_limited", retry_after=standing.retry_after))


class Timeout(FaultModel):
    """No effect and no answer for so many seconds; then the connection is closed."""

    type: Literal["timeout"] = "timeout"
    seconds: float = Field(default=30, ge=0, le=_LONGEST)

    def around(self, call: Call, _proceed: Proceed, _firing: Firing) -> Answer:
        effect = _effect(call)
        effect.delay += self.seconds
        effect.close = "empty"
        return Answer(504)


class Reset(FaultModel):
    """The connection is reset, before the handler has run or after."""

    type: Literal["reset"] = "reset"
    when: Literal["before", "after"] = "before"

    def around(self, call: Call, proceed: Proceed, _firing: Firing) -> Answer:
        return _closed(call, proceed, "reset", self.when)


class Empty(FaultModel):
    """The connection is closed without an answer, before the handler has run or after."""

    type: Literal["empty"] = "empty"
    when: Literal["before", "after"] = "before"

    def around(self, call: Call, proceed: Proceed, _firing: Firing) -> Answer:
        return _closed(call, proceed, "empty", self.when)


def _closed(call: Call, proceed: Proceed, close: str, when: str) -> Answer:
    answer = proceed(call) if when == "after" else Answer(502)
    _effect(call).close = close
    return answer


class Truncate(FaultModel):
    """The headers promise the whole body; the connection breaks off after `bytes` of it (half of it if not given)."""

    type: Literal["truncate"] = "truncate"
    bytes: int | None = Field(default=None, ge=0)

    def around(self, call: Call, proceed: Proceed, _firing: Firing) -> Answer:
        answer = proceed(call)
        keep = len(answer.body) // 2 if self.bytes is None else self.bytes
        _effect(call).keep = min(keep, max(0, len(answer.body) - 1))
        return answer


class Garbage(FaultModel):
    """Status and headers as they would be, a body of `bytes` bytes that is no JSON. What has no body stays as it is."""

    type: Literal["garbage"] = "garbage"
    bytes: int = Field(default=64, ge=1, le=1_000_000)

    def around(self, call: Call, proceed: Proceed, firing: Firing) -> Answer:
        answer = proceed(call)
        if answer.status in BODILESS:
            return answer
        return Answer(answer.status, b"<" + firing.chance.randbytes(self.bytes - 1), answer.headers)


class Slow(FaultModel):
    """The body comes in drops of `rate` bytes per second."""

    type: Literal["slow"] = "slow"
    rate: float = Field(default=100, ge=0.1, le=1e9)

    def around(self, call: Call, proceed: Proceed, _firing: Firing) -> Answer:
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
