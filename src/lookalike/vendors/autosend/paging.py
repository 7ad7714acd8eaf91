"""AutoSend's pages: `page` from 1, `limit`, and how many there are."""

from __future__ import annotations

from collections.abc import Iterable

from lookalike.stores import Collection, Found, Page
from lookalike.stores.collection import Document, Value


def pages(total: int, limit: int) -> int:
    """How many pages `total` documents fill."""
    return -(-total // limit)


def pagination(page: int, limit: int, total: int) -> dict[str, int]:
    """The object beside a page of lists' members and suppression entries."""
    return {"page": page, "limit": limit, "total": total, "pages": pages(total, limit)}


def newest(collection: Collection, page: int, limit: int, within: Value | None, order: str = "newest") -> Page:
    """One page of an order, from its end."""
    return collection.page(order, limit=limit, offset=(page - 1) * limit, within=within, descending=True)


def window(documents: Iterable[Document], page: int, limit: int, workspace: str) -> Page:
    """One page of what a search yields; the documents pass by one at a time."""
    first, total = (page - 1) * limit, 0
    kept = []
    for document in documents:
        if first <= total < first + limit:
            kept.append(document)
        total += 1
    return Page(Found(kept, workspace), total > first + limit, total)
