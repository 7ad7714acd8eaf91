"""Assistants and connections, as far as the cookbook goes."""

from __future__ import annotations

import pytest

from tests.support import Like
from tests.vendors.invent.bodies import LATER, MALFORMED, START, an_id, error, get, held, invalid, missing, paging

ASSISTANTS = "/orgs/c/assistants"


def assistant(name: str, **more):
    return {
        "id": an_id("ast"),
        "name": name,
        "enabled": True,
        "deleted": False,
        "secret_key": None,
        "avatar_url": None,
        "config": {"language": "auto", "knowledge_scope": "all"},
        "integrations": [],
        "actions": [],
        "boards": [],
        "created_at": START,
        "updated_at": START,
        **more,
    }


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"name": "Bot"}, {}),
        ({"name": "Bot", "enabled": False, "avatar_id": "x"}, {"enabled": False}),
        ({"name": "Bot", "generate_secret_key": True}, {"secret_key": Like("[A-Za-z0-9_-]{32}")}),
        (
            {"name": "Bot", "config": {"language": "de", "instructions": "Be kind"}},
            {"config": {"language": "de", "knowledge_scope": "all", "instructions": "Be kind"}},
        ),
    ],
)
def test_create_and_fetch_back(client, body, expected):
    reply = client.post(ASSISTANTS, body)
    assert (reply.status, reply.json) == (200, assistant("Bot", **expected))
    assert get(client, f"{ASSISTANTS}/{reply.json['id']}") == reply.json


@pytest.mark.parametrize(
    ("body", "issue"),
    [
        ({}, (["name"], "name is required")),
        ({"name": ""}, (["name"], "name must contain at least 1 character(s)")),
        ({"name": "x" * 1025}, (["name"], "name must contain at most 1024 character(s)")),
        ({"name": "x", "enabled": "yes"}, (["enabled"], "enabled must be a boolean")),
        ({"name": "x", "config": []}, (["config"], "config must be an object")),
        ([], ([], "body must be an object")),
    ],
)
def test_bad_input_changes_nothing(client, body, issue):
    before = held(client)
    reply = client.post(ASSISTANTS, body)
    assert (reply.status, reply.json) == (400, invalid(issue))
    assert held(client) == before


def test_no_json(client):
    reply = client.post(ASSISTANTS, body=b"{")
    assert (reply.status, reply.json) == (400, MALFORMED)


def test_an_unknown_one(client):
    reply = client.get(f"{ASSISTANTS}/ast_x")
    assert (reply.status, reply.json) == (404, missing("Assistant"))


def test_the_list_is_newest_first(client):
    client.post(ASSISTANTS, {"name": "One"})
    client.clock(advance="1s")
    client.post(ASSISTANTS, {"name": "Two"})
    reply = client.get(ASSISTANTS)
    assert reply.json == [assistant("Two", created_at=LATER, updated_at=LATER), assistant("One")]
    assert paging(reply) == ("2", "1", "20")
    assert get(client, f"{ASSISTANTS}?take=1&page=2") == [assistant("One")]


def test_there_are_no_connections(client):
    reply = client.get("/orgs/c/connections?page=1&take=50")
    assert (reply.status, reply.json, paging(reply)) == (200, [], ("0", "1", "50"))


@pytest.mark.parametrize("path", [ASSISTANTS, "/orgs/c/connections"])
def test_a_bad_page(client, path):
    reply = client.get(f"{path}?take=101")
    assert (reply.status, reply.json) == (400, invalid((["take"], "take must be less than or equal to 100")))


def test_ten_an_hour(sandbox):
    client = sandbox("invent", rate_limits="vendor")
    client.clock(freeze=START)
    for number in range(10):
        assert client.post(ASSISTANTS, {"name": f"Bot {number}"}).status == 200
    over = client.post(ASSISTANTS, {"name": "One too many"})
    assert (over.status, over.json) == (429, error(429, "Too Many Requests", "Rate limit exceeded"))
    assert over.headers["retry-after"] == "3600"
    client.clock(advance="1h")
    assert client.post(ASSISTANTS, {"name": "Next"}).status == 200
