"""Rate limits: fixed windows counted on the workspace's clock.

The counters are documents, so that they last as the rest does, and so that servers which share a store count together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from lookalike.stores import Collection, Order, Resource

WINDOWS = Resource("windows", orders=(Order("age", ("number",)),))
"""id (the bucket), number (that began as the so-manieth), ends (epoch seconds), used."""


SKEW = 2.0
"""Seconds by which the clocks of servers that share a store may differ. One that was set back by more begins anew."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `maximum` calls of one `bucket` in a window of so many seconds."""

    bucket: str
    maximum: int
    window: float


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a caller stands once a call was counted: `reset` in epoch seconds, `retry_after` in whole ones, from 1."""

    limit: Limit
    used: int
    reset: float
    retry_after: int

    @property
    def exceeded(self) -> bool:
        return self.used > self.limit.maximum

    @property
    def remaining(self) -> int:
        return max(0, self.limit.maximum - self.used)


class Windows:
    """Counters in a collection of `WINDOWS`. A window begins with the first call of its bucket.

    Use it inside the unit of the workspace whose collection it is.
    """

    MOST = 10_000
    """Buckets that are counted at a time; of more, those that began first are forgotten."""

    def __init__(self, windows: Collection) -> None:
        self._windows = windows

    def count(self, limit: Limit, now: float) -> Standing:
        """Count one call at `now` (epoch seconds)."""
        windows = self._windows
        window = windows.get(limit.bucket)
        if window is None or now >= window["ends"] or window["ends"] > now + limit.window + SKEW:
            window = {"id": limit.bucket, "number": self._next(window), "ends": now + limit.window, "used": 0}
        window["used"] += 1
        windows.put(window)
        return Standing(limit, window["used"], window["ends"], max(1, math.ceil(window["ends"] - now)))

    def _next(self, known: object) -> int:
        """The number of a window that begins now; where there are too many, the oldest one goes."""
        windows = self._windows
        if known is None and windows.count() >= self.MOST:
            for oldest in windows.page("age", limit=1).documents:
                windows.delete(oldest["id"])
        youngest = windows.page("age", limit=1, descending=True).documents
        return int(youngest[0]["number"]) + 1 if youngest else 1
