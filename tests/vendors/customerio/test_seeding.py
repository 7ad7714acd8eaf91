"""A fixture told in Customer.io's terms, and read back through its interfaces."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lookalike import templates
from lookalike.audience import Audience, EventDefinition, Group, Occurrence, Person, SentMessage, Topic
from tests.support import Client
from tests.vendors.customerio.bodies import CIO_ID, DELIVERY, ULID
from tests.vendors.customerio.test_track_identify import attributes, identifiers, put

DAY = 86400
NEW_YEAR = 1_767_225_600


def _person(number: int, email: str, created_at: float, **more: Any) -> Person:
    values = {
        "first_name": None,
        "last_name": None,
        "phone": None,
        "user_id": None,
        "attributes": {},
        "groups": (),
        "consents": {},
        "unsubscribed": False,
    }
    return Person(number=number, email=email, created_at=created_at, **{**values, **more})


def _message(person: int, outcome: str, at: float) -> SentMessage:
    return SentMessage(person, "Acme <acme@example.com>", "Hello", "<p>Hello</p>", "Hello", outcome, at)


AUDIENCE = Audience(
    now=NEW_YEAR + 14 * DAY,
    people=(
        _person(
            1,
            "Ann@example.com",
            NEW_YEAR,
            first_name="Ann",
            user_id="u1",
            phone="+15551234567",
            unsubscribed=True,
            groups=("Readers",),
            consents={"News": False, "Unknown": True},
            attributes={"plan": "pro", "company": "Acme & Co.", "nothing": None, "tags": ["a"], "id": "other"},
        ),
        _person(2, "ben@example.com", NEW_YEAR + DAY, attributes={"plan": "free", "company": "Acme & Co."}),
    ),
    groups=(
        Group("Readers", "Who reads", None),
        Group("Nobody", None, None),
        Group("Paying", None, {"not": {"field": "plan", "type": "string", "op": "equals", "value": "free"}}),
        Group("The first", None, {"all": [{"field": "user_id", "op": "equals", "value": "u1"}]}),
    ),
    topics=(Topic("News", "What is new", True, True), Topic("Offers", None, False, False)),
    events=(EventDefinition("bought", None, {"price": "number"}),),
    occurrences=(Occurrence(1, "bought", {"price": 5}, NEW_YEAR + 2 * DAY),),
    messages=(_message(1, "clicked", NEW_YEAR + 4 * DAY), _message(2, "bounced", NEW_YEAR + 3 * DAY)),
)


@pytest.fixture
def told(sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(templates, "load_fixture", lambda *_: AUDIENCE)
    client: Client = sandbox("customerio")
    client.sandbox.prepare()
    client.clock(freeze="2026-01-15T09:00:00Z")
    return client


def test_people_and_what_they_prefer(told: Client) -> None:
    shown = told.get("/v1/customers/u1/attributes").json["customer"]
    assert shown["identifiers"] == {"email": "Ann@example.com", "id": "u1", "cio_id": CIO_ID}
    assert shown["unsubscribed"] is True
    assert json.loads(shown["attributes"]["cio_subscription_preferences"]) == {"topics": {"topic_1": False}}
    computed = json.loads(shown["attributes"]["_cio_subscription_preferences_computed"])
    assert computed == {"topics": {"topic_1": False, "topic_2": False}}
    assert {
        name: shown["attributes"].get(name) for name in ("created_at", "first_name", "plan", "tags", "nothing")
    } == {
        "created_at": str(NEW_YEAR),
        "first_name": "Ann",
        "plan": "pro",
        "tags": '["a"]',
        "nothing": None,
    }
    assert shown["timestamps"]["plan"] == NEW_YEAR
    assert identifiers(told, "ben@example.com", "email")["id"] is None


def test_segments(told: Client) -> None:
    shown = told.get("/v1/segments").json["segments"]
    assert [(one["id"], one["name"], one["type"], one["created_at"]) for one in shown] == [
        (1, "Readers", "manual", NEW_YEAR),
        (2, "Nobody", "manual", NEW_YEAR),
        (3, "Paying", "dynamic", NEW_YEAR),
        (4, "The first", "dynamic", NEW_YEAR),
    ]
    members = [told.get(f"/v1/segments/{number}/membership").json["ids"] for number in (1, 2, 3, 4)]
    assert members == [["u1"], [], ["u1"], ["u1"]]


def test_rules_go_on_to_hold(told: Client) -> None:
    put(told, "new", {"plan": "team"})  # type: ignore[arg-type]
    put(told, "u1", {"plan": "free"})  # type: ignore[arg-type]
    assert told.get("/v1/segments/3/membership").json["ids"] == ["new"]


def test_topics(told: Client) -> None:
    assert told.get("/v1/subscription_topics").json["topics"] == [
        {
            "id": 1,
            "identifier": "topic_1",
            "name": "News",
            "description": "What is new",
            "subscribed_by_default": True,
        },
        {"id": 2, "identifier": "topic_2", "name": "Offers", "description": "", "subscribed_by_default": False},
    ]


def test_companies_are_objects(told: Client) -> None:
    assert [one["name"] for one in told.get("/v1/object_types").json["types"]] == ["Companies"]
    rows = told.get("/v1/objects/1/acme-co/relationships").json["cio_relationships"]
    assert sorted(row["identifiers"]["email"] for row in rows) == ["Ann@example.com", "ben@example.com"]


def test_events_and_messages(told: Client) -> None:
    rows = told.get("/v1/activities", query={"limit": 100}).json["activities"]
    assert [(row["type"], row["timestamp"]) for row in reversed(rows)] == [
        ("profile_create", NEW_YEAR),
        ("profile_create", NEW_YEAR + DAY),
        ("event", NEW_YEAR + 2 * DAY),
        ("sent_email", NEW_YEAR + 3 * DAY),
        ("bounced_email", NEW_YEAR + 3 * DAY + 60),
        ("sent_email", NEW_YEAR + 4 * DAY),
        ("delivered_email", NEW_YEAR + 4 * DAY + 60),
        ("opened_email", NEW_YEAR + 4 * DAY + 120),
        ("clicked_email", NEW_YEAR + 4 * DAY + 180),
    ]
    event = next(row for row in rows if row["type"] == "event")
    assert (event["id"], event["name"], event["data"]) == (ULID, "bought", {"price": 5})
    message = told.get("/v1/customers/u1/messages").json["messages"][0]
    assert (message["id"], message["subject"], message["recipient"]) == (DELIVERY, "Hello", "Ann@example.com")
    assert list(message["metrics"]) == ["created", "sent", "delivered", "opened", "clicked"]
    archived = told.get(f"/v1/messages/{message['id']}/archived_message").json["archived_message"]
    assert (archived["body"], archived["from"]) == ("<p>Hello</p>", "Acme <acme@example.com>")


def test_who_bounced_is_suppressed_by_the_provider(told: Client) -> None:
    listed = told.get("/v1/esp/suppression/bounces").json["suppressions"]
    assert [(one["email"], one["created"]) for one in listed] == [("ben@example.com", NEW_YEAR + 3 * DAY + 60)]


def test_the_outbox_holds_the_messages(told: Client) -> None:
    kept = told.control("GET", "/messages").json["messages"]
    assert [(one["to"], one["subject"], one["status"]) for one in kept] == [
        (["Ann@example.com"], "Hello", "clicked"),
        (["ben@example.com"], "Hello", "bounced"),
    ]


def test_what_is_made_later_takes_no_id_of_the_fixture(told: Client) -> None:
    """Ids of the fixture were counted elsewhere; here the clock stands where it stood when somebody was made."""
    told.clock(freeze="2026-01-01T00:00:00Z")
    before = {identifiers(told, "u1")["cio_id"], identifiers(told, "ben@example.com", "email")["cio_id"]}
    for number in range(20):
        put(told, str(number), {"number": number})  # type: ignore[arg-type]
    after = {identifiers(told, str(number))["cio_id"] for number in range(20)}
    assert len(before | after) == 22
    assert attributes(told, "u1")["plan"] == "pro"
