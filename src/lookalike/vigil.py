"""A loop that stays awake for a moment while somebody asks again at once.

To fall asleep and to be woken up costs a request as much as many an answer takes. A client that sends its next request
within some ten microseconds of an answer finds us awake, and is answered in two thirds of the time; one that takes its
time is none of our business, and an idle server sleeps.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from lookalike.clock import monotonic

CLOSE = 0.0006
"""Seconds between two answers that make whoever asks a quick one."""

AWAKE = 0.0003
"""Seconds that such a one is waited for."""


class Vigil:
    """One loop's; `call_soon` is the loop's own, which makes it look for what has come without falling asleep."""

    __slots__ = ("_answered_at", "_call_soon", "_is_kept", "_now", "_until")

    def __init__(self, call_soon: Callable[..., Any], now: Callable[[], float] = monotonic) -> None:
        self._call_soon = call_soon
        self._now = now
        self._answered_at = self._until = float("-inf")
        self._is_kept = False

    def answered(self) -> None:
        """An answer is on its way."""
        now = self._now()
        is_close = now - self._answered_at < CLOSE
        self._answered_at = now
        if is_close:
            self._until = now + AWAKE
            if not self._is_kept:
                self._is_kept = True
                self._call_soon(self._keep)

    def _keep(self) -> None:
        if self._now() < self._until:
            self._call_soon(self._keep)
        else:
            self._is_kept = False


def has_cores() -> bool:
    """Whether clients have a processor to run on while we stay awake."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) > 1
    return (os.cpu_count() or 1) > 1
