"""What holds for every AutoSend operation: keys, headers, limits, errors, routes that are none."""

from __future__ import annotations

import pytest

from lookalike.vendors.autosend import VENDOR
from lookalike.vendors.autosend.problems import OWN
from tests.support import Like
from tests.vendors.autosend.bodies import (
    CONTACT_EXISTS,
    CONTACT_NOT_FOUND,
    EVENT_NOT_FOUND,
    GROUP_NOT_FOUND,
    LIST_NOT_FOUND,
    NOBODY,
    NOT_FOUND,
    contact,
    error,
    held,
    invalid,
    make,
    make_list,
    ok,
)

UNAUTHORIZED = error("Unauthorized", "UNAUTHORIZED")
FORBIDDEN = error("Forbidden", "FORBIDDEN")
NO_MAIL = {"success": False, "error": {"message": "Inbound email not found"}}
INVALID_VALUE = {"success": False, "error": {"message": "Invalid value"}}
KEYED = [operation for operation in VENDOR.operations if not operation.public]
SECONDS = Like(r"\d{10,}")


def path_of(operation):
    path = operation.paths[0]
    for name in ("id", "userId", "contactListId", "propertyName", "customFieldName", "eventName", "groupId"):
        path = path.replace("{" + name + "}", NOBODY)
    return path


class TestKeys:
    @pytest.mark.parametrize("key", ["AS_x", "as_x", "As_x", "AS_x~default"])
    def test_a_project_key(self, client, key):
        assert client.as_key(key).post("/v1/contacts", {"email": "a@example.com"}).json == ok(contact("a@example.com"))

    @pytest.mark.parametrize(
        "headers",
        [
            {"x-api-key": "AS_x"},
            {"X-API-Key": "as_x"},
            {"Authorization": "bearer AS_x"},
            {"Authorization": "Bearer  AS_x"},
            {"Authorization": "Basic abc", "x-api-key": "AS_x"},
        ],
    )
    def test_other_ways_to_send_it(self, client, headers):
        assert client.as_key("").get("/v1/events", headers=headers).json == ok({"events": []})

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Authorization": "AS_x"},
            {"Authorization": "Bearer"},
            {"Authorization": "Bearer "},
            {"Authorization": "Bearer os_x"},
            {"Authorization": "Bearer AS_"},
            {"Authorization": "Bearer AS_a b"},
            {"Authorization": "Bearer AS_invalid"},
            {"Authorization": "Bearer ASA_invalid"},
            {"Authorization": "Basic QVNfeDo="},
            {"x-api-key": "key"},
            {"x-api-key": "AS_invalid"},
        ],
    )
    def test_no_key_or_a_bad_one(self, client, headers):
        make(client, "a@example.com")
        before = held(client)
        for operation in KEYED:
            reply = client.as_key("")(operation.method, path_of(operation), {}, headers=headers)
            assert (reply.status, reply.json) == (401, UNAUTHORIZED), operation.id
        assert held(client) == before

    def test_the_key_is_judged_before_the_body(self, client):
        reply = client.as_key("AS_invalid").post("/v1/contacts", body=b"{")
        assert (reply.status, reply.json) == (401, UNAUTHORIZED)

    def test_workspaces_are_projects(self, client):
        other = client.as_key("AS_x~other")
        [id] = make(client, "a@example.com")
        list_id = make_list(client, "L")
        assert other.get(f"/v1/contacts/{id}").status == 404
        assert other.get(f"/v1/contact-lists/{list_id}").status == 404
        theirs = other.post("/v1/contacts", {"email": "a@example.com"}).json["data"]
        assert theirs["projectId"] != contact("")["projectId"]

    def test_an_account_key_names_its_project(self, client):
        account = client.as_key("ASA_x")
        reply = account.get("/v1/events", headers={"x-project-id": "229f1f77bcf86cd9273048038"})
        assert (reply.status, reply.json) == (200, ok({"events": []}))

    def test_an_account_key_without_a_project(self, client):
        before = held(client)
        expected = invalid(("x-project-id", "x-project-id header is required for account API keys"))
        for operation in KEYED:
            reply = client.as_key("ASA_x")(operation.method, path_of(operation), {})
            assert (reply.status, reply.json) == (400, expected), operation.id
        assert client.as_key("ASA_x").get("/v1/account/projects").status == 501
        assert held(client) == before

    def test_a_projects_key_may_not_touch_the_account(self, client):
        message = "This endpoint requires an organization admin API key (ASA_ prefix)"
        for method, path in (("GET", ""), ("POST", ""), ("DELETE", f"/{NOBODY}")):
            reply = client(method, f"/v1/account/projects{path}", {})
            assert (reply.status, reply.json) == (403, {"success": False, "error": {"message": message}})

    def test_a_restricted_key_may_do_nothing(self, client):
        before = held(client)
        for operation in KEYED:
            reply = client.as_key("AS_restricted")(operation.method, path_of(operation), {})
            expected = FORBIDDEN
            if operation.id == "reveal_webhook_secret":
                expected = error("Unauthorized access to webhook", "UNAUTHORIZED_WEBHOOK_ACCESS", status=403)
            assert (reply.status, reply.json) == (403, expected), operation.id
        assert held(client) == before


class TestRoutes:
    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/v1/nothing"),
            ("GET", "/contacts"),
            ("GET", "/v2/contacts"),
            ("GET", "/v1/contacts"),
            ("PUT", "/v1/contacts"),
            ("PATCH", f"/v1/contacts/{NOBODY}"),
            ("DELETE", "/v1/contacts"),
            ("PUT", f"/v1/contact-lists/{NOBODY}"),
            ("GET", "/v1/contacts/"),
            ("GET", "/v1//events"),
            ("GET", "//v1/events"),
            ("POST", "/v1/events/eventName/x"),
            ("GET", "/"),
            ("GET", ""),
        ],
    )
    def test_unknown_paths_and_methods_are_the_same(self, client, method, path):
        reply = client(method, path)
        assert (reply.status, reply.json) == (404, NOT_FOUND)

    def test_what_is_planned(self, client):
        planned = [entry for entry in VENDOR.coverage.entries if entry.state == "planned"]
        assert len(planned) == 28
        for entry in planned:
            caller = client.as_key("ASA_x") if "/account/" in entry.paths[0] else client
            reply = caller(entry.method, entry.paths[0].replace("{", "").replace("}", ""), {})
            assert reply.status == 501, entry.id
            assert reply.json["success"] is False
            assert reply.headers["x-lookalike-status"] == "unimplemented"

    def test_what_is_covered(self):
        counts = VENDOR.coverage.counts()
        assert counts == {"documented": 83, "full": 55, "partial": 0, "planned": 28}
        known = {entry.id: entry for entry in VENDOR.coverage.entries}
        for operation in VENDOR.operations:
            entry = known[operation.id]
            assert (entry.method, entry.paths, entry.source) == (
                operation.method,
                operation.paths,
                operation.source,
            ), operation.id

    def test_head_is_get_without_a_body(self, client):
        reply = client("HEAD", "/v1/events")
        assert (reply.status, reply.raw) == (200, b"")

    @pytest.mark.parametrize("path", ["/v1/contacts", "/v1/nothing", "/v1/templates"])
    def test_a_preflight_needs_no_key(self, client, path):
        reply = client.as_key("")("OPTIONS", path, headers={"Origin": "http://localhost:3000"})
        assert (reply.status, reply.raw) == (204, b"")
        assert reply.headers == {
            "access-control-allow-origin": "*",
            "access-control-allow-methods": "GET,HEAD,PUT,PATCH,POST,DELETE",
            "access-control-allow-headers": "Authorization, Content-Type, x-api-key, x-project-id",
            "x-powered-by": "Express",
            "x-ratelimit-limit": "2",
            "x-ratelimit-remaining": "1",
            "x-ratelimit-reset": SECONDS,
        }


class TestHeaders:
    def expected(self, reply, **more):
        return {
            "content-type": "application/json; charset=utf-8",
            "content-length": str(len(reply.raw)),
            "x-powered-by": "Express",
            "access-control-allow-origin": "*",
            "x-ratelimit-limit": "2",
            "x-ratelimit-remaining": "1",
            "x-ratelimit-reset": "1773743401",
            **more,
        }

    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "/v1/events", 200),
            ("POST", "/v1/contacts", 400),
            ("GET", "/v1/x", 404),
            ("GET", "/v1/webhooks/x", 404),
        ],
    )
    def test_on_every_answer(self, client, method, path, status):
        reply = client(method, path)
        assert reply.status == status
        assert reply.headers == self.expected(reply)

    def test_without_a_key(self, client):
        reply = client.as_key("").get("/v1/events")
        assert reply.headers == self.expected(reply)

    def test_where_nothing_is_counted_there_is_no_end(self, client):
        for _ in range(5):
            assert client.get("/v1/events").headers["x-ratelimit-remaining"] == "1"

    def test_the_vendors_limit(self, sandbox):
        client = sandbox("autosend", rate_limits="vendor")
        client.clock(freeze="2026-03-17T10:30:00.250Z")
        seen = [client.get("/v1/events") for _ in range(3)]
        assert [reply.status for reply in seen] == [200, 200, 429]
        assert [reply.headers["x-ratelimit-remaining"] for reply in seen] == ["1", "0", "0"]
        assert {reply.headers["x-ratelimit-reset"] for reply in seen} == {"1773743402"}
        assert seen[2].json == {
            **error("Rate limit exceeded", "RATE_LIMIT_EXCEEDED", retryAfter=1),
            "retryAfter": 1,
        }
        assert seen[2].headers == self.expected(
            seen[2], **{"retry-after": "1", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1773743402"}
        )
        assert client.as_key("AS_other").get("/v1/events").status == 200
        client.clock(advance="1s")
        assert client.get("/v1/events").status == 200


@pytest.mark.parametrize(
    ("kind", "status", "expected"),
    [
        ("unauthorized", 401, UNAUTHORIZED),
        ("forbidden", 403, FORBIDDEN),
        ("not_found", 404, NOT_FOUND),
        ("conflict", 409, error("Conflict", "CONFLICT")),
        ("invalid", 400, invalid()),
        ("malformed", 400, invalid()),
        ("too_large", 413, error("Request entity too large", "PAYLOAD_TOO_LARGE")),
        ("internal", 500, error("Internal server error", "SERVER_ERROR")),
        ("unavailable", 503, error("Service unavailable", "SERVICE_UNAVAILABLE")),
    ],
)
def test_injected_errors_are_the_vendors(client, kind, status, expected):
    reply = client.get("/v1/events", headers={"X-Lookalike-Fault": kind})
    assert (reply.status, reply.json) == (status, expected)
    assert reply.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("method", "path", "kind", "status", "expected"),
    [
        ("GET", f"/v1/contacts/{NOBODY}", "404", 404, CONTACT_NOT_FOUND),
        ("GET", f"/v1/contact-lists/{NOBODY}", "not_found", 404, LIST_NOT_FOUND),
        ("DELETE", "/v1/suppression-groups/AB12C", "not_found", 404, GROUP_NOT_FOUND),
        ("POST", "/v1/events/send", "not_found", 404, EVENT_NOT_FOUND),
        ("POST", "/v1/contacts", "409", 409, CONTACT_EXISTS),
        ("POST", "/v1/contact-lists", "409", 409, error("A list with this name already exists", "LIST_NAME_EXISTS")),
        (
            "DELETE",
            "/v1/contacts/email/userId/u",
            "500",
            500,
            error("Contact deletion failed. Please try again.", "CONTACT_DELETION_FAILED", status=500),
        ),
        (
            "POST",
            "/v1/contact-lists",
            "internal",
            500,
            {"success": False, "error": {"message": "Failed to create contact list"}},
        ),
        (
            "GET",
            f"/v1/webhooks/{NOBODY}/reveal",
            "forbidden",
            403,
            error("Unauthorized access to webhook", "UNAUTHORIZED_WEBHOOK_ACCESS", status=403),
        ),
        ("POST", "/v1/contacts/email", "conflict", 409, error("Conflict", "CONFLICT")),
        ("GET", f"/v1/inbound/messages/{NOBODY}", "not_found", 404, NO_MAIL),
        ("POST", f"/v1/inbound/messages/{NOBODY}/reply", "invalid", 400, INVALID_VALUE),
        ("POST", "/v1/contacts", "invalid", 400, error("Validation failed", "VALIDATION_FAILED", details=[])),
    ],
)
def test_an_injected_error_has_the_operations_own_words(client, method, path, kind, status, expected):
    reply = client(method, path, headers={"X-Lookalike-Fault": kind})
    assert (reply.status, reply.json) == (status, expected)


def test_the_operations_with_words_of_their_own_are_there():
    assert {operation for _, operation in OWN} <= {operation.id for operation in VENDOR.operations}


def test_an_injected_429_can_be_read_in_every_place(client):
    reply = client.get("/v1/events", headers={"X-Lookalike-Fault": "429"})
    body = error("Rate limit exceeded", "RATE_LIMIT_EXCEEDED", retryAfter=1)
    assert (reply.status, reply.json) == (429, {**body, "retryAfter": 1})
    assert (reply.headers["retry-after"], reply.headers["x-ratelimit-remaining"]) == ("1", "0")


class TestBodies:
    @pytest.mark.parametrize("path", ["/v1/contacts", "/v1/contact-lists", "/v1/mails/send"])
    def test_more_than_five_megabytes(self, client, path):
        before = held(client)
        reply = client.post(path, body=b'{"email": "' + b"x" * (5 * 1024 * 1024) + b'"}')
        assert (reply.status, reply.json) == (413, error("Request entity too large", "PAYLOAD_TOO_LARGE"))
        assert held(client) == before

    def test_the_content_type_does_not_matter(self, client):
        body = b'{"email": "a@example.com"}'
        reply = client.post("/v1/contacts", body=body, headers={"Content-Type": "text/plain"})
        assert reply.json == ok(contact("a@example.com"))

    def test_a_get_may_say_json_and_send_nothing(self, client):
        assert client.get("/v1/events", headers={"Content-Type": "application/json"}).status == 200

    def test_what_is_deep_but_readable(self, client):
        deep = b'{"email": "a@example.com", "extra": ' + b"[" * 400 + b"]" * 400 + b"}"
        reply = client.post("/v1/contacts", body=deep)
        assert (reply.status, reply.json) == (400, invalid())
        metadata = b'{"a":' * 150 + b"1" + b"}" * 150
        body = b'{"url": "http://example.com", "events": ["email.sent"], "metadata": ' + metadata + b"}"
        made = client.post("/v1/webhooks", body=body)
        assert made.status == 201
        assert client.get("/v1/webhooks").status == 200

    def test_text_comes_back_as_it_was(self, client):
        name = 'Zoë "🌻" \u2028 \\ \u0000 <b>'
        reply = client.post("/v1/contacts", {"email": "a@example.com", "firstName": name})
        assert reply.json == ok(contact("a@example.com", firstName=name))
        assert "🌻".encode() in reply.raw
