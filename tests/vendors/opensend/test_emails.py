"""OpenSend sends: one email and batches, and everything that is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import UUID
from tests.vendors.opensend.emails import (
    BAD_EMAIL,
    BODY,
    MISSING,
    SCHEDULE,
    SHORT,
    TAG,
    UNKNOWN,
    emails,
    public,
    read,
    refused,
    send,
    suppressed,
)


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
