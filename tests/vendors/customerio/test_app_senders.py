"""Sender identities: made by what is sent, listed in pages, shown one by one."""

from __future__ import annotations

import pytest

from lookalike.vendors.customerio.senders import SENDERS
from tests.vendors.customerio.audience import part_of
from tests.vendors.customerio.bodies import NOW, app_error

MAIL = {"to": "ann@example.com", "identifiers": {"id": "1"}, "body": "Hi", "subject": "Hi"}


def sender(number, name, email, address):
    return {
        "id": number,
        "deduplicate_id": f"{number}:{NOW}",
        "name": name,
        "email": email,
        "address": address,
        "template_type": "email",
        "auto_generated": True,
        "phone": None,
        "hidden": False,
    }


TEAM = sender(1, "The Team", "team@example.com", "The Team <team@example.com>")
BARE = sender(2, "team@example.com", "team@example.com", "team@example.com")
PHONE = sender(3, "+15551234567", None, None) | {"template_type": "phone", "phone": "+15551234567"}


@pytest.fixture
def senders(client):
    for name in ("The Team <team@example.com>", "team@example.com", "The Team <team@example.com>"):
        assert client.post("/v1/send/email", {**MAIL, "from": name}).status == 200
    sms = {"to": "+15550000000", "identifiers": {"id": "1"}, "transactional_message_id": 2, "from": "+15551234567"}
    assert client.post("/v1/send/sms", sms).status == 200
    return [TEAM, BARE, PHONE]


def test_there_are_none(client):
    assert client.get("/v1/sender_identities").json == {"sender_identities": [], "next": ""}


def test_list(client, senders):
    assert client.get("/v1/sender_identities").json == {"sender_identities": senders, "next": ""}
    assert client.get("/v1/sender_identities?hidden=false").json == {"sender_identities": senders, "next": ""}
    assert client.get("/v1/sender_identities?hidden=true").json == {"sender_identities": [], "next": ""}


def test_list_by_whether_they_are_hidden(client, senders):
    held = part_of(client).collection(SENDERS)
    held.put({**held.get("2"), "hidden": True})
    hidden = BARE | {"hidden": True}
    for query, expected in (("", [TEAM, hidden, PHONE]), ("?hidden=true", [hidden]), ("?hidden=false", [TEAM, PHONE])):
        assert client.get(f"/v1/sender_identities{query}").json == {"sender_identities": expected, "next": ""}


@pytest.mark.parametrize(("sort", "step"), [("asc", 1), ("desc", -1)])
def test_pages_to_the_end(client, senders, sort, step):
    seen, start = [], ""
    for _ in range(2):
        page = client.get(f"/v1/sender_identities?limit=2&sort={sort}&start={start}").json
        seen.append(page["sender_identities"])
        start = page["next"]
    ordered = senders[::step]
    assert seen == [ordered[:2], ordered[2:]]
    assert start == ""


def test_a_start_that_makes_no_sense(client):
    reply = client.get("/v1/sender_identities?start=x")
    assert (reply.status, reply.json) == (400, app_error(400, "invalid start value"))


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "sort=up", "hidden=maybe"])
def test_a_query_that_makes_no_sense(client, query):
    reply = client.get(f"/v1/sender_identities?{query}")
    assert reply.status == 400
    assert reply.json["errors"][0]["source"] == {"pointer": "/" + query.partition("=")[0]}


def test_get(client, senders):
    assert client.get("/v1/sender_identities/1").json == {"sender_identity": TEAM}
    assert client.get("/v1/sender_identities/1/used_by").json == {
        "campaigns": [],
        "sent_newsletters": [],
        "draft_newsletters": [],
    }


@pytest.mark.parametrize("path", ["/v1/sender_identities/4", "/v1/sender_identities/4/used_by"])
def test_one_that_is_not_there(client, senders, path):
    reply = client.get(path)
    assert (reply.status, reply.json) == (404, app_error(404, "sender identity not found"))
