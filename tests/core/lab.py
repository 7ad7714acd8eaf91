"""A vendor whose webhooks are as plain as can be: what the tests of the outbox look at is the outbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from lookalike.clock import iso, parse_instant
from lookalike.outbox import Delivery, Outcome, Outgoing, Refused, Sender, delay_after
from lookalike.part import Part
from lookalike.sandbox import Sandbox
from tests.receiver import Receiver
from tests.support import Client

DELAYS = (5, 300, 3600)
NOON = "2026-03-01T12:00:00.000Z"
START = parse_instant(NOON)


@dataclass
class Lab:
    """A client whose vendor sends webhooks on `DELAYS`; `outcomes` are what it was told."""

    client: Client
    part: Part
    outcomes: list[tuple[int, Outcome]] = field(default_factory=list)

    def deliver(self, url: str, *, subscription: str = "s", event: str = "e", n: int = 0, delay: float = 0.0) -> str:
        with self.part.workspace.unit():
            return self.part.deliver(subscription=subscription, event=event, url=url, payload={"n": n}, delay=delay)

    def document(self, id: str) -> dict[str, Any]:
        found = self.part.workspace.deliveries.of(id)
        assert found is not None
        return found

    def attempts(self, id: str) -> list[tuple[Any, ...]]:
        """Number, time, status and error of each."""
        return [(one["number"], one["at"], one["status"], one["error"]) for one in self.document(id)["attempts"]]

    def prepare(self, _part: Part, delivery: Delivery) -> Outgoing:
        if delivery.payload["n"] < 0:
            raise Refused("It is negative.")
        if delivery.payload["n"] == 500:
            raise ZeroDivisionError
        body = orjson.dumps(
            {"attempt": delivery.attempt, "at": delivery.at, "event": delivery.event, **delivery.payload}
        )
        return Outgoing(delivery.url, (("Content-Type", "application/json"), ("X-Signature", "v1,abc0+/=")), body)

    def settle(self, _part: Part, delivery: Delivery, outcome: Outcome) -> float | None:
        self.outcomes.append((delivery.attempt, outcome))
        return delay_after(delivery, outcome, DELAYS)


def lab(timeout: float = 5.0, *, in_order: bool = False, clock: str | None = NOON, **settings: Any) -> Lab:
    """A lab of its own, at noon."""
    client = Client("opensend", settings=settings)
    made = opened(client.sandbox, timeout, in_order=in_order)
    if clock is not None:
        client.clock(freeze=clock)
    made.client = client
    return made


def opened(sandbox: Sandbox, timeout: float = 5.0, *, in_order: bool = False) -> Lab:
    """A lab in a sandbox that is there; its client is still to be set."""
    made = Lab(None, None)  # type: ignore[arg-type]
    sender = Sender(timeout, made.prepare, made.settle, signature="X-Signature", in_order=in_order)
    vendor = sandbox.vendors["opensend"] = replace(sandbox.vendors["opensend"], webhooks=sender)
    workspace = sandbox.workspace("default")
    with workspace.unit():
        workspace.parts.pop("opensend", None)
        made.part = sandbox.part(workspace, vendor)
    return made


def after(seconds: float) -> str:
    """So long after noon."""
    return iso(START + seconds)


def numbers(receiver: Receiver) -> list[int]:
    """The `n` of each that came."""
    return [one.json["n"] for one in receiver.received]


@contextmanager
def running(made: Lab) -> Iterator[Sandbox]:
    """Inside, the outbox sends by itself; at the end the sandbox is closed."""
    sandbox = made.client.sandbox
    sandbox.outbox.paused = False
    try:
        yield sandbox
    finally:
        sandbox.close()


def has_status(made: Lab, id: str, status: str, sandbox: Sandbox) -> bool:
    """Whether a delivery comes to have a status in time."""
    found = sandbox.changes.wait_until(lambda: made.document(id)["status"] == status or None, 10)
    return found is True
