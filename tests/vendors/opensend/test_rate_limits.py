"""OpenSend's rate limits: what counts together, what it is held against, and what a refusal looks like."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import Client

UNKNOWN = "00000000-0000-4000-8000-000000000000"

SHORT = {"error": "Rate limit exceeded. Try again later."}
PUBLIC = {
    "name": "rate_limit_exceeded",
    "code": "rate_limit_exceeded",
    "message": "Rate limit exceeded. Try again later.",
    "statusCode": 429,
}


@pytest.fixture
def client(sandbox) -> Client:
    made = sandbox("opensend", rate_limits="vendor")
    made.sandbox.workspace("default").clock.freeze(1_790_000_000.0)
    return made


def knock(client: Client, method: str, path: str, times: int, **more: Any) -> list[int]:
    """The statuses of so many requests."""
    return [client(method, path, body=b"[]", **more).status for _ in range(times)]


@pytest.mark.parametrize(
    ("method", "path", "maximum", "body"),
    [
        ("POST", "/emails", 20, PUBLIC),
        ("POST", "/api/emails", 20, PUBLIC),
        ("POST", "/emails/batch", 5, PUBLIC),
        ("POST", "/api/emails/batch", 5, PUBLIC),
        ("POST", "/api-keys", 10, SHORT),
        ("DELETE", f"/api-keys/{UNKNOWN}", 10, SHORT),
        ("PATCH", f"/api/api-keys/{UNKNOWN}", 10, SHORT),
        ("POST", "/domains", 10, SHORT),
        ("POST", "/api/domains", 10, SHORT),
        ("POST", f"/domains/{UNKNOWN}/verify", 10, SHORT),
        ("PATCH", f"/domains/{UNKNOWN}", 30, SHORT),
        ("POST", "/contacts", 30, SHORT),
        ("DELETE", f"/topics/{UNKNOWN}", 30, SHORT),
        ("PUT", "/api/unsubscribe-page", 30, SHORT),
        ("POST", "/api/nope", 30, SHORT),
        ("GET", "/contacts", 100, SHORT),
        ("GET", "/emails", 100, SHORT),
        ("GET", "/api-keys", 100, SHORT),
        ("GET", "/api/health", 100, SHORT),
    ],
)
def test_so_many_a_minute_and_no_more(client, method, path, maximum, body):
    assert 429 not in knock(client, method, path, maximum)
    refused = client(method, path, body=b"[]")
    assert (refused.status, refused.json) == (429, body)
    assert refused.headers["retry-after"] == "60"
    assert refused.headers["x-ratelimit-backend"] == "redis"
    assert refused.headers["content-type"] == "application/json;charset=utf-8"
    assert not {name for name in refused.headers if name.startswith("x-ratelimit-")} - {"x-ratelimit-backend"}


def test_a_refused_write_changes_nothing(client):
    knock(client, "POST", "/templates", 30)
    assert client.post("/templates", {"name": "T", "html": "x"}).status == 429
    assert client.get("/templates").json["data"] == []


def test_the_window_is_a_minute_from_the_first_request(client):
    clock = client.sandbox.workspace("default").clock
    knock(client, "POST", "/segments", 1)
    clock.advance(30)
    knock(client, "POST", "/segments", 29)
    assert client.post("/segments").headers["retry-after"] == "30"
    clock.advance(29.5)
    assert client.post("/segments").headers["retry-after"] == "1"
    clock.advance(0.5)
    assert 429 not in knock(client, "POST", "/segments", 30)
    assert client.post("/segments").headers["retry-after"] == "60"


def test_reads_and_writes_share_a_counter_but_not_a_maximum(client):
    assert knock(client, "POST", "/contacts", 31)[-1] == 429
    assert knock(client, "GET", "/contacts", 70) == [200] * 69 + [429]
    assert knock(client, "GET", "/topics", 30) == [200] * 30
    assert client.post("/topics", {}).status == 429


@pytest.mark.parametrize(
    ("method", "one", "other"),
    [
        ("POST", "/contacts", "/api/contacts"),
        ("POST", f"/contacts/{UNKNOWN}/segments/{UNKNOWN}", f"/api/contacts/{UNKNOWN}/segments/{UNKNOWN}"),
        ("POST", "/segments", "/api/segments"),
        ("POST", "/audiences", "/segments"),
        ("DELETE", f"/audiences/{UNKNOWN}", f"/api/segments/{UNKNOWN}"),
        ("POST", "/broadcasts", "/api/broadcasts"),
        ("POST", "/emails", "/api/emails"),
        ("POST", "/emails/batch", "/api/emails/batch"),
        ("POST", f"/emails/{UNKNOWN}/cancel", f"/api/emails/{UNKNOWN}/cancel"),
        ("POST", "/api-keys", "/api/api-keys"),
    ],
)
def test_what_counts_together(client, method, one, other):
    knock(client, method, one, 30)
    assert client(method, other, body=b"[]").status == 429


@pytest.mark.parametrize(
    ("method", "one", "other"),
    [
        ("POST", "/domains", "/api/domains"),
        ("POST", "/contacts", "/segments"),
        ("POST", "/emails", "/emails/batch"),
        ("PATCH", f"/contacts/{UNKNOWN}", "/contacts/11111111-1111-4111-8111-111111111111"),
        ("DELETE", f"/contacts/{UNKNOWN}", "/contacts/a@example.com"),
    ],
)
def test_what_counts_apart(client, method, one, other):
    knock(client, method, one, 31)
    assert client(method, one, body=b"[]").status == 429
    assert client(method, other, body=b"[]").status != 429


@pytest.mark.parametrize(
    ("headers", "free"),
    [
        ({"Authorization": "Bearer os_other"}, True),
        ({"Authorization": "Bearer os_0123456789_the_rest_is_not_looked_at"}, False),
        ({"Authorization": "Bearer nonsense"}, True),
        ({"X-Forwarded-For": "203.0.113.7"}, True),
        ({"X-Forwarded-For": "203.0.113.7, 127.0.0.1"}, False),
        ({"X-Forwarded-For": " , "}, False),
        ({"X-Real-IP": "203.0.113.7"}, True),
        ({"User-Agent": "another"}, False),
        ({"Accept": "application/json"}, False),
    ],
)
def test_who_counts_for_himself(client, headers, free):
    client = client.as_key("os_0123456789abcdef")
    knock(client, "POST", "/segments", 30)
    assert (client.post("/segments", {}, headers=headers).status != 429) is free


def test_no_key_counts_for_itself_and_before_the_key_is_asked_for(client):
    stranger = client.as_key(None)
    assert knock(stranger, "POST", "/segments", 31) == [401] * 30 + [429]
    assert stranger.post("/segments").json == SHORT
    assert client.post("/segments", {"name": "S"}).status == 201


def test_workspaces_count_apart(client):
    knock(client, "POST", "/segments", 31)
    assert client.as_key("os_lookalike~other").post("/segments", {"name": "S"}).status == 201


@pytest.mark.parametrize(("method", "path"), [("GET", "/nope"), ("PUT", "/contacts")])
def test_what_is_not_counted(client, method, path):
    assert set(knock(client, method, path, 101)) == {307}


def test_the_contract_document_is_not_counted(client):
    assert client.get("/openapi.json").headers["x-ratelimit-backend"] == "disabled"


def test_limits_are_off_unless_asked_for(sandbox):
    free = sandbox("opensend")
    assert 429 not in knock(free, "POST", "/segments", 40)
    reply = free.get("/segments")
    assert reply.headers["x-ratelimit-backend"] == "disabled"
    assert "retry-after" not in reply.headers
