"""Email events put into words, and the timeline of an email that is made from all that is known of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from lookalike.call import Call
from lookalike.vendors.opensend.logs import LOGS
from lookalike.vendors.opensend.outgoing import EMAIL_EVENTS
from lookalike.vendors.opensend.suppressions import SUPPRESSIONS
from lookalike.vendors.opensend.webhooks import DELIVERIES

Document = dict[str, Any]

_SOURCES = ("queue", "request", "provider", "webhook", "suppression")
"""Which comes first of one moment. Requests do on the real server, but it logs them some milliseconds later."""

_MOST_RECIPIENTS = 3


def event_json(event: Document) -> Document:
    """An email event as lists show it."""
    details = _details(event["payload"])
    return {
        "object": "email_event",
        "id": event["id"],
        "type": event["type"],
        "created_at": event["created_at"],
        "summary": _summary(event["type"], details),
        "details": details,
        "payload": event["payload"],
    }


_TEXTS = {
    "message_id": ("sourceMessageId", "messageId", "message_id", "feedbackId"),
    "provider": ("provider",),
    "reason": ("reason", "code", "type"),
    "error_message": ("message", "errorMessage", "error_message"),
    "bounce_type": ("bounceType", "bounce_type"),
    "bounce_subtype": ("bounceSubType", "bounce_subtype"),
    "complaint_feedback_type": ("complaintFeedbackType", "complaint_feedback_type"),
    "diagnostic_code": ("diagnosticCode", "diagnostic_code"),
    "smtp_response": ("smtpResponse", "smtp_response"),
    "remote_mta_ip": ("remoteMtaIp", "remote_mta_ip"),
    "status": ("status",),
    "action": ("action",),
    "timestamp": ("timestamp",),
}
_NUMBERS = {
    "processing_time_ms": ("processingTimeMillis", "processing_time_ms"),
    "attempt_count": ("attempt_count", "attemptCount"),
}
_SWITCHES = {"tls_used": ("tlsUsed", "tls_used")}
"""What the details of an event are made of, and the names under which payloads have it."""

_LONGEST_TEXT = 180


def _details(payload: Document) -> Document:
    """What is worth saying of a payload, of its parts and of the first recipient who speaks for all."""
    recipients = [*_listed(payload, "bouncedRecipients"), *_listed(payload, "complainedRecipients")]
    parts = [payload.get(name) for name in ("mail", "error", "last_error")]
    places = [payload, *parts, *(one for one in recipients[:1])]
    places = [place for place in places if isinstance(place, dict)]
    details: Document = {}
    for fields, read in ((_TEXTS, _text), (_NUMBERS, _number), (_SWITCHES, _switch)):
        for name, keys in fields.items():
            values = (read(place.get(key)) for place in places for key in keys)
            value = next((value for value in values if value is not None), None)
            if value is not None:
                details[name] = value
    addresses = list(dict.fromkeys(_recipients(payload)))
    if addresses:
        details["recipients"] = addresses[:_MOST_RECIPIENTS]
    if len(addresses) > _MOST_RECIPIENTS:
        details["recipients_count"] = len(addresses)
    return details


def _text(value: Any) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return None
    text = value.strip()
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _switch(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _listed(payload: Document, name: str) -> list[Any]:
    """The recipients under a name that are more than an address."""
    value = payload.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _recipients(payload: Document) -> Iterator[str]:
    for name in ("recipients", "bouncedRecipients", "complainedRecipients"):
        for recipient in payload.get(name, ()):
            yield recipient if isinstance(recipient, str) else recipient["emailAddress"]


_SUMMARIES = {
    "sent": ("Accepted by provider", None),
    "delivered": ("Delivered", "Delivered to {}"),
    "bounced": ("Bounce recorded", None),
    "complained": ("Complaint recorded", None),
    "delivery_delayed": ("Delivery delayed", "Delivery delayed for {}"),
    "opened": ("Open recorded", "Opened by {}"),
    "clicked": ("Click recorded", "Clicked by {}"),
}
"""What is said of an event whose recipients are not known, and of one whose recipients are where that differs."""


def _summary(type: str, details: Document) -> str:
    reason = next((details[key] for key in ("reason", "error_message", "diagnostic_code") if key in details), None)
    if type not in _SUMMARIES:
        return _failure(type, reason)
    recipients = ", ".join(details.get("recipients", ()))
    more = details.get("recipients_count", 0) - _MOST_RECIPIENTS
    recipients += f" (+{more} more)" if more > 0 else ""
    plain, addressed = _SUMMARIES[type]
    words: list[str | None] = [addressed.format(recipients) if addressed and recipients else plain]
    if type == "sent" and "message_id" in details:
        words = [f"Accepted by provider as {details['message_id']}"]
    elif type == "delivered":
        words.append(details.get("smtp_response"))
    elif type == "bounced":
        words = [_named(details, "bounce_type", "{} bounce", plain), recipients and f"for {recipients}", reason]
    elif type == "complained":
        words = [
            _named(details, "complaint_feedback_type", "Complaint: {}", plain),
            recipients and f"from {recipients}",
        ]
    elif type == "delivery_delayed":
        words.append(reason)
    return " — ".join(word for word in words if word)


def _failure(type: str, reason: str | None) -> str:
    if type == "failed":
        return f"Failed: {reason}" if reason else "Provider failure recorded"
    return reason or "Provider event recorded"


def _named(details: Document, key: str, words: str, otherwise: str) -> str:
    return words.format(details[key]) if key in details else otherwise


def timeline(call: Call, email: Document) -> list[Document]:
    """Everything that is known of an email, oldest first."""
    items = [*_queue(email), *_logs(call, email), *_events(call, email), *_webhooks(call, email)]
    items += _suppression(call, email)
    return sorted(items, key=lambda item: (item["created_at"], _SOURCES.index(item["source"]), item["id"]))


def _item(id: str, source: str, type: str, created_at: str, summary: str, **more: Any) -> Document:
    return {
        "object": "email_trace_event",
        "id": id,
        "source": source,
        "type": type,
        "created_at": created_at,
        "summary": summary,
        **more,
    }


def _queue(email: Document) -> Iterator[Document]:
    id, status = email["id"], email["status"]
    related = {"related_id": id, "related_url": f"/emails/{id}"}
    details: Document = {"status": status}
    if email["tags"]:
        details["tags"] = [f"{tag['name']}={tag['value']}" for tag in email["tags"]]
    created = f"Email record created in {status} state"
    yield _item(f"email:{id}:created", "queue", "created", email["created_at"], created, details=details, **related)
    for type, name, summary in (
        ("scheduled", "scheduled_at", "Email scheduled for delivery"),
        ("sent", "sent_at", "Email handed to provider worker"),
    ):
        at = email[name]
        if at is not None:
            yield _item(f"email:{id}:{type}", "queue", type, at, summary, details={name: at}, **related)


def _logs(call: Call, email: Document) -> Iterator[Document]:
    for log in call.collection(LOGS).find("email_ids", email["id"])[:20]:
        yield _item(
            f"log:{log['id']}",
            "request",
            "api_request",
            log["created_at"],
            f"{log['method']} {log['endpoint']} returned {log['status']}",
            details={
                "method": log["method"],
                "endpoint": log["endpoint"],
                "status_code": log["status"],
                "api_key_id": log["api_key_id"],
            },
            related_id=log["id"],
            related_url=f"/logs/{log['id']}",
        )


def _events(call: Call, email: Document) -> Iterator[Document]:
    for event in call.collection(EMAIL_EVENTS).find("email_id", email["id"]):
        shown = event_json(event)
        yield _item(
            f"event:{event['id']}",
            "provider",
            event["type"],
            event["created_at"],
            shown["summary"],
            details=shown["details"],
            related_id=event["id"],
            related_url=None,
        )


def _webhooks(call: Call, email: Document) -> Iterator[Document]:
    for delivery in call.collection(DELIVERIES).find("email_id", email["id"])[:50]:
        said = {name: delivery[name] for name in ("status_code", "next_retry_at") if delivery[name] is not None}
        yield _item(
            f"webhook:{delivery['id']}",
            "webhook",
            "webhook_delivery",
            delivery["attempted_at"] or delivery["created_at"],
            f"Webhook delivery {delivery['status']}",
            details={
                "webhook_id": delivery["webhook_id"],
                "event_id": delivery["event_id"],
                "event_type": delivery["type"].removeprefix("email."),
                "attempt": delivery["attempt"],
                "status": delivery["status"],
                **said,
            },
            related_id=delivery["id"],
            related_url=f"/webhooks/{delivery['webhook_id']}",
        )


def _suppression(call: Call, email: Document) -> list[Document]:
    """The newest suppression that came of an email or that stands in the way of its first recipient."""
    suppressions = call.collection(SUPPRESSIONS)
    known = suppressions.find("source_email_id", email["id"])
    first = suppressions.one("email", email["to"][0].lower()) if email["to"] else None
    if first is not None:
        known.append(first)
    if not known:
        return []
    found = max(known, key=lambda one: (one["suppressed_at"], one["number"]))
    said = {
        "email": found["email"],
        "reason": found["reason"],
        "source": found["metadata"].get("source"),
        "source_email_id": found["source_email_id"],
        "source_message_id": found["source_message_id"],
    }
    return [
        _item(
            f"suppression:{found['id']}",
            "suppression",
            "suppressed",
            found["suppressed_at"],
            f"{found['email']} suppressed ({found['reason']})",
            details={name: value for name, value in said.items() if value is not None},
            related_id=found["id"],
            related_url=f"/suppressions?search={quote(found['email'], safe='')}",
        )
    ]
