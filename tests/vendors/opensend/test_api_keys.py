"""OpenSend API keys: made, listed, changed and withdrawn, and what each may do."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import TIME, UUID, Client, Like

UNKNOWN = "00000000-0000-4000-8000-000000000000"
TOKEN = Like("os_[0-9a-f]{32}")

NO_KEY = {"error": "Missing or invalid API key"}
NO_PERMISSION = {
    "name": "insufficient_api_key_permission",
    "code": "insufficient_api_key_permission",
    "message": "This API key does not have permission to access this resource.",
    "statusCode": 403,
}


@pytest.fixture
def client(sandbox) -> Client:
    made = sandbox("opensend")
    made.sandbox.workspace("default").clock.freeze(1_790_000_000.0)
    return made


def make(client: Client, **body: Any) -> dict[str, Any]:
    reply = client.post("/api-keys", {"name": "CI", **body})
    assert reply.status == 201, reply.text
    return reply.json


@pytest.mark.parametrize("path", ["/api-keys", "/api/api-keys"])
def test_create_shows_the_token_once(client, path):
    reply = client.post(path, {"name": " CI "})
    assert (reply.status, reply.json) == (201, {"id": UUID, "token": TOKEN})
    listed = client.get(path).json
    assert reply.json["token"] not in str(listed)
    assert [row["name"] for row in listed["data"] if row["id"] == reply.json["id"]] == ["CI"]


@pytest.mark.parametrize(
    ("body", "permission", "domain"),
    [
        ({}, "full_access", None),
        ({"permission": "full_access"}, "full_access", None),
        ({"permission": "sending_access"}, "sending_access", None),
        ({"permission": "admin"}, "full_access", None),
        ({"permission": ["sending_access"]}, "full_access", None),
        ({"permission": "sending_access", "domain_id": UNKNOWN}, "sending_access", UNKNOWN),
        ({"domain_id": "acme.com"}, "full_access", "acme.com"),
        ({"domain_id": 7}, "full_access", None),
    ],
)
def test_create_keeps_what_it_understands(client, body, permission, domain):
    made = make(client, **body)
    assert client.get(f"/api/api-keys/{made['id']}").json == {
        "object": "api_key",
        "id": made["id"],
        "name": "CI",
        "created_at": TIME,
        "last_used_at": None,
        "permission": permission,
        "domain": domain,
    }


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (b"{}", 422, "name is required"),
        (b"[]", 422, "name is required"),
        (b"null", 422, "name is required"),
        (b'{"name": " "}', 422, "name is required"),
        (b'{"name": 5}', 422, "name is required"),
        (b'{"name": "' + b"n" * 51 + b'"}', 422, "name must be 50 characters or less"),
        (b"{", 400, "Invalid JSON body"),
        (b"", 400, "Invalid JSON body"),
        (b'{"name": "a\\u0000"}', 500, "Failed query"),
        (b'{"name": "a", "domain_id": "' + b"d" * 256 + b'"}', 500, "Failed query"),
    ],
)
def test_create_refuses(client, body, status, error):
    before = client.get("/api-keys").json
    reply = client.post("/api-keys", body=body)
    assert (reply.status, reply.json) == (status, {"error": error})
    assert client.get("/api-keys").json == before


def test_list_has_the_calling_key_and_those_made(client):
    made = make(client)
    rows = client.get("/api-keys").json
    assert rows == {
        "object": "list",
        "data": sorted(
            (
                {
                    "id": UUID,
                    "name": "Full key",
                    "created_at": TIME,
                    "last_used_at": TIME,
                    "permission": "full_access",
                    "domain": None,
                },
                {
                    "id": made["id"],
                    "name": "CI",
                    "created_at": TIME,
                    "last_used_at": None,
                    "permission": "full_access",
                    "domain": None,
                },
            ),
            key=lambda row: [found["name"] for found in rows["data"]].index(row["name"]),
        ),
        "has_more": False,
    }


def test_pages_join_in_descending_ids(client):
    ids = {make(client, name=f"key {number}")["id"] for number in range(5)}
    seen, after = [], None
    while True:
        query = {"limit": 2} | ({"after": after} if after else {})
        page = client.get("/api-keys", query=query).json
        assert len(page["data"]) <= 2
        seen += [row["id"] for row in page["data"]]
        if not page["has_more"]:
            break
        after = seen[-1]
    assert seen == sorted(seen, reverse=True)
    assert ids < set(seen)
    assert len(seen) == 6


def test_list_refuses_a_bound_that_is_no_id(client):
    reply = client.get("/api-keys", query={"after": "x"})
    assert (reply.status, reply.json) == (500, {"error": "Failed query"})


def test_a_made_key_works_and_its_use_is_noted(client):
    made = make(client)
    assert client.as_key(made["token"]).get("/templates").status == 200
    row = client.get(f"/api/api-keys/{made['id']}").json
    assert row["last_used_at"] == "2026-09-21T14:13:20.000Z"


def test_last_use_is_noted_once_a_minute(client):
    made = make(client)
    user, clock = client.as_key(made["token"]), client.sandbox.workspace("default").clock
    noted = []
    for seconds in (0, 59, 2):
        clock.advance(seconds)
        user.get("/templates")
        noted.append(client.get(f"/api/api-keys/{made['id']}").json["last_used_at"])
    assert noted == ["2026-09-21T14:13:20.000Z", "2026-09-21T14:13:20.000Z", "2026-09-21T14:14:21.000Z"]


def test_a_sending_key_reads_nothing(client):
    made = make(client, permission="sending_access")
    reply = client.as_key(made["token"]).get("/templates")
    assert (reply.status, reply.json) == (403, NO_PERMISSION)


@pytest.mark.parametrize("path", ["/api-keys", "/api/api-keys"])
def test_delete_withdraws_the_key(client, path):
    made = make(client)
    reply = client.delete(f"{path}/{made['id'].upper()}")
    assert (reply.status, reply.raw) == (200, b"")
    assert "content-type" not in reply.headers
    refused = client.as_key(made["token"]).get("/templates")
    assert (refused.status, refused.json) == (401, NO_KEY)
    assert made["id"] not in client.get("/api-keys").text
    again = client.delete(f"{path}/{made['id']}")
    assert (again.status, again.json) == (404, {"error": "API key not found"})


@pytest.mark.parametrize(("id", "status", "error"), [(UNKNOWN, 404, "API key not found"), ("x", 500, "Failed query")])
@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "/api-keys"), ("GET", "/api/api-keys"), ("PATCH", "/api/api-keys")]
)
def test_ids_that_lead_nowhere(client, method, path, id, status, error):
    reply = client(method, f"{path}/{id}", {"name": "x"})
    assert (reply.status, reply.json) == (status, {"error": error})


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_one_key_is_read_and_changed_under_api_alone(client, method):
    made = make(client)
    reply = client(method, f"/api-keys/{made['id']}", {"name": "x"})
    assert (reply.status, reply.text) == (307, "/opensend/auth")


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({"name": " New "}, {"name": "New"}),
        ({"permission": "sending_access"}, {"permission": "sending_access"}),
        ({"domain_id": "acme.com"}, {"domain": "acme.com"}),
        ({"domain_id": None}, {"domain": None}),
        ({"name": "New", "permission": "admin", "domain_id": 5}, {"name": "New"}),
    ],
)
def test_update_changes(client, change, shown):
    made = make(client, domain_id="old.example.com")
    reply = client.patch(f"/api/api-keys/{made['id']}", change)
    expected = {
        "object": "api_key",
        "id": made["id"],
        "name": "CI",
        "created_at": TIME,
        "last_used_at": None,
        "permission": "full_access",
        "domain": "old.example.com",
    } | shown
    assert (reply.status, reply.json) == (200, expected)
    assert client.get(f"/api/api-keys/{made['id']}").json == expected


def test_a_key_that_lost_its_permission_is_refused_at_once(client):
    made = make(client)
    user = client.as_key(made["token"])
    assert user.get("/templates").status == 200
    client.patch(f"/api/api-keys/{made['id']}", {"permission": "sending_access"})
    assert user.get("/templates").json == NO_PERMISSION


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (b'{"name": " "}', 422, "name is required"),
        (b'{"name": "' + b"n" * 51 + b'"}', 422, "name must be 50 characters or less"),
        (b"{}", 500, "No values to set"),
        (b'{"name": 5, "permission": "x"}', 500, "No values to set"),
        (b"[]", 500, "No values to set"),
        (b"{", 400, "Invalid JSON body"),
    ],
)
def test_update_refuses(client, body, status, error):
    made = make(client)
    before = client.get(f"/api/api-keys/{made['id']}").json
    reply = client.patch(f"/api/api-keys/{made['id']}", body=body)
    assert (reply.status, reply.json) == (status, {"error": error})
    assert client.get(f"/api/api-keys/{made['id']}").json == before


def test_a_key_made_in_a_workspace_leads_back_to_it(client):
    other = client.as_key("os_other~ci7")
    made = make(other)
    assert made == {"id": UUID, "token": Like("os_[0-9a-f]{32}~ci7")}
    id = other.post("/templates", {"name": "T", "html": "x"}).json["id"]
    assert client.as_key(made["token"]).get(f"/templates/{id}").status == 200
    assert client.get(f"/templates/{id}").status == 404


def test_every_strange_key_gets_a_row_of_its_own(client):
    client.get("/templates")
    client.as_key("os_second").get("/templates")
    assert client.as_key("os_restricted").get("/templates").status == 403
    rows = client.get("/api-keys").json["data"]
    assert sorted(row["name"] for row in rows) == ["Full key", "Full key", "Sending key"]
