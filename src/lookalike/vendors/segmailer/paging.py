"""SegMailer's lists: `page` from 1, `limit`, newest first (I)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from lookalike.stores import Collection, Page
from lookalike.stores.collection import Document, Value
from lookalike.vendors.segmailer.schemas.fields import PageQuery


def newest(collection: Collection, query: PageQuery, within: Value | None = None) -> Page:
    """One page of the order `newest`."""
    offset = (query.page - 1) * query.limit
    return collection.page("newest", limit=query.limit, offset=offset, within=within, descending=True)


def listing(query: PageQuery, total: int, shown: list[Any]) -> dict[str, Any]:
    """The envelope around a page whose items are `shown`."""
    more = query.page * query.limit < total
    return {"data": shown, "pagination": {"page": query.page, "limit": query.limit, "total": total, "hasMore": more}}


def window(documents: Iterable[Document], query: PageQuery) -> list[Document]:
    """One page of documents that are all at hand."""
    first = (query.page - 1) * query.limit
    return list(islice(documents, first, first + query.limit))
