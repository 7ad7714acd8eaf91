"""One isolated world: its clock, its ids, what is due later, and a part for each vendor."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from lookalike.clock import Clock
from lookalike.due import Due
from lookalike.ids import Ids
from lookalike.living import Rechecks, resume
from lookalike.messages import KEPT, MESSAGES, Message, keep, trim
from lookalike.outbox.deliveries import Deliveries
from lookalike.part import Part
from lookalike.pieces import at_once
from lookalike.runs import RUNS
from lookalike.stores import Collection, Conflict, Resource, Store, Unit, Unwritable
from lookalike.turns import Turns

if TYPE_CHECKING:
    from lookalike.vendor import Vendor

CORE = "lookalike"
"""The vendor name under which the core keeps documents of its own."""

ORIGIN = Resource("origin")
"""What a workspace was filled from."""

_Begun = tuple[Unit, dict[str, Any], dict[str, Any]]
"""A unit, what the store had of the state before it, and the state then."""

_UNKNOWN_COUNT = 2**40
"""Ids made in a workspace whose documents were restored without a count: more than it can have been."""


class Workspace:
    """Everything one credential tag reaches. Handlers run under `lock`, one at a time."""

    def __init__(
        self, name: str, store: Store, vendors: dict[str, Vendor], seed: int, clock: Clock, outbox: int = KEPT
    ) -> None:
        self.name = name
        self.store = store
        self.clock = clock
        self.lock = Turns()
        self.parts: dict[str, Part] = {}
        self._vendors = vendors
        self.seed = seed
        """What its ids are made of, beside its name."""
        self._outbox = outbox
        self.due = Due(self, vendors)
        """What is due in it."""
        self._absent: dict[str, int] = {}
        """The ids made for vendors that are not served this time."""
        self._in_unit = False
        self._kept: dict[str, Any] = {}
        """Its state as the store has it."""
        self.dropped = False
        self.lag = 0.0
        """Seconds by which membership in rule-based groups trails what it follows from."""
        self.messages = store.collection(name, CORE, MESSAGES)
        self.deliveries = Deliveries(self)
        """The webhooks that vendors send."""

    def own(self, resource: Resource) -> Collection:
        """The core's own documents of one resource in this workspace."""
        return self.store.collection(self.name, CORE, resource)

    def digits(self, purpose: str) -> str:
        """Twenty hexadecimal digits that only this purpose has in this workspace."""
        return Ids(self.seed, self.name, CORE, purpose).hex(20)

    @property
    def fixture(self) -> str | None:
        """What it holds at first, where that is not the server's own fixture: a name, or a text of any length.

        It is a document, since state is written with every unit.
        """
        found = self.own(ORIGIN).get("fixture")
        return None if found is None else str(found["text"])

    @fixture.setter
    def fixture(self, given: str | None) -> None:
        if given is None:
            self.own(ORIGIN).delete("fixture")
        else:
            self.own(ORIGIN).put({"id": "fixture", "text": given})

    def unit(self, *, alone: bool = True) -> AbstractContextManager[object]:
        """The writes inside belong together; nobody else acts upon the workspace meanwhile. May be nested.

        Raises Unwritable at its end, when the store cannot keep them; they are undone then. Without `alone` only this
        server stands back: where others share the store it may raise Conflict, and what is inside has to be done again.
        """
        return _KeptUnit(self, alone) if self.store.keeps else self.lock

    def _begin(self, *, alone: bool) -> _Begun | None:
        """Begin a unit, if this is not within one."""
        if self._in_unit:
            return None
        unit = self.store.begin(self.name, alone=alone)
        try:
            if unit.news:
                self.follow()
        except BaseException:
            unit.undo()  # nobody else would ever have the workspace again
            raise
        self._in_unit = True
        return unit, self._kept, self._kept or self.state()

    def _commit(self, unit: Unit, kept: dict[str, Any], before: dict[str, Any]) -> None:
        """Have the unit kept, or be as before it: `kept` is what the store had of the state, if anything, by then."""
        self._in_unit = False
        state = self._kept if self.dropped else self.state()
        try:
            unit.commit(None if state == self._kept else state)
        except Unwritable:
            unit.undo()
            self.dropped = False
            self.restore(before)
            self._kept = kept
            raise
        except Conflict:
            unit.undo()
            self._take_up(before)
            self._kept = kept
            raise
        self._kept = state

    def refresh(self) -> None:
        """Take in what other servers that share the store have done."""
        with self.lock:
            if not self._in_unit and self.store.sync(self.name):
                self.follow()

    def follow(self) -> None:
        """Take up what the store has taken in of what other servers wrote."""
        self._take_up(self.store.load_state(self.name))
        self.deliveries.follow()

    def clear(self, clock: Clock) -> None:
        """As new, on the time of another clock: nothing stored, nothing due. Vendors' parts are filled again on use."""
        with self.unit():
            fixture = self.fixture
            self.store.drop(self.name)
            self._kept = {}
            self._forget()
            self._absent.clear()
            self.due.call_off()
            self.clock.follow(clock)
            self.fixture = fixture

    def drop(self) -> None:
        """Forget everything, for good."""
        with self.unit():
            self.dropped = True
            self.deliveries.forget()
            self.store.drop(self.name)

    def _forget(self) -> None:
        """Let go of all that was made of the documents."""
        self.parts.clear()
        self.due.timers.clear()
        self.deliveries.forget()
        self.messages = self.store.collection(self.name, CORE, MESSAGES)

    def part(self, vendor: str) -> Part | None:
        """The vendor's part, or None as long as nothing of that vendor was touched."""
        return self.parts.get(vendor)

    def add_part(self, vendor: str, ids_made: int = 0) -> Part:
        """An empty part; the sandbox fills it."""
        ids = Ids(self.seed, self.name, vendor, count=ids_made)
        part = self.parts[vendor] = Part(self, self._vendors[vendor], ids)
        if part.vendor.living is not None:
            self.due.timers[f"living {vendor}"] = Rechecks(part)
        return part

    def _remove_part(self, vendor: str) -> None:
        self.parts.pop(vendor, None)
        self.due.timers.pop(f"living {vendor}", None)

    def drop_part(self, vendor: str) -> None:
        """Forget a vendor's share and what was due for it; its messages go too."""
        self.store.drop(self.name, vendor)
        self._remove_part(vendor)
        self.due.forget(vendor)
        self.deliveries.drop(vendor)
        for collection in (self.messages, self.own(RUNS)):
            for id in collection.ids("vendor", vendor):
                collection.delete(id)

    def state(self) -> dict[str, Any]:
        """What has to last beside the documents, that of vendors which are not served this time included."""
        return {
            "clock": self.due.lasting_clock().setting(),
            "seed": self.seed,
            "lag": self.lag,
            "ids": {name: part.ids.count for name, part in self.parts.items()} | self._absent,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take up what `state` once said, and the documents as they are now.

        Parts named there count as filled, and so do those that hold documents. Raises AttributeError, TypeError or
        ValueError when it makes no sense.
        """
        self._forget()
        self._take_up(state)
        for name, vendor in self._vendors.items():
            held = [self.store.collection(self.name, name, resource).count() for resource in vendor.resources]
            if name not in self.parts and any(held):
                self.add_part(name, _UNKNOWN_COUNT)
        self.deliveries.restore()

    def _take_up(self, state: dict[str, Any]) -> None:
        self._kept = state
        clock = state.get("clock")
        if clock is not None:
            at = clock.get("at")
            self.clock.set(float(clock.get("shift", 0.0)), None if at is None else float(at))
        self.lag = float(state.get("lag", self.lag))
        seed, ids = int(state.get("seed", self.seed)), state.get("ids", {})
        for name in [name for name in self.parts if name not in ids or seed != self.seed]:
            self._remove_part(name)
        self.seed = seed
        for name, made in ids.items():
            if name in self.parts:
                self.parts[name].ids.count = int(made)
            elif name in self._vendors:
                self.add_part(name, int(made))
        self._absent = {name: made for name, made in ids.items() if name not in self._vendors}

    def become(self, other: str, state: dict[str, Any]) -> None:
        """Hold what the store holds under another name, with that state; what was being judged there is judged here."""
        with self.unit():
            self.store.copy(other, self.name)
            self.due.call_off()
            self.restore(state)
            for part in self.parts.values():
                at_once(resume(part))
            self._kept = {}
            self.deliveries.stir()

    def keep_message(self, vendor: str, message: Message) -> None:
        keep(self.messages, vendor, message, self._outbox)

    def begin_messages(self, source: Collection) -> None:
        """Hold the messages of another outbox, and no others."""
        self.messages.copy_from(source)
        trim(self.messages, self._outbox)


class _KeptUnit:
    """A unit of a workspace whose store keeps what is written; see `Workspace.unit`."""

    __slots__ = ("_alone", "_begun", "_workspace")

    def __init__(self, workspace: Workspace, alone: bool) -> None:
        self._workspace = workspace
        self._alone = alone
        self._begun: _Begun | None = None

    def __enter__(self) -> None:
        lock = self._workspace.lock
        lock.__enter__()
        try:
            self._begun = self._workspace._begin(alone=self._alone)
        except BaseException:
            lock.__exit__()
            raise

    def __exit__(self, *_: object) -> None:
        try:
            if self._begun is not None:
                self._workspace._commit(*self._begun)
        finally:
            self._workspace.lock.__exit__()
