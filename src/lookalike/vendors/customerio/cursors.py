"""The App API's pages: `start`, `limit` and the `next` that leads on.

A cursor is base64 of texts joined by colons, as the vendor's `MDox` is of `0:1`; what the texts say is ours (I). The
`next` of a last page is empty (I), and so is a `start` that asks for the first one.
"""

from __future__ import annotations

from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from lookalike.stores import Collection
from lookalike.stores.collection import Document, Value
from lookalike.vendors.customerio.problems import bad_request

Key = tuple[Any, ...]

_FEW, _MOST = 64, 512
"""How many documents a walk reads at once: few at first, since many walks end soon."""


def encode(*parts: str | int) -> str:
    """The cursor that goes on after these parts; only the last one may hold a colon."""
    return urlsafe_b64encode(":".join(map(str, parts)).encode()).decode()


def decode(start: str, *kinds: Callable[[str], Any]) -> Key | None:
    """The parts of a cursor, each read by its kind; None for the first page. Raises the vendor's 400."""
    if not start:
        return None
    try:
        texts = b64decode(start.encode(), altchars=b"-_", validate=True).decode().split(":", len(kinds) - 1)
        return tuple(kind(text) for kind, text in zip(kinds, texts, strict=True))
    except ValueError:
        raise bad_request("invalid start value") from None


def following(document: Document | None, *fields: str) -> str:
    """The cursor after a document, by the fields that it is sorted by; empty when there is nothing to follow."""
    return "" if document is None else encode(*(document[field] for field in fields))


def walk(
    collection: Collection,
    order: str = "id",
    *,
    within: Value | None = None,
    after: Key | None = None,
    descending: bool = False,
    expected: int = _FEW,
) -> Iterator[Document]:
    """Every document of an order that follows the key `after`, read as far as somebody asks.

    `expected` is how many that will be if all of them are wanted.
    """
    key = collection_key(collection, order)
    size, more = expected, True
    while more:
        page = collection.page(order, limit=size, within=within, after=after, descending=descending)
        yield from page.documents
        more = page.has_more
        if more:
            after, size = key(page.documents[-1]), max(size, min(2 * size, _MOST))


def collection_key(collection: Collection, order: str) -> Callable[[Document], Key]:
    """What gives a document's place in one of a collection's orders."""
    return next(declared.key for declared in collection.resource.orders if declared.name == order)


def cut(documents: Iterable[Document], limit: int) -> tuple[list[Document], Document | None]:
    """The first `limit` documents, and the last of them if more follow."""
    found = list(islice(documents, limit + 1))
    return found[:limit], found[limit - 1] if len(found) > limit else None
