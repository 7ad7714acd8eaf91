"""What a workspace has put off until its clock gets there: vendors' tasks, in the order of their times."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any, Protocol

Payload = dict[str, Any]


class Timer(Protocol):
    """Something of a workspace that happens by itself when its clock gets there. `next_at` costs nothing."""

    def next_at(self) -> float | None:
        """When it is next due, in epoch seconds; None for never."""

    def fire(self, at: float) -> int:
        """Do what is due at `at`, the clock standing there; says how much that was. `next_at` has changed then."""


class Agenda:
    """The scheduled tasks, as a timer; `run(vendor, task, payload)` carries one out and says whether it did."""

    def __init__(self, run: Callable[[str, str, Payload], bool]) -> None:
        self._run = run
        self._numbers = count()
        self._due: list[tuple[float, int, str, str, Payload]] = []

    def __bool__(self) -> bool:
        return bool(self._due)

    def add(self, at: float, vendor: str, task: str, payload: Payload) -> None:
        """Have a task run at `at`, after those that were added for the same moment before it."""
        heapq.heappush(self._due, (at, next(self._numbers), vendor, task, payload))

    def next_at(self) -> float | None:
        """See `Timer`."""
        return self._due[0][0] if self._due else None

    def fire(self, at: float) -> int:
        """See `Timer`; one task at a time, since each may schedule others."""
        _, _, vendor, task, payload = heapq.heappop(self._due)
        return int(self._run(vendor, task, payload))

    def forget(self, vendor: str) -> None:
        """Drop what was due for a vendor."""
        self._due = [due for due in self._due if due[2] != vendor]
        heapq.heapify(self._due)

    def clear(self) -> None:
        """Drop everything."""
        self._due.clear()

    def state(self) -> list[list[Any]]:
        """`[at, vendor, task, payload]` of each, in the order in which they fall due."""
        return [[at, vendor, task, payload] for at, _, vendor, task, payload in sorted(self._due, key=_moment)]

    def restore(self, state: Iterable[Any]) -> None:
        """Take up what `state` once said. Raises TypeError or ValueError."""
        for at, vendor, task, payload in state:
            self.add(at, vendor, task, payload)


def _moment(due: tuple[float, int, str, str, Payload]) -> tuple[float, int]:
    return due[:2]
