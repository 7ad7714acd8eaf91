"""The server as a whole: whether it is ready, what it serves, its workspaces and the way back to the fixture."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator, model_validator

from lookalike import __version__
from lookalike.answer import Answer, Lengthy
from lookalike.control.parsing import ControlBody, ControlQuery
from lookalike.control.refusal import Refusal
from lookalike.control.targets import check_workspace_name, existing, served
from lookalike.credentials import MAGIC
from lookalike.environment import sdk_variables, vendor_variables
from lookalike.routes import Routes
from lookalike.sandbox import Sandbox
from lookalike.seeding import FixtureError
from lookalike.vendor import Vendor

routes = Routes("state")


def _check_name_in_credentials(name: str) -> str:
    magic = next((word for word in MAGIC if word in name), None)
    if magic is not None:
        raise ValueError(f"a credential with {magic!r} in it is refused, so no key could reach it")
    return name


@routes.get("/health", public=True)
def health(sandbox: Sandbox) -> dict[str, Any]:
    """200 once the server listens and is seeded, 503 before."""
    if not sandbox.ready:
        raise Refusal(503, "lookalike is still being seeded: ask again.")
    if sandbox.store.trouble is not None:
        raise Refusal(503, sandbox.store.trouble)
    return {"status": "ok", "version": __version__}


@routes.get("/vendors")
def list_vendors(sandbox: Sandbox) -> dict[str, Any]:
    """Base URL, a key that works and the header to send, for every vendor served."""
    return {"vendors": [_vendor_json(sandbox, vendor) for vendor in sandbox.vendors.values()]}


def _vendor_json(sandbox: Sandbox, vendor: Vendor) -> dict[str, Any]:
    key = sandbox.credentials.sample(vendor)
    name, value = vendor.key_header(key or "", vendor.base_path)
    return {
        "name": vendor.name,
        "title": vendor.title,
        "url": sandbox.urls[vendor.name],
        "key": key,
        "header": None if key is None else {"name": name, "value": value},
        "hosts": [*vendor.hosts, f"{vendor.name}.localhost"],
    }


@routes.get("/environment")
def get_environment(sandbox: Sandbox) -> dict[str, Any]:
    """Where the server is (`url`, `tls_url`, `proxy_url`, `ca`), and the variables that point the SDKs at it."""
    return {**asdict(sandbox.address), "variables": sdk_variables(sandbox)}


@routes.get("/ca.pem", public=True)
def get_ca(sandbox: Sandbox) -> Answer:
    """The certificate of the authority to trust, for machines that cannot read the server's files."""
    if sandbox.address.ca is None:
        raise Refusal(404, "There is no TLS port, and so nothing to trust: start lookalike with --tls-port.")
    return Answer(200, Path(sandbox.address.ca).read_bytes(), [("Content-Type", "application/x-pem-file")])


class CoverageQuery(ControlQuery):
    vendor: str | None = None


@routes.get("/coverage", query=CoverageQuery)
def get_coverage(sandbox: Sandbox, query: CoverageQuery) -> dict[str, Any]:
    """How many of the documented operations there are, and how their facts are known; for one vendor each of them."""
    if query.vendor is None:
        return {"vendors": {name: vendor.coverage.summary() for name, vendor in sandbox.vendors.items()}}
    coverage = served(sandbox, query.vendor).coverage
    operations = [
        {
            "id": entry.id,
            "method": entry.method,
            "paths": list(entry.paths),
            "state": entry.state,
            "source": entry.source,
            "doc": entry.doc or None,
            "why": entry.why or None,
        }
        for entry in coverage.entries
    ]
    return {"vendors": {query.vendor: coverage.summary() | {"operations": operations}}}


@routes.get("/openapi/{vendor}.json")
def get_openapi(sandbox: Sandbox, vendor: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of a vendor's implemented operations."""
    from lookalike.openapi import document

    return document(served(sandbox, vendor, status=404), sandbox.urls[vendor])


class FilledBody(ControlBody):
    """What a workspace starts with, where that is not what the server's start with.

    `fixture` is the name of a shipped one, a file on the server's machine, or YAML text of two lines or more.
    """

    fixture: str | None = Field(default=None, min_length=1)
    seed: int | None = None

    @property
    def is_own(self) -> bool:
        """Whether anything is to be other than the server's."""
        return self.fixture is not None or self.seed is not None


class ResetBody(FilledBody):
    workspace: str | None = None
    vendor: str | None = None

    _check = field_validator("workspace")(check_workspace_name)

    @model_validator(mode="after")
    def _of_one(self) -> ResetBody:
        if self.is_own and (self.workspace is None or self.vendor is not None):
            raise ValueError("fixture and seed are those of one whole workspace: send workspace, and no vendor")
        return self


@routes.post("/reset", body=ResetBody)
def reset(sandbox: Sandbox, body: ResetBody) -> dict[str, Any] | Lengthy:
    """Back to the fixture: everything, one workspace (perhaps to another fixture), one vendor, or one in one."""
    if body.vendor is not None:
        served(sandbox, body.vendor)
    if body.workspace is not None and body.is_own:
        return Lengthy(partial(_reset_to_another, sandbox, body.workspace, body))
    return {"workspaces": sandbox.reset(body.workspace, body.vendor)}


def _reset_to_another(sandbox: Sandbox, name: str, body: FilledBody) -> dict[str, Any]:
    _choose(sandbox, name, body)
    sandbox.fill(sandbox.workspace(name))
    return {"workspaces": sandbox.reset(name)}


def _choose(sandbox: Sandbox, name: str, body: FilledBody) -> None:
    """Have a workspace be filled by what the body says from now on. Raises Refusal when that cannot be told."""
    workspace = sandbox.workspaces.get(name)
    fixture, seed = body.fixture, body.seed
    if workspace is not None:
        fixture = workspace.fixture if fixture is None else fixture
        seed = workspace.seed if seed is None else seed
    try:
        sandbox.tell(fixture, seed)
    except FixtureError as error:
        raise Refusal(400, f"Member 'fixture' cannot be used: {error}.") from None
    workspace = sandbox.workspace(name)
    with workspace.unit():
        workspace.fixture = fixture
        workspace.seed = workspace.seed if seed is None else seed


def _account(sandbox: Sandbox, vendor: Vendor, workspace: str) -> dict[str, Any]:
    url, key = sandbox.urls[vendor.name], sandbox.credentials.sample(vendor, workspace)
    return {"url": url, "key": key, "environment": vendor_variables(vendor, url, key)}


class WorkspaceBody(FilledBody):
    """With `from` it begins as that workspace is now, its time, ids and what is due included."""

    name: str = Field()
    origin: str | None = Field(default=None, alias="from")

    @model_validator(mode="after")
    def _one_beginning(self) -> WorkspaceBody:
        if self.is_own and self.origin is not None:
            raise ValueError("a workspace begins with a fixture or from another workspace: send one of both")
        return self

    _check = field_validator("name")(check_workspace_name)
    _check_magic = field_validator("name")(_check_name_in_credentials)


@routes.get("/workspaces")
def list_workspaces(sandbox: Sandbox) -> dict[str, Any]:
    """Every workspace, its time, and the vendors that were called in it."""
    return {
        "workspaces": [
            {"name": workspace.name, "now": workspace.clock.iso(), "vendors": sorted(workspace.parts)}
            for workspace in list(sandbox.workspaces.values())
        ]
    }


@routes.post("/workspaces", body=WorkspaceBody, status=201)
def create_workspace(sandbox: Sandbox, body: WorkspaceBody) -> dict[str, Any] | Lengthy:
    """Make a workspace, if there is none of that name, and answer key, URL and variables for every vendor."""
    if not body.is_own and body.origin is None:
        return _created(sandbox, body.name)
    if body.name in sandbox.workspaces:
        advice = "drop it first" if body.origin is not None else "POST /_lookalike/reset fills it with another fixture"
        raise Refusal(409, f"There is a workspace {body.name!r} already: {advice}.")
    if body.origin is not None:
        return Lengthy(partial(_forked, sandbox, body.origin, body.name))
    return Lengthy(partial(_create_with_another, sandbox, body))


def _create_with_another(sandbox: Sandbox, body: WorkspaceBody) -> dict[str, Any]:
    _choose(sandbox, body.name, body)
    return _created(sandbox, body.name)


def _forked(sandbox: Sandbox, origin: str, name: str) -> dict[str, Any]:
    sandbox.fork(existing(sandbox, origin).name, name)
    return _created(sandbox, name)


def _created(sandbox: Sandbox, name: str) -> dict[str, Any]:
    sandbox.fill(sandbox.workspace(name))
    return {"name": name, "vendors": {v.name: _account(sandbox, v, name) for v in sandbox.vendors.values()}}


@routes.delete("/workspaces/{name}")
def delete_workspace(sandbox: Sandbox, name: str) -> dict[str, Any]:
    """Drop a workspace with all that is in it; the next call with its name makes it anew."""
    sandbox.drop(existing(sandbox, name).name)
    return {"deleted": name}
