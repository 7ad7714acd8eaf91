"""SegMailer's webhook subscriptions."""

from __future__ import annotations

import pytest

from lookalike.vendors.segmailer.schemas.webhooks import EVENT_TYPES
from tests.support import UUID, Like
from tests.vendors.segmailer.bodies import LATER, NO_WEBHOOK, NOBODY, START, held, invalid, listing, make_webhook

SECRET = Like("whsec_[0-9a-f]{32}")
URL = "https://example.com/hook"
TYPES = ", ".join(EVENT_TYPES)


def webhook(url=URL, events=("email.opened",), active=True, **more):
    shown = {"id": UUID, "url": url, "events": list(events), "active": active, "createdAt": START, "updatedAt": START}
    return {**shown, **more}


BAD = [
    ({"url": "example.com"}, ("url", "must be an http or https URL")),
    ({"url": "ftp://example.com"}, ("url", "must be an http or https URL")),
    ({"url": "http://"}, ("url", "must be an http or https URL")),
    ({"url": "http://a b"}, ("url", "must be an http or https URL")),
    ({"url": "http://example.com/" + "x" * 2040}, ("url", "must be an http or https URL")),
    ({"url": ""}, ("url", "must be an http or https URL")),
    ({"url": 5}, ("url", "must be a string")),
    ({"events": []}, ("events", "must have at least 1 entry")),
    ({"events": "email.opened"}, ("events", "must be an array")),
    ({"events": ["email.sent"]}, ("events.0", f"must be one of {TYPES}")),
    ({"events": ["email.opened", "contact.created"]}, ("events.1", f"must be one of {TYPES}")),
    ({"events": [1]}, ("events.0", "must be a string")),
    ({"events": ["*", "email.opened"]}, ("events", 'must be either ["*"] or a list of event types')),
    ({"active": "yes"}, ("active", "must be a boolean")),
]


class TestCreate:
    def test_the_answer_shows_the_secret(self, client):
        reply = client.post("/api/v2/webhooks", {"url": URL, "events": ["email.opened"]})
        assert (reply.status, reply.json) == (201, webhook(secret=SECRET))
        assert list(reply.json) == ["id", "url", "events", "active", "createdAt", "updatedAt", "secret"]

    def test_no_two_secrets_are_the_same(self, client):
        assert make_webhook(client)["secret"] != make_webhook(client)["secret"]

    @pytest.mark.parametrize("events", [[type_] for type_ in EVENT_TYPES] + [list(EVENT_TYPES), ["*"]])
    def test_events(self, client, events):
        assert make_webhook(client, events=events) == webhook(events=events, secret=SECRET)

    def test_an_event_that_is_named_twice(self, client):
        events = ["email.clicked", "email.opened", "email.clicked"]
        assert make_webhook(client, events=events)["events"] == ["email.clicked", "email.opened"]

    @pytest.mark.parametrize("url", ["http://localhost:3000", "HTTPS://Example.com/a?b=c#d", "http://[::1]:3000/hook"])
    def test_urls(self, client, url):
        assert make_webhook(client, url)["url"] == url

    def test_not_active(self, client):
        assert make_webhook(client, active=False) == webhook(events=["*"], active=False, secret=SECRET)

    @pytest.mark.parametrize(
        ("body", "detail"),
        [
            *BAD,
            ({"url": None}, ("url", "must be a string")),
            ({"events": None}, ("events", "must be an array")),
            ({"active": None}, ("active", "must be a boolean")),
        ],
    )
    def test_bad_input_changes_nothing(self, client, body, detail):
        reply = client.post("/api/v2/webhooks", {"url": URL, "events": ["*"], **body})
        assert (reply.status, reply.json) == (400, invalid(detail))
        assert held(client) == []

    def test_nothing_at_all(self, client):
        reply = client.post("/api/v2/webhooks", {})
        assert (reply.status, reply.json) == (400, invalid(("url", "is required"), ("events", "is required")))


def test_get_never_shows_the_secret(client):
    made = make_webhook(client)
    reply = client.get(f"/api/v2/webhooks/{made['id']}")
    assert (reply.status, reply.json) == (200, webhook(events=["*"], id=made["id"]))


def test_list_newest_first_to_the_end(client):
    assert client.get("/api/v2/webhooks").json == listing()
    shown = []
    for number in range(3):
        made = make_webhook(client, f"http://localhost:{number + 1}")
        shown.insert(0, {name: value for name, value in made.items() if name != "secret"})
        client.clock(advance="1s")
    assert client.get("/api/v2/webhooks").json == listing(*shown)
    for page in (1, 2, 3, 4):
        reply = client.get("/api/v2/webhooks", query={"page": page, "limit": 1})
        assert reply.json == listing(*shown[page - 1 : page], page=page, limit=1, total=3)


class TestUpdate:
    @pytest.mark.parametrize(
        "change",
        [
            {},
            {"url": "http://localhost:1"},
            {"events": ["email.bounced", "email.clicked"]},
            {"events": ["*"]},
            {"active": False},
            {"url": "http://localhost:1", "events": ["email.bounced"], "active": False},
        ],
    )
    def test_what_is_not_sent_stays(self, client, change):
        id = make_webhook(client, events=["email.opened"])["id"]
        client.clock(advance="1s")
        reply = client.patch(f"/api/v2/webhooks/{id}", {**change, "secret": "mine", "id": "x"})
        assert (reply.status, reply.json) == (200, webhook(id=id, updatedAt=LATER, **change))
        assert client.get(f"/api/v2/webhooks/{id}").json == reply.json

    @pytest.mark.parametrize(
        ("body", "detail"),
        [*BAD, *(({name: None}, (name, "must not be null")) for name in ("url", "events", "active"))],
    )
    def test_bad_input_changes_nothing(self, client, body, detail):
        id = make_webhook(client)["id"]
        before = held(client)
        reply = client.patch(f"/api/v2/webhooks/{id}", body)
        assert (reply.status, reply.json) == (400, invalid(detail))
        assert held(client) == before


def test_delete(client):
    id = make_webhook(client)["id"]
    reply = client.delete(f"/api/v2/webhooks/{id}")
    assert (reply.status, reply.raw) == (204, b"")
    assert held(client) == []
    again = client.delete(f"/api/v2/webhooks/{id}")
    assert (again.status, again.json) == (404, NO_WEBHOOK)


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_unknown(client, method):
    reply = client(method, f"/api/v2/webhooks/{NOBODY}", {})
    assert (reply.status, reply.json) == (404, NO_WEBHOOK)
