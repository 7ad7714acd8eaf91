"""OpenSend logs: sends alone are logged, refused ones too, with contents blotted out."""

from __future__ import annotations

from typing import Any

import pytest

from lookalike.vendors.opensend.logs import redacted
from tests.support import UUID, Client

UNKNOWN = "00000000-0000-4000-8000-000000000000"
BODY = {"from": "n@acme.com", "to": ["bo@example.com"], "subject": "Hello", "html": "<p>Hi</p>"}
NOW = "2026-03-01T12:00:00.000Z"


def send(client: Client, body: Any = BODY, path: str = "/emails", **headers: str) -> Any:
    return client.post(path, body, headers={"User-Agent": "tests/1", **headers})


def listed(client: Client, query: str = "") -> list[dict[str, Any]]:
    page = client.get(f"/logs{query}").json
    assert page.keys() == {"object", "data", "has_more"}
    return page["data"]


def key_id(client: Client) -> str:
    return client.get("/api-keys").json["data"][0]["id"]


def test_nothing_but_sends_is_logged(client):
    client.post("/contacts", {"email": "a@b.co"})
    client.get("/emails")
    client.as_key("")("POST", "/emails", BODY)
    assert client.get("/logs").json == {"object": "list", "data": [], "has_more": False}


def test_a_send(client):
    sent = send(client, {**BODY, "text": "Hi", "attachments": [{"filename": "a.txt", "content": "aGk="}]}).json
    item = {
        "id": UUID,
        "method": "POST",
        "endpoint": "/emails",
        "response_status": 200,
        "user_agent": "tests/1",
        "api_key_id": key_id(client),
        "created_at": NOW,
    }
    for path in ("/logs", "/api/logs"):
        assert client.get(path).json == {"object": "list", "data": [item], "has_more": False}
    id = listed(client)[0]["id"]
    asked = {
        **BODY,
        "html": "[REDACTED]",
        "text": "[REDACTED]",
        "attachments": [{"filename": "a.txt", "content": "[REDACTED]"}],
    }
    for path in (f"/logs/{id}", f"/api/logs/{id.upper()}"):
        reply = client.get(path)
        assert (reply.status, reply.json) == (
            200,
            {
                "object": "log",
                "id": id,
                "method": "POST",
                "endpoint": "/emails",
                "status": 200,
                "user_agent": "tests/1",
                "api_key_id": key_id(client),
                "request_body": asked,
                "response_body": sent,
                "created_at": NOW,
            },
        )


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/emails", {}, 422),
        ("/emails", {**BODY, "to": "suppressed@resend.dev"}, 422),
        ("/emails/batch", {}, 422),
        ("/emails/batch", [], 200),
        ("/emails/batch", [BODY, {**BODY, "to": "suppressed@resend.dev"}], 200),
        ("/api/emails/batch", [BODY], 200),
        ("/api/emails?a=b", BODY, 200),
    ],
)
def test_refusals_and_batches(client, path, body, status):
    answer = send(client, body, path)
    entry = client.get(f"/logs/{listed(client)[0]['id']}").json
    blotted = [
        {**one, "html": "[REDACTED]"} if "html" in one else one for one in (body if isinstance(body, list) else [body])
    ]
    assert (entry["endpoint"], entry["status"], answer.status) == (path, status, status)
    assert entry["response_body"] == answer.json
    assert entry["request_body"] == (blotted if isinstance(body, list) else blotted[0])


@pytest.mark.parametrize("path", ["/emails", "/emails/batch"])
def test_broken_json_and_bad_keys(client, path):
    client.post(path, body=b"{")
    client.post(path, BODY, headers={"Idempotency-Key": "k" * 257})
    shown = {one["response_status"]: client.get(f"/logs/{one['id']}").json for one in listed(client)}
    assert shown.keys() == {400}
    bodies = [client.get(f"/logs/{one['id']}").json["request_body"] for one in listed(client)]
    assert sorted(bodies, key=str) == sorted([{"error": "invalid_json"}, None], key=str)


def test_a_sending_key_is_logged_as_itself(client):
    client.as_key("os_restricted").post("/emails", BODY)
    keys = {one["name"]: one["id"] for one in client.get("/api-keys").json["data"]}
    assert [one["api_key_id"] for one in listed(client)] == [keys["Sending key"]]


def test_list_pages_both_ways_by_id_descending(client):
    for _ in range(7):
        send(client)
    everything = listed(client)
    ids = [one["id"] for one in everything]
    assert ids == sorted(ids, reverse=True)
    pages = [client.get("/logs?limit=3").json]
    while pages[-1]["has_more"]:
        pages.append(client.get(f"/logs?limit=3&after={pages[-1]['data'][-1]['id']}").json)
    assert [one for page in pages for one in page["data"]] == everything
    before = client.get(f"/logs?limit=2&before={ids[4]}").json
    assert ([one["id"] for one in before["data"]], before["has_more"]) == (ids[2:4], True)
    before = client.get(f"/logs?limit=2&before={ids[4]}&method=post").json
    assert ([one["id"] for one in before["data"]], before["has_more"]) == (ids[2:4], True)
    after = client.get(f"/logs?limit=2&after={ids[4]}&method=POST").json
    assert ([one["id"] for one in after["data"]], after["has_more"]) == (ids[5:], False)


@pytest.fixture
def some(client) -> Client:
    send(client)
    client.clock(advance="1d")
    send(client, {}, **{"User-Agent": "Other/2"})
    client.clock(advance="1d")
    send(client, [BODY], "/emails/batch")
    return client


SINGLE, BAD, BATCH = ("/emails", 200), ("/emails", 422), ("/emails/batch", 200)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=422", {BAD}),
        ("status=200", {SINGLE, BATCH}),
        ("status=200&limit=100", {SINGLE, BATCH}),
        ("status=404", set()),
        ("method=post", {SINGLE, BAD, BATCH}),
        ("method=GET", set()),
        ("user_agent=OTHER", {BAD}),
        ("userAgent=tests", {SINGLE, BATCH}),
        ("date_from=2026-03-02", {BAD, BATCH}),
        ("date_to=2026-03-02", {SINGLE, BAD}),
        ("created_after=2026-03-02&created_before=2026-03-02", {BAD}),
        ("date_from=never", {SINGLE, BAD, BATCH}),
        ("q=batch", {BATCH}),
        ("search=VALIDATION", {BAD}),
        ("q=422", {BAD}),
        ("q=bo@example", {SINGLE, BATCH}),
        ('q="subject": "', {SINGLE, BATCH}),
        ("q={key}", {SINGLE, BAD, BATCH}),
        (f"api_key_id={UNKNOWN}", set()),
        ("api_key_id={key}", {SINGLE, BAD, BATCH}),
        ("apiKeyId={key}&status=422", {BAD}),
    ],
)
def test_filters(some, query, expected):
    found = listed(some, "?" + query.format(key=key_id(some)))
    assert {(one["endpoint"], one["response_status"]) for one in found} == expected
    assert len(found) == len(expected)


@pytest.mark.parametrize(
    "query", ["after=abc", "before=abc", "limit=1.5", "api_key_id=abc", "status=abc", "status=1.5"]
)
def test_list_with_what_the_database_refuses(client, query):
    reply = client.get(f"/logs?{query}")
    assert (reply.status, reply.json) == (500, {"error": "Failed query"})


@pytest.mark.parametrize(("id", "status", "error"), [(UNKNOWN, 404, "Log not found"), ("abc", 500, "Failed query")])
def test_unknown_ids(client, id, status, error):
    reply = client.get(f"/logs/{id}")
    assert (reply.status, reply.json) == (status, {"error": error})


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("x" * 2000, "x" * 2000),
        ("x" * 2001, "x" * 2000 + "…[truncated 1 chars]"),
        (list(range(52)), [*range(50), "[truncated 2 items]"]),
        ({f"k{n}": n for n in range(81)}, {**{f"k{n}": n for n in range(80)}, "__truncated_keys": 1}),
        (
            {"API-Key": 1, "apikey": [1], "my_token": {}, "Password": None, "contents": 1, "content": 1, "HTML": 2},
            {
                **dict.fromkeys(["API-Key", "apikey", "my_token", "Password"], "[REDACTED]"),
                "contents": 1,
                **dict.fromkeys(["content", "HTML"], "[REDACTED]"),
            },
        ),
        ([True, None, 1.5], [True, None, 1.5]),
        (nested(8), nested(8)),
        (nested(9), [[[[[[[[["[truncated-depth]"]]]]]]]]]),
    ],
)
def test_what_is_kept_of_a_body(value, shown):
    assert redacted(value) == shown
