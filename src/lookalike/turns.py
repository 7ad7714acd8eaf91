"""Whose turn it is: a lock that lengthy work can hand over."""

from __future__ import annotations

import threading
from collections import deque

from lookalike.clock import monotonic, pause

_LONGEST = 0.05


class Turns:
    """A lock for `with`; whoever holds it may take it again."""

    __slots__ = ("_lock", "_waiting")

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._waiting: deque[None] = deque()

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            self._waiting.append(None)
            try:
                self._lock.acquire()
            finally:
                self._waiting.pop()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def pass_on(self) -> None:
        """Between two pieces of work, not holding it: let those in who wait, if there are any, and who come with them.

        On a busy machine they may take a while to wake up, and would find it taken again and again.
        """
        if not self._waiting:
            return
        until = monotonic() + _LONGEST
        pause()
        while self._waiting and monotonic() < until:
            pause()
