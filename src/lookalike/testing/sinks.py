"""A receiver of webhooks, for tests that have no app to receive them."""

from __future__ import annotations

from typing import Any

from lookalike.remote import Control
from lookalike.testing.waiting import wait


class Sink:
    """What a vendor sends to `url` is kept."""

    def __init__(self, control: Control, name: str) -> None:
        self._control = control
        self.name = name

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self._control.url}/_lookalike/sink/{self.name}"

    def received(self, limit: int = 1000) -> list[dict[str, Any]]:
        """What it got, in its order: method, path, query, headers, body, json."""
        found: list[dict[str, Any]] = self._control.ask("GET", f"/sinks/{self.name}", query={"limit": limit})[
            "received"
        ]
        return found[::-1]

    def answers(self, script: str | None = None, **answer: Any) -> None:
        """Say what it answers: at first by a script (`"500x2, ok, reset"`), then status, headers, body and delay."""
        self._control.ask("PUT", f"/sinks/{self.name}", answer if script is None else {**answer, "script": script})

    def wait(self, count: int = 1, timeout: str | float = 5.0) -> list[dict[str, Any]]:
        """Wait until it has got so much, and answer it, in its order. Raises AssertionError when it has not in time."""
        __tracebackhide__ = True
        return wait(self._control, "sink", {"name": self.name}, count, timeout)
