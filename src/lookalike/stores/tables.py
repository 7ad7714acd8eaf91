"""How the lookups of a collection change: unique values, entries of indexes, sequences of orders."""

from __future__ import annotations

from lookalike.stores.collection import Value
from lookalike.stores.sequence import Key, Sequence, Texts

Ids = str | dict[str, None]
"""The documents under a value of an index: most often there is but one."""


def retake(taken: dict[Value, str], id: str, before: Value | None, after: Value | None) -> None:
    """A document gives up a unique value and takes another."""
    if before is not None:
        del taken[before]
    if after is not None:
        taken[after] = id


def reindex(entries: dict[Value, Ids], id: str, before: dict[Value, None], after: dict[Value, None]) -> None:
    """A document leaves values of an index and goes under others."""
    for value in before.keys() - after.keys():
        ids = entries[value]
        if isinstance(ids, str):
            del entries[value]
        else:
            del ids[id]
            if not ids:
                del entries[value]
    for value in after:
        if value not in before:
            enter(entries, value, id)


def enter_all(entries: dict[Value, Ids], found: list[tuple[Value, str]]) -> None:
    """New documents go under values of an index, in the order of writing."""
    new = dict(found)
    if len(new) == len(found) and entries.keys().isdisjoint(new):
        entries.update(new)
        return
    for value, id in found:
        enter(entries, value, id)


def enter(entries: dict[Value, Ids], value: Value, id: str) -> None:
    """A document goes under a value of an index."""
    ids = entries.get(value)
    if ids is None:
        entries[value] = id
    elif isinstance(ids, str):
        entries[value] = {ids: None, id: None}
    else:
        ids[id] = None


def sort_in(sequences: dict[Value | None, Sequence], partitions: dict[Value | None, list[Key]]) -> None:
    """New keys go into an order, partition by partition."""
    for partition, keys in partitions.items():
        keys.sort()
        sequence = sequences.get(partition)
        if sequence is None:
            sequence = sequences[partition] = Sequence()
        sequence.extend(keys)


def resort(
    sequences: dict[Value | None, Sequence],
    before: dict[Value | None, Key],
    after: dict[Value | None, Key],
    texts: Texts,
) -> None:
    """A document's key moves in an order; `texts` are what lists show beside it now."""
    for partition, key in before.items():
        if after.get(partition) != key:
            sequence = sequences[partition]
            sequence.remove(key)
            if not sequence.length:
                del sequences[partition]
    for partition, key in after.items():
        if before.get(partition) == key:
            if texts:
                sequences[partition].replace(key, texts)
        else:
            found = sequences.get(partition)
            if found is None:
                found = sequences[partition] = Sequence()
            found.add(key, texts)
