"""Time through the control API."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lookalike.clock import Clock, parse_instant
from lookalike.workspace import Workspace
from tests.support import Client

NEW_YEAR = "2026-01-01T00:00:00.000Z"


@pytest.fixture
def client() -> Client:
    made = Client("autosend", settings={"vendor": ("autosend",)})
    made.sandbox.prepare()
    return made


def tagged(client: Client, workspace: str) -> Client:
    return client.as_key(f"AS_key~{workspace}")


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


def test_a_workspace_that_is_dropped_while_its_clock_is_moved(client, monkeypatch):
    tagged(client, "gone").get("/v1/contacts/1")
    monkeypatch.setattr(client.sandbox, "move_clock", lambda _change, name: client.sandbox.drop(name))
    moved = client.control("POST", "/clock", {"advance": "1h", "workspace": "gone"})
    sentence = "There is no workspace 'gone': GET /_lookalike/workspaces lists them."
    assert (moved.status, moved.json) == (404, {"error": sentence})


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


def with_tasks(client: Client, task) -> Workspace:
    """The workspace w at the beginning of 1970, with a task `note`."""
    vendors = client.sandbox.vendors
    vendors["autosend"] = replace(vendors["autosend"], tasks={"note": task})
    client.clock(freeze="1970-01-01T00:00:00Z", workspace="w")
    tagged(client, "w").get("/v1/contacts/1")
    return client.sandbox.workspace("w")


def test_advance_answers_when_all_that_fell_due_is_done(client):
    seen = []

    def note(part, payload):
        seen.append((payload["name"], part.clock.now()))
        if payload["name"] == "first":
            part.later(5, "note", {"name": "follows"})

    workspace = with_tasks(client, note)
    for at, name in ((30.0, "third"), (10.0, "first"), (20.0, "second"), (200.0, "later")):
        workspace.due.schedule(at, "autosend", "note", {"name": name})
    moved = client.control("POST", "/clock", {"advance": "100s", "workspace": "w"})
    assert moved.json == {
        "workspace": "w",
        "clock": {"now": "1970-01-01T00:01:40.000Z", "frozen": True, "shift": 0.0},
        "done": 4,
    }
    assert seen == [("first", 10.0), ("follows", 15.0), ("second", 20.0), ("third", 30.0)]
    assert client.control("POST", "/clock", {"freeze": "1970-01-01T01:00:00Z"}).json["done"] == 1
    assert seen[-1] == ("later", 200.0)


def test_what_is_due_at_a_request_sees_its_own_time_too(client):
    seen = []
    workspace = with_tasks(client, lambda part, payload: seen.append(part.clock.now()))
    workspace.due.schedule(10.0, "autosend", "note", {})
    workspace.clock.freeze(50.0)
    tagged(client, "w").get("/v1/contacts/1")
    assert seen == [10.0]
    assert workspace.clock.now() == 50.0


def test_a_task_that_fails_leaves_the_clock_where_it_was_to_go(client):
    def fail(part, payload):
        raise RuntimeError

    workspace = with_tasks(client, fail)
    workspace.due.schedule(10.0, "autosend", "note", {})
    with pytest.raises(RuntimeError):
        workspace.due.walk(Clock(frozen=50.0), pytest.fail)
    assert workspace.clock.now() == 50.0
