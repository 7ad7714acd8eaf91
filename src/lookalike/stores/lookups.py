"""What leads to the documents of a collection, and changes with them: owners of values, indexes, orders.

A copy shares what it is made of, value by value and partition by partition, until one of both changes that.
"""

from __future__ import annotations

from collections.abc import Iterable

from lookalike.stores.collection import Index, Order, Value
from lookalike.stores.sequence import Key, Sequence, Texts

Ids = str | dict[str, None]
"""The documents under a value of an index: most often there is but one."""


class Owners:
    """Who has each value of a unique field."""

    __slots__ = ("_held", "field")

    def __init__(self, field: str) -> None:
        self.field = field
        self._held: dict[Value, str] = {}

    def copy(self) -> Owners:
        """The same for another collection."""
        copied = Owners(self.field)
        copied._held = self._held.copy()
        return copied

    def of(self, value: Value | None) -> str | None:
        """The id of the document that has a value."""
        return None if value is None else self._held.get(value)

    def knows(self, values: Iterable[Value]) -> bool:
        """Whether any of these values is taken."""
        return not self._held.keys().isdisjoint(values)

    def move(self, id: str, before: Value | None, after: Value | None) -> None:
        """A document gives up a value and takes another."""
        if before is not None:
            del self._held[before]
        if after is not None:
            self._held[after] = id

    def extend(self, new: dict[Value, str]) -> None:
        """New documents take values that are free."""
        self._held.update(new)


class Entries:
    """The documents under each value of one index, in the order of writing."""

    __slots__ = ("_held", "_lent", "index")

    def __init__(self, index: Index) -> None:
        self.index = index
        self._held: dict[Value, Ids] = {}
        self._lent: set[Value] = set()
        """The values whose entries another collection may hold too."""

    def copy(self) -> Entries:
        """The same for another collection."""
        self._lent.update(self._held)
        copied = Entries(self.index)
        copied._held, copied._lent = self._held.copy(), self._lent.copy()
        return copied

    def ids(self, value: Value) -> list[str]:
        ids = self._held.get(value, ())
        return [ids] if isinstance(ids, str) else list(ids)

    def count(self, value: Value) -> int:
        ids = self._held.get(value, ())
        return 1 if isinstance(ids, str) else len(ids)

    def knows(self, values: Iterable[Value]) -> bool:
        """Whether there is anything under any of these values."""
        return not self._held.keys().isdisjoint(values)

    def move(self, id: str, before: dict[Value, None], after: dict[Value, None]) -> None:
        """A document leaves values and goes under others."""
        if self._lent:
            self._own((*before, *after))
        for value in before.keys() - after.keys():
            ids = self._held[value]
            if isinstance(ids, str):
                del self._held[value]
            else:
                del ids[id]
                if not ids:
                    del self._held[value]
        for value in after:
            if value not in before:
                self._enter(value, id)

    def extend(self, found: list[tuple[Value, str]]) -> None:
        """New documents go under values, in this order."""
        new = dict(found)
        if len(new) == len(found) and not self.knows(new):
            self._held.update(new)
            return
        if self._lent:
            self._own(new)
        for value, id in found:
            self._enter(value, id)

    def _enter(self, value: Value, id: str) -> None:
        ids = self._held.get(value)
        if ids is None:
            self._held[value] = id
        elif isinstance(ids, str):
            self._held[value] = {ids: None, id: None}
        else:
            ids[id] = None

    def _own(self, values: Iterable[Value]) -> None:
        """Have entries of its own, before they are changed."""
        for value in values:
            if value in self._lent:
                self._lent.discard(value)
                ids = self._held.get(value)
                if isinstance(ids, dict):
                    self._held[value] = ids.copy()


class Partitions:
    """The keys of one order, a sequence for each partition."""

    __slots__ = ("_held", "_lent", "order")

    def __init__(self, order: Order) -> None:
        self.order = order
        self._held: dict[Value | None, Sequence] = {}
        self._lent: set[Value | None] = set()
        """The partitions whose sequences another collection may hold too."""

    def copy(self) -> Partitions:
        """The same for another collection."""
        self._lent.update(self._held)
        copied = Partitions(self.order)
        copied._held, copied._lent = self._held.copy(), self._lent.copy()
        return copied

    def get(self, partition: Value | None) -> Sequence | None:
        return self._held.get(partition)

    def move(self, before: dict[Value | None, Key], after: dict[Value | None, Key], texts: Texts) -> None:
        """A document's key moves; `texts` are what lists show beside it now."""
        if self._lent:
            self._own((*before, *after))
        for partition, key in before.items():
            if after.get(partition) != key:
                sequence = self._held[partition]
                sequence.remove(key)
                if not sequence.length:
                    del self._held[partition]
        for partition, key in after.items():
            if before.get(partition) != key:
                self._sequence(partition).add(key, texts)
            elif texts:
                self._held[partition].replace(key, texts)

    def extend(self, found: dict[Value | None, list[Key]]) -> None:
        """New keys go in, partition by partition."""
        if self._lent:
            self._own(found)
        for partition, keys in found.items():
            keys.sort()
            self._sequence(partition).extend(keys)

    def _sequence(self, partition: Value | None) -> Sequence:
        sequence = self._held.get(partition)
        if sequence is None:
            sequence = self._held[partition] = Sequence()
        return sequence

    def _own(self, partitions: Iterable[Value | None]) -> None:
        """Have sequences of its own, before they are changed."""
        for partition in partitions:
            if partition in self._lent:
                self._lent.discard(partition)
                sequence = self._held.get(partition)
                if sequence is not None:
                    self._held[partition] = sequence.copy()
