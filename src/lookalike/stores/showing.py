"""What lists show of the documents of a collection, worked out once and kept at hand."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

import orjson

from lookalike.stores.collection import Document, Order, Resource, View, read_all
from lookalike.stores.layout import id_of
from lookalike.stores.sequence import Block, Key, Shelf, Text, Texts, Window

Raws = Mapping[str, bytes]
"""Documents as they are stored, by id."""

_REMEMBERED = 10_000
"""Texts beyond those of a page that are remembered of orders that keep none."""


def compact(document: Any) -> bytes:
    """A document as JSON that takes no more room than its text: orjson hands out a buffer of some kilobytes."""
    return bytes(memoryview(orjson.dumps(document)))


class Showing:
    """The texts that the views of a resource make of its documents, in one workspace.

    Orders keep them beside their keys; for those that do not, what was shown lately is remembered.
    """

    __slots__ = ("_said", "_shelves", "_views", "_workspace")

    def __init__(self, resource: Resource, workspace: str) -> None:
        self._workspace = workspace
        self._views = resource.views
        shown: deque[Block] = deque()
        self._shelves = [Shelf(f"{view.name} {workspace}", shown) for view in resource.views]
        self._said: dict[tuple[str, str], tuple[bytes, Text]] = {}
        """What views have said, with the stored document that they said it of."""

    def texts(self, document: Document) -> Texts:
        """What the views make of a document, for the orders to keep."""
        if not self._shelves:
            return ()
        return [(shelf, self._text(view, document)) for shelf, view in zip(self._shelves, self._views, strict=True)]

    def differs(self, before: Document, after: Document) -> bool:
        """Whether any list shows something else of a document now."""
        workspace = self._workspace
        return any(view.serialize(before, workspace) != view.serialize(after, workspace) for view in self._views)

    def shown(self, view: View, window: Window, order: Order, raws: Raws) -> list[Any]:
        """See `Page.shown`."""
        texts = self._kept(view, window, order, raws) if order.shown else self._remembered(view, window, order, raws)
        if all(texts):
            return [orjson.Fragment(b",".join(texts))] if texts else []
        return [orjson.Fragment(text) if text else None for text in texts]

    def _kept(self, view: View, window: Window, order: Order, raws: Raws) -> list[Text]:
        """The texts beside the keys."""

        def make(keys: list[Key]) -> list[Text]:
            return [self._text(view, document) for document in read_all(raws[id] for id in ids_of(order, keys))]

        return window.texts(self._shelves[self._views.index(view)], make)

    def _remembered(self, view: View, window: Window, order: Order, raws: Raws) -> list[Text]:
        """The same for an order that keeps none: each as long as the document is the very same bytes."""
        if len(self._said) > _REMEMBERED:
            self._said.clear()
        there = [(id, raw) for id in ids_of(order, window.keys) if (raw := raws.get(id)) is not None]
        found = [(id, raw, self._said.get((view.name, id))) for id, raw in there]
        missing = [(id, raw) for id, raw, said in found if said is None or said[0] is not raw]
        if not missing:
            return [said[1] for _, _, said in found if said is not None]
        for (id, raw), document in zip(missing, read_all(raw for _, raw in missing), strict=True):
            self._said[view.name, id] = (raw, self._text(view, document))
        return [self._said[view.name, id][1] for id, _ in there]

    def _text(self, view: View, document: Document) -> Text:
        shown = view.serialize(document, self._workspace)
        return b"" if shown is None else compact(shown)


def ids_of(order: Order, keys: list[Key]) -> list[str]:
    """The ids of the documents that have these places."""
    return [id_of(order, key) for key in keys] if order.by else keys  # type: ignore[return-value]  # such keys are ids
