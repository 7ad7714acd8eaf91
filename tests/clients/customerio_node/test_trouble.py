"""How the SDK goes about faults: what it tries again, how long it waits, and what it throws in the end."""

from __future__ import annotations

import pytest

from tests.clients.customerio_node.support import (
    NOW,
    PIPELINES,
    REFERENCE,
    SENDS,
    TRACK,
    app_error,
    one_error,
    thrown,
    track_error,
)
from tests.support import Like

pytestmark = pytest.mark.client

CALLS = {
    "track": (["track", "identify", *TRACK["identify"]], "identify", {}),
    "api": (["api", "listSegments"], "list_segments", {"segments": []}),
    "send": (
        ["api", "sendEmail", *SENDS["sendEmail"]],
        "send_email",
        {"delivery_id": Like("[A-Za-z0-9_-]+"), "queued_at": NOW},
    ),
    "pipelines": (["pipelines", "track", *PIPELINES["track"]], "pipelines_track", {}),
}
"""One call of each interface, its operation, what it answers."""

TEXTS = {
    429: "rate limited to 10 requests per 1s",
    500: "internal server error",
    503: "service unavailable",
}


def refusal(interface, status):
    if interface == "api":
        return app_error(status, TEXTS[status] + REFERENCE)
    return (one_error if interface == "send" else track_error)(status, TEXTS[status])


@pytest.fixture(params=CALLS)
def interface(request):
    return request.param


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_two_refusals_are_overcome(drive, fault, asked, interface, status):
    step, operation, answer = CALLS[interface]
    fault(operation, script=f"{status}x2, ok")
    run = drive(step)
    assert run.oks == [answer]
    assert asked() == [(operation, status), (operation, status), (operation, 200)]
    if status == 429:
        assert run.waits == [1000, 1000], "the Retry-After is kept"
    else:
        assert 200 <= run.waits[0] < 400 <= run.waits[1] < 800


@pytest.mark.parametrize("status", TEXTS)
def test_the_fourth_refusal_is_the_last(drive, fault, asked, interface, status):
    step, operation, _ = CALLS[interface]
    fault(operation, script=f"{status}x4")
    run = drive(step)
    assert run.answers == [refusal(interface, status)]
    assert len(run.waits) == 3
    assert asked() == [(operation, status)] * 4


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422])
def test_other_refusals_are_final(drive, fault, asked, interface, status):
    step, operation, _ = CALLS[interface]
    fault(operation, script=str(status))
    run = drive(step)
    assert run.answers == [thrown(status, run.answers[0]["message"], run.answers[0]["body"])]
    assert run.waits == []
    assert asked() == [(operation, status)]


def test_as_often_as_asked(drive, fault, asked):
    fault("identify", script="503x4")
    run = drive(CALLS["track"][0], retry={"maxRetries": 0})
    assert run.answers == [refusal("track", 503)]
    assert asked() == [("identify", 503)]


@pytest.mark.parametrize("script", ["reset, ok", "empty, ok"])
def test_a_broken_connection_is_tried_again(drive, fault, asked, interface, script):
    step, operation, answer = CALLS[interface]
    fault(operation, script=script)
    run = drive(step)
    assert run.oks == [answer]
    assert len(asked()) == 2


def test_what_is_no_json_is_not(drive, fault, asked):
    fault("identify", script="garbage")
    run = drive(CALLS["track"][0])
    assert run.answers[0]["message"].startswith("Unable to parse JSON")
    assert len(asked()) == 1


def test_too_slow(drive, fault):
    fault("identify", fault={"type": "latency", "ms": 2000})
    run = drive(CALLS["track"][0], timeout=100, retry={"maxRetries": 1})
    assert run.answers[0]["name"] == "TimeoutError"
    assert len(run.waits) == 1


def test_a_replay_says_so(drive, fault, live_server, workspace):
    fault("identify", script="503, ok")
    drive(CALLS["track"][0])
    counts = [
        entry.as_json()["headers"].get("x-retry-count")
        for entry in live_server.sandbox.journal
        if entry.workspace == workspace
    ]
    assert counts == [None, "1"]


def test_an_effect_before_the_refusal_shows_in_the_second_attempt(drive, fault, live_server, workspace):
    """There are no idempotency keys: what was sent before the answer got lost is sent twice."""
    fault("send_email", fault={"type": "error", "kind": "unavailable", "when": "after"}, times=1)
    assert drive(CALLS["send"][0]).oks == [CALLS["send"][2]]
    assert live_server.sandbox.workspace(workspace).messages.count() == 2
