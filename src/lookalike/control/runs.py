"""What vendors did by themselves, and the workflows that tests define for those whose public API cannot."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from pydantic import Field, field_validator

from lookalike.answer import Lengthy
from lookalike.control.listing import Listing
from lookalike.control.parsing import ControlBody
from lookalike.control.refusal import Refusal
from lookalike.control.targets import Scope, check_workspace_name, served, up_to_date
from lookalike.credentials import DEFAULT_WORKSPACE
from lookalike.routes import Routes
from lookalike.runs import RUNS, CannotPlan, Mail, Plan, Run
from lookalike.sandbox import Sandbox
from lookalike.workspace import Workspace

routes = Routes("runs")


class RunsFilter(Scope):
    """Which runs: `contact` is the address or id that the vendor knows somebody by; the others are globs."""

    kind: str = "*"
    name: str = "*"
    contact: str | None = None

    def select(self, workspace: Workspace) -> Iterator[Run]:
        """The runs of a workspace that pass, newest first."""
        return filter(self.fits, workspace.own(RUNS).scan("newest", descending=True))

    def fits(self, run: Run) -> bool:
        """Whether a run passes, its workspace aside."""
        if self.contact is not None and self.contact.lower() != (run["contact"] or "").lower():
            return False
        return all(fnmatchcase(run[member], getattr(self, member)) for member in ("vendor", "kind", "name"))


class RunsQuery(RunsFilter):
    limit: int = Field(default=100, ge=1, le=10_000)


@routes.get("/runs", query=RunsQuery)
def list_runs(sandbox: Sandbox, query: RunsQuery) -> Lengthy | dict[str, Any]:
    """What ran by itself (workflows, campaigns, broadcasts), for whom, why and what it sent, newest first."""
    workspaces = up_to_date(query.concerned(sandbox))
    listing = Listing("runs", lambda workspace: workspace.own(RUNS), query.fits, _run_json)
    return listing.answer(workspaces, query.limit)


def _run_json(workspace: Workspace, run: Run) -> dict[str, Any]:
    shown = {key: value for key, value in run.items() if key != "number"}
    return {"id": shown.pop("id"), "workspace": workspace.name, "vendor": shown.pop("vendor"), **shown}


@routes.delete("/runs", query=RunsFilter)
def delete_runs(sandbox: Sandbox, query: RunsFilter) -> dict[str, Any]:
    """Forget the runs that pass the filters, without filters all; what they sent stays."""
    deleted = 0
    for workspace in query.concerned(sandbox):
        with workspace.unit():
            runs = workspace.own(RUNS)
            for run in list(query.select(workspace)):
                deleted += runs.delete(run["id"])
    return {"deleted": deleted}


class MailBody(ControlBody):
    """What each run of a workflow sends."""

    subject: str
    html: str | None = None
    text: str | None = None
    sender: str | None = None


class WorkflowBody(ControlBody):
    """A workflow: `trigger` in the vendor's own terms, and the `message` that each run sends, if any."""

    vendor: str
    workspace: str = DEFAULT_WORKSPACE
    name: str = Field(min_length=1)
    trigger: dict[str, Any]
    message: MailBody | None = None

    _check = field_validator("workspace")(check_workspace_name)


@routes.post("/workflows", body=WorkflowBody, status=201)
def create_workflow(sandbox: Sandbox, body: WorkflowBody) -> dict[str, Any]:
    """Define a workflow for a vendor whose public API cannot; answers it as the vendor shows it."""
    vendor, workspace = served(sandbox, body.vendor), sandbox.workspace(body.workspace)
    if vendor.plan is None:
        raise Refusal(409, f"{vendor.title} has no workflows that are made here: use its own API.")
    mail = None if body.message is None else Mail(**body.message.model_dump())
    with workspace.unit():
        workspace.due.run()
        try:
            return vendor.plan(sandbox.part(workspace, vendor), Plan(body.name, body.trigger, mail))
        except CannotPlan as reason:
            raise Refusal(400, str(reason)) from None
