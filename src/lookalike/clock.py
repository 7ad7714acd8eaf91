"""Time. Every workspace has a clock of its own that users can freeze, advance and resume."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
EARLIEST, LATEST = 0.0, 221845392000.0
"""The bounds of any clock, in epoch seconds: 1970, and 9000, so that what follows later still has a date."""

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)")


_MINUTES = tuple(f"{minute:02d}:{second:02d}" for minute in range(60) for second in range(60))
"""Minute and second of every second of an hour: looked up in half the time of being written."""


monotonic = time.perf_counter
"""Seconds on a clock that never jumps, for measuring how long something took."""


def parse_duration(text: str) -> float:
    """Seconds in a duration such as `8d`, `1h30m`, `250ms` or `90` (seconds). Raises ValueError."""
    compact = text.strip().lower().replace(" ", "")
    if re.fullmatch(r"\d+(\.\d+)?", compact):
        return float(compact)
    parts = _DURATION.findall(compact)
    if not parts or "".join(number + unit for number, unit in parts) != compact:
        raise ValueError(f"{text!r} is not a duration: write for example 8d, 1h30m or 250ms")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def parse_instant(text: str) -> float:
    """Epoch seconds of an ISO 8601 instant; without an offset it is UTC. Raises ValueError."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not an instant: write for example 2026-01-01T00:00:00Z") from None
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()


def iso(seconds: float) -> str:
    """`2026-11-21T11:00:27.199Z`: UTC with exactly three fractional digits, the form every vendor here uses."""
    milliseconds = round(seconds * 1000)
    hours = milliseconds // 3_600_000
    milliseconds -= hours * 3_600_000
    return f"{_hour(hours)}{_MINUTES[milliseconds // 1000]}.{milliseconds % 1000:03d}Z"


@lru_cache(maxsize=4096)
def _hour(hours: int) -> str:
    return f"{_day(hours // 24)}T{hours % 24:02d}:"


@lru_cache(maxsize=4096)
def _day(days: int) -> str:
    return f"{datetime.fromtimestamp(days * 86_400, UTC):%Y-%m-%d}"


class Clock:
    """One workspace's time: real time, shifted or frozen. All values are epoch seconds."""

    __slots__ = ("_frozen", "_shift")

    def __init__(self, shift: float = 0.0, frozen: float | None = None) -> None:
        self._shift = shift
        self._frozen = frozen

    def now(self) -> float:
        """Epoch seconds, to the millisecond and below."""
        return self._frozen if self._frozen is not None else time.time() + self._shift

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        return self._frozen is not None

    def iso(self) -> str:
        """Now, as `iso` writes it."""
        return iso(self.now())

    def iso_after(self, before: str) -> str:
        """Now, as `iso` writes it, or a millisecond past `before` where that is just now.

        So what changes shows that it did: two requests to a server nearby may fall into one millisecond. A clock that
        stands still says what it shows, and one that was turned back does not catch up.
        """
        now = self.iso()
        if now > before or self.frozen:
            return now
        last = parse_instant(before)
        return iso(last + 0.001) if last < self.now() + 1 else now

    def datetime(self) -> datetime:
        """Now, as an aware datetime in UTC."""
        return datetime.fromtimestamp(0, UTC) + timedelta(seconds=self.now())

    def freeze(self, at: float | None = None) -> None:
        """Stand still at `at`, or at this moment. Raises ValueError for an instant out of bounds."""
        self._frozen = _in_bounds(self.now() if at is None else at)

    def advance(self, seconds: float) -> None:
        """Move on by so much; a frozen clock stays frozen, further on. Raises ValueError past the bounds."""
        _in_bounds(self.now() + seconds)
        if self._frozen is not None:
            self._frozen += seconds
        else:
            self._shift += seconds

    def resume(self) -> None:
        """Back to real time, without shift."""
        self._frozen, self._shift = None, 0.0

    def follow(self, other: Clock) -> None:
        """Show what another clock shows, and run on as it does."""
        self._shift, self._frozen = other._shift, other._frozen

    def set(self, shift: float, frozen: float | None) -> None:
        """Take over another clock's shift and standstill. Raises ValueError out of bounds."""
        _in_bounds(time.time() + shift if frozen is None else frozen)
        self._shift, self._frozen = shift, frozen

    def setting(self) -> dict[str, Any]:
        """What a store keeps: `shift` in seconds, and `at`, the instant (epoch seconds) of a frozen one."""
        return {"shift": self._shift, "at": self._frozen}

    def state(self) -> dict[str, Any]:
        """What `GET clock` shows."""
        return {"now": self.iso(), "frozen": self._frozen is not None, **self.setting()}

    def copy(self) -> Clock:
        """A clock that shows the same time and runs on its own from here."""
        return Clock(self._shift, self._frozen)


def _in_bounds(instant: float) -> float:
    if not EARLIEST <= instant <= LATEST:
        raise ValueError("the clock runs from 1970-01-01 to 9000-01-01: choose an instant between them")
    return instant


def sleep(seconds: float) -> None:
    """Wait in real time. Only for servers that have no other way; the own edge uses timers."""
    if seconds > 0:
        time.sleep(seconds)


def pause() -> None:
    """Let other threads in between two pieces of lengthy work: a lock that was just let go is not yet theirs."""
    time.sleep(0.0005)  # the least that makes the system run somebody else
