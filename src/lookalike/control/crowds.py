"""Large audiences: so many fake people more, in every vendor's terms, while the server goes on answering."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import Field, field_validator

from lookalike.answer import Lengthy
from lookalike.control.parsing import ControlBody
from lookalike.control.targets import check_workspace_name, served
from lookalike.credentials import DEFAULT_WORKSPACE
from lookalike.routes import Routes
from lookalike.sandbox import Sandbox
from lookalike.vendor import Vendor
from lookalike.workspace import Workspace

routes = Routes("crowds")

MOST = 10_000_000


class CrowdBody(ControlBody):
    """`people` in number, from the one numbered `first` on; all vendors unless one is named.

    The person of a number is the same for a `seed` (the server's unless given), so what is there already stays.
    """

    people: int = Field(ge=1, le=MOST)
    first: int = Field(default=1, ge=1, le=MOST)
    vendor: str | None = None
    workspace: str = DEFAULT_WORKSPACE
    seed: int | None = None

    _check = field_validator("workspace")(check_workspace_name)


@routes.post("/crowds", body=CrowdBody)
def add_crowd(sandbox: Sandbox, body: CrowdBody) -> Lengthy:
    """Let people join; answers when all of them are there. Those whose address is taken are left out."""
    vendors = [served(sandbox, body.vendor)] if body.vendor is not None else list(sandbox.vendors.values())
    return Lengthy(lambda: _add(sandbox, body, vendors))


def _add(sandbox: Sandbox, body: CrowdBody, vendors: list[Vendor]) -> dict[str, Any]:
    from lookalike.seeding.crowd import crowd

    workspace = sandbox.workspace(body.workspace)
    seed = sandbox.settings.seed if body.seed is None else body.seed
    for audience in crowd(body.first, body.people, seed, workspace.clock.now()):
        for vendor in vendors:
            with workspace.unit(), _time_kept(workspace):
                vendor.seed(sandbox.part(workspace, vendor), audience)
            workspace.lock.pass_on()
    return {
        "workspace": workspace.name,
        "first": body.first,
        "people": body.people,
        "vendors": [vendor.name for vendor in vendors],
    }


@contextmanager
def _time_kept(workspace: Workspace) -> Iterator[None]:
    """Seeding moves the clock to when things happened; afterwards it shows what it showed."""
    before = workspace.clock.copy()
    try:
        yield
    finally:
        workspace.clock.follow(before)
