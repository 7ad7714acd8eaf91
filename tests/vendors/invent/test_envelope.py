"""What holds for every Invent operation: keys, organizations, headers, limits, errors, routes that are none."""

from __future__ import annotations

import re

import pytest

from lookalike.vendors.invent import VENDOR
from lookalike.vendors.invent.identity import organization_id
from tests.support import Like
from tests.vendors.invent.bodies import (
    BROADCASTS,
    CONTACTS,
    NOBODY,
    ROUTE_NOT_FOUND,
    SEGMENTS,
    UNAUTHORIZED,
    an_id,
    by_email,
    error,
    get,
    held,
    make,
    make_segment,
    missing,
    paging,
)


def path_of(operation, org: str = "c") -> str:
    return re.sub(r"\{[^}]+\}", NOBODY, operation.paths[0].replace("{org_id}", org))


class TestKeys:
    @pytest.mark.parametrize("key", ["inv_lookalike", "x", "a.b-c_d=", "inv_x~default", "sk_restricted"])
    def test_any_token_will_do(self, client, key):
        reply = client.as_key(key).post(CONTACTS, {"channel": {"email": "a@example.com"}})
        assert (reply.status, reply.json) == (200, by_email("a@example.com"))

    def test_the_scheme_is_in_any_case(self, client):
        reply = client.as_key("").get(CONTACTS, headers={"Authorization": "bearer  x "})
        assert (reply.status, reply.json) == (200, [])

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Authorization": "x"},
            {"Authorization": "Bearer"},
            {"Authorization": "Bearer  "},
            {"Authorization": "Bearer a b"},
            {"Authorization": "Basic eDp5"},
            {"Authorization": "Bearer invalid"},
            {"Authorization": "Bearer inv_invalid~default"},
            {"X-API-Key": "x"},
        ],
    )
    def test_no_key_or_a_bad_one(self, client, headers):
        make(client, "a@example.com")
        before = held(client)
        for operation in VENDOR.operations:
            reply = client.as_key("")(operation.method, path_of(operation, "other"), body=b"{", headers=headers)
            assert (reply.status, reply.json) == (401, UNAUTHORIZED), operation.id
            assert reply.headers["content-type"] == "application/json"
        assert held(client) == before

    def test_workspaces_are_organizations(self, client):
        other = client.as_key("x~other")
        [id] = make(client, "a@example.com")
        segment = make_segment(client, "VIP")
        assert other.get(f"{CONTACTS}/{id}").json == missing("Contact")
        assert other.get(f"{SEGMENTS}/{segment}").json == missing("Segment")
        assert other.get(CONTACTS).json == []


class TestOrganizations:
    def test_its_own_id_means_the_same_as_c(self, client):
        own = organization_id("default")
        assert own == an_id("org")
        [id] = make(client, "a@example.com")
        assert get(client, f"/orgs/{own}/contacts/{id}") == by_email("a@example.com")
        assert client.as_key("x~other").get(f"/orgs/{organization_id('other')}/contacts").json == []

    @pytest.mark.parametrize("org", ["x", "C", "org_0000000000000000000000", organization_id("other"), "%00"])
    def test_any_other_does_not_exist(self, client, org):
        before = held(client)
        for operation in VENDOR.operations:
            reply = client(operation.method, path_of(operation, org), body=b"{")
            assert (reply.status, reply.json) == (404, missing("Organization")), operation.id
        assert held(client) == before


class TestRoutes:
    @pytest.mark.parametrize(
        "path",
        [
            "/",
            "/orgs",
            "/orgs/c",
            "/v1/orgs/c/contacts",
            "/orgs/c/events",
            "/orgs/c/topics",
            "/orgs/c/webhooks",
            "/orgs/c/suppressions",
            f"/orgs/c/contacts/{NOBODY}/fields",
            f"/orgs/c/contacts/{NOBODY}/channels",
            f"/orgs/c/contacts/{NOBODY}/events",
            f"/orgs/c/contacts/{NOBODY}/topics",
            f"/orgs/c/broadcasts/{NOBODY}/webhooks",
            "/nowhere",
        ],
    )
    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
    def test_what_invent_does_not_have(self, client, method, path):
        reply = client(method, path, body=b"{")
        assert (reply.status, reply.json) == (404, ROUTE_NOT_FOUND)

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("PUT", CONTACTS),
            ("DELETE", CONTACTS),
            ("PUT", f"{CONTACTS}/{NOBODY}"),
            ("POST", f"{CONTACTS}/{NOBODY}"),
            ("GET", f"{CONTACTS}/{NOBODY}/merge"),
            ("PUT", f"{CONTACTS}/{NOBODY}/segments/x"),
            ("GET", f"{CONTACTS}/{NOBODY}/channels/x"),
            ("GET", f"{CONTACTS}/bulk/dry"),
            ("DELETE", SEGMENTS),
            ("PUT", f"{BROADCASTS}/{NOBODY}"),
            ("GET", f"{BROADCASTS}/{NOBODY}/send"),
        ],
    )
    def test_a_wrong_method_is_an_unknown_route(self, client, method, path):
        reply = client(method, path, {})
        assert (reply.status, reply.json) == (404, ROUTE_NOT_FOUND)

    def test_the_key_is_looked_at_first_where_keys_are_wanted(self, client):
        nobody = client.as_key("")
        assert nobody.get("/orgs/c/events").json == UNAUTHORIZED
        assert nobody.get("/chats/x/nothing").json == UNAUTHORIZED
        assert nobody.get("/nowhere").json == ROUTE_NOT_FOUND

    def test_what_is_documented_and_lacking(self, client):
        for entry in VENDOR.coverage.entries:
            if entry.state == "planned":
                path = re.sub(r"\{[^}]+\}", NOBODY, entry.paths[0].replace("{org_id}", "c"))
                reply = client(entry.method, path, body=b"{")
                message = f"lookalike does not implement {entry.id} ({entry.method} {entry.paths[0]}) yet"
                assert (reply.status, reply.json) == (501, error(501, "Not Implemented", message)), entry.id
                assert reply.headers["x-lookalike-status"] == "unimplemented"

    def test_the_inventory_is_whole(self):
        """All 28 operations of the audience, the cookbook's four beside them, and who vouches for them."""
        entries = VENDOR.coverage.entries
        audience = [entry.id for entry in entries if entry.state == "full"]
        cookbook = {"get_assistants", "create_assistant", "get_assistant", "list_connections"}
        assert (len(entries), len(audience)) == (56, 28)
        assert {entry.id for entry in entries if entry.state == "partial"} == cookbook
        assert sum(entry.source == "I" for entry in entries if entry.state == "full") == 12
        assert all(entry.why for entry in entries)

    def test_the_openapi_document_says_what_is_inferred(self, client):
        document = client.control("GET", "/openapi/invent.json").json
        told = {
            operation["operationId"]: (operation["x-lookalike-source"], operation["x-lookalike-why"])
            for path in document["paths"].values()
            for operation in path.values()
        }
        listed = {entry.id: (entry.source, entry.why) for entry in VENDOR.coverage.entries if entry.state != "planned"}
        assert told == listed


class TestHeaders:
    def test_json_and_cors_on_every_answer(self, client):
        for reply in (client.get(CONTACTS), client.get("/nowhere"), client.as_key("").get(CONTACTS)):
            assert reply.headers["content-type"] == "application/json"
            assert reply.headers["access-control-allow-origin"] == "*"
            expected = "pagination-count, pagination-page, pagination-take"
            assert reply.headers["access-control-expose-headers"] == expected
            assert "x-ratelimit-limit" not in reply.headers

    def test_lists_alone_are_counted(self, client):
        [id] = make(client, "a@example.com")
        assert paging(client.get(CONTACTS)) == ("1", "1", "20")
        assert "pagination-count" not in client.get(f"{CONTACTS}/{id}").headers
        assert "pagination-count" not in client.get(f"{CONTACTS}?page=0").headers

    @pytest.mark.parametrize("path", [CONTACTS, "/nowhere"])
    def test_a_preflight(self, client, path):
        reply = client.as_key("")("OPTIONS", path)
        assert (reply.status, reply.raw) == (204, b"")
        assert reply.headers["access-control-allow-origin"] == "*"
        assert reply.headers["access-control-allow-methods"] == "GET,HEAD,PUT,PATCH,POST,DELETE"
        assert reply.headers["access-control-allow-headers"] == "Authorization, Content-Type"


class TestLimits:
    def test_five_hundred_a_minute_from_one_address(self, sandbox):
        client = sandbox("invent", rate_limits="vendor")
        client.clock(freeze="2026-03-17T10:30:00Z")
        for number in range(500):
            key = ("one", "two")[number % 2]
            reply = client.as_key(key).get(f"{SEGMENTS}/x")
            assert reply.status == 404
            assert reply.headers["x-ratelimit-limit"] == "500"
            assert reply.headers["x-ratelimit-remaining"] == str(499 - number)
            assert reply.headers["x-ratelimit-reset"] == "60"
        client.clock(advance="20s")
        over = client.as_key("three").get(CONTACTS)
        assert (over.status, over.json) == (429, error(429, "Too Many Requests", "Rate limit exceeded"))
        assert (over.headers["retry-after"], over.headers["x-ratelimit-reset"]) == ("40", "40")
        assert over.headers["x-ratelimit-remaining"] == "0"
        client.clock(advance="40s")
        assert client.get(CONTACTS).status == 200


FAULTS = {
    "unauthorized": UNAUTHORIZED,
    "forbidden": error(401, "Unauthorized", "This endpoint is not available to API keys"),
    "conflict": error(409, "Conflict", "Conflict"),
    "invalid": error(400, "Bad Request", "Invalid request"),
    "malformed": error(400, "Bad Request", "Malformed JSON in request body"),
    "too_large": error(413, "Payload Too Large", "Request body is too large"),
    "rate_limited": error(429, "Too Many Requests", "Rate limit exceeded"),
    "internal": error(500, "Internal Server Error", "Something went wrong"),
    "unavailable": error(503, "Service Unavailable", "Service is temporarily unavailable"),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_injected_trouble(client, kind):
    reply = client.get(CONTACTS, headers={"X-Lookalike-Fault": kind})
    assert (reply.status, reply.json) == (FAULTS[kind]["statusCode"], FAULTS[kind])
    assert reply.headers.get("retry-after") == ("1" if kind == "rate_limited" else None)


@pytest.mark.parametrize(
    ("method", "path", "message"),
    [
        ("GET", CONTACTS, "Not found"),
        ("GET", f"{CONTACTS}/x", "Contact not found"),
        ("POST", f"{CONTACTS}/x/merge", "Contact not found"),
        ("POST", f"{CONTACTS}/x/segments/y", "Segment not found"),
        ("PATCH", f"{CONTACTS}/x/channels/y", "Channel not found"),
        ("GET", f"{SEGMENTS}/x", "Segment not found"),
        ("POST", f"{BROADCASTS}/x/send", "Broadcast not found"),
    ],
)
def test_an_injected_404_speaks_of_what_the_path_names(client, method, path, message):
    reply = client(method, path, headers={"X-Lookalike-Fault": "not_found"})
    assert (reply.status, reply.json) == (404, error(404, "Not Found", message))


def test_a_body_over_ten_megabytes(client):
    body = b'{"channel": {"name": "' + b"x" * (10 * 1024 * 1024) + b'"}}'
    reply = client.post(CONTACTS, body=body)
    assert (reply.status, reply.json) == (413, FAULTS["too_large"])


def test_ids_look_as_the_vendors(client):
    [id] = make(client, "a@example.com")
    assert id == Like("ctc_[0-9A-Za-z]{22}")
    assert id != make(client, "b@example.com")[0]
