"""Emails on their way: taken in, handed over when their time has come, and what follows for sandbox recipients.

This is the part that a background worker has on the real server. Half a second after it was taken in, or at its
scheduled time, an email is `sent`. Nothing more is told of ordinary mail; sandbox recipients get their outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from lookalike.clock import iso, parse_instant
from lookalike.messages import Happening
from lookalike.part import Part
from lookalike.stores import Index, Order, Resource
from lookalike.vendors.opensend import jsonb, sandbox_recipients
from lookalike.vendors.opensend.sequence import next_number
from lookalike.vendors.opensend.suppressions import suppress
from lookalike.vendors.opensend.webhooks import emit

_AGE = ("created_at", "number")


def _by_broadcast(email: dict[str, Any]) -> Iterator[str]:
    """The broadcast that an email came from, as its tag says, alone and with the email's status."""
    for tag in email["tags"]:
        if tag["name"] == "broadcast_id":
            yield tag["value"]
            yield f"{tag['value']} {email['status']}"


EMAILS = Resource(
    "emails",
    unique=("idempotency_key",),
    indexes=(Index("broadcast", _by_broadcast),),
    orders=(Order("id"), Order("age", _AGE), Order("age_by_status", _AGE, within="status")),
)
"""A draft (see `DRAFT`) with `id`, `status`, `sent_at`, `created_at`, `number`, and `due` in epoch seconds, or null."""

EMAIL_EVENTS = Resource("email_events", indexes=("email_id",))
"""id, email_id (null for refused sends), type (without `email.`), payload, created_at."""


DRAFT: dict[str, Any] = {
    "html": "",
    "text": "",
    "cc": [],
    "bcc": [],
    "reply_to": [],
    "tags": [],
    "headers": {},
    "attachments": [],
    "scheduled_at": None,
    "topic_id": None,
    "idempotency_key": None,
    "idempotent_answer": None,
}
"""What a draft has besides `from`, `to` and `subject`, unless it says otherwise; `scheduled_at` is in epoch seconds."""

HANDOVER = 0.5
"""Seconds until the worker has handed an email to the provider; 0.1 for sandbox recipients (as recorded)."""

SANDBOX_HANDOVER = 0.1

UNKNOWN_USER = "smtp; 550 5.1.1 (Unknown User)"
"""What the mail server of a recipient that bounces for good says."""


def accept(part: Part, draft: dict[str, Any]) -> dict[str, Any]:
    """Take in an email: `queued`, or `scheduled` where the draft says when."""
    draft = DRAFT | draft
    at = draft.pop("scheduled_at")
    emails = part.collection(EMAILS)
    delay = SANDBOX_HANDOVER if _outcome(draft) else HANDOVER
    email = {
        **draft,
        "id": part.ids.uuid4(),
        "status": "queued" if at is None else "scheduled",
        "scheduled_at": None if at is None else iso(at),
        "sent_at": None,
        "created_at": part.clock.iso(),
        "number": next_number(emails, "age"),
        "due": part.clock.now() + delay if at is None else at,
    }
    _free_key(part, email["idempotency_key"])
    keep(part, email)
    await_handover(part, email)
    if at is not None:
        _tell_scheduled(part, email)
    return email


def _free_key(part: Part, key: str | None) -> None:
    """Take an idempotency key away from the email of more than a day ago that still has it."""
    old = part.collection(EMAILS).one("idempotency_key", key) if key is not None else None
    if old is not None:
        part.collection(EMAILS).put({**old, "idempotency_key": None})


def keep(part: Part, email: dict[str, Any]) -> None:
    """Store an email, and show it in the outbox as it now stands."""
    part.collection(EMAILS).put(email)
    shown = (
        "id",
        "from",
        "to",
        "cc",
        "bcc",
        "reply_to",
        "subject",
        "html",
        "text",
        "headers",
        "tags",
        "topic_id",
        "scheduled_at",
        "sent_at",
        "created_at",
    )
    attachments = [
        {name: attachment.get(name) for name in ("id", "filename", "content_type", "content_id")}
        for attachment in email["attachments"]
    ]
    part.keep_message(
        {name: email[name] for name in shown} | {"attachments": attachments, "last_event": email["status"]}
    )


def await_handover(part: Part, email: dict[str, Any]) -> None:
    """Have the worker look at an email at the time it is due."""
    part.later(email["due"] - part.clock.now(), "hand_over", {"id": email["id"], "due": email["due"]})


def _tell_scheduled(part: Part, email: dict[str, Any]) -> None:
    data = {
        "email_id": email["id"],
        "status": "scheduled",
        "scheduled_at": email["scheduled_at"],
        "accepted_at": email["created_at"],
        "recipient_count": len(email["to"]),
    }
    tell(part, "scheduled", data, email_id=email["id"])


def tell(part: Part, type: str, payload: dict[str, Any], *, email_id: str | None, at: str | None = None) -> None:
    """Keep an email event and leave it for the webhooks that want it."""
    id, at, payload = part.ids.uuid4(), at or part.clock.iso(), jsonb.stored(payload)
    event = {"id": id, "email_id": email_id, "type": type, "payload": payload, "created_at": at}
    part.collection(EMAIL_EVENTS).put(event)
    emit(part, f"email.{type}", payload, email_id=email_id, event_id=id, at=at)


def _outcome(email: dict[str, Any]) -> str | None:
    recipients = [address for name in ("to", "cc", "bcc") for address in email[name] or ()]
    return sandbox_recipients.outcome(recipients[0]) if recipients else None


# --- what falls due ---------------------------------------------------------------------------------------------


def hand_over(part: Part, payload: dict[str, Any]) -> None:
    """Send an email that still waits for just this moment: it may have been cancelled or put off meanwhile."""
    email = part.collection(EMAILS).get(payload["id"])
    if email is None or email["status"] not in ("queued", "scheduled") or email["due"] != payload["due"]:
        return
    send(part, email, iso(payload["due"]))


def send(part: Part, email: dict[str, Any], at: str) -> None:
    """Hand an email over to the provider; sandbox recipients get their outcome at once."""
    outcome = _outcome(email)
    keep(part, email | {"status": outcome or "sent", "sent_at": at, "due": None})
    if outcome is not None:
        recipients = [*email["to"], *(email["cc"] or ()), *(email["bcc"] or ())]
        _OUTCOMES[outcome](part, email, recipients, at)
        said = {"bounce": "permanent", "reason": UNKNOWN_USER} if outcome == "bounced" else {}
        part.note_message(email["id"], Happening(outcome, parse_instant(at), tuple(dict.fromkeys(recipients)), **said))


def _delivered(part: Part, email: dict[str, Any], recipients: list[str], at: str) -> None:
    tell(part, "sent", _payload(recipients=recipients), email_id=email["id"], at=at)
    delivery = {"recipients": recipients, "timestamp": at}
    tell(part, "delivered", _payload(delivery=delivery), email_id=email["id"], at=at)


def _bounced(part: Part, email: dict[str, Any], recipients: list[str], at: str) -> None:
    bounced = [
        {
            "emailAddress": recipient,
            "diagnosticCode": UNKNOWN_USER,
            "status": "5.1.1",
        }
        for recipient in recipients
    ]
    payload = _payload(bounceType="Permanent", bouncedRecipients=bounced)
    tell(part, "bounced", payload, email_id=email["id"], at=at)
    _suppress(part, email, recipients, "bounced")


def _complained(part: Part, email: dict[str, Any], recipients: list[str], at: str) -> None:
    complained = [{"emailAddress": recipient} for recipient in recipients]
    tell(part, "complained", _payload(complainedRecipients=complained), email_id=email["id"], at=at)
    _suppress(part, email, recipients, "complained")


def _payload(**members: Any) -> dict[str, Any]:
    return {"sandbox": True, "provider": "opensend-sandbox", **members}


def _suppress(part: Part, email: dict[str, Any], recipients: list[str], reason: str) -> None:
    id = email["id"]
    suppress_recipients(part, email, recipients, reason, f"sandbox:{reason}:{id}", f"sandbox-{id}", {})


def suppress_recipients(
    part: Part,
    email: dict[str, Any],
    recipients: list[str],
    reason: str,
    event_id: str,
    message_id: str,
    more: dict[str, Any],
) -> None:
    """Suppress the recipients of an email for what the provider said in an event; `more` joins the metadata."""
    id = email["id"]
    metadata = {"source": "ses", "sourceEventId": event_id, "sourceEmailId": id, "sourceMessageId": message_id, **more}
    source = {"source_event_id": event_id, "source_email_id": id, "source_message_id": message_id}
    for recipient in recipients:
        suppress(part, recipient, reason, metadata, **source, **{"from": email["from"], "topic_id": email["topic_id"]})


_OUTCOMES: dict[str, Callable[[Part, dict[str, Any], list[str], str], None]] = {
    "delivered": _delivered,
    "bounced": _bounced,
    "complained": _complained,
}

TASKS = {"hand_over": hand_over}
