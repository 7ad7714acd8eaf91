"""Sets of documents as bits of whole numbers, so that any combination of them costs some microseconds.

A document has a number (its slot) that rises with its id; a set is kept as one slot, as a sorted array of slots while
it is small, and as bits from some size on.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Literal, TypeAlias

from lookalike.stores.collection import Choose, Index, Value

_SLOT: Literal["I"] = "I"
_DENSE = 256
"""A set of more than every 256th document is kept as bits: eight times the room at that size, but a number at once."""
_SPARE = 1024
"""Slots of documents that are gone, beyond the number of those that are there, before slots are given anew."""

_NOT_ZERO = re.compile(rb"[^\0]")
_ONE = tuple(1 << bit for bit in range(8))
_POSITIONS = tuple(tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256))


def positions(bits: int) -> Iterator[int]:
    """The places of the bits that are set, lowest first, found as far as somebody asks."""
    data = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
    for found in _NOT_ZERO.finditer(data):
        place = found.start()
        for bit in _POSITIONS[data[place]]:
            yield place * 8 + bit


class _Many:
    """A set as bits, from its slots in order."""

    __slots__ = ("bits", "count")

    def __init__(self, slots: Sequence[int]) -> None:
        self.bits = bytearray()
        self.count = 0
        if slots:
            self.extend(slots)

    def add(self, slot: int) -> None:
        place = slot >> 3
        if place >= len(self.bits):
            self.bits.extend(bytes(place + 1 - len(self.bits)))
        self.bits[place] |= _ONE[slot & 7]
        self.count += 1

    def extend(self, slots: Sequence[int]) -> None:
        """Add slots above all that there are."""
        bits = self.bits
        bits.extend(bytes(max(slots[-1] // 8 + 1 - len(bits), 0)))
        if isinstance(slots, range):
            self._fill(slots.start, len(slots))
        else:
            for slot in slots:
                bits[slot >> 3] |= _ONE[slot & 7]
        self.count += len(slots)

    def _fill(self, start: int, count: int) -> None:
        """Set so many bits in a row."""
        low = start >> 3
        high = (start + count + 7) >> 3
        run = int.from_bytes(self.bits[low:high], "little") | ((1 << count) - 1) << (start & 7)
        self.bits[low:high] = run.to_bytes(high - low, "little")

    def has(self, slot: int) -> bool:
        place = slot >> 3
        return place < len(self.bits) and bool(self.bits[place] & _ONE[slot & 7])

    def remove(self, slot: int) -> None:
        self.bits[slot >> 3] &= ~(_ONE[slot & 7])
        self.count -= 1

    def number(self) -> int:
        return int.from_bytes(self.bits, "little")

    def copy(self) -> _Many:
        copied = _Many(())
        copied.bits, copied.count = bytearray(self.bits), self.count
        return copied


_Held: TypeAlias = "int | array[int] | _Many"
"""A set: its only slot, its slots in order, or bits."""


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
        if self._owned is None or held is None or isinstance(held, int) or value in self._owned:
            return held
        self._owned.add(value)
        self.held[value] = held = held.copy() if isinstance(held, _Many) else held[:]
        return held

    def add(self, value: Value, slot: int, among: int) -> None:
        held = self._own(value)
        if held is None:
            self.held[value] = slot
        elif isinstance(held, _Many):
            held.add(slot)
        else:
            slots = array(_SLOT, (held,)) if isinstance(held, int) else held
            insort(slots, slot)
            self.held[value] = _Many(slots) if len(slots) * _DENSE > max(among, _SPARE) else slots

    def extend(self, new: Mapping[Value, Sequence[int]], among: int) -> None:
        """The same for many values, each with slots above all that there are."""
        find, owned, few = self.held.get, self._owned, max(among, _SPARE) // _DENSE
        for value, slots in new.items():
            held = find(value) if owned is None else self._own(value)
            if type(held) is array and len(held) + len(slots) <= few:
                held.extend(slots) if len(slots) > 1 else held.append(slots[0])
            elif isinstance(held, _Many):
                held.extend(slots)
            else:
                self._enlarge(value, held, slots, few)

    def _enlarge(self, value: Value, held: int | array[int] | None, new: Sequence[int], few: int) -> None:
        if held is None and len(new) == 1:
            self.held[value] = new[0]
            return
        slots = array(_SLOT) if held is None else array(_SLOT, (held,)) if isinstance(held, int) else held
        slots.extend(new)
        self.held[value] = _Many(slots) if len(slots) > few else slots

    def remove(self, value: Value, slot: int) -> None:
        held = self._own(value)
        if isinstance(held, _Many):
            held.remove(slot)
            if not held.count:
                del self.held[value]
        elif isinstance(held, int):
            del self.held[value]
        elif held is not None:
            del held[bisect_left(held, slot)]
            if len(held) == 1:
                self.held[value] = held[0]

    def number(self, value: Value) -> int:
        held = self.held.get(value)
        if held is None or isinstance(held, int):
            return 0 if held is None else 1 << held
        return (held if isinstance(held, _Many) else _Many(held)).number()

    def renumber(self, new: Sequence[int], among: int) -> None:
        """Give slots anew: `new` by what they were."""
        for value, held in self.held.items():
            old = (held,) if isinstance(held, int) else positions(held.number()) if isinstance(held, _Many) else held
            self.held[value] = _shaped(sorted([new[slot] for slot in old]), among)
        self._owned = None


def _shaped(slots: list[int], among: int) -> _Held:
    if len(slots) == 1:
        return slots[0]
    return _Many(slots) if len(slots) * _DENSE > max(among, _SPARE) else array(_SLOT, slots)


class Sets:
    """The sets of one collection. A document belongs to those of the values that each declared index names."""

    __slots__ = ("_all", "_ids", "_late", "_rising", "_tables", "indexes")

    def __init__(self, indexes: Sequence[Index]) -> None:
        self.indexes = indexes
        self._tables = [_Table({}) for _ in indexes]
        self._ids: list[str] = []
        """By slot; those of documents that are gone stay for a while."""
        self._rising = 0
        """How many of them, from the first on, are in order."""
        self._late: dict[str, int] = {}
        """The slots of the others."""
        self._all = _Many(())

    def copy(self) -> Sets:
        copied = Sets(self.indexes)
        copied._tables = [table.copy() for table in self._tables]
        copied._ids, copied._rising, copied._late = list(self._ids), self._rising, dict(self._late)
        copied._all = self._all.copy()
        return copied

    def move(self, id: str, before: Sequence[dict[Value, None]], after: Sequence[dict[Value, None]]) -> None:
        """A document leaves sets and enters others; one that was in none yet gets its slot."""
        slot = None if any(before) else self._enter(id)
        for table, leaving, entering in zip(self._tables, before, after, strict=True):
            if leaving != entering:
                if slot is None:
                    slot = self._slot(id)
                    assert slot is not None
                for value in leaving.keys() - entering.keys():
                    table.remove(value, slot)
                for value in entering.keys() - leaving.keys():
                    table.add(value, slot, len(self._ids))

    @property
    def end(self) -> int:
        """The slot that comes next."""
        return len(self._ids)

    def extend(self, ids: list[str], entering: Sequence[Mapping[Value, Sequence[int]]]) -> None:
        """Many documents enter that were in no set, and get the next slots; `entering` says which, by table and set."""
        if not ids:
            return
        first, is_rising = len(self._ids), ids == sorted(ids) and (not self._ids or self._ids[-1] < ids[0])
        self._ids += ids
        slots = range(first, len(self._ids))
        self._all.extend(slots)
        if is_rising and self._rising == first:
            self._rising = len(self._ids)
        else:
            self._late.update(zip(ids, slots, strict=True))
        for table, new in zip(self._tables, entering, strict=True):
            table.extend(new, len(self._ids))

    def _slot(self, id: str) -> int | None:
        slot = self._late.get(id)
        if slot is None:
            slot = bisect_left(self._ids, id, 0, self._rising)
            if slot == self._rising or self._ids[slot] != id:
                return None
        return slot

    def _enter(self, id: str) -> int:
        """The slot of a document that is in no set: the one that it has or had, or else the next."""
        slot = self._slot(id)
        if slot is None:
            slot = len(self._ids)
            if self._rising == slot and (not slot or self._ids[-1] < id):
                self._rising += 1
            else:
                self._late[id] = slot
            self._ids.append(id)
        if not self._all.has(slot):
            self._all.add(slot)
        return slot

    def drop(self, id: str) -> None:
        """A document that has left all sets is gone."""
        slot = self._slot(id)
        assert slot is not None
        self._all.remove(slot)
        if len(self._ids) > 2 * self._all.count + _SPARE:
            self._renumber()

    def _renumber(self) -> None:
        """Give slots anew, in the order of ids: after ids that did not rise, and when most slots stand empty."""
        order = sorted(positions(self._all.number()), key=self._ids.__getitem__)
        new = array(_SLOT, bytes(array(_SLOT).itemsize * len(self._ids)))
        for slot, old in enumerate(order):
            new[old] = slot
        for table in self._tables:
            table.renumber(new, len(order))
        self._ids = [self._ids[old] for old in order]
        self._rising, self._late, self._all = len(order), {}, _Many(range(len(order)))

    def of(self, name: str, value: Value) -> int:
        """A set as a number's bits; under "id" the document of that id alone."""
        if name == "id":
            slot = self._slot(str(value))
            return 0 if slot is None else 1 << slot
        for index, table in zip(self.indexes, self._tables, strict=True):
            if index.name == name:
                return table.number(value)
        raise LookupError(f"no set is declared as {name!r}")

    def select(self, choose: Choose, limit: int, after: str | None) -> list[str]:
        """See `Collection.select`."""
        if self._late:
            self._renumber()
        start = 0 if after is None else bisect_right(self._ids, after)
        chosen = (choose(self.of) & self._all.number()) >> start
        return [self._ids[start + place] for place in islice(positions(chosen), limit)]
