"""What a collection said is asked again once it has changed."""

from __future__ import annotations

from lookalike.stores import Collection, Order, Resource
from lookalike.stores.memory_collection import MemoryCollection
from lookalike.stores.remembered import Remembered

THINGS = Resource("things", orders=(Order("id"),))


class Looks:
    """Counts the documents, and how often it was asked to."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, collection: Collection) -> int:
        self.made += 1
        return collection.count()


def test_it_looks_once_for_each_version() -> None:
    things, looks = MemoryCollection(THINGS, "default"), Looks()
    remembered = Remembered(lambda: things, looks)
    assert [remembered(), remembered(), looks.made] == [0, 0, 1]
    things.put({"id": "a"})
    assert [remembered(), remembered(), looks.made] == [1, 1, 2]
    things.put({"id": "a"})
    assert [remembered(), looks.made] == [1, 3]
    things.delete("a")
    assert [remembered(), looks.made] == [0, 4]
    things.extend([{"id": "b"}, {"id": "c"}])
    assert [remembered(), looks.made] == [2, 5]
    things.clear()
    assert [remembered(), looks.made] == [0, 6]


def test_another_collection_of_the_same_version_is_looked_at() -> None:
    one, other, looks = MemoryCollection(THINGS, "default"), MemoryCollection(THINGS, "default"), Looks()
    one.put({"id": "a"})
    other.extend([{"id": "b"}, {"id": "c"}])
    assert one.version == other.version
    shown = [one]
    remembered = Remembered(lambda: shown[0], looks)
    assert remembered() == 1
    shown[0] = other
    assert [remembered(), looks.made] == [2, 2]


def test_a_copy_that_takes_over_what_another_holds_is_looked_at_again() -> None:
    one, other, looks = MemoryCollection(THINGS, "default"), MemoryCollection(THINGS, "default"), Looks()
    one.put({"id": "a"})
    remembered = Remembered(lambda: other, looks)
    assert remembered() == 0
    other.copy_from(one)
    assert remembered() == 1
