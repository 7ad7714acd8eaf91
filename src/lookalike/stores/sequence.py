"""Keys in ascending order, and beside them the texts that lists have shown there."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, chain
from typing import Any
from weakref import ref

Key = str | tuple[Any, ...]
"""A place in an order: the id alone where it sorts by nothing else (a long order is then quicker to search)."""

Text = bytes
"""What a view makes of a document: JSON, or nothing where the view cannot tell."""

Make = Callable[[list[Key]], list[Text]]
"""Works out what a view makes of the documents of some keys."""

Position = tuple[int, int]
"""A block's number and a place in it; behind everything it is the number of blocks and 0."""

_LOAD = 256
"""Keys of a block when it is made; it is split at twice that."""

_FAR = 8 * _LOAD
"""Keys from one position to another beyond which the blocks in between are not walked one by one."""

_SHOWN = 1600
"""Blocks of a collection that keep what lists show: some hundred thousand texts."""

_FEW = 32
"""Keys are put into a block one by one while they are fewer than the block has, divided by this."""


class Block:
    """Neighbours: their keys, and for each list that was shown a column of texts, None where nobody asked yet.

    The texts lie where the keys do, so that a page takes them as one slice. Found by id, each would be some five
    places in memory that no cache of the processor holds, once there are very many documents.
    """

    __slots__ = ("columns", "keys", "shared")

    def __init__(self, keys: list[Key]) -> None:
        self.keys = keys
        self.columns: dict[str, list[Text | None]] = {}
        self.shared = False
        """Whether another sequence may hold it too: then its keys stay as they are."""

    def insert(self, key: Key, texts: Texts = ()) -> None:
        place = bisect_left(self.keys, key)
        self.keys.insert(place, key)
        if self.columns:
            for column in self.columns.values():
                column.insert(place, None)
        for shelf, text in texts:
            shelf.column(self)[place] = text

    def merge(self, keys: list[Key]) -> None:
        """Take in keys in ascending order."""
        if len(keys) * _FEW < len(self.keys):
            for key in keys:
                self.insert(key)
        else:
            self.columns.clear()
            self.keys += keys
            self.keys.sort()

    def pieces(self) -> list[Block]:
        """Itself and others, none of them too long."""
        keys = self.keys
        self.columns.clear()
        self.keys = keys[:_LOAD]
        return [self, *(Block(keys[start : start + _LOAD]) for start in range(_LOAD, len(keys), _LOAD))]

    def split(self) -> Block:
        """Give away the upper half."""
        half = len(self.keys) // 2
        upper = Block(self.keys[half:])
        del self.keys[half:]
        for name, column in self.columns.items():
            upper.columns[name] = column[half:]
            del column[half:]
        return upper


class Shelf:
    """What the lists of one view show in one workspace, block by block, as far as it was worked out.

    `blocks` are those that keep such texts, oldest first, of all shelves of a collection: from some number on the
    oldest forget theirs.
    """

    __slots__ = ("blocks", "name")

    def __init__(self, name: str, blocks: deque[Block]) -> None:
        self.name = name
        self.blocks = blocks

    def column(self, block: Block) -> list[Text | None]:
        """The texts beside a block's keys."""
        column = block.columns.get(self.name)
        if column is None:
            self.note(block)
            column = block.columns[self.name] = [None] * len(block.keys)
        return column

    def note(self, block: Block) -> None:
        """A block keeps texts from now on."""
        if len(self.blocks) >= _SHOWN:
            self.blocks.popleft().columns.clear()
        self.blocks.append(block)

    def texts(self, block: Block, here: slice, make: Make) -> list[Text]:
        """The texts of some of a block's keys."""
        column = self.column(block)
        found = column[here]
        if not all(found) and None in found:  # the former costs a quarter of the latter, and nearly always does
            places = [here.start + place for place, text in enumerate(found) if text is None]
            for place, text in zip(places, make([block.keys[place] for place in places]), strict=True):
                column[place] = text
            found = column[here]
        return found  # type: ignore[return-value]  # there is no None any more


Texts = Iterable[tuple[Shelf, Text]]
"""What lists show of one document."""


class Sequence:
    """Sorted keys, each there once. Every verb costs O(log n) and a move within one block."""

    __slots__ = ("_blocks", "_maxes", "_open", "_starts", "length")

    def __init__(self) -> None:
        self.length = 0
        self._blocks: list[Block] = []
        self._maxes: list[Key] = []
        self._starts: list[int] | None = None
        self._open: ref[Window] | None = None

    @classmethod
    def of(cls, keys: list[Key]) -> Sequence:
        """From keys in any order. Raises TypeError when they cannot be compared."""
        made = cls()
        made.extend(sorted(keys))
        return made

    def copy(self) -> Sequence:
        """The same; what it is made of is shared until one of both changes it."""
        made = Sequence()
        made.length = self.length
        made._maxes = self._maxes.copy()
        for block in self._blocks:
            block.shared = True
        made._blocks = self._blocks.copy()
        return made

    def _own(self, at: int) -> Block:
        """A block that may be changed."""
        block = self._blocks[at]
        if block.shared:
            block = self._blocks[at] = Block(block.keys.copy())
        return block

    def add(self, key: Key, texts: Texts = ()) -> None:
        """Take in a key that is not there, and what lists show there as far as that is known."""
        self._settle()
        self.length += 1
        self._starts = None
        maxes = self._maxes
        if not maxes:
            maxes.append(key)
            self._blocks.append(Block([]))
            self._blocks[0].insert(key, texts)
            return
        at = bisect_left(maxes, key)
        if at == len(maxes):
            at -= 1
            maxes[at] = key
        block = self._own(at)
        block.insert(key, texts)
        if len(block.keys) > 2 * _LOAD:
            upper = block.split()
            self._blocks.insert(at + 1, upper)
            maxes.insert(at, block.keys[-1])
            for shelf, _ in texts:
                shelf.note(upper)

    def extend(self, keys: list[Key]) -> None:
        """Take in keys that are not there, in ascending order: at once where they are neighbours."""
        if len(keys) == 1:
            self.add(keys[0])
            return
        self._settle()
        self.length += len(keys)
        self._starts = None
        if not self._blocks:
            self._blocks.append(Block([]))
            self._maxes.append(keys[-1])
        start, at = 0, 0
        while start < len(keys):
            at = bisect_left(self._maxes, keys[start], at)
            if at >= len(self._maxes) - 1:
                at = len(self._maxes) - 1
                stop = len(keys)
            else:
                stop = bisect_right(keys, self._maxes[at], start)
            block = self._own(at)
            if stop - start == 1:
                block.insert(keys[start])
            else:
                block.merge(keys[start:stop])
            if len(block.keys) > 2 * _LOAD:
                pieces = block.pieces()
                self._blocks[at : at + 1] = pieces
                self._maxes[at : at + 1] = [piece.keys[-1] for piece in pieces]
            elif stop == len(keys):
                self._maxes[at] = block.keys[-1]
            start = stop

    def replace(self, key: Key, texts: Texts) -> None:
        """Have lists show something else beside a key that is there."""
        self._settle()
        block = self._own(bisect_left(self._maxes, key))
        place = bisect_left(block.keys, key)
        for shelf, text in texts:
            shelf.column(block)[place] = text

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
        for column in block.columns.values():
            del column[place]
        if not keys:
            del self._blocks[at], self._maxes[at]
        elif place == len(keys):
            self._maxes[at] = keys[-1]

    def below(self, key: Key) -> int:
        """How many keys are less than `key`."""
        return self._rank(self.seek(key))

    @property
    def end(self) -> Position:
        """Behind everything."""
        return len(self._blocks), 0

    def seek(self, key: Key, *, beyond: bool = False) -> Position:
        """Where `key` is or would be; with `beyond` where the next one is."""
        find = bisect_right if beyond else bisect_left
        at = find(self._maxes, key)
        return self.end if at == len(self._maxes) else (at, find(self._blocks[at].keys, key))

    def back(self, position: Position, count: int, least: Position) -> Position:
        """So many keys before a position, but not before another."""
        if count > _FAR:
            return max(self._position(max(self._rank(position) - count, 0)), least)
        at, place = position
        while count > place and at:
            count -= place
            at -= 1
            place = len(self._blocks[at].keys)
        return max((at, max(place - count, 0)), least)

    def forth(self, position: Position, count: int, most: Position) -> Position:
        """So many keys behind a position, but not behind another."""
        if count > _FAR:
            return min(self._position(min(self._rank(position) + count, self.length)), most)
        at, place = position
        while at < len(self._blocks) and count >= len(self._blocks[at].keys) - place:
            count -= len(self._blocks[at].keys) - place
            at += 1
            place = 0
        return min((at, place + count), most)

    def window(self, first: Position, last: Position, *, descending: bool = False) -> Window:
        """The keys between two positions and the texts beside them, as they are now."""
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

    def keys(self, first: Position, last: Position) -> list[Key]:
        found: list[Key] = []
        for block, here in self._pieces(first, last):
            found += block.keys[here]
        return found

    def texts(self, shelf: Shelf, make: Make, first: Position, last: Position) -> list[Text]:
        found: list[Text] = []
        for block, here in self._pieces(first, last):
            found += shelf.texts(block, here, make)
        return found

    def _pieces(self, first: Position, last: Position) -> Iterator[tuple[Block, slice]]:
        (at, place), (last_at, last_place) = first, last
        for number in range(at, last_at):
            block = self._blocks[number]
            yield block, slice(place, len(block.keys))
            place = 0
        if place < last_place:
            yield self._blocks[last_at], slice(place, last_place)

    def __iter__(self) -> Iterator[Key]:
        return chain.from_iterable(block.keys for block in self._blocks)

    def __reversed__(self) -> Iterator[Key]:
        return chain.from_iterable(reversed(block.keys) for block in reversed(self._blocks))

    def _rank(self, position: Position) -> int:
        """How many keys are before a position."""
        at, place = position
        return (self._ranks()[at] if at else 0) + place

    def _position(self, rank: int) -> Position:
        if rank == self.length:
            return self.end
        at = bisect_right(self._ranks(), rank) - 1
        return at, rank - self._ranks()[at]

    def _ranks(self) -> list[int]:
        if self._starts is None:
            sizes: Iterable[int] = [len(block.keys) for block in self._blocks]
            self._starts = list(accumulate(sizes, initial=0))
        return self._starts


class Window:
    """Part of a sequence, fetched only as far as somebody asks, for each key or text may be far away in memory."""

    __slots__ = ("__weakref__", "_descending", "_first", "_keys", "_last", "_sequence")

    def __init__(self, sequence: Sequence, first: Position, last: Position, descending: bool) -> None:
        self._sequence: Sequence | None = sequence
        self._first = first
        self._last = last
        self._descending = descending
        self._keys: list[Key] | None = None

    @property
    def keys(self) -> list[Key]:
        if self._keys is None:
            assert self._sequence is not None
            self._keys = self._sequence.keys(self._first, self._last)
            if self._descending:
                self._keys.reverse()
        return self._keys

    def texts(self, shelf: Shelf, make: Make) -> list[Text]:
        """What lists show of them, as the documents are when somebody asks."""
        if self._sequence is None:
            return make(self.keys)
        texts = self._sequence.texts(shelf, make, self._first, self._last)
        if self._descending:
            texts.reverse()
        return texts

    def settle(self) -> None:
        """Fetch the keys: the sequence is about to change."""
        _ = self.keys
        self._sequence = None
