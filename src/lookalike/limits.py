"""Rate limits: fixed windows counted on the workspace's clock."""

from __future__ import annotations

import math
from dataclasses import dataclass


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
    """The counters of one workspace. A window begins with the first call of its bucket."""

    _MOST = 10_000
    """Buckets that are counted at a time; of more, those that began first are forgotten."""

    def __init__(self) -> None:
        self._windows: dict[str, tuple[float, int]] = {}

    def count(self, limit: Limit, now: float) -> Standing:
        """Count one call at `now` (epoch seconds)."""
        ends, used = self._windows.get(limit.bucket, (0.0, 0))
        if now >= ends or ends > now + limit.window:
            ends, used = now + limit.window, 0
            self._windows.pop(limit.bucket, None)
            if len(self._windows) >= self._MOST:
                del self._windows[next(iter(self._windows))]
        used += 1
        self._windows[limit.bucket] = (ends, used)
        return Standing(limit, used, ends, max(1, math.ceil(ends - now)))

    def clear(self) -> None:
        self._windows.clear()
