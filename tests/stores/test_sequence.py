"""Sorted sequences, with blocks so small that a few keys fill many."""

from __future__ import annotations

import random
from collections import deque

import pytest

from lookalike.stores import sequence
from lookalike.stores.sequence import Key, Sequence, Shelf, Window


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequence, "_LOAD", 3)
    monkeypatch.setattr(sequence, "_FAR", 20)


def text(key: str) -> bytes:
    return f"{key}!".encode()


def make(keys: list[Key]) -> list[bytes]:
    return [text(str(key)) for key in keys]


def shelf() -> Shelf:
    return Shelf("all", deque())


def window(whole: Sequence, first: int, last: int, *, descending: bool = False) -> Window:
    """The keys of these ranks."""
    begin = whole.forth((0, 0), first, whole.end)
    return whole.window(begin, whole.forth(begin, last - first, whole.end), descending=descending)


def filled(keys: list[str]) -> Sequence:
    made, told = Sequence(), shelf()
    for key in keys:
        made.add(key, [(told, text(key))])
    return made


def extended(keys: list[str], at_once: int) -> Sequence:
    made = Sequence()
    for start in range(0, len(keys), at_once):
        made.extend(sorted(keys[start : start + at_once]))
    return made


KEYS = [f"{n:03}" for n in range(0, 200, 2)]


def shuffled(keys: list[str], seed: int) -> list[str]:
    return random.Random(seed).sample(keys, len(keys))


@pytest.fixture(
    params=[
        "added in order",
        "added backwards",
        "added in any order",
        "made at once",
        "extended in order",
        "extended in any order",
        "extended by many",
        "copied",
    ]
)
def whole(request: pytest.FixtureRequest) -> Sequence:
    return {
        "added in order": lambda: filled(KEYS),
        "added backwards": lambda: filled(KEYS[::-1]),
        "added in any order": lambda: filled(shuffled(KEYS, 1)),
        "made at once": lambda: Sequence.of(list(shuffled(KEYS, 2))),
        "extended in order": lambda: extended(KEYS, 9),
        "extended in any order": lambda: extended(shuffled(KEYS, 5), 7),
        "extended by many": lambda: extended(shuffled(KEYS, 6), 60),
        "copied": lambda: filled(KEYS).copy(),
    }[request.param]()


def test_both_ways(whole: Sequence):
    assert list(whole) == KEYS
    assert list(reversed(whole)) == KEYS[::-1]
    assert whole.length == len(KEYS)


def test_every_window(whole: Sequence):
    for first in range(0, len(KEYS) + 1, 7):
        for last in range(first, len(KEYS) + 1, 11):
            found = window(whole, first, last)
            assert found.keys == KEYS[first:last]
            assert found.texts(shelf(), make) == [text(key) for key in KEYS[first:last]]
            found = window(whole, first, last, descending=True)
            assert found.texts(shelf(), make) == [text(key) for key in KEYS[first:last][::-1]]
            assert found.keys == KEYS[first:last][::-1]


def test_counts_below_a_key(whole: Sequence):
    for n in range(-1, 202):
        key = f"{n:03}" if n >= 0 else ""
        assert whole.below(key) == sum(1 for other in KEYS if other < key)


def test_seeks_a_key_or_the_next(whole: Sequence):
    for n in range(-1, 202):
        key = f"{n:03}" if n >= 0 else ""
        for beyond, expected in (
            (False, [other for other in KEYS if other >= key]),
            (True, [other for other in KEYS if other > key]),
        ):
            assert whole.window(whole.seek(key, beyond=beyond), whole.end).keys == expected


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 20, 21, 45, 99, 100, 150])
def test_walks_both_ways_from_everywhere_within_bounds(whole: Sequence, count: int):
    least, most = whole.seek(KEYS[10]), whole.seek(KEYS[90])
    for rank in range(10, 91):
        position = whole.seek(KEYS[rank])
        back, forth = whole.back(position, count, least), whole.forth(position, count, most)
        assert whole.window(back, position).keys == KEYS[max(rank - count, 10) : rank]
        assert whole.window(position, forth).keys == KEYS[rank : min(rank + count, 90)]
        assert (back == least, forth == most) == (rank - count <= 10, rank + count >= 90)
    assert whole.window(whole.back(whole.end, count, (0, 0)), whole.end).keys == KEYS[max(100 - count, 0) :]
    assert whole.window((0, 0), whole.forth((0, 0), count, whole.end)).keys == KEYS[:count]


def test_removing_everything_in_any_order(whole: Sequence):
    left = list(KEYS)
    for key in shuffled(KEYS, 3):
        whole.remove(key)
        left.remove(key)
        assert list(whole) == left
        assert whole.below("100") == sum(1 for other in left if other < "100")
    assert whole.length == 0
    assert window(whole, 0, 0).keys == []
    whole.add("a", [(shelf(), b"a")])
    assert (list(whole), window(whole, 0, 1).texts(shelf(), make)) == (["a"], [b"a"])


def test_other_texts(whole: Sequence):
    told = shelf()
    for key in KEYS[::3]:
        whole.replace(key, [(told, b"new")])
    assert window(whole, 0, 5).texts(told, make) == [b"new", b"002!", b"004!", b"new", b"008!"]
    assert list(whole) == KEYS


def test_texts_are_made_once_and_only_where_they_are_not_known():
    whole, told, asked = extended(KEYS, 40), Shelf("others", deque()), list[Key]()

    def noted(keys: list[Key]) -> list[bytes]:
        asked.extend(keys)
        return make(keys)

    window(whole, 2, 9).texts(told, noted)
    assert asked == KEYS[2:9]
    whole.add("005", [(told, b"new")])
    whole.add("007")
    assert window(whole, 0, 9).texts(told, noted) == [
        *make(["000", "002", "004"]),
        b"new",
        *make(["006", "007", "008", "010", "012"]),
    ]
    assert asked == [*KEYS[2:9], "000", "002", "007"]


def test_only_so_many_blocks_keep_texts(whole: Sequence, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sequence, "_SHOWN", 2)
    told, asked = Shelf("others", deque()), list[Key]()

    def noted(keys: list[Key]) -> list[bytes]:
        asked.extend(keys)
        return make(keys)

    window(whole, 0, whole.length).texts(told, noted)
    assert asked == KEYS
    assert len(told.blocks) == 2
    assert window(whole, whole.length - 1, whole.length).texts(told, noted) == [text(KEYS[-1])]
    assert asked == KEYS, "the last blocks still know"
    window(whole, 0, 1).texts(told, noted)
    assert asked == [*KEYS, KEYS[0]], "the first ones do not"


@pytest.mark.parametrize("change", ["add", "remove", "replace", "extend"])
@pytest.mark.parametrize("descending", [False, True])
def test_a_window_keeps_its_keys(whole: Sequence, change: str, descending: bool):
    told = shelf()
    found = window(whole, 2, 9, descending=descending)
    later = window(whole, 2, 4)
    {
        "add": lambda: whole.add("005", [(told, b"new")]),
        "remove": lambda: whole.remove("006"),
        "replace": lambda: whole.replace("006", [(told, b"new")]),
        "extend": lambda: whole.extend(["003", "005", "500"]),
    }[change]()
    step = -1 if descending else 1
    assert found.keys == KEYS[2:9][::step]
    assert found.texts(told, make) == make(KEYS[2:9][::step])
    assert later.texts(told, make) == [b"004!", b"006!"]


def test_a_copy_is_its_own(whole: Sequence):
    told, other = Shelf("mine", deque()), whole.copy()
    window(whole, 0, 3).texts(told, make)
    other.remove("000")
    other.replace("002", [(told, b"new")])
    whole.add("001", [(told, b"x")])
    whole.extend(["300", "301"])
    assert (whole.length, other.length) == (len(KEYS) + 3, len(KEYS) - 1)
    assert window(whole, 0, 4).texts(told, make) == [b"000!", b"x", b"002!", b"004!"]
    assert window(other, 0, 2).texts(told, make) == [b"new", b"004!"]


def test_keys_that_cannot_be_compared():
    with pytest.raises(TypeError):
        Sequence.of([(1, "a"), ("x", "b")])
