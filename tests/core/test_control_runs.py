"""Runs and workflows in the control API."""

from __future__ import annotations

import pytest

from lookalike import runs
from lookalike.control import ROUTES
from tests.every_vendor.worlds import VENDORS
from tests.support import Client

START = "2026-03-17T10:30:00.000Z"


@pytest.fixture
def client():
    made = Client("autosend")
    made.clock(freeze=START)
    made.sandbox.prepare()
    return made


def part(client, workspace="default"):
    found = client.sandbox.workspace(workspace)
    with found.unit():
        return client.sandbox.part(found, client.sandbox.vendors["autosend"])


def keep(client, name, workspace="default", **more):
    values = {"kind": "broadcast", "trigger": {"type": "sent"}, "contact": None, "messages": ("m1",), **more}
    with client.sandbox.workspace(workspace).unit():
        return part(client, workspace).keep_run(name=name, **values)


def names(client, query=""):
    reply = client.control("GET", f"/runs{query}")
    assert reply.status == 200, reply.text
    return [run["name"] for run in reply.json["runs"]]


def test_a_run_whole(client):
    id = keep(client, "May", contact="ann@example.com")
    assert client.control("GET", "/runs").json == {
        "runs": [
            {
                "id": id,
                "workspace": "default",
                "vendor": "autosend",
                "kind": "broadcast",
                "name": "May",
                "trigger": {"type": "sent"},
                "contact": "ann@example.com",
                "messages": ["m1"],
                "created_at": START,
            }
        ]
    }


def test_filters(client):
    keep(client, "a", contact="Ann@example.com")
    keep(client, "b", kind="workflow", contact="bob@example.com")
    client.clock(advance="1s")
    keep(client, "c", workspace="other")
    assert names(client) == ["c", "b", "a"]
    assert names(client, "?kind=work*") == ["b"]
    assert names(client, "?name=[ab]") == ["b", "a"]
    assert names(client, "?contact=ann@example.com") == ["a"]
    assert names(client, "?workspace=other") == ["c"]
    assert names(client, "?vendor=auto*&limit=2") == ["c", "b"]
    assert names(client, "?vendor=nobody") == []
    assert client.control("GET", "/runs?limit=0").status == 400


def test_forgetting(client):
    for name in ("a", "b", "c"):
        keep(client, name)
    assert client.control("DELETE", "/runs?name=b").json == {"deleted": 1}
    assert names(client) == ["c", "a"]
    keep(client, "d")
    assert client.control("DELETE", "/runs").json == {"deleted": 3}
    assert names(client) == []


def test_those_that_ran_first_go(client, monkeypatch):
    monkeypatch.setattr(runs, "KEPT", 2)
    ids = [keep(client, name) for name in ("a", "b", "c")]
    assert names(client) == ["c", "b"]
    assert len(set(ids)) == 3


def test_reset_forgets_them(client):
    keep(client, "a")
    client.control("POST", "/reset", {"vendor": "autosend"})
    assert names(client) == []


def test_a_vendor_without_workflows_of_its_own(client):
    body = {"vendor": "autosend", "name": "x", "trigger": {"type": "x"}}
    reply = client.control("POST", "/workflows", body)
    assert VENDORS["autosend"].plan is None
    assert (reply.status, reply.json) == (
        409,
        {"error": "AutoSend has no workflows that are made here: use its own API."},
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"vendor": "nobody"}, "nobody"),
        ({"workspace": "a b"}, "workspace"),
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"trigger": "x"}, "trigger"),
        ({"trigger": None}, "trigger"),
        ({"message": {"html": "x"}}, "subject"),
        ({"message": {"subject": "x", "to": "y"}}, "to"),
        ({"more": 1}, "more"),
    ],
)
def test_a_body_that_makes_no_sense(client, change, said):
    body = {"vendor": "autosend", "name": "x", "trigger": {"type": "x"}, **change}
    reply = client.control("POST", "/workflows", body)
    assert reply.status == 400
    assert said in reply.json["error"]
    assert names(client) == []


def test_the_routes_are_declared():
    ids = {operation.id for routes in ROUTES for operation in routes}
    assert {"list_runs", "delete_runs", "create_workflow"} <= ids
