"""What happened to OpenSend emails: their events, in words too, and the trace."""

from __future__ import annotations

from typing import Any

import pytest

from lookalike.vendors.opensend.email_events import event_json
from tests.receiver import answering
from tests.support import TIME, UUID, Client
from tests.vendors.opensend.emails import BODY, send

NOON = "2026-03-01T12:00:00.000Z"


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
                "status_code": 200,
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
