"""A neutral audience told in SegMailer's terms."""

from __future__ import annotations

import pytest

from lookalike.audience import Audience, EventDefinition, Group, Occurrence, Person, Property, SentMessage, Topic
from lookalike.clock import iso, parse_instant
from lookalike.vendors.segmailer import seeding
from lookalike.vendors.segmailer.filters import parse
from lookalike.vendors.segmailer.neutral import filter_of
from tests.support import UUID
from tests.vendors.segmailer.bodies import contact, emails, held, listing, where

NOW = parse_instant("2026-01-15T09:00:00Z")
BORN = NOW - 86400


def person(number, **more):
    values = {
        "number": number,
        "email": f"P{number}@example.com",
        "first_name": "Pat",
        "last_name": None,
        "phone": None,
        "user_id": None,
        "attributes": {},
        "groups": (),
        "consents": {},
        "unsubscribed": False,
        "created_at": BORN + number,
    }
    return Person(**{**values, **more})


def leaf(field, op, value=None, **more):
    return {"field": field, "op": op, **({} if value is None else {"value": value}), **more}


def sent(number, outcome, **more):
    values = {"sender": "A <a@example.org>", "subject": "Hi", "html": "<p>Hi</p>", "text": "Hi", "at": NOW - 3600}
    return SentMessage(person=number, outcome=outcome, **{**values, **more})


AUDIENCE = Audience(
    now=NOW,
    people=(
        person(
            1,
            last_name="Lee",
            phone="+12025550100",
            user_id="user_1",
            attributes={"plan": "pro", "seats": 3, "tags": ("a", "b"), "none": None, "empty": []},
            groups=("Buyers", "Pro", "Starts with p"),
            consents={"News": False, "Offers": True},
        ),
        person(2, attributes={"plan": "free", "home": {"street": "Main", "at": {"zip": 1}}}, unsubscribed=True),
        person(3, groups=("Buyers",)),
        person(4, first_name=None),
        person(5, email="p1@example.com", first_name="Double"),
    ),
    properties=(Property("plan", "string", "Plan", "free"),),
    groups=(
        Group("Buyers", "Who bought", None),
        Group("Pro", None, leaf("plan", "equals", "pro")),
        Group("Starts with p", None, leaf("plan", "starts_with", "p")),
    ),
    topics=(Topic("News", None, True, True), Topic("Offers", None, False, True)),
    events=(EventDefinition("signed_in", None, {"device": "string"}),),
    occurrences=(Occurrence(1, "signed_in", {"device": "phone"}, NOW - 60), Occurrence(5, "signed_in", {}, NOW)),
    messages=(sent(1, "clicked"), sent(3, "bounced"), sent(4, "complained"), sent(2, "delivered"), sent(5, "opened")),
)

NAMED = {name: where("groups", "contains", name) for name in ("Buyers", "Starts with p")}


@pytest.fixture
def seeded(client):
    part = client.sandbox.workspaces["default"].part("segmailer")
    client.clock(freeze=iso(NOW))
    with part.workspace.unit():
        seeding.seed(part, AUDIENCE)
    return client


def segments(client):
    return {item["name"]: item for item in client.get("/api/v2/segments").json["data"]}


def test_groups_are_segments(seeded):
    told = {name: (item["filter"], item["contactsCount"]) for name, item in segments(seeded).items()}
    assert told == {
        "Buyers": (NAMED["Buyers"], 2),
        "Pro": (where("plan", "eq", "pro"), 1),
        "Starts with p": (NAMED["Starts with p"], 1),
    }


def test_people_are_contacts(seeded):
    ids = {name: item["id"] for name, item in segments(seeded).items()}
    times = [iso(BORN + number) for number in range(6)]
    shown = {item["identifier"]["email"]: item for item in seeded.get("/api/v2/contacts").json["data"]}
    assert shown == {
        "p1@example.com": contact(
            "p1@example.com",
            {
                "firstName": "Pat",
                "lastName": "Lee",
                "phone": "+12025550100",
                "userId": "user_1",
                "plan": "pro",
                "seats": 3,
                "tags": ["a", "b"],
                "groups": ["Buyers", "Starts with p"],
                "topics": ["Offers"],
            },
            segments=[(ids[name], name) for name in ("Buyers", "Pro", "Starts with p")],
            createdAt=times[1],
            updatedAt=times[1],
        ),
        "p2@example.com": contact(
            "p2@example.com",
            {"firstName": "Pat", "plan": "free", "home_street": "Main", "home_at_zip": 1},
            status="unsubscribed",
            createdAt=times[2],
            updatedAt=times[2],
        ),
        "p3@example.com": contact(
            "p3@example.com",
            {"firstName": "Pat", "groups": ["Buyers"]},
            status="bounced",
            segments=[(ids["Buyers"], "Buyers")],
            createdAt=times[3],
            updatedAt=times[3],
        ),
        "p4@example.com": contact("p4@example.com", status="complained", createdAt=times[4], updatedAt=times[4]),
    }


def test_what_they_did_and_what_they_opened(seeded):
    at = iso(NOW - 60)
    event = {"id": UUID, "event": "signed_in", "data": {"device": "phone"}, "occurredAt": at, "receivedAt": at}
    assert seeded.get("/api/v2/contacts/p1@example.com/events").json == listing(event)
    reply = seeded.post("/api/v2/segments", {"name": "Openers", "filter": {"engagement": "opened_campaign"}})
    assert emails(seeded, f"/api/v2/segments/{reply.json['id']}/contacts") == ["p1@example.com"]


def test_attributes_are_counted(seeded):
    told = {item["name"]: item["contactsCount"] for item in seeded.get("/api/v2/attributes").json["data"]}
    assert told == {
        "firstName": 3, "groups": 2, "home_at_zip": 1, "home_street": 1, "lastName": 1, "phone": 1, "plan": 2,
        "seats": 1, "tags": 1, "topics": 1, "userId": 1,
    }  # fmt: skip


def test_messages_have_the_past_that_their_outcome_says(seeded):
    told = {
        message["to"][0]: [event["type"] for event in message["events"]]
        for message in seeded.control("GET", "/messages").json["messages"]
    }
    assert told == {
        "p1@example.com": ["delivered", "opened", "clicked"],
        "p2@example.com": ["delivered"],
        "p3@example.com": ["bounced"],
        "p4@example.com": ["delivered", "complained"],
    }


def test_once_more_adds_only_whom_it_does_not_know(seeded):
    part = seeded.sandbox.workspaces["default"].part("segmailer")
    before = held(seeded)
    with part.workspace.unit():
        seeding.seed(part, Audience(now=NOW, people=AUDIENCE.people, groups=AUDIENCE.groups))
    assert held(seeded) == before
    with part.workspace.unit():
        seeding.seed(part, Audience(now=NOW, people=(person(9, groups=("Buyers",)),), groups=AUDIENCE.groups))
    assert segments(seeded)["Buyers"]["contactsCount"] == 3
    assert len(segments(seeded)) == 3


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (leaf("plan", "equals", "pro"), where("plan", "eq", "pro")),
        (leaf("plan", "not_equals", "pro"), where("plan", "ne", "pro")),
        (leaf("first_name", "contains", "a"), where("firstName", "contains", "a")),
        (leaf("plan", "not_contains", "a"), {"not": where("plan", "contains", "a")}),
        (leaf("plan", "starts_with", "a"), None),
        (leaf("seats", "greater_than", 5), where("seats", "gt", 5)),
        (leaf("seats", "less_than", 5), where("seats", "lt", 5)),
        (leaf("seats", "between", [1, 5]), {"and": [where("seats", "gte", 1), where("seats", "lte", 5)]}),
        (leaf("vip", "equals", True), where("vip", "eq", True)),
        (leaf("plan", "is_empty"), {"or": [where("plan", "not_exists"), where("plan", "eq", "")]}),
        (leaf("plan", "is_not_empty"), {"not": {"or": [where("plan", "not_exists"), where("plan", "eq", "")]}}),
        (leaf("since", "before", "2026-01-01", type="date"), where("since", "lt", "2026-01-01")),
        (leaf("since", "equals", "2026-01-01", type="date"), None),
        (leaf("plan", "equals", "pro", missing=True), None),
        ({"event": "x", "op": "at_least", "times": 1}, None),
        (
            {"all": [leaf("a", "equals", 1), {"any": [leaf("b", "equals", 2), {"not": leaf("c", "equals", 3)}]}]},
            {"and": [where("a", "eq", 1), {"or": [where("b", "eq", 2), {"not": where("c", "eq", 3)}]}]},
        ),
        ({"all": [leaf("a", "equals", 1), leaf("b", "ends_with", "x")]}, None),
        ({"not": leaf("b", "ends_with", "x")}, None),
    ],
)
def test_neutral_rules(rule, expected):
    told = filter_of(rule)
    assert told == expected
    assert told is None or parse(told)


def test_the_demo(sandbox):
    client = sandbox("segmailer", fixture="demo")
    told = {name: item["contactsCount"] for name, item in segments(client).items()}
    assert set(told) == {"Customers", "Newsletter readers", "Webinar January 2026", "Paying", "Large teams"}
    assert all(0 < count < 60 for count in told.values())
    people = client.get("/api/v2/contacts").json
    assert people["pagination"] == {"page": 1, "limit": 50, "total": 60, "hasMore": True}
    assert {item["status"] for item in people["data"]} <= {"subscribed", "unsubscribed", "bounced", "complained"}
