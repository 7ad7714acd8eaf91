"""Every fault type as a client on a real socket meets it."""

from __future__ import annotations

import time

import orjson
import pytest

from tests.wire import Wire, contact

CONTACTS = "/autosend/v1/contacts"


@pytest.fixture
def key(workspace):
    return f"Bearer AS_wire~{workspace}"


@pytest.fixture
def fault(live_server, workspace):
    """Put a fault in force for this test's workspace alone."""
    rules = []

    def add(fault, **more):
        rules.append(live_server.sandbox.faults.add({"when": {"workspace": workspace}, "fault": fault, **more}))

    yield add
    for rule in rules:
        live_server.sandbox.faults.remove(rule.id)


@pytest.fixture
def create(live_server, key):
    """Create a contact on a connection of its own; give `read="rest"` for answers that break off."""

    def send(number=1, read="answer", **headers):
        with Wire(live_server.port) as wire:
            wire.send("POST", CONTACTS, contact(number), Authorization=key, **headers)
            return getattr(wire, read)()

    return send


def exists(create, number=1):
    """Whether the contact was made: the vendor refuses to make it twice."""
    return create(number)[0] == 409


def test_error_is_the_vendors_own_429_with_its_headers(create, fault):
    fault({"type": "error", "kind": "rate_limited", "retry_after": 3})
    status, headers, body = create()
    assert status == 429
    assert headers["retry-after"] == "3"
    assert orjson.loads(body) == {
        "success": False,
        "error": {"message": "Rate limit exceeded", "code": "RATE_LIMIT_EXCEEDED", "retryAfter": 3},
        "retryAfter": 3,
    }


def test_latency_makes_the_answer_late_and_the_effect_has_happened(create, fault):
    fault({"type": "latency", "ms": 300}, times=1)
    began = time.perf_counter()
    status, _, body = create()
    assert 0.3 <= time.perf_counter() - began < 5
    assert status == 200
    assert orjson.loads(body)["data"]["email"] == "person1@example.com"
    assert exists(create)


def test_latencies_add_up(create, fault):
    for _ in range(2):
        fault({"type": "latency", "ms": 200}, times=1)
    began = time.perf_counter()
    assert create()[0] == 200
    assert time.perf_counter() - began >= 0.4


def test_latency_within_bounds(create, fault):
    fault({"type": "latency", "min": 50, "max": 80}, times=1)
    began = time.perf_counter()
    create()
    assert time.perf_counter() - began >= 0.05


def test_rate_limit_refuses_beyond_the_limit(create, fault):
    fault({"type": "rate_limit", "limit": 2, "window": 60})
    assert [create(number)[0] for number in range(3)] == [200, 200, 429]
    status, headers, _ = create(4)
    assert status == 429
    assert 50 <= int(headers["retry-after"]) <= 60
    assert headers["x-ratelimit-remaining"] == "0"


def test_timeout_has_no_effect_and_no_answer(create, fault):
    fault({"type": "timeout", "seconds": 0.2}, times=1)
    began = time.perf_counter()
    assert create(read="rest") == b""
    assert time.perf_counter() - began >= 0.2
    assert not exists(create)


@pytest.mark.parametrize(("when", "made"), [("before", False), ("after", True)])
def test_reset(create, fault, when, made):
    fault({"type": "reset", "when": when}, times=1)
    with pytest.raises(ConnectionResetError):
        create()
    assert exists(create) is made


@pytest.mark.parametrize(("when", "made"), [("before", False), ("after", True)])
def test_empty_closes_without_an_answer(create, fault, when, made):
    fault({"type": "empty", "when": when}, times=1)
    assert create(read="rest") == b""
    assert exists(create) is made


def test_truncate_breaks_off_a_body_whose_whole_length_was_promised(create, fault):
    fault({"type": "truncate", "bytes": 10}, times=1)
    head, _, body = create(read="rest").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert body == b'{"success"'
    promised = int(next(line for line in head.split(b"\r\n") if line.startswith(b"Content-Length")).split()[1])
    assert promised > 100
    assert exists(create)


def test_truncate_leaves_no_body_whole(create, fault):
    fault({"type": "truncate", "bytes": 100_000}, times=1)
    head, _, body = create(read="rest").partition(b"\r\n\r\n")
    promised = int(next(line for line in head.split(b"\r\n") if line.startswith(b"Content-Length")).split()[1])
    assert len(body) == promised - 1


def test_garbage_is_no_json_under_the_status_it_would_have_had(create, fault):
    fault({"type": "garbage", "bytes": 20}, times=1)
    status, headers, body = create()
    assert (status, headers["content-type"]) == (200, "application/json; charset=utf-8")
    assert len(body) == 20
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(body)
    assert exists(create)


def test_slow_sends_the_body_in_drops(create, fault):
    fault({"type": "slow", "rate": 1000}, times=1)
    began = time.perf_counter()
    status, _, body = create()
    assert status == 200
    assert orjson.loads(body)["success"] is True
    assert time.perf_counter() - began >= len(body) / 1000 * 0.9


@pytest.mark.parametrize("text", ["garbage", "truncate", "truncate=5", "slow=100"])
def test_what_has_no_body_gets_none(live_server, key, text):
    """Bytes behind it would be taken for the next answer on the connection."""
    with Wire(live_server.port) as wire:
        wire.send("OPTIONS", CONTACTS, Authorization=key, X_Lookalike_Fault=text)
        wire.send("GET", CONTACTS + "/none", Authorization=key)
        answers = wire.answer(), wire.answer()
    assert [status for status, *_ in answers] == [204, 404]


@pytest.mark.parametrize("text", ["reset", "empty", "truncate=5", "garbage", "slow=100000", "timeout=0.05"])
def test_every_connection_fault_by_header_leaves_the_next_request_alone(create, text):
    try:
        create(
            1,
            read="rest" if text.split("=")[0] in ("empty", "truncate", "timeout") else "answer",
            X_Lookalike_Fault=text,
        )
    except ConnectionResetError:
        assert text == "reset"
    assert create(2)[0] == 200


def test_a_reset_in_a_pipeline_takes_the_connection_and_nothing_else(live_server, create, key):
    with Wire(live_server.port) as wire:
        wire.send("POST", CONTACTS, contact(1), Authorization=key)
        wire.answer()
        wire.send("POST", CONTACTS, contact(2), Authorization=key, X_Lookalike_Fault="reset")
        with pytest.raises(ConnectionResetError):
            wire.answer()
    assert not exists(create, 2)


def test_times_script_and_probability_over_the_wire(live_server, create, workspace):
    faults = live_server.sandbox.faults
    rule = faults.add({"when": {"workspace": workspace}, "script": "503x2, ok, reset, 429"})
    seen = []
    for number in range(6):
        try:
            seen.append(create(number)[0])
        except ConnectionResetError:
            seen.append("reset")
    faults.remove(rule.id)
    assert seen == [503, 503, 200, "reset", 429, 200]
