"""OpenSend sends: one email and batches, and everything that is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import TIME, UUID, Client, Like

UNKNOWN = "00000000-0000-4000-8000-000000000000"
BODY = {"from": "news@acme.com", "to": ["bo@example.com"], "subject": "Hello", "html": "<p>Hi</p>"}
SCHEDULE = (
    "scheduled_at must be a future ISO 8601 date-time or 'in <positive integer> "
    "<minute|min|minutes|hour|hours|day|days>' within 30 days."
)
TAG = "Tag names and values may only contain ASCII letters, numbers, underscores, or dashes."
MIXED = "Sandbox test recipients cannot be mixed with real recipients or different sandbox outcomes in the same email."
BAD_EMAIL = "Invalid email address"
SHORT = "Too small: expected string to have >=3 characters"
MISSING = "Invalid input: expected string, received undefined"


@pytest.fixture
def client(sandbox) -> Client:
    made = sandbox("opensend")
    made.clock(freeze="2026-03-01T12:00:00Z")
    return made


def public(status: int, code: str, message: str, details: Any = None) -> dict[str, Any]:
    body = {"name": code, "code": code, "message": message, "statusCode": status}
    return body if details is None else {**body, "details": details}


def refused(form: list[str] | None = None, **fields: list[str]) -> dict[str, Any]:
    details = {"formErrors": form or [], "fieldErrors": fields}
    return public(422, "validation_error", "Validation failed.", details)


def emails(client: Client) -> list[dict[str, Any]]:
    return client.get("/emails?limit=100").json["data"]


def send(client: Client, **body: Any) -> str:
    reply = client.post("/emails", {**BODY, **body})
    assert reply.status == 200, reply.text
    return reply.json["id"]


def read(client: Client, **body: Any) -> dict[str, Any]:
    return client.get(f"/emails/{send(client, **body)}").json


# --- one email --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/emails", "/api/emails"])
def test_send(client, path):
    body = {
        "from": "News@Acme.com",
        "to": "Bo@Example.com",
        "subject": "Hello",
        "html": "<p>Hi</p>",
        "text": "Hi",
        "cc": "cc@example.com",
        "bcc": ["bcc@example.com"],
        "reply_to": "re@example.com",
        "replyTo": "ignored@example.com",
        "headers": {"X-A": "1"},
        "tags": [{"name": "kind", "value": "welcome"}, {"name": "empty", "value": ""}],
        "unknown": 1,
    }
    sent = client.post(path, body)
    assert (sent.status, sent.json) == (200, {"id": UUID})
    expected = {
        "object": "email",
        "id": sent.json["id"],
        "from": "News@Acme.com",
        "to": ["Bo@Example.com"],
        "subject": "Hello",
        "html": "<p>Hi</p>",
        "text": "Hi",
        "reply_address": None,
        "thread_id": None,
        "cc": ["cc@example.com"],
        "bcc": ["bcc@example.com"],
        "reply_to": ["re@example.com"],
        "last_event": "queued",
        "provider_retry_count": 0,
        "provider_last_attempted_at": None,
        "provider_next_retry_at": None,
        "provider_last_error": None,
        "provider_dead_lettered_at": None,
        "scheduled_at": None,
        "sent_at": None,
        "tags": body["tags"],
        "created_at": "2026-03-01T12:00:00.000Z",
        "thread": {
            "thread_id": None,
            "match_status": "unmatched",
            "original_email_id": sent.json["id"],
            "contact_id": None,
            "messages": [],
        },
    }
    assert client.get(f"/emails/{sent.json['id']}").json == expected


def test_what_was_sent_shows_in_the_outbox(client):
    id = send(client, cc="cc@example.com", tags=[{"name": "a", "value": "b"}], scheduled_at="in 1 hour")
    [message] = client.control("GET", "/messages").json["messages"]
    expected = {
        "id": id,
        "vendor": "opensend",
        "from": "news@acme.com",
        "to": ["bo@example.com"],
        "cc": ["cc@example.com"],
        "bcc": [],
        "reply_to": [],
        "subject": "Hello",
        "html": "<p>Hi</p>",
        "text": "",
        "headers": {},
        "tags": [{"name": "a", "value": "b"}],
        "topic_id": None,
        "attachments": [],
        "scheduled_at": "2026-03-01T13:00:00.000Z",
        "sent_at": None,
        "created_at": "2026-03-01T12:00:00.000Z",
        "last_event": "scheduled",
    }
    assert {name: message[name] for name in expected} == expected
    client.clock(advance="1h")
    [message] = client.control("GET", "/messages").json["messages"]
    assert (message["last_event"], message["sent_at"]) == ("sent", "2026-03-01T13:00:00.000Z")


def test_the_worker_sends_half_a_second_later(client):
    id = send(client)
    client.clock(advance="499ms")
    assert client.get(f"/emails/{id}").json["last_event"] == "queued"
    client.clock(advance="10s")
    read = client.get(f"/emails/{id}").json
    assert (read["last_event"], read["sent_at"]) == ("sent", "2026-03-01T12:00:00.500Z")
    assert client.get(f"/emails/{id}/events").json == {"object": "list", "data": []}


@pytest.mark.parametrize(
    ("schedule", "at"),
    [
        ("in 1 min", "2026-03-01T12:01:00.000Z"),
        ("in 1 minute", "2026-03-01T12:01:00.000Z"),
        (" IN  5 Minutes ", "2026-03-01T12:05:00.000Z"),
        ("in 2 hour", "2026-03-01T14:00:00.000Z"),
        ("in 36 hours", "2026-03-03T00:00:00.000Z"),
        ("in 1 day", "2026-03-02T12:00:00.000Z"),
        ("in 30 days", "2026-03-31T12:00:00.000Z"),
        ("2026-03-01T12:00:01Z", "2026-03-01T12:00:01.000Z"),
        ("2026-03-01T15:30:00.25+02:00", "2026-03-01T13:30:00.250Z"),
    ],
)
def test_scheduling(client, schedule, at):
    id = send(client, scheduled_at=schedule)
    read = client.get(f"/emails/{id}").json
    assert (read["last_event"], read["scheduled_at"], read["sent_at"]) == ("scheduled", at, None)
    client.clock(advance="31d")
    read = client.get(f"/emails/{id}").json
    assert (read["last_event"], read["scheduled_at"], read["sent_at"]) == ("sent", at, at)


@pytest.mark.parametrize(
    "schedule",
    [
        "",
        "soon",
        "tomorrow at 9am",
        "in 0 minutes",
        "in 5 mins",
        "in five minutes",
        "in 31 days",
        "in 99999999999999 days",
        "2026-03-01T12:00:00Z",
        "2026-02-28T12:00:00Z",
        "2026-04-01T12:00:00Z",
        "2026-03-02",
        "2026-03-02T12:00Z",
        "2026-03-02T12:00:00",
        "2026-13-02T12:00:00Z",
        "1790000000",
    ],
)
def test_schedules_that_are_none(client, schedule):
    reply = client.post("/emails", {**BODY, "scheduled_at": schedule})
    assert (reply.status, reply.json) == (422, refused(scheduled_at=[SCHEDULE]))
    reply = client.post("/emails/batch", [BODY, {**BODY, "scheduled_at": schedule}])
    assert (reply.status, reply.json) == (422, refused(**{"1": [SCHEDULE], "1.scheduled_at": [SCHEDULE]}))
    assert emails(client) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"to": []}, {"to": []}),
        ({"to": ["A@b.co", "a@b.co"]}, {"to": ["A@b.co", "a@b.co"]}),
        ({"html": "", "text": "t"}, {"html": "", "text": "t"}),
        ({"cc": [], "bcc": []}, {"cc": [], "bcc": []}),
        ({"subject": "x" * 1024}, {"subject": "x" * 1024}),
    ],
)
def test_accepted(client, changes, expected):
    found = read(client, **changes)
    assert {name: found[name] for name in expected} == expected


TYPE = "Invalid input: expected {}, received {}"


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"from": ...}, {"from": [MISSING]}),
        ({"from": "Acme <a@b.co>"}, {"from": [BAD_EMAIL]}),
        ({"from": "x"}, {"from": [BAD_EMAIL, SHORT]}),
        ({"from": None}, {"from": [TYPE.format("string", "null")]}),
        ({"to": ...}, {"to": ["Invalid input"]}),
        ({"to": None}, {"to": ["Invalid input"]}),
        ({"to": {"email": "a@b.co"}}, {"to": ["Invalid input"]}),
        ({"to": "Bo <bo@example.com>"}, {"to": [BAD_EMAIL]}),
        ({"to": ["bo@example.com", "y@localhost"]}, {"to": [BAD_EMAIL], "to.1": [BAD_EMAIL]}),
        ({"to": ["bad", 5]}, {"to": ["Invalid input"]}),
        ({"cc": ["nope"]}, {"cc": [BAD_EMAIL], "cc.0": [BAD_EMAIL]}),
        ({"bcc": "nope"}, {"bcc": [BAD_EMAIL]}),
        ({"reply_to": 1}, {"reply_to": ["Invalid input"]}),
        ({"subject": ...}, {"subject": [MISSING]}),
        ({"subject": ""}, {"subject": ["Too small: expected string to have >=1 characters"]}),
        ({"subject": "x" * 1025}, {"subject": ["Too big: expected string to have <=1024 characters"]}),
        ({"html": ...}, {"html": ["html, text, or template is required"]}),
        ({"html": "", "text": ""}, {"html": ["html, text, or template is required"]}),
        (
            {"from": "x@localhost", "html": ...},
            {"from": [BAD_EMAIL], "html": ["html, text, or template is required"]},
        ),
        ({"subject": ..., "html": ...}, {"subject": [MISSING]}),
        ({"html": None}, {"html": [TYPE.format("string", "null")]}),
        (
            {"headers": {"X": 1}},
            {"headers": [TYPE.format("string", "number")], "headers.X": [TYPE.format("string", "number")]},
        ),
        ({"headers": []}, {"headers": [TYPE.format("record", "array")]}),
        ({"tags": [{"name": "a b", "value": ""}]}, {"tags": [TAG], "tags.0.name": [TAG]}),
        ({"tags": [{"name": "a", "value": "é"}]}, {"tags": [TAG], "tags.0.value": [TAG]}),
        (
            {"tags": [{"name": "", "value": "v"}]},
            {
                "tags": ["Too small: expected string to have >=1 characters"],
                "tags.0.name": ["Too small: expected string to have >=1 characters"],
            },
        ),
        (
            {"tags": [{"name": "a"}]},
            {"tags": [MISSING], "tags.0.value": [MISSING]},
        ),
        (
            {"tags": [{"name": "a", "value": "v"}] * 76},
            {"tags": ["Too big: expected array to have <=75 items"]},
        ),
        (
            {"attachments": [{"filename": "a.txt"}]},
            {
                "attachments": ["attachment requires content or path"],
                "attachments.0.content": ["attachment requires content or path"],
            },
        ),
        (
            {"attachments": [{"content": "aGk="}]},
            {"attachments": [MISSING], "attachments.0.filename": [MISSING]},
        ),
        (
            {"attachments": [{"filename": "a", "path": "http://127.0.0.1/a"}]},
            {
                "attachments": ["attachment path is not allowed"],
                "attachments.0.path": ["attachment path is not allowed"],
            },
        ),
        (
            {"attachments": [{"filename": "a", "path": "ftp://x.com/a"}]},
            {
                "attachments": ["attachment path must use http or https"],
                "attachments.0.path": ["attachment path must use http or https"],
            },
        ),
        (
            {"attachments": [{"filename": "a", "path": "a.txt"}]},
            {"attachments": ["Invalid URL"], "attachments.0.path": ["Invalid URL"]},
        ),
        ({"scheduled_at": None}, {"scheduled_at": [TYPE.format("string", "null")]}),
        ({"topic_id": "x"}, {"topic_id": ["Invalid UUID"]}),
        (
            {"topic_id": UNKNOWN},
            {"topic_id": ["topic_id must reference a topic owned by the authenticated user."]},
        ),
        ({"template": {"id": "x"}}, {"template": ["Invalid UUID"], "template.id": ["Invalid UUID"]}),
        (
            {"from": "x", "to": ..., "subject": ..., "scheduled_at": "soon"},
            {"from": [BAD_EMAIL, SHORT], "to": ["Invalid input"], "subject": [MISSING], "scheduled_at": [SCHEDULE]},
        ),
    ],
)
def test_refused_by_the_schema(client, changes, fields):
    body = {name: value for name, value in {**BODY, **changes}.items() if value is not ...}
    reply = client.post("/emails", body)
    assert (reply.status, reply.json) == (422, refused(**fields))
    assert emails(client) == []
    reply = client.post("/emails/batch", [BODY, body])
    texts = [text for name, texts in fields.items() if "." not in name for text in texts]
    found = reply.json["details"]["fieldErrors"]
    assert (reply.status, sorted(found.pop("1"))) == (422, sorted(texts))
    assert found == {f"1.{path}": texts for path, texts in fields.items() if not _holds_deeper(path, fields)}
    assert emails(client) == []


def _holds_deeper(path: str, fields: dict[str, Any]) -> bool:
    """Whether what is said of a member is said of one inside it: batches name the innermost alone."""
    return any(other.startswith(f"{path}.") for other in fields)


@pytest.mark.parametrize(
    ("body", "form"),
    [([], "array"), (None, "null"), ("x", "string"), (5, "number")],
)
def test_no_object(client, body, form):
    reply = client.post("/emails", body)
    assert (reply.status, reply.json) == (422, refused([f"Invalid input: expected object, received {form}"]))


@pytest.mark.parametrize("path", ["/emails", "/emails/batch"])
@pytest.mark.parametrize("body", [b"", b"{", b'{"a": NaN}'])
def test_no_json(client, path, body):
    reply = client.post(path, body=body)
    expected = public(400, "invalid_json", "Request body must be valid JSON.")
    assert (reply.status, reply.json) == (400, expected)


def test_attachments_and_topics_are_kept(client):
    topic = client.post("/topics", {"name": "T", "default_subscription": "opt_in", "visibility": "public"}).json["id"]
    attachments = [
        {"filename": "a.txt", "content": "aGk=", "content_type": "text/plain", "content_id": "cid"},
        {"filename": "b.pdf", "path": "https://files.example.com/b.pdf"},
    ]
    id = send(client, attachments=attachments, topic_id=topic.upper())
    shown = [
        {"id": UUID, "filename": "a.txt", "content_type": "text/plain"},
        {"id": UUID, "filename": "b.pdf", "content_type": "application/octet-stream"},
    ]
    assert client.get(f"/emails/{id}/attachments").json == {"object": "list", "data": shown}
    [message] = client.control("GET", "/messages").json["messages"]
    assert message["attachments"] == [
        {"id": UUID, "filename": "a.txt", "content_type": "text/plain", "content_id": "cid"},
        {"id": UUID, "filename": "b.pdf", "content_type": None, "content_id": None},
    ]


# --- credentials ------------------------------------------------------------------------------------------------

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


# --- tracing ----------------------------------------------------------------------------------------------------

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


# --- idempotency ------------------------------------------------------------------------------------------------


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


# --- suppressed and sandbox recipients --------------------------------------------------------------------------


def suppressed(
    recipients: list[str], reason: str, scope: str = "user", because: str = " because it complained"
) -> dict[str, Any]:
    message = f"Recipient {recipients[0]} is suppressed{because}. Remove the suppression before sending again."
    details = {"recipients": ",".join(recipients), "reason": reason, "scope": scope}
    return public(422, "recipient_suppressed", message, details)


@pytest.mark.parametrize(
    ("reason", "because"),
    [
        ("bounced", " because it bounced"),
        ("complained", " because it complained"),
        ("manual", " because it complained"),
    ],
)
def test_suppressed(client, reason, because):
    client.post("/api/suppressions", {"email": "gone@example.com", "reason": reason})
    reply = client.post("/emails", {**BODY, "to": ["ok@example.com", "GONE@example.com"]})
    assert (reply.status, reply.json) == (422, suppressed(["gone@example.com"], reason, because=because))
    assert emails(client) == []


def test_several_suppressed(client):
    client.post("/api/suppressions", {"email": "a@example.com", "reason": "bounced"})
    client.post("/api/suppressions", {"email": "b@example.com"})
    reply = client.post("/emails", {**BODY, "to": ["A@example.com", "b@example.com", "a@example.com"]})
    expected = suppressed(["a@example.com", "b@example.com"], "bounced", because=" because it bounced")
    assert (reply.status, reply.json) == (422, expected)


def test_only_to_is_held_against_suppressions(client):
    client.post("/api/suppressions", {"email": "gone@example.com"})
    assert send(client, cc="gone@example.com", bcc=["gone@example.com"])


@pytest.mark.parametrize("address", ["suppressed@resend.dev", "Suppressed@Resend.Dev"])
def test_sandbox_suppressed(client, address):
    reply = client.post("/emails", {**BODY, "to": address})
    assert (reply.status, reply.json) == (422, suppressed([address], "suppressed", "sandbox", because=""))
    assert emails(client) == []


def test_several_sandbox_suppressed(client):
    reply = client.post("/emails", {**BODY, "to": "suppressed@resend.dev", "cc": "SUPPRESSED@resend.dev"})
    details = {"recipients": "suppressed@resend.dev,SUPPRESSED@resend.dev", "reason": "suppressed", "scope": "sandbox"}
    expected = public(422, "recipient_suppressed", "One or more recipients are suppressed.", details)
    assert (reply.status, reply.json) == (422, expected)


@pytest.mark.parametrize(
    "recipients",
    [
        {"to": ["delivered@resend.dev", "real@example.com"]},
        {"to": ["delivered@resend.dev", "bounced@resend.dev"]},
        {"to": "delivered@resend.dev", "cc": "real@example.com"},
        {"to": "real@example.com", "bcc": ["complained@resend.dev"]},
        {"to": ["suppressed@resend.dev", "real@example.com"]},
    ],
)
def test_mixed_sandbox_recipients(client, recipients):
    details = {"formErrors": [MIXED], "fieldErrors": {}}
    expected = public(422, "validation_error", f"{MIXED} Use separate batch items instead.", details)
    for path, body in (("/emails", {**BODY, **recipients}), ("/emails/batch", [BODY, {**BODY, **recipients}])):
        reply = client.post(path, body)
        assert (reply.status, reply.json) == (422, expected)
    assert emails(client) == []


@pytest.mark.parametrize("address", ["suppressed+x@resend.dev", "hello@resend.dev", "delivered@example.com"])
def test_ordinary_addresses(client, address):
    id = send(client, to=[address, "real@example.com"])
    client.clock(advance="1s")
    assert client.get(f"/emails/{id}").json["last_event"] == "sent"


@pytest.mark.parametrize("name", ["delivered", "bounced", "complained"])
@pytest.mark.parametrize("address", ["{}@resend.dev", "{}+signup@resend.dev", "{}+@Resend.DEV"])
def test_sandbox_outcomes(client, name, address):
    address = address.format(name)
    id = send(client, to=address, cc=[f"{name}+cc@resend.dev"])
    assert client.get(f"/emails/{id}").json["last_event"] == "queued"
    client.clock(advance="1s")
    read = client.get(f"/emails/{id}").json
    assert (read["last_event"], read["sent_at"]) == (name, "2026-03-01T12:00:00.100Z")
    found = client.get("/api/suppressions").json["data"]
    event_id, message_id = f"sandbox:{name}:{id}", f"sandbox-{id}"
    expected = [
        {
            "id": UUID,
            "object": "suppression",
            "email": email,
            "reason": name,
            "scope": "user",
            "source_event_id": event_id,
            "source_email_id": id,
            "source_message_id": message_id,
            "metadata": {
                "source": "ses",
                "sourceEventId": event_id,
                "sourceEmailId": id,
                "sourceMessageId": message_id,
            },
            "suppressed_at": TIME,
            "updated_at": TIME,
        }
        for email in (f"{name}+cc@resend.dev", address.lower())
    ]
    assert found == ([] if name == "delivered" else expected)


def test_a_second_send_to_a_bounced_address_is_refused(client):
    send(client, to="bounced@resend.dev")
    client.clock(advance="1s")
    reply = client.post("/emails", {**BODY, "to": "bounced@resend.dev"})
    expected = suppressed(["bounced@resend.dev"], "bounced", because=" because it bounced")
    assert (reply.status, reply.json) == (422, expected)


# --- batches ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/emails/batch", "/api/emails/batch"])
def test_batch(client, path):
    bodies = [{**BODY, "subject": f"s{number}"} for number in range(3)]
    bodies[1]["scheduled_at"] = "in 5 min"
    reply = client.post(path, bodies)
    assert (reply.status, reply.json) == (200, {"data": [{"id": UUID}] * 3})
    shown = emails(client)
    assert [one["id"] for one in shown] == [slot["id"] for slot in reversed(reply.json["data"])]
    assert [(one["subject"], one["last_event"]) for one in shown] == [
        ("s2", "queued"),
        ("s1", "scheduled"),
        ("s0", "queued"),
    ]


def test_batch_sizes(client):
    assert client.post("/emails/batch", []).json == {"data": []}
    assert len(client.post("/emails/batch", [BODY] * 100).json["data"]) == 100
    reply = client.post("/emails/batch", [BODY] * 101)
    assert (reply.status, reply.json) == (422, refused(["Too big: expected array to have <=100 items"]))
    reply = client.post("/emails/batch", BODY)
    assert (reply.status, reply.json) == (422, refused(["Invalid input: expected array, received object"]))


def test_one_bad_item_fails_the_batch(client):
    reply = client.post("/emails/batch", [BODY, {"html": "x", "subject": "s"}, 5])
    text = "Invalid input: expected object, received number"
    expected = {"1": [MISSING, "Invalid input"], "1.from": [MISSING], "1.to": ["Invalid input"], "2": [text]}
    assert (reply.status, reply.json) == (422, refused(**expected))
    assert emails(client) == []


def test_suppressed_items_have_their_refusal_in_their_slot(client):
    client.post("/api/suppressions", {"email": "gone@example.com"})
    bodies = [{**BODY, "to": to} for to in ("gone@example.com", "ok@example.com", "suppressed@resend.dev")]
    reply = client.post("/emails/batch", bodies)
    first = {"error": suppressed(["gone@example.com"], "manual")}
    last = {"error": suppressed(["suppressed@resend.dev"], "suppressed", "sandbox", because="")}
    assert (reply.status, reply.json) == (200, {"data": [first, {"id": UUID}, last]})
    reply = client.post("/emails/batch", [bodies[0]])
    assert (reply.status, reply.json) == (200, {"data": [first]})
    assert len(emails(client)) == 1


# --- templates and unsubscribe links ----------------------------------------------------------------------------

VARIABLES = [
    {"key": "NAME", "type": "string"},
    {"key": "PLAN", "type": "string", "fallback_value": "free"},
    {"key": "SEATS", "type": "number", "required": False},
]


def template(client: Client, **body: Any) -> str:
    made = {"name": "T", "html": "<p>{{NAME}} {{{ PLAN }}} {{SEATS}}</p>", "variables": VARIABLES, **body}
    reply = client.post("/templates", made)
    assert reply.status == 201, reply.text
    return reply.json["id"]


@pytest.mark.parametrize(
    ("stored", "variables", "expected"),
    [
        ({}, {"NAME": "Ann"}, {"subject": "Hello Ann", "html": "<p>Ann free {{SEATS}}</p>", "text": ""}),
        (
            {"subject": "Hi {{NAME}}", "text": "{{SEATS}} {{OTHER}}"},
            {"NAME": "Ann", "PLAN": "pro", "SEATS": 3, "OTHER": True},
            {"subject": "Hi Ann", "html": "<p>Ann pro 3</p>", "text": "3 true"},
        ),
    ],
)
def test_template(client, stored, variables, expected):
    id = template(client, **stored)
    body = {name: BODY[name] for name in ("from", "to")}
    reply = client.post(
        "/emails", {**body, "subject": "Hello {{NAME}}", "template": {"id": id, "variables": variables}}
    )
    found = client.get(f"/emails/{reply.json['id']}").json
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize("fallback", ["", 0])
def test_an_empty_fallback_is_one(client, fallback):
    made = template(client, html="<{{NOTE}}>", variables=[{"key": "NOTE", "fallback_value": fallback}])
    id = client.post("/emails", {**BODY, "template": {"id": made}}).json["id"]
    assert client.get(f"/emails/{id}").json["html"] == f"<{fallback}>"


def test_template_variable_missing(client):
    reply = client.post("/emails", {**BODY, "template": {"id": template(client)}})
    details = {"formErrors": [], "fieldErrors": {"template": ["Missing required variable: NAME"]}}
    expected = public(422, "validation_error", "Missing required template variable: NAME", details)
    assert (reply.status, reply.json) == (422, expected)


def test_template_unknown(client):
    body = {**BODY, "template": {"id": UNKNOWN}}
    reply = client.post("/emails", body)
    assert (reply.status, reply.json) == (404, public(404, "not_found", "Template not found."))
    assert client.post("/emails/batch", [body]).json == {"data": [{"id": UUID}]}


@pytest.mark.parametrize("name", ["OPENSEND_UNSUBSCRIBE_URL", "RESEND_UNSUBSCRIBE_URL"])
def test_unsubscribe_link(client, name):
    contact = client.post("/contacts", {"email": "bo@example.com"}).json["id"]
    send(client, html=f"<a href='{{{{{{{name}}}}}}}'>x</a>", text=f"{{{{{{{name}}}}}}}", headers={"X-A": "1"})
    [message] = client.control("GET", "/messages").json["messages"]
    link = message["text"]
    assert link == Like(rf"http://127.0.0.1:7357/opensend/unsubscribe/{contact}\?token=[A-Za-z0-9_-]{{43}}")
    assert message["html"] == f"<a href='{link}'>x</a>"
    assert message["headers"] == {
        "X-A": "1",
        "List-Unsubscribe": f"<{link}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    path = link.removeprefix("http://127.0.0.1:7357/opensend")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.as_key("").post(path, body=b"List-Unsubscribe=One-Click", headers=form).status == 202
    assert client.get(f"/contacts/{contact}").json["unsubscribed"] is True


@pytest.mark.parametrize("case", ["unknown", "unsubscribed", "two", "plain"])
def test_no_unsubscribe_link(client, case):
    text = "plain" if case == "plain" else "{{{OPENSEND_UNSUBSCRIBE_URL}}}"
    if case != "unknown":
        client.post("/contacts", {"email": "bo@example.com", "unsubscribed": case == "unsubscribed"})
    send(client, text=text, to=["bo@example.com", "al@example.com"] if case == "two" else "bo@example.com")
    [message] = client.control("GET", "/messages").json["messages"]
    assert (message["text"], message["headers"]) == (text, {})
