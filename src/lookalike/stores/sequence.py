"""Keys in ascending order, and beside each key the texts that lists show there."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate, chain
from types import EllipsisType
from typing import Any
from weakref import ref

Key = str | tuple[Any, ...]
"""A place in an order: the id alone where it sorts by nothing else (a long order is then quicker to search)."""

Text = bytes | EllipsisType | None
"""What a view makes of a document: JSON, None where the view cannot tell, `...` where nobody has asked it yet."""

Texts = tuple[Text, ...]
"""The texts of all views of the resource."""

_LOAD = 1000
"""Keys of a block when it is made; it is split at twice that."""


class _Block:
    """Neighbours: their keys, and for each view a column of their texts.

    The texts lie where the keys do, so that a page takes them as one slice. Found by id, each would be some five
    places in memory that no cache of the processor holds, once there are very many documents.
    """

    __slots__ = ("columns", "keys", "shared")

    def __init__(self, keys: list[Key], columns: tuple[list[Text], ...], *, shared: bool = False) -> None:
        self.keys = keys
        self.columns = columns
        self.shared = shared
        """Whether another block may hold the same lists."""

    def copy(self) -> _Block:
        return _Block(self.keys.copy(), tuple([column.copy() for column in self.columns]))

    def split(self) -> _Block:
        """Give away the upper half."""
        half = len(self.keys) // 2
        upper = _Block(self.keys[half:], tuple(column[half:] for column in self.columns))
        del self.keys[half:]
        for column in self.columns:
            del column[half:]
        return upper


class Sequence:
    """Sorted keys, each there once. Every verb costs O(log n) and a move within one block."""

    __slots__ = ("_blocks", "_maxes", "_open", "_starts", "length", "width")

    def __init__(self, width: int) -> None:
        self.length = 0
        self.width = width
        self._blocks: list[_Block] = []
        self._maxes: list[Key] = []
        self._starts: list[int] | None = None
        self._open: ref[Window] | None = None

    @classmethod
    def of(cls, width: int, entries: list[tuple[Key, Texts]]) -> Sequence:
        """From entries in any order. Raises TypeError when keys cannot be compared."""
        entries.sort(key=_key)
        made = cls(width)
        made.length = len(entries)
        for start in range(0, len(entries), _LOAD):
            some = entries[start : start + _LOAD]
            keys = [key for key, _ in some]
            made._blocks.append(_Block(keys, tuple([texts[n] for _, texts in some] for n in range(width))))
            made._maxes.append(keys[-1])
        return made

    def copy(self, *, blank: bool = False) -> Sequence:
        """The same, or with `...` for every text; what it is made of is shared until one of both changes it."""
        made = Sequence(self.width)
        made.length = self.length
        made._maxes = self._maxes.copy()
        for block in self._blocks:
            block.shared = True
        if blank:
            made._blocks = [
                _Block(one.keys, tuple([...] * len(one.keys) for _ in one.columns), shared=True) for one in self._blocks
            ]
        else:
            made._blocks = self._blocks.copy()
        return made

    def _own(self, at: int) -> _Block:
        """A block that may be changed."""
        block = self._blocks[at]
        if block.shared:
            block = self._blocks[at] = block.copy()
        return block

    def add(self, key: Key, texts: Texts) -> None:
        """Take in a key that is not there."""
        self._settle()
        self.length += 1
        self._starts = None
        maxes = self._maxes
        if not maxes:
            maxes.append(key)
            self._blocks.append(_Block([key], tuple([text] for text in texts)))
            return
        at = bisect_left(maxes, key)
        if at == len(maxes):
            at -= 1
            maxes[at] = key
        block = self._own(at)
        keys = block.keys
        place = bisect_left(keys, key)
        keys.insert(place, key)
        for column, text in zip(block.columns, texts, strict=True):
            column.insert(place, text)
        if len(keys) > 2 * _LOAD:
            self._blocks.insert(at + 1, block.split())
            maxes.insert(at, keys[-1])

    def replace(self, key: Key, texts: Texts) -> None:
        """Have other texts beside a key that is there."""
        self._settle()
        block = self._own(bisect_left(self._maxes, key))
        place = bisect_left(block.keys, key)
        for column, text in zip(block.columns, texts, strict=True):
            column[place] = text

    def remove(self, key: Key) -> None:
        """Drop a key that is there."""
        self._settle()
        self.length -= 1
        self._starts = None
        at = bisect_left(self._maxes, key)
        block = self._own(at)
        keys = block.keys
        place = bisect_left(keys, key)
        del keys[place]
        for column in block.columns:
            del column[place]
        if not keys:
            del self._blocks[at], self._maxes[at]
        elif place == len(keys):
            self._maxes[at] = keys[-1]

    def below(self, key: Key) -> int:
        """How many keys are less than `key`."""
        at = bisect_left(self._maxes, key)
        return self.length if at == len(self._maxes) else self._start(at) + bisect_left(self._blocks[at].keys, key)

    def up_to(self, key: Key) -> int:
        """How many keys are at most `key`."""
        at = bisect_right(self._maxes, key)
        return self.length if at == len(self._maxes) else self._start(at) + bisect_right(self._blocks[at].keys, key)

    def window(self, first: int, last: int, *, descending: bool = False) -> Window:
        """The keys of these positions and the texts beside them, as they are now."""
        self._settle()
        window = Window(self, first, last, descending)
        self._open = ref(window)
        return window

    def _settle(self) -> None:
        """Before a change: what an open window shows is fetched."""
        if self._open is not None:
            window = self._open()
            if window is not None:
                window.settle()
            self._open = None

    def keys(self, first: int, last: int) -> list[Key]:
        found: list[Key] = []
        for block, here in self._pieces(first, last):
            found += block.keys[here]
        return found

    def texts(self, column: int, first: int, last: int) -> list[Text]:
        found: list[Text] = []
        for block, here in self._pieces(first, last):
            found += block.columns[column][here]
        return found

    def learn(self, column: int, first: int, last: int, texts: list[Text]) -> None:
        """Put texts at positions where they were not known."""
        taken = 0
        for block, here in self._pieces(first, last):
            keys = block.keys
            own = self._own(bisect_left(self._maxes, keys[-1]))
            size = len(keys[here])
            own.columns[column][here] = texts[taken : taken + size]
            taken += size

    def _pieces(self, first: int, last: int) -> Iterator[tuple[_Block, slice]]:
        at = self._block_of(first)
        while first < last:
            block = self._blocks[at]
            start = self._start(at)
            yield block, slice(first - start, last - start)
            first = start + len(block.keys)
            at += 1

    def __iter__(self) -> Iterator[Key]:
        return chain.from_iterable(block.keys for block in self._blocks)

    def __reversed__(self) -> Iterator[Key]:
        return chain.from_iterable(reversed(block.keys) for block in reversed(self._blocks))

    def _start(self, at: int) -> int:
        return self._positions()[at] if at else 0

    def _block_of(self, position: int) -> int:
        if not self._blocks or position < len(self._blocks[0].keys):
            return 0
        return bisect_right(self._positions(), position) - 1

    def _positions(self) -> list[int]:
        if self._starts is None:
            sizes: Iterable[int] = (len(block.keys) for block in self._blocks)
            self._starts = list(accumulate(sizes, initial=0))
        return self._starts


class Window:
    """Part of a sequence, fetched only as far as somebody asks, for each key or text may be far away in memory."""

    __slots__ = ("__weakref__", "_columns", "_descending", "_first", "_is_settled", "_keys", "_last", "_sequence")

    def __init__(self, sequence: Sequence, first: int, last: int, descending: bool) -> None:
        self._sequence = sequence
        self._first = first
        self._last = last
        self._descending = descending
        self._is_settled = False
        self._keys: list[Key] | None = None
        self._columns: dict[int, list[Text]] = {}

    @property
    def keys(self) -> list[Key]:
        if self._keys is None:
            self._keys = self._sequence.keys(self._first, self._last)
            if self._descending:
                self._keys.reverse()
        return self._keys

    def texts(self, column: int) -> list[Text]:
        """What the view of that number shows of them."""
        if column not in self._columns:
            texts = self._sequence.texts(column, self._first, self._last)
            if self._descending:
                texts.reverse()
            self._columns[column] = texts
        return self._columns[column]

    def learn(self, column: int, texts: list[Text]) -> None:
        """Have these texts from now on, unless the sequence has changed meanwhile."""
        if not self._is_settled:
            self._sequence.learn(column, self._first, self._last, texts[::-1] if self._descending else texts)
        self._columns[column] = texts

    def settle(self) -> None:
        """Fetch everything: the sequence is about to change."""
        self._is_settled = True
        _ = self.keys
        for column in range(self._sequence.width):
            self.texts(column)


def _key(entry: tuple[Key, Texts]) -> Key:
    return entry[0]
