"""What a workspace has put off until its clock gets there: vendors' tasks, in the order of their times."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from lookalike.stores import Collection, Order, Resource
from lookalike.stores.remembered import Remembered

Payload = dict[str, Any]

TASKS = Resource(
    "tasks", indexes=("vendor",), orders=(Order("number", ("number",)), Order("due", ("at", "number"), within="vendor"))
)
"""id, number (in the order in which they were put off), at (epoch seconds), vendor, task, payload."""


class Timer(Protocol):
    """Something of a workspace that happens by itself when its clock gets there. `next_at` costs nothing."""

    def next_at(self) -> float | None:
        """When it is next due, in epoch seconds; None for never."""

    def fire(self, at: float) -> int:
        """Do what is due at `at`, the clock standing there; says how much that was. `next_at` has changed then."""


class Agenda:
    """The scheduled tasks, as a timer. It holds nothing itself: they are documents of the core.

    `tasks` gives their collection, and `run(vendor, task, payload)` carries one out and says whether it did. Those of
    vendors that are not among `vendors` are kept and left alone.
    """

    def __init__(
        self, tasks: Callable[[], Collection], vendors: Iterable[str], run: Callable[[str, str, Payload], bool]
    ) -> None:
        self._tasks = tasks
        self._vendors = tuple(vendors)
        self._run = run
        self._first = Remembered(tasks, self._first_of)

    def add(self, at: float, vendor: str, task: str, payload: Payload) -> None:
        """Have a task run at `at`, after those that were added for the same moment before it."""
        tasks = self._tasks()
        newest = tasks.page("number", limit=1, descending=True).documents
        number = newest[0]["number"] + 1 if newest else 1
        tasks.put({"id": f"{number}", "number": number, "at": at, "vendor": vendor, "task": task, "payload": payload})

    def next_at(self) -> float | None:
        """See `Timer`."""
        first = self._first()
        return None if first is None else float(first[0])

    def _first_of(self, tasks: Collection) -> tuple[Any, ...] | None:
        if not tasks.count():
            return None
        firsts = (tasks.first("due", within=vendor) for vendor in self._vendors)
        return min((first for first in firsts if first is not None), default=None)

    def fire(self, at: float) -> int:
        """See `Timer`; one task at a time, since each may schedule others."""
        first = self._first()
        tasks = self._tasks()
        due = None if first is None else tasks.get(first[-1])
        if due is None:
            return 0
        tasks.delete(due["id"])
        return int(self._run(due["vendor"], due["task"], due["payload"]))

    def forget(self, vendor: str) -> None:
        """Drop what was due for a vendor."""
        tasks = self._tasks()
        for id in tasks.ids("vendor", vendor):
            tasks.delete(id)
