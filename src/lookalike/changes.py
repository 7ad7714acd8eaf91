"""Word that something has happened, for those who wait for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from lookalike.clock import monotonic

T = TypeVar("T")


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

    def wait_until(self, find: Callable[[], T | None], seconds: float | None) -> T | None:
        """What `find` finds, now or after one of the changes to come; None after so many seconds, or at the end.

        `find` is called without any lock held.
        """
        deadline = None if seconds is None else monotonic() + seconds
        with self._condition:
            self.waiting += 1
        try:
            return self._wait(find, deadline)
        finally:
            with self._condition:
                self.waiting -= 1

    def _wait(self, find: Callable[[], T | None], deadline: float | None) -> T | None:
        while True:
            seen = self._count
            found = find()
            if found is not None or self.closed:
                return found
            with self._condition:
                left = None if deadline is None else deadline - monotonic()
                if not self._condition.wait_for(lambda seen=seen: self._count != seen, left):  # type: ignore[misc]
                    return None
