"""Who is meant by an identify call, and which identifiers change hands: the rules, one by one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lookalike.vendors.customerio.subscriptions import add_topic
from tests.support import Client
from tests.vendors.customerio.audience import part_of
from tests.vendors.customerio.bodies import CIO_ID, NOW, ULID, told
from tests.vendors.customerio.contract import Described


def identifiers(client: Client, value: str, id_type: str = "id") -> Any:
    """email, id and cio_id of somebody, or None."""
    reply = client.get(f"/v1/customers/{value}/attributes", query={"id_type": id_type})
    return reply.json["customer"]["identifiers"] if reply.status == 200 else None


def attributes(client: Client, value: str, id_type: str = "id") -> dict[str, str]:
    """Somebody's attributes without what everybody has."""
    found = client.get(f"/v1/customers/{value}/attributes", query={"id_type": id_type}).json["customer"]["attributes"]
    return {name: text for name, text in found.items() if name not in ("id", "email", "cio_id")}


def activities(client: Client, *types: str) -> list[tuple[str, Any]]:
    """What the workspace's log says of some types, oldest first."""
    rows = client.get("/v1/activities", query={"limit": 100}).json["activities"]
    return [(row["type"], told(row)) for row in reversed(rows) if not types or row["type"] in types]


def put(track: Client, identifier: str, body: Any) -> None:
    reply = track.put(f"/api/v1/customers/{identifier}", body)
    assert (reply.status, reply.raw) == (200, b"{}\n")


def count(client: Client) -> int:
    everybody = {"filter": {"attribute": {"field": "cio_id", "operator": "exists"}}}
    return len(client.post("/v1/customers", everybody).json["ids"])


def test_an_unknown_identifier_makes_somebody_new(track: Described) -> None:
    put(track, "42", {"email": "Ann@example.com", "plan": "pro", "seats": 5, "beta": True, "tags": ["a", {"b": None}]})
    assert track.get("/v1/customers/42/attributes").json == {
        "customer": {
            "id": "42",
            "identifiers": {"email": "Ann@example.com", "id": "42", "cio_id": CIO_ID},
            "attributes": {
                "cio_id": CIO_ID,
                "id": "42",
                "email": "Ann@example.com",
                "plan": "pro",
                "seats": "5",
                "beta": "true",
                "tags": '["a",{"b":null}]',
            },
            "timestamps": dict.fromkeys(("cio_id", "id", "email", "plan", "seats", "beta", "tags"), NOW),
            "unsubscribed": False,
            "devices": [],
        }
    }
    changes = {"from": "", "to": "42"}, {"from": "", "to": "Ann@example.com"}
    assert activities(track) == [
        ("profile_create", {}),
        (
            "attribute_change",
            {
                "id": changes[0],
                "email": changes[1],
                "plan": {"from": "", "to": "pro"},
                "seats": {"from": "", "to": "5"},
                "beta": {"from": "", "to": "true"},
                "tags": {"from": "", "to": '["a",{"b":null}]'},
            },
        ),
    ]


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("42", {"email": None, "id": "42", "cio_id": CIO_ID}),
        ("Ann%40example.com", {"email": "Ann@example.com", "id": None, "cio_id": CIO_ID}),
        ("a%2Fb", {"email": None, "id": "a/b", "cio_id": CIO_ID}),
        ("+15551234567", {"email": None, "id": "+15551234567", "cio_id": CIO_ID}),
        ("a%20@", {"email": None, "id": "a @", "cio_id": CIO_ID}),
    ],
)
def test_the_shape_of_the_identifier_says_what_it_is(track: Described, identifier: str, expected: Any) -> None:
    put(track, identifier, {})
    found = track.post("/v1/customers", {"filter": {"attribute": {"field": "cio_id", "operator": "exists"}}})
    assert found.json["identifiers"] == [expected]


def test_ids_differ_by_case_and_addresses_do_not(track: Described) -> None:
    for identifier in ("a1", "A1", "x@example.com", "X@Example.com"):
        put(track, identifier, {"seen": identifier})
    assert count(track) == 3
    assert attributes(track, "x@EXAMPLE.com", "email") == {"seen": "X@Example.com"}
    assert identifiers(track, "x@example.com", "email")["email"] == "x@example.com"


def test_a_known_identifier_in_the_body_is_updated_and_given_the_one_in_the_path(track: Described) -> None:
    put(track, "ann@example.com", {"plan": "pro"})
    before = identifiers(track, "ann@example.com", "email")
    put(track, "42", {"email": "ANN@example.com", "seats": 1})
    assert identifiers(track, "42") == {**before, "id": "42", "email": "ANN@example.com"}
    assert attributes(track, "42") == {"plan": "pro", "seats": "1"}
    assert count(track) == 1


def test_an_address_in_the_path_is_given_to_the_id_in_the_body(track: Described) -> None:
    put(track, "42", {"plan": "pro"})
    put(track, "ann@example.com", {"id": "42"})
    assert identifiers(track, "42")["email"] == "ann@example.com"
    assert count(track) == 1


def test_an_address_of_somebody_with_another_id_is_left_out(track: Described) -> None:
    put(track, "1", {"email": "ann@example.com"})
    put(track, "2", {"email": "ann@example.com", "plan": "pro"})
    assert identifiers(track, "2") == {"email": None, "id": "2", "cio_id": CIO_ID}
    assert attributes(track, "2") == {"plan": "pro"}
    assert identifiers(track, "1")["email"] == "ann@example.com"
    assert activities(track, "failed_attribute_change") == [
        ("failed_attribute_change", {"email": {"from": "", "to": "ann@example.com"}})
    ]


def test_path_and_body_of_different_people_leave_the_identifier_where_it_is(track: Described) -> None:
    put(track, "1", {"email": "one@example.com"})
    put(track, "2", {"email": "two@example.com"})
    put(track, "1", {"email": "two@example.com", "plan": "pro"})
    assert identifiers(track, "1")["email"] == "one@example.com"
    assert attributes(track, "1") == {"plan": "pro"}
    assert activities(track, "failed_attribute_change") == [
        ("failed_attribute_change", {"email": {"from": "one@example.com", "to": "two@example.com"}})
    ]


def test_an_id_moves_an_address_in_place(track: Described) -> None:
    put(track, "42", {"email": "old@example.com"})
    before = identifiers(track, "42")
    put(track, "42", {"email": "new@example.com"})
    assert identifiers(track, "42") == {**before, "email": "new@example.com"}
    assert track.get("/v1/customers", query={"email": "old@example.com"}).json == {"results": []}


@pytest.mark.parametrize(("path", "body"), [("42", {"id": "43"}), ("ann@example.com", {"email": "other@example.com"})])
def test_an_identifier_that_is_set_stays(track: Described, path: str, body: dict[str, str]) -> None:
    put(track, "42", {"email": "ann@example.com"})
    before = identifiers(track, "42")
    put(track, path, body)
    assert identifiers(track, "42") == before
    assert count(track) == 1
    assert [type_ for type_, _ in activities(track, "failed_attribute_change")] == ["failed_attribute_change"]


def test_a_cio_id_changes_identifiers(track: Described) -> None:
    put(track, "42", {"email": "ann@example.com"})
    cio_id = identifiers(track, "42")["cio_id"]
    put(track, f"cio_{cio_id}", {"id": "43", "email": "new@example.com"})
    assert identifiers(track, "42") is None
    assert identifiers(track, "43") == {"email": "new@example.com", "id": "43", "cio_id": cio_id}


@pytest.mark.parametrize("identifier", ["cio_03000001", "cio_doesNotExist"])
def test_an_unknown_cio_id_is_dropped(track: Described, identifier: str) -> None:
    put(track, identifier, {"email": "ann@example.com", "_update": True})
    assert activities(track) == []
    assert count(track) == 0


def test_what_cannot_be_a_cio_id_is_refused(track: Described) -> None:
    reply = track.put("/api/v1/customers/cio_a-b", {"plan": "pro"})
    assert (reply.status, reply.json) == (400, {"meta": {"errors": ["invalid identifier"]}})


def test_update_only_makes_nobody(track: Described) -> None:
    put(track, "42", {"_update": True, "plan": "pro"})
    assert count(track) == 0
    (failed,) = track.get("/v1/activities").json["activities"]
    assert failed == {
        "id": ULID,
        "type": "failed_attribute_change",
        "timestamp": NOW,
        "customer_id": None,
        "customer_identifiers": None,
        "data": {"id": {"from": "", "to": "42"}, "plan": {"from": "", "to": "pro"}},
    }
    put(track, "42", {})
    put(track, "42", {"_update": True, "plan": "pro"})
    assert attributes(track, "42") == {"plan": "pro"}


def test_update_only_says_nothing_of_somebody_suppressed(track: Described) -> None:
    track.post("/api/v1/customers/42/suppress")
    put(track, "42", {"_update": True, "plan": "pro"})
    assert activities(track) == []


def test_numbers_as_identifiers_are_texts(track: Described) -> None:
    put(track, "ann@example.com", {"id": 42})
    assert identifiers(track, "42")["id"] == "42"


def test_null_and_nothing_remove_an_attribute(track: Described) -> None:
    put(track, "42", {"a": 1, "b": "x", "c": False})
    put(track, "42", {"a": None, "b": "", "c": None, "email": None, "id": ""})
    assert attributes(track, "42") == {}
    assert identifiers(track, "42")["id"] == "42"


def test_what_was_shown_may_be_sent_back(track: Described) -> None:
    add_topic(part_of(track), "News", "", True)
    put(track, "42", {"email": "ann@example.com", "plan": "pro"})
    before = track.get("/v1/customers/42/attributes").json
    put(track, "42", before["customer"]["attributes"])
    assert track.get("/v1/customers/42/attributes").json == before


def test_older_updates_change_nothing(track: Described) -> None:
    put(track, "42", {"plan": "pro", "_timestamp": NOW - 10})
    put(track, "42", {"plan": "old", "seats": 3, "_timestamp": NOW - 20})
    assert attributes(track, "42") == {"plan": "pro", "seats": "3"}
    put(track, "42", {"plan": "new", "_timestamp": NOW - 5})
    found = track.get("/v1/customers/42/attributes").json["customer"]
    assert (found["attributes"]["plan"], found["timestamps"]["plan"]) == ("new", NOW - 5)


@pytest.mark.parametrize(
    ("value", "unsubscribed"),
    [(True, True), ("TRUE", True), ("1", True), (1, True), (False, False), (0, False), ("yes", False), (1.0, False)],
)
def test_how_unsubscribed_is_read(track: Described, value: Any, unsubscribed: bool) -> None:
    put(track, "42", {"unsubscribed": value})
    assert track.get("/v1/customers/42/attributes").json["customer"]["unsubscribed"] is unsubscribed


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"cio_subscription_preferences.topics.topic_1": False}, {"topics": {"topic_1": False, "topic_2": False}}),
        ({"cio_subscription_preferences.topics.topic_2": ""}, {"topics": {"topic_1": True}}),
        (
            {"cio_subscription_preferences.channels.email": True},
            {"topics": {"topic_1": True, "topic_2": False}, "channels": {"email": True}},
        ),
        ({"cio_subscription_preferences": {"topics": {"topic_3": True}}}, {"topics": {"topic_3": True}}),
        ({"cio_subscription_preferences": '{"topics":{"topic_3":true}}'}, {"topics": {"topic_3": True}}),
    ],
)
def test_subscription_preferences_change_as_a_whole_or_one_by_one(
    track: Described, change: dict[str, Any], expected: dict[str, Any]
) -> None:
    put(track, "42", {"cio_subscription_preferences": {"topics": {"topic_1": True, "topic_2": False}}})
    put(track, "42", change)
    assert json.loads(attributes(track, "42")["cio_subscription_preferences"]) == expected


@pytest.mark.parametrize(
    ("body", "sentences"),
    [
        ({"a": "x" * 1001}, ["value for attribute 'a' cannot be longer than 1000 bytes"]),
        (
            {"a": "x" * 1001, "b": "ü" * 501},
            [
                "value for attribute 'a' cannot be longer than 1000 bytes",
                "value for attribute 'b' cannot be longer than 1000 bytes",
            ],
        ),
        ({"n" * 151: 1}, [f"attribute name '{'n' * 151}' cannot be longer than 150 bytes"]),
        ({f"a{number}": 1 for number in range(301)}, ["cannot have more than 300 attributes"]),
        ({"email": ["x"]}, ["value for attribute 'email' must be a string"]),
        ({"id": True}, ["value for attribute 'id' must be a string"]),
        ({"_timestamp": "now"}, ["_timestamp must be a unix timestamp"]),
        ([], ["request body must be a JSON object"]),
        ("x", ["request body must be a JSON object"]),
        ({"cio_relationships": []}, ["cio_relationships must be an object"]),
        (
            {"cio_relationships": {"action": "add"}},
            ["cio_relationships.action must be one of add_relationships, delete_relationships"],
        ),
        (
            {"cio_relationships": {"action": ["add_relationships"]}},
            ["cio_relationships.action must be one of add_relationships, delete_relationships"],
        ),
        (
            {"cio_relationships": {"action": "add_relationships"}},
            ["cio_relationships.relationships must be an array"],
        ),
        (
            {"cio_relationships": {"action": "add_relationships", "relationships": [{"identifiers": {}}]}},
            [
                "cio_relationships.relationships.0.identifiers.object_type_id is required",
                "cio_relationships.relationships.0.identifiers.object_id is required",
            ],
        ),
    ],
)
def test_what_is_refused_changes_nothing(track: Described, body: Any, sentences: list[str]) -> None:
    reply = track.put("/api/v1/customers/42", body)
    assert (reply.status, reply.json) == (400, {"meta": {"errors": sentences}})
    assert count(track) == 0


def test_three_hundred_attributes_are_taken(track: Described) -> None:
    put(track, "42", {f"a{number}": 1 for number in range(300)})
    assert len(attributes(track, "42")) == 300


def test_an_id_of_more_than_150_bytes_is_refused(track: Described) -> None:
    reply = track.put(f"/api/v1/customers/{'7' * 151}", {})
    assert reply.json == {"meta": {"errors": ["value for attribute 'id' cannot be longer than 150 bytes"]}}


def test_errors_are_written_as_recorded(track: Described) -> None:
    reply = track.put("/api/v1/customers/42", {"myAttribute": "x" * 1001})
    assert reply.raw == (
        b'{\n  "meta": {\n    "errors": [\n'
        b"      \"value for attribute 'myAttribute' cannot be longer than 1000 bytes\"\n"
        b"    ]\n  }\n}\n"
    )
    assert reply.headers["content-type"] == "application/json; charset=utf-8"


def test_relationships_come_along(track: Described) -> None:
    item = {"identifiers": {"object_type_id": "1", "object_id": "acme"}, "relationship_attributes": {"role": "admin"}}
    put(track, "42", {"cio_relationships": {"action": "add_relationships", "relationships": [item]}})
    related = track.get("/v1/customers/42/relationships").json["cio_relationships"]
    assert [(one["identifiers"]["object_id"], one["attributes"]) for one in related] == [("acme", {"role": "admin"})]
    assert attributes(track, "42") == {}
    put(track, "42", {"cio_relationships": {"action": "delete_relationships", "relationships": [item]}})
    assert track.get("/v1/customers/42/relationships").json["cio_relationships"] == []
    assert [type_ for type_, _ in activities(track, "add_relationship", "delete_relationship")] == [
        "add_relationship",
        "delete_relationship",
    ]


def test_saying_the_same_again_is_no_change(track: Described) -> None:
    put(track, "42", {"plan": "pro"})
    told = activities(track)
    track.clock(advance="1h")
    put(track, "42", {"plan": "pro"})
    assert activities(track) == told
