"""The server as a whole: whether it is ready, what it serves, its workspaces and the way back to the fixture."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pydantic import Field, field_validator

from lookalike import __version__
from lookalike.control.parsing import ControlBody, ControlQuery
from lookalike.control.refusal import Refusal
from lookalike.environment import sdk_variables
from lookalike.routes import Routes
from lookalike.sandbox import MAGIC, WORKSPACE_NAME, WORKSPACE_RULE, Sandbox
from lookalike.vendor import Vendor

routes = Routes("state")


def served(sandbox: Sandbox, name: str, status: int = 400) -> Vendor:
    """The vendor of that name. Raises Refusal."""
    vendor = sandbox.vendors.get(name)
    if vendor is None:
        raise Refusal(status, f"Vendor {name!r} is not served here: use {' or '.join(sandbox.vendors)}.")
    return vendor


def check_workspace_name(name: str | None) -> str | None:
    """The name as it is; raises ValueError for one that no credential could carry."""
    if name is not None and not WORKSPACE_NAME.fullmatch(name):
        raise ValueError(WORKSPACE_RULE)
    return name


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
    return {"status": "ok", "version": __version__}


@routes.get("/vendors")
def list_vendors(sandbox: Sandbox) -> dict[str, Any]:
    """Base URL, a key that works and the header to send, for every vendor served."""
    return {"vendors": [_vendor_json(sandbox, vendor) for vendor in sandbox.vendors.values()]}


def _vendor_json(sandbox: Sandbox, vendor: Vendor) -> dict[str, Any]:
    key = sandbox.sample_key(vendor)
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


class ResetBody(ControlBody):
    workspace: str | None = None
    vendor: str | None = None


@routes.post("/reset", body=ResetBody)
def reset(sandbox: Sandbox, body: ResetBody) -> dict[str, Any]:
    """Back to the fixture: everything, one workspace, one vendor, or one vendor in one workspace."""
    if body.vendor is not None:
        served(sandbox, body.vendor)
    return {"workspaces": sandbox.reset(body.workspace, body.vendor)}


def _credentials(sandbox: Sandbox, name: str) -> dict[str, Any]:
    return {
        vendor.name: {"url": sandbox.urls[vendor.name], "key": sandbox.sample_key(vendor, name)}
        for vendor in sandbox.vendors.values()
    }


class WorkspaceBody(ControlBody):
    name: str = Field()

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
def create_workspace(sandbox: Sandbox, body: WorkspaceBody) -> dict[str, Any]:
    """Make a workspace, if there is none of that name, and answer a key and a URL for every vendor."""
    sandbox.fill(sandbox.workspace(body.name))
    return {"name": body.name, "vendors": _credentials(sandbox, body.name)}


@routes.delete("/workspaces/{name}")
def delete_workspace(sandbox: Sandbox, name: str) -> dict[str, Any]:
    """Drop a workspace with all that is in it; the next call with its name makes it anew."""
    if not sandbox.drop(name):
        raise Refusal(404, f"There is no workspace {name!r}: GET /_lookalike/workspaces lists them.")
    return {"deleted": name}
