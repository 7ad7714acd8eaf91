"""Searches that combine sets: any combination, after any writes, is what a walk over all documents finds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from lookalike.stores import Index, Resource, Store
from lookalike.stores.collection import Value
from lookalike.stores.memory_collection import MemoryCollection
from lookalike.stores.slots import positions

Document = dict[str, Any]
Filter = tuple[Any, ...]


def parities(items: Sequence[Document], slots: range) -> dict[Value, Sequence[int]]:
    odd = [slot for slot, item in zip(slots, items, strict=True) if item["number"] % 2]
    even = [slot for slot, item in zip(slots, items, strict=True) if not item["number"] % 2]
    return {1: slots} if not even else {0: slots} if not odd else {0: even, 1: odd}


ITEMS = Resource("items", sets=("tags", Index("parity", lambda item: [item["number"] % 2], parities)))

TAGS = st.lists(st.sampled_from(["a", "b", "c"]), max_size=3)
LEAVES = st.one_of(
    st.tuples(st.just("tags"), st.sampled_from(["a", "b", "c", "nothing"])),
    st.tuples(st.just("parity"), st.integers(0, 2)),
    st.tuples(st.just("id"), st.sampled_from(["i003", "i017", "nobody"])),
)
FILTERS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner),
        st.tuples(st.sampled_from(["and", "or"]), inner, inner),
    ),
    max_leaves=6,
)


def holds(filter: Filter, item: Document) -> bool:
    kind, *rest = filter
    if kind == "not":
        return not holds(rest[0], item)
    if kind in ("and", "or"):
        return (all if kind == "and" else any)([holds(one, item) for one in rest])
    return {"tags": rest[0] in item["tags"], "parity": item["number"] % 2 == rest[0], "id": item["id"] == rest[0]}[kind]


def bits(filter: Filter, of: Callable[[str, Any], int]) -> int:
    kind, *rest = filter
    if kind == "not":
        return ~bits(rest[0], of)
    if kind == "and":
        return bits(rest[0], of) & bits(rest[1], of)
    if kind == "or":
        return bits(rest[0], of) | bits(rest[1], of)
    return of(kind, rest[0])


class SetsMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.collection = MemoryCollection(ITEMS, "w")
        self.items: dict[str, Document] = {}
        self.shared: list[tuple[MemoryCollection, dict[str, Document]]] = []
        """Collections that were copied, and what they hold."""

    @rule(number=st.integers(0, 40), tags=TAGS)
    def put(self, number: int, tags: list[str]) -> None:
        item = {"id": f"i{number:03}", "number": number, "tags": tags}
        self.collection.put(item)
        self.items[item["id"]] = item

    @rule(first=st.integers(0, 30), tags=TAGS)
    def put_many(self, first: int, tags: list[str]) -> None:
        for number in range(first, first + 10):
            self.put(number, tags)

    @rule(first=st.integers(0, 30), count=st.integers(0, 20), step=st.sampled_from([1, 2, -1]), tags=st.lists(TAGS))
    def extend(self, first: int, count: int, step: int, tags: list[list[str]]) -> None:
        numbers = list(range(first, 41)[:count])[::step]
        new = [
            {"id": f"i{number:03}", "number": number, "tags": tags[place % len(tags)] if tags else []}
            for place, number in enumerate(numbers)
        ]
        taken = self.collection.extend(new)
        assert taken == [item for item in new if item["id"] not in self.items]
        self.items |= {item["id"]: item for item in taken}

    @rule(numbers=st.lists(st.integers(0, 40), unique=True), tags=TAGS)
    def amend(self, numbers: list[int], tags: list[str]) -> None:
        before = [item for number in numbers if (item := self.items.get(f"i{number:03}")) is not None]
        pairs = [(item, {**item, "tags": tags}) for item in before]
        self.collection.amend(pairs)
        self.items |= {after["id"]: after for _, after in pairs}

    @rule(number=st.integers(0, 40))
    def delete(self, number: int) -> None:
        self.collection.delete(f"i{number:03}")
        self.items.pop(f"i{number:03}", None)

    @rule()
    def clear(self) -> None:
        self.collection.clear()
        self.items.clear()

    @rule(by=st.sampled_from(["copy_from", "load"]))
    def again(self, by: str) -> None:
        other = MemoryCollection(ITEMS, "w")
        if by == "copy_from":
            other.copy_from(self.collection)
            self.shared.append((self.collection, dict(self.items)))
        else:
            other.load(list(self.collection.raw()))
        self.collection = other

    @rule(number=st.integers(0, 40), tags=TAGS)
    def change_what_was_copied(self, number: int, tags: list[str]) -> None:
        for collection, items in self.shared[-2:]:
            item = {"id": f"i{number:03}", "number": number, "tags": tags}
            collection.put(item)
            items[item["id"]] = item
            self.check(collection, items, ("not", ("tags", "b")))

    @rule(filter=FILTERS, limit=st.integers(0, 50), after=st.none() | st.integers(-1, 41))
    def select(self, filter: Filter, limit: int, after: int | None) -> None:
        edge = None if after is None else f"i{after:03}"
        found = sorted(id for id, item in self.items.items() if holds(filter, item) and (edge is None or id > edge))
        assert self.collection.select(lambda of: bits(filter, of), limit=limit, after=edge) == found[:limit]
        for collection, items in self.shared[-2:]:
            self.check(collection, items, filter)

    @staticmethod
    def check(collection: MemoryCollection, items: dict[str, Document], filter: Filter) -> None:
        found = sorted(id for id, item in items.items() if holds(filter, item))
        assert collection.select(lambda of: bits(filter, of), limit=99) == found


SetsMachine.TestCase.settings = settings(
    max_examples=120, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestAgainstAWalk = SetsMachine.TestCase


def fill(collection: Any, count: int, tags: Callable[[int], list[str]]) -> None:
    for number in range(count):
        collection.put({"id": f"{number:06}", "number": number, "tags": tags(number)})


def test_what_is_deleted_is_in_no_set(store: Store) -> None:
    items = store.collection("w", "v", ITEMS)
    fill(items, 6, lambda number: ["a"] if number % 2 else [])
    items.delete("000002")
    items.delete("000003")
    assert items.select(lambda of: ~of("tags", "a"), limit=9) == ["000000", "000004"]
    assert items.select(lambda of: ~of("tags", "nothing"), limit=9) == ["000000", "000001", "000004", "000005"]
    assert items.select(lambda of: of("tags", "a") | of("parity", 0), limit=9, after="000001") == ["000004", "000005"]
    fill(items, 3, lambda _number: ["a"])
    assert items.select(lambda of: ~of("tags", "a"), limit=9) == ["000004"]


@pytest.mark.parametrize("count", [4, 9], ids=["in an array", "in bits"])
@pytest.mark.parametrize("is_source_first", [True, False])
def test_what_was_copied_is_apart(count: int, is_source_first: bool) -> None:
    source, copied = MemoryCollection(ITEMS, "w"), MemoryCollection(ITEMS, "w")
    fill(source, count, lambda _number: ["a"])
    copied.copy_from(source)
    one, other = (source, copied) if is_source_first else (copied, source)
    mine = {item["id"]: item for item in source.scan("id")}
    yours = dict(mine)
    mine["000000"] = {"id": "000000", "number": 0, "tags": ["b"]}
    one.put(mine["000000"])
    del yours["000001"]
    other.delete("000001")
    yours["000002"] = {"id": "000002", "number": 3, "tags": []}
    other.put(yours["000002"])
    mine["000003"] = {"id": "000003", "number": 2, "tags": ["a", "b"]}
    one.put(mine["000003"])
    for collection, items in ((one, mine), (other, yours)):
        for filter in (("tags", "a"), ("tags", "b"), ("parity", 0), ("parity", 1), ("not", ("parity", 1))):
            SetsMachine.check(collection, items, filter)


def test_large_sets_and_small_ones(store: Store):
    items = store.collection("w", "v", ITEMS)
    fill(items, 3000, lambda number: ["even" if number % 2 == 0 else "odd", *(["rare"] if number % 700 == 1 else [])])
    assert items.select(lambda of: of("tags", "even") & of("tags", "odd"), limit=9) == []
    assert items.select(lambda of: of("tags", "rare"), limit=9) == ["000001", "000701", "001401", "002101", "002801"]
    assert items.select(lambda of: of("tags", "rare") & of("parity", 0), limit=9) == []
    assert items.select(lambda of: ~of("tags", "odd"), limit=2, after="002993") == ["002994", "002996"]
    assert items.select(lambda of: ~(of("tags", "odd") | of("tags", "even")), limit=9) == []
    assert items.select(lambda _: -1, limit=2, after="002998") == ["002999"]


@pytest.mark.parametrize("size", [1, 7, 64, 500])
def test_many_at_once(store: Store, size: int):
    """Runs of every item, of some, and of one, at places in a byte that differ."""

    def tags(number: int) -> list[str]:
        return [
            "all",
            *(["even"] if number % 2 == 0 else []),
            f"one {number}",
            *(["rare"] if number % 700 == 1 else []),
        ]

    items = store.collection("w", "v", ITEMS)
    fill(items, 3, tags)
    new = [{"id": f"{number:06}", "number": number, "tags": tags(number)} for number in range(3, 3000)]
    for start in range(0, len(new), size):
        items.extend(new[start : start + size])
    fill(items, 3, tags)
    assert len(items.select(lambda of: of("tags", "all"), limit=4000)) == 3000
    assert items.select(lambda of: ~of("tags", "all"), limit=9) == []
    assert items.select(lambda of: of("tags", "even") ^ of("parity", 0), limit=9) == []
    assert items.select(lambda of: of("tags", "one 1234") | of("id", "000777"), limit=9) == ["000777", "001234"]
    assert items.select(lambda of: of("tags", "rare"), limit=9) == ["000001", "000701", "001401", "002101", "002801"]
    items.delete("000701")
    items.put({"id": "000000a", "number": 1, "tags": ["one 1234"]})
    assert items.select(lambda of: of("tags", "one 1234"), limit=9) == ["000000a", "001234"]
    assert items.select(lambda of: of("tags", "rare"), limit=9) == ["000001", "001401", "002101", "002801"]


def test_who_comes_again_is_in_its_new_sets_alone(store: Store):
    items = store.collection("w", "v", ITEMS)
    fill(items, 9, lambda _number: ["a"])
    items.delete("000004")
    items.delete("000008")
    items.extend([{"id": "000004", "number": 4, "tags": ["b"]}])
    items.put({"id": "000008", "number": 8, "tags": ["b"]})
    assert items.select(lambda of: of("tags", "b"), limit=9) == ["000004", "000008"]
    assert len(items.select(lambda of: of("tags", "a"), limit=9)) == 7
    assert items.select(lambda of: of("id", "000004") | of("id", "000008"), limit=9) == ["000004", "000008"]


def test_slots_of_what_is_gone_are_given_anew(store: Store):
    items = store.collection("w", "v", ITEMS)
    fill(items, 3000, lambda number: [str(number % 10)])
    for number in range(2900):
        items.delete(f"{number:06}")
    assert items.select(lambda of: of("tags", "3"), limit=3) == ["002903", "002913", "002923"]
    items.put({"id": "002913", "number": 1, "tags": ["4"]})
    assert items.select(lambda of: of("tags", "3"), limit=3, after="002903") == ["002923", "002933", "002943"]


def test_a_set_that_nobody_declared(store: Store):
    items = store.collection("w", "v", ITEMS)
    with pytest.raises(LookupError, match="no set is declared as 'colours'"):
        items.select(lambda of: of("colours", "red"), limit=1)


@pytest.mark.parametrize("places", [[], [0], [7, 8], [63, 64, 65, 4000], list(range(300))])
def test_positions(places: list[int]):
    assert list(positions(sum(1 << place for place in places))) == places
