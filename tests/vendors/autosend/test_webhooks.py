"""AutoSend webhooks: subscriptions, secrets, and the log of what there was to tell."""

from __future__ import annotations

import pytest

from lookalike.vendors.autosend.identity import organization_id
from lookalike.vendors.autosend.webhooks import LOGS
from tests.support import OBJECT_ID, Like
from tests.vendors.autosend.bodies import (
    LATER,
    NOBODY,
    PROJECT,
    START,
    WEBHOOK_NOT_FOUND,
    contact,
    error,
    held,
    invalid,
    make,
    make_list,
    ok,
    told,
)

SECRET = Like("whsec_[0-9a-f]{32}")
JOB = Like("[0-9]{5,7}")
URL = "https://hooks.example.com/autosend?x=1"
TYPES = [
    "email.sent",
    "email.delivered",
    "email.deferred",
    "email.bounced",
    "email.opened",
    "email.clicked",
    "email.spam_reported",
    "email.unsubscribed",
    "email.group_unsubscribed",
    "email.group_resubscribed",
    "email.received",
    "contact.created",
    "contact.updated",
    "contact.deleted",
]


def webhook(*events, secret="***hidden***", **more):
    return {
        "id": OBJECT_ID,
        "organizationId": organization_id("default"),
        "projectId": PROJECT,
        "url": URL,
        "secret": secret,
        "events": list(events),
        "isActive": True,
        "createdAt": START,
        "updatedAt": START,
        **more,
    }


def log(webhook_id, event, at=START, **more):
    return {
        "_id": OBJECT_ID,
        "webhookId": webhook_id,
        "projectId": PROJECT,
        "event": event,
        "url": URL,
        "statusCode": None,
        "success": False,
        "attempts": 0,
        "duration": None,
        "deliveredAt": None,
        "createdAt": at,
        "updatedAt": at,
        **more,
    }


def subscribe(client, *events):
    reply = client.post("/v1/webhooks", {"url": URL, "events": list(events)})
    assert reply.status == 201, reply.text
    return reply.json["data"]["webhook"]["id"]


def logged(client, id):
    logs = client.get(f"/v1/webhooks/{id}/logs?limit=100").json["data"]["logs"]
    return [row["event"] for row in reversed(logs)]


class TestSubscriptions:
    def test_create_shows_the_secret_once(self, client):
        body = {"url": URL, "events": ["email.sent", "email.opened", "email.sent"], "metadata": {"team": "a"}}
        reply = client.post("/v1/webhooks", body)
        shown = webhook("email.sent", "email.opened", secret=SECRET, metadata={"team": "a"})
        expected = {**told("Webhook created successfully"), "data": {"webhook": shown}}
        assert (reply.status, reply.json) == (201, expected)
        made = reply.json["data"]["webhook"]
        masked = client.get(f"/v1/webhooks/{made['id']}")
        assert (masked.status, masked.json) == (200, ok({"webhook": {**made, "secret": "***hidden***"}}))
        revealed = client.get(f"/v1/webhooks/{made['id']}/reveal")
        assert (revealed.status, revealed.json) == (200, ok({"secret": made["secret"]}))

    def test_every_type_of_event(self, client):
        for scheme in ("http://localhost:3000", "HTTPS://example.com"):
            reply = client.post("/v1/webhooks", {"url": scheme, "events": TYPES})
            assert reply.json["data"]["webhook"]["events"] == TYPES
        listed = client.get("/v1/webhooks/events")
        assert (listed.status, listed.json) == (200, ok({"events": TYPES}))

    @pytest.mark.parametrize(
        ("change", "details"),
        [
            ({"url": "ftp://example.com"}, [("url", "Invalid URL format")]),
            ({"url": "example.com"}, [("url", "Invalid URL format")]),
            ({"url": "https://"}, [("url", "Invalid URL format")]),
            ({"url": "https://a b"}, [("url", "Invalid URL format")]),
            ({"url": 5}, [("url", "Url must be a string")]),
            ({"events": []}, [("events", "Events must contain at least 1 item")]),
            ({"events": ["email.lost"]}, [("events", "Events must contain at least 1 known event type")]),
            ({"events": ["email.sent", 5]}, [("events.1", "Item must be a string")]),
            ({"events": "email.sent"}, [("events", "Events must be an array")]),
            ({"metadata": []}, [("metadata", "Metadata must be an object")]),
        ],
    )
    def test_bad_input_changes_nothing(self, client, change, details):
        id = subscribe(client, "email.sent")
        before = held(client)
        creating = client.post("/v1/webhooks", {"url": URL, "events": ["email.sent"], **change})
        assert (creating.status, creating.json) == (400, invalid(*details))
        updating = client.put(f"/v1/webhooks/{id}", change)
        assert (updating.status, updating.json) == (400, invalid(*details))
        assert held(client) == before

    def test_types_beside_a_known_one_are_passed_over(self, client):
        reply = client.post("/v1/webhooks", {"url": URL, "events": ["email.lost", "email.sent"]})
        shown = webhook("email.sent", secret=SECRET)
        assert (reply.status, reply.json["data"]) == (201, {"webhook": shown})
        id = reply.json["data"]["webhook"]["id"]
        changed = client.put(f"/v1/webhooks/{id}", {"events": ["contact.created", "contact.lost"]})
        assert changed.json["data"]["webhook"]["events"] == ["contact.created"]

    def test_what_is_required(self, client):
        reply = client.post("/v1/webhooks", {})
        expected = invalid(("url", "Url is required"), ("events", "Events is required"))
        assert (reply.status, reply.json) == (400, expected)

    @pytest.mark.parametrize(
        "change",
        [
            {"url": "http://other.example.com"},
            {"events": ["contact.created"]},
            {"isActive": False},
            {"metadata": {"a": 1}},
            {"url": "http://other.example.com", "events": ["email.opened"], "isActive": False, "metadata": {}},
            {},
        ],
    )
    def test_update(self, client, change):
        id = subscribe(client, "email.sent")
        client.clock(advance="1s")
        reply = client.put(f"/v1/webhooks/{id}", change)
        shown = {**webhook("email.sent", updatedAt=LATER), **change}
        assert (reply.status, reply.json) == (
            200,
            {**told("Webhook updated successfully"), "data": {"webhook": shown}},
        )
        assert client.get(f"/v1/webhooks/{id}").json == ok({"webhook": shown})

    def test_the_secret_cannot_be_set(self, client):
        id = subscribe(client, "email.sent")
        before = held(client)
        reply = client.put(f"/v1/webhooks/{id}", {"secret": "whsec_x", "isActive": False})
        assert (reply.status, reply.json) == (400, invalid(("secret", "Secret cannot be updated")))
        bad = client.put(f"/v1/webhooks/{id}", {"isActive": "no"})
        assert (bad.status, bad.json) == (400, invalid(("isActive", "IsActive must be a boolean")))
        assert held(client) == before

    def test_delete(self, client):
        id = subscribe(client, "contact.created")
        make(client, "a@example.com")
        reply = client.delete(f"/v1/webhooks/{id}")
        assert (reply.status, reply.json) == (200, told("Webhook deleted successfully"))
        assert client.get(f"/v1/webhooks/{id}").json == WEBHOOK_NOT_FOUND
        assert not [name for name, _ in held(client) if name.startswith("webhook")]
        make(client, "b@example.com")

    @pytest.mark.parametrize("id", [NOBODY, "nonsense"])
    def test_an_unknown_webhook(self, client, id):
        subscribe(client, "email.sent")
        before = held(client)
        path = f"/v1/webhooks/{id}"
        answers = [
            client.get(path),
            client.put(path, {"isActive": False}),
            client.delete(path),
            client.get(f"{path}/reveal"),
            client.post(f"{path}/resend", {"event": "email.sent", "data": {}}),
            client.get(f"{path}/logs"),
        ]
        assert [(reply.status, reply.json) for reply in answers] == [(404, WEBHOOK_NOT_FOUND)] * 6
        assert held(client) == before

    def test_list(self, client):
        empty = {"webhooks": [], "total": 0, "page": 1, "limit": 50, "totalPages": 0}
        assert client.get("/v1/webhooks").json == ok(empty)
        ids = [subscribe(client, "email.sent") for _ in range(5)]
        client.put(f"/v1/webhooks/{ids[1]}", {"isActive": False})
        shown = [webhook("email.sent", id=id, isActive=id != ids[1]) for id in reversed(ids)]
        for query, expected, total, page, limit, pages in [
            ("", shown, 5, 1, 50, 1),
            ("?limit=2", shown[:2], 5, 1, 2, 3),
            ("?limit=2&page=3", shown[4:], 5, 3, 2, 3),
            ("?limit=2&page=4", [], 5, 4, 2, 3),
            ("?isActive=true", [s for s in shown if s["isActive"]], 4, 1, 50, 1),
            ("?isActive=false", [s for s in shown if not s["isActive"]], 1, 1, 50, 1),
        ]:
            reply = client.get(f"/v1/webhooks{query}")
            data = {"webhooks": expected, "total": total, "page": page, "limit": limit, "totalPages": pages}
            assert (reply.status, reply.json) == (200, ok(data))

    @pytest.mark.parametrize(
        ("query", "detail"),
        [
            ("limit=0", ("limit", "Limit must be at least 1")),
            ("limit=101", ("limit", "Limit must be at most 100")),
            ("limit=many", ("limit", "Limit must be an integer")),
            ("limit=1.5", ("limit", "Limit must be an integer")),
            ("page=0", ("page", "Page must be at least 1")),
            ("page=", ("page", "Page must be an integer")),
            ("page=" + "9" * 31, ("page", "Page must be at most 9007199254740991")),
        ],
    )
    def test_pages_that_make_no_sense(self, client, query, detail):
        id = subscribe(client, "email.sent")
        for path in ("/v1/webhooks", f"/v1/webhooks/{id}/logs"):
            reply = client.get(f"{path}?{query}")
            assert (reply.status, reply.json) == (400, invalid(detail))
        if query == "limit=0":
            bad = client.get("/v1/webhooks?isActive=maybe")
            assert (bad.status, bad.json) == (400, invalid(("isActive", "IsActive must be a boolean")))


class TestResend:
    def test_queues_a_delivery(self, client):
        id = subscribe(client, "email.delivered")
        for body in ({"event": "email.delivered", "data": {"emailId": "1"}}, {"event": "email.delivered"}):
            reply = client.post(f"/v1/webhooks/{id}/resend", body)
            expected = {**told("Webhook queued for delivery"), "data": {"jobId": JOB}}
            assert (reply.status, reply.json) == (200, expected)
        assert logged(client, id) == ["email.delivered", "email.delivered"]

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            (
                {"event": "email.delivered", "data": {}},
                error("Webhook is not subscribed to this event: email.delivered", "WEBHOOK_NOT_SUBSCRIBED", status=400),
            ),
            ({}, invalid(("event", "Event is required"))),
            ({"event": "email.sent", "data": []}, invalid(("data", "Data must be an object"))),
        ],
    )
    def test_refusals(self, client, body, expected):
        id = subscribe(client, "email.sent")
        before = held(client)
        reply = client.post(f"/v1/webhooks/{id}/resend", body)
        assert (reply.status, reply.json) == (400, expected)
        assert held(client) == before


class TestLogs:
    def test_what_contacts_do_is_told(self, client):
        everything = subscribe(client, *TYPES)
        deletions = subscribe(client, "contact.deleted")
        list_id = make_list(client, "L")
        [a] = make(client, "a@example.com")
        client.post("/v1/contacts/email", {"email": "a@example.com", "firstName": "Ann"})
        client.post("/v1/contacts/email", {"email": "b@example.com"})
        client.post("/v1/contacts/bulk-update", {"contacts": [{"email": "a@example.com"}, {"email": "c@example.com"}]})
        bulk = {"contactListId": list_id, "emails": ["a@example.com", "d@example.com"]}
        client.post("/v1/contact-lists/contacts/bulk-add", bulk)
        client.delete(f"/v1/contacts/{a}")
        client.post("/v1/contacts/remove", {"emails": ["b@example.com", "c@example.com"]})
        created, updated, deleted = "contact.created", "contact.updated", "contact.deleted"
        assert logged(client, everything) == [
            created, updated, created, updated, created, created, deleted, deleted, deleted,
        ]  # fmt: skip
        assert logged(client, deletions) == [deleted] * 3

    def test_the_payload_is_the_contact(self, client):
        id = subscribe(client, "contact.created")
        make(client, "a@example.com", customFields={"plan": "pro"})
        part = client.sandbox.workspace("default").part("autosend")
        [row] = part.collection(LOGS).scan("newest", within=id)
        shown = contact("a@example.com", customFields={"plan": "pro"})
        [delivery] = part.workspace.deliveries.newest_first()
        assert delivery["payload"] == {"type": "contact.created", "createdAt": START, "data": shown}
        assert row["jobId"] == JOB == delivery["reference"]

    def test_what_is_inactive_or_refused_is_not_told(self, client):
        id = subscribe(client, "contact.created", "contact.updated", "contact.deleted")
        make(client, "a@example.com")
        client.post("/v1/contacts", {"email": "a@example.com"})
        client.delete(f"/v1/contacts/{NOBODY}")
        client.put(f"/v1/webhooks/{id}", {"isActive": False})
        make(client, "b@example.com")
        assert logged(client, id) == ["contact.created"]

    def test_pages(self, client):
        id = subscribe(client, "contact.created")
        subscribe(client, "contact.created")
        make(client, "a@example.com", "b@example.com")
        client.clock(advance="1s")
        make(client, "c@example.com")
        rows = [log(id, "contact.created", at) for at in (LATER, START, START)]
        for query, expected, page, limit, pages in [
            ("", rows, 1, 50, 1),
            ("?limit=2", rows[:2], 1, 2, 2),
            ("?limit=2&page=2", rows[2:], 2, 2, 2),
            ("?limit=2&page=3", [], 3, 2, 2),
        ]:
            reply = client.get(f"/v1/webhooks/{id}/logs{query}")
            data = {"logs": expected, "total": 3, "page": page, "limit": limit, "totalPages": pages}
            assert (reply.status, reply.json) == (200, ok(data))
