"""Lists sorted by id, descending, with `after` as a bound."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from lookalike.call import Call
from lookalike.pieces import Steps, at_once
from lookalike.stores import Collection, Found, Page, Resource
from lookalike.stores.collection import Document, Value
from lookalike.vendors.opensend import coercion


@dataclass(frozen=True, slots=True)
class Window:
    """What a list request asks for: at most `limit` documents below the id `after`."""

    limit: int
    after: str | None


def window(call: Call, default: int = 20, maximum: int = 100) -> Window:
    """`limit` and `after` of a request. Raises Problem("internal") for an `after` that is no UUID."""
    after = call.argument("after")
    return Window(
        coercion.limit(call.argument("limit"), default, maximum), coercion.database_id(after) if after else None
    )


_AT_ONCE = 256
"""Documents that a search reads in one step."""


def page(call: Call, resource: Resource, asked: Window, *, order: str = "id", within: Value | None = None) -> Page:
    """The page; its `total` counts everything, whatever `after` is."""
    after = None if asked.after is None else (asked.after,)
    return call.collection(resource).page(order, limit=asked.limit, within=within, after=after, descending=True)


def _counted(call: Call, resource: Resource, asked: Window) -> Page:
    """The same with a `total` of what lies below `after`, so that it shrinks from page to page."""
    found = page(call, resource, asked)
    if asked.after is None:
        return found
    return replace(found, total=call.collection(resource).position("id", (asked.after,)))


def search(
    collection: Collection,
    asked: Window,
    sought: re.Pattern[str],
    fields: tuple[str, ...],
    *,
    order: str = "id",
    within: Value | None = None,
    total: bool = False,
) -> Steps[Page]:
    """The page of those that match in one of `fields`, step by step; reads on only as far as it has to, unless `total`
    is wanted."""
    found: list[Document] = []
    after = None if asked.after is None else (asked.after,)
    while True:
        here = collection.page(order, within=within, limit=_AT_ONCE, after=after, descending=True)
        found += [document for document in here.documents if _matches(document, sought, fields)]
        if not here.has_more or (len(found) > asked.limit and not total):
            return Page(Found(found[: asked.limit], collection.workspace), len(found) > asked.limit, len(found))
        after = (here.ids[-1],)
        yield


def listed(call: Call, resource: Resource, asked: Window, fields: tuple[str, ...]) -> Page:
    """The page of a list whose `search` (trimmed) looks at `fields`, with the total of what matches."""
    text = (call.argument("search") or "").strip()
    if not text:
        return _counted(call, resource, asked)
    return at_once(search(call.collection(resource), asked, coercion.pattern(text), fields, total=True))


def _matches(document: Document, sought: re.Pattern[str], fields: tuple[str, ...]) -> bool:
    return any(sought.search(document.get(field) or "") for field in fields)
