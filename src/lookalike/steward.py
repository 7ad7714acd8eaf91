"""Who looks after what other servers leave behind, where several share a store: what is due, and who is gone."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from lookalike.stores import Unwritable

if TYPE_CHECKING:
    from lookalike.sandbox import Sandbox

log = logging.getLogger("lookalike")

TICK = 0.25
"""Seconds of real time between two looks: how late `POST wait` may hear of what another server did."""


class Steward:
    """A thread that takes in what is new, has the outbox look at it, and tells those who wait."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lookalike-steward", daemon=True)
        self._trouble: str | None = None

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Look after nothing any more."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(TICK):
            try:
                self._sandbox.refresh()
                for workspace in list(self._sandbox.workspaces.values()):
                    with workspace.lock:
                        workspace.deliveries.stir()
            except Unwritable as error:
                if error.sentence != self._trouble:
                    log.error("%s", error.sentence)
                self._trouble = error.sentence
            else:
                if self._trouble is not None:
                    log.warning("the store can be reached again")
                self._trouble = None
            self._sandbox.changes.notify()
