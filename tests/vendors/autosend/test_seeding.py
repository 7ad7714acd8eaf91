"""A neutral audience told in AutoSend's terms."""

from __future__ import annotations

import pytest

from lookalike.audience import (
    Audience,
    EventDefinition,
    Group,
    Occurrence,
    Person,
    Property,
    SentMessage,
    Topic,
)
from lookalike.clock import Clock, iso, parse_instant
from lookalike.stores import open_store
from lookalike.vendors.autosend import VENDOR, seeding
from lookalike.vendors.autosend.events import OCCURRENCES
from lookalike.vendors.autosend.people import CONTACTS, contact_json, count
from lookalike.vendors.autosend.segments import LISTS
from lookalike.vendors.autosend.suppressions import ENTRIES, GROUPS
from lookalike.workspace import Workspace

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
        "created_at": BORN,
    }
    return Person(**{**values, **more})


def leaf(field, op, value=None, **more):
    return {"field": field, "op": op, **({} if value is None else {"value": value}), **more}


AUDIENCE = Audience(
    now=NOW,
    people=(
        person(
            1,
            last_name="Lee",
            phone="+12025550100",
            user_id="user_1",
            attributes={"plan": "pro", "seats": 3, "city": "Oslo", "tags": ["a", "b"], "none": None, "empty": []},
            groups=("Buyers", "Pro", "Odd"),
            consents={"News": False, "Offers": True},
        ),
        person(2, attributes={"plan": "free", "home": {"street": "Main", "zip": 1}}, unsubscribed=True),
    ),
    properties=(Property("plan", "string", "Plan", "free"), Property("city", "string", "City", None)),
    groups=(
        Group("Buyers", "Who bought", None),
        Group("Pro", None, leaf("plan", "equals", "pro")),
        Group(
            "Nested",
            None,
            {
                "any": [
                    leaf("seats", "greater_than", 2),
                    {"all": [leaf("city", "is_empty"), leaf("email", "contains", "p2")]},
                ]
            },
        ),
        Group("Odd", None, {"not": leaf("plan", "equals", "free")}),
    ),
    topics=(Topic("News", "Our news", True, True), Topic("Offers", None, False, True)),
    events=(EventDefinition("paid", "Paid", {"amount": "number"}),),
    occurrences=(Occurrence(1, "paid", {"amount": 5}, BORN + 5),),
    messages=(
        SentMessage(1, "team@example.com", "Hi", "<p>", "Hi", "opened", BORN + 6),
        SentMessage(1, "team@example.com", "Hi", "<p>", "Hi", "bounced", BORN + 7),
    ),
)


@pytest.fixture
def part():
    workspace = Workspace("w", open_store("memory:"), {"autosend": VENDOR}, 1, Clock(frozen=NOW))
    made = workspace.add_part("autosend")
    seeding.seed(made, AUDIENCE)
    return made


def test_contacts(part):
    one, two = part.collection(CONTACTS).scan("newest")
    shown = contact_json(one, "default")
    assert shown == {
        "id": one["id"],
        "email": "p1@example.com",
        "firstName": "Pat",
        "lastName": "Lee",
        "userId": "user_1",
        "customFields": {"plan": "pro", "seats": 3, "contact_city": "Oslo", "tags": "a, b", "phone": "+12025550100"},
        "updatedAt": iso(BORN),
        "createdAt": iso(BORN),
        "projectId": shown["projectId"],
    }
    assert contact_json(two, "default")["customFields"] == {"plan": "free", "home": "Main, 1"}


def test_groups_with_a_rule_are_segments(part):
    shown = {document["name"]: document for document in part.collection(LISTS).scan("newest")}
    stand = {name: (document["type"], count(part, document["id"])) for name, document in shown.items()}
    assert stand == {"Buyers": ("list", 1), "Pro": ("segment", 1), "Nested": ("segment", 2), "Odd": ("list", 1)}
    assert shown["Nested"]["filterCriteria"] == {
        "logicalOperator": "OR",
        "groups": [
            {"field": "seats", "fieldType": "number", "operator": "greater_than", "value": 2},
            {
                "logicalOperator": "AND",
                "groups": [
                    {"field": "contact_city", "fieldType": "string", "operator": "is_empty"},
                    {"field": "email", "fieldType": "string", "operator": "contains", "value": "p2"},
                ],
            },
        ],
    }


def test_suppressions(part):
    groups = {group["groupId"]: group["name"] for group in part.collection(GROUPS).scan("newest")}
    assert sorted(groups.values()) == ["Global Unsubscribes", "News", "Offers"]
    entries = part.collection(ENTRIES).scan("newest", within="")
    assert [(groups[e["groupId"]], e["email"], e["reason"]) for e in entries] == [
        ("News", "p1@example.com", "unsubscribed"),
        ("Global Unsubscribes", "p2@example.com", "unsubscribed"),
        ("Global Unsubscribes", "p1@example.com", "BOUNCE"),
    ]


def test_events_and_messages(part):
    [occurrence] = part.collection(OCCURRENCES).scan("newest")
    assert (occurrence["eventName"], occurrence["properties"]) == ("paid", {"amount": 5})
    messages = list(part.workspace.messages.scan("newest"))
    assert [(m["to"], m["status"], m["created_at"]) for m in messages] == [
        (["p1@example.com"], "opened", iso(BORN + 6)),
        (["p1@example.com"], "bounced", iso(BORN + 7)),
    ]
    noted = [[(event["type"], event["at"]) for event in message["events"]] for message in messages]
    later = [iso(min(BORN + seconds, NOW)) for seconds in (66, 126, 67)]
    assert noted == [[("delivered", later[0]), ("opened", later[1])], [("bounced", later[2])]]


def test_the_demo_holds_something_of_everything(sandbox):
    client = sandbox("autosend", fixture="demo")
    lists = client.get("/v1/contact-lists").json["data"]["lists"]
    assert all(item["contactCount"] > 0 for item in lists)
    assert {item["type"] for item in lists} == {"list", "segment"}
    assert client.get("/v1/events").json["data"]["events"]
    assert client.get("/v1/contact-properties?includeReservedFields=false").json["data"]["contactProperties"]
    groups = client.get("/v1/suppression-groups?includeGlobal=true").json["data"]["groups"]
    assert sum(group["suppressionCount"] for group in groups) > 0
    page = client.post("/v1/contact-lists/contacts/search", {"contactListId": "GLOBAL_CONTACT_LIST", "limit": 100})
    assert page.json["data"]["pagination"]["total"] == len(page.json["data"]["contacts"])


def test_the_same_seed_gives_the_same_bytes(sandbox):
    one, two = (sandbox("autosend", fixture="demo", seed=7) for _ in range(2))
    for path in ("/v1/contact-lists", "/v1/events", "/v1/suppression-groups?includeGlobal=true"):
        assert one.get(path).raw == two.get(path).raw
    body = {"contactListId": "GLOBAL_CONTACT_LIST", "limit": 100}
    search = "/v1/contact-lists/contacts/search"
    assert one.post(search, body).raw == two.post(search, body).raw
    new = [client.post("/v1/contacts", {"email": "new@example.com"}).json["data"]["id"] for client in (one, two)]
    assert new[0] == new[1]
