"""What is said of the provider's notifications."""

from __future__ import annotations

import pytest

from lookalike.vendors.opensend.email_events import event_json
from tests.receiver import answering
from tests.vendors.opensend.emails import send

AT = "2026-03-01T12:00:00.000Z"


def shown(type, payload):
    told = event_json({"id": "e", "type": type, "payload": payload, "created_at": AT})
    assert told == {
        "object": "email_event",
        "id": "e",
        "type": type,
        "created_at": AT,
        "summary": told["summary"],
        "details": told["details"],
        "payload": payload,
    }
    return told["summary"], told["details"]


@pytest.mark.parametrize(
    ("type", "payload", "summary", "details"),
    [
        ("sent", {"messageId": " 01-ab "}, "Accepted by provider as 01-ab", {"message_id": "01-ab"}),
        (
            "delivered",
            {"smtpResponse": "250 OK", "remoteMtaIp": "192.0.2.1", "processing_time_ms": 5, "tlsUsed": True},
            "Delivered — 250 OK",
            {"smtp_response": "250 OK", "remote_mta_ip": "192.0.2.1", "processing_time_ms": 5, "tls_used": True},
        ),
        (
            "delivery_delayed",
            {"last_error": {"code": "Throttling", "message": "slow down"}, "attempt_count": 2},
            "Delivery delayed — Throttling",
            {"reason": "Throttling", "error_message": "slow down", "attempt_count": 2},
        ),
        ("failed", {"error": {"message": "no"}}, "Failed: no", {"error_message": "no"}),
        ("failed", {}, "Provider failure recorded", {}),
        ("complained", {"complaint_feedback_type": "abuse"}, "Complaint: abuse", {"complaint_feedback_type": "abuse"}),
        (
            "bounced",
            {
                "bounceType": "Permanent",
                "bouncedRecipients": [
                    {"emailAddress": "a@x.co", "status": "5.1.1", "action": "failed", "diagnosticCode": "550 no"},
                    {"emailAddress": "b@x.co", "status": "4.2.2"},
                ],
            },
            "Permanent bounce — for a@x.co, b@x.co — 550 no",
            {
                "bounce_type": "Permanent",
                "diagnostic_code": "550 no",
                "status": "5.1.1",
                "action": "failed",
                "recipients": ["a@x.co", "b@x.co"],
            },
        ),
        (
            "opened",
            {"recipients": ["a", "b", "c", "a", "d"]},
            "Opened by a, b, c (+1 more)",
            {"recipients": ["a", "b", "c"], "recipients_count": 4},
        ),
        ("suppressed", {"reason": "r" * 181}, "r" * 179 + "…", {"reason": "r" * 179 + "…"}),
        ("scheduled", {"status": " ", "attempt_count": "1", "tlsUsed": 1}, "Provider event recorded", {}),
    ],
)
def test_what_is_said(type, payload, summary, details):
    assert shown(type, payload) == (summary, details)


def test_a_trace_tells_what_the_receiver_answered_and_when_it_is_asked_again(client):
    hook = {"endpoint": "https://hooks.example.com/x", "events": ["email.delivered"]}
    hook_id = client.post("/webhooks", hook).json["id"]
    client.sandbox.outbox.exchange = answering(503)
    id = send(client, to="delivered@resend.dev")
    client.clock(advance="1s")
    delivery = client.get(f"/webhooks/{hook_id}").json["recent_deliveries"][0]
    [told] = [one for one in client.get(f"/emails/{id}/trace").json["data"] if one["source"] == "webhook"]
    assert delivery["next_retry_at"] > delivery["attempted_at"]
    assert told == {
        "object": "email_trace_event",
        "id": f"webhook:{delivery['id']}",
        "source": "webhook",
        "type": "webhook_delivery",
        "created_at": told["created_at"],
        "summary": "Webhook delivery pending",
        "details": {
            "webhook_id": hook_id,
            "event_id": told["details"]["event_id"],
            "event_type": "delivered",
            "attempt": 1,
            "status": "pending",
            "status_code": 503,
            "next_retry_at": delivery["next_retry_at"],
        },
        "related_id": delivery["id"],
        "related_url": f"/webhooks/{hook_id}",
    }
