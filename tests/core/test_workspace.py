"""A workspace: its parts, what is due in it, and what of it lasts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from lookalike.clock import Clock
from lookalike.part import Part
from lookalike.stores import Resource
from lookalike.stores.memory import MemoryStore
from lookalike.workspace import Workspace

THINGS = Resource("things")


class World:
    """A workspace with two vendors whose tasks note that they ran."""

    def __init__(self, store: MemoryStore | None = None, vendors: str = "ab") -> None:
        self.ran: list[tuple[str, float, Any]] = []
        self.store = store or MemoryStore()
        known: dict[str, Any] = {
            name: SimpleNamespace(
                name=name, resources=(THINGS,), tasks={"note": self._note, "chain": self._chain}, living=None
            )
            for name in vendors
        }
        self.workspace = Workspace("w", self.store, known, 1, Clock(frozen=1000.0))

    def _note(self, part: Part, payload: dict[str, Any]) -> None:
        self.ran.append((part.vendor.name, part.clock.now(), payload.get("n")))

    def _chain(self, part: Part, payload: dict[str, Any]) -> None:
        self._note(part, payload)
        if payload["n"]:
            part.later(10, "chain", {"n": payload["n"] - 1})


class Shared(MemoryStore):
    """A store that brings news with each unit, and notes what becomes of it."""

    keeps = True
    news = True

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[str] = []

    def begin(self, workspace: str, *, alone: bool = True) -> Any:
        self.noted.append("begin")
        return self

    def commit(self, state: dict[str, Any] | None) -> None:
        self.noted.append("commit")

    def undo(self) -> None:
        self.noted.append("undo")


@pytest.fixture
def world() -> World:
    return World()


def advance(world: World, seconds: float) -> int:
    goal = world.workspace.clock.copy()
    goal.advance(seconds)
    return world.workspace.due.walk(goal, pytest.fail)


class TestDue:
    def test_runs_in_the_order_of_its_times_at_its_times(self, world: World):
        a, b = world.workspace.add_part("a"), world.workspace.add_part("b")
        a.later(30, "note", {"n": 1})
        b.later(10, "note", {"n": 2})
        a.later(10, "note", {"n": 3})
        a.later(99, "note", {"n": 4})
        assert advance(world, 60) == 3
        assert world.ran == [("b", 1010.0, 2), ("a", 1010.0, 3), ("a", 1030.0, 1)]
        assert world.workspace.clock.now() == 1060.0

    def test_what_a_task_schedules_runs_too(self, world: World):
        world.workspace.add_part("a").later(10, "chain", {"n": 5})
        assert advance(world, 35) == 3
        assert world.ran == [("a", 1010.0, 5), ("a", 1020.0, 4), ("a", 1030.0, 3)]
        assert advance(world, 5) == 1

    def test_a_request_does_what_is_due_by_now(self, world: World):
        world.workspace.add_part("a").later(10, "note", {})
        for seconds, ran in ((9, 0), (1, 1), (0, 1)):
            world.workspace.clock.advance(seconds)
            world.workspace.due.run()
            assert len(world.ran) == ran
        assert world.workspace.clock.now() == 1010.0

    def test_of_a_dropped_part_nothing_runs(self, world: World):
        world.workspace.add_part("a").later(10, "note", {"n": 1})
        world.workspace.add_part("b").later(10, "note", {"n": 2})
        world.workspace.drop_part("a")
        assert advance(world, 60) == 1
        assert world.ran == [("b", 1010.0, 2)]


class TestParts:
    def test_one_vendor_does_not_see_the_other(self, world: World):
        a, b = world.workspace.add_part("a"), world.workspace.add_part("b")
        a.collection(THINGS).put({"id": "1"})
        assert b.collection(THINGS).get("1") is None
        assert world.workspace.part("a") is a
        assert World().workspace.part("a") is None

    def test_dropping_takes_documents_and_messages(self, world: World):
        for name in "ab":
            part = world.workspace.add_part(name)
            part.collection(THINGS).put({"id": "1"})
            part.keep_message({"id": f"m{name}", "created_at": "x"})
        world.workspace.drop_part("a")
        assert world.workspace.part("a") is None
        assert world.workspace.add_part("a").collection(THINGS).count() == 0
        assert world.workspace.part("b").collection(THINGS).count() == 1
        assert [one["id"] for one in world.workspace.messages.scan("newest")] == ["mb"]

    def test_ids_are_the_same_after_a_fresh_start(self, world: World):
        first = world.workspace.add_part("a").ids.uuid4()
        world.workspace.clear(Clock(frozen=5.0))
        assert world.workspace.part("a") is None
        assert world.workspace.add_part("a").ids.uuid4() == first
        assert world.workspace.clock.now() == 5.0

    def test_cleared_nothing_is_left(self, world: World):
        part = world.workspace.add_part("a")
        part.collection(THINGS).put({"id": "1"})
        part.keep_message({"id": "m", "created_at": "x"})
        part.later(1, "note", {})
        world.workspace.clear(Clock(frozen=1000.0))
        assert advance(world, 60) == 0
        assert world.workspace.messages.count() == 0
        assert world.workspace.add_part("a").collection(THINGS).count() == 0


class TestLasting:
    def restored(self, world: World, vendors: str = "ab") -> World:
        other = World(world.store, vendors)
        other.workspace.restore(world.workspace.state())
        return other

    def test_clock_ids_and_what_is_due(self, world: World):
        part = world.workspace.add_part("a")
        made = [part.ids.uuid4() for _ in range(3)]
        part.later(10, "note", {"n": 1})
        world.workspace.clock.freeze(2000.0)
        other = self.restored(world)
        assert other.workspace.clock.now() == 2000.0
        assert other.workspace.part("b") is None
        assert other.workspace.part("a").ids.uuid4() not in made
        assert other.workspace.part("a").ids.count == 4
        assert advance(other, 0) == 1
        assert other.ran == [("a", 1010.0, 1)]
        assert other.workspace.state() == {
            "clock": {"shift": 0.0, "at": 2000.0},
            "seed": 1,
            "lag": 0.0,
            "ids": {"a": 4},
        }

    def test_a_seed_and_a_fixture_of_its_own(self, world: World):
        world.workspace.seed, world.workspace.fixture = 7, "empty"
        other = self.restored(world)
        assert (other.workspace.seed, other.workspace.fixture) == (7, "empty")
        ids = [one.workspace.add_part("a").ids.uuid4() for one in (world, other)]
        assert ids[0] == ids[1]

    def test_a_vendor_that_is_not_served_keeps_its_state(self, world: World):
        for name in "ab":
            part = world.workspace.add_part(name, 7)
            part.later(10, "note", {"n": name})
        without = self.restored(world, "a")
        assert advance(without, 60) == 1
        again = self.restored(without)
        assert (again.workspace.part("a").ids.count, again.workspace.part("b").ids.count) == (7, 7)
        assert advance(again, 0) == 1
        assert again.ran == [("b", 1010.0, "b")]

    def test_documents_without_a_state_count_as_filled(self, world: World):
        world.workspace.add_part("a").collection(THINGS).put({"id": "1"})
        made = world.workspace.part("a").ids.uuid4()
        other = World(world.store)
        other.workspace.restore({})
        assert other.workspace.part("a").ids.uuid4() != made
        assert other.workspace.part("b") is None


def test_a_unit_whose_news_make_no_sense_is_over(monkeypatch: pytest.MonkeyPatch):
    store = Shared()
    workspace = World(store).workspace
    monkeypatch.setattr(store, "load_state", lambda _workspace: {"seed": "zero"})
    with pytest.raises(ValueError, match="zero"), workspace.unit():
        pytest.fail("it has not begun")
    assert store.noted == ["begin", "undo"]
    monkeypatch.setattr(store, "load_state", lambda _workspace: {})
    with workspace.unit(), workspace.unit():
        assert store.noted == ["begin", "undo", "begin"]
    assert store.noted == ["begin", "undo", "begin", "commit"]
