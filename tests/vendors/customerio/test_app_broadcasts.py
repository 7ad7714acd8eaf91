"""API-triggered broadcasts: whom a trigger reaches, what is wrong with it, and what is left to be read."""

from __future__ import annotations

import pytest

from lookalike import pieces
from lookalike.vendors.customerio import broadcasts
from tests.support import Like
from tests.vendors.customerio.bodies import DELIVERY, NOW, app_error, exactly

PATH = "/v1/campaigns/12/triggers"
ELSEWHERE = "unable to download file: the sandbox fetches files from this machine alone"
EVERYBODY = {"attribute": {"field": "cio_id", "operator": "exists"}}


def unprocessable(trigger):
    text = (
        "Errors were found while processing per user data (ids, emails or json data). "
        f"More detail available from the errors endpoint for trigger {trigger}"
    )
    return app_error(422, text, "/data/attributes/per_user_data")


@pytest.fixture
def people(client):
    """ann and bob with addresses, cy without one, dan unsubscribed."""
    for id, attributes in {
        "ann": {"email": "ann@x.co", "plan": "pro"},
        "bob": {"email": "bob@x.co"},
        "cy": {"plan": "pro"},
        "dan": {"email": "dan@x.co", "unsubscribed": True},
    }.items():
        assert client.put(f"/api/v1/customers/{id}", attributes).status == 200


def outbox(client):
    """To whom what was sent, oldest first."""
    messages = client.control("GET", "/messages").json["messages"]
    return [(message["to"], message["trigger"]) for message in reversed(messages)]


def metrics(client):
    """What became of each delivery, by recipient."""
    found = client.get("/v1/messages").json["messages"]
    return {one["recipient"]: (sorted(one["metrics"]), one["failure_message"]) for one in found}


SENT = (["created", "delivered", "sent"], None)


@pytest.mark.parametrize(
    ("body", "reached"),
    [
        ({}, []),
        ({"data": {"a": 1}}, []),
        ({"emails": ["ann@x.co", "BOB@x.co"]}, ["ann@x.co", "bob@x.co"]),
        ({"ids": ["ann"]}, ["ann@x.co"]),
        ({"ids": ["nobody", "ann"], "id_ignore_missing": True}, ["ann@x.co"]),
        ({"emails": ["no@x.co", "ann@x.co"], "email_ignore_missing": True}, ["ann@x.co"]),
        ({"recipients": EVERYBODY}, ["ann@x.co", "bob@x.co"]),
        ({"recipients": {"attribute": {"field": "plan", "operator": "eq", "value": "pro"}}}, ["ann@x.co"]),
        ({"recipients": {"segment": {"id": 4}}}, []),
        ({"per_user_data": [{"email": "ann@x.co"}, {"id": "bob"}]}, ["ann@x.co", "bob@x.co"]),
        ({"per_user_data": []}, []),
    ],
)
def test_whom_it_reaches(client, people, body, reached):
    reply = client.post(PATH, body)
    assert (reply.status, reply.json) == (200, {"id": 1})
    assert outbox(client) == [([to], body.get("data") or {}) for to in reached]
    assert client.get(f"{PATH}/1").json == {"id": 1, "broadcast_id": 12, "created_at": NOW, "processed_at": NOW}
    assert client.get(f"{PATH}/1/errors").json == {"errors": [], "next": 0}


def test_what_becomes_of_everybody(client, people):
    client.post(PATH, {"recipients": EVERYBODY})
    assert metrics(client) == {
        "ann@x.co": SENT,
        "bob@x.co": SENT,
        "cy": (["created", "undeliverable"], "Person has no email address"),
        "dan@x.co": (["created", "undeliverable"], "Person is unsubscribed"),
    }


def test_the_delivery_says_where_it_comes_from(client, people):
    client.post(PATH, {"ids": ["ann"]})
    (message,) = client.get("/v1/messages?trigger_id=1").json["messages"]
    whose = {"email": "ann@x.co", "id": "ann", "cio_id": Like("[0-9a-f]{12}")}
    assert (message["id"], message["broadcast_id"], message["type"]) == (DELIVERY, 12, "email")
    assert message["customer_identifiers"] == whose
    assert client.get("/v1/messages?trigger_id=2").json["messages"] == []


def test_data_of_each_and_of_all(client, people):
    per_user = [{"id": "ann", "data": {"b": 2}}, {"email": "bob@x.co", "data": {"a": 3}}]
    client.post(PATH, {"data": {"a": 1}, "per_user_data": per_user})
    assert outbox(client) == [(["ann@x.co"], {"a": 1, "b": 2}), (["bob@x.co"], {"a": 3})]


def test_a_file(client, people):
    lines = '{"id": "ann", "data": {"a": 1}}\n\n{"email": "bob@x.co"}\n'
    assert client.post(PATH, {"data_file_url": f"data:application/json,{lines}"}).json == {"id": 1}
    assert outbox(client) == [(["ann@x.co"], {"a": 1}), (["bob@x.co"], {})]


@pytest.mark.parametrize(
    ("url", "errors"),
    [
        (
            "https://example.com/data.json",
            [f"failed to download data file, {ELSEWHERE}"],
        ),
        ('data:,{"id": "ann"}\nhello\n[]', ["line 2: invalid JSON data", "line 3: invalid JSON data"]),
        ('data:,{"id": "nobody"}', ['line 1: no person with id "nobody"']),
    ],
)
def test_a_file_that_makes_no_sense_is_told_later(client, people, url, errors):
    assert client.post(PATH, {"data_file_url": url}).json == {"id": 1}
    assert client.get(f"{PATH}/1/errors").json == {"errors": errors, "next": 0}
    assert outbox(client) == []


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"ids": ["ann", "x", 7]}, ['line 2: no person with id "x"', 'line 3: no person with id "7"']),
        ({"emails": ["no@x.co"], "id_ignore_missing": True}, ['line 1: no person with email "no@x.co"']),
        ({"per_user_data": [{}]}, ["line 1: exactly one of id and email is required"]),
        (
            {"per_user_data": [{"id": "ann"}, {"id": "ann", "email": "ann@x.co"}]},
            ["line 2: exactly one of id and email is required"],
        ),
    ],
)
def test_people_who_are_not_there(client, people, body, errors):
    reply = client.post(PATH, body)
    assert (reply.status, reply.json) == (422, unprocessable(1))
    assert client.get(f"{PATH}/1/errors").json == {"errors": errors, "next": 0}
    assert client.get(f"{PATH}/1").json == {"id": 1, "broadcast_id": 12, "created_at": NOW, "processed_at": NOW}
    assert outbox(client) == []


def test_errors_in_pages(client):
    client.post(PATH, {"ids": ["a", "b", "c"]})
    texts = [f'line {line}: no person with id "{id}"' for line, id in enumerate("abc", 1)]
    assert client.get(f"{PATH}/1/errors?limit=2").json == {"errors": texts[:2], "next": 2}
    assert client.get(f"{PATH}/1/errors?limit=2&start=2").json == {"errors": texts[2:], "next": 0}


@pytest.mark.parametrize("id", [0, 1000, 123456789])
def test_a_broadcast_that_does_not_exist(client, id):
    reply = client.post(f"/v1/campaigns/{id}/triggers", {})
    missing = exactly(404, f"broadcast with id {id} does not exist")
    assert (reply.status, reply.json) == (404, missing)
    again = client.get(f"/v1/broadcasts/{id}/triggers")
    assert (again.status, again.json) == (404, missing)


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (
            {"recipients": {}},
            422,
            app_error(422, "empty recipients filter is not valid", "/data/attributes/recipients"),
        ),
        (
            {"ids": ["ann"], "emails": ["ann@x.co"]},
            422,
            app_error(
                422,
                "only one of recipients, emails, ids, per_user_data, data_file_url can be used",
                "/data/attributes/ids",
            ),
        ),
        ({"recipients": {"plan": "pro"}}, 400, app_error(400, "plan is not a known filter")),
        ({"ids": "ann"}, 400, app_error(400, Like("bad request .*"), "/ids")),
        ({"ids": ["x"] * 10_001}, 400, app_error(400, Like("bad request .*"), "/ids")),
        ({"data": []}, 400, app_error(400, Like("bad request .*"), "/data")),
        ({"id_ignore_missing": "yes"}, 400, app_error(400, Like("bad request .*"), "/id_ignore_missing")),
    ],
)
def test_what_is_refused(client, people, body, status, expected):
    reply = client.post(PATH, body)
    assert (reply.status, reply.json) == (status, expected)
    assert client.get("/v1/broadcasts/12/triggers").json == {"triggers": []}
    assert outbox(client) == []


@pytest.mark.parametrize("path", ["/v1/campaigns/x/triggers", "/v1/campaigns/-1/triggers"])
def test_ids_that_are_no_numbers(client, path):
    for reply in (client.post(path, {}), client.get(path + "/1"), client.get(f"{PATH}/x/errors")):
        assert (reply.status, reply.json) == (400, app_error(400, "bad request"))


@pytest.mark.parametrize("path", [f"{PATH}/2", f"{PATH}/2/errors", "/v1/campaigns/13/triggers/1"])
def test_a_trigger_that_is_not_there(client, path):
    assert client.post(PATH, {}).json == {"id": 1}
    reply = client.get(path)
    assert (reply.status, reply.json) == (404, app_error(404, "not found"))


def test_lists(client):
    assert client.get("/v1/broadcasts").json == {"broadcasts": []}
    client.post(PATH, {})
    client.clock(advance="20s")
    client.post("/v1/campaigns/3/triggers", {})
    client.post(PATH, {})
    first = {"id": 1, "broadcast_id": 12, "created_at": NOW, "processed_at": NOW}
    third = {"id": 3, "broadcast_id": 12, "created_at": NOW + 20, "processed_at": NOW + 20}
    assert client.get("/v1/broadcasts/12/triggers").json == {"triggers": [first, third]}
    assert client.get("/v1/broadcasts/4/triggers").json == {"triggers": []}
    listed = client.get("/v1/broadcasts").json["broadcasts"]
    assert [(one["id"], one["created"]) for one in listed] == [(3, NOW + 20), (12, NOW)]
    assert client.get("/v1/broadcasts/12").json == {
        "broadcast": {
            "id": 12,
            "deduplicate_id": f"12:{NOW}",
            "name": "Broadcast 12",
            "type": "triggered_broadcast",
            "created": NOW,
            "updated": NOW,
            "active": True,
            "state": "running",
            "actions": [{"id": 12, "type": "email"}],
            "msg_template_ids": [{"id": 12, "type": "email"}],
            "first_started": NOW,
            "tags": None,
        }
    }


def test_many_are_served_one_lot_after_the_other(client, people, monkeypatch):
    monkeypatch.setattr(broadcasts, "AT_ONCE", 1)
    monkeypatch.setattr(broadcasts, "LOT", 1)
    client.post(PATH, {"ids": ["ann", "bob"]})
    assert outbox(client) == [(["ann@x.co"], {})]
    assert client.get(f"{PATH}/1").json["processed_at"] is None
    client.clock(advance="1s")
    assert outbox(client) == [(["ann@x.co"], {}), (["bob@x.co"], {})]
    assert client.get(f"{PATH}/1").json["processed_at"] == NOW + 1


def test_lots_of_several(client, monkeypatch):
    """Five people in lots of two: two lots before the answer, the last one half a second later."""
    monkeypatch.setattr(broadcasts, "AT_ONCE", 4)
    monkeypatch.setattr(broadcasts, "LOT", 2)
    monkeypatch.setattr(pieces, "SLICE", 0)
    for number in range(5):
        client.put(f"/api/v1/customers/p{number}", {"email": f"p{number}@x.co"})
    assert client.post(PATH, {"recipients": EVERYBODY}).json == {"id": 1}
    assert [to for to, _ in outbox(client)] == [[f"p{number}@x.co"] for number in range(4)]
    assert client.get(f"{PATH}/1").json == {"id": 1, "broadcast_id": 12, "created_at": NOW, "processed_at": None}
    client.clock(advance="499ms")
    assert len(outbox(client)) == 4
    client.clock(advance="1ms")
    assert [to for to, _ in outbox(client)] == [[f"p{number}@x.co"] for number in range(5)]
    assert client.get(f"{PATH}/1").json == {"id": 1, "broadcast_id": 12, "created_at": NOW, "processed_at": NOW}


def test_one_trigger_in_ten_seconds(sandbox):
    client = sandbox("customerio", rate_limits="vendor")
    client.clock(freeze="2026-01-05T09:00:00Z")
    assert [client.post(path, {}).status for path in (PATH, "/v1/campaigns/3/triggers")] == [200, 200]
    refused = client.post(PATH, {})
    assert (refused.status, refused.json) == (429, app_error(429, "rate limited to 1 requests per 10s"))
    assert refused.headers["retry-after"] == "10"
    client.clock(advance="10s")
    assert client.post(PATH, {}).status == 200
