"""What holds for every SegMailer operation: keys, headers, limits, bodies, routes that are none."""

from __future__ import annotations

import re

import pytest

from lookalike.vendors.segmailer import VENDOR
from tests.support import UUID
from tests.vendors.segmailer.bodies import (
    EMAIL_TAKEN,
    INVALID_JSON,
    NO_CONTACT,
    NO_METHOD,
    NO_ROUTE,
    NO_SEGMENT,
    NO_WEBHOOK,
    NOBODY,
    UNAUTHORIZED,
    contact,
    error,
    held,
    listing,
    upsert,
)

ANN = {"identifier": {"email": "ann@example.com"}, "attributes": {"plan": "pro"}}
PREMIUM = {"firstName": "Jane", "lastName": "Doe", "plan": "premium", "signupDate": "2024-01-15"}
OPERATIONS = VENDOR.operations


def path_of(operation):
    return re.sub(r"\{\w+\}", NOBODY, operation.paths[0])


class TestKeys:
    @pytest.mark.parametrize("key", ["x", "sm_live_4711", "eyJhbGciOi.J9.-_", "key~default", "sm_restricted"])
    def test_any_text_without_blanks_is_a_key(self, client, key):
        assert client.as_key(key).get("/api/v2/contacts").json == listing()

    @pytest.mark.parametrize("header", ["bearer x", "BEARER x", "Bearer  x", "Bearer x "])
    def test_spellings_of_the_header(self, client, header):
        reply = client.as_key("").get("/api/v2/contacts", headers={"Authorization": header})
        assert (reply.status, reply.json) == (200, listing())

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Authorization": "sm_lookalike"},
            {"Authorization": "Bearer"},
            {"Authorization": "Bearer "},
            {"Authorization": "Bearer a b"},
            {"Authorization": "Bearer sm_invalid"},
            {"Authorization": "Basic c21fbG9va2FsaWtlOg=="},
            {"x-api-key": "sm_lookalike"},
        ],
    )
    def test_no_key_or_a_bad_one(self, client, headers):
        upsert(client, "ann@example.com")
        before = held(client)
        for operation in OPERATIONS:
            reply = client.as_key("")(operation.method, path_of(operation), ANN, headers=headers)
            assert (reply.status, reply.json) == (401, UNAUTHORIZED), operation.id
        assert held(client) == before

    def test_the_key_is_judged_before_the_body(self, client):
        reply = client.as_key("invalid").post("/api/v2/contacts", body=b"{")
        assert (reply.status, reply.json) == (401, UNAUTHORIZED)

    def test_a_key_belongs_to_one_workspace(self, client):
        id = upsert(client, "ann@example.com")["id"]
        other = client.as_key("sm_x~other")
        assert other.get(f"/api/v2/contacts/{id}").json == NO_CONTACT
        assert other.get("/api/v2/contacts").json == listing()
        assert other.post("/api/v2/contacts", ANN).status == 201


class TestBodies:
    @pytest.mark.parametrize(
        "content_type",
        ["application/json", "text/plain;charset=UTF-8", "text/plain", "application/x-www-form-urlencoded", "x", ""],
    )
    def test_a_body_is_json_whatever_its_content_type(self, client, content_type):
        body = b'{"identifier": {"email": "user@example.com"}, "attributes": {"plan": "premium"}}'
        headers = {"Content-Type": content_type} if content_type else {}
        reply = client.post("/api/v2/contacts", body=body, headers=headers)
        assert (reply.status, reply.json) == (201, contact("user@example.com", {"plan": "premium"}))

    @pytest.mark.parametrize("operation", [op for op in OPERATIONS if op.body], ids=lambda op: op.id)
    @pytest.mark.parametrize(
        "body", [b"", b" ", b"{", b"[]", b"null", b"17", b'"text"', b"a=b", b"\xff", b'{"a": NaN}']
    )
    def test_what_is_no_json_object(self, client, operation, body):
        upsert(client, "ann@example.com")
        before = held(client)
        path = path_of(operation).replace(NOBODY, "ann@example.com")
        reply = client(operation.method, path, body=body)
        assert (reply.status, reply.json) == (400, INVALID_JSON)
        assert held(client) == before

    @pytest.mark.parametrize("operation", [op for op in OPERATIONS if op.body], ids=lambda op: op.id)
    def test_five_megabytes_are_the_limit(self, client, operation):
        expected = error("payload_too_large", "Request body must not be larger than 5 MB")
        reply = client(operation.method, path_of(operation), body=b'{"a": "' + b"x" * 5 * 1024 * 1024 + b'"}')
        assert (reply.status, reply.json) == (413, expected)

    def test_unknown_members_are_passed_over(self, client):
        reply = client.post("/api/v2/contacts", {**ANN, "listIds": [1], "tags": "x"})
        assert reply.json == contact("ann@example.com", {"plan": "pro"})

    def test_text_comes_back_as_it_was(self, client):
        name = 'Zoë "🌻" \u2028 \\ \u0000 <b>'
        reply = client.post("/api/v2/contacts", {**ANN, "attributes": {"Straße 🌻": name}})
        assert reply.json == contact("ann@example.com", {"Straße 🌻": name})
        assert "🌻".encode() in reply.raw


class TestRoutes:
    @pytest.mark.parametrize(
        "path",
        [
            "/", "/contacts", "/v1/contacts", "/api/v1/contacts", "/api/v2/lists", "/api/v2/campaigns",
            "/api/v2/templates", "/api/v2/topics", "/api/v2/emails", "/api/v2/contacts/", "/api/v2//contacts",
            "//api/v2/contacts", "/v2/events", "/api/v1/events/bulk", "/api/v2/events/bulk", "/api/v2/workflows/x",
            f"/api/v2/contacts/{NOBODY}/x",
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
    def test_what_is_not_offered(self, client, method, path):
        reply = client(method, path, ANN)
        assert (reply.status, reply.json) == (404, NO_ROUTE)

    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("PUT", "/api/v2/contacts", "GET, HEAD, POST"),
            ("DELETE", "/api/v2/contacts", "GET, HEAD, POST"),
            ("POST", f"/api/v2/contacts/{NOBODY}", "DELETE, GET, HEAD, PATCH, PUT"),
            ("POST", f"/api/v2/contacts/{NOBODY}/segments", "GET, HEAD"),
            ("GET", "/v1/events", "POST"),
            ("GET", "/api/v1/events", "POST"),
            ("DELETE", "/api/v2/events", "POST"),
            ("PATCH", "/v1/events/bulk", "POST"),
            ("PUT", f"/api/v2/segments/{NOBODY}", "DELETE, GET, HEAD, PATCH"),
            ("POST", f"/api/v2/segments/{NOBODY}/contacts", "GET, HEAD"),
            ("POST", "/api/v2/attributes", "GET, HEAD"),
            ("POST", "/api/v2/workflows", "GET, HEAD"),
            ("PUT", f"/api/v2/webhooks/{NOBODY}", "DELETE, GET, HEAD, PATCH"),
        ],
    )
    def test_a_wrong_method_names_the_right_ones(self, client, method, path, allowed):
        reply = client(method, path, ANN)
        assert (reply.status, reply.json, reply.headers["allow"]) == (405, NO_METHOD, allowed)

    def test_head(self, client):
        reply = client("HEAD", "/api/v2/contacts")
        assert (reply.status, reply.raw) == (200, b"")


class TestHeaders:
    def test_every_answer_has_an_id_of_its_own(self, client):
        replies = [
            client.get("/api/v2/contacts"),
            client.post("/api/v2/contacts", ANN),
            client.get("/nowhere"),
            client.as_key("").get("/api/v2/contacts"),
            client.post("/api/v2/contacts", body=b"{"),
            client.delete("/api/v2/contacts/ann@example.com"),
        ]
        assert [reply.status for reply in replies] == [200, 201, 404, 401, 400, 204]
        ids = [reply.headers["x-request-id"] for reply in replies]
        assert ids == [UUID] * 6
        assert len(set(ids)) == 6

    def test_every_answer_may_be_read_by_any_page(self, client):
        assert client.get("/api/v2/contacts").headers["access-control-allow-origin"] == "*"
        assert client.as_key("").get("/nowhere").headers["access-control-allow-origin"] == "*"

    def test_a_preflight_needs_no_key(self, client):
        reply = client.as_key("")("OPTIONS", "/api/v2/contacts")
        assert (reply.status, reply.raw) == (204, b"")
        assert reply.headers["access-control-allow-origin"] == "*"
        assert reply.headers["access-control-allow-methods"] == "GET, POST, PUT, PATCH, DELETE"
        assert reply.headers["access-control-allow-headers"] == "*, Authorization"

    def test_content_types(self, client):
        assert client.get("/api/v2/contacts").headers["content-type"] == "application/json"
        assert client.get("/nowhere").headers["content-type"] == "application/json"


class TestRateLimits:
    def test_none_unless_asked_for(self, client):
        replies = [client.get("/api/v2/webhooks") for _ in range(120)]
        assert {reply.status for reply in replies} == {200}
        assert not [name for name in replies[0].headers if name.startswith("x-ratelimit")]

    def test_a_hundred_in_ten_seconds(self, sandbox):
        client = sandbox("segmailer", rate_limits="vendor")
        client.clock(freeze="2026-03-17T10:30:00.250Z")
        ends = "1773743411"
        replies = [client.get("/api/v2/webhooks") for _ in range(102)]
        assert [reply.status for reply in replies] == [200] * 100 + [429] * 2
        told = [
            tuple(reply.headers[f"x-ratelimit-{name}"] for name in ("limit", "remaining", "reset")) for reply in replies
        ]
        assert told[0] == ("100", "99", ends)
        assert told[99] == told[101] == ("100", "0", ends)
        assert replies[100].json == error("rate_limited", "Too many requests")
        assert replies[100].headers["retry-after"] == "10"
        assert client.as_key("sm_another").get("/api/v2/webhooks").headers["x-ratelimit-remaining"] == "99"
        client.clock(advance="9s")
        assert client.get("/api/v2/webhooks").headers["retry-after"] == "1"
        client.clock(advance="1s")
        assert client.get("/api/v2/webhooks").headers["x-ratelimit-remaining"] == "99"

    def test_what_is_refused_has_no_effect_and_counts(self, sandbox):
        client = sandbox("segmailer", rate_limits="vendor")
        client.clock(freeze="2026-03-17T10:30:00Z")
        for _ in range(100):
            assert client.post("/v1/events", body=b"{").headers["x-ratelimit-limit"] == "100"
        assert client.post("/api/v2/contacts", ANN).status == 429
        client.clock(advance="10s")
        assert client.get("/api/v2/contacts").json == listing()


class TestTrouble:
    """What the faults of the sandbox look like here."""

    @pytest.mark.parametrize(
        ("fault", "status", "body"),
        [
            ("unauthorized", 401, UNAUTHORIZED),
            ("forbidden", 403, error("forbidden", "This API key is not allowed to do this")),
            ("402", 402, error("contact_limit_reached", "The contact limit of your plan is reached")),
            ("conflict", 409, error("conflict", "Conflict")),
            ("invalid", 400, error("validation_error", "Validation failed") | {}),
            ("malformed", 400, INVALID_JSON),
            ("too_large", 413, error("payload_too_large", "Request body must not be larger than 5 MB")),
            ("rate_limited", 429, error("rate_limited", "Too many requests")),
            ("internal", 500, error("internal_error", "Internal server error")),
            ("unavailable", 503, error("service_unavailable", "Service unavailable")),
        ],
    )
    def test_an_injected_error(self, client, fault, status, body):
        reply = client.post("/api/v2/contacts", ANN, headers={"X-Lookalike-Fault": fault})
        if fault == "invalid":
            body["error"]["details"] = []
        assert (reply.status, reply.json) == (status, body)
        assert ("retry-after" in reply.headers) == (status == 429)
        assert client.get("/api/v2/contacts").json == listing()

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("GET", f"/api/v2/contacts/{NOBODY}", NO_CONTACT),
            ("DELETE", f"/api/v2/contacts/{NOBODY}", NO_CONTACT),
            ("GET", "/api/v2/contacts", NO_SEGMENT),
            ("GET", f"/api/v2/segments/{NOBODY}", NO_SEGMENT),
            ("GET", f"/api/v2/webhooks/{NOBODY}", NO_WEBHOOK),
            ("GET", "/api/v2/attributes", error("not_found", "Not found")),
        ],
    )
    def test_an_injected_404_names_what_is_missing(self, client, method, path, body):
        reply = client(method, path, headers={"X-Lookalike-Fault": "not_found"})
        assert (reply.status, reply.json) == (404, body)

    def test_an_injected_409_is_that_of_the_operation(self, client):
        reply = client.patch(f"/api/v2/contacts/{NOBODY}", {}, headers={"X-Lookalike-Fault": "conflict"})
        assert (reply.status, reply.json) == (409, EMAIL_TAKEN)


class TestCoverage:
    def test_all_24_operations_are_there(self):
        counts = VENDOR.coverage.counts()
        assert counts == {"documented": 24, "full": 24, "partial": 0, "planned": 0}
        sources = VENDOR.coverage.summary()["sources"]
        assert {source: told["operations"] for source, told in sources.items()} == {"S": 0, "D": 10, "I": 14}

    def test_every_operation_says_what_of_it_is_inferred(self):
        listed = {entry.id: entry for entry in VENDOR.coverage.entries}
        for operation in OPERATIONS:
            entry = listed[operation.id]
            assert (operation.source, "inferred" in operation.notes or "follow" in operation.notes) == (
                entry.source,
                True,
            ), operation.id
            assert entry.why.endswith("."), operation.id
