"""Time: the clock of one workspace, or of all and of those yet to come."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

from pydantic import field_validator, model_validator

from lookalike.answer import Lengthy
from lookalike.clock import Clock, parse_duration, parse_instant
from lookalike.control.parsing import ControlBody, ControlQuery
from lookalike.control.refusal import Refusal
from lookalike.control.targets import check_workspace_name, existing
from lookalike.outbox.post import Closed
from lookalike.routes import Routes
from lookalike.sandbox import Sandbox

routes = Routes("clock")


class ClockQuery(ControlQuery):
    workspace: str | None = None


class ClockBody(ControlBody):
    """One change: stand still at an instant (or, with true, right now), move on, or go back to real time."""

    freeze: str | Literal[True] | None = None
    advance: str | float | None = None
    resume: Literal[True] | None = None
    workspace: str | None = None

    _check = field_validator("workspace")(check_workspace_name)

    @model_validator(mode="after")
    def _one_change(self) -> ClockBody:
        if sum(member is not None for member in (self.freeze, self.advance, self.resume)) != 1:
            raise ValueError("send one of freeze, advance or resume")
        return self

    def apply(self, clock: Clock) -> None:
        """Carry out the change. Raises ValueError."""
        if self.resume:
            clock.resume()
        elif self.advance is not None:
            clock.advance(parse_duration(str(self.advance)))
        else:
            clock.freeze(parse_instant(self.freeze) if isinstance(self.freeze, str) else None)


def _clock_json(clock: Clock) -> dict[str, Any]:
    state = clock.state()
    return {"now": state["now"], "frozen": state["frozen"], "shift": state["shift"]}


def _clocks(sandbox: Sandbox, workspace: str | None) -> dict[str, Any]:
    if workspace is not None:
        return {"workspace": workspace, "clock": _clock_json(existing(sandbox, workspace).clock)}
    workspaces = list(sandbox.workspaces.items())
    return {
        "clock": _clock_json(sandbox.clock),
        "workspaces": {name: _clock_json(found.clock) for name, found in workspaces},
    }


@routes.get("/clock", query=ClockQuery)
def get_clock(sandbox: Sandbox, query: ClockQuery) -> dict[str, Any]:
    """The time that new workspaces start with (`clock`) and that of each workspace, or of one alone."""
    return _clocks(sandbox, query.workspace)


@routes.post("/clock", body=ClockBody)
def move_clock(sandbox: Sandbox, body: ClockBody) -> Lengthy:
    """Change the time; answers when all that fell due on the way is done (`done` says how much that was).

    Webhooks are among it, and whoever receives one may call the server back.
    """
    return Lengthy(partial(_move_clock, sandbox, body))


def _move_clock(sandbox: Sandbox, body: ClockBody) -> dict[str, Any]:
    try:
        done = sandbox.move_clock(partial(ClockBody.apply, body), body.workspace)
    except ValueError as error:
        raise Refusal(400, f"The clock stays as it is: {error}.") from None
    except Closed:
        raise Refusal(503, "lookalike is being stopped: start it again.") from None
    return _clocks(sandbox, body.workspace) | {"done": done}
