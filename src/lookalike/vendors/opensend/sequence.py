"""Numbers that keep documents in the order they came in, where their times are the same."""

from __future__ import annotations

from lookalike.stores import Collection
from lookalike.stores.collection import Value


def next_number(collection: Collection, order: str, within: Value | None = None) -> int:
    """One more than the last document of an order has as its `number`."""
    last = collection.page(order, within=within, limit=1, descending=True).documents
    return last[0]["number"] + 1 if last else 1
