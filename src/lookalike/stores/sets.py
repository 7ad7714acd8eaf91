"""Sets of documents as bits of whole numbers, so that any combination of them costs some microseconds.

A document has a number (its slot) that rises with its id; a set is kept as one id, as a sorted array of slots while it
is small, and as bits from some size on.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TypeAlias

from lookalike.stores.collection import Choose, Index, Value
from lookalike.stores.slots import SLOT, SPARE, Bits, Slots, positions

_DENSE = 256
"""A set of more than every 256th document is kept as bits: eight times the room at that size, but a number at once."""

_Held: TypeAlias = "str | array[int] | Bits"
"""A set: the id of its only document, its slots in order, or bits."""


class _Table:
    """The sets of one index by value. Those that a copy shares with it are copied when they are changed."""

    __slots__ = ("_owned", "held")

    def __init__(self, held: dict[Value, _Held]) -> None:
        self.held = held
        self._owned: set[Value] | None = None
        """The values whose sets may be changed as they are; None is all."""

    def copy(self) -> _Table:
        copied = _Table(self.held.copy())
        self._owned, copied._owned = set(), set()
        return copied

    def _own(self, value: Value) -> _Held | None:
        """A set, to be changed."""
        held = self.held.get(value)
        if self._owned is None or held is None or isinstance(held, str) or value in self._owned:
            return held
        self._owned.add(value)
        self.held[value] = held = held.copy() if isinstance(held, Bits) else held[:]
        return held

    def add(self, value: Value, slot: int, slots: Slots) -> None:
        held = self.held.get(value) if self._owned is None else self._own(value)
        if held is None:
            self.held[value] = slots.ids[slot]
        elif isinstance(held, Bits):
            held.add(slot)
        else:
            few = _few(held, slots)
            insort(few, slot)
            self.held[value] = _shaped(few, slots)

    def extend(self, new: Mapping[Value, Sequence[int]], slots: Slots) -> None:
        """The same for many values, each with slots above all that there are."""
        find, owned, most = self.held.get, self._owned, _most(slots)
        for value, entering in new.items():
            held = find(value) if owned is None else self._own(value)
            if type(held) is array and len(held) + len(entering) <= most:
                if len(entering) == 1:  # which is the usual case, and in half the time
                    held.append(entering[0])
                else:
                    held.extend(entering)
            elif held is None and len(entering) == 1:
                self.held[value] = slots.ids[entering[0]]
            elif isinstance(held, Bits):
                held.extend(entering)
            else:
                few = array(SLOT) if held is None else _few(held, slots)
                few.extend(entering)
                self.held[value] = _shaped(few, slots)

    def remove(self, value: Value, slot: int, slots: Slots) -> None:
        held = self.held.get(value) if self._owned is None else self._own(value)
        if isinstance(held, Bits):
            held.remove(slot)
            if not held.count:
                del self.held[value]
        elif isinstance(held, str):
            del self.held[value]
        elif held is not None:
            del held[bisect_left(held, slot)]
            if len(held) == 1:
                self.held[value] = slots.ids[held[0]]

    def number(self, value: Value, slots: Slots) -> int:
        held = self.held.get(value)
        if held is None:
            return 0
        if isinstance(held, str):
            return slots.bit(held)
        return (held if isinstance(held, Bits) else Bits(held)).number()

    def renumber(self, new: Sequence[int], slots: Slots) -> None:
        """Follow slots that were given anew: `new` by what they were."""
        for value, held in self.held.items():
            if not isinstance(held, str):
                old = positions(held.number()) if isinstance(held, Bits) else held
                self.held[value] = _shaped(array(SLOT, sorted([new[slot] for slot in old])), slots)
        self._owned = None


def _few(held: str | array[int], slots: Slots) -> array[int]:
    return array(SLOT, (slots.known(held),)) if isinstance(held, str) else held


def _most(slots: Slots) -> int:
    """How many slots a set may have that is kept as an array."""
    return max(len(slots.ids), SPARE) // _DENSE


def _shaped(held: array[int], slots: Slots) -> _Held:
    if len(held) == 1:
        return slots.ids[held[0]]
    return Bits(held) if len(held) > _most(slots) else held


class Sets:
    """The sets of one collection. A document belongs to those of the values that each declared index names."""

    __slots__ = ("_slots", "_tables", "indexes")

    def __init__(self, indexes: Sequence[Index]) -> None:
        self.indexes = indexes
        self._tables = [_Table({}) for _ in indexes]
        self._slots = Slots()

    def copy(self) -> Sets:
        copied = Sets(self.indexes)
        copied._tables = [table.copy() for table in self._tables]
        copied._slots = self._slots.copy()
        return copied

    def move(self, id: str, before: Sequence[dict[Value, None]], after: Sequence[dict[Value, None]]) -> None:
        """A document leaves sets and enters others; one that was in none yet gets its slot."""
        slots = self._slots
        slot = None if any(before) else slots.enter(id)
        for table, leaving, entering in zip(self._tables, before, after, strict=True):
            if leaving != entering:
                if slot is None:
                    slot = slots.known(id)
                for value in leaving.keys() - entering.keys():
                    table.remove(value, slot, slots)
                for value in entering.keys() - leaving.keys():
                    table.add(value, slot, slots)

    @property
    def end(self) -> int:
        """The slot that comes next."""
        return len(self._slots.ids)

    def extend(self, ids: list[str], entering: Sequence[Mapping[Value, Sequence[int]]]) -> None:
        """Many documents enter that were in no set, and get the next slots; `entering` says which, by table and set."""
        if ids:
            self._slots.extend(ids)
            for table, new in zip(self._tables, entering, strict=True):
                table.extend(new, self._slots)

    def drop(self, id: str) -> None:
        """A document that has left all sets is gone."""
        slots = self._slots
        slots.all.remove(slots.known(id))
        if len(slots.ids) > 2 * slots.all.count + SPARE:
            self._renumber()

    def _renumber(self) -> None:
        """Give slots anew: after ids that did not rise, and when most slots stand empty."""
        new = self._slots.renumber()
        for table in self._tables:
            table.renumber(new, self._slots)

    def of(self, name: str, value: Value) -> int:
        """A set as a number's bits; under "id" the document of that id alone."""
        if name == "id":
            return self._slots.bit(str(value))
        for index, table in zip(self.indexes, self._tables, strict=True):
            if index.name == name:
                return table.number(value, self._slots)
        raise LookupError(f"no set is declared as {name!r}")

    def select(self, choose: Choose, limit: int, after: str | None) -> list[str]:
        """See `Collection.select`."""
        if not self._slots.are_sorted:
            self._renumber()
        ids = self._slots.ids
        start = 0 if after is None else bisect_right(ids, after)
        chosen = (choose(self.of) & self._slots.all.number()) >> start
        return [ids[start + place] for place in islice(positions(chosen), limit)]
