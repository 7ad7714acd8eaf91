"""Who may send OpenSend emails, what is traced of a request, and keys that make a repeat harmless."""

from __future__ import annotations

import pytest

from tests.support import Like
from tests.vendors.opensend.emails import BAD_EMAIL, BODY, MISSING, SHORT, emails, public, refused, send

MISSING_KEY = public(401, "missing_api_key", "Missing API key. Provide an Authorization: Bearer <api_key> header.")
MALFORMED_KEY = public(
    401, "malformed_api_key", "Malformed API key. Use the Authorization: Bearer <api_key> header format."
)
INVALID_KEY = public(401, "invalid_api_key", "Invalid API key.")


@pytest.mark.parametrize("path", ["/emails", "/api/emails", "/emails/batch", "/api/emails/batch"])
@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, MISSING_KEY),
        ("os_lookalike", MALFORMED_KEY),
        ("Basic os_lookalike", MALFORMED_KEY),
        ("Bearer os_invalid", INVALID_KEY),
    ],
)
def test_credentials(client, path, header, expected):
    caller = client.as_key("")
    reply = caller.post(path, body=b"{", headers={"Authorization": header} if header else {})
    assert (reply.status, reply.json) == (401, expected)
    assert {"x-correlation-id", "traceparent"} <= reply.headers.keys()


def test_a_sending_key_sends_and_does_nothing_else(client):
    caller = client.as_key("os_restricted")
    assert caller.post("/emails", BODY).status == 200
    assert caller.post("/emails/batch", [BODY]).status == 200
    message = "This API key does not have permission to access this resource."
    reply = caller.get("/emails")
    assert (reply.status, reply.json) == (403, public(403, "insufficient_api_key_permission", message))


def test_the_domain_of_a_key_in_any_case(client):
    key = {"name": "k", "permission": "sending_access", "domain_id": "ACME.com"}
    caller = client.as_key(client.post("/api-keys", key).json["token"])
    assert caller.post("/emails", {**BODY, "from": "a@acme.com"}).status == 200


def test_a_key_for_one_domain(client):
    key = {"name": "k", "permission": "sending_access", "domain_id": "acme.com"}
    caller = client.as_key(client.post("/api-keys", key).json["token"])
    assert caller.post("/emails", {**BODY, "from": "a@ACME.com"}).status == 200
    expected = public(
        403,
        "api_key_domain_restricted",
        "This API key is restricted to sending from a different domain.",
        {"restrictedDomain": "acme.com", "fromDomain": "mail.acme.com"},
    )
    other = {**BODY, "from": "a@mail.acme.com"}
    for path, body in (("/emails", other), ("/emails/batch", [BODY, other])):
        reply = caller.post(path, body)
        assert (reply.status, reply.json) == (403, expected)
    assert len(emails(client)) == 1
    full = client.post("/api-keys", {"name": "k", "domain_id": "acme.com"}).json["token"]
    assert client.as_key(full).post("/emails", other).status == 200


TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize(
    ("sent", "correlation", "trace"),
    [
        ({}, "[0-9a-f]{32}", "[0-9a-f]{32}"),
        ({"x-correlation-id": "mine-1"}, "mine-1", "[0-9a-f]{32}"),
        ({"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}, TRACE, TRACE),
        ({"traceparent": "junk"}, "[0-9a-f]{32}", "[0-9a-f]{32}"),
        ({"x-correlation-id": "mine", "traceparent": f"00-{TRACE}-b7ad6b7169203331-00"}, "mine", TRACE),
    ],
)
@pytest.mark.parametrize(("path", "body"), [("/emails", BODY), ("/emails", {}), ("/emails/batch", [])])
def test_tracing(client, sent, correlation, trace, path, body):
    headers = client.post(path, body, headers=sent).headers
    assert headers["x-correlation-id"] == Like(correlation)
    assert headers["traceparent"] == Like(f"00-{trace}-[0-9a-f]{{16}}-01")
    if not sent:
        assert headers["x-correlation-id"] in headers["traceparent"]


def test_nothing_else_is_traced(client):
    assert "traceparent" not in client.get("/emails").headers
    assert "x-correlation-id" not in client.get("/contacts").headers


def test_a_key_answers_with_the_first_id_for_a_day(client):
    key = {"Idempotency-Key": "welcome/1"}
    first = client.post("/emails", BODY, headers=key).json
    other = {**BODY, "subject": "Other"}
    client.clock(advance="24h")
    assert client.post("/emails", other, headers=key).json == first
    assert client.post("/emails/batch", [other], headers=key).json == {"data": [first]}
    assert client.post("/emails/batch", body=b"[", headers=key).json == {"data": [first]}
    assert len(emails(client)) == 1
    client.clock(advance="1ms")
    second = client.post("/emails", other, headers=key).json
    assert second != first
    assert client.post("/emails", BODY, headers=key).json == second
    assert len(emails(client)) == 2


def test_a_repeat_must_still_be_valid(client):
    key = {"Idempotency-Key": "welcome/1"}
    client.post("/emails", BODY, headers=key)
    reply = client.post("/emails", {"from": "x"}, headers=key)
    expected = refused(**{"from": [BAD_EMAIL, SHORT], "to": ["Invalid input"], "subject": [MISSING]})
    assert (reply.status, reply.json) == (422, expected)
    assert client.post("/emails", body=b"{", headers=key).status == 400


def test_a_repeat_comes_before_suppressions(client):
    key = {"Idempotency-Key": "welcome/1"}
    first = client.post("/emails", BODY, headers=key)
    client.post("/api/suppressions", {"email": "bo@example.com"})
    assert client.post("/emails", BODY, headers=key).json == first.json


def test_a_refused_send_does_not_use_up_its_key(client):
    key = {"Idempotency-Key": "welcome/1"}
    client.post("/api/suppressions", {"email": "bo@example.com"})
    assert client.post("/emails", BODY, headers=key).status == 422
    client.delete("/api/suppressions/bo@example.com")
    assert client.post("/emails", BODY, headers=key).status == 200


def test_a_batch_key_repeats_the_whole_answer(client):
    key = {"Idempotency-Key": "batch/1"}
    suppressed = {**BODY, "to": "suppressed@resend.dev"}
    first = client.post("/emails/batch", [suppressed, BODY, BODY], headers=key).json
    assert [list(slot) for slot in first["data"]] == [["error"], ["id"], ["id"]]
    assert client.post("/emails/batch", [BODY], headers=key).json == first
    assert client.post("/emails/batch", body=b"[", headers=key).json == first
    assert client.post("/emails", BODY, headers=key).json == first["data"][1]
    client.clock(advance="1s")
    assert client.post("/emails/batch", [BODY], headers=key).json == first
    assert len(emails(client)) == 2


def test_keys_of_every_length(client):
    assert send(client) != client.post("/emails", BODY, headers={"Idempotency-Key": ""}).json["id"]
    assert client.post("/emails", BODY, headers={"Idempotency-Key": "k" * 256}).status == 200
    expected = public(400, "invalid_idempotency_key", "Idempotency-Key must be between 1 and 256 characters.")
    for path in ("/emails", "/emails/batch"):
        reply = client.post(path, body=b"{", headers={"Idempotency-Key": "k" * 257})
        assert (reply.status, reply.json) == (400, expected)


def test_keys_belong_to_a_workspace(client):
    key = {"Idempotency-Key": "welcome/1"}
    first = client.post("/emails", BODY, headers=key).json
    assert client.as_key("os_lookalike~other").post("/emails", BODY, headers=key).json != first


def test_a_deleted_email_frees_its_key(client):
    key = {"Idempotency-Key": "welcome/1"}
    first = client.post("/emails", BODY, headers=key).json
    client.delete(f"/api/emails?id={first['id']}")
    assert client.post("/emails", BODY, headers=key).json != first
