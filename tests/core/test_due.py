"""What falls due is done a slice at a time: who waits for all of it, and what others see meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest

from lookalike import pieces
from lookalike.clock import Clock
from lookalike.control import waiting
from lookalike.control.listing import Listing
from lookalike.due import Due, Overdue
from lookalike.part import Part
from lookalike.stores.lookups import Partitions
from lookalike.stores.memory_collection import MemoryCollection
from lookalike.workspace import Workspace
from tests.support import Client

Happening = Callable[[], Any]


class World:
    """AutoSend with a task that notes its turn; what is put `between` happens between two slices of one task each."""

    def __init__(self, between: list[Happening], monkeypatch: pytest.MonkeyPatch) -> None:
        self.between = between
        self.client = Client("autosend")
        self.client.clock(freeze="2026-01-01T00:00:00Z")
        self.workspace: Workspace = self.client.sandbox.workspace("default")
        self.ran: list[int] = []
        monkeypatch.setitem(self.client.sandbox.vendors["autosend"].tasks, "note", self._note)
        assert self.client.get("/v1/contact-lists").status == 200

    def _note(self, _part: Part, payload: dict[str, Any]) -> None:
        self.ran.append(payload["n"])

    def later(self, count: int, seconds: float = 10) -> None:
        """So many tasks, all of them due at one instant."""
        at = self.workspace.clock.now() + seconds
        with self.workspace.unit():
            for number in range(count):
                self.workspace.due.schedule(at, "autosend", "note", {"n": number})

    def idle(self, seconds: float) -> None:
        """Time passes, and nobody asks for anything."""
        self.workspace.clock.advance(seconds)

    def ask(self) -> int:
        """A request of somebody; how many tasks were done when it was answered."""
        assert self.client.get("/v1/contact-lists").status == 200
        return len(self.ran)

    @property
    def now(self) -> str:
        return self.workspace.clock.iso()


@pytest.fixture
def world(between: list[Happening], monkeypatch: pytest.MonkeyPatch) -> World:
    return World(between, monkeypatch)


def test_who_finds_much_due_is_answered_when_it_is_done_and_others_at_once(world: World) -> None:
    world.later(5)
    world.idle(60)
    seen: list[Any] = []
    world.between += [lambda: seen.append((world.ask(), world.now))] * 2
    assert world.ask() == 5
    assert world.ran == [0, 1, 2, 3, 4]
    # One by the request that found them, then one a slice; the time that others see is now, not when it was due.
    assert seen == [(2, "2026-01-01T00:01:00.000Z"), (3, "2026-01-01T00:01:00.000Z")]


def test_what_is_little_is_done_on_the_way(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "SLICE", 60)
    monkeypatch.setattr(world.workspace.due, "finish", pytest.fail)
    world.later(5)
    world.idle(60)
    assert world.ask() == 5


def test_more_that_falls_due_meanwhile_is_waited_for_too(world: World) -> None:
    world.later(3)
    world.idle(60)
    world.between.append(lambda: world.later(2, -1))
    assert world.ask() == 5


def test_the_control_api_waits_likewise(world: World) -> None:
    world.later(3)
    world.idle(60)
    assert world.client.control("GET", "/messages").json == {"messages": []}
    assert len(world.ran) == 3


def test_what_comes_up_while_it_is_done_is_done_for_the_control_api_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.later(2)
    world.idle(60)
    finish = world.workspace.due.finish

    def finish_and_more() -> None:
        finish()
        if len(world.ran) == 2:
            world.later(2, -1)

    monkeypatch.setattr(world.workspace.due, "finish", finish_and_more)
    assert world.client.control("GET", "/runs").json == {"runs": []}
    assert len(world.ran) == 4


def test_a_thread_is_at_it_already(world: World) -> None:
    """Somebody else who found it too much does not do it once more."""
    world.later(4)
    world.idle(60)
    with world.workspace.unit(), pytest.raises(Overdue) as found:
        world.workspace.due.run()
    assert found.value.due is world.workspace.due
    seen: list[int] = []

    def again() -> None:
        world.workspace.due.finish()
        seen.append(len(world.ran))

    world.between.append(again)
    world.workspace.due.finish()
    assert (seen, len(world.ran)) == ([2], 4)


@pytest.mark.parametrize("look", [lambda workspace: workspace.due.finish(), waiting._due_in], ids=["finish", "wait"])
def test_who_waits_while_a_task_is_put_off_does_not_have_it_forgotten(
    world: World, monkeypatch: pytest.MonkeyPatch, look: Callable[[Workspace], object]
) -> None:
    world.later(1, seconds=60)
    world.ask()
    waiters = []

    def moved(order: Partitions, *places: Any) -> None:
        if not waiters:
            waiters.append(Thread(target=look, args=[world.workspace]))
            waiters[0].start()
            waiters[0].join(0.2)  # it has to wait until the task is where it is looked for
        move(order, *places)

    move = Partitions.move
    monkeypatch.setattr(Partitions, "move", moved)
    world.later(1, seconds=10)
    waiters[0].join()
    world.idle(30)
    assert world.ask() == 1


def test_a_moved_clock_stands_at_the_time_of_what_is_done(world: World) -> None:
    world.later(3)
    seen: list[Any] = []
    world.between += [lambda: seen.append((world.ask(), world.now))] * 2
    assert world.client.control("POST", "/clock", {"advance": "60s"}).json["done"] == 3
    assert seen == [(1, "2026-01-01T00:00:10.000Z"), (2, "2026-01-01T00:00:10.000Z")]
    assert world.now == "2026-01-01T00:01:00.000Z"


def test_a_server_that_is_stopped_while_the_clock_is_moved_starts_where_it_was(world: World) -> None:
    world.later(2)
    seen: list[Any] = []
    world.between.append(lambda: (world.ask(), seen.append(world.workspace.state()["clock"])))
    before = world.workspace.state()["clock"]
    world.client.clock(advance="60s")
    assert seen == [before]
    assert world.workspace.state()["clock"] == Clock(frozen=before["at"] + 60).setting()


def test_a_reset_ends_the_walk(world: World) -> None:
    world.later(3)
    world.between.append(lambda: world.client.control("POST", "/reset", {"workspace": "default"}))
    world.client.clock(advance="60s", workspace="default")
    assert world.ran == [0]
    assert world.workspace.clock.setting() == world.client.sandbox.clock.setting()


def test_a_fork_is_taken_while_the_clock_is_moved(world: World) -> None:
    """It is at the time at which the walk began, with what is left to do."""
    world.later(3)
    fork = {"name": "copy", "from": "default"}
    world.between.append(lambda: world.client.control("POST", "/workspaces", fork))
    world.client.clock(advance="60s", workspace="default")
    copy = world.client.sandbox.workspace("copy")
    assert copy.clock.iso() == "2026-01-01T00:00:00.000Z"
    assert world.ran == [0, 1, 2]
    world.client.clock(advance="10s", workspace="copy")
    assert world.ran == [0, 1, 2, 1, 2]


def test_a_task_that_fails_fails_the_request_that_met_it_and_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is over then, like any other; what was due with it is done by the next request."""

    def fail(_part: Part, payload: dict[str, Any]) -> None:
        if payload["n"] == 0:
            raise RuntimeError("of the task")
        world.ran.append(payload["n"])

    monkeypatch.setitem(world.client.sandbox.vendors["autosend"].tasks, "note", fail)
    world.later(3)
    world.idle(60)
    with pytest.raises(AssertionError, match="raised") as failed:
        world.ask()
    assert str(failed.value.__cause__) == "of the task"
    assert world.now == "2026-01-01T00:01:00.000Z"
    assert world.ran == []
    assert world.ask() == 2


def test_messages_are_looked_at_when_all_is_done(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler that found too much due begins anew."""
    world.later(3)
    world.idle(60)
    looked: list[int] = []
    answer = Listing.answer
    monkeypatch.setattr(Listing, "answer", lambda *asked: (looked.append(len(world.ran)), answer(*asked))[1])
    world.client.control("GET", "/messages")
    assert looked == [3]


@pytest.mark.parametrize("ask", [lambda due: due.next_at(), lambda due: due.finish()], ids=["next_at", "finish"])
def test_nobody_sees_what_is_due_in_the_middle_of_a_write(
    world: World, monkeypatch: pytest.MonkeyPatch, ask: Callable[[Due], Any]
) -> None:
    """It would be remembered, and what is being put off would be forgotten until the next write."""
    due = world.workspace.due
    assert due.next_at() is None
    threads: list[Thread] = []
    move = MemoryCollection._move

    def move_while_another_asks(*arguments: Any) -> None:
        threads.append(Thread(target=ask, args=(due,)))
        threads[-1].start()
        threads[-1].join(0.1)
        move(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(MemoryCollection, "_move", move_while_another_asks)
        world.later(1)
    for thread in threads:
        thread.join()
    assert len(threads) == 1
    assert due.next_at() == world.workspace.clock.now() + 10
