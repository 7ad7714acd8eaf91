"""Who sends the deliveries of one sandbox: a thread with a loop of its own, started by the first of them."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from lookalike.changes import Changes
from lookalike.clock import monotonic, sleep
from lookalike.outbox.destinations import Destinations
from lookalike.outbox.records import Attempt
from lookalike.outbox.sender import Outcome, Outgoing

if TYPE_CHECKING:
    from lookalike.clock import Clock
    from lookalike.workspace import Workspace

log = logging.getLogger("lookalike")

T = TypeVar("T")

Exchange = Callable[[Outgoing, float, Destinations, float], Awaitable[Outcome]]

GRACE = 0.02
"""Seconds of real time between an event and its sending, so that the answer to the request behind it is out first."""

AT_ONCE = 32
"""How many deliveries of a workspace may be on their way."""

_STOPPING = 5.0
_LOOK_AGAIN = 3600.0
_ASK_AGAIN = 0.1
"""Seconds until we ask again to be the one who sends, where another server that shares the store is it."""
_TRY_AGAIN = 5.0
"""Seconds between two tries where the store is in trouble: what was sent then is sent again."""


class Closed(Exception):
    """The outbox sends nothing more, since the sandbox is being closed."""


class Outbox:
    """Sends what falls due while clocks run, and what others want sent here and now.

    With `paused` it does only the latter: tests decide when something is sent.
    """

    def __init__(self, destinations: Destinations, changes: Changes) -> None:
        self.paused = False
        self.exchange: Exchange | None = None
        """How a request is made and its answer read, where not over the network."""
        self._destinations = destinations
        self._changes = changes
        self._stirred: set[Workspace] = set()
        self._looks: dict[Workspace, float] = {}
        """The workspaces in which something is due later, with the loop's time of the next look at them."""
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._closed = False
        self._woken = False
        self._timer: asyncio.TimerHandle | None = None
        self._troubled: dict[Workspace, float] = {}
        """The workspaces whose store has failed, with the time of the next try."""
        self._tasks: set[asyncio.Task[Any]] = set()
        self._elsewhere: dict[asyncio.AbstractEventLoop, asyncio.Task[Any]] = {}
        """What goes on in the threads of those who sent something here and now."""

    # --- what others call -------------------------------------------------------------------------------------

    def stir(self, workspace: Workspace) -> None:
        """Something may have become due in a workspace. Call it under its lock; it costs next to nothing."""
        self._changes.notify()
        if self.paused or self._closed:
            return
        self._stirred.add(workspace)
        if not self._woken:
            self._woken = True
            with suppress(Closed), self._lock:
                loop = self._started()
                loop.call_soon_threadsafe(loop.call_later, GRACE, self._look)

    def walk(self, workspace: Workspace, goal: Clock) -> int:
        """Move a workspace's clock, sending what falls due on the way with the clock standing at its time.

        Says how much fell due: deliveries, tasks and all. Never call it under the workspace's lock, nor on the loop of
        a server: a receiver may be behind it. Raises Closed.
        """
        deliveries = workspace.deliveries
        with deliveries.walk:
            with workspace.unit():
                deliveries.walking = True
            try:
                self._changes.wait_until(lambda: not deliveries.on_their_way or None, None)
                while not workspace.store.may_send(workspace.name):
                    sleep(_ASK_AGAIN)
                    if self._closed:
                        raise Closed
                return workspace.due.walk(goal, self.send)
            finally:
                workspace.store.sends_no_more(workspace.name)
                with workspace.unit():
                    deliveries.walking = False
                    deliveries.stir()
                self._changes.notify()

    def send(self, attempt: Attempt) -> None:
        """Carry out an attempt and wait for what becomes of it. Raises Closed."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            self._await(self._carry_out(attempt))
        else:  # a test of somebody who has a loop there, which can do nothing else meanwhile
            with ThreadPoolExecutor(1) as thread:
                thread.submit(self._await, self._carry_out(attempt)).result()

    def send_one(self, workspace: Workspace, id: str) -> None:
        """Send a delivery that waits, at once, and wait for what becomes of it: nothing if the outbox is closed."""
        with workspace.unit():
            attempt = workspace.deliveries.claim_one(id)
        if attempt is not None:
            with suppress(Closed):
                self.send(attempt)
        self._changes.wait_until(lambda: id not in workspace.deliveries.on_their_way or None, None)

    def replay(self, workspace: Workspace, id: str) -> None:
        """Send a delivery once more, over or not; the vendor hears nothing of it. As `walk` otherwise."""
        with workspace.unit():
            attempt = workspace.deliveries.claim_again(id)
        if attempt is not None:
            self.send(attempt)

    def close(self) -> None:
        """Send nothing more: what is on its way is broken off and counts as not sent."""
        with self._lock:
            if self._loop is not None and not self._closed:
                self._loop.call_soon_threadsafe(self._loop.stop)
            for loop, task in self._elsewhere.items():
                loop.call_soon_threadsafe(task.cancel)
            self._closed = True
        if self._thread is not None:
            self._thread.join(_STOPPING)

    # --- the thread -------------------------------------------------------------------------------------------

    def _started(self) -> asyncio.AbstractEventLoop:
        """The loop, made on first use. Call it under the lock. Raises Closed."""
        if self._closed:
            raise Closed
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=_run, args=(self._loop,), name="lookalike-outbox", daemon=True)
            self._thread.start()
        return self._loop

    def _await(self, work: Coroutine[Any, Any, T]) -> T:
        """Do some work in the thread that asks for it, which has a loop to itself meanwhile."""
        loop = asyncio.new_event_loop()
        try:
            with self._lock:
                if self._closed:
                    work.close()
                    raise Closed
                task = loop.create_task(work)
                self._elsewhere[loop] = task
            return loop.run_until_complete(task)
        except asyncio.CancelledError:
            raise Closed from None
        finally:
            with self._lock:
                self._elsewhere.pop(loop, None)
            loop.close()

    def _look(self) -> None:
        """Send what is due, and come back when the next one is."""
        self._woken = False
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        chosen = {workspace for workspace, at in self._looks.items() if at <= loop.time()}
        while self._stirred:
            chosen.add(self._stirred.pop())
        for workspace in chosen:
            self._looks.pop(workspace, None)
            wait = self._try_to_look_at(workspace)
            if wait is not None:
                self._looks[workspace] = loop.time() + min(wait, _LOOK_AGAIN)
        next_look = min(self._looks.values(), default=None)
        self._timer = None if next_look is None else loop.call_at(next_look, self._look)

    def _try_to_look_at(self, workspace: Workspace) -> float | None:
        try:
            return self._look_at(workspace)
        except Exception as error:  # the store may have trouble, and get over it
            log.error("the webhooks of workspace %s wait: %s", workspace.name, error)
            return _TRY_AGAIN

    def _look_at(self, workspace: Workspace) -> float | None:
        """Send what is due in a workspace; seconds until the next look, or None where only a stir can change things."""
        deliveries = workspace.deliveries
        with workspace.unit():
            if deliveries.walking:
                return None
            trouble = self._troubled.get(workspace, 0.0) - monotonic()
            if trouble > 0:
                return trouble
            self._troubled.pop(workspace, None)
            if not workspace.store.may_send(workspace.name):
                return _ASK_AGAIN
            now = workspace.clock.now()
            while len(deliveries.on_their_way) < AT_ONCE and (attempt := deliveries.claim(now)) is not None:
                task = asyncio.get_running_loop().create_task(self._carry_out(attempt))
                self._tasks.add(task)
                task.add_done_callback(self._done)
            next_at = deliveries.next_at()
            if not deliveries.on_their_way:
                workspace.store.sends_no_more(workspace.name)
            if next_at is None or next_at <= now or workspace.clock.frozen:
                return None
            return next_at - now

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("what came of a webhook could not be kept: %s", error)

    async def _carry_out(self, attempt: Attempt) -> None:
        exchange = self.exchange or _network()
        sender, outgoing = attempt.sender, attempt.outgoing
        workspace, outcomes = attempt.part.workspace, []
        try:
            for _ in range(1 + attempt.modes.duplicate):
                outcomes.append(await exchange(outgoing, sender.timeout, self._destinations, attempt.at))
        except asyncio.CancelledError:
            with workspace.lock:
                workspace.deliveries.abandon(attempt)
            self._changes.notify()
            raise
        try:
            with workspace.unit():
                workspace.deliveries.finish(attempt, outcomes)
        except Exception:  # the store keeps nothing, so that it counts as not made
            self._troubled[workspace] = monotonic() + _TRY_AGAIN
            with workspace.lock:
                workspace.deliveries.abandon(attempt)
                self.stir(workspace)
            raise
        self._changes.notify()
        if asyncio.get_running_loop() is self._loop:
            self._look()  # the next one of this subscription has waited for it


def _network() -> Exchange:
    from lookalike.outbox.exchange import exchange  # only who sends needs TLS and all

    return exchange


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
        loop.run_until_complete(_cancel_all())
    finally:
        loop.close()


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
