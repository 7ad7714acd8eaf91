"""Every vendor and operation as test cases, and the worlds they are asked in."""

from __future__ import annotations

import re
from functools import cache
from itertools import count
from typing import Any

from lookalike.credentials import DEFAULT_WORKSPACE
from lookalike.routes import Operation
from lookalike.vendor import Vendor, discover
from lookalike.workspace import CORE
from tests.support import Client

VENDORS: dict[str, Vendor] = discover()

NAMES = sorted(VENDORS)

OPERATIONS: list[tuple[str, Operation]] = [
    (name, operation) for name in NAMES for operation in VENDORS[name].operations
]

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"

TRACES = {"opensend": {"api_keys", "logs"}}
"""Collections that say who asked what: a refused request may leave a row there."""

CONSTANT = {"{org_id}": "c"}
"""Path parameters by which everybody means what is their own."""

_numbers = count(1)


def operation_id(case: tuple[str, Operation]) -> str:
    """`autosend-create_contact`, for pytest's report."""
    return f"{case[0]}-{case[1].id}"


def world(vendor: str, fixture: str = "none") -> Client:
    """One sandbox for all tests of a vendor; keep apart by `somebody`."""
    return _world(vendor, fixture)


@cache
def _world(vendor: str, fixture: str) -> Client:
    return Client(vendor, settings={"fixture": fixture})


def somebody(vendor: str, fixture: str = "none") -> tuple[Client, str]:
    """A caller with a workspace that nobody else uses, and its name."""
    workspace = f"w{next(_numbers)}"
    shared = world(vendor, fixture)
    return shared.as_key(f"{VENDORS[vendor].sample_key}~{workspace}"), workspace


def contents(client: Client, workspace: str = DEFAULT_WORKSPACE) -> dict[str, list[dict[str, Any]]]:
    """What a workspace holds, by resource: the kept messages too, but not the mere traces of requests."""
    store = client.sandbox.store
    held = store.contents(workspace, client.vendor) + store.contents(workspace, CORE)
    traces = TRACES.get(client.vendor, set())
    return {resource.name: documents for resource, documents in held if documents and resource.name not in traces}


def fill(client: Client, workspace: str) -> None:
    """Have the workspace made and seeded, whatever the answer is."""
    sandbox = client.sandbox
    found = sandbox.workspace(workspace)
    with found.lock:
        sandbox.part(found, sandbox.vendors[client.vendor])


def path_of(operation: Operation, held: dict[str, list[dict[str, Any]]], path: str | None = None) -> str:
    """A path of the operation (the first by default) with ids of documents that exist where its tag names their
    collection."""
    documents = held.get(operation.tag) or [{"id": UNKNOWN_ID}]
    return re.sub(r"\{[^}]+\}", documents[0]["id"], plain(path or operation.paths[0]))


def plain(path: str) -> str:
    """A path whose constant parameters are filled in; what is left in braces is somebody's."""
    for parameter, value in CONSTANT.items():
        path = path.replace(parameter, value)
    return path


def first_list(vendor: str) -> str:
    """The path of the first GET that asks for nothing in particular."""
    reads = (plain(op.paths[0]) for op in VENDORS[vendor].operations if op.method == "GET")
    return next(path for path in reads if "{" not in path)


JSON = {"Accept": "application/json", "X-Strict-Mode": "1"}
"""Some vendors tell API callers from browsers by the one, and speak of errors only when asked by the other."""
