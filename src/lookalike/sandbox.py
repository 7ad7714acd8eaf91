"""What one server owns: vendors and workspaces, and everything that stands around them."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import cached_property

from lookalike.changes import Changes
from lookalike.clock import Clock, parse_duration
from lookalike.credentials import DEFAULT_WORKSPACE, WORKSPACE_NAME, Credentials
from lookalike.environment import Address
from lookalike.faults import Faults
from lookalike.ids import fresh_token
from lookalike.living import doubt_all, resume
from lookalike.outbox.destinations import Destinations
from lookalike.outbox.post import Outbox
from lookalike.part import Part
from lookalike.pieces import at_once
from lookalike.serving import Service, Witness
from lookalike.settings import Settings
from lookalike.sinks import Sinks
from lookalike.snapshots import PREFIX, Snapshots
from lookalike.steward import Steward
from lookalike.stores import Resource, StoreError, Unwritable, open_store
from lookalike.templates import Template, Templates
from lookalike.vendor import Vendor, known
from lookalike.workspace import Workspace

log = logging.getLogger("lookalike")

_HOME = ".server"

LAG = Resource("lag")
"""Of the server as a whole, where it was told another one than its settings say."""


class Sandbox:
    """The state of one server. Two of them may live in one process; nothing here is global.

    `witness`: see `Service`.
    """

    _listed: frozenset[str] = frozenset()
    """The workspaces that the store knew of when it was asked last, where other servers share it."""

    def __init__(self, settings: Settings, witness: Witness | None = None) -> None:
        self.settings = settings
        self.vendors = self._chosen(settings)
        self.store = open_store(settings.store)
        self.clock = Clock()
        """The time that workspaces start with."""
        self.home = Workspace(_HOME, self.store, {}, settings.seed, self.clock)
        """What belongs to the server as a whole, in a workspace that no credential can name."""
        self.faults = Faults(self.home)
        self.journal = self.store.open_journal(settings.journal)
        self._lag = parse_duration(settings.lag)
        self.workspaces: dict[str, Workspace] = {}
        self.changes = Changes()
        """Told whenever something has happened that `POST wait` may wait for."""
        self.outbox = Outbox(Destinations(settings.webhook_hosts), self.changes)
        """Who sends the vendors' webhooks."""
        self.urls: dict[str, str] = {name: f"/{name}{vendor.base_path}" for name, vendor in self.vendors.items()}
        """The base URL of each vendor; the server that knows its own address makes them absolute."""
        self.address = Address()
        """Where the server is, as far as the sandbox was told."""
        self.control_token = settings.control_token or (None if settings.is_loopback else fresh_token())
        """What the control API asks for; None where it only serves the machine it runs on."""
        self.ready = False
        """Whether the default workspace is filled, after which the server may call itself ready."""
        self._templates = Templates(self.vendors)
        self._lock = threading.RLock()
        self.credentials = Credentials(settings.read_strict_keys())
        self.service = Service(self, witness)
        """Who answers the vendors' requests."""
        self._restore()

    @cached_property
    def _steward(self) -> Steward:
        """Who looks after what other servers leave behind."""
        return Steward(self)

    @cached_property
    def snapshots(self) -> Snapshots:
        """Workspaces as they were at one moment."""
        return Snapshots(self)

    @cached_property
    def sinks(self) -> Sinks:
        """Who receives webhooks where there is no app yet."""
        return Sinks()

    @staticmethod
    def _chosen(settings: Settings) -> dict[str, Vendor]:
        vendors = known()
        return {name: vendors[name]() for name in settings.chosen_vendors(sorted(vendors))}

    # --- workspaces -------------------------------------------------------------------------------------------

    @property
    def lag(self) -> float:
        """By how much membership lags in workspaces yet to come; None sets it to what the settings say."""
        told = self.home.own(LAG).get("lag")
        return self._lag if told is None else float(told["seconds"])

    @lag.setter
    def lag(self, seconds: float | None) -> None:
        if seconds is None:
            self.home.own(LAG).delete("lag")
        else:
            self.home.own(LAG).put({"id": "lag", "seconds": seconds})

    def workspace(self, name: str) -> Workspace:
        """The workspace of that name, made on first use."""
        found = self.workspaces.get(name)
        if found is not None:
            return found
        with self._lock:
            if name not in self.workspaces:
                settings, clock = self.settings, self.clock.copy()
                made = Workspace(name, self.store, self.vendors, settings.seed, clock, outbox=settings.messages)
                made.lag = self.lag
                made.deliveries.outbox = self.outbox
                made.deliveries.any_url = settings.webhook_urls == "any"
                self.workspaces[name] = made
            return self.workspaces[name]

    def part(self, workspace: Workspace, vendor: Vendor) -> Part:
        """A vendor's share of a workspace, filled from the fixture on first use. Call it under the workspace's lock."""
        part = workspace.part(vendor.name)
        if part is None:
            template = self._template(workspace)
            part = workspace.add_part(vendor.name)
            template.fill(part)
        return part

    def _template(self, workspace: Workspace) -> Template:
        return self._templates.get(workspace.fixture or self.settings.fixture, workspace.seed)

    def tell(self, fixture: str | None, seed: int | None) -> None:
        """Have every vendor tell a fixture (a name, a file or YAML text), so that filling a workspace is quick later.

        None means the server's own. Raises FixtureError.
        """
        template = self._templates.get(fixture or self.settings.fixture, self.settings.seed if seed is None else seed)
        for vendor in self.vendors:
            template.store(vendor)

    def reset(self, workspace: str | None = None, vendor: str | None = None) -> list[str]:
        """Back to the fixture: data, ids, scheduled work and, for whole workspaces, the clock. Says which ones."""
        if workspace is None and vendor is None:
            with self.home.unit():
                self.clock.resume()
                self.lag = None
            self.sinks.clear()
        for found in self._concerned(workspace):
            with found.unit():
                filled = [name for name in found.parts if vendor in (None, name)]
                if vendor is None:
                    found.clear(self.clock)
                    found.lag = self.lag
                else:
                    found.drop_part(vendor)
                for name in filled:
                    self.part(found, self.vendors[name])
        return [workspace] if workspace is not None else list(self.workspaces)

    def _concerned(self, workspace: str | None) -> list[Workspace]:
        names = list(self.workspaces) if workspace is None else [workspace]
        return [self.workspaces[name] for name in names if name in self.workspaces]

    def fork(self, source: str, name: str) -> None:
        """Make a workspace that begins as another one is now. Raises KeyError when there is none to begin as.

        It is a copy for another purpose: webhooks that are under way stay the origin's, which alone sends them.
        """
        origin = self.workspaces[source]
        with origin.unit():
            made = self.workspace(name)
            try:
                with made.unit():
                    made.become(source, origin.state())
                    made.deliveries.drop_under_way()
            except Unwritable:
                del self.workspaces[name]
                raise

    def drop(self, name: str) -> bool:
        """Forget a workspace; false when there is none of that name."""
        found = self.workspaces.get(name)
        if found is None:
            return False
        found.drop()
        del self.workspaces[name]
        self.journal.drop(name)
        self.faults.drop(name)
        return True

    def move_clock(self, change: Callable[[Clock], None], workspace: str | None = None) -> int:
        """Change the clock of one workspace, or of all and of those yet to come; says how much fell due on the way.

        Returns when all that fell due is done. A ValueError that `change` raises leaves every clock as it was.
        """
        concerned = self._concerned(None) if workspace is None else [self.workspace(workspace)]
        goals = [(found, _changed(found.clock, change)) for found in concerned]
        if workspace is None:
            with self.home.unit():
                self.clock.follow(_changed(self.clock, change))
        return sum(self.outbox.walk(found, goal) for found, goal in goals)

    def catch_up(self, workspace: Workspace) -> None:
        """Take in what other servers that share the store have done, as far as a request in a workspace sees it."""
        with self.home.lock, workspace.lock:
            for name in self.store.sync(self.home.name, workspace.name):
                (workspace if name == workspace.name else self.home).follow()

    def refresh(self) -> None:
        """Take in what other servers that share the store have done, in every workspace. Raises Unwritable."""
        if not self.store.shared:
            return
        names = frozenset(name for name in self.store.workspaces() if WORKSPACE_NAME.fullmatch(name))
        for name in (self._listed - names) & self.workspaces.keys():
            self.workspaces.pop(name).deliveries.forget()
        self._listed = names
        for workspace in (self.home, *map(self.workspace, sorted(names))):
            workspace.refresh()

    def prepare(self) -> None:
        """Fill the default workspace, so that *ready* means seeded. Raises StoreError."""
        try:
            self.fill(self.workspace(DEFAULT_WORKSPACE))
        except Unwritable as error:
            raise StoreError(error.sentence) from None
        for found in self.workspaces.values():  # what a stop has left unsent and undone
            found.deliveries.stir()
            with found.unit():
                for part in found.parts.values():
                    if self.store.edited:
                        doubt_all(part)
                    at_once(resume(part))
        if self.store.shared:
            self._steward.start()
        self.ready = True

    def fill(self, workspace: Workspace) -> None:
        """Fill every vendor's share of a workspace that was not used yet."""
        with workspace.unit():
            if workspace.parts or workspace.messages.count():
                for vendor in self.vendors.values():
                    self.part(workspace, vendor)
            else:
                template = self._template(workspace)
                template.fill_all([workspace.add_part(name) for name in self.vendors])

    # --- lasting ----------------------------------------------------------------------------------------------

    def _restore(self) -> None:
        names = self.store.workspaces()
        self.store.sync(*names)
        try:
            for name in names:
                if not name.startswith(PREFIX):
                    self._restore_one(name)
            if not self.store.shared:  # another server may be taking one just now
                self.snapshots.tidy()
        except BaseException:
            self.store.close()
            raise
        self.store.hold_by(self._lock_of)

    def _restore_one(self, name: str) -> None:
        workspace = self.home if name == _HOME else self.workspace(name)
        try:
            workspace.restore(self.store.load_state(name))
        except (AttributeError, TypeError, ValueError):
            store = re.sub("//.*@", "//", self.settings.store)  # a password is nobody's business
            message = f"store {store!r} holds a state of workspace {name!r} that makes no sense: mend or delete it"
            raise StoreError(message) from None

    def _lock_of(self, name: str) -> AbstractContextManager[object]:
        if name.startswith(PREFIX):
            return self.snapshots.lock
        workspace = self.home if name == _HOME else self.workspaces.get(name)
        return nullcontext() if workspace is None else workspace.lock

    def close(self) -> None:
        """Send nothing more, let those go who wait, and let go of the store, with everything written."""
        if self.store.shared:
            self._steward.stop()
        self.outbox.close()
        self.changes.close()
        if self.settings.snapshot_on_exit is not None:
            self._write_snapshot(self.settings.snapshot_on_exit)
        self.store.close()

    def _write_snapshot(self, path: str) -> None:
        with suppress(Unwritable):  # then as they were when that could be asked last
            self.refresh()
        try:
            self.snapshots.write(path)
        except OSError as error:
            log.error("the snapshot %s cannot be written: %s", path, error.strerror)


def _changed(clock: Clock, change: Callable[[Clock], None]) -> Clock:
    goal = clock.copy()
    change(goal)
    return goal
