"""Documents by number, so that sets of them are bits of whole numbers."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Literal

SLOT: Literal["I"] = "I"
SPARE = 1024
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


class Bits:
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

    def copy(self) -> Bits:
        copied = Bits(())
        copied.bits, copied.count = bytearray(self.bits), self.count
        return copied


class Slots:
    """The ids of documents by slot, and the other way round."""

    __slots__ = ("_late", "_rising", "all", "ids")

    def __init__(self) -> None:
        self.ids: list[str] = []
        """Those of documents that are gone stay for a while."""
        self.all = Bits(())
        """The slots of those that are there."""
        self._rising = 0
        """How many ids, from the first on, are in order: most often all are, and are looked up without a dictionary."""
        self._late: dict[str, int] = {}
        """The slots of the others."""

    def copy(self) -> Slots:
        copied = Slots()
        copied.ids, copied._rising, copied._late = list(self.ids), self._rising, dict(self._late)
        copied.all = self.all.copy()
        return copied

    def bit(self, id: str) -> int:
        """The set of one document alone, of none if it was never there."""
        slot = self.of(id)
        return 0 if slot is None else 1 << slot

    @property
    def are_sorted(self) -> bool:
        return not self._late

    def of(self, id: str) -> int | None:
        """The slot that a document has or had."""
        slot = self.known(id)
        return slot if slot < len(self.ids) and self.ids[slot] == id else None

    def known(self, id: str) -> int:
        """The same of a document that is there."""
        slot = self._late.get(id) if self._late else None
        return bisect_left(self.ids, id, 0, self._rising) if slot is None else slot

    def enter(self, id: str) -> int:
        """The slot of a document that may have none yet, the one that it had if it was there before."""
        ids = self.ids
        end = len(ids)
        if self._rising == end and (not end or ids[-1] < id):
            self._rising += 1
            slot = end
        else:
            known = self.of(id)
            if known is not None:
                if not self.all.has(known):
                    self.all.add(known)
                return known
            slot = self._late[id] = end
        ids.append(id)
        self.all.add(slot)
        return slot

    def extend(self, ids: list[str]) -> None:
        """Give the next slots to many documents that are all new."""
        first, is_rising = len(self.ids), ids == sorted(ids) and (not self.ids or self.ids[-1] < ids[0])
        self.ids += ids
        slots = range(first, len(self.ids))
        self.all.extend(slots)
        if is_rising and self._rising == first:
            self._rising = len(self.ids)
        else:
            self._late.update(zip(ids, slots, strict=True))

    def renumber(self) -> Sequence[int]:
        """Give slots anew, in the order of ids; by slot which one it has become."""
        order = sorted(positions(self.all.number()), key=self.ids.__getitem__)
        new = array(SLOT, bytes(array(SLOT).itemsize * len(self.ids)))
        for slot, old in enumerate(order):
            new[old] = slot
        self.ids = [self.ids[old] for old in order]
        self._rising, self._late, self.all = len(order), {}, Bits(range(len(order)))
        return new
