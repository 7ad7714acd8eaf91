"""What falls due in one workspace: done on the way of a request that finds it, or while its clock is moved.

Members whose rule turns at one instant, a broadcast to everybody, what has piled up while nobody asked: that may be
more than others can wait for. So it is done a slice at a time, and others are answered in between. They see what is
done by then, as a vendor's users do, whose segments and sendings take their time too; only whoever moved the clock, or
was the first to find so much due, is answered when all of it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from lookalike import pieces
from lookalike.agenda import TASKS, Agenda, Timer
from lookalike.clock import Clock, monotonic
from lookalike.living import doubt, resume
from lookalike.outbox.records import Attempt
from lookalike.problem import Problem

if TYPE_CHECKING:
    from lookalike.workspace import Workspace

Send = Callable[[Attempt], None]


class _Step(NamedTuple):
    """How much was done, the webhook that is to be sent then, and whether that was all."""

    done: int = 0
    attempt: Attempt | None = None
    over: bool = False


class Overdue(Exception):
    """More has fallen due than a request does on its way: it has to be handled again once `due` is finished."""

    def __init__(self, due: Due) -> None:
        super().__init__()
        self.due = due


class Due:
    """Who does what is due in a workspace, each with the clock standing at its time. Webhooks are the outbox's."""

    def __init__(self, workspace: Workspace, vendors: Iterable[str]) -> None:
        self._workspace = workspace
        self._clock = workspace.clock
        self._agenda = Agenda(lambda: workspace.own(TASKS), vendors, self._carry_out)
        self._at_it = False
        """Whether a thread does what is too much for a request."""
        self._set_out: Clock | None = None
        """The clock as it was before the walk that it is on."""
        self.timers: dict[str, Timer] = {}
        """What is due beside the scheduled tasks, by a name that its maker chooses."""

    def _carry_out(self, vendor: str, task: str, payload: dict[str, Any]) -> bool:
        part = self._workspace.parts.get(vendor)
        if part is not None:
            part.vendor.tasks[task](part, payload)
        return part is not None

    def schedule(self, at: float, vendor: str, task: str, payload: dict[str, Any]) -> None:
        """Have `task` of `vendor` run when the clock reaches `at` (epoch seconds)."""
        self._agenda.add(at, vendor, task, payload)

    def forget(self, vendor: str) -> None:
        """Drop the tasks of a vendor."""
        self._agenda.forget(vendor)

    def lasting_clock(self) -> Clock:
        """The clock as a server that starts again has to show it."""
        return self._set_out or self._clock

    def next_at(self) -> float | None:
        """When something is due by itself next, in epoch seconds; None for never. Any thread may ask."""
        with self._workspace.lock:  # what is seen in the middle of a write would be remembered
            first = self._first()
        return None if first is None else first[0]

    def _first(self) -> tuple[float, Timer] | None:
        """What is due first. Of two at the same moment a scheduled task comes before the others."""
        found: tuple[float, Timer] | None = None
        for timer in (self._agenda, *self.timers.values()):
            at = timer.next_at()
            if at is not None and (found is None or at < found[0]):
                found = (at, timer)
        return found

    def _slice(self, next_until: Callable[[], tuple[float, Timer] | None]) -> int:
        """Do what `next_until` gives for as long as others may wait; says how much that was."""
        done, until = 0, monotonic() + pieces.SLICE
        while (first := next_until()) is not None:
            self._clock.freeze(first[0])
            done += first[1].fire(first[0])
            if monotonic() >= until:
                break
        return done

    # --- by now ------------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Do what has fallen due by now. Call it in a unit, before anything else is done there.

        Raises Overdue when it is more than others may wait for, unless somebody is at it already.
        """
        if not self._at_it and self._is_now():
            self._some()
            if self._set_out is None and self._is_now():
                raise Overdue(self)

    def finish(self) -> None:
        """Do all that has fallen due by now, in a thread that may take its time, not under the workspace's lock."""
        workspace = self._workspace
        with workspace.lock:  # who looks while somebody writes would remember what was not yet so
            if not self._is_now():
                return
        with workspace.unit():
            if self._at_it or self._set_out is not None:
                return
            self._at_it = True
        try:
            while self._go_on():
                workspace.lock.pass_on()
        finally:
            self._at_it = False

    def _go_on(self) -> bool:
        with self._workspace.unit():
            self._some()
            return self._is_now()

    def _is_now(self) -> bool:
        first = self._first()
        return first is not None and first[0] <= self._clock.now()

    def _some(self) -> None:
        goal = self._clock.copy()
        try:
            self._slice(lambda: self._next_until(goal))
        finally:
            self._clock.follow(goal)

    def _next_until(self, goal: Clock) -> tuple[float, Timer] | None:
        first = self._first()
        return None if first is None or first[0] > goal.now() else first

    # --- when the clock is moved -------------------------------------------------------------------------------------

    def walk(self, goal: Clock, send: Send) -> int:
        """Set the clock to `goal`. What falls due on the way is carried out, each with the clock standing at its time.

        Says how much that was. What a task schedules in turn is carried out too, if the goal lies beyond it. Webhooks
        are among it: `send` is not called under the lock, nor may this be (see `Outbox.walk`). A reset ends the walk.
        """
        total, over = 0, False
        with self._workspace.unit():
            set_out = self._set_out = self._clock.copy()
        started = set_out.now()
        try:
            while not over:
                done, attempt, over = self._step(goal, set_out, started)
                total += done
                if attempt is not None:
                    send(attempt)
                elif not over:
                    self._workspace.lock.pass_on()
        finally:
            self._arrive(goal, set_out, started)
        return total

    def call_off(self) -> None:
        """Have whoever moves the clock leave off: it belongs to another time now."""
        self._set_out = None

    def _step(self, goal: Clock, set_out: Clock, started: float) -> _Step:
        """A slice of what is due before the next webhook, or that webhook."""
        deliveries = self._workspace.deliveries
        with self._workspace.unit():
            if self._set_out is not set_out:
                return _Step(over=True)
            done = self._slice(lambda: self._next_before_webhooks(goal))
            self._at_it = self._next_before_webhooks(goal) is not None
            if self._at_it:
                return _Step(done)
            at = deliveries.next_at()
            if at is None or at > goal.now():
                return _Step(done, over=True)
            # What is late goes now, not then.
            self._clock.freeze(max(at, started, self._clock.now()))
            return _Step(done + 1, deliveries.claim(at))

    def _next_before_webhooks(self, goal: Clock) -> tuple[float, Timer] | None:
        first, webhook_at = self._next_until(goal), self._workspace.deliveries.next_at()
        return None if first is None or (webhook_at is not None and webhook_at < first[0]) else first

    def _arrive(self, goal: Clock, set_out: Clock, started: float) -> None:
        """Show the time that was asked for; what time has changed is undone where that is an earlier one."""
        parts = list(self._workspace.parts.values()) if goal.now() < started else []
        with self._workspace.unit():
            if self._set_out is not set_out:
                return
            self._clock.follow(goal)
            self._set_out, self._at_it = None, False
            for part in parts:
                doubt(part)
        for part in parts:
            with suppress(Problem):  # it was reset meanwhile
                pieces.finish(part, resume(part))
