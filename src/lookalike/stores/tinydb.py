"""`tinydb:PATH`: the memory store, loaded from a TinyDB file at start and written behind to it.

The file is TinyDB's own JSON, one document a line, for people to read and (while the server is stopped) to edit: a
table `vendor/workspace/resource` for every collection, and the table `workspaces` with each one's clock and id
counters. It is written within a second of a change, and on close; what a killed process had not yet written is lost.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext

import orjson

from lookalike.stores import StoreError
from lookalike.stores.collection import Collection, Document, Duplicate, Resource
from lookalike.stores.memory import MemoryCollection, MemoryStore, compact
from lookalike.stores.tinydb_file import FileLock, FileStorage

log = logging.getLogger("lookalike")

DELAY = 0.5
"""Seconds from a change to the writing of it."""
_STATES = "workspaces"

Place = tuple[str, str, str]
"""Workspace, vendor and resource."""


class TinyCollection(MemoryCollection):
    """A collection that tells its store of every change."""

    __slots__ = ("_changed",)

    def __init__(self, resource: Resource, workspace: str, changed: Callable[[], None]) -> None:
        self._changed = changed
        super().__init__(resource, workspace)

    def put(self, document: Document) -> None:
        super().put(document)
        self._changed()

    def delete(self, id: str) -> bool:
        deleted = super().delete(id)
        if deleted:
            self._changed()
        return deleted

    def clear(self) -> None:
        super().clear()
        self._changed()

    def copy_from(self, source: Collection) -> None:
        super().copy_from(source)
        self._changed()


class TinyStore(MemoryStore):
    """See `Store`. Documents of collections that nobody asked for yet wait as they were read, and are kept."""

    def __init__(self, path: str) -> None:
        super().__init__()
        path = os.path.expanduser(path)
        self.path = path
        self._lock = FileLock(path)
        self._file = FileStorage(path)
        self._waiting: dict[Place, list[bytes]] = {}
        self._hold: Callable[[str], AbstractContextManager[None]] = lambda _workspace: nullcontext()
        self._writing = threading.Lock()
        self._changes = threading.Event()
        self._closing = threading.Event()
        self._trouble = ""
        try:
            self._read()
        except BaseException:
            self._lock.release()
            raise
        self._writer = threading.Thread(target=self._write_behind, name="lookalike-store", daemon=True)
        self._writer.start()

    # --- reading ----------------------------------------------------------------------------------------------

    def _read(self) -> None:
        for name, table in (self._file.read() or {}).items():
            documents = list(table.values())
            if name == _STATES:
                self._states.update((state.pop("workspace"), state) for state in self._checked(name, documents))
            elif documents:
                place = self._place(name)
                self._waiting[place] = [compact(one) for one in self._checked(name, documents)]

    def _place(self, table: str) -> Place:
        parts = table.split("/")
        if len(parts) != 3:
            raise StoreError(f"store file {self.path} has a table {table!r}, which is not vendor/workspace/resource")
        vendor, workspace, resource = parts
        return workspace, vendor, resource

    def _checked(self, table: str, documents: list[Document]) -> list[Document]:
        key = "workspace" if table == _STATES else "id"
        for document in documents:
            if not isinstance(document.get(key), str):
                raise StoreError(f"store file {self.path}, table {table!r}: a document lacks its {key!r}")
        return documents

    def collection(self, workspace: str, vendor: str, resource: Resource) -> MemoryCollection:
        try:
            return self._collections[workspace, vendor][resource.name]
        except KeyError:
            collection = TinyCollection(resource, workspace, self._changes.set)
            place = (workspace, vendor, resource.name)
            self._load(collection, place)
            self._collections.setdefault((workspace, vendor), {})[resource.name] = collection
            self._waiting.pop(place, None)
            return collection

    def _load(self, collection: TinyCollection, place: Place) -> None:
        table = _table(place)
        try:
            collection.load(self._waiting.get(place, ()))
        except Duplicate as error:
            trouble = f"{error.field} {error.value!r} is there twice"
        except KeyError as error:
            trouble = f"a document lacks its {error.args[0]!r}"
        except (TypeError, AttributeError):
            trouble = "a document has a field of the wrong type"
        else:
            return
        raise StoreError(f"store file {self.path}, table {table!r}: {trouble}")

    # --- the rest of Store ------------------------------------------------------------------------------------

    def drop(self, workspace: str, vendor: str | None = None) -> None:
        for place in [p for p in self._waiting if p[0] == workspace and vendor in (None, p[1])]:
            del self._waiting[place]
        super().drop(workspace, vendor)
        self._changes.set()

    def workspaces(self) -> list[str]:
        return list(dict.fromkeys([*super().workspaces(), *(place[0] for place in list(self._waiting))]))

    def before_flush(self, hold: Callable[[str], AbstractContextManager[None]]) -> None:
        self._hold = hold

    def close(self) -> None:
        """Write out what is still to be written, and let the file go. A second call does nothing."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._changes.set()
        self._writer.join()
        try:
            self.flush()
        except OSError as error:
            log.error("store file %s cannot be written: %s; the last changes are lost", self.path, error.strerror)
        self._lock.release()
        super().close()

    # --- writing ----------------------------------------------------------------------------------------------

    def _write_behind(self) -> None:
        while not self._closing.is_set():
            self._changes.wait()
            self._closing.wait(DELAY)
            if not self._closing.is_set():
                self._try_to_flush()

    def _try_to_flush(self) -> None:
        """Tell of a failure once; the next try is a moment later."""
        trouble = ""
        try:
            self.flush()
        except Exception as error:
            self._changes.set()
            trouble = getattr(error, "strerror", None) or repr(error)
        if trouble and trouble != self._trouble:
            log.error("store file %s cannot be written: %s; trying on", self.path, trouble)
        self._trouble = trouble

    def flush(self) -> None:
        """Write everything out now. Raises OSError."""
        with self._writing:
            self._changes.clear()
            self._file.write_tables(self._snapshot())

    def _snapshot(self) -> dict[str, list[bytes]]:
        """All tables with their documents as JSON. Each workspace stands still while its references are copied."""
        tables: dict[str, list[bytes]] = {_STATES: []}
        for workspace in sorted(self.workspaces()):
            with self._hold(workspace):
                for place, documents in self._parts_of(workspace):
                    tables[_table(place)] = documents
                state = self._states.get(workspace)
            if state is not None:
                tables[_STATES].append(orjson.dumps({"workspace": workspace, **state}))
        return tables

    def _parts_of(self, workspace: str) -> Iterator[tuple[Place, list[bytes]]]:
        for place, waiting in list(self._waiting.items()):
            if place[0] == workspace:
                yield place, waiting
        for (name, vendor), collections in list(self._collections.items()):
            if name == workspace:
                for resource, collection in list(collections.items()):
                    yield (name, vendor, resource), list(collection.raw())


def _table(place: Place) -> str:
    workspace, vendor, resource = place
    return f"{vendor}/{workspace}/{resource}"
