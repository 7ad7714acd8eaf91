"""What a server asks of a store: all its collections, units of writes, and what has to be known of other servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from lookalike.stores.collection import Collection, Document, Resource

if TYPE_CHECKING:
    from lookalike.journal import Journal


class Unit(Protocol):
    """The writes that were made in one workspace since it was opened. Only one is open in a workspace at a time."""

    @property
    def news(self) -> bool:
        """Whether something was taken in, when it was opened, that another server has written."""

    def commit(self, state: dict[str, Any] | None) -> None:
        """Have them last, all or none, and the workspace's own small state with them if it is given.

        Raises Unwritable or Conflict, and then `undo` has to be called. The unit is over in either case.
        """

    def undo(self) -> None:
        """Have the documents as they were before."""


class Store(Protocol):
    """All collections of one server."""

    @property
    def keeps(self) -> bool:
        """Whether what is written is kept anywhere but in memory, so that it has to be begun and committed."""

    def begin(self, workspace: str, *, alone: bool = True) -> Unit:
        """Open a unit, so that the writes to come are kept together.

        Call it with the workspace to yourself until the unit is over. A write outside of any is one by itself. Of
        several servers that share the store, with `alone` the others stand back until it is over; without, it may end
        in a Conflict, and has to be done again. Raises Unwritable.
        """

    def sync(self, *workspaces: str) -> list[str]:
        """Take in what other servers have written; those in which there was something. Raises Unwritable."""

    def touched(self, workspace: str, resource: Resource) -> bool:
        """Whether other servers have written to these documents of the core since this was asked last."""

    def may_send(self, workspace: str) -> bool:
        """Whether this server is the one that sends a workspace's webhooks now; it has to ask again every second."""

    def sends_no_more(self, workspace: str) -> None:
        """Let another server send them."""

    def open_journal(self, size: int) -> Journal:
        """The journal of requests, of so many for each workspace; of all servers that share the store."""

    @property
    def edited(self) -> bool:
        """Whether somebody may have changed documents since a server had them: what follows from them then does not."""

    @property
    def shared(self) -> bool:
        """Whether other servers may have the same workspaces."""

    @property
    def trouble(self) -> str | None:
        """One sentence on why nothing can be read or written at the moment, or None."""

    def collection(self, workspace: str, vendor: str, resource: Resource) -> Collection:
        """The collection, made on first use. Raises Unfit."""

    def collections(self, workspace: str, vendor: str) -> list[Collection]:
        """A vendor's collections in a workspace, those that were asked for so far."""

    def contents(self, workspace: str, vendor: str) -> list[tuple[Resource, list[Document]]]:
        """Every document of a vendor in a workspace, collection by collection."""

    def texts(self, workspace: str) -> Iterator[tuple[str, str, list[bytes]]]:
        """All that is in a workspace: vendor, resource and documents as JSON, also where nobody knows the resource."""

    def copy(self, source: str, target: str) -> None:
        """Have in one workspace what is in another, and nothing else; the state stays behind.

        In memory that takes the same time at any size: what is to be written to first is copied then.
        """

    def lay_down(self, workspace: str, vendor: str, resource: str, texts: Mapping[str, bytes]) -> None:
        """Put documents, JSON by id, where no collection was asked for yet; they are checked when one is."""

    def drop(self, workspace: str, vendor: str | None = None) -> None:
        """Forget a workspace, or one vendor's part of it."""

    def workspaces(self) -> list[str]:
        """The names of the workspaces that hold a collection."""

    def load_state(self, workspace: str) -> dict[str, Any]:
        """A workspace's own small state (clock, id counters) as the last unit kept it, or an empty object."""

    def hold_by(self, lock: Callable[[str], AbstractContextManager[object]]) -> None:
        """Have `lock(workspace)` entered while the store copies of that workspace what it writes out behind."""

    def close(self) -> None:
        """Write out what is still to be written, and let go."""
