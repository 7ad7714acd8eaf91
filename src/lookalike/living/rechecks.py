"""The timer of one part: members whose groups change when the clock gets there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lookalike.living.declaration import RECHECKS, living_of, recheck_of
from lookalike.living.judging import settle
from lookalike.stores import Collection
from lookalike.stores.remembered import Remembered

if TYPE_CHECKING:
    from lookalike.part import Part

BATCH = 100


class Rechecks:
    """See `lookalike.agenda.Timer`. It holds nothing itself: what is due stands in the members' documents."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._living = living_of(part)
        self._next_at = Remembered(self._members, _first_at)

    def _members(self) -> Collection:
        return self._part.collection(self._living.members)

    def next_at(self) -> float | None:
        """See `Timer`."""
        return self._next_at()

    def fire(self, at: float) -> int:
        """Judge those who are due at `at`, at most some at a time."""
        members, passed = self._members(), self._living.passed
        held = members.page(RECHECKS.name, limit=BATCH).documents
        due = [(one, {**one}) for one in held if _is_due(recheck_of(one), at)]
        for _, after in due:
            settle(self._part, self._living, after, at)
        members.amend(due)
        for before, after in due:
            if passed is not None and before[self._living.field] != after[self._living.field]:
                passed(self._part, before, after)
        return len(due)


def catch_up(part: Part) -> None:
    """Judge all who have become due by now, each as of the moment when it was: for a part that no clock has moved."""
    if part.vendor.living is not None:
        rechecks = Rechecks(part)
        while (at := rechecks.next_at()) is not None and at <= part.clock.now():
            rechecks.fire(at)


def _first_at(members: Collection) -> float | None:
    first = members.first(RECHECKS.name)
    return None if first is None else first[0]


def _is_due(recheck: float | None, at: float) -> bool:
    return recheck is not None and recheck <= at
