"""A receiver of webhooks, for tests that have no app to receive them."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lookalike.testing.world import World


class Sink:
    """What a vendor sends to `url` is kept."""

    def __init__(self, world: World, name: str) -> None:
        self._world = world
        # Sinks belong to the server, and tests may share it.
        self.name = f"{name}.{blake2b(world.name.encode(), digest_size=5).hexdigest()}"

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self._world.control.url}/_lookalike/sink/{self.name}"

    def received(self, limit: int = 1000) -> list[dict[str, Any]]:
        """What it got, in its order: method, path, query, headers, body, json."""
        query = {"limit": limit}
        found: list[dict[str, Any]] = self._world.control.ask("GET", f"/sinks/{self.name}", query=query)["received"]
        return found[::-1]

    def answers(self, script: str | None = None, **answer: Any) -> None:
        """Say what it answers: at first by a script (`"500x2, ok, reset"`), then status, headers, body and delay."""
        self._world.control.ask(
            "PUT", f"/sinks/{self.name}", answer if script is None else {**answer, "script": script}
        )

    def wait(self, count: int = 1, timeout: str | float = 5.0) -> list[dict[str, Any]]:
        """Wait until it has got so much, and answer it, in its order. Raises AssertionError when it has not in time."""
        __tracebackhide__ = True
        return self._world.expect.wait("sink", {"name": self.name}, count=count, timeout=timeout)
