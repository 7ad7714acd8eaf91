"""The store of people: whatever is asked of it in whatever order, it stays of one piece."""

from __future__ import annotations

import random
from typing import Any

import pytest

from lookalike.conditions import matches
from lookalike.part import Part
from lookalike.stores import Resource
from lookalike.vendors.customerio import activities, segmentation
from lookalike.vendors.customerio.objects import OBJECTS, RELATIONSHIPS
from lookalike.vendors.customerio.people import PEOPLE, count_members, find
from lookalike.vendors.customerio.suppression import SUPPRESSIONS
from tests.vendors.customerio.contract import Described

IDS = ("1", "2", "3", "4")
EMAILS = ("a@example.com", "A@example.com", "b@example.com", "c@example.com")
COOKIES = ("x", "y")
RULES: tuple[dict[str, Any], ...] = (
    {"field": "plan", "op": "equals", "value": "pro"},
    {"not": {"field": "seats", "type": "number", "op": "greater_than", "value": 2}},
    {"event": "bought", "op": "at_least", "times": 1},
    {"event": "bought", "op": "at_least", "times": 2, "within": "7d"},
    {"group": "2"},
    {
        "all": [
            {"field": "email", "type": "string", "op": "is_not_empty"},
            {"field": "id", "type": "string", "op": "is_empty"},
        ]
    },
    {"field": "unsubscribed", "type": "boolean", "op": "equals", "value": True},
)


def _part(track: Described) -> Part:
    return track.sandbox.workspace("default").parts["customerio"]


def _somebody(chance: random.Random) -> dict[str, str]:
    return {"id": chance.choice(IDS)} if chance.random() < 0.5 else {"email": chance.choice(EMAILS)}


def _attributes(chance: random.Random) -> dict[str, Any]:
    offers = {
        "id": chance.choice(IDS),
        "email": chance.choice(EMAILS),
        "anonymous_id": chance.choice(COOKIES),
        "plan": chance.choice(("pro", "free", None)),
        "seats": chance.choice((1, 2, 3, "4", None)),
        "unsubscribed": chance.choice((True, False, "1")),
    }
    return {name: value for name, value in offers.items() if chance.random() < 0.3}


def _operation(chance: random.Random) -> dict[str, Any]:
    action = chance.choice(
        ("identify",) * 6
        + ("event", "event", "delete", "suppress", "unsuppress", "merge", "add_relationships", "object")
    )
    operation: dict[str, Any] = {"type": "person", "action": action, "identifiers": _somebody(chance)}
    acme = {"object_type_id": "1", "object_id": chance.choice("pq")}
    if action == "object":
        cookie = {"identifiers": {"anonymous_id": chance.choice(COOKIES)}}
        return {"type": "object", "action": "identify_anonymous", "identifiers": acme, "cio_relationships": [cookie]}
    if action == "identify":
        operation["attributes"] = _attributes(chance)
    elif action == "event":
        operation["name"] = "bought"
    elif action == "merge":
        operation |= {"primary": _somebody(chance), "secondary": _somebody(chance)}
    elif action == "add_relationships":
        operation["cio_relationships"] = [{"identifiers": acme}]
    return operation


def _check(part: Part) -> None:
    people = list(part.collection(PEOPLE).scan())
    rules = {str(number): tree for number, tree in enumerate(RULES, start=1)}
    for person in people:
        attributes = person["attributes"]
        assert person["user_id"] == attributes.get("id")
        assert person["email_key"] == (attributes["email"].lower() if "email" in attributes else None)
        assert person["user_id"] or person["email_key"], "everybody has an identifier"
        assert attributes.keys() == person["timestamps"].keys()
        assert not [name for name, value in attributes.items() if value in (None, "")]
        belongs = {id for id, tree in rules.items() if matches(tree, segmentation.read(part, person), part.clock.now())}
        assert {id for id in person["segments"] if id in rules} == belongs
        for id_type, key in (("id", person["user_id"]), ("email", attributes.get("email")), ("cio_id", person["id"])):
            assert key is None or find(part, id_type, key) == person
            assert key is None or not part.collection(SUPPRESSIONS).count("keys", f"{id_type}:{key.lower()}")
    for id in rules:
        assert count_members(part, id) == sum(id in person["segments"] for person in people)
    held = {person["id"] for person in people}
    cookies = [person["attributes"].get("anonymous_id") for person in people if "anonymous_id" in person["attributes"]]
    assert len(cookies) == len(set(cookies))
    for one in _held(part, RELATIONSHIPS):
        assert (one["person"] in held) or (one["person"] is None and one["anonymous_id"] not in cookies)
        assert part.collection(OBJECTS).get(one["object"])


def _held(part: Part, resource: Resource) -> list[dict[str, Any]]:
    contents = part.workspace.store.contents(part.workspace.name, "customerio")
    return [document for found, documents in contents if found.name == resource.name for document in documents]


@pytest.mark.parametrize("seed", range(12))
def test_any_order_of_operations_leaves_it_of_one_piece(track: Described, seed: int) -> None:
    chance = random.Random(seed)
    part = _part(track)
    for tree in RULES:
        segmentation.add_segment(part, "Rule", "", tree)
    related = 0
    for _ in range(60):
        operations = [_operation(chance) for _ in range(chance.randint(1, 3))]
        assert track.post("/api/v2/batch", {"batch": operations}).status == 200
        if chance.random() < 0.2:
            track.post("/api/v1/events", {"name": "bought", "anonymous_id": chance.choice(COOKIES)})
        _check(part)
        related += len(_held(part, RELATIONSHIPS))
    assert related


def test_events_are_counted_as_often_as_they_are_kept(track: Described) -> None:
    chance = random.Random(1)
    for _ in range(150):
        track.post("/api/v2/entity", {**_operation(chance), "timestamp": None})
    part = _part(track)
    for person in part.collection(PEOPLE).scan():
        rows = part.collection(activities.ACTIVITIES).scan("newest", within=activities.place(person["id"]))
        kept = sum(row["name"] == "bought" for row in rows)
        assert person["events"].get("bought", {"count": 0})["count"] == kept
