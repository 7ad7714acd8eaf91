"""Emails, broadcasts and what is beside them through npm `resend`."""

from __future__ import annotations

from tests.clients.resend_node.support import NOW, listed, ok, public, short
from tests.support import UUID

PROVIDER = {
    "provider_retry_count": 0,
    "provider_last_attempted_at": None,
    "provider_next_retry_at": None,
    "provider_last_error": None,
    "provider_dead_lettered_at": None,
}
ELEVEN = "2026-01-05T11:00:00.000Z"


def email(id, **more):
    return {
        "object": "email",
        "id": id,
        "from": "news@example.com",
        "to": ["bo@example.com"],
        "subject": "Hello",
        "html": "<p>Hi</p>",
        "text": "",
        "reply_address": None,
        "thread_id": None,
        "cc": [],
        "bcc": [],
        "reply_to": [],
        "last_event": "queued",
        **PROVIDER,
        "scheduled_at": None,
        "sent_at": None,
        "tags": [],
        "created_at": NOW,
        "thread": {
            "thread_id": None,
            "match_status": "unmatched",
            "original_email_id": id,
            "contact_id": None,
            "messages": [],
        },
        **more,
    }


def test_emails(resend):
    seen = resend("emails.mjs")
    sent, later = seen["send"]["data"]["id"], seen["schedule"]["data"]["id"]
    whole = email(sent, reply_to=["re@example.com"], tags=[{"name": "a", "value": "b"}])
    hidden = {"object", "html", "text", "reply_address", "thread_id", "tags", "thread"}
    suppressed = {"recipients": "suppressed@resend.dev", "reason": "suppressed", "scope": "sandbox"}
    assert seen == {
        "send": ok({"id": UUID}),
        "get": ok(whole),
        "list": ok(
            {
                "object": "list",
                "has_more": False,
                "data": [{name: value for name, value in whole.items() if name not in hidden}],
            }
        ),
        "cancel queued": short("Cannot cancel a queued email"),
        "schedule": ok({"id": UUID}),
        "reschedule": ok({"object": "email", "id": later}),
        "get rescheduled": ok(email(later, last_event="scheduled", scheduled_at=ELEVEN)),
        "cancel": ok({"object": "email", "id": later}),
        "cancel again": short("Cannot cancel a canceled email"),
        "batch": ok({"data": [{"id": UUID}, {"id": UUID}]}),
        "once": ok({"id": UUID}),
        "once again": seen["once"],
        "display name": public(
            422,
            "validation_error",
            "Validation failed.",
            details={"formErrors": [], "fieldErrors": {"from": ["Invalid email address"]}},
        ),
        "batch with a bad one": public(
            422,
            "validation_error",
            "Validation failed.",
            details={
                "formErrors": [],
                "fieldErrors": {"1": ["Invalid input"], "1.to": ["Invalid input"]},
            },
        ),
        "suppressed": public(
            422,
            "recipient_suppressed",
            "Recipient suppressed@resend.dev is suppressed. Remove the suppression before sending again.",
            details=suppressed,
        ),
        "unknown": short("Email not found"),
    }


def test_broadcasts(resend):
    seen = resend("broadcasts.mjs")
    segment, draft, other = (seen[name]["data"]["id"] for name in ("segment", "create", "create other"))
    shown = {
        "object": "broadcast",
        "id": draft,
        "name": "June",
        "status": "draft",
        "from": "news@example.com",
        "subject": "Hi",
        "html": "<p>Hi</p>",
        "text": None,
        "reply_to": None,
        "preview_text": None,
        "audience_id": segment,
        "topic_id": None,
        "scheduled_at": None,
        "created_at": NOW,
    }
    listed_names = ("id", "name", "status", "audience_id", "topic_id", "created_at", "scheduled_at")
    assert seen == {
        "segment": ok({"object": "segment", "id": UUID, "name": "Readers"}),
        "create": ok({"object": "broadcast", "id": UUID, "name": "June", "status": "draft", "created_at": NOW}),
        "get": ok(shown),
        "list": listed({name: shown[name] for name in listed_names}),
        "update": ok({**shown, "subject": "Hello", "preview_text": "p"}),
        "schedule": ok(
            {
                "object": "broadcast",
                "id": draft,
                "status": "scheduled",
                "scheduled_at": "2026-01-05T10:00:00.000Z",
            }
        ),
        "schedule again": short("Cannot send a broadcast in scheduled status"),
        "remove": ok({"object": "broadcast", "id": draft, "deleted": True}),
        "get removed": short("Broadcast not found"),
        "create other": ok(
            {"object": "broadcast", "id": UUID, "name": "Untitled", "status": "draft", "created_at": NOW}
        ),
        "send": ok({"object": "broadcast", "id": other, "status": "queued", "scheduled_at": None}),
        "remove sent": short("Cannot delete a broadcast that is already sent or queued"),
        "incomplete": short("from, subject, and segment_id are required"),
    }


def test_templates_logs_and_domains(resend):
    seen = resend("neighbours.mjs")
    template = seen["create template"]["data"]["id"]
    domain = seen["create domain"]["data"]
    assert (domain["object"], domain["name"], domain["status"]) == ("domain", "example.com", "not_started")
    assert [record["type"] for record in domain["records"]] == ["TXT", "TXT", "MX", "TXT"]
    (logged,) = seen["list logs after a send"]["data"]["data"]
    assert seen == {
        "create template": ok({"object": "template", "id": UUID}),
        "list templates": listed(
            {
                "object": "template",
                "id": template,
                "name": "Welcome Mail",
                "alias": "welcome-mail",
                "status": "draft",
                "current_version_id": None,
                "published_at": None,
                "has_unpublished_versions": True,
                "created_at": NOW,
            }
        ),
        "list logs": listed(),
        "list logs after a send": listed(
            {
                "id": UUID,
                "method": "POST",
                "endpoint": "/emails",
                "response_status": 200,
                "user_agent": "resend-node:6.38.0",
                "api_key_id": logged["api_key_id"],
                "created_at": NOW,
            }
        ),
        "list domains": listed(),
        "create domain": ok({**domain, "id": UUID}),
        "get domain": ok(domain),
        "update domain": ok({"object": "domain", "id": domain["id"]}),
        "remove domain": ok({"object": "domain", "id": domain["id"], "deleted": True}),
        "get removed domain": short("Not found"),
        "publish template": ok({"object": "template", "id": template}),
        "update template": ok({"object": "template", "id": template}),
        "create and publish": ok({"object": "template", "id": UUID}),
        "remove template": ok({"object": "template", "id": template, "deleted": True}),
        "get removed template": short("Template not found"),
    }
    assert logged["api_key_id"] == UUID
