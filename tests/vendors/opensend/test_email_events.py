"""What is said of the provider's notifications."""

from __future__ import annotations

import pytest

from lookalike.vendors.opensend.email_events import event_json

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
