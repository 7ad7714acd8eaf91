"""Invent's lists: a bare array, and in the headers how many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lookalike.answer import Answer, Lengthy
from lookalike.call import Call
from lookalike.stores import Collection
from lookalike.stores.collection import Document, Page, Value
from lookalike.vendors.invent.pieces import READ_AT_ONCE, Steps, lengthy
from lookalike.vendors.invent.schemas.fields import PageQuery
from lookalike.workspace import Part

Fits = Callable[[Document], bool]
Show = Callable[[Part, list[Document]], list[dict[str, Any]]]


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


def searched(
    call: Call, held: Iterable[Document], fits: Fits, query: PageQuery, show: Show, size: int
) -> Lengthy | Answer:
    """One page of those among `size` documents that fit; between looking at many of them others get their turn."""
    return lengthy(call.workspace, _search(call, held, fits, query, show), size, READ_AT_ONCE)


def _search(call: Call, held: Iterable[Document], fits: Fits, query: PageQuery, show: Show) -> Steps[Answer]:
    first, total = (query.page - 1) * query.take, 0
    kept = []
    for number, document in enumerate(held, 1):
        if number % READ_AT_ONCE == 0:
            yield
        if fits(document):
            if first <= total < first + query.take:
                kept.append(document)
            total += 1
    return listed(call, show(call.part, kept), query, total)
