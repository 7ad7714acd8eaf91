"""The workspace itself: counts, addresses, descriptions of data, and what cannot be made here."""

from __future__ import annotations

import pytest

from tests.support import Like
from tests.vendors.customerio.bodies import app_error


def test_ip_addresses_need_no_key(client):
    reply = client.as_key("").get("/v1/info/ip_addresses")
    assert reply.status == 200
    assert reply.json["ip_addresses"][0] == "35.188.196.183"
    assert len(set(reply.json["ip_addresses"])) == 10


def test_workspaces(client):
    number = client.get("/api/v1/accounts/region").json["environment_id"]
    empty = {
        "id": number,
        "name": "default",
        "messages_sent": 0,
        "billable_messages_sent": 0,
        "people": 0,
        "object_types": 0,
        "objects": 0,
    }
    assert client.get("/v1/workspaces").json == {"workspaces": [empty]}
    for channel, to in (("email", "a@x.co"), ("sms", "+15551234567")):
        body = {"to": to, "identifiers": {"id": "1"}, "transactional_message_id": 1}
        assert client.post(f"/v1/send/{channel}", body).status == 200
    filled = {**empty, "messages_sent": 2, "billable_messages_sent": 1, "people": 1}
    assert client.get("/v1/workspaces").json == {"workspaces": [filled]}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("attributes", {"attributes": [{"name": "plan", "description": "What they pay", "privacy_level": 1}]}),
        ("attributes", {"attributes": [{"name": "seats", "object_type_id": 1, "is_relationship": False}]}),
        ("attributes", {"attributes": [{"name": f"a{number}"} for number in range(100)]}),
        ("events", {"events": [{"name": "purchase", "description": "Something was bought"}]}),
    ],
)
def test_data_index(client, path, body):
    reply = client.post(f"/v1/data_index/{path}", body)
    assert (reply.status, reply.raw) == (204, b"")


@pytest.mark.parametrize("path", ["attributes", "events"])
@pytest.mark.parametrize(
    ("items", "pointer"),
    [
        (..., ""),
        ([], ""),
        ([{"name": "a"}] * 101, ""),
        ([{"description": "x"}], "/0/name"),
        ([{"name": ""}], "/0/name"),
        ([{"name": "a"}, 7], "/1"),
    ],
)
def test_data_index_refuses(client, path, items, pointer):
    reply = client.post(f"/v1/data_index/{path}", {} if items is ... else {path: items})
    assert (reply.status, reply.json) == (400, app_error(400, Like("bad request .*"), f"/{path}{pointer}"))


@pytest.mark.parametrize(
    ("path", "body"),
    [("/v1/campaigns", {"campaigns": []}), ("/v1/newsletters?limit=5&sort=desc", {"newsletters": [], "next": ""})],
)
def test_lists_of_what_cannot_be_made(client, path, body):
    assert client.get(path).json == body


@pytest.mark.parametrize("path", ["/v1/campaigns/1", "/v1/newsletters/1", "/v1/broadcasts/1"])
def test_what_cannot_be_made_is_not_found(client, path):
    reply = client.get(path)
    assert (reply.status, reply.json) == (404, app_error(404, "not found"))
