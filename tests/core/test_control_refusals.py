"""What the control API refuses, and the one sentence it gives."""

from __future__ import annotations

import pytest

from lookalike.credentials import WORKSPACE_RULE
from tests.support import Client, wsgi


@pytest.fixture
def client() -> Client:
    made = Client("autosend", settings={"vendor": ("autosend",)})
    made.sandbox.prepare()
    return made


A_RULE_OR_SOME = "The body must be a JSON object, or a list of them: send {...} or [{...}]."

BAD_BODIES = [
    ("POST", "/reset", {"worksapce": "x"}, "Member 'worksapce' is unknown: use fixture, seed, workspace, vendor."),
    ("POST", "/reset", {"vendor": "nobody"}, "Vendor 'nobody' is not served here: use autosend."),
    ("POST", "/reset", {"workspace": 7}, "Member 'workspace' cannot be used: input should be a valid string."),
    ("POST", "/reset", [], "The body must be a JSON object: send {...}."),
    (
        "POST",
        "/reset",
        {"fixture": "empty"},
        "The body cannot be used: fixture and seed are those of one whole workspace: send workspace, and no vendor.",
    ),
    (
        "POST",
        "/reset",
        {"workspace": "default", "vendor": "autosend", "seed": 1},
        "The body cannot be used: fixture and seed are those of one whole workspace: send workspace, and no vendor.",
    ),
    (
        "POST",
        "/reset",
        {"workspace": "default", "fixture": "dmeo"},
        "Member 'fixture' cannot be used: "
        "fixture 'dmeo' is unknown: use demo, empty, large, none, or a YAML or JSON file.",
    ),
    (
        "POST",
        "/workspaces",
        {"name": "new", "fixture": "people:\n  nobody: 1\n"},
        "Member 'fixture' cannot be used: fixture (as given), line 2: people.nobody: 'nobody' is unknown; "
        "use one of count, fields, list.",
    ),
    ("POST", "/workspaces", {}, "Member 'name' is missing: add it."),
    (
        "POST",
        "/workspaces",
        {"name": "a b"},
        "Member 'name' cannot be used: a workspace's name has 1 to 64 letters, digits, dots, dashes and underscores.",
    ),
    ("POST", "/clock", {}, "The body cannot be used: send one of freeze, advance or resume."),
    (
        "POST",
        "/clock",
        {"resume": True, "advance": "1d"},
        "The body cannot be used: send one of freeze, advance or resume.",
    ),
    (
        "POST",
        "/clock",
        {"advance": "8 fortnights"},
        "The clock stays as it is: '8 fortnights' is not a duration: write for example 8d, 1h30m or 250ms.",
    ),
    (
        "POST",
        "/clock",
        {"advance": -1},
        "The clock stays as it is: '-1.0' is not a duration: write for example 8d, 1h30m or 250ms.",
    ),
    (
        "POST",
        "/clock",
        {"freeze": "tomorrow"},
        "The clock stays as it is: 'tomorrow' is not an instant: write for example 2026-01-01T00:00:00Z.",
    ),
    (
        "POST",
        "/clock",
        {"advance": "9999999d"},
        "The clock stays as it is: the clock runs from 1970-01-01 to 9000-01-01: choose an instant between them.",
    ),
    ("POST", "/faults", {}, "The body cannot be used: a rule needs either a fault or a script."),
    *(("POST", "/faults", body, A_RULE_OR_SOME) for body in (5, "503", [5], [[{"fault": "503"}]])),
    ("POST", "/faults", {"fault": "503", "time": 1}, None),
    ("POST", "/faults", {"when": {"vendr": "x"}, "fault": "503"}, "Member 'when.vendr' is unknown: leave it out."),
    (
        "POST",
        "/faults",
        {"when": {"vendor": "nobody"}, "fault": "503"},
        "Member 'when.vendor' 'nobody' matches no vendor served here: use autosend.",
    ),
    (
        "POST",
        "/faults",
        {"when": {"operation": "create_contct"}, "fault": "503"},
        None,
    ),
    (
        "POST",
        "/faults",
        {"when": {"operation": "zzz"}, "fault": "503"},
        "Member 'when.operation' 'zzz' matches no operation: GET /_lookalike/coverage?vendor=NAME lists them.",
    ),
    ("POST", "/faults", {"script": "429x2, , ok"}, None),
    (
        "POST",
        "/faults",
        {"script": "429x0, ok"},
        "The body cannot be used: step '429x0' is none: leave it out, or write ok for a request without a fault.",
    ),
    ("POST", "/faults", {"fault": {}}, "Member 'fault.type' is missing: add it."),
    (
        "POST",
        "/faults",
        {"fault": {"type": "boom"}},
        "Member 'fault.type' 'boom' is unknown: use one of error, latency, rate_limit, timeout, reset, empty, "
        "truncate, garbage, slow.",
    ),
    ("POST", "/faults", {"fault": {"type": "error", "status": 200}}, None),
    (
        "POST",
        "/reset",
        {"workspace": "a b"},
        f"Member 'workspace' cannot be used: {WORKSPACE_RULE}.",
    ),
    ("POST", "/webhooks/deliveries/whd_1/replay", {"again": True}, "Member 'again' is unknown: leave it out."),
    ("POST", "/requests/verify", {"count": -1}, None),
    (
        "POST",
        "/requests/verify",
        {"count": {"min": 3, "max": 2}},
        "Member 'count' cannot be used: min must not be above max.",
    ),
    ("POST", "/clock", {"freeze": 5}, "Member 'freeze' cannot be used: input should be a valid string."),
    ("POST", "/requests/verify", {"when": {"status": "oops"}}, None),
    ("POST", "/requests/verify", {"when": {"vendor": "nobody"}}, None),
]


@pytest.mark.parametrize(("method", "path", "body", "sentence"), BAD_BODIES)
def test_a_bad_body_is_refused_with_one_sentence_and_changes_nothing(client, method, path, body, sentence):
    def state():
        clock = client.sandbox.clock.state()
        return clock["frozen"], clock["shift"], list(client.sandbox.workspaces), len(list(client.sandbox.faults))

    before = state()
    reply = client.control(method, path, body)
    assert reply.status == 400, reply.text
    assert list(reply.json) == ["error"]
    if sentence is not None:
        assert reply.json["error"] == sentence
    assert reply.json["error"].endswith(".")
    assert "\n" not in reply.json["error"]
    assert state() == before


@pytest.mark.parametrize(
    ("method", "path", "status", "sentence"),
    [
        ("GET", "/coverage?vendor=nobody", 400, "Vendor 'nobody' is not served here: use autosend."),
        ("GET", "/coverage?vendr=x", 400, "Member 'vendr' is unknown: use vendor."),
        ("GET", "/vendors?x=1", 400, "Query parameter 'x' is unknown: this route takes none."),
        ("GET", "/openapi/nobody.json", 404, "Vendor 'nobody' is not served here: use autosend."),
        ("GET", "/clock?workspace=x", 404, "There is no workspace 'x': GET /_lookalike/workspaces lists them."),
        ("DELETE", "/workspaces/x", 404, "There is no workspace 'x': GET /_lookalike/workspaces lists them."),
        ("DELETE", "/faults/fault_9", 404, "There is no fault 'fault_9': GET /_lookalike/faults lists them."),
        ("GET", "/messages/x", 404, "There is no message 'x': GET /_lookalike/messages lists them."),
        ("GET", "/messages?limit=0", 400, None),
        ("GET", "/requests?limit=x", 400, None),
        ("GET", "/requests?since=12", 400, "Member 'since' cannot be used: an entry's id looks like req_12."),
        ("GET", "/requests?status=oops", 400, None),
        ("DELETE", "/requests?limit=3", 400, None),
        (
            "GET",
            "/nothing",
            404,
            "There is no GET /_lookalike/nothing: the routes are described in the README under 'Control API'.",
        ),
        ("GET", "", 404, None),
        ("GET", "/", 404, None),
        ("GET", "//health", 404, None),
        ("GET", "/health/", 404, None),
        ("POST", "/health", 405, "/_lookalike/health does not know POST: use GET."),
        ("PATCH", "/faults", 405, "/_lookalike/faults does not know PATCH: use DELETE, GET, POST, PUT."),
        ("OPTIONS", "/faults", 405, "/_lookalike/faults does not know OPTIONS: use DELETE, GET, POST, PUT."),
    ],
)
def test_what_is_not_there_is_refused_with_one_sentence(client, method, path, status, sentence):
    reply = client.control(method, path)
    assert reply.status == status, reply.text
    assert list(reply.json) == ["error"]
    assert reply.headers["content-type"] == "application/json"
    if sentence is not None:
        assert reply.json["error"] == sentence


def test_a_wrong_method_is_told_the_right_ones(client):
    assert client.control("PUT", "/reset").headers["allow"] == "POST"


@pytest.mark.parametrize("raw", [b"{", b"\xff", b"nope", b"{} {}"])
def test_a_body_that_is_not_json_is_refused(client, raw):
    reply = wsgi(client.app, "POST", "/_lookalike/reset", raw, {"Content-Type": "application/json"})
    assert reply.status == 400
    assert reply.json["error"].startswith("The body is not JSON (")


def test_deep_nesting_is_refused(client):
    raw = b"[" * 100_000 + b"]" * 100_000
    reply = wsgi(client.app, "POST", "/_lookalike/faults", raw, {"Content-Type": "application/json"})
    assert reply.status == 400


def test_a_fault_too_deep_to_be_shown_is_refused(client):
    raw = b'{"fault": "503", "when": {"body": {"a": ' + b"[" * 300 + b"]" * 300 + b"}}}"
    reply = wsgi(client.app, "POST", "/_lookalike/faults", raw, {"Content-Type": "application/json"})
    assert (reply.status, reply.json) == (400, {"error": "The body is nested too deeply: send at most 240 levels."})
    assert client.control("GET", "/faults").json == {"faults": []}


def test_a_body_over_a_megabyte_is_refused(client):
    raw = b'{"workspace": "' + b"x" * 1024 * 1024 + b'"}'
    reply = wsgi(client.app, "POST", "/_lookalike/reset", raw, {"Content-Type": "application/json"})
    assert reply.status == 413
    assert reply.json == {"error": "The body is too large: send at most 1048576 bytes."}


def test_no_body_is_an_empty_object(client):
    assert wsgi(client.app, "POST", "/_lookalike/reset", b"", {}).status == 200


def test_an_accident_of_ours_is_told_in_json_too(client, monkeypatch, caplog):
    monkeypatch.delattr(client.sandbox, "faults")
    reply = client.control("GET", "/faults")
    assert (reply.status, reply.json) == (500, {"error": "lookalike itself failed here: its log says why."})
    assert "AttributeError" in caplog.text
