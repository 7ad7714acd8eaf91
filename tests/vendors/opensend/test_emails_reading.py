"""OpenSend emails read, put off, cancelled, deleted and traced; and received email, of which there is none."""

from __future__ import annotations

from typing import Any

import pytest

from lookalike.vendors.opensend.email_events import event_json
from tests.receiver import answering
from tests.support import TIME, UUID, Client

UNKNOWN = "00000000-0000-4000-8000-000000000000"
BODY = {"from": "news@acme.com", "to": ["bo@example.com"], "subject": "Hello", "html": "<p>Hi</p>"}
NOT_FOUND = {"error": "Email not found"}
FAILED_QUERY = {"error": "Failed query"}
NOON = "2026-03-01T12:00:00.000Z"
SCHEDULE = (
    "scheduled_at must be a future ISO 8601 date-time or 'in <positive integer> "
    "<minute|min|minutes|hour|hours|day|days>' within 30 days."
)
BAD_SCHEDULE = {
    "name": "validation_error",
    "code": "validation_error",
    "message": "Validation failed.",
    "statusCode": 422,
    "details": {"formErrors": [], "fieldErrors": {"scheduled_at": [SCHEDULE]}},
}
UNTRIED = {
    "provider_retry_count": 0,
    "provider_last_attempted_at": None,
    "provider_next_retry_at": None,
    "provider_last_error": None,
    "provider_dead_lettered_at": None,
}


@pytest.fixture
def client(sandbox) -> Client:
    made = sandbox("opensend")
    made.clock(freeze="2026-03-01T12:00:00Z")
    return made


def send(client: Client, **body: Any) -> str:
    reply = client.post("/emails", {**BODY, **body})
    assert reply.status == 200, reply.text
    return reply.json["id"]


def item(id: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": id,
        "from": "news@acme.com",
        "to": ["bo@example.com"],
        "subject": "Hello",
        "cc": [],
        "bcc": [],
        "reply_to": [],
        "last_event": "queued",
        **UNTRIED,
        "scheduled_at": None,
        "sent_at": None,
        "created_at": NOON,
        **changes,
    }


def listed(client: Client, query: str = "") -> list[str]:
    page = client.get(f"/emails{query}").json
    assert page.keys() == {"object", "data", "has_more"}
    return [one["id"] for one in page["data"]]


# --- lists ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/emails", "/api/emails"])
def test_list(client, path):
    assert client.get(path).json == {"object": "list", "has_more": False, "data": []}
    first = send(client, cc="cc@example.com")
    second = send(client, scheduled_at="in 1 hour")
    client.clock(advance="1s")
    third = send(client)
    expected = [
        item(third, created_at="2026-03-01T12:00:01.000Z"),
        item(second, last_event="scheduled", scheduled_at="2026-03-01T13:00:00.000Z"),
        item(first, cc=["cc@example.com"], last_event="sent", sent_at="2026-03-01T12:00:00.500Z"),
    ]
    assert client.get(path).json == {"object": "list", "has_more": False, "data": expected}


def test_list_by_status(client):
    sent, bounced = send(client), send(client, to="bounced@resend.dev")
    client.clock(advance="1s")
    cancelled = send(client, scheduled_at="in 1 hour")
    client.post(f"/emails/{cancelled}/cancel")
    scheduled, queued = send(client, scheduled_at="in 1 hour"), send(client)
    everything = [queued, scheduled, cancelled, bounced, sent]
    expected = {
        "status=sent": [sent],
        "status=%20queued%20": [queued],
        "status=scheduled": [scheduled],
        "status=canceled": [cancelled],
        "status=bounced": [bounced],
        "statuses=sent": [sent],
        "status=sent&statuses=queued": [sent],
        "status=opened": [],
        "status=all": everything,
        "status=": everything,
    }
    assert {query: listed(client, f"?{query}") for query in expected} == expected


def test_cursors_compare_ids_in_the_order_of_time(client):
    ids = [send(client) for _ in range(8)]
    newest_first = ids[::-1]
    bound = sorted(ids)[3]
    above = [id for id in newest_first if id > bound]
    below = [id for id in newest_first if id < bound]
    assert listed(client, f"?after={bound}") == above
    assert listed(client, f"?before={bound.upper()}") == below
    assert listed(client, f"?before={bound}&after={bound}") == above
    page = client.get(f"/emails?after={bound}&limit=2&status=queued").json
    assert ([one["id"] for one in page["data"]], page["has_more"]) == (above[:2], True)


def test_list_sizes(client):
    for _ in range(2):
        client.post("/emails/batch", [BODY] * 60)
    sizes = {"": 20, "?limit=0": 20, "?limit=abc": 20, "?limit=-5": 1, "?limit=3": 3, "?limit=500": 100}
    assert {query: len(listed(client, query)) for query in sizes} == sizes
    assert client.get("/emails?limit=100").json["has_more"] is True


@pytest.mark.parametrize("query", ["limit=1.5", "after=abc", "before=abc"])
def test_list_with_what_the_database_refuses(client, query):
    reply = client.get(f"/emails?{query}")
    assert (reply.status, reply.json) == (500, FAILED_QUERY)


# --- one email --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/emails", "/api/emails"])
def test_read(client, path):
    id = send(client, tags=[{"name": "kind", "value": "welcome"}])
    expected = {
        "object": "email",
        **item(id),
        "html": "<p>Hi</p>",
        "text": "",
        "reply_address": None,
        "thread_id": None,
        "tags": [{"name": "kind", "value": "welcome"}],
        "thread": {
            "thread_id": None,
            "match_status": "unmatched",
            "original_email_id": id,
            "contact_id": None,
            "messages": [],
        },
    }
    for form in (id, id.upper()):
        reply = client.get(f"{path}/{form}")
        assert (reply.status, reply.json) == (200, expected)


FALLBACKS = {
    ("GET", "/emails/{id}"): "Failed query",
    ("PATCH", "/emails/{id}"): "Failed query",
    ("POST", "/emails/{id}/cancel"): "Failed to cancel email",
    ("GET", "/emails/{id}/events"): "Failed to fetch email events",
    ("GET", "/emails/{id}/trace"): "Failed to fetch email trace",
    ("GET", "/emails/{id}/attachments"): "Failed to fetch email attachments",
    ("GET", "/emails/{id}/attachments/{id}"): "Failed to fetch email attachment",
}


@pytest.mark.parametrize("root", ["", "/api"])
@pytest.mark.parametrize(("method", "path"), FALLBACKS)
def test_unknown_ids(client, root, method, path):
    body = {"scheduled_at": "in 1 hour"} if method == "PATCH" else ...
    reply = client(method, root + path.format(id=UNKNOWN), body)
    assert (reply.status, reply.json) == (404, NOT_FOUND)
    reply = client(method, root + path.format(id="abc"), body)
    assert (reply.status, reply.json) == (500, {"error": FALLBACKS[method, path]})


def test_emails_of_another_workspace_are_unknown(client):
    other = client.as_key("os_lookalike~other")
    assert other.get(f"/emails/{send(client)}").status == 404


# --- putting off and cancelling ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/emails", "/api/emails"])
def test_put_off(client, path):
    id = send(client, scheduled_at="in 1 hour")
    reply = client.patch(f"{path}/{id}", {"scheduled_at": "in 3 hours", "subject": "ignored"})
    assert (reply.status, reply.json) == (200, {"object": "email", "id": id})
    read = client.get(f"/emails/{id}").json
    assert (read["scheduled_at"], read["last_event"], read["subject"]) == (
        "2026-03-01T15:00:00.000Z",
        "scheduled",
        "Hello",
    )
    client.clock(advance="2h")
    assert client.get(f"/emails/{id}").json["last_event"] == "scheduled"
    client.clock(advance="1h")
    read = client.get(f"/emails/{id}").json
    assert (read["last_event"], read["sent_at"]) == ("sent", "2026-03-01T15:00:00.000Z")


def test_brought_forward(client):
    id = send(client, scheduled_at="in 3 hours")
    client.patch(f"/emails/{id}", {"scheduled_at": "2026-03-01T12:30:00Z"})
    client.clock(advance="1h")
    assert client.get(f"/emails/{id}").json["sent_at"] == "2026-03-01T12:30:00.000Z"


def test_put_off_for_ever(client):
    id = send(client, scheduled_at="in 1 hour")
    reply = client.patch(f"/emails/{id}", {"scheduled_at": None})
    assert (reply.status, reply.json) == (200, {"object": "email", "id": id})
    client.clock(advance="2h")
    read = client.get(f"/emails/{id}").json
    assert (read["last_event"], read["scheduled_at"], read["sent_at"]) == ("scheduled", None, None)


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ({}, 400, {"error": "No fields to update"}),
        ({"subject": "x"}, 400, {"error": "No fields to update"}),
        ({"scheduled_at": "soon"}, 422, BAD_SCHEDULE),
        ({"scheduled_at": "2026-01-01T00:00:00Z"}, 422, BAD_SCHEDULE),
        ({"scheduled_at": 5}, 422, BAD_SCHEDULE),
        ([], 422, BAD_SCHEDULE),
        (None, 422, BAD_SCHEDULE),
    ],
)
def test_put_off_refuses(client, body, status, expected):
    id = send(client, scheduled_at="in 1 hour")
    before = client.get(f"/emails/{id}").json
    reply = client.patch(f"/emails/{id}", body)
    assert (reply.status, reply.json) == (status, expected)
    assert client.get(f"/emails/{id}").json == before


@pytest.mark.parametrize("body", [b"", b"{"])
def test_put_off_without_json(client, body):
    reply = client.patch(f"/emails/{send(client)}", body=body)
    assert (reply.status, reply.json) == (400, {"error": "Invalid JSON body"})


@pytest.mark.parametrize(("path", "more"), [("/emails", {}), ("/api/emails", {"status": "canceled"})])
def test_cancel(client, path, more):
    id = send(client, scheduled_at="in 1 hour")
    reply = client.post(f"{path}/{id}/cancel")
    assert (reply.status, reply.json) == (200, {"object": "email", "id": id, **more})
    client.clock(advance="2h")
    read = client.get(f"/emails/{id}").json
    assert (read["last_event"], read["sent_at"]) == ("canceled", None)


def test_only_scheduled_emails_can_be_changed(client):
    queued, sent, bounced = send(client), send(client), send(client, to="bounced@resend.dev")
    cancelled = send(client, scheduled_at="in 1 hour")
    client.post(f"/emails/{cancelled}/cancel")
    states = {queued: "queued"}
    for id, state in {**states, cancelled: "canceled"}.items():
        _refused(client, id, state)
    client.clock(advance="1s")
    for id, state in {sent: "sent", bounced: "bounced"}.items():
        _refused(client, id, state)


def _refused(client: Client, id: str, state: str) -> None:
    reply = client.post(f"/emails/{id}/cancel")
    assert (reply.status, reply.json) == (400, {"error": f"Cannot cancel a {state} email"})
    reply = client.patch(f"/emails/{id}", {"scheduled_at": "in 1 hour"})
    assert (reply.status, reply.json) == (400, {"error": f"Cannot update a {state} email"})


# --- deleting ---------------------------------------------------------------------------------------------------


def test_delete(client):
    id, stays = send(client), send(client)
    for _ in range(2):
        reply = client.delete(f"/api/emails?id={id}")
        assert (reply.status, reply.json) == (200, {"success": True})
    assert client.get(f"/emails/{id}").status == 404
    client.clock(advance="1s")
    assert listed(client) == [stays]


def test_delete_refuses(client):
    cases = {
        "": (400, {"error": "Email id is required"}),
        "?id=": (400, {"error": "Email id is required"}),
        "?id=abc": (500, FAILED_QUERY),
        f"?id={UNKNOWN}": (200, {"success": True}),
    }
    for query, expected in cases.items():
        reply = client.delete(f"/api/emails{query}")
        assert (reply.status, reply.json) == expected


def test_an_email_with_events_cannot_be_deleted(client):
    id = send(client, scheduled_at="in 1 hour")
    reply = client.delete(f"/api/emails?id={id}")
    assert (reply.status, reply.json) == (500, FAILED_QUERY)
    assert listed(client) == [id]


def test_delete_has_one_form_only(client):
    reply = client.delete(f"/api/emails/{send(client)}")
    assert (reply.status, reply.raw) == (405, b"")
    for path in ("/emails", f"/emails/{UNKNOWN}"):
        assert client.delete(path).status == 307


# --- events and the trace ---------------------------------------------------------------------------------------

SANDBOX = {"sandbox": True, "provider": "opensend-sandbox"}
SMTP = "smtp; 550 5.1.1 (Unknown User)"


def event(type: str, summary: str, details: Any, payload: Any, at: str) -> dict[str, Any]:
    return {
        "object": "email_event",
        "id": UUID,
        "type": type,
        "created_at": at,
        "summary": summary,
        "details": details,
        "payload": payload,
    }


def test_events_of_a_scheduled_email(client):
    id = send(client, scheduled_at="in 1 hour")
    payload = {
        "email_id": id,
        "status": "scheduled",
        "scheduled_at": "2026-03-01T13:00:00.000Z",
        "accepted_at": NOON,
        "recipient_count": 1,
    }
    expected = [event("scheduled", "Provider event recorded", {"status": "scheduled"}, payload, NOON)]
    for path in ("/emails", "/api/emails"):
        assert client.get(f"{path}/{id}/events").json == {"object": "list", "data": expected}


AT = "2026-03-01T12:00:00.100Z"


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        (
            ["delivered@resend.dev", "delivered+b@resend.dev"],
            lambda to: [
                event(
                    "sent",
                    "Accepted by provider",
                    {"provider": "opensend-sandbox", "recipients": to},
                    {**SANDBOX, "recipients": to},
                    AT,
                ),
                event(
                    "delivered",
                    "Delivered",
                    {"provider": "opensend-sandbox"},
                    {**SANDBOX, "delivery": {"recipients": to, "timestamp": AT}},
                    AT,
                ),
            ],
        ),
        (
            [f"bounced+{number}@resend.dev" for number in range(5)],
            lambda to: [
                event(
                    "bounced",
                    f"Permanent bounce — for {', '.join(to[:3])} (+2 more) — {SMTP}",
                    {
                        "provider": "opensend-sandbox",
                        "bounce_type": "Permanent",
                        "diagnostic_code": SMTP,
                        "status": "5.1.1",
                        "recipients": to[:3],
                        "recipients_count": 5,
                    },
                    {
                        **SANDBOX,
                        "bounceType": "Permanent",
                        "bouncedRecipients": [
                            {"emailAddress": one, "diagnosticCode": SMTP, "status": "5.1.1"} for one in to
                        ],
                    },
                    AT,
                )
            ],
        ),
        (
            ["complained@resend.dev"],
            lambda to: [
                event(
                    "complained",
                    "Complaint recorded — from complained@resend.dev",
                    {"provider": "opensend-sandbox", "recipients": to},
                    {**SANDBOX, "complainedRecipients": [{"emailAddress": to[0]}]},
                    AT,
                )
            ],
        ),
    ],
)
def test_events_of_sandbox_recipients(client, to, expected):
    id = send(client, to=to)
    client.clock(advance="1s")
    assert client.get(f"/emails/{id}/events").json == {"object": "list", "data": expected(to)}


@pytest.mark.parametrize(
    ("type", "payload", "summary"),
    [
        ("scheduled", {}, "Provider event recorded"),
        ("suppressed", {"reason": "recipient_suppressed"}, "recipient_suppressed"),
        ("bounced", {}, "Bounce recorded"),
        (
            "bounced",
            {"bounceType": "Transient", "bouncedRecipients": [{"emailAddress": "a@b.co"}]},
            "Transient bounce — for a@b.co",
        ),
        ("complained", {}, "Complaint recorded"),
        ("opened", {}, "Open recorded"),
        ("clicked", {}, "Click recorded"),
        ("clicked", {"recipients": ["a@b.co"]}, "Clicked by a@b.co"),
        ("opened", {"recipients": ["a@b.co", "b@b.co"]}, "Opened by a@b.co, b@b.co"),
        ("delivered", {"recipients": ["a@b.co"]}, "Delivered to a@b.co"),
        ("delivery_delayed", {"recipients": ["a@b.co"], "reason": "busy"}, "Delivery delayed for a@b.co — busy"),
    ],
)
def test_events_in_words(type, payload, summary):
    told = event_json({"id": "e", "type": type, "payload": payload, "created_at": NOON})
    assert told["summary"] == summary


def trace(client: Client, id: str) -> list[dict[str, Any]]:
    reply = client.get(f"/emails/{id}/trace").json
    assert (reply["object"], reply["email_id"]) == ("email_trace", id)
    assert all(one.pop("object") == "email_trace_event" for one in reply["data"])
    return reply["data"]


def test_trace(client):
    hook = {"endpoint": "https://hooks.example.com/x", "events": ["email.bounced"]}
    hook_id = client.post("/webhooks", hook).json["id"]
    client.sandbox.outbox.exchange = answering()
    id = send(client, to="bounced@resend.dev", tags=[{"name": "kind", "value": "x"}])
    client.clock(advance="1s")
    log = client.get("/logs").json["data"][0]
    event_id = client.get(f"/emails/{id}/events").json["data"][0]["id"]
    delivery = client.get(f"/webhooks/{hook_id}").json["recent_deliveries"][0]
    suppression = client.get("/api/suppressions").json["data"][0]
    email = {"related_id": id, "related_url": f"/emails/{id}"}
    assert trace(client, id) == [
        {
            "id": f"email:{id}:created",
            "source": "queue",
            "type": "created",
            "created_at": NOON,
            "summary": "Email record created in bounced state",
            "details": {"status": "bounced", "tags": ["kind=x"]},
            **email,
        },
        {
            "id": f"log:{log['id']}",
            "source": "request",
            "type": "api_request",
            "created_at": NOON,
            "summary": "POST /emails returned 200",
            "details": {
                "method": "POST",
                "endpoint": "/emails",
                "status_code": 200,
                "api_key_id": log["api_key_id"],
            },
            "related_id": log["id"],
            "related_url": f"/logs/{log['id']}",
        },
        {
            "id": f"email:{id}:sent",
            "source": "queue",
            "type": "sent",
            "created_at": AT,
            "summary": "Email handed to provider worker",
            "details": {"sent_at": AT},
            **email,
        },
        {
            "id": f"event:{event_id}",
            "source": "provider",
            "type": "bounced",
            "created_at": AT,
            "summary": f"Permanent bounce — for bounced@resend.dev — {SMTP}",
            "details": {
                "provider": "opensend-sandbox",
                "bounce_type": "Permanent",
                "diagnostic_code": SMTP,
                "status": "5.1.1",
                "recipients": ["bounced@resend.dev"],
            },
            "related_id": event_id,
            "related_url": None,
        },
        {
            "id": f"webhook:{delivery['id']}",
            "source": "webhook",
            "type": "webhook_delivery",
            "created_at": AT,
            "summary": "Webhook delivery success",
            "details": {
                "webhook_id": hook_id,
                "event_id": event_id,
                "event_type": "bounced",
                "attempt": 1,
                "status": "success",
            },
            "related_id": delivery["id"],
            "related_url": f"/webhooks/{hook_id}",
        },
        {
            "id": f"suppression:{suppression['id']}",
            "source": "suppression",
            "type": "suppressed",
            "created_at": TIME,
            "summary": "bounced@resend.dev suppressed (bounced)",
            "details": {
                "email": "bounced@resend.dev",
                "reason": "bounced",
                "source": "ses",
                "source_email_id": id,
                "source_message_id": f"sandbox-{id}",
            },
            "related_id": suppression["id"],
            "related_url": "/suppressions?search=bounced%40resend.dev",
        },
    ]


def test_trace_of_a_scheduled_email_to_somebody_suppressed_since(client):
    id = send(client, to="Bo@example.com", scheduled_at="in 1 hour")
    client.clock(advance="1m")
    client.post("/api/suppressions", {"email": "bo@example.com"})
    found = [(one["id"].rpartition(":")[2], one["type"], one["details"]) for one in trace(client, id)]
    assert [one[1] for one in found] == ["created", "api_request", "scheduled", "suppressed", "scheduled"]
    assert found[3][2] == {"email": "bo@example.com", "reason": "manual", "source": "manual"}
    assert found[4][2] == {"scheduled_at": "2026-03-01T13:00:00.000Z"}


def test_trace_of_a_batch_and_its_repeat(client):
    key = {"Idempotency-Key": "k"}
    ids = [slot["id"] for slot in client.post("/emails/batch", [BODY, BODY], headers=key).json["data"]]
    client.clock(advance="1m")
    client.post("/emails/batch", [BODY], headers=key)
    for id in ids:
        summaries = [one["summary"] for one in trace(client, id) if one["source"] == "request"]
        assert summaries == ["POST /emails/batch returned 200"] * 2


# --- attachments ------------------------------------------------------------------------------------------------


def test_attachments(client):
    attachments = [
        {"filename": "a.txt", "content": "aGk=\n", "content_type": "text/plain"},
        {"filename": "b.bin", "path": "https://files.example.com/b"},
        {"filename": "c.bin", "content": "AAAA"},
    ]
    id = send(client, attachments=attachments)
    octets = "application/octet-stream"
    shown = [("a.txt", "text/plain"), ("b.bin", octets), ("c.bin", octets)]
    links = ["data:text/plain;base64,aGk=", "https://files.example.com/b", f"data:{octets};base64,AAAA"]
    for path in ("/emails", "/api/emails"):
        found = client.get(f"{path}/{id}/attachments").json
        expected = [{"id": UUID, "filename": name, "content_type": type} for name, type in shown]
        assert found == {"object": "list", "data": expected}
        for one, link in zip(found["data"], links, strict=True):
            reply = client.get(f"{path}/{id}/attachments/{one['id']}")
            expected_one = {
                "object": "attachment",
                **one,
                "download_url": link,
                "expires_at": "2026-03-01T13:00:00.000Z",
            }
            assert (reply.status, reply.json) == (200, expected_one)


def test_no_attachments(client):
    id = send(client)
    assert client.get(f"/emails/{id}/attachments").json == {"object": "list", "data": []}
    reply = client.get(f"/emails/{id}/attachments/att-0")
    assert (reply.status, reply.json) == (404, {"error": "Attachment not found"})


# --- received email ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("root", ["", "/api"])
def test_nothing_is_ever_received(client, root):
    path = f"{root}/emails/receiving"
    assert client.get(path).json == {"object": "list", "data": [], "has_more": False}
    reply = client.get(f"{path}?limit=1.5")
    assert (reply.status, reply.json) == (500, {"error": "Failed to fetch received emails"})
    fallbacks = {
        "": "Failed to fetch received email",
        "/attachments": "Failed to fetch received email attachments",
        f"/attachments/{UNKNOWN}": "Failed to fetch received email attachment",
    }
    for rest, fallback in fallbacks.items():
        reply = client.get(f"{path}/{UNKNOWN}{rest}")
        assert (reply.status, reply.json) == (404, {"error": "Received email not found"})
        reply = client.get(f"{path}/abc{rest}")
        assert (reply.status, reply.json) == (500, {"error": fallback})
