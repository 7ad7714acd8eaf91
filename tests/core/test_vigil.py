"""A loop stays awake for quick clients alone, and not for long."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable

import pytest

from lookalike.vigil import AWAKE, CLOSE, Vigil, has_cores


class Loop:
    """What is queued, a clock that stands until it is moved, and a vigil between both."""

    def __init__(self) -> None:
        self.queue: deque[Callable[[], None]] = deque()
        self.time = 100.0
        self.vigil = Vigil(self.queue.append, lambda: self.time)

    def answer_after(self, seconds: float) -> None:
        self.time += seconds
        self.vigil.answered()

    def turn(self) -> None:
        """Run what was queued when the turn began."""
        for _ in range(len(self.queue)):
            self.queue.popleft()()


def test_the_first_answer_keeps_nobody_awake() -> None:
    loop = Loop()
    loop.vigil.answered()
    assert not loop.queue


def test_a_client_that_takes_its_time_is_not_waited_for() -> None:
    loop = Loop()
    for _ in range(5):
        loop.answer_after(CLOSE)
    assert not loop.queue


def test_a_quick_client_is_waited_for_and_then_the_loop_sleeps() -> None:
    loop = Loop()
    loop.vigil.answered()
    loop.answer_after(CLOSE / 2)
    for _ in range(3):
        assert len(loop.queue) == 1
        loop.turn()
    loop.time += AWAKE * 0.9
    loop.turn()
    assert len(loop.queue) == 1
    loop.time += AWAKE * 0.2
    loop.turn()
    assert not loop.queue


def test_each_quick_answer_prolongs_the_one_vigil() -> None:
    loop = Loop()
    loop.vigil.answered()
    for _ in range(10):
        loop.answer_after(AWAKE * 0.9)
        assert len(loop.queue) == 1
        loop.turn()
    loop.time += AWAKE
    loop.turn()
    assert not loop.queue


def test_a_vigil_that_is_over_begins_again() -> None:
    loop = Loop()
    for _ in range(3):
        loop.vigil.answered()
        loop.answer_after(CLOSE / 2)
        assert len(loop.queue) == 1
        loop.time += AWAKE
        loop.turn()
        assert not loop.queue


@pytest.mark.parametrize(("cores", "expected"), [({0}, False), ({0, 3}, True)])
def test_with_one_core_it_would_be_in_the_clients_way(
    monkeypatch: pytest.MonkeyPatch, cores: set[int], expected: bool
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: cores, raising=False)
    assert has_cores() is expected


@pytest.mark.parametrize(("cores", "expected"), [(None, False), (1, False), (8, True)])
def test_where_affinity_is_unknown_processors_count(
    monkeypatch: pytest.MonkeyPatch, cores: int | None, expected: bool
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert has_cores() is expected
