"""`tinydb:PATH`: documents in memory, written down as units in a journal, and now and then as a whole in a TinyDB file.

The file is TinyDB's own JSON, one document a line, for people to read and (while the server is stopped) to edit: a
table `vendor/workspace/resource` for every collection, the table `workspaces` with each one's clock and id counters,
the table `lookalike` with the number of the first journal that has to be read on top of it, and at the end the table
`checksum`, which tells whether somebody has edited the file. What is acknowledged is in file or journal. The file is
written anew in the background when the journal has grown, when nothing was written for a while, and on close; between,
the journals beside it (`tinydb_journal.py`) say what has changed.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from itertools import count
from typing import Any

import orjson

from lookalike.stores import StoreError, Unwritable
from lookalike.stores.collection import Place, Resource, Unfit
from lookalike.stores.memory import MemoryStore
from lookalike.stores.memory_collection import MemoryCollection
from lookalike.stores.tinydb_file import FileLock, FileStorage
from lookalike.stores.tinydb_journal import Journals, line_of
from lookalike.stores.tinydb_state import HEADER, STATES, Stored, table_of
from lookalike.stores.units import Dropped, LaidDown, RecordingCollection, Unit, WorkspaceRecorder, Write, record

log = logging.getLogger("lookalike")

TICK = 1.0
"""Seconds between two looks of the background: it then has the disk keep the journal, and may write the file."""
RETRY = 5.0
"""Seconds until the file is tried again after it could not be written."""
LEAST = 1_000_000
"""Bytes that a journal may have before the file is written; beyond that, as many as the file has."""


class TinyStore(MemoryStore):
    """See `Store`."""

    keeps = True

    def __init__(self, path: str) -> None:
        super().__init__()
        path = os.path.expanduser(path)
        self.path = path
        self._lock = FileLock(path)
        self._file = FileStorage(path)
        self._journals = Journals(self._file.path, path)
        self._recorders: dict[str, WorkspaceRecorder] = {}
        self._hold: Callable[[str], AbstractContextManager[object]] = lambda _workspace: nullcontext()
        self._appending = threading.Lock()
        self._writing = threading.Lock()
        self._changes = threading.Event()
        self._closing = threading.Event()
        self._trouble = ""
        self._is_full = False
        try:
            self._stored = Stored(path, self._file.read())
            self.edited = self._file.edited
            self._file.tidy()
            self._states, self._unread = self._stored.states, self._stored.documents
            self._first_journal = self._stored.first_journal
            """The first that has to be read on top of the file as it is now."""
            self._open()
        except BaseException:
            self._lock.release()
            raise
        self._writer = threading.Thread(target=self._write_behind, name="lookalike-store", daemon=True)
        self._writer.start()

    # --- reading ----------------------------------------------------------------------------------------------

    def _open(self) -> None:
        """Read what the journals say on top of the file, and begin a new one. Raises StoreError."""
        try:
            numbers = self._journals.numbers()
            self._check_file(numbers)
            first = self._stored.first_journal
            self._check_journals(first, [number for number in numbers if number >= first])
            for number in numbers:
                if number >= first:
                    self._replay(number)
            self._journals.begin(max([first, *(number + 1 for number in numbers)]))
            self._journals.probe()
            self._journals.forget(first)
        except OSError as error:
            self._journals.close(needed=False)
            raise StoreError(f"store file {self.path} cannot be written: {error.strerror}") from None
        if numbers:
            self._changes.set()

    def _check_file(self, numbers: list[int]) -> None:
        """There has to be a file from the first, so that journals are never all there is."""
        if self._stored.found:
            return
        if numbers:
            raise StoreError(
                f"store file {self.path} is missing, but its journal {self.path}.journal-{numbers[0]} is there: "
                "bring the file back, or delete the journal"
            )
        self._file.write_tables([(HEADER, [self._stored.header(1)])])

    def _check_journals(self, first: int, numbers: list[int]) -> None:
        """A file from elsewhere, such as an older one that was checked out, goes with none of these journals."""
        for number, found in zip(count(first), numbers, strict=False):
            if number != found:
                raise StoreError(
                    f"store file {self.path} goes with a journal {self.path}.journal-{number}, which is missing, "
                    f"while {self.path}.journal-{found} is there: bring the file back that it belongs to, or delete it"
                )

    def _replay(self, number: int) -> None:
        for unit in self._journals.read(number):
            self._stored.apply(unit)
        if self._journals.is_torn:
            log.warning(
                "store journal %s.journal-%s ends in a line that was cut off by a crash: that line, of which nobody "
                "was told, is left out",
                self.path,
                number,
            )

    def _make(self, workspace: str, vendor: str, resource: Resource) -> MemoryCollection:
        return RecordingCollection(resource, workspace, vendor, self._recorder(workspace))

    def _read(self, collection: MemoryCollection, place: Place) -> None:
        try:
            super()._read(collection, place)
        except Unfit as error:
            raise Unfit(place, error.trouble, f"store file {self.path}, ") from None

    # --- units ------------------------------------------------------------------------------------------------

    def _recorder(self, workspace: str) -> WorkspaceRecorder:
        recorder = self._recorders.get(workspace)
        if recorder is None:
            recorder = WorkspaceRecorder(partial(self._keep, workspace))
            self._recorders[workspace] = recorder
        return recorder

    def begin(self, workspace: str, *, alone: bool = True) -> Unit:
        return self._recorder(workspace).begin()

    def _keep(self, workspace: str, writes: list[Write], state: dict[str, Any] | None) -> None:
        line = line_of(record(workspace, writes, state))
        with self._appending:
            try:
                self._journals.append(line)
            except OSError as error:
                if not self._is_full:
                    self._is_full = True
                    log.error("store journal of %s cannot be written: %s; writes fail", self.path, error.strerror)
                raise Unwritable(f"The store {self.path} cannot be written: {error.strerror}.") from None
            if self._is_full:
                self._is_full = False
                log.warning("store journal of %s can be written again", self.path)
        if state is not None:
            self._states[workspace] = state
        if not self._changes.is_set():
            self._changes.set()

    def drop(self, workspace: str, vendor: str | None = None) -> None:
        places = [p for p in list(self._collections) if p[0] == workspace and vendor in (None, p[1])]
        waiting = [p for p in list(self._unread) if p[0] == workspace and vendor in (None, p[1])]
        dropped = {place: self._collections.pop(place) for place in places}
        unread = {place: self._unread.pop(place) for place in waiting}
        state = self._states.pop(workspace, None) if vendor is None else None

        def back() -> None:
            for place in [p for p in list(self._collections) if p[0] == workspace and vendor in (None, p[1])]:
                del self._collections[place]
            self._collections.update(dropped)
            self._unread.update(unread)
            if state is not None:
                self._states[workspace] = state

        self._recorder(workspace).note(Dropped(vendor, back))

    def lay_down(self, workspace: str, vendor: str, resource: str, texts: Mapping[str, bytes]) -> None:
        place = (workspace, vendor, resource)
        before = self._unread.get(place)
        super().lay_down(workspace, vendor, resource, texts)

        def back() -> None:
            if before is None:
                self._unread.pop(place, None)
            else:
                self._unread[place] = before

        self._recorder(workspace).note(LaidDown(f"{vendor}/{resource}", list(texts.values()), back))

    # --- writing the file -------------------------------------------------------------------------------------

    def hold_by(self, lock: Callable[[str], AbstractContextManager[object]]) -> None:
        self._hold = lock

    def close(self) -> None:
        """Write out what is still to be written, and let the file go. A second call does nothing."""
        if self._closing.is_set():
            return
        has_changed = self._changes.is_set()
        self._closing.set()
        self._changes.set()
        self._writer.join()
        if not has_changed:
            self._changes.clear()
        needed = False
        try:
            self.flush()
        except OSError as error:
            needed = True
            log.error("store file %s cannot be written: %s; its journal holds what is new", self.path, error.strerror)
        self._journals.close(needed=needed)
        self._lock.release()
        super().close()

    def _write_behind(self) -> None:
        size = -1
        while not self._closing.is_set():
            self._changes.wait()
            self._closing.wait(RETRY if self._trouble else TICK)
            if self._closing.is_set():
                return
            before, size = size, self._journals.size
            # Of what was not written before, because of a kill or of trouble, there would be more and more.
            is_behind = self._journals.number > self._first_journal
            if is_behind or size == before or size > max(LEAST, self._file.size):
                self._try_to_flush()
                size = -1
            else:
                with self._writing, suppress(OSError):  # nothing more can be done; the next one may do
                    self._journals.sync()

    def _try_to_flush(self) -> None:
        """Tell of a failure once; there is a next try."""
        trouble = ""
        try:
            self.flush()
        except Exception as error:
            trouble = getattr(error, "strerror", None) or repr(error)
        if trouble and trouble != self._trouble:
            log.error("store file %s cannot be written: %s; its journal goes on", self.path, trouble)
        self._trouble = trouble

    def flush(self) -> None:
        """Write the file anew, and begin a new journal. Raises OSError, and then both are as they were."""
        with self._writing:
            if not self._changes.is_set() and not self._journals.size:
                return
            try:
                with self._appending:
                    self._changes.clear()
                    number = self._journals.number
                    if self._journals.size:
                        number += 1
                        self._journals.begin(number)
                with suppress(OSError):  # the file says the same in a moment; if it cannot, the next sync tries again
                    self._journals.sync()
                self._file.write_tables(self._tables(number))
            except BaseException:
                self._changes.set()
                raise
            self._first_journal = number
            self._journals.forget(number)

    def _tables(self, journal: int) -> Iterator[tuple[str, list[bytes]]]:
        """All tables with their documents as JSON, as far as the journals before number `journal` say, or further.

        A workspace stands still only while the references of its documents are copied: what is written in between
        stands in the new journal, too.
        """
        yield HEADER, [self._stored.header(journal)]
        names = sorted(self.workspaces())
        yield (
            STATES,
            [orjson.dumps({"workspace": name, **state}) for name, state in sorted(self._states.copy().items())],
        )
        for name in names:
            with self._hold(name):
                tables = [(table_of((name, vendor, resource)), texts) for vendor, resource, texts in self.texts(name)]
            yield from ((table, texts) for table, texts in tables if texts)
