"""The deliveries of one workspace: which are due, and what became of each. Everything here runs under its lock."""

from __future__ import annotations

import heapq
import logging
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lookalike.clock import iso
from lookalike.outbox.modes import MODES, modes_of, spoil
from lookalike.outbox.records import ATTEMPTS_KEPT, DELIVERIES, Attempt, noted, seen
from lookalike.outbox.sender import Outcome, Outgoing, Refused, Sender
from lookalike.stores import Collection
from lookalike.stores.collection import Document

if TYPE_CHECKING:
    from lookalike.outbox.post import Outbox
    from lookalike.workspace import Workspace

log = logging.getLogger("lookalike")

KEPT = 10_000
"""How many deliveries a workspace keeps; beyond that the oldest go of those that are over."""

Key = tuple[str, str]
"""Vendor and subscription."""

Due = tuple[float, int, float, str]
"""What it is sorted by (twice), when it is due, and its id."""


class Deliveries:
    """What is due is found here without looking through documents; the documents are what lasts.

    At most one delivery of a subscription is on its way at a time, so that a receiver gets events in their order.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._queues: dict[Key, list[Due]] = {}
        self._held: dict[Key, deque[str]] = {}
        self._busy: dict[Key, str] = {}
        """The subscriptions with a delivery on its way, and which it is."""
        self._alive: dict[str, object] = {}
        """A token for each vendor; an attempt that comes back with another one is about something forgotten."""
        self._number: int | None = None
        self.on_their_way: set[str] = set()
        self.walk = threading.Lock()
        self.walking = False
        """Whether the clock is being moved, and deliveries sent on the way; they are nobody else's then."""
        self.outbox: Outbox | None = None
        """Who sends them; without one they are kept."""
        self.any_url = True
        """Whether webhooks may be registered for URLs that the vendor itself would refuse as private."""

    @property
    def collection(self) -> Collection:
        """The documents."""
        return self._workspace.own(DELIVERIES)

    # --- coming and going -------------------------------------------------------------------------------------

    def add(
        self, vendor: str, *, subscription: str, event: str, url: str, payload: Any, reference: str | None, delay: float
    ) -> str:
        """Keep a delivery that is due `delay` seconds from now; its id."""
        now = self._workspace.clock.now()
        modes = modes_of(self._workspace, vendor, subscription)
        number = self._next_number()
        delivery = {
            "id": f"dlv_{self._workspace.digits(f'webhook delivery {number}')}",
            "number": number,
            "vendor": vendor,
            "subscription": subscription,
            "event": event,
            "reference": reference,
            "url": url,
            "payload": payload,
            "created_at": iso(now),
            "status": "pending",
            "due_at": now + delay + modes.delayed,
            "attempts": [],
        }
        held = self._held.get((vendor, subscription))
        if modes.never or (modes.out_of_order and not held):
            delivery |= {"status": "held", "due_at": None}
        self.collection.put(delivery)
        self._enter(delivery)
        self._trim()
        self._stir()
        return str(delivery["id"])

    def _next_number(self) -> int:
        if self._number is None:
            newest = self.collection.page("number", limit=1, descending=True).documents
            self._number = newest[0]["number"] if newest else 0
        self._number += 1
        return self._number

    def _enter(self, delivery: Document) -> None:
        key = (delivery["vendor"], delivery["subscription"])
        if delivery["status"] == "held":
            self._held.setdefault(key, deque()).append(delivery["id"])
        elif delivery["status"] == "pending":
            self._push(key, delivery)

    def _push(self, key: Key, delivery: Document) -> None:
        due_at, number = delivery["due_at"], delivery["number"]
        sender = self._sender(key[0])
        first = number if sender is not None and sender.in_order else due_at
        heapq.heappush(self._queues.setdefault(key, []), (first, number, due_at, delivery["id"]))

    def _trim(self) -> None:
        if self.collection.count() > KEPT:
            for oldest in self.collection.page("over", within=True, limit=1).documents:
                self.collection.delete(oldest["id"])

    def restore(self) -> None:
        """Take up what the documents say is still to be sent."""
        for status in ("held", "pending"):
            for delivery in self.collection.find("status", status):
                self._enter(delivery)

    def follow(self) -> None:
        """Take up what other servers that share the store have left to be sent. What they sent is seen by `claim`."""
        for ids in self._held.values():
            for undone in [id for id in ids if self.collection.get(id) is None]:
                ids.remove(undone)
        if not self._workspace.store.touched(self._workspace.name, DELIVERIES):
            return
        self._number = None
        known = {due[3] for queue in self._queues.values() for due in queue} | self.on_their_way
        known.update(id for ids in self._held.values() for id in ids)
        for status in ("held", "pending"):
            new = [id for id in self.collection.ids("status", status) if id not in known]
            for delivery in self.collection.get_many(new):
                self._enter(delivery)

    def forget(self, vendor: str | None = None) -> None:
        """Send nothing more, of one vendor or at all, and take no notice of what is on its way."""
        for state in (self._queues, self._held, self._busy):
            for key in [key for key in state if vendor in (None, key[0])]:
                del state[key]
        if vendor is None:
            self._number = None
            self._alive.clear()
        else:
            self._alive.pop(vendor, None)

    def drop(self, vendor: str) -> None:
        """Forget one vendor's, the documents too."""
        self.forget(vendor)
        for resource in (DELIVERIES, MODES):
            collection = self._workspace.own(resource)
            for id in collection.ids("vendor", vendor):
                collection.delete(id)

    def drop_under_way(self) -> None:
        """Drop what is still to be sent, or held back: somebody else sends it."""
        self.forget()
        for status in ("held", "pending"):
            for id in self.collection.ids("status", status):
                self.collection.delete(id)

    def send_one(self, id: str) -> None:
        """Send a delivery at once, and return when it is known what came of it. Not under the workspace's lock."""
        if self.outbox is not None:
            self.outbox.send_one(self._workspace, id)

    def stir(self) -> None:
        """Have the outbox look after what is due."""
        if self._queues:
            self._stir()

    def _stir(self) -> None:
        """Something may have become due, or has changed."""
        if self.outbox is not None:
            self.outbox.stir(self._workspace)

    def let_go(self) -> None:
        """Have sent what no mode holds back any more."""
        for key in list(self._held):
            modes = modes_of(self._workspace, *key)
            if not modes.never and not modes.out_of_order:
                for id in self._held.pop(key):
                    self._release(key, id, self._workspace.clock.now())
        self._stir()

    def _release(self, key: Key, id: str, at: float) -> None:
        delivery = self.collection.get(id)
        if delivery is not None:
            delivery |= {"status": "pending", "due_at": at}
            self.collection.put(delivery)
            self._push(key, delivery)

    # --- what is due ------------------------------------------------------------------------------------------

    def _sender(self, vendor: str) -> Sender | None:
        part = self._workspace.parts.get(vendor)
        return None if part is None else part.vendor.webhooks

    def _first(self) -> tuple[float, int, Key] | None:
        """When the next one is due, its number and whose it is, of those that need not wait for another one."""
        free = (
            (queue[0][2], queue[0][1], key)
            for key, queue in self._queues.items()
            if queue and key not in self._busy and self._sender(key[0]) is not None
        )
        return min(free, default=None)

    def next_at(self) -> float | None:
        """When the next one is due, in epoch seconds; None where there is none."""
        first = self._first()
        return None if first is None else first[0]

    def claim(self, until: float) -> Attempt | None:
        """The next one that is due by then, if any, ready to go; it has to be brought back by `finish`.

        One that is not to be sent is settled here, and the next one taken.
        """
        while (first := self._first()) is not None and first[0] <= until:
            *_, due_at, id = heapq.heappop(queue := self._queues[first[2]])
            if not queue:
                del self._queues[first[2]]
            if not self._is_still_due(first[2], id, due_at):
                continue
            attempt = self._begin(id)
            if attempt is not None:
                self._busy[first[2]] = id
                return attempt
        return None

    def _is_still_due(self, key: Key, id: str, due_at: float) -> bool:
        """Whether another server that shares the store has not sent it meanwhile, or put it off."""
        delivery = self.collection.get(id)
        if delivery is None or delivery["status"] != "pending":
            return False
        if delivery["due_at"] != due_at:
            self._push(key, delivery)
            return False
        return True

    def claim_one(self, id: str) -> Attempt | None:
        """One of those that wait, whenever it is due; None where it does not wait, or is not to be sent."""
        for queue in self._queues.values():
            for due in queue:
                if due[3] == id:
                    queue.remove(due)
                    heapq.heapify(queue)
                    return self._begin(id)
        return None

    def claim_again(self, id: str) -> Attempt | None:
        """One that may be over, with its last number once more; what comes of it stays between us and its receiver."""
        return self._begin(id, replay=True)

    def _begin(self, id: str, *, replay: bool = False) -> Attempt | None:
        document = self.collection.get(id)
        if document is None:
            return None
        at, vendor = self._workspace.clock.now(), document["vendor"]
        part, sender = self._workspace.parts.get(vendor), self._sender(vendor)
        if part is None or sender is None:
            return None
        modes = modes_of(self._workspace, vendor, document["subscription"])
        made = document["attempts"][-1]["number"] if document["attempts"] else 0
        delivery = seen(document, max(1, made) if replay else made + 1, at - modes.stale_timestamp)
        alive = self._alive.setdefault(vendor, object())
        nothing = Outgoing(document["url"], (), b"")
        attempt = Attempt(part, sender, delivery, nothing, modes, at, alive, replay)
        try:
            outgoing = sender.prepare(part, delivery)
        except Refused as refusal:
            self.finish(attempt, [Outcome(at, error=str(refusal), refused=True)])
            return None
        except Exception:
            log.exception("the webhook %s of %s cannot be made", id, vendor)
            self.finish(attempt, [Outcome(at, error="lookalike failed: its log says why", refused=True)])
            return None
        if modes.bad_signature:
            outgoing = spoil(outgoing, sender.signature)
        self.on_their_way.add(id)
        return Attempt(part, sender, delivery, outgoing, modes, at, alive, replay)

    # --- what became of it ------------------------------------------------------------------------------------

    def finish(self, attempt: Attempt, outcomes: Sequence[Outcome]) -> None:
        """Note what came of an attempt (the first outcome) and of its duplicates, and when the next one is due."""
        id, key = attempt.delivery.id, (attempt.part.vendor.name, attempt.delivery.subscription)
        self.on_their_way.discard(id)
        document = self.collection.get(id)
        if self._alive.get(key[0]) is not attempt.alive or document is None:
            return
        self._free(key, id)
        made = [*document["attempts"], *noted(attempt, outcomes)]
        document["attempts"] = made[-ATTEMPTS_KEPT:]
        if not attempt.replay:
            document |= self._settled(attempt, outcomes[0])
            document["url"] = attempt.outgoing.url
        self.collection.put(document)
        if document["status"] == "pending" and not attempt.replay:
            self._push(key, document)
        self._let_one_go(key, attempt)
        self._stir()

    def abandon(self, attempt: Attempt) -> None:
        """Take back an attempt that was broken off: it counts as not made."""
        id, key = attempt.delivery.id, (attempt.part.vendor.name, attempt.delivery.subscription)
        self.on_their_way.discard(id)
        document = self.collection.get(id)
        if self._alive.get(key[0]) is attempt.alive and document is not None and not attempt.replay:
            self._free(key, id)
            self._push(key, document)

    def _free(self, key: Key, id: str) -> None:
        """Let the next one of a subscription go, if it was this one that it had to wait for."""
        if self._busy.get(key) == id:
            del self._busy[key]

    def _settled(self, attempt: Attempt, outcome: Outcome) -> dict[str, Any]:
        """The delivery's status, and when it is due again."""
        try:
            delay = attempt.sender.settle(attempt.part, attempt.delivery, outcome)
        except Exception:
            log.exception("what came of the webhook %s cannot be noted", attempt.delivery.id)
            delay = None
        if delay is not None:
            return {"status": "pending", "due_at": outcome.at + delay}
        return {"status": "delivered" if outcome.success else "failed", "due_at": None}

    def _let_one_go(self, key: Key, attempt: Attempt) -> None:
        held = self._held.get(key)
        if held and attempt.modes.out_of_order and not attempt.modes.never and attempt.delivery.attempt == 1:
            self._release(key, held.popleft(), attempt.at)

    def of(self, id: str) -> Document | None:
        """The document of a delivery."""
        return self.collection.get(id)

    def newest_first(self) -> Iterator[Document]:
        """The documents of all."""
        return self.collection.scan("newest", descending=True)
