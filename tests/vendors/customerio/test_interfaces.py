"""Track, App and Pipelines behind one prefix: credentials, workspaces, envelopes, headers and limits."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Any

import pytest

from tests.support import Client
from tests.vendors.customerio.bodies import app_error, exactly, meta_error
from tests.vendors.customerio.contract import Described
from tests.vendors.customerio.test_track_identify import identifiers, put

REGION = "/api/v1/accounts/region"


def basic(user: str, password: str = "") -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}


@pytest.fixture
def nobody(track: Described) -> Client:
    return track.as_key(None)


def test_region(track: Described) -> None:
    reply = track.get(REGION)
    number = reply.json["environment_id"]
    assert reply.json == {"url": "https://track.customer.io", "region": "us", "environment_id": number}
    assert isinstance(number, int)
    assert track.as_key("other~elsewhere").get(REGION).json["environment_id"] != number
    assert track.as_key("other").get(REGION).json["environment_id"] == number


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (basic("site", "key"), 200),
        (basic("site~here", "key"), 200),
        (basic("site", "k:e:y"), 200),
        ({"Authorization": "Basic c2l0ZTp-fn5rPz8_"}, 200),
        ({"Authorization": "Basic c2l0ZTp+fn5rPz8/"}, 200),
        ({}, 401),
        (basic("site"), 401),
        (basic("", "key"), 401),
        (basic("site", "invalid"), 401),
        (basic("invalid", "key"), 401),
        ({"Authorization": "Basic ???"}, 401),
        ({"Authorization": "Basic"}, 401),
        ({"Authorization": "Basic //8="}, 401),
        ({"Authorization": "Bearer token"}, 401),
    ],
)
def test_credentials_of_track(nobody: Client, headers: dict[str, str], status: int) -> None:
    reply = nobody.get(REGION, headers=headers)
    assert reply.status == status
    if status == 401:
        assert reply.raw == b'{\n  "meta": {\n    "error": "Unauthorized request"\n  }\n}\n'


@pytest.mark.parametrize("path", ["/api/v2/entity", "/api/v2/batch", "/api/v1/events", "/api/v1/forms/x/submit"])
def test_every_part_of_track_says_401_alike(nobody: Client, path: str) -> None:
    reply = nobody.post(path, {})
    assert (reply.status, reply.json) == (401, meta_error("Unauthorized request"))


@pytest.mark.parametrize(
    "headers", [{}, basic("site", "key"), {"Authorization": "Bearer "}, {"Authorization": "Bearer"}]
)
def test_the_app_api_wants_a_bearer_token(nobody: Client, headers: dict[str, str]) -> None:
    reply = nobody.get("/v1/segments", headers=headers)
    assert (reply.status, reply.json) == (401, exactly(401, "unauthorized"))


@pytest.mark.parametrize(("headers", "status"), [({}, 401), ({"Authorization": "Bearer x"}, 200)])
def test_sends_have_a_401_of_their_own(nobody: Client, headers: dict[str, str], status: int) -> None:
    body = {"identifiers": {"id": "42"}, "to": "a@example.com", "subject": "s", "body": "b", "from": "b@example.com"}
    reply = nobody.post("/v1/send/email", body, headers=headers)
    assert reply.status == status
    if status == 401:
        assert reply.json == meta_error("Unauthorized")


def test_all_credentials_of_one_name_meet(nobody: Client) -> None:
    put(nobody.as_key("site~ci"), "1", {})  # type: ignore[arg-type]
    assert nobody.put("/api/v1/customers/1", {}, headers=basic("any~ci", "x")).status == 200
    assert nobody.post("/v1/identify", {"userId": "2"}, headers=basic("write~ci")).status == 200
    by_name = {"X-Lookalike-Workspace": "ci", **basic("plain", "x")}
    assert nobody.put("/api/v1/customers/3", {}, headers=by_name).status == 200
    app = nobody.as_key("app~ci")
    assert [identifiers(app, id)["id"] for id in ("1", "2", "3")] == ["1", "2", "3"]
    assert identifiers(nobody.as_key("app"), "1") is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v1/nothing", meta_error("not found")),
        ("/api/v2/nothing", meta_error("not found")),
        ("/nothing", meta_error("not found")),
        ("/v1/send/nothing", meta_error("not found")),
    ],
)
def test_unknown_paths(track: Described, path: str, expected: dict[str, Any]) -> None:
    reply = track.get(path)
    assert (reply.status, reply.json) == (404, expected)


def test_unknown_paths_of_the_app_api(track: Described) -> None:
    reply = track.get("/v1/nothing")
    assert reply.status == 404
    assert reply.json == app_error(404, "not found")
    assert re.fullmatch(r"not found \(reference [0-9A-HJKMNP-TV-Z]{26}\)", reply.json["errors"][0]["detail"])


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/v1/customers/42"), ("PUT", "/api/v2/entity"), ("GET", "/v1/track")]
)
def test_wrong_methods(track: Described, method: str, path: str) -> None:
    reply = track(method, path)
    assert (reply.status, reply.json) == (405, meta_error("method not allowed"))


def test_headers_of_track_are_those_recorded(track: Described) -> None:
    reply = track.put("/api/v1/customers/42", {})
    assert reply.headers == {
        "content-type": "application/json; charset=utf-8",
        "content-length": "3",
        "access-control-allow-origin": "*",
        "cache-control": "no-cache, no-store, must-revalidate, max-age=0",
        "status": "200 OK",
    }


def test_headers_of_the_app_api_are_those_recorded(track: Described) -> None:
    headers = dict(track.get("/v1/exports").headers)
    del headers["content-length"]
    assert headers == {
        "content-type": "application/json; charset=utf-8",
        "access-control-allow-credentials": "true",
        "access-control-allow-headers": "Authorization,Content-Type,x-ui-version,x-is-background-request,"
        "x-workspace-hydra-id,x-workspace-id,x-active-session-index",
        "access-control-allow-methods": "GET, POST, PUT, DELETE, OPTIONS",
        "access-control-allow-origin": "https://fly.customer.io",
        "access-control-max-age": "7200",
        "cache-control": "must-revalidate,no-cache,no-store",
        "expires": "0",
        "pragma": "no-cache",
        "referrer-policy": "no-referrer-when-downgrade",
        "x-content-type-options": "nosniff",
        "x-frame-options": "SAMEORIGIN",
        "x-xss-protection": "1; mode=block",
    }


@pytest.mark.parametrize("path", [REGION, "/v1/segments", "/v1/track"])
def test_a_preflight_needs_no_key(nobody: Client, path: str) -> None:
    reply = nobody("OPTIONS", path)
    assert reply.status == 204
    assert "access-control-allow-methods" in reply.headers or path == "/v1/track"


@pytest.mark.parametrize(
    ("path", "allowed", "seconds"),
    [(REGION, 3000, "3"), ("/v1/segments", 10, "1"), ("/v1/send/email", 100, "1")],
)
def test_documented_limits(sandbox: Any, path: str, allowed: int, seconds: str) -> None:
    client = sandbox("customerio", rate_limits="vendor")
    client.clock(freeze="2026-01-05T09:00:00Z")
    for _ in range(allowed):
        assert client.get(path).status != 429
    reply = client.get(path)
    text = f"rate limited to {allowed} requests per {seconds}s"
    assert (reply.status, reply.headers["retry-after"]) == (429, seconds)
    if path == "/v1/segments":
        assert reply.json == app_error(429, text)
    else:
        assert reply.json == meta_error(text)
    client.clock(advance=f"{seconds}s")
    assert client.get(path).status != 429


def test_a_daily_limit_says_nothing_of_when(sandbox: Any) -> None:
    client = sandbox("customerio", rate_limits="vendor")
    client.clock(freeze="2026-01-05T09:00:00Z")
    for _ in range(100):
        assert client.get("/v1/messages/x/archived_message").status == 404
        client.clock(advance="1s")
    reply = client.get("/v1/messages/x/archived_message")
    assert (reply.status, "retry-after" in reply.headers) == (429, False)


def test_a_service_account_names_its_workspace(nobody: Client) -> None:
    body = {"identifiers": {"id": "42"}, "to": "a@example.com", "subject": "s", "body": "b", "from": "b@example.com"}
    token = {"Authorization": "Bearer sa_live_x"}
    reply = nobody.post("/v1/send/email", body, headers=token)
    assert (reply.status, reply.json) == (400, meta_error("workspace_id is required"))
    assert nobody.post("/v1/send/email", body, headers={**token, "X-Workspace-Id": "3"}).status == 200


def test_an_app_key_without_the_scope(track: Described) -> None:
    restricted = track.as_key("restricted")
    assert restricted.get("/v1/segments").status == 403
    reply = restricted.post("/v1/send/email", {})
    assert (reply.status, reply.json) == (
        403,
        meta_error("Account is not authorized for transactional messaging. Contact win@customer.io for support."),
    )
    assert restricted.get(REGION).status == 200
