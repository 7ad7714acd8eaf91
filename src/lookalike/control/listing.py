"""What workspaces hold, newest first: looked through a piece at a time where there is much, so that nobody waits."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from lookalike.answer import Lengthy
from lookalike.pieces import batches
from lookalike.stores import Collection
from lookalike.stores.collection import Document
from lookalike.workspace import Workspace

AT_ONCE = 500
"""Documents that are looked at between which others are answered."""


@dataclass(frozen=True)
class Listing:
    """A list: its `name` in the answer, the documents of a workspace, which of them, and how one is shown.

    The documents have `created_at`, and an order by it that is called "newest"; `order` and `within` say where to look
    if not there.
    """

    name: str
    held: Callable[[Workspace], Collection]
    fits: Callable[[Document], bool]
    show: Callable[[Workspace, Document], Any]
    order: str = "newest"
    within: str | None = None

    def answer(self, workspaces: Sequence[Workspace], limit: int) -> Lengthy | dict[str, Any]:
        """The first of them, as a handler answers them."""
        if sum(self.held(workspace).count() for workspace in workspaces) < AT_ONCE:
            return self._answer(workspaces, limit)
        return Lengthy(lambda: self._answer(workspaces, limit))

    def _answer(self, workspaces: Sequence[Workspace], limit: int) -> dict[str, Any]:
        shown = heapq.merge(*map(self._of, workspaces), key=lambda pair: str(pair[0]), reverse=True)
        return {self.name: [one for _, one in islice(shown, limit)]}

    def _of(self, workspace: Workspace) -> Iterator[tuple[str, Any]]:
        """When each was made, and how it is shown."""
        found = _looked_through(
            workspace, batches(self.held(workspace), AT_ONCE, self.order, self.within, descending=True)
        )
        return ((one["created_at"], self.show(workspace, one)) for one in found if self.fits(one))


def _looked_through(workspace: Workspace, held: Iterator[list[Document]]) -> Iterator[Document]:
    while True:
        with workspace.lock:
            found = next(held, [])
        yield from found
        if len(found) < AT_ONCE:
            return
        workspace.lock.pass_on()
