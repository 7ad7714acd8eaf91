"""A neutral audience in OpenSend's terms."""

from __future__ import annotations

import pytest

from lookalike import templates
from lookalike.audience import Audience, EventDefinition, Group, Occurrence, Person, Property, SentMessage, Topic
from lookalike.vendors.opensend.events import DELIVERIES
from tests.support import UUID

DAY = 86400.0
NOW = 1_768_467_600.0
BEGIN = "2026-01-05T09:00:00.000Z"

PERSON = {
    "first_name": None,
    "last_name": None,
    "phone": None,
    "user_id": None,
    "attributes": {},
    "groups": (),
    "consents": {},
    "unsubscribed": False,
    "created_at": NOW - DAY,
}

ANN = Person(
    **PERSON
    | {
        "number": 1,
        "email": "Ann@Example.com",
        "first_name": "Ann",
        "last_name": "Lee",
        "phone": "+12025550100",
        "user_id": "u1",
        "attributes": {
            "plan": "pro",
            "seats": 5,
            "beta": True,
            "score": 1.5,
            "tags": ["a", "b"],
            "at": {"x": 1},
            "none": None,
        },
        "groups": ("VIP", "Paying", "Gone"),
        "consents": {"News": False, "Offers": True, "Gone": True},
        "created_at": NOW - 10 * DAY,
    }
)
BOB = Person(**PERSON | {"number": 2, "email": "bob@example.com", "unsubscribed": True})


def message(person, outcome, days):
    return SentMessage(person, "Shop <hello@shop.example>", "Hi", "<p>Hi</p>", "Hi", outcome, NOW - days * DAY)


AUDIENCE = Audience(
    now=NOW,
    people=(ANN, BOB),
    properties=(Property("plan", "string", "Plan", "free"), Property("seats", "number", "Seats", None)),
    groups=(Group("VIP", "The best", None), Group("Paying", None, {"field": "plan"})),
    topics=(Topic("News", "d", True, True), Topic("Offers", None, False, False)),
    events=(EventDefinition("paid", None, {"amount": "number", "on": "date"}), EventDefinition("left", None, {})),
    occurrences=(Occurrence(1, "paid", {"amount": 5}, NOW - 3 * DAY),),
    messages=(message(2, "bounced", 1), message(1, "clicked", 2), message(1, "complained", 3)),
)


@pytest.fixture
def opensend(sandbox, monkeypatch):
    monkeypatch.setattr(templates, "load_fixture", lambda *_: AUDIENCE)
    return sandbox("opensend")


def by(name, rows):
    return {row[name]: row for row in rows}


def test_people_become_contacts_with_both_records_of_membership(opensend):
    segments = by("name", opensend.get("/segments").json["data"])
    topics = by("name", opensend.get("/topics").json["data"])
    ann = opensend.get("/contacts/ann@example.com").json
    assert ann == {
        "object": "contact",
        "id": UUID,
        "email": "ann@example.com",
        "first_name": "Ann",
        "last_name": "Lee",
        "unsubscribed": False,
        "properties": {
            "plan": "pro",
            "seats": "5",
            "beta": "true",
            "score": "1.5",
            "tags": "a,b",
            "at": '{"x":1}',
            "phone": "+12025550100",
            "user_id": "u1",
        },
        "segments": ["VIP", "Paying"],
        "topics": [
            {"id": topics["News"]["id"], "subscription": "opt_out"},
            {"id": topics["Offers"]["id"], "subscription": "opt_in"},
        ],
        "created_at": BEGIN,
    }
    bob = opensend.get("/contacts/bob@example.com").json
    assert (bob["unsubscribed"], bob["properties"], bob["segments"]) == (True, None, [])
    for name in ("VIP", "Paying"):
        assert (segments[name]["contacts_count"], segments[name]["created_at"]) == (1, BEGIN)
        members = opensend.get(f"/segments/{segments[name]['id']}/contacts").json["data"]
        assert [member["id"] for member in members] == [ann["id"]]


def test_definitions(opensend):
    topics = by("name", opensend.get("/topics").json["data"])
    assert topics["News"] == {
        "id": UUID,
        "name": "News",
        "description": "d",
        "default_subscription": "opt_in",
        "visibility": "public",
        "created_at": BEGIN,
    }
    assert (topics["Offers"]["default_subscription"], topics["Offers"]["visibility"]) == ("opt_out", "private")
    plan = {"key": "plan", "name": "Plan", "type": "string", "fallback_value": "free"}
    seats = {"key": "seats", "name": "Seats", "type": "number", "fallback_value": None}
    times = {"id": UUID, "created_at": BEGIN, "updated_at": BEGIN}
    assert opensend.get("/contact-properties").json["data"] == [plan | times, seats | times]
    events = by("name", opensend.get("/events").json["data"])
    schema = {"type": "object", "properties": {"amount": {"type": "number"}, "on": {"type": "string"}}}
    assert {name: event["schema"] for name, event in events.items()} == {"paid": schema, "left": None}


def test_what_happened(opensend):
    ann = opensend.get("/contacts/ann@example.com").json["id"]
    [delivery] = list(opensend.sandbox.workspace("default").part("opensend").collection(DELIVERIES).scan())
    assert delivery == {
        "id": UUID,
        "event": "paid",
        "contact_id": ann,
        "email": None,
        "payload": {"amount": 5},
        "received_at": "2026-01-12T09:00:00.000Z",
    }


def test_messages_become_emails_with_their_events(opensend):
    emails = opensend.get("/emails").json["data"]
    assert [(email["to"], email["last_event"], email["created_at"]) for email in emails] == [
        (["bob@example.com"], "bounced", "2026-01-14T09:00:00.000Z"),
        (["ann@example.com"], "delivered", "2026-01-13T09:00:00.000Z"),
        (["ann@example.com"], "complained", "2026-01-12T09:00:00.000Z"),
    ]
    assert {email["from"] for email in emails} == {"hello@shop.example"}
    told = [[event["type"] for event in opensend.get(f"/emails/{email['id']}/events").json["data"]] for email in emails]
    assert told == [
        ["sent", "bounced"],
        ["sent", "delivered", "opened", "clicked"],
        ["sent", "delivered", "complained"],
    ]
    messages = opensend.control("GET", "/messages").json["messages"]
    noted = [[event["type"] for event in message["events"]] for message in messages]
    assert noted == [[type for type in types if type != "sent"] for types in told]


def test_who_bounced_or_complained_is_suppressed(opensend):
    rows = opensend.get("/api/suppressions").json["data"]
    assert [(row["email"], row["reason"], row["updated_at"]) for row in rows] == [
        ("bob@example.com", "bounced", "2026-01-14T09:01:00.000Z"),
        ("ann@example.com", "complained", "2026-01-12T09:02:00.000Z"),
    ]
    emails = opensend.get("/emails").json["data"]
    assert [row["source_email_id"] for row in rows] == [emails[0]["id"], emails[2]["id"]]


def test_the_same_seed_tells_the_same(sandbox):
    answers = [sandbox("opensend", fixture="demo", seed=7).get("/contacts", query={"limit": 100}).raw for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0] != sandbox("opensend", fixture="demo", seed=8).get("/contacts", query={"limit": 100}).raw
