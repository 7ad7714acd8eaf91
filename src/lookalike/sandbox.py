"""What one server owns, and the one place that decides the order in which a request is handled."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property, partial
from itertools import count
from typing import Any

from lookalike import parsing
from lookalike.answer import Answer, Lengthy, json_answer
from lookalike.call import Call
from lookalike.changes import Changes
from lookalike.clock import Clock, monotonic, parse_duration
from lookalike.environment import Address
from lookalike.faults import Faults
from lookalike.ids import fresh_token
from lookalike.limits import WINDOWS, Windows
from lookalike.living import resume
from lookalike.outbox.destinations import Destinations
from lookalike.outbox.post import Outbox
from lookalike.problem import Problem
from lookalike.routes import Operation
from lookalike.settings import Settings
from lookalike.sinks import Sinks
from lookalike.snapshots import PREFIX, Snapshots
from lookalike.steward import Steward
from lookalike.stores import Conflict, StoreError, Unwritable, open_store
from lookalike.templates import Template, Templates
from lookalike.vendor import Vendor, known
from lookalike.workspace import Part, Workspace

log = logging.getLogger("lookalike")

Witness = Callable[[Call, Answer, BaseException | None], None]

PATIENCE = 5
"""How often a request is handled again since another server has written first, before the others have to stand back."""

DEFAULT_WORKSPACE = "default"
_HOME = ".server"
WORKSPACE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
WORKSPACE_RULE = "a workspace's name has 1 to 64 letters, digits, dots, dashes and underscores"
MAGIC = ("invalid", "restricted")
"""What a credential may hold to be refused as a bad one, or as one without permission."""


class Sandbox:
    """The state of one server. Two of them may live in one process; nothing here is global.

    `witness` is told of every answered call, and of the unexpected exception behind a 500 if there was one.
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
        self.lag = parse_duration(settings.lag)
        """By how much membership lags in workspaces yet to come."""
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
        self._strict_keys = settings.read_strict_keys()
        self._witness = witness
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

    # --- the way of a request ---------------------------------------------------------------------------------

    def serve(self, call: Call) -> Answer:
        """Answer one call: identify, faults around ( gate, limits, authenticate, parse, handle ), dress, journal."""
        started = monotonic()
        trouble: BaseException | None = None
        try:
            answer = self._identify(call)
            if answer is None:
                concerned = self.faults.concern(call)
                answer = self.faults.around(call, self._answer) if concerned else self._answer(call)
        except Problem as problem:
            answer = call.vendor.render(call, problem)
        except Exception as error:
            trouble = error
            answer = self._failed(call)
        if answer.pending is not None:
            return Answer(0, pending=partial(self._finish_later, call, answer.pending, started))
        return self._finish(call, answer, started, trouble)

    def _finish_later(self, call: Call, pending: Callable[[], Answer], started: float) -> Answer:
        try:
            return self._finish(call, pending(), started, None)
        except Exception as error:
            return self._finish(call, self._failed(call), started, error)

    @staticmethod
    def _failed(call: Call) -> Answer:
        log.exception("%s %s failed", call.method, call.path)
        return call.vendor.render(call, Problem("internal"))

    def _finish(self, call: Call, answer: Answer, started: float, trouble: BaseException | None) -> Answer:
        call.vendor.dress(call, answer)
        if call.effect is not None:
            answer.effect = call.effect
        self.journal.record(call, answer, monotonic() - started)
        self.changes.notify()
        if self._witness is not None:
            self._witness(call, answer, trouble)
        return answer

    def _identify(self, call: Call) -> Answer | None:
        """Find the workspace; a key that the vendor would refuse is refused later, in `_authenticate`.

        A name that no workspace can have is refused here: its caller must not meet others in the default one.
        """
        try:
            call.key = call.vendor.read_key(call)
        except Problem as problem:
            call.notes["refusal"] = problem
        name = self._workspace_name(call)
        known = WORKSPACE_NAME.fullmatch(name) is not None
        call.workspace = self.workspace(name if known else DEFAULT_WORKSPACE)
        self._take_in(call.workspace)
        call.part = call.workspace.part(call.vendor.name) or self._fresh_part(call.workspace, call.vendor)
        if known:
            return None
        refusal = json_answer(400, {"error": f"Workspace {name!r} cannot be: {WORKSPACE_RULE}."})
        refusal.headers.append(("X-Lookalike-Status", "bad_workspace"))
        return refusal

    def _take_in(self, workspace: Workspace) -> None:
        """What other servers that share the store have done meanwhile."""
        if self.store.shared:
            with self.home.lock, workspace.lock:
                for name in self.store.sync(self.home.name, workspace.name):
                    (workspace if name == workspace.name else self.home).follow()

    @staticmethod
    def _workspace_name(call: Call) -> str:
        name = call.header("X-Lookalike-Workspace")
        if name is None and call.key is not None:
            name = call.key.rpartition("~")[2] if "~" in call.key else None
        return name or DEFAULT_WORKSPACE

    def _answer(self, call: Call) -> Answer:
        try:
            return self._act(call)
        except Problem as problem:
            return call.vendor.render(call, problem)

    def _act(self, call: Call) -> Answer:
        vendor, operation = call.vendor, call.operation
        early = vendor.gate(call)
        if early is not None:
            return early
        if self.settings.rate_limits == "vendor":
            self._limit(call)
        result = self._handle(call)
        if isinstance(result, Answer) or operation is None:
            return result  # type: ignore[no-any-return]  # what has no route is answered
        if isinstance(result, Lengthy):
            if call.faults:  # they look at finished answers
                return self._work(call, operation, result)
            return Answer(0, pending=partial(self._work, call, operation, result))
        return json_answer(operation.status, result, vendor.content_type)

    def _handle(self, call: Call) -> Any:
        """What the handler returns; once more where another server that shares the store has come between."""
        result: Any = None
        for attempt in count():
            try:
                with call.workspace.unit(alone=attempt >= PATIENCE):
                    result = self._handled(call)
                break
            except Conflict:
                call.workspace.refresh()
            except Unwritable:
                # What is only noted by the way (a key's last use) is no reason to refuse a read.
                if result is None or self.store.shared or call.method not in ("GET", "HEAD"):
                    raise
                break
        return result

    def _handled(self, call: Call) -> Any:
        # Once more, under the lock that the handler runs in: a reset may have come between.
        call.part = self.part(call.workspace, call.vendor)
        operation = call.operation
        if operation is None:
            return self._unrouted(call)
        if not operation.public:
            self._authenticate(call)
        arguments: dict[str, Any] = dict(call.params)
        if operation.query is not None:
            arguments["query"] = parsing.read_query(call, operation.query)
        if operation.body is not None:
            arguments["body"] = parsing.read_body(call, operation.body)
        call.workspace.run_due()
        return operation.handler(call, **arguments)

    @staticmethod
    def _told(vendor: Vendor, operation: Operation, result: Any) -> Answer:
        return result if isinstance(result, Answer) else json_answer(operation.status, result, vendor.content_type)

    def _work(self, call: Call, operation: Operation, work: Lengthy) -> Answer:
        """The answer of lengthy work, once it is done."""
        try:
            return self._told(call.vendor, operation, work.run())
        except Problem as problem:
            return call.vendor.render(call, problem)

    def _limit(self, call: Call) -> None:
        for limit in call.vendor.limits(call):
            with call.workspace.unit():
                standing = Windows(call.workspace.own(WINDOWS)).count(limit, call.clock.now())
            call.notes["standing"] = standing
            if standing.exceeded:
                raise Problem("rate_limited", retry_after=standing.retry_after)

    def _unrouted(self, call: Call) -> Answer:
        """501 for what the vendor documents and we lack; else the vendor's own 404 or 405."""
        entry = call.vendor.coverage.planned(call.method, call.path)
        if entry is None:
            call.vendor.unrouted(call, call.allowed)
            raise Problem("no_route")
        self._authenticate(call)
        message = f"lookalike does not implement {entry.id} ({entry.method} {entry.paths[0]}) yet"
        answer = call.vendor.render(call, Problem("unimplemented", message, code="unimplemented"))
        answer.headers.append(("X-Lookalike-Status", "unimplemented"))
        call.notes["unimplemented"] = entry.id
        return answer

    def _authenticate(self, call: Call) -> None:
        refusal = call.notes.get("refusal")
        if refusal is not None:
            raise refusal
        key = call.key or ""
        if MAGIC[0] in key or (self._strict_keys is not None and key not in self._strict_keys):
            raise Problem("unauthorized", reason="unknown")
        call.restricted = MAGIC[1] in key
        call.vendor.permit(call)

    # --- workspaces -------------------------------------------------------------------------------------------

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

    def sample_key(self, vendor: Vendor, workspace: str = DEFAULT_WORKSPACE) -> str | None:
        """A credential of a vendor that works in a workspace, or None where the strict keys hold none."""
        if self._strict_keys is None:
            return vendor.sample_key if workspace == DEFAULT_WORKSPACE else f"{vendor.sample_key}~{workspace}"
        tagged = ((key, key.rpartition("~")[2] if "~" in key else "") for key in sorted(self._strict_keys))
        fitting = (key for key, tag in tagged if (tag or DEFAULT_WORKSPACE) == workspace)
        return next((key for key in fitting if _is_well_formed(vendor, key)), None)

    def _fresh_part(self, workspace: Workspace, vendor: Vendor) -> Part:
        with workspace.unit():
            return self.part(workspace, vendor)

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
            self.sinks.clear()
            self.lag = parse_duration(self.settings.lag)
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
        """Make a workspace that begins as another one is now. Raises KeyError when there is none to begin as."""
        origin = self.workspaces[source]
        with origin.unit():
            made = self.workspace(name)
            try:
                made.become(source, origin.state())
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
                    resume(part)
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
            message = f"store {self.settings.store!r} holds a state of workspace {name!r} that makes no sense"
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
        try:
            self.snapshots.write(path)
        except OSError as error:
            log.error("the snapshot %s cannot be written: %s", path, error.strerror)


def _is_well_formed(vendor: Vendor, key: str) -> bool:
    path = f"{vendor.base_path}/"
    name, value = vendor.key_header(key, path)
    header = f"HTTP_{name.upper().replace('-', '_')}"
    try:
        return vendor.read_key(Call({"REQUEST_METHOD": "GET", header: value}, vendor, "", path)) == key
    except Problem:
        return False


def _changed(clock: Clock, change: Callable[[Clock], None]) -> Clock:
    goal = clock.copy()
    change(goal)
    return goal
