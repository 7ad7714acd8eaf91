"""Workspaces as they were at one moment, kept under a name: to go back to, to hand on as a file, to start others from.

A snapshot lies in the server's own store, so it lasts as long as that does; in memory it takes neither time nor room
until what it was taken of changes. As a file it is one JSON object:

    lookalike    {"version": 1}
    name         what it was kept under
    made_at      when, on the clock of the workspaces to come
    workspaces   by name: `state` (clock, seed, id counters) and `documents`, a list for each `vendor/resource`

Webhooks and tasks that were due come back with it, so that webhooks which were sent since are sent again; requests,
fault rules and rules for workspaces to come do not.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import orjson

from lookalike.agenda import TASKS
from lookalike.clock import Clock
from lookalike.credentials import WORKSPACE_NAME, WORKSPACE_RULE
from lookalike.ids import fresh_token
from lookalike.limits import WINDOWS
from lookalike.messages import MESSAGES
from lookalike.outbox.modes import MODES
from lookalike.outbox.records import DELIVERIES
from lookalike.runs import RUNS
from lookalike.stores import Order, Resource, Unfit, Unwritable
from lookalike.stores.collection import Document
from lookalike.stores.memory import MemoryStore
from lookalike.stores.showing import compact
from lookalike.workspace import CORE, ORIGIN, Workspace

if TYPE_CHECKING:
    from lookalike.sandbox import Sandbox

VERSION = 1
"""Of the file. What would make an older lookalike misread it has to raise this."""

KEPT = Resource("snapshots", orders=(Order("id"),))
"""id (the name), made_at, and `workspaces`: for each its name and state."""

PREFIX = ".snapshot "
"""Begins the names under which the store keeps the workspaces of snapshots; no credential can carry them."""

_CORE_RESOURCES = (ORIGIN, TASKS, MESSAGES, DELIVERIES, MODES, RUNS, WINDOWS)


class SnapshotError(ValueError):
    """What is said to be a snapshot is none; the message is one sentence without its full stop."""


class Snapshots:
    """The snapshots of one server."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._store = sandbox.store
        self.lock = threading.RLock()

    @property
    def _kept(self) -> Any:
        return self._sandbox.home.own(KEPT)

    def all(self) -> list[Document]:
        """Of each its `id`, `made_at` and `workspaces`, by name."""
        return list(self._kept.scan())

    def get(self, name: str) -> Document | None:
        """The one of that name."""
        found: Document | None = self._kept.get(name)
        return found

    # --- taking and going back --------------------------------------------------------------------------------

    def save(self, name: str, workspace: str | None = None) -> Document:
        """Keep all workspaces, or one, as they are now; each at a moment between two of its requests.

        Replaces a snapshot of that name. Raises KeyError when there is no such workspace, and Unwritable.
        """
        taken = self._sandbox.workspaces
        names = list(taken) if workspace is None else [taken[workspace].name]
        with self.lock:
            states: dict[str, Any] = {}
            for one in names:
                with taken[one].unit():
                    states[one] = taken[one].state()
                    with self._unit(name, one):
                        self._store.copy(one, _place(name, one))
            return self._note(name, states)

    def restore(self, name: str, workspace: str | None = None) -> list[str]:
        """Go back: every workspace of the snapshot, or one of them; others stay as they are. Says which ones.

        Raises KeyError when there is no such snapshot, or nothing of that workspace in it, and Unwritable.
        """
        with self.lock:
            states = self._states(name)
            if workspace is not None:
                states = {workspace: states[workspace]}
            self._catch_up(name, states)
            for one, state in states.items():
                self._sandbox.workspace(one).become(_place(name, one), state)
            return list(states)

    def _catch_up(self, name: str, workspaces: Iterable[str]) -> None:
        """Take in what other servers that share the store keep of these under the name. Raises Unwritable."""
        self._store.sync(*(_place(name, one) for one in workspaces))

    def _states(self, name: str) -> dict[str, Any]:
        found = self._kept.get(name)
        if found is None:
            raise KeyError(name)
        return {one["name"]: one["state"] for one in found["workspaces"]}

    def tidy(self) -> None:
        """Drop what a server that was killed has left half taken."""
        known = {_place(kept["id"], one["name"]) for kept in self.all() for one in kept["workspaces"]}
        for place in self._store.workspaces():
            if place.startswith(PREFIX) and place not in known:
                self._store.drop(place)

    def drop(self, name: str) -> bool:
        """Forget a snapshot; false when there is none of that name."""
        with self.lock:
            if self._kept.get(name) is None:
                return False
            with self._sandbox.home.unit():
                self._kept.delete(name)
            self._drop_places(name, ())
            return True

    def _note(self, name: str, states: dict[str, Any]) -> Document:
        home = self._sandbox.home
        kept = {
            "id": name,
            "made_at": home.clock.iso(),
            "workspaces": [{"name": one, "state": state} for one, state in states.items()],
        }
        with home.unit():
            self._kept.put(kept)
        self._drop_places(name, states)
        return kept

    def _drop_places(self, name: str, but: Any) -> None:
        """Drop what the store keeps under the name, `but` these workspaces."""
        wanted = {_place(name, one) for one in but}
        for place in self._store.workspaces():
            if place.startswith(_place(name, "")) and place not in wanted:
                self._store.sync(place)
                self._store.drop(place)

    @contextmanager
    def _unit(self, name: str, workspace: str) -> Iterator[None]:
        unit = self._store.begin(_place(name, workspace)) if self._store.keeps else None
        try:
            yield
        except BaseException:
            if unit is not None:
                unit.undo()
            raise
        if unit is not None:
            try:
                unit.commit(None)
            except Unwritable:
                unit.undo()
                raise

    # --- as a file --------------------------------------------------------------------------------------------

    def data(self, name: str) -> dict[str, Any]:
        """A snapshot as a file holds it, its documents as prepared JSON. Raises KeyError."""
        with self.lock:
            kept = self._kept.get(name)
            if kept is None:
                raise KeyError(name)
            states = {one["name"]: (one["state"], _place(name, one["name"])) for one in kept["workspaces"]}
            self._catch_up(name, states)
            return self._file(name, kept["made_at"], states)

    def write(self, path: str) -> None:
        """Write all workspaces as they are now to a file, which is replaced as a whole. Raises OSError."""
        workspaces = self._sandbox.workspaces
        states = {name: (workspace.state(), name) for name, workspace in workspaces.items()}
        draft = f"{path}.new"
        try:
            with open(draft, "wb") as file:
                file.write(orjson.dumps(self._file(None, self._sandbox.home.clock.iso(), states)) + b"\n")
            os.replace(draft, path)
        except OSError:
            with suppress(OSError):
                os.unlink(draft)
            raise

    def _file(self, name: str | None, made_at: str, states: dict[str, tuple[Any, str]]) -> dict[str, Any]:
        return {
            "lookalike": {"version": VERSION},
            "name": name,
            "made_at": made_at,
            "workspaces": {
                one: {
                    "state": state,
                    "documents": {
                        f"{vendor}/{resource}": orjson.Fragment(b"[%b]" % b",".join(texts))
                        for vendor, resource, texts in self._store.texts(place)
                        if texts
                    },
                }
                for one, (state, place) in states.items()
            },
        }

    def take_in(self, name: str, told: Any) -> Document:
        """Keep what a file holds under a name. Raises SnapshotError and changes nothing, or Unwritable."""
        workspaces = _checked(told)
        with self.lock:
            draft = f" {fresh_token()}"  # a place that nobody else has, until all of it is known to fit
            try:
                for one, content in workspaces.items():
                    self._lay_down(_place(draft, one), content["documents"])
                    self._try_out(one, _place(draft, one))
                for one in workspaces:
                    with self._unit(name, one):
                        self._store.copy(_place(draft, one), _place(name, one))
            finally:
                self._drop_places(draft, ())
            return self._note(name, {one: content["state"] for one, content in workspaces.items()})

    def _lay_down(self, place: str, documents: dict[str, Any]) -> None:
        for told, rows in documents.items():
            vendor, _, resource = told.partition("/")
            self._store.lay_down(place, vendor, resource, {row["id"]: compact(row) for row in rows})

    def _try_out(self, workspace: str, place: str) -> None:
        """Read all that anybody here knows how to read. Raises SnapshotError."""
        resources = [(vendor.name, one) for vendor in self._sandbox.vendors.values() for one in vendor.resources]
        try:
            for vendor, resource in [*resources, *((CORE, one) for one in _CORE_RESOURCES)]:
                self._store.collection(place, vendor, resource)
        except Unfit as error:
            raise SnapshotError(
                f"workspace {workspace!r}, {error.place[1]}/{error.place[2]}: {error.trouble}"
            ) from None


def _place(snapshot: str, workspace: str) -> str:
    return f"{PREFIX}{snapshot} {workspace}"


def _checked(told: Any) -> dict[str, Any]:
    """The workspaces of a file. Raises SnapshotError."""
    if not isinstance(told, dict) or not isinstance(told.get("lookalike"), dict):
        raise SnapshotError("it is no snapshot of lookalike")
    version = told["lookalike"].get("version")
    if version != VERSION:
        raise SnapshotError(f"it is of version {version}, and this lookalike reads {VERSION}")
    workspaces = told.get("workspaces")
    if not isinstance(workspaces, dict) or not workspaces:
        raise SnapshotError("it holds no workspaces")
    for name, content in workspaces.items():
        _check(name, content)
    return workspaces


def _check(name: str, content: Any) -> None:
    if not WORKSPACE_NAME.fullmatch(name):
        raise SnapshotError(f"workspace {name!r} cannot be: {WORKSPACE_RULE}")
    if not isinstance(content, dict) or not {"state", "documents"} <= content.keys():
        raise SnapshotError(f"workspace {name!r} lacks its state or its documents")
    try:
        Workspace(name, MemoryStore(), {}, 0, Clock()).restore(content["state"])
    except (AttributeError, TypeError, ValueError):
        raise SnapshotError(f"workspace {name!r} has a state that makes no sense") from None
    documents = content["documents"]
    if not isinstance(documents, dict) or not all(map(_is_table, documents.items())):
        raise SnapshotError(f"workspace {name!r} has documents that are not lists of objects with an id")


def _is_table(table: tuple[str, Any]) -> bool:
    name, rows = table
    return (
        name.count("/") == 1
        and isinstance(rows, list)
        and all(isinstance(row, dict) and isinstance(row.get("id"), str) for row in rows)
    )
