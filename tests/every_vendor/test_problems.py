"""Trouble of every kind, told by the vendor: as rendered, and as injected into every operation."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from pydantic import TypeAdapter

from lookalike.call import Call
from lookalike.faults import TYPES
from lookalike.problem import INJECTABLE, KINDS, Problem
from lookalike.routes import Operation
from tests.every_vendor.worlds import (
    JSON,
    NAMES,
    OPERATIONS,
    VENDORS,
    contents,
    fill,
    first_list,
    operation_id,
    path_of,
    somebody,
    world,
)


def _call(name: str, operation: Operation | None) -> Call:
    method = operation.method if operation else "GET"
    environ = {"REQUEST_METHOD": method, "PATH_INFO": "/", "QUERY_STRING": ""}
    call = Call(environ, VENDORS[name], f"/{name}", operation.paths[0] if operation else "/nowhere")
    call.operation = operation
    return call


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NAMES)
def test_every_kind_of_trouble_has_the_vendors_form(name: str, kind: str) -> None:
    vendor = VENDORS[name]
    for operation in (None, *vendor.operations):
        answer = vendor.render(_call(name, operation), Problem(kind))
        headers = {key.lower(): value for key, value in answer.headers}
        assert answer.status >= 300
        assert HTTPStatus(answer.status)
        if answer.data is None:
            assert kind not in INJECTABLE, "an injectable kind has a JSON body"
            continue
        assert headers["content-type"] == vendor.content_type
        TypeAdapter(vendor.error_model).validate_python(answer.data)


@pytest.mark.parametrize("kind", INJECTABLE)
@pytest.mark.parametrize("name", NAMES)
def test_a_status_that_is_asked_for_is_what_comes(name: str, kind: str) -> None:
    answer = VENDORS[name].render(_call(name, None), Problem(kind, status=418))
    assert answer.status == 418


@pytest.mark.parametrize("case", OPERATIONS, ids=operation_id)
def test_every_kind_can_be_injected_into_every_operation(case: tuple[str, Operation]) -> None:
    vendor, operation = case
    client, workspace = somebody(vendor, "demo")
    fill(client, workspace)
    before = contents(client, workspace)
    for kind in INJECTABLE:
        headers = {**JSON, "X-Lookalike-Fault": kind}
        reply = client(operation.method, path_of(operation, before), {}, headers=headers)
        assert reply.status >= 400
        assert reply.headers["content-type"] == VENDORS[vendor].content_type
        TypeAdapter(VENDORS[vendor].error_model).validate_json(reply.raw)
        if kind == "rate_limited":
            assert reply.status == 429
            assert int(reply.headers["retry-after"]) >= 1
    assert contents(client, workspace) == before


SHORTHANDS = {
    "error": "503",
    "latency": "latency=0",
    "timeout": "timeout=0",
    "reset": "reset",
    "empty": "empty",
    "truncate": "truncate=5",
    "garbage": "garbage=32",
    "slow": "slow=100000",
}


def test_every_fault_type_but_the_rate_limit_has_a_short_form() -> None:
    assert set(SHORTHANDS) == set(TYPES) - {"rate_limit"}


@pytest.mark.parametrize("fault", SHORTHANDS.values(), ids=SHORTHANDS)
@pytest.mark.parametrize("name", NAMES)
def test_every_fault_type_works_on_it(name: str, fault: str) -> None:
    path = first_list(name)
    client, _ = somebody(name)
    plain = client.get(path, headers=JSON)
    reply = client.get(path, headers={**JSON, "X-Lookalike-Fault": fault})
    noted = next(client.sandbox.journal.newest_first()).faults
    assert noted == [next(name for name, short in SHORTHANDS.items() if short == fault)]
    expected = {"503": 503, "reset": 502, "empty": 502, "timeout=0": 504}.get(fault, plain.status)
    assert reply.status == expected
    if fault.startswith("garbage"):
        assert reply.raw[:1] == b"<"
        assert len(reply.raw) == 32
    elif expected == plain.status:
        assert reply.raw == plain.raw


@pytest.mark.parametrize("name", NAMES)
def test_a_rate_limit_rule_gives_the_vendors_429(name: str) -> None:
    path = first_list(name)
    client, workspace = somebody(name)
    rule = {"when": {"workspace": workspace}, "fault": {"type": "rate_limit", "limit": 2, "window": 60}}
    added = world(name).sandbox.faults.add(rule)
    try:
        statuses = [client.get(path, headers=JSON).status for _ in range(4)]
    finally:
        world(name).sandbox.faults.remove(added.id)
    assert statuses == [200, 200, 429, 429]
