"""The filter language over people: every kind of filter against a reference that looks at everybody."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.vendors.customerio import searching
from lookalike.vendors.customerio.filters import shelf, shelves, spread
from tests.vendors.customerio.audience import invalid, known, pages, part_of, person, segment
from tests.vendors.customerio.bodies import app_error


def eq(field, value):
    return {"attribute": {"field": field, "operator": "eq", "value": value}}


def has(field):
    return {"attribute": {"field": field, "operator": "exists"}}


def among(id):
    return {"segment": {"id": id}}


def both(*filters):
    return {"and": list(filters)}


def either(*filters):
    return {"or": list(filters)}


def no(filter):
    return {"not": filter}


EVERYBODY = has("cio_id")

PEOPLE = [
    {"id": "1", "email": "Ada@example.com", "plan": "pro", "score": 5, "vip": True},
    {"id": "2", "plan": "free", "score": "5", "vip": False},
    {"id": None, "email": "c@example.com", "plan": "pro"},
    {"id": "4", "email": "d@example.com", "plan": "PRO", "unsubscribed": True},
    {"id": "5", "score": 5.5},
    {"id": "a6", "email": "f@example.com", "plan": "team", "note": ""},
]
BUYERS, READERS, EMPTY = {"1", "4", "5"}, {"4", "a6"}, set()

CASES = [
    (EVERYBODY, ["1", "2", "", "4", "5", "a6"]),
    (no(EVERYBODY), []),
    (eq("plan", "pro"), ["1", ""]),
    (eq("plan", "PRO"), ["4"]),
    (eq("plan", "nothing"), []),
    (eq("plan", ""), []),
    (eq("Plan", "pro"), []),
    (has("plan"), ["1", "2", "", "4", "a6"]),
    (has("note"), []),
    (no(has("plan")), ["5"]),
    (eq("score", "5"), ["1", "2"]),
    (eq("score", 5), ["1", "2"]),
    (eq("score", "5.5"), ["5"]),
    (eq("vip", "true"), ["1"]),
    (eq("vip", True), ["1"]),
    (eq("vip", "false"), ["2"]),
    (eq("unsubscribed", "true"), ["4"]),
    (eq("id", "4"), ["4"]),
    (eq("id", "A6"), []),
    (has("id"), ["1", "2", "4", "5", "a6"]),
    (eq("email", "ADA@EXAMPLE.COM"), ["1"]),
    (eq("email", "x@example.com"), []),
    (has("email"), ["1", "", "4", "a6"]),
    (no(has("email")), ["2", "5"]),
    (among(1), ["1", "4", "5"]),
    (among(2), ["4", "a6"]),
    (among(3), []),
    (among(99), []),
    (no(among(1)), ["2", "", "a6"]),
    (both(among(1), among(2)), ["4"]),
    (both(among(1), no(among(2))), ["1", "5"]),
    (both(eq("plan", "pro")), ["1", ""]),
    (either(eq("plan", "pro"), eq("plan", "free"), among(2)), ["1", "2", "", "4", "a6"]),
    (either(eq("id", "a6"), eq("id", "1"), eq("email", "ada@example.com")), ["1", "a6"]),
    (either(among(1), no(has("score"))), ["1", "", "4", "5", "a6"]),
    (both(either(eq("plan", "pro"), eq("plan", "PRO")), both(has("id"), no(eq("unsubscribed", "true")))), ["1"]),
    (no(both(has("id"), has("email"))), ["2", "", "5"]),
    (no(no(eq("plan", "pro"))), ["1", ""]),
    (no(either(among(1), among(2))), ["2", ""]),
]


@pytest.fixture
def world(client):
    for one in PEOPLE:
        person(client, **{name: value for name, value in one.items() if value is not None})
    for name, members in (("Buyers", BUYERS), ("Readers", READERS), ("Empty", EMPTY)):
        segment(client, name, *members)
    return client


def search(client, filter, **query):
    return client.post("/v1/customers", {"filter": filter}, query=query)


@pytest.mark.parametrize(("filter", "expected"), CASES, ids=lambda case: json.dumps(case)[:80])
def test_who_fits(world, filter, expected):
    reply = search(world, filter)
    assert (reply.status, reply.json["ids"], reply.json["next"]) == (200, expected, "")
    assert [one["id"] or "" for one in reply.json["identifiers"]] == expected


@pytest.mark.parametrize(("filter", "expected"), CASES, ids=lambda case: json.dumps(case)[:80])
@pytest.mark.parametrize("limit", [1, 2])
def test_page_by_page(world, filter, expected, limit):
    found = pages(world, lambda query: search(world, filter, **query), {"limit": limit}, "ids")
    assert [id for page in found for id in page] == expected
    assert all(len(page) == limit for page in found[:-1])
    assert 0 < len(found[-1]) <= limit or not expected


def test_a_whole_answer(world):
    cio_ids = [one["cio_id"] for one in search(world, EVERYBODY).json["identifiers"]]
    reply = search(world, EVERYBODY, limit=3)
    following = reply.json["next"]
    assert (reply.status, reply.json) == (
        200,
        {
            "identifiers": [
                known("1", "Ada@example.com", cio_ids[0]),
                known("2", None, cio_ids[1]),
                known(None, "c@example.com", cio_ids[2]),
            ],
            "ids": ["1", "2", ""],
            "next": following,
        },
    )
    assert following
    assert list(reply.json) == ["identifiers", "ids", "next"]
    reply = search(world, eq("cio_id", cio_ids[3]), start="")
    assert reply.json == {"identifiers": [known("4", "d@example.com", cio_ids[3])], "ids": ["4"], "next": ""}


@pytest.mark.parametrize(
    ("filter", "detail"),
    [
        ({}, "a filter must be an object with exactly one of and, or, not, segment, attribute"),
        (
            {**EVERYBODY, **among(1)},
            "a filter must be an object with exactly one of and, or, not, segment, attribute",
        ),
        ({"and": []}, "and must be a list of at least one filter"),
        ({"or": {}}, "or must be a list of at least one filter"),
        (
            {"not": [EVERYBODY]},
            "a filter must be an object with exactly one of and, or, not, segment, attribute",
        ),
        ({"nor": []}, "nor is not a known filter"),
        ({"object_attribute": {}}, "object_attribute is not a known filter"),
        ({"segment": 4}, "segment.id must be an integer"),
        ({"segment": {"id": "4"}}, "segment.id must be an integer"),
        ({"segment": {"id": True}}, "segment.id must be an integer"),
        ({"attribute": "plan"}, "attribute must be an object"),
        ({"attribute": {"operator": "exists"}}, "attribute.field is required"),
        ({"attribute": {"field": "", "operator": "exists"}}, "attribute.field is required"),
        ({"attribute": {"field": "plan"}}, "attribute.operator must be one of eq, exists"),
        (
            {"attribute": {"field": "plan", "operator": "gt", "value": 1}},
            "attribute.operator must be one of eq, exists",
        ),
        ({"attribute": {"field": "plan", "operator": "eq"}}, "attribute.value is required"),
        ({"attribute": {"field": "plan", "operator": "eq", "value": ["pro"]}}, "attribute.value is required"),
        (both(EVERYBODY, no({"or": []})), "or must be a list of at least one filter"),
    ],
)
def test_what_is_no_filter(client, filter, detail):
    reply = search(client, filter)
    assert (reply.status, reply.json) == (400, app_error(400, detail))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"limit": 0}, invalid("/limit")),
        ({"limit": "x"}, invalid("/limit")),
        ({"limit": -3}, invalid("/limit")),
        ({"start": "%%"}, app_error(400, "invalid start value")),
        ({"start": "_w=="}, app_error(400, "invalid start value")),
    ],
)
def test_pages_that_there_are_not(client, query, expected):
    reply = search(client, EVERYBODY, **query)
    assert (reply.status, reply.json) == (400, expected)


@pytest.mark.parametrize("body", [{}, {"filter": None}, {"filter": []}, {"filters": EVERYBODY}])
def test_without_a_filter(client, body):
    reply = client.post("/v1/customers", body)
    assert (reply.status, reply.json) == (400, invalid("/filter"))


def test_more_than_the_most_is_the_most(client):
    person(client, "1")
    assert search(client, EVERYBODY, limit=5000).json["ids"] == ["1"]


def test_a_search_follows_what_becomes_of_people(world):
    world.put("/api/v1/customers/2", {"plan": "pro"})
    assert search(world, eq("plan", "pro")).json["ids"] == ["1", "2", ""]
    assert search(world, eq("plan", "free")).json["ids"] == []
    world.put("/api/v1/customers/2", {"plan": ""})
    assert search(world, no(has("plan"))).json["ids"] == ["2", "5"]
    world.post("/api/v1/segments/1/remove_customers", {"ids": ["4"]})
    assert search(world, among(1)).json["ids"] == ["1", "5"]
    world.delete("/api/v1/customers/1")
    assert search(world, eq("plan", "pro")).json["ids"] == [""]
    world.delete("/v1/segments/1")
    assert search(world, among(1)).json["ids"] == []


# --- a thousand people, random filters, and a reference that knows no index ------------------------------------------


def reference(filter, one):
    ((kind, value),) = filter.items()
    if kind == "and":
        return all(reference(member, one) for member in value)
    if kind == "or":
        return any(reference(member, one) for member in value)
    if kind == "not":
        return not reference(value, one)
    if kind == "segment":
        return str(value["id"]) in one["segments"]
    held = {**one["attributes"], "cio_id": one["id"]}.get(value["field"])
    if value["operator"] == "exists":
        return held is not None
    return held is not None and written(held) == written(value["value"])


def written(value):
    return value if isinstance(value, str) else json.dumps(value)


@pytest.fixture(scope="module")
def crowd():
    """A thousand people in three segments, one of which has nobody in common with the first."""
    from tests.support import Client

    client = Client("customerio")
    client.sandbox.prepare()
    chance = random.Random(7)
    people = []
    for number in range(1000):
        attributes = {"plan": chance.choice(["free", "pro", "team"]), "score": chance.randrange(40)}
        if number % 3:
            attributes["email"] = f"p{number}@example.com"
        if number % 100 == 7:
            attributes["rare"] = True
        people.append({"type": "person", "action": "identify", "identifiers": {"id": f"u{number}"}})
        people[-1]["attributes"] = attributes
    for first in range(0, 1000, 250):
        assert client.post("/api/v2/batch", {"batch": people[first : first + 250]}).status == 200
    segment(client, "Odd", *(f"u{n}" for n in range(1, 1000, 2)))
    segment(client, "Even", *(f"u{n}" for n in range(0, 1000, 2)))
    segment(client, "Few", *(f"u{n}" for n in range(0, 1000, 50)))
    return client


def leaf(chance):
    return chance.choice(
        [
            eq("plan", chance.choice(["free", "pro", "nothing"])),
            eq("score", str(chance.randrange(45))),
            eq("email", f"p{chance.randrange(1000)}@example.com"),
            eq("id", f"u{chance.randrange(1000)}"),
            has(chance.choice(["email", "rare", "nothing", "cio_id"])),
            among(chance.randrange(1, 5)),
        ]
    )


def tree(chance, depth):
    if depth == 0 or chance.random() < 0.3:
        return leaf(chance)
    kind = chance.choice(["and", "or", "not"])
    if kind == "not":
        return no(tree(chance, depth - 1))
    return {kind: [tree(chance, depth - 1) for _ in range(chance.randrange(1, 4))]}


@pytest.mark.parametrize("seed", range(150))
def test_random_filters_against_the_reference(crowd, seed):
    chance = random.Random(seed)
    filter = tree(chance, 4)
    everybody = list(part_of(crowd).collection(searching.PEOPLE).scan())
    expected = [one["user_id"] for one in everybody if reference(filter, one)]
    found = pages(crowd, lambda query: search(crowd, filter, **query), {"limit": 1000}, "ids")
    assert [id for page in found for id in page] == expected
    limit = chance.randrange(1, 400)
    found = pages(crowd, lambda query: search(crowd, filter, **query), {"limit": max(limit, 25)}, "ids")
    assert [id for page in found for id in page] == expected


def test_segments_over_each_other(crowd):
    """Two large segments without a common member, and some with."""
    assert search(crowd, both(among(1), among(2))).json == {"identifiers": [], "ids": [], "next": ""}
    few = [f"u{n}" for n in range(0, 1000, 50)]
    assert search(crowd, both(among(2), among(3))).json["ids"] == few
    wide = both(either(among(1), among(3)), either(among(2), eq("id", "u1")))
    assert search(crowd, wide).json["ids"] == ["u0", "u1", *few[1:]]


def test_a_search_reads_nobody_but_whom_it_finds(crowd, monkeypatch):
    """What a search reads depends on what it finds, not on how many people there are."""
    people, read = part_of(crowd).collection(searching.PEOPLE), []
    get_many = type(people).get_many
    monkeypatch.setattr(type(people), "get_many", lambda self, ids: read.extend(ids) or get_many(self, ids))
    for filter, count in [
        (both(among(1), among(2)), 0),
        (no(either(among(1), among(2))), 0),
        (both(has("plan"), no(has("plan"))), 0),
        (both(among(2), eq("email", "p700@example.com")), 1),
        (both(has("email"), has("rare")), 7),
        (either(among(3), eq("id", "u999")), 21),
    ]:
        read.clear()
        assert len(search(crowd, filter).json["ids"]) == len(read) == count


def test_values_stand_apart_from_names():
    assert shelf("plan", None) != shelf("plan", "plan")
    assert shelf("plan", "pro") != shelf("plan", "free")
    assert shelf("plan", "pro") != shelf("pla", "npro")
    assert shelf("plan", "pro") == shelf("plan", "pro")


MANY_VALUES = st.sampled_from(
    [None, "", "1", "true", "Ann@Example.com", 0, 1, 2, 1.0, 0.5, True, False, [], [1], {"a": None}]
)
MANY_PEOPLE = st.lists(st.dictionaries(st.sampled_from(["id", "email", "plan", "score"]), MANY_VALUES), max_size=9)


@given(people=MANY_PEOPLE, unique=st.sampled_from([(), ("id", "email")]))
def test_many_go_where_each_would(people, unique):
    numbers, expected = range(7, 7 + len(people)), {}
    for number, attributes in zip(numbers, people, strict=True):
        for value in shelves(attributes, unique):
            expected.setdefault(value, []).append(number)
    assert {value: list(held) for value, held in spread(people, numbers, unique).items()} == expected
