"""Fault rules through the control API."""

from __future__ import annotations

import pytest

from tests.support import Client


@pytest.fixture
def client() -> Client:
    made = Client("autosend", settings={"vendor": ("autosend",)})
    made.sandbox.prepare()
    return made


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
