"""Invent's lists: a bare array, and in the headers how many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lookalike.answer import Answer, Lengthy
from lookalike.call import Call
from lookalike.part import Part
from lookalike.pieces import Steps, in_pieces
from lookalike.stores import Collection
from lookalike.stores.collection import Document, Page, Value
from lookalike.vendors.invent.schemas.fields import PageQuery

Fits = Callable[[Document], bool]
Show = Callable[[Part, list[Document]], list[dict[str, Any]]]

_AT_ONCE = 200
"""Documents between which nobody else comes in."""


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


def searched(call: Call, held: Iterable[Document], fits: Fits, query: PageQuery, show: Show) -> Lengthy | Answer:
    """One page of those documents that fit; between looking at many of them others get their turn."""
    return in_pieces(call.part, _search(call, held, fits, query, show))


def _search(call: Call, held: Iterable[Document], fits: Fits, query: PageQuery, show: Show) -> Steps[Answer]:
    first, total = (query.page - 1) * query.take, 0
    kept = []
    for number, document in enumerate(held, 1):
        if number % _AT_ONCE == 0:
            yield
        if fits(document):
            if first <= total < first + query.take:
                kept.append(document)
            total += 1
    return listed(call, show(call.part, kept), query, total)
