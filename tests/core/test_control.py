"""The control API's routes: what each answers, and how it refuses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lookalike import __version__
from lookalike.app import create_app
from lookalike.clock import Clock, parse_instant
from lookalike.sandbox import Sandbox
from lookalike.settings import Settings
from lookalike.workspace import Workspace
from tests.support import Client, wsgi

NEW_YEAR = "2026-01-01T00:00:00.000Z"


@pytest.fixture
def client() -> Client:
    made = Client("autosend", settings={"vendor": ("autosend",)})
    made.sandbox.prepare()
    return made


def create(client: Client, email: str = "ann@example.com") -> str:
    reply = client.post("/v1/contacts", {"email": email})
    assert reply.status < 300, reply.text
    return email


def tagged(client: Client, workspace: str) -> Client:
    return client.as_key(f"AS_key~{workspace}")


# --- health, vendors, coverage, openapi -------------------------------------------------------------------------


def test_health_is_ready_only_once_seeded():
    sandbox = Sandbox(Settings(fixture="none"))
    app = create_app(sandbox=sandbox)
    before = wsgi(app, "GET", "/_lookalike/health", b"", {})
    assert before.status == 503
    assert before.json == {"error": "lookalike is still being seeded: ask again."}
    sandbox.prepare()
    after = wsgi(app, "GET", "/_lookalike/health", b"", {})
    assert after.status == 200
    assert after.json == {"status": "ok", "version": __version__}
    assert after.headers["content-type"] == "application/json"


def test_a_plain_wsgi_app_is_ready_once_made():
    app = create_app(Settings(fixture="none"))
    assert wsgi(app, "GET", "/_lookalike/health", b"", {}).status == 200


def test_vendors_tell_where_they_are_and_what_to_send(client):
    reply = client.control("GET", "/vendors")
    assert reply.status == 200
    assert reply.json == {
        "vendors": [
            {
                "name": "autosend",
                "title": "AutoSend",
                "url": "/autosend/v1",
                "key": "AS_lookalike",
                "header": {"name": "Authorization", "value": "Bearer AS_lookalike"},
                "hosts": ["api.autosend.com", "autosend.localhost"],
            }
        ]
    }


def test_coverage_counts_and_lists_operations(client):
    coverage = client.sandbox.vendors["autosend"].coverage
    counts = client.control("GET", "/coverage").json["vendors"]
    assert list(counts) == ["autosend"]
    summary = counts["autosend"]
    known = [entry for entry in coverage.entries if entry.state != "planned"]
    assert summary["documented"] == len(coverage.entries)
    assert summary["implemented"] == len(known) == summary["full"] + summary["partial"]
    assert sum(source["operations"] for source in summary["sources"].values()) == len(known)
    assert sum(source["share"] for source in summary["sources"].values()) == pytest.approx(1, abs=0.01)
    listed = client.control("GET", "/coverage?vendor=autosend").json["vendors"]["autosend"]
    operations = listed.pop("operations")
    assert listed == summary
    assert [operation["id"] for operation in operations] == [entry.id for entry in coverage.entries]
    created = next(operation for operation in operations if operation["id"] == "create_contact")
    assert created == {
        "id": "create_contact",
        "method": "POST",
        "paths": ["/v1/contacts"],
        "state": "full",
        "source": created["source"],
        "doc": created["doc"],
        "why": None,
    }


def test_the_contract_document_is_served(client):
    reply = client.control("GET", "/openapi/autosend.json")
    assert reply.status == 200
    assert reply.json["openapi"] == "3.1.0"
    assert reply.json["servers"] == [{"url": "/autosend/v1"}]


# --- reset and workspaces ---------------------------------------------------------------------------------------


def contacts(client: Client) -> int:
    workspace = client.sandbox.workspaces.get("default" if "~" not in client.key else client.key.rpartition("~")[2])
    part = workspace and workspace.part("autosend")
    resource = next(r for r in client.sandbox.vendors["autosend"].resources if r.name == "contacts")
    return part.collection(resource).count() if part else 0


def test_reset_of_everything_empties_all_workspaces_and_resumes_the_clock(client):
    other = tagged(client, "ci7")
    create(client)
    create(other)
    client.clock(freeze=NEW_YEAR)
    reply = client.control("POST", "/reset", {})
    assert reply.status == 200
    assert reply.json == {"workspaces": ["default", "ci7"]}
    assert (contacts(client), contacts(other)) == (0, 0)
    clocks = client.control("GET", "/clock").json
    assert not clocks["clock"]["frozen"]
    assert not clocks["workspaces"]["ci7"]["frozen"]


def test_reset_of_one_workspace_leaves_the_others(client):
    other = tagged(client, "ci7")
    create(client)
    create(other)
    assert client.control("POST", "/reset", {"workspace": "ci7"}).json == {"workspaces": ["ci7"]}
    assert (contacts(client), contacts(other)) == (1, 0)


def test_reset_of_one_workspace_takes_up_the_time_of_all(client):
    other = tagged(client, "ci7")
    create(other)
    client.clock(freeze=NEW_YEAR)
    client.clock(advance="1h", workspace="ci7")
    client.control("POST", "/reset", {"workspace": "ci7"})
    assert client.control("GET", "/clock?workspace=ci7").json == {
        "workspace": "ci7",
        "clock": {"now": NEW_YEAR, "frozen": True, "shift": 0.0},
    }


def test_reset_of_one_vendor_drops_its_messages_and_keeps_the_time(client):
    create(client)
    client.clock(freeze=NEW_YEAR)
    client.sandbox.workspace("default").part("autosend").keep_message(MESSAGE)
    assert client.control("POST", "/reset", {"vendor": "autosend"}).json == {"workspaces": ["default"]}
    assert contacts(client) == 0
    assert client.control("GET", "/messages").json == {"messages": []}
    assert client.control("GET", "/clock").json["workspaces"]["default"]["now"] == NEW_YEAR


def test_a_reset_workspace_repeats_its_ids(client):
    first = client.post("/v1/contacts", {"email": "ann@example.com"}).json["data"]["id"]
    client.control("POST", "/reset")
    assert client.post("/v1/contacts", {"email": "ann@example.com"}).json["data"]["id"] == first


def test_reset_does_not_touch_faults_and_requests(client):
    create(client)
    client.control("POST", "/faults", {"fault": "503"})
    client.control("POST", "/reset")
    assert len(client.control("GET", "/faults").json["faults"]) == 1
    assert client.control("GET", "/requests").json["count"] == 1


def test_a_workspace_is_made_listed_and_dropped(client):
    client.clock(freeze=NEW_YEAR)
    made = client.control("POST", "/workspaces", {"name": "ci7"})
    assert made.status == 201
    assert made.json == {
        "name": "ci7",
        "vendors": {"autosend": {"url": "/autosend/v1", "key": "AS_lookalike~ci7"}},
    }
    create(client.as_key(made.json["vendors"]["autosend"]["key"]))
    assert client.control("GET", "/workspaces").json == {
        "workspaces": [
            {"name": "default", "now": NEW_YEAR, "vendors": ["autosend"]},
            {"name": "ci7", "now": NEW_YEAR, "vendors": ["autosend"]},
        ]
    }
    gone = client.control("DELETE", "/workspaces/ci7")
    assert (gone.status, gone.json) == (200, {"deleted": "ci7"})
    assert [found["name"] for found in client.control("GET", "/workspaces").json["workspaces"]] == ["default"]
    assert contacts(tagged(client, "ci7")) == 0


def test_making_a_workspace_again_keeps_what_is_in_it(client):
    other = tagged(client, "ci7")
    create(other)
    assert client.control("POST", "/workspaces", {"name": "ci7"}).status == 201
    assert contacts(other) == 1


# --- faults -----------------------------------------------------------------------------------------------------

EVERYTHING = {"vendor": "*", "operation": "*", "workspace": "*", "method": "*", "path": "*"}


def test_one_fault_is_put_in_force_listed_and_dropped(client):
    rule = {
        "when": {"vendor": "autosend", "operation": "create_contact", "body": {"email": "*@vip.test"}},
        "fault": {"type": "error", "kind": "rate_limited"},
        "times": 2,
    }
    shown = {
        "id": "fault_1",
        "when": {**EVERYTHING, **rule["when"]},
        "fault": {"type": "error", "kind": "rate_limited", "when": "before", "retry_after": 1},
        "times": 2,
        "skip": 0,
        "probability": 1.0,
        "seen": 0,
        "hits": 0,
    }
    made = client.control("POST", "/faults", rule)
    assert (made.status, made.json) == (201, {"faults": [shown]})
    assert client.post("/v1/contacts", {"email": "ann@vip.test"}).status == 429
    assert client.control("GET", "/faults").json == {"faults": [{**shown, "seen": 1, "hits": 1}]}
    gone = client.control("DELETE", "/faults/fault_1")
    assert (gone.status, gone.json) == (200, {"deleted": ["fault_1"]})
    assert client.control("GET", "/faults").json == {"faults": []}
    assert client.post("/v1/contacts", {"email": "ann@vip.test"}).status == 200


def test_a_list_of_faults_is_put_in_force_in_order(client):
    made = client.control("POST", "/faults", [{"fault": "503"}, {"script": "429x2, ok"}])
    assert [rule["id"] for rule in made.json["faults"]] == ["fault_1", "fault_2"]
    assert [rule.get("script") for rule in made.json["faults"]] == [None, "429x2, ok"]


@pytest.mark.parametrize(
    ("short", "whole"),
    [
        ("503", {"type": "error", "status": 503, "when": "before", "retry_after": 1}),
        ("forbidden", {"type": "error", "kind": "forbidden", "when": "before", "retry_after": 1}),
        ("latency=200", {"type": "latency", "ms": 200.0, "sigma": 0.5}),
        ("reset", {"type": "reset", "when": "before"}),
    ],
)
def test_a_fault_may_be_in_short_form(client, short, whole):
    assert client.control("POST", "/faults", {"fault": short}).json["faults"][0]["fault"] == whole


def test_put_makes_these_the_only_faults(client):
    client.control("POST", "/faults", [{"fault": "503"}, {"fault": "500"}])
    put = client.control("PUT", "/faults", {"fault": "429"})
    assert put.status == 200
    assert [rule["fault"]["status"] for rule in put.json["faults"]] == [429]
    assert client.control("GET", "/faults").json == put.json


def test_faults_are_dropped_all_at_once(client):
    client.control("POST", "/faults", [{"fault": "503"}, {"fault": "500"}])
    gone = client.control("DELETE", "/faults")
    assert (gone.status, gone.json) == (200, {"deleted": ["fault_1", "fault_2"]})
    assert client.control("GET", "/faults").json == {"faults": []}


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_if_one_fault_makes_no_sense_nothing_changes(client, method):
    client.control("POST", "/faults", {"fault": "503"})
    before = client.control("GET", "/faults").json
    assert client.control(method, "/faults", [{"fault": "429"}, {"fault": "4o4"}]).status == 400
    assert client.control("GET", "/faults").json == before


def test_the_control_api_is_never_subject_to_faults(client):
    client.control("POST", "/faults", {"fault": "503"})
    assert client.control("GET", "/faults", headers={"X-Lookalike-Fault": "500"}).status == 200
    assert client.control("GET", "/requests").json == {"requests": [], "count": 0}


# --- clock ------------------------------------------------------------------------------------------------------


def test_the_clock_of_all_is_frozen_advanced_and_resumed(client):
    frozen = client.control("POST", "/clock", {"freeze": "2026-01-01T00:00:00Z"})
    state = {"now": NEW_YEAR, "frozen": True, "shift": 0.0}
    assert frozen.status == 200
    assert frozen.json == {"clock": state, "workspaces": {"default": state}, "done": 0}
    later = {**state, "now": "2026-01-09T00:00:00.000Z"}
    advanced = client.control("POST", "/clock", {"advance": "8d"})
    assert advanced.json == {"clock": later, "workspaces": {"default": later}, "done": 0}
    tagged(client, "new").get("/v1/contacts/1")
    assert client.control("GET", "/clock").json == {"clock": later, "workspaces": {"default": later, "new": later}}
    resumed = client.control("POST", "/clock", {"resume": True}).json
    assert [clock["frozen"] for clock in (resumed["clock"], *resumed["workspaces"].values())] == [False] * 3


def test_a_running_clock_stays_running_when_advanced(client):
    before = parse_instant(client.control("GET", "/clock").json["clock"]["now"])
    after = client.control("POST", "/clock", {"advance": 90}).json["clock"]
    assert (after["frozen"], after["shift"]) == (False, 90.0)
    assert before + 90 <= parse_instant(after["now"]) < before + 150


def test_one_workspace_moves_alone_and_is_made_if_need_be(client):
    moved = client.control("POST", "/clock", {"freeze": "2026-01-01T02:00:00+02:00", "workspace": "ci7"})
    state = {"now": NEW_YEAR, "frozen": True, "shift": 0.0}
    assert moved.json == {"workspace": "ci7", "clock": state, "done": 0}
    clocks = client.control("GET", "/clock").json
    assert clocks["workspaces"]["ci7"] == state
    assert not clocks["clock"]["frozen"]
    assert not clocks["workspaces"]["default"]["frozen"]


def test_freeze_true_stops_the_clock_where_it_is(client):
    client.clock(freeze=NEW_YEAR)
    client.clock(resume=True)
    client.clock(freeze=True)
    first = client.control("GET", "/clock").json
    assert first["clock"]["frozen"]
    assert first["clock"]["now"] > "2026-01-02"
    assert client.control("GET", "/clock").json == first


def workspace_with_task(task) -> Workspace:
    sandbox = Sandbox(Settings(fixture="none", vendor=("autosend",)))
    vendors = {"autosend": replace(sandbox.vendors["autosend"], tasks={"note": task})}
    workspace = Workspace("w", sandbox.store, vendors, 0, Clock(frozen=0.0))
    workspace.add_part("autosend")
    return workspace


def test_what_falls_due_sees_its_own_time_in_the_order_of_times():
    seen = []

    def note(part, payload):
        seen.append((payload["name"], part.clock.now()))
        if payload["name"] == "first":
            part.later(5, "note", {"name": "follows"})

    workspace = workspace_with_task(note)
    for at, name in ((30.0, "third"), (10.0, "first"), (20.0, "second"), (200.0, "later")):
        workspace.schedule(at, "autosend", "note", {"name": name})
    assert workspace.move(Clock(frozen=100.0)) == 4
    assert seen == [("first", 10.0), ("follows", 15.0), ("second", 20.0), ("third", 30.0)]
    assert workspace.clock.now() == 100.0
    assert workspace.move(Clock(frozen=200.0)) == 1
    assert seen[-1] == ("later", 200.0)


def test_what_is_due_at_a_request_sees_its_own_time_too():
    seen = []
    workspace = workspace_with_task(lambda part, payload: seen.append(part.clock.now()))
    workspace.schedule(10.0, "autosend", "note", {})
    workspace.clock.freeze(50.0)
    assert workspace.run_due() == 1
    assert seen == [10.0]
    assert workspace.clock.now() == 50.0


def test_a_task_that_fails_leaves_the_clock_where_it_was_to_go():
    def fail(part, payload):
        raise RuntimeError

    workspace = workspace_with_task(fail)
    workspace.schedule(10.0, "autosend", "note", {})
    with pytest.raises(RuntimeError):
        workspace.move(Clock(frozen=50.0))
    assert workspace.clock.now() == 50.0


def test_a_dropped_or_reset_workspace_forgets_what_was_due():
    workspace = workspace_with_task(lambda part, payload: None)
    workspace.schedule(10.0, "autosend", "note", {})
    workspace.clear(Clock(frozen=5.0))
    assert workspace.move(Clock(frozen=50.0)) == 0


# --- messages ---------------------------------------------------------------------------------------------------

MESSAGE = {
    "id": "m1",
    "from": "us@shop.test",
    "to": ["Ann <Ann@example.com>"],
    "subject": "Welcome, Ann",
    "html": "<p>Hi</p>",
    "text": "Hi",
    "created_at": "2026-01-01T00:00:00.000Z",
}
SECOND = {**MESSAGE, "id": "m2", "to": ["bob@example.com"], "subject": None, "created_at": "2026-01-02T00:00:00.000Z"}
THIRD = {
    **MESSAGE,
    "id": "m3",
    "to": ["c@example.com"],
    "cc": ["ann@example.com"],
    "created_at": "2026-01-03T00:00:00Z",
}


@pytest.fixture
def with_messages(client) -> Client:
    create(tagged(client, "ci7"))
    client.sandbox.workspace("default").part("autosend").keep_message(MESSAGE)
    client.sandbox.workspace("ci7").part("autosend").keep_message(SECOND)
    client.sandbox.workspace("default").part("autosend").keep_message(THIRD)
    return client


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", ["m3", "m2", "m1"]),
        ("?limit=2", ["m3", "m2"]),
        ("?workspace=ci7", ["m2"]),
        ("?workspace=nowhere", []),
        ("?vendor=auto*", ["m3", "m2", "m1"]),
        ("?vendor=other", []),
        ("?recipient=ann@example.com", ["m3", "m1"]),
        ("?recipient=example.com", []),
        ("?subject=Welcome*", ["m3", "m1"]),
        ("?subject=Welcome", []),
    ],
)
def test_messages_are_listed_newest_first_and_filtered(with_messages, query, ids):
    reply = with_messages.control("GET", f"/messages{query}")
    assert reply.status == 200
    assert [message["id"] for message in reply.json["messages"]] == ids


def test_one_message_is_shown_whole(with_messages):
    reply = with_messages.control("GET", "/messages/m2")
    assert (reply.status, reply.json) == (200, {"workspace": "ci7", "vendor": "autosend", **SECOND})


# --- refusals ---------------------------------------------------------------------------------------------------

BAD_BODIES = [
    ("POST", "/reset", {"worksapce": "x"}, "Member 'worksapce' is unknown: use workspace, vendor."),
    ("POST", "/reset", {"vendor": "nobody"}, "Vendor 'nobody' is not served here: use autosend."),
    ("POST", "/reset", {"workspace": 7}, "Member 'workspace' cannot be used: input should be a valid string."),
    ("POST", "/reset", [], "The body must be a JSON object: send {...}."),
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
    ("POST", "/faults", {"fault": {"type": "error", "status": 200}}, None),
    ("POST", "/requests/verify", {"count": -1}, None),
    ("POST", "/requests/verify", {"count": {"min": 3, "max": 2}}, None),
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


def test_a_body_over_a_megabyte_is_refused(client):
    raw = b'{"workspace": "' + b"x" * 1024 * 1024 + b'"}'
    reply = wsgi(client.app, "POST", "/_lookalike/reset", raw, {"Content-Type": "application/json"})
    assert reply.status == 413
    assert reply.json == {"error": "The body is too large: send at most 1048576 bytes."}


def test_no_body_is_an_empty_object(client):
    assert wsgi(client.app, "POST", "/_lookalike/reset", b"", {}).status == 200
