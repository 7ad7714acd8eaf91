"""Invent's lists: a bare array, and in the headers how many there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.stores import Collection
from lookalike.stores.collection import Document, Page, Value
from lookalike.vendors.invent.schemas.fields import PageQuery


def listed(call: Call, shown: list[Any], query: PageQuery, total: int) -> Answer:
    """The answer of a list: `total` counts all that match, whatever the page."""
    answer = call.answer(200, shown)
    answer.headers += (
        ("pagination-count", str(total)),
        ("pagination-page", str(query.page)),
        ("pagination-take", str(query.take)),
    )
    return answer


def newest(collection: Collection, query: PageQuery, within: Value | None = None) -> Page:
    """One page of the order `newest`."""
    offset = (query.page - 1) * query.take
    return collection.page("newest", limit=query.take, offset=offset, within=within, descending=True)


def window(documents: Iterable[Document], query: PageQuery) -> tuple[list[Document], int]:
    """One page of what a search yields, and how many that were; the documents pass by one at a time."""
    first, total = (query.page - 1) * query.take, 0
    kept = []
    for document in documents:
        if first <= total < first + query.take:
            kept.append(document)
        total += 1
    return kept, total
