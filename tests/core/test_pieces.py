"""Lengthy work as steps: done at once where it is quick, else a slice at a time, each of them one unit."""

from __future__ import annotations

import threading

import pytest

from lookalike import pieces, turns
from lookalike.answer import Lengthy
from lookalike.pieces import at_once, in_pieces
from lookalike.problem import Problem
from tests.support import Client


@pytest.fixture
def part(a_vendor: str):
    client = Client(a_vendor)
    client.sandbox.prepare()
    return client.sandbox.workspace("default").part(a_vendor)


@pytest.fixture
def a_vendor() -> str:
    from lookalike.vendor import known

    return sorted(known())[0]


def counted(taken: list[int], steps: int):
    for number in range(steps):
        taken.append(number)
        yield
    return "done"


def test_what_is_quick_is_done_at_once(part, monkeypatch):
    monkeypatch.setattr(pieces, "SLICE", 60)
    taken: list[int] = []
    assert in_pieces(part, counted(taken, 3)) == "done"
    assert taken == [0, 1, 2]
    assert in_pieces(part, counted([], 0)) == "done"


def test_others_get_in_between_slices(part, monkeypatch):
    monkeypatch.setattr(pieces, "SLICE", 0)
    taken: list[int] = []
    pauses: list[int] = []
    monkeypatch.setattr(turns.Turns, "pass_on", lambda _self: pauses.append(len(taken)))
    work = in_pieces(part, counted(taken, 3))
    assert isinstance(work, Lengthy)
    assert taken == [0]
    assert work.run() == "done"
    assert pauses == [1, 2, 3]


def test_a_slice_is_a_unit(part, monkeypatch):
    """Whoever else wants the workspace waits for the slice, and no longer."""
    monkeypatch.setattr(pieces, "SLICE", 0)
    held: list[bool] = []
    lock = part.workspace.lock

    def steps():
        for _ in range(3):
            held.append(lock._lock._is_owned())
            yield

    with part.workspace.unit():
        work = in_pieces(part, steps())
    assert isinstance(work, Lengthy)
    monkeypatch.setattr(turns.Turns, "pass_on", lambda _self: held.append(lock._lock._is_owned()))
    assert work.run() is None
    assert held == [True, False, True, False, True, False]


def test_problems_and_a_reset(part, monkeypatch):
    monkeypatch.setattr(pieces, "SLICE", 0)

    def failing():
        yield
        raise Problem("conflict")

    work = in_pieces(part, failing())
    assert isinstance(work, Lengthy)
    with pytest.raises(Problem, match="conflict"):
        work.run()
    taken: list[int] = []
    work = in_pieces(part, counted(taken, 3))
    part.workspace.drop_part(part.vendor.name)
    assert isinstance(work, Lengthy)
    with pytest.raises(Problem, match="the workspace was reset meanwhile"):
        work.run()
    assert taken == [0]


def test_all_at_once(monkeypatch):
    monkeypatch.setattr(pieces, "SLICE", 0)
    taken: list[int] = []
    assert at_once(counted(taken, 3)) == "done"
    assert taken == [0, 1, 2]


def test_slices():
    assert list(pieces.pieces([1, 2, 3, 4, 5], 2)) == [[1, 2], [3, 4], [5]]
    assert list(pieces.pieces([], 2)) == []


def test_those_who_wait_get_in_between_two_slices(monkeypatch):
    """However long they take to wake up."""
    lock, order = turns.Turns(), list[str]()

    def wait() -> None:
        with lock:
            order.append("other")

    thread = threading.Thread(target=wait)
    with lock, lock:
        thread.start()
        while not lock._waiting:
            pass
        order.append("first")
    monkeypatch.setattr(turns, "pause", lambda: None)
    monkeypatch.setattr(turns, "_LONGEST", 20)
    lock.pass_on()
    with lock:
        order.append("second")
    thread.join()
    assert order == ["first", "other", "second"]


def test_nobody_waits_for_those_who_do_not_come(monkeypatch):
    lock, pauses, times = turns.Turns(), list[int](), iter([0, 0.04, 0.06])
    monkeypatch.setattr(turns, "pause", lambda: pauses.append(1))
    lock.pass_on()
    assert pauses == []
    lock._waiting.append(None)
    monkeypatch.setattr(turns, "monotonic", lambda: next(times))
    lock.pass_on()
    assert pauses == [1, 1]
