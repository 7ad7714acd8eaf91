"""What fresh workspaces hold: a fixture as every vendor tells it, told once for all workspaces that start with it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator

from lookalike.clock import Clock
from lookalike.living import catch_up, doubt, resume
from lookalike.messages import Message
from lookalike.part import Part
from lookalike.pieces import at_once
from lookalike.seeding import load_fixture
from lookalike.stores import Collection, Store
from lookalike.stores.memory import MemoryStore
from lookalike.vendor import Vendor
from lookalike.workspace import CORE, Workspace

_NAME = ".fixture"
"""A workspace that no credential can name, since ids follow from names."""

KEPT = 16
"""How many fixtures are kept told; one that is asked for again after so many others is told again."""


class Template:
    """One fixture with one seed. Raises FixtureError when it is made of what is none."""

    def __init__(self, vendors: dict[str, Vendor], fixture: str, seed: int) -> None:
        self._vendors = vendors
        self._seed = seed
        self._audience = load_fixture(fixture, seed)
        self._stores: dict[str, Store] = {}
        self._outbox: Collection | None = None
        """The messages of all vendors."""
        self._lock = threading.Lock()

    def fill(self, part: Part) -> None:
        """Put into an empty part what the fixture says, in its vendor's terms."""
        for message in self._messages(part.vendor.name):
            part.keep_message(message)
        self._fill(part)

    def fill_all(self, parts: list[Part]) -> None:
        """The same for every part of a workspace that holds nothing yet; it takes all their messages over at once."""
        if self._outbox is None:
            outbox = Workspace(_NAME, MemoryStore(), self._vendors, self._seed, Clock())
            for part in parts:
                for message in self._messages(part.vendor.name):
                    outbox.keep_message(part.vendor.name, message)
            self._outbox = outbox.messages
        parts[0].workspace.begin_messages(self._outbox)
        for part in parts:
            self._fill(part)

    def _fill(self, part: Part) -> None:
        name = part.vendor.name
        for source in self.store(name).collections(_NAME, name):
            part.collection(source.resource).copy_from(source)
        if part.clock.now() < self._audience.now:
            doubt(part)
            at_once(resume(part))

    def _messages(self, vendor: str) -> Iterator[Message]:
        for _, messages in self.store(vendor).contents(_NAME, CORE):
            yield from messages

    def store(self, vendor: str) -> Store:
        """What the vendor makes of it; told on first use."""
        with self._lock:
            if vendor not in self._stores:
                store, clock = MemoryStore(), Clock(frozen=self._audience.now)
                workspace = Workspace(_NAME, store, self._vendors, self._seed, clock)
                part = workspace.add_part(vendor)
                self._vendors[vendor].seed(part, self._audience)
                catch_up(part)
                self._stores[vendor] = store
            return self._stores[vendor]


class Templates:
    """The fixtures of one server that are told already, by name (or text) and seed."""

    def __init__(self, vendors: dict[str, Vendor]) -> None:
        self._vendors = vendors
        self._made: OrderedDict[tuple[str, int], Template] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, fixture: str, seed: int) -> Template:
        """The fixture, read if need be. Raises FixtureError."""
        key = fixture, seed
        with self._lock:
            found = self._made.get(key)
            if found is not None:
                self._made.move_to_end(key)
                return found
        # Not under the lock: a large one takes seconds, and other workspaces are filled meanwhile.
        made = Template(self._vendors, fixture, seed)
        with self._lock:
            made = self._made.setdefault(key, made)
            if len(self._made) > KEPT:
                self._made.popitem(last=False)
        return made
