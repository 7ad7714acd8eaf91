"""Sorted sequences, with blocks so small that a few keys fill many."""

from __future__ import annotations

import random

import pytest

from lookalike.stores import sequence
from lookalike.stores.sequence import Sequence


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequence, "_LOAD", 3)


def text(key: str) -> bytes:
    return f"{key}!".encode()


def filled(keys: list[str]) -> Sequence:
    made = Sequence(1)
    for key in keys:
        made.add(key, (text(key),))
    return made


KEYS = [f"{n:03}" for n in range(0, 200, 2)]


def shuffled(keys: list[str], seed: int) -> list[str]:
    return random.Random(seed).sample(keys, len(keys))


@pytest.fixture(params=["added in order", "added backwards", "added in any order", "made at once", "copied"])
def whole(request: pytest.FixtureRequest) -> Sequence:
    return {
        "added in order": lambda: filled(KEYS),
        "added backwards": lambda: filled(KEYS[::-1]),
        "added in any order": lambda: filled(shuffled(KEYS, 1)),
        "made at once": lambda: Sequence.of(1, [(key, (text(key),)) for key in shuffled(KEYS, 2)]),
        "copied": lambda: filled(KEYS).copy(),
    }[request.param]()


def test_both_ways(whole: Sequence):
    assert list(whole) == KEYS
    assert list(reversed(whole)) == KEYS[::-1]
    assert whole.length == len(KEYS)


def test_every_window(whole: Sequence):
    for first in range(0, len(KEYS) + 1, 7):
        for last in range(first, len(KEYS) + 1, 11):
            window = whole.window(first, last)
            assert window.keys == KEYS[first:last]
            assert window.texts(0) == [text(key) for key in KEYS[first:last]]
            window = whole.window(first, last, descending=True)
            assert window.texts(0) == [text(key) for key in KEYS[first:last][::-1]]
            assert window.keys == KEYS[first:last][::-1]


def test_counts_on_either_side_of_a_key(whole: Sequence):
    for n in range(-1, 202):
        key = f"{n:03}" if n >= 0 else ""
        assert whole.below(key) == sum(1 for other in KEYS if other < key)
        assert whole.up_to(key) == sum(1 for other in KEYS if other <= key)


def test_removing_everything_in_any_order(whole: Sequence):
    left = list(KEYS)
    for key in shuffled(KEYS, 3):
        whole.remove(key)
        left.remove(key)
        assert list(whole) == left
        assert whole.below("100") == sum(1 for other in left if other < "100")
    assert whole.length == 0
    assert whole.window(0, 0).keys == []
    whole.add("a", (b"a",))
    assert (list(whole), whole.window(0, 1).texts(0)) == (["a"], [b"a"])


def test_other_texts(whole: Sequence):
    for key in KEYS[::3]:
        whole.replace(key, (b"new",))
    assert whole.window(0, 5).texts(0) == [b"new", b"002!", b"004!", b"new", b"008!"]
    assert list(whole) == KEYS


@pytest.mark.parametrize("change", ["add", "remove", "replace"])
@pytest.mark.parametrize("descending", [False, True])
def test_a_window_stays_as_it_was(whole: Sequence, change: str, descending: bool):
    window = whole.window(2, 9, descending=descending)
    later = whole.window(2, 4)
    {
        "add": lambda: whole.add("005", (b"new",)),
        "remove": lambda: whole.remove("006"),
        "replace": lambda: whole.replace("006", (b"new",)),
    }[change]()
    step = -1 if descending else 1
    assert window.keys == KEYS[2:9][::step]
    assert window.texts(0) == [text(key) for key in KEYS[2:9][::step]]
    assert later.texts(0) == [b"004!", b"006!"]
    assert whole.window(2, 4).texts(0) != [b"004!", b"006!"]


def test_a_copy_is_its_own(whole: Sequence):
    other = whole.copy()
    other.remove("000")
    other.replace("002", (b"new",))
    whole.add("001", (b"x",))
    assert (whole.length, other.length) == (len(KEYS) + 1, len(KEYS) - 1)
    assert whole.window(0, 3).texts(0) == [b"000!", b"x", b"002!"]
    assert other.window(0, 2).texts(0) == [b"new", b"004!"]


def test_keys_that_cannot_be_compared():
    with pytest.raises(TypeError):
        Sequence.of(0, [((1, "a"), ()), (("x", "b"), ())])
