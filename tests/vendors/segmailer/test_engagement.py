"""What happens to SegMailer's mails: the contact's status and segments, and the webhooks that tell of it."""

from __future__ import annotations

import pytest

from lookalike.vendors.segmailer.schemas.webhooks import EVENT_TYPES
from tests.support import UUID
from tests.vendors.segmailer.bodies import LATER, START, contact, held, make_segment, make_webhook, upsert, where

OPENED = {"engagement": "opened_campaign"}


def message(client, *to, **more):
    """Make up a campaign's mail; its id."""
    body = {"vendor": "segmailer", "workspace": "default", "to": list(to), "subject": "News", **more}
    reply = client.control("POST", "/messages", body)
    assert reply.status == 201, reply.text
    return reply.json["id"]


def happen(client, id, type_, **more):
    return client.control("POST", f"/messages/{id}/events", {"type": type_, **more})


def told(client):
    """Event, URL and payload of every delivery that was left, oldest first."""
    left = client.sandbox.workspace("default").deliveries.newest_first()
    return [(one["event"], one["url"], one["payload"]) for one in left][::-1]


def payload(type_, person, at=START, **more):
    said = {"contact": {"id": person["id"], "identifier": person["identifier"]}, "campaignId": None, **more}
    return {"id": UUID, "type": type_, "createdAt": at, "data": said}


@pytest.fixture
def ann(client):
    return upsert(client, "ann@example.com", {"plan": "pro"})


class TestMessages:
    def test_a_mail_that_a_test_makes_up(self, client, ann):
        id = message(client, "ann@example.com", html="<p>Hi</p>", campaign="spring")
        assert client.control("GET", f"/messages/{id}").json == {
            "id": id,
            "workspace": "default",
            "vendor": "segmailer",
            "from": "SegMailer <campaigns@segmailer.example>",
            "to": ["ann@example.com"],
            "subject": "News",
            "html": "<p>Hi</p>",
            "text": None,
            "campaignId": "spring",
            "created_at": START,
            "events": [],
        }
        assert id == UUID

    def test_its_sender(self, client):
        id = message(client, "ann@example.com", sender="Ann <ann@example.org>", text="Hi")
        made = client.control("GET", f"/messages/{id}").json
        assert (made["from"], made["text"], made["html"]) == ("Ann <ann@example.org>", "Hi", None)


class TestOpened:
    def test_the_contact_enters_the_segment(self, client, ann):
        openers = make_segment(client, "Openers", OPENED)
        others = make_segment(client, "Others", {"not": OPENED})
        assert client.get("/api/v2/contacts/ann@example.com").json["segments"] == [{"id": others, "name": "Others"}]
        client.clock(advance="1s")
        reply = happen(client, message(client, "Ann@Example.com"), "opened")
        assert reply.status == 200
        expected = contact("ann@example.com", {"plan": "pro"}, id=ann["id"], segments=[(openers, "Openers")])
        assert client.get("/api/v2/contacts/ann@example.com").json == expected

    def test_a_segment_made_afterwards_knows_it_too(self, client, ann):
        happen(client, message(client, "ann@example.com"), "opened")
        upsert(client, "ann@example.com", {"plan": "free"})
        openers = make_segment(client, "Openers", OPENED)
        assert client.get(f"/api/v2/segments/{openers}").json["contactsCount"] == 1

    def test_whoever_comes_back_has_opened_nothing(self, client, ann):
        make_segment(client, "Openers", OPENED)
        happen(client, message(client, "ann@example.com"), "opened")
        client.delete("/api/v2/contacts/ann@example.com")
        assert upsert(client, "ann@example.com")["segments"] == []

    @pytest.mark.parametrize(
        ("type_", "more"),
        [("delivered", {}), ("clicked", {"url": "http://a.example"}), ("bounced", {}), ("complained", {})],
    )
    def test_nothing_else_counts_as_opening(self, client, ann, type_, more):
        make_segment(client, "Openers", OPENED)
        happen(client, message(client, "ann@example.com"), type_, **more)
        assert client.get("/api/v2/contacts/ann@example.com").json["segments"] == []


class TestStatus:
    @pytest.mark.parametrize(
        ("type_", "more", "status"),
        [
            ("delivered", {}, "subscribed"),
            ("opened", {}, "subscribed"),
            ("clicked", {"url": "http://a.example"}, "subscribed"),
            ("bounced", {}, "bounced"),
            ("bounced", {"bounce": "permanent"}, "bounced"),
            ("bounced", {"bounce": "transient"}, "subscribed"),
            ("complained", {}, "complained"),
            ("unsubscribed", {}, "unsubscribed"),
        ],
    )
    def test_what_becomes_of_the_contact(self, client, ann, type_, more, status):
        off = make_segment(client, "Off", where("status", "ne", "subscribed"))
        client.clock(advance="1s")
        assert happen(client, message(client, "ann@example.com"), type_, **more).status == 200
        changed = status != "subscribed"
        expected = contact(
            "ann@example.com",
            {"plan": "pro"},
            id=ann["id"],
            status=status,
            segments=[(off, "Off")] if changed else [],
            updatedAt=LATER if changed else START,
        )
        assert client.get("/api/v2/contacts/ann@example.com").json == expected

    def test_the_caller_may_subscribe_again(self, client, ann):
        happen(client, message(client, "ann@example.com"), "bounced")
        assert upsert(client, "ann@example.com")["status"] == "bounced"
        assert upsert(client, "ann@example.com", status="subscribed")["status"] == "subscribed"

    def test_only_the_one_to_whom_it_happened(self, client, ann):
        upsert(client, "bob@example.com")
        id = message(client, "ann@example.com", "bob@example.com", "nobody@example.com")
        happen(client, id, "unsubscribed", recipient="bob@example.com")
        statuses = [client.get(f"/api/v2/contacts/{name}@example.com").json["status"] for name in ("ann", "bob")]
        assert statuses == ["subscribed", "unsubscribed"]
        happen(client, id, "complained")
        statuses = [client.get(f"/api/v2/contacts/{name}@example.com").json["status"] for name in ("ann", "bob")]
        assert statuses == ["complained", "complained"]

    def test_to_nobody_nothing_happens(self, client, ann):
        id = message(client, "nobody@example.com")
        before = held(client)
        reply = happen(client, id, "opened")
        sentence = "None of its recipients is a contact: create one with that address first."
        assert (reply.status, reply.json) == (409, {"error": sentence})
        assert held(client) == before
        assert client.control("GET", f"/messages/{id}").json["events"] == []


class TestWebhooks:
    URL = "http://localhost:1/hook"

    @pytest.mark.parametrize(
        ("type_", "more", "event", "data"),
        [
            ("opened", {}, "email.opened", {}),
            ("clicked", {"url": "https://a.example/x?y"}, "email.clicked", {"url": "https://a.example/x?y"}),
            ("bounced", {}, "email.bounced", {"bounceType": "hard"}),
            ("bounced", {"bounce": "transient", "reason": "full"}, "email.bounced", {"bounceType": "soft"}),
            ("complained", {}, "email.complained", {}),
            ("unsubscribed", {}, "contact.unsubscribed", {}),
        ],
    )
    def test_payloads(self, client, ann, type_, more, event, data):
        make_webhook(client, self.URL)
        id = message(client, "ann@example.com")
        client.clock(advance="1s")
        happen(client, id, type_, **more)
        assert told(client) == [(event, self.URL, payload(event, ann, LATER, **data))]

    def test_of_a_campaign_at_another_moment(self, client, ann):
        make_webhook(client, self.URL)
        id = message(client, "ann@example.com", campaign="spring")
        client.clock(advance="1h")
        happen(client, id, "opened", at=LATER)
        assert told(client) == [("email.opened", self.URL, payload("email.opened", ann, LATER, campaignId="spring"))]

    def test_a_delivery_is_nothing_to_tell_of(self, client, ann):
        make_webhook(client, self.URL)
        happen(client, message(client, "ann@example.com"), "delivered")
        assert told(client) == []

    @pytest.mark.parametrize(
        ("subscription", "events"),
        [
            ({"events": ["*"]}, list(EVENT_TYPES)),
            ({"events": ["email.clicked", "contact.unsubscribed"]}, ["email.clicked", "contact.unsubscribed"]),
            ({"events": ["*"], "active": False}, []),
        ],
    )
    def test_what_was_subscribed_to(self, client, ann, subscription, events):
        make_webhook(client, self.URL, **subscription)
        id = message(client, "ann@example.com", text="https://a.example")
        for type_ in ("delivered", "opened", "clicked", "bounced", "complained", "unsubscribed"):
            assert happen(client, id, type_).status == 200
        assert [event for event, _, _ in told(client)] == events

    def test_everybody_who_subscribed_is_told_of_everyone(self, client, ann):
        bob = upsert(client, "bob@example.com")
        make_webhook(client, "http://localhost:1/a")
        make_webhook(client, "http://localhost:1/b", events=["email.opened"])
        happen(client, message(client, "bob@example.com", "ann@example.com"), "opened")
        expected = [(url, payload("email.opened", who)) for who in (bob, ann) for url in ("/a", "/b")]
        assert [(url[-2:], said) for _, url, said in told(client)] == expected
        assert len({said["id"] for _, _, said in told(client)}) == 4

    def test_writes_and_segments_send_nothing(self, client):
        make_webhook(client, self.URL)
        make_segment(client, "Off", where("status", "eq", "unsubscribed"))
        id = upsert(client, "ann@example.com")["id"]
        upsert(client, "ann@example.com", status="unsubscribed")
        client.post("/v1/events", {"identifier": {"email": "ann@example.com"}, "event": "x"})
        client.patch(f"/api/v2/contacts/{id}", {"attributes": {"a": 1}})
        client.delete(f"/api/v2/contacts/{id}")
        assert told(client) == []
