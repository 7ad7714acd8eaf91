"""Paths that lead nowhere, methods that are not served, and operations we lack: in the vendor's own words."""

from __future__ import annotations

import pytest

from lookalike.coverage import Entry
from lookalike.routes import Operation
from tests.every_vendor.worlds import (
    JSON,
    NAMES,
    OPERATIONS,
    UNKNOWN_ID,
    VENDORS,
    contents,
    fill,
    operation_id,
    path_of,
    somebody,
    world,
)

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

PLANNED = [
    (name, entry, path)
    for name in NAMES
    for entry in VENDORS[name].coverage.entries
    if entry.state == "planned"
    for path in entry.paths
]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", ["/no-such-thing", "/no-such-thing/at/all", "/v1/no-such-thing", "/api/no-such-thing"])
@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_path_gets_the_vendors_answer(name: str, path: str, method: str) -> None:
    reply = world(name)(method, path, headers=JSON)
    assert reply.status in (307, 404)
    assert "lookalike" not in reply.text


@pytest.mark.parametrize("case", OPERATIONS, ids=operation_id)
def test_a_wrong_method_gets_the_vendors_answer(case: tuple[str, Operation]) -> None:
    vendor, operation = case
    client, workspace = somebody(vendor)
    fill(client, workspace)
    before = contents(client, workspace)
    for path in operation.paths:
        for method in METHODS:
            if _is_known(vendor, method, path):
                continue
            reply = client(method, path.replace("{", "").replace("}", ""), {}, headers=JSON)
            assert reply.status in (307, 404, 405), f"{method} {path}"
            assert "lookalike" not in reply.text
    assert contents(client, workspace) == before


def _is_known(vendor: str, method: str, path: str) -> bool:
    probe = path.replace("{", "").replace("}", "")
    return any(entry.matches(method, probe) for entry in VENDORS[vendor].coverage.entries)


def _planned_id(case: tuple[str, Entry, str]) -> str:
    return f"{case[0]}-{case[1].id}-{case[2]}"


@pytest.mark.parametrize("case", PLANNED, ids=_planned_id)
def test_what_we_lack_says_so_in_the_vendors_envelope(case: tuple[str, Entry, str]) -> None:
    name, entry, path = case
    client, workspace = somebody(name)
    fill(client, workspace)
    before = contents(client, workspace)
    path = path.replace("{", "").replace("}", "")
    reply = client(entry.method, path, {}, headers=JSON)
    assert reply.headers["content-type"] == VENDORS[name].content_type
    if reply.status != 403:  # else the vendor refuses this sort of key, whatever we lack
        assert reply.status == 501
        assert reply.headers["x-lookalike-status"] == "unimplemented"
        assert entry.id in reply.text
    assert contents(client, workspace) == before
    assert client.as_key(None)(entry.method, path, {}, headers=JSON).status == 401


@pytest.mark.parametrize("name", NAMES)
def test_an_escaped_slash_stays_within_its_segment(name: str) -> None:
    client, _ = somebody(name)
    found = next(op for op in VENDORS[name].operations if op.method == "GET" and op.paths[0].endswith("}"))
    path = path_of(found, {}).replace(UNKNOWN_ID, f"{UNKNOWN_ID}%2Fmore")
    assert client.get(path, headers=JSON).status in (400, 404, 422, 500)
    assert next(client.sandbox.journal.newest_first()).operation == found.id
    assert client.get(path + "/x/y/z", headers=JSON).status in (307, 404)
