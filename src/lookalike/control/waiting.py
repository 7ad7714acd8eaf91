"""`POST /_lookalike/wait`: blocks until something has happened, so that tests need not ask again and again."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import Any

from pydantic import Field, field_validator, model_validator

from lookalike.answer import Lengthy
from lookalike.clock import parse_duration
from lookalike.control.parsing import ControlBody
from lookalike.control.refusal import Refusal
from lookalike.control.targets import concerned
from lookalike.control.watches import KINDS, LOOKED_AT, ExpectedMember, ExpectedSink, Found, Watch
from lookalike.routes import Routes
from lookalike.sandbox import Sandbox
from lookalike.workspace import Workspace

routes = Routes("wait")

LONGEST = 60.0
"""Seconds of real time that one may wait."""

MOST = 32
"""How many may wait at a time."""


class WaitBody(ControlBody):
    """What to wait for, one thing, and how long at most (`5`, `250ms`; real time).

    `request`, `message` and `delivery` take the filters of their lists and may have happened before; `count` is how
    many it takes, and `since` the id of a request that is too old.
    """

    request: dict[str, Any] | None = None
    message: dict[str, Any] | None = None
    delivery: dict[str, Any] | None = None
    sink: ExpectedSink | None = None
    member: ExpectedMember | None = None
    count: int = Field(default=1, ge=1, le=LOOKED_AT)
    timeout: str | float = 5.0

    @field_validator("timeout")
    @classmethod
    def _in_bounds(cls, timeout: str | float) -> float:
        seconds = parse_duration(str(timeout))
        if seconds > LONGEST:
            raise ValueError(f"one may wait {LONGEST:g} s at most")
        return seconds

    @model_validator(mode="after")
    def _one_thing(self) -> WaitBody:
        if len(self.wanted()) != 1:
            raise ValueError(f"say one thing to wait for: {', '.join(KINDS)}")
        return self

    def wanted(self) -> list[tuple[str, Any]]:
        """What was said to wait for."""
        return [(name, value) for name in KINDS if (value := getattr(self, name)) is not None]


@routes.post("/wait", body=WaitBody)
def wait(sandbox: Sandbox, body: WaitBody) -> Lengthy:
    """Wait until a request, message, delivery, sink's request or membership is as described; `found` tells them.

    408 with `near_misses` when it is not so in time. What happened before counts.
    """
    kind, wanted = body.wanted()[0]
    watch = KINDS[kind](sandbox, wanted)
    if sandbox.changes.waiting >= MOST:
        raise Refusal(503, f"{MOST} wait already: wait for fewer things at a time.")
    return Lengthy(partial(_wait, sandbox, body, kind, watch))


def _wait(sandbox: Sandbox, body: WaitBody, kind: str, watch: Watch) -> dict[str, Any]:
    watched = partial(concerned, sandbox, watch.workspace)

    def enough() -> list[Found] | None:
        for workspace in watched():
            workspace.due.finish()
        found = list(islice(watch.find(), body.count))
        return found if len(found) >= body.count else None

    def again() -> float | None:
        return min((left for workspace in watched() if (left := _due_in(workspace)) is not None), default=None)

    found = sandbox.changes.wait_until(enough, float(body.timeout), again)
    if found is not None:
        return {"found": found}
    if sandbox.changes.closed:
        raise Refusal(503, "lookalike is being stopped: start it again.")
    seen = len(list(islice(watch.find(), body.count)))
    raise Refusal(
        408,
        f"No such {kind} within {body.timeout:g} s ({seen} of {body.count}): wait longer, or see what came closest.",
        near_misses=watch.near(),
    )


def _due_in(workspace: Workspace) -> float | None:
    """Seconds until something happens by itself; None for never, or as long as the clock stands still."""
    at = workspace.due.next_at()
    return None if at is None or workspace.clock.frozen else max(0.0, at - workspace.clock.now())
