"""Reading and changing emails that were taken in."""

from __future__ import annotations

from itertools import islice
from typing import Any

from lookalike.call import Call
from lookalike.clock import iso
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.vendors.opensend import coercion, outgoing
from lookalike.vendors.opensend.email_events import event_json, timeline
from lookalike.vendors.opensend.outgoing import EMAIL_EVENTS, EMAILS
from lookalike.vendors.opensend.problems import FAILED_QUERY, flatten, public
from lookalike.vendors.opensend.schedules import MESSAGE, parse_schedule
from lookalike.vendors.opensend.schemas.emails import (
    AttachmentDetail,
    AttachmentList,
    EmailCancelled,
    EmailChanged,
    EmailDeleted,
    EmailEventList,
    EmailList,
    EmailPatch,
    EmailTrace,
    SentEmail,
)
from lookalike.vendors.opensend.validation import read_json

DOCS = "https://opensend.namuh.co/docs/api-reference/emails"

routes = Routes("emails", doc=DOCS)

UNTRIED = {
    "provider_retry_count": 0,
    "provider_last_attempted_at": None,
    "provider_next_retry_at": None,
    "provider_last_error": None,
    "provider_dead_lettered_at": None,
}
"""What is said of the provider's retries: here nothing ever has to be tried again."""

OCTETS = "application/octet-stream"


def email_item(email: dict[str, Any]) -> dict[str, Any]:
    """An email as lists show it."""
    return {
        **{name: email[name] for name in ("id", "from", "to", "subject", "cc", "bcc", "reply_to")},
        "last_event": email["status"],
        **UNTRIED,
        **{name: email[name] for name in ("scheduled_at", "sent_at", "created_at")},
    }


def email_json(email: dict[str, Any]) -> dict[str, Any]:
    """An email on its own. Replies are not received here, so there is never a thread."""
    item = email_item(email)
    head = {name: item.pop(name) for name in ("id", "from", "to", "subject")}
    created_at = item.pop("created_at")
    return {
        "object": "email",
        **head,
        "html": email["html"],
        "text": email["text"],
        "reply_address": None,
        "thread_id": None,
        **item,
        "tags": email["tags"],
        "created_at": created_at,
        "thread": {
            "thread_id": None,
            "match_status": "unmatched",
            "original_email_id": email["id"],
            "contact_id": None,
            "messages": [],
        },
    }


@routes.get(
    "/emails",
    "/api/emails",
    returns=EmailList,
    source="S",
    doc=f"{DOCS}/list-emails",
    extras={"fallback": FAILED_QUERY},
)
def list_emails(call: Call) -> dict[str, Any]:
    """List emails, newest first, all or by `status`; `after` and `before` nevertheless compare ids, as really."""
    limit = coercion.limit(call.argument("limit"), 20, 100)
    status = (call.argument("status") or call.argument("statuses") or "").strip()
    order, within = ("age", None) if status in ("", "all") else ("age_by_status", status)
    emails = call.collection(EMAILS)
    after, before = call.argument("after"), call.argument("before")
    if after or before:
        bound = coercion.database_id(after or before or "")
        found = list(
            islice(
                (
                    email
                    for email in emails.scan(order, within=within, descending=True)
                    if (email["id"] > bound if after else email["id"] < bound)
                ),
                limit + 1,
            )
        )
        has_more = len(found) > limit
    else:
        page = emails.page(order, within=within, limit=limit, descending=True)
        found, has_more = page.documents, page.has_more
    return {"object": "list", "has_more": has_more, "data": [email_item(email) for email in found[:limit]]}


@routes.get(
    "/emails/{id}",
    "/api/emails/{id}",
    returns=SentEmail,
    source="S",
    doc=f"{DOCS}/retrieve-email",
    extras={"fallback": FAILED_QUERY},
)
def get_email(call: Call, id: str) -> dict[str, Any]:
    """Read an email."""
    return email_json(_found(call, id))


@routes.patch(
    "/emails/{id}",
    "/api/emails/{id}",
    accepts=EmailPatch,
    returns=EmailChanged,
    source="S",
    doc=f"{DOCS}/update-email",
    extras={"fallback": FAILED_QUERY},
)
def update_email(call: Call, id: str) -> dict[str, Any]:
    """Put a scheduled email off, or with `null` for ever."""
    body = read_json(call)
    if not isinstance(body, dict):
        raise _bad_schedule()
    email = _found(call, id)
    if email["status"] != "scheduled":
        raise Problem("malformed", f"Cannot update a {email['status']} email")
    if "scheduled_at" not in body:
        raise Problem("malformed", "No fields to update")
    due = _due(call, body["scheduled_at"])
    email |= {"due": due, "scheduled_at": None if due is None else iso(due)}
    outgoing.keep(call.part, email)
    if due is not None:
        outgoing.await_handover(call.part, email)
    return {"object": "email", "id": email["id"]}


@routes.post(
    "/emails/{id}/cancel",
    "/api/emails/{id}/cancel",
    returns=EmailCancelled,
    source="S",
    doc=f"{DOCS}/cancel-email",
    extras={"fallback": "Failed to cancel email"},
)
def cancel_email(call: Call, id: str) -> dict[str, Any]:
    """Cancel a scheduled email; only the form under `/api` tells its new status."""
    email = _found(call, id)
    if email["status"] != "scheduled":
        raise Problem("malformed", f"Cannot cancel a {email['status']} email")
    outgoing.keep(call.part, email | {"status": "canceled", "due": None})
    status = {"status": "canceled"} if call.path.startswith("/api/") else {}
    return {"object": "email", "id": email["id"], **status}


@routes.delete("/api/emails", returns=EmailDeleted, source="S", extras={"fallback": FAILED_QUERY})
def delete_email(call: Call) -> dict[str, Any]:
    """Delete the row of an email, known or not; one that has events ends in a 500, as on the real server."""
    id = call.argument("id")
    if not id:
        raise Problem("malformed", "Email id is required")
    id = coercion.database_id(id)
    if call.collection(EMAIL_EVENTS).count("email_id", id):
        raise Problem("internal")
    call.collection(EMAILS).delete(id)
    return {"success": True}


@routes.get(
    "/emails/{id}/events",
    "/api/emails/{id}/events",
    returns=EmailEventList,
    source="S",
    extras={"fallback": "Failed to fetch email events"},
)
def list_email_events(call: Call, id: str) -> dict[str, Any]:
    """List what the provider and the scheduler told of an email, oldest first."""
    email = _found(call, id)
    events = call.collection(EMAIL_EVENTS).find("email_id", email["id"])
    return {"object": "list", "data": [event_json(event) for event in events]}


@routes.get(
    "/emails/{id}/trace",
    "/api/emails/{id}/trace",
    returns=EmailTrace,
    source="S",
    extras={"fallback": "Failed to fetch email trace"},
)
def get_email_trace(call: Call, id: str) -> dict[str, Any]:
    """Read the timeline of an email: requests, queue, provider, webhooks, suppressions."""
    email = _found(call, id)
    return {"object": "email_trace", "email_id": email["id"], "data": timeline(call, email)}


@routes.get(
    "/emails/{id}/attachments",
    "/api/emails/{id}/attachments",
    returns=AttachmentList,
    source="S",
    doc=f"{DOCS}/list-email-attachments",
    extras={"fallback": "Failed to fetch email attachments"},
)
def list_email_attachments(call: Call, id: str) -> dict[str, Any]:
    """List the attachments of an email."""
    email = _found(call, id)
    return {"object": "list", "data": [attachment_item(attachment) for attachment in email["attachments"]]}


@routes.get(
    "/emails/{id}/attachments/{attachment_id}",
    "/api/emails/{id}/attachments/{attachment_id}",
    returns=AttachmentDetail,
    source="S",
    doc=f"{DOCS}/retrieve-email-attachment",
    extras={"fallback": "Failed to fetch email attachment"},
)
def get_email_attachment(call: Call, id: str, attachment_id: str) -> dict[str, Any]:
    """Read an attachment: its path, or its content as a data URL where the real server has one of its storage (I)."""
    email = _found(call, id)
    for attachment in email["attachments"]:
        if attachment["id"] == attachment_id:
            break
    else:
        raise Problem("not_found", "Attachment not found")
    item = attachment_item(attachment)
    return {
        "object": "attachment",
        **item,
        "download_url": attachment.get("path") or _data_url(item["content_type"], attachment["content"]),
        "expires_at": iso(call.clock.now() + 3600),
    }


def attachment_item(attachment: dict[str, Any]) -> dict[str, Any]:
    """An attachment as lists show it."""
    return {
        "id": attachment["id"],
        "filename": attachment["filename"],
        "content_type": attachment.get("content_type", OCTETS),
    }


def _data_url(content_type: str, content: str) -> str:
    return f"data:{content_type};base64,{''.join(content.split())}"


def _found(call: Call, id: str) -> dict[str, Any]:
    email = call.collection(EMAILS).get(coercion.database_id(id))
    if email is None:
        raise Problem("not_found", "Email not found")
    return email


def _due(call: Call, value: Any) -> float | None:
    if value is None:
        return None
    at = parse_schedule(value, call.clock.now()) if isinstance(value, str) else None
    if at is None:
        raise _bad_schedule()
    return at


def _bad_schedule() -> Problem:
    details = flatten([(("scheduled_at",), MESSAGE)])
    return public("invalid", "validation_error", "Validation failed.", details=details)
