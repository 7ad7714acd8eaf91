"""How the SDK goes about faults: what it tries again, how long it waits, and what it returns in the end."""

from __future__ import annotations

import pytest

from tests.clients.autosend.support import (
    INTERNAL,
    NO_CONTACT,
    NOW,
    RATE_LIMITED,
    TAKEN,
    UNAUTHORIZED,
    UNAVAILABLE,
    failed,
    ok,
    problem,
)
from tests.support import OBJECT_ID, UUID

ANN = {"id": OBJECT_ID, "email": "ann@example.com", "updatedAt": NOW, "createdAt": NOW, "projectId": OBJECT_ID}
BATCH = {"batchId": UUID, "totalRecipients": 1, "successCount": 1, "failedCount": 0}

CALLS = {
    "create": "create_contact",
    "upsert": "upsert_contact",
    "get": "get_contact",
    "delete": "delete_contact",
    "send": "send_email",
    "bulk": "send_bulk_email",
}

ENDS = {
    "create": (200, ok(ANN)),
    "upsert": (200, ok(ANN)),
    "get": (404, failed(NO_CONTACT)),
    "delete": (404, failed(NO_CONTACT)),
    "send": (200, ok({"emailId": OBJECT_ID})),
    "bulk": (200, ok(BATCH)),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("status", [429, 503])
def test_two_refusals_are_overcome(autosend, fault, asked, call, status):
    fault(CALLS[call], script=f"{status}x2")
    end, result = ENDS[call]
    assert autosend("retries.mjs", CALL=call) == {"result": result, "waits": [1000, 2000]}
    assert asked() == [(CALLS[call], status), (CALLS[call], status), (CALLS[call], end)]


@pytest.mark.parametrize(
    ("call", "script", "statuses", "error"),
    [
        ("create", "429x3", [429] * 3, RATE_LIMITED),
        ("send", "429x3", [429] * 3, RATE_LIMITED),
        ("get", "503x3", [503] * 3, UNAVAILABLE),
        ("bulk", "429, 503, 500", [429, 503, 500], INTERNAL),
    ],
)
def test_the_third_refusal_is_the_last(autosend, fault, asked, call, script, statuses, error):
    fault(CALLS[call], script=script)
    status = statuses[-1] if call in ("send", "bulk") else None
    assert autosend("retries.mjs", CALL=call) == {"result": failed(error, status), "waits": [1000, 2000]}
    assert asked() == [(CALLS[call], status) for status in statuses]


@pytest.mark.parametrize(
    ("kind", "status", "error"),
    [
        ("unauthorized", 401, UNAUTHORIZED),
        ("forbidden", 403, problem("Forbidden", "FORBIDDEN")),
        ("conflict", 409, problem("Conflict", "CONFLICT")),
        ("too_large", 413, problem("Request entity too large", "PAYLOAD_TOO_LARGE")),
    ],
)
def test_other_refusals_are_final(autosend, fault, asked, kind, status, error):
    fault("send_email", fault={"type": "error", "kind": kind})
    assert autosend("retries.mjs", CALL="send") == {"result": failed(error, status), "waits": []}
    assert asked() == [("send_email", status)]


def test_one_attempt_if_asked_for(autosend, fault, asked):
    fault("send_email", script="503x3")
    seen = autosend("retries.mjs", CALL="send", OPTIONS='{"maxRetries": 1}')
    assert seen == {"result": failed(UNAVAILABLE, 503), "waits": []}
    assert asked() == [("send_email", 503)]


@pytest.mark.parametrize("script", ["reset, ok", "empty, ok", "truncate, ok", "garbage, ok"])
def test_a_broken_answer_is_tried_again(autosend, fault, asked, script):
    fault("upsert_contact", script=script)
    assert autosend("retries.mjs", CALL="upsert") == {"result": ok(ANN), "waits": [1000]}
    assert len(asked()) == 2


def test_an_effect_before_the_refusal_shows_in_the_second_attempt(autosend, fault):
    fault("create_contact", fault={"type": "error", "kind": "unavailable", "when": "after"}, times=1)
    assert autosend("retries.mjs", CALL="create") == {"result": failed(TAKEN), "waits": [1000]}


def test_the_wait_is_real(autosend, fault):
    fault("upsert_contact", script="429")
    seen = autosend("waiting.mjs")
    assert seen["result"] == ok(ANN)
    assert 990 <= seen["milliseconds"] < 5000


def test_the_connection(autosend, fault):
    fault("upsert_contact", fault={"type": "latency", "ms": 2000})
    assert autosend("trouble.mjs") == {
        "too late": failed("Request timeout"),
        "waits after a time-out": [],
        "nobody there": False,
        "waits without a server": [1000, 2000],
        "double slash": failed(problem("Not found", "NOT_FOUND")),
        "base from an option": {"data": {"id": OBJECT_ID}, "error": None},
    }
