"""Word that something has happened, for those who wait for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from lookalike.clock import monotonic, sleep

T = TypeVar("T")
Again = Callable[[], float | None]

_REST = 3.0
"""How many times as long as the last look the next one waits at least."""

_LONG = 24 * 3600.0


def _never() -> None:
    return None


class Changes:
    """Whoever changes what others may wait for calls `notify`; it costs nothing while nobody waits."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._count = 0
        self.waiting = 0
        """How many wait."""
        self.closed = False

    def notify(self) -> None:
        """Something has happened."""
        if self.waiting:
            with self._condition:
                self._count += 1
                self._condition.notify_all()

    def close(self) -> None:
        """Nothing more will happen."""
        self.closed = True
        with self._condition:
            self._count += 1
            self._condition.notify_all()

    def wait_until(self, find: Callable[[], T | None], seconds: float | None, again: Again = _never) -> T | None:
        """What `find` finds, now or after one of the changes to come; None after so many seconds, or at the end.

        `again` says in how many seconds something happens that nobody tells of. Both are called without any lock.
        """
        deadline = monotonic() + (_LONG if seconds is None else seconds)
        with self._condition:
            self.waiting += 1
        try:
            return self._wait(find, deadline, again)
        finally:
            with self._condition:
                self.waiting -= 1

    def _wait(self, find: Callable[[], T | None], deadline: float, again: Again) -> T | None:
        while True:
            seen, started = self._count, monotonic()
            found = find()
            now = monotonic()
            if found is not None or self.closed or now >= deadline:
                return found
            # A busy server changes all the time; whoever looks each time takes from it what it needs to be busy.
            sleep(min(_REST * (now - started), deadline - now))
            self._wait_for_change(seen, min(deadline, now + _LONG if (due := again()) is None else now + due))

    def _wait_for_change(self, seen: int, until: float) -> None:
        with self._condition:
            self._condition.wait_for(lambda: self._count != seen, max(0.0, until - monotonic()))
