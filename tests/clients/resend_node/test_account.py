"""Events, webhooks and API keys through npm `resend`."""

from __future__ import annotations

from tests.clients.resend_node.support import NOW, UNREADABLE, invalid, listed, ok, public, refused, short
from tests.support import UUID, Like


def test_events(resend):
    seen = resend("events.mjs")
    id, ann = seen["create"]["data"]["id"], seen["contact"]["data"]["id"]
    definition = {
        "object": "event",
        "id": id,
        "name": "user.signed_up",
        "schema": None,
        "created_at": NOW,
        "updated_at": NOW,
    }

    def delivered(**more):
        delivery = {"object": "event_delivery", "id": UUID, "event": "user.joined", "received_at": NOW, **more}
        empty = {"resumed_runs": [], "automation_runs": []}
        return ok({"object": "event_delivery", "delivery": delivery, **empty})

    assert seen == {
        "flat schema": invalid(
            schema=["schema.plan is not a supported schema keyword", 'schema.type must be "object"']
        ),
        "create": ok({**definition, "id": UUID}),
        "list": listed(definition),
        "get by name": ok(definition),
        "get by id": ok(definition),
        "update": ok({**definition, "name": "user.joined"}),
        "contact": ok({"object": "contact", "id": UUID}),
        "send": delivered(contact_id=ann, email=None, payload={"plan": "pro"}),
        "send by email": delivered(contact_id=ann, email="ann@example.com", payload={}),
        "send reserved": refused(
            {"error": 'event_name "resend:x" uses reserved prefix "resend:"', "code": "event_name_reserved"}
        ),
        "remove": ok({"object": "event", "id": id, "deleted": True}),
        "get removed": short("Event not found"),
    }


def test_webhooks(resend):
    seen = resend("webhooks.mjs")
    id = seen["create"]["data"]["id"]
    item = {
        "id": id,
        "endpoint": "https://hooks.example.com/x",
        "events": ["contact.created", "email.sent"],
        "status": "enabled",
        "created_at": NOW,
    }
    assert seen == {
        "create": ok({"object": "webhook", **item, "id": UUID, "signing_secret": Like(r"whsec_[\w-]{32}")}),
        "list": listed(item),
        "get": ok({"object": "webhook", **item, "recent_deliveries": []}),
        "update": ok({"object": "webhook", **item, "events": ["email.sent"], "status": "disabled"}),
        "unknown event": invalid(events=["Unsupported webhook event type"]),
        "remove": ok({"object": "webhook", "id": id, "deleted": True}),
        "get removed": short("Webhook not found"),
        "verify": refused(True),
    }


def test_api_keys(resend):
    seen = resend("api_keys.mjs")
    id = seen["create"]["data"]["id"]
    own = [key for key in seen["list"]["data"]["data"] if key["id"] != id]
    made = {
        "id": id,
        "name": "Mailer",
        "created_at": NOW,
        "last_used_at": None,
        "permission": "sending_access",
        "domain": None,
    }
    assert seen == {
        "create": ok({"id": UUID, "token": Like("os_[0-9a-f]{32}.*")}),
        "list": listed(made, *own),
        "use": public(
            403,
            "insufficient_api_key_permission",
            "This API key does not have permission to access this resource.",
        ),
        # The key is gone, but the answer is empty and the SDK wants JSON.
        "remove": UNREADABLE,
        "use removed": short("Missing or invalid API key"),
        "remove again": short("API key not found"),
        "no name": short("name is required"),
    }
