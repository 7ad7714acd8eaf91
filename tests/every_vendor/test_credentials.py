"""Credentials: none is the vendor's 401, and what one workspace holds no other one sees."""

from __future__ import annotations

import pytest

from lookalike.routes import Operation
from tests.every_vendor.worlds import (
    JSON,
    NAMES,
    OPERATIONS,
    VENDORS,
    contents,
    fill,
    operation_id,
    path_of,
    somebody,
    world,
)

GUARDED = [case for case in OPERATIONS if not case[1].public]
PUBLIC = [case for case in OPERATIONS if case[1].public]
DELETES = [case for case in GUARDED if case[1].method == "DELETE" and "{" in case[1].paths[0]]
READS = [case for case in GUARDED if case[1].method == "GET"]


@pytest.mark.parametrize("case", GUARDED, ids=operation_id)
def test_no_key_is_the_vendors_401(case: tuple[str, Operation]) -> None:
    vendor, operation = case
    stranger = world(vendor).as_key(None)
    for path in operation.paths:
        reply = stranger(operation.method, path_of(operation, {}, path), {}, headers=JSON)
        assert reply.status == 401
        assert reply.headers["content-type"] == VENDORS[vendor].content_type
        assert "lookalike" not in reply.text


@pytest.mark.parametrize("case", GUARDED, ids=operation_id)
def test_a_key_with_invalid_in_it_is_refused(case: tuple[str, Operation]) -> None:
    vendor, operation = case
    stranger = world(vendor).as_key(VENDORS[vendor].sample_key + "invalid")
    reply = stranger(operation.method, path_of(operation, {}), {}, headers=JSON)
    assert reply.status == 401
    assert reply.headers["content-type"] == VENDORS[vendor].content_type


@pytest.mark.parametrize("name", NAMES)
def test_a_refused_caller_changes_nothing(name: str) -> None:
    client, workspace = somebody(name, "demo")
    fill(client, workspace)
    before = contents(client, workspace)
    refused = client.as_key(f"{VENDORS[name].sample_key}invalid~{workspace}")
    for vendor, operation in GUARDED:
        if vendor == name:
            refused(operation.method, path_of(operation, before), {}, headers=JSON)
    assert contents(client, workspace) == before


@pytest.mark.parametrize("case", READS, ids=operation_id)
def test_what_another_workspace_holds_is_neither_listed_nor_read(case: tuple[str, Operation]) -> None:
    vendor, operation = case
    owner, owned = somebody(vendor, "demo")
    fill(owner, owned)
    other, workspace = somebody(vendor)
    other.sandbox.workspace(workspace).clock.freeze(1_800_000_000.0)
    path = path_of(operation, contents(owner, owned))
    before = other.get(path, headers=JSON)
    _copy(vendor, owned, somebody(vendor)[1])
    after = other.get(path, headers=JSON)
    assert (after.status, after.raw) == (before.status, before.raw)


def _copy(vendor: str, source: str, target: str) -> None:
    """Put what the demo workspace holds into a workspace of the empty sandbox."""
    sandbox = world(vendor).sandbox
    workspace = sandbox.workspace(target)
    with workspace.lock:
        part = sandbox.part(workspace, sandbox.vendors[vendor])
        for resource, documents in world(vendor, "demo").sandbox.store.contents(source, vendor):
            for document in documents:
                part.collection(resource).put(document)


@pytest.mark.parametrize("case", DELETES, ids=operation_id)
def test_nobody_deletes_what_another_workspace_holds(case: tuple[str, Operation]) -> None:
    vendor, operation = case
    owned, stranger = somebody(vendor)[1], somebody(vendor)[0]
    demo, source = somebody(vendor, "demo")
    fill(demo, source)
    _copy(vendor, source, owned)
    before = contents(stranger, owned)
    stranger(operation.method, path_of(operation, before), headers=JSON)
    assert contents(stranger, owned) == before


@pytest.mark.parametrize("case", PUBLIC, ids=operation_id)
def test_a_public_operation_asks_for_no_key(case: tuple[str, Operation]) -> None:
    vendor, operation = case
    reply = world(vendor).as_key(None)(operation.method, path_of(operation, {}), {}, headers=JSON)
    assert reply.status not in (401, 403)
