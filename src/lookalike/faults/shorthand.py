"""The short forms of faults: `503`, `rate_limited`, `latency=200`, and scripts of them."""

from __future__ import annotations

import re
from collections.abc import Callable

from lookalike.faults.types import Empty, Error, Fault, Garbage, Latency, Reset, Slow, Timeout, Truncate
from lookalike.problem import INJECTABLE


class FaultError(ValueError):
    """A fault or rule that makes no sense; the message is one sentence for the user."""


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
_MOST_STEPS = 10_000


def parse_script(text: str) -> list[Fault | None]:
    """`429x2, ok, 503` as the faults of the first, second, ... matching request. Raises FaultError."""
    steps: list[Fault | None] = []
    for step in text.split(","):
        match = _STEP.fullmatch(step.strip())
        if match is None:
            raise FaultError(f"script {text!r} has an empty step: write for example '429x2, ok, 503'")
        times = match[2] or "1"
        if len(times) > 5 or len(steps) + int(times) > _MOST_STEPS:
            raise FaultError(f"a script has at most {_MOST_STEPS} steps")
        if not int(times):
            raise FaultError(f"step {step.strip()!r} is none: leave it out, or write ok for a request without a fault")
        steps += [parse_fault(match[1])] * int(times)
    return steps
