"""One vendor's share of a workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lookalike.ids import Ids
from lookalike.living import Rulebook
from lookalike.messages import Happening, Message, note
from lookalike.runs import keep_run
from lookalike.stores import Collection, Resource

if TYPE_CHECKING:
    from lookalike.vendor import Vendor
    from lookalike.workspace import Workspace


class Part:
    """What handlers, seeds and scheduled tasks act upon."""

    __slots__ = ("_collections", "clock", "ids", "passing_ids", "rules", "vendor", "workspace")

    def __init__(self, workspace: Workspace, vendor: Vendor, ids: Ids) -> None:
        self.workspace = workspace
        self.vendor = vendor
        self.clock = workspace.clock
        self.ids = ids
        self.passing_ids = Ids(workspace.seed, workspace.name, vendor.name, "passing")
        """For what is told once and kept nowhere, the id of a request say: how many there were does not last."""
        self._collections: dict[str, Collection] = {}
        self.rules: Rulebook | None = None
        """What `lookalike.living` has made ready of the groups' rules."""

    def collection(self, resource: Resource) -> Collection:
        """The vendor's documents of one resource in this workspace."""
        try:
            return self._collections[resource.name]
        except KeyError:
            collection = self.workspace.store.collection(self.workspace.name, self.vendor.name, resource)
            self._collections[resource.name] = collection
            return collection

    def later(self, seconds: float, task: str, payload: dict[str, Any]) -> None:
        """Run one of the vendor's `tasks` when the workspace's clock has moved so far."""
        self.workspace.due.schedule(self.clock.now() + seconds, self.vendor.name, task, payload)

    def keep_message(self, message: Message) -> None:
        """Put what the vendor would have sent into the outbox that `GET /_lookalike/messages` shows.

        `message` has at least id, from, to (a list of addresses), subject, html, text and created_at. One that is
        kept again under its id keeps the events that were noted of it.
        """
        self.workspace.keep_message(self.vendor.name, message)

    def note_message(self, id: str, happening: Happening) -> None:
        """Note on a kept message what happened to it; the vendor's own consequences are not drawn."""
        note(self.workspace.messages, id, happening)

    def keep_run(
        self, *, kind: str, name: str, trigger: Mapping[str, Any], contact: str | None, messages: Sequence[str] = ()
    ) -> str:
        """Put what the vendor did by itself among the runs that `GET /_lookalike/runs` shows; the run's id.

        `kind` is `workflow`, `automation`, `campaign` or `broadcast`, `trigger` says by its `type` why it ran,
        `contact` is an address or id (None where it ran for many), `messages` are the ids of what it sent.
        """
        run = {"kind": kind, "name": name, "trigger": dict(trigger), "contact": contact, "messages": list(messages)}
        return keep_run(self.workspace, self.vendor.name, run)

    def deliver(
        self,
        *,
        subscription: str,
        event: str,
        url: str,
        payload: Any,
        reference: str | None = None,
        delay: float = 0.0,
    ) -> str:
        """Leave a webhook for the outbox, due `delay` seconds from now; the delivery's id.

        The vendor's `Sender` is handed all of this when it is sent. `url` is for the log until then; `payload` is JSON.
        """
        return self.workspace.deliveries.add(
            self.vendor.name,
            subscription=subscription,
            event=event,
            url=url,
            payload=payload,
            reference=reference,
            delay=delay,
        )
