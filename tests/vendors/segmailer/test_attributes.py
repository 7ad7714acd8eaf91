"""SegMailer's list of attribute names."""

from __future__ import annotations

import random

import pytest

from lookalike.vendors.segmailer.attributes import Tally
from tests.vendors.segmailer.bodies import make, upsert


def listed(client):
    reply = client.get("/api/v2/attributes")
    assert (reply.status, list(reply.json)) == (200, ["data"])
    return reply.json["data"]


def attribute(name, type, count=1):
    return {"name": name, "type": type, "contactsCount": count}


def test_none(client):
    assert client.get("/api/v2/attributes").json == {"data": []}


TYPES = pytest.mark.parametrize(
    ("value", "type"),
    [
        ("pro", "string"),
        ("", "string"),
        ("20240115", "string"),
        ("2024-13-45", "string"),
        ("2024-01-15", "date"),
        ("2024-01-15T10:00:00Z", "date"),
        ("2024-01-15T10:00:00.123+02:00", "date"),
        (0, "number"),
        (1.5, "number"),
        (True, "boolean"),
        (False, "boolean"),
        ([], "array"),
        (["a", 1], "array"),
    ],
)


@TYPES
def test_types(client, value, type):
    upsert(client, "ann@example.com", {"value": value})
    assert listed(client) == [attribute("value", type)]


@TYPES
@pytest.mark.parametrize("other", ["pro", "2024-01-15", 7, True, ["x"], None])
def test_those_of_many_new_contacts(client, value, type, other):
    part = client.sandbox.workspaces["default"].part("segmailer")
    told = [{"id": str(number), "value": value} for number in range(3)]
    told.append({"id": "2024-01-15"} if other is None else {"id": "more", "value": other})
    tally = Tally(part)
    for attributes in told:
        tally.note({}, attributes)
    tally.write()
    expected = listed(client)
    assert sum(item["contactsCount"] for item in expected) == len(told) + 3 + (other is not None)
    for attributes in told:
        tally.note(attributes, {})
    tally.write()
    assert listed(client) == []
    tally.note_new(told)
    tally.write()
    assert listed(client) == expected


def test_sorted_by_name(client):
    upsert(client, "ann@example.com", {"b": 1, "a": 1, "B": 1, "ä": 1, "10": 1, "9": 1})
    assert [item["name"] for item in listed(client)] == ["10", "9", "B", "a", "b", "ä"]


def test_counts_follow_every_write(client):
    upsert(client, "a@example.com", {"plan": "pro", "seats": 1})
    upsert(client, "b@example.com", {"plan": "free"})
    assert listed(client) == [attribute("plan", "string", 2), attribute("seats", "number")]
    client.patch("/api/v2/contacts/b@example.com", {"attributes": {"seats": "many", "plan": None}})
    assert listed(client) == [attribute("plan", "string"), attribute("seats", "mixed", 2)]
    upsert(client, "a@example.com", {"seats": "few"})
    assert listed(client) == [attribute("plan", "string"), attribute("seats", "string", 2)]
    client.post(
        "/api/v2/contacts/bulk", {"contacts": [{"identifier": {"email": "c@example.com"}, "attributes": {"plan": 1}}]}
    )
    assert listed(client) == [attribute("plan", "mixed", 2), attribute("seats", "string", 2)]
    client.delete("/api/v2/contacts/a@example.com")
    assert listed(client) == [attribute("plan", "number"), attribute("seats", "string")]
    client.post("/api/v2/contacts/bulk-delete", {"emails": ["b@example.com", "c@example.com"]})
    assert listed(client) == []


def test_events_leave_them_alone(client):
    make(client, "a@example.com")
    client.post("/v1/events", {"identifier": {"email": "a@example.com"}, "event": "x", "data": {"plan": "pro"}})
    assert listed(client) == []


def test_after_any_writes_they_are_what_a_count_would_find(client):
    chance, values = random.Random(7), ["pro", "2024-01-15", 3, True, [1], None]
    people = [f"p{number}@example.com" for number in range(6)]
    for _ in range(300):
        email = chance.choice(people)
        attributes = {name: chance.choice(values) for name in chance.sample("abcd", 2)}
        if chance.random() < 0.15:
            client.delete(f"/api/v2/contacts/{email}")
        elif chance.random() < 0.5:
            upsert(client, email, attributes)
        else:
            rows = [{"identifier": {"email": one}, "attributes": attributes} for one in (email, people[0], email)]
            client.post("/api/v2/contacts/bulk", {"contacts": rows})
    types = {"str": "string", "int": "number", "bool": "boolean", "list": "array"}
    found: dict[str, list[str]] = {}
    for item in client.get("/api/v2/contacts").json["data"]:
        for name, value in item["attributes"].items():
            found.setdefault(name, []).append("date" if value == "2024-01-15" else types[type(value).__name__])
    assert found
    assert listed(client) == [
        attribute(name, seen[0] if len(set(seen)) == 1 else "mixed", len(seen)) for name, seen in sorted(found.items())
    ]
