"""Pipelines: what every call does, and what strict mode says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import Client, Like
from tests.vendors.customerio.bodies import NOW, meta_error
from tests.vendors.customerio.contract import Described
from tests.vendors.customerio.test_track_deliveries import metrics, send
from tests.vendors.customerio.test_track_entity import members, related
from tests.vendors.customerio.test_track_events import happened
from tests.vendors.customerio.test_track_identify import activities, attributes, count, identifiers, put
from tests.vendors.customerio.test_track_people import DONE, answer, devices

STRICT = {"X-Strict-Mode": "1"}
AT = "2026-01-05T08:59:00.000Z"


def call(track: Described, kind: str, **message: Any) -> None:
    """A call that makes sense, in strict mode so that it would say if it did not."""
    reply = track.post(f"/v1/{kind}", message, headers=STRICT)
    assert answer(reply) == DONE, reply.text


def test_identify_turns_traits_into_attributes(track: Described) -> None:
    traits = {"email": "ann@example.com", "createdAt": "2026-01-01T00:00:00Z", "plan": "pro", "deep": {"a": [1]}}
    call(
        track, "identify", userId="42", traits=traits, messageId="m", context={"ip": "::1"}, integrations={"All": True}
    )
    assert identifiers(track, "42")["email"] == "ann@example.com"
    assert attributes(track, "42") == {"plan": "pro", "deep": '{"a":[1]}', "created_at": "1767225600"}
    call(track, "identify", userId="42", traits={"plan": "old"}, timestamp="2026-01-01T00:00:00Z")
    assert attributes(track, "42")["plan"] == "pro"


@pytest.mark.parametrize("user", [{}, {"userId": ""}, {"userId": None}])
def test_an_address_identifies_where_there_is_no_id(track: Described, user: dict[str, Any]) -> None:
    call(track, "identify", traits={"email": "ann@example.com", "plan": "pro"}, **user)
    assert identifiers(track, "ann@example.com", "email")["id"] is None


@pytest.mark.parametrize(("user_id", "named"), [("ann@example.com", ("email", "ann@example.com")), (7, ("id", "7"))])
def test_the_shape_of_a_user_id(track: Described, user_id: Any, named: tuple[str, str]) -> None:
    call(track, "identify", userId=user_id)
    assert identifiers(track, named[1], named[0])[named[0]] == named[1]


def test_who_is_only_anonymous_has_no_profile(track: Described) -> None:
    call(track, "identify", anonymousId="cookie", traits={"plan": "pro"})
    assert count(track) == 0


def test_an_anonymous_id_brings_its_history(track: Described) -> None:
    call(track, "track", anonymousId="cookie", event="looked", timestamp=AT)
    call(track, "group", anonymousId="cookie", groupId="acme")
    call(track, "identify", userId="42", anonymousId="cookie")
    assert [(row["name"], row["timestamp"]) for row in happened(track, customer_id="42")] == [("looked", NOW - 60)]
    assert related(track) == [("acme", {})]


def test_track_page_and_screen(track: Described) -> None:
    call(track, "track", userId="42", event=" bought ", properties={"price": 5})
    call(track, "page", userId="42", name="Home", category="docs", properties={"url": "https://example.com/"})
    call(track, "page", userId="42", properties={"url": "https://example.com/x"})
    call(track, "screen", userId="42", name="Start")
    shown = [(row["type"], row.get("name") or row.get("url"), row["data"]) for row in happened(track)]
    assert shown == [
        ("event", "bought", {"price": 5}),
        ("page", "Home", {"url": "https://example.com/", "category": "docs"}),
        ("page", "https://example.com/x", {"url": "https://example.com/x"}),
        ("screen", "Start", {}),
    ]


@pytest.mark.parametrize(
    ("said", "type_"),
    [
        ({}, "1"),
        ({"objectTypeId": "2"}, "2"),
        ({"traits": {"object_type_id": 3}}, "3"),
        ({"traits": {"objectTypeId": "4"}}, "4"),
    ],
)
def test_a_group_is_an_object(track: Described, said: dict[str, Any], type_: str) -> None:
    traits = {"name": "Acme", "relationshipAttributes": {"role": "admin"}, **said.get("traits", {})}
    call(track, "group", userId="42", groupId="acme", **{**said, "traits": traits})
    found = track.get(f"/v1/objects/{type_}/acme/attributes").json["object"]["attributes"]
    assert found["name"] == "Acme"
    assert not {"relationshipAttributes", "objectTypeId"} & found.keys()
    assert related(track) == [("acme", {"role": "admin"})]


def test_alias(track: Described) -> None:
    put(track, "old", {"plan": "pro"})
    call(track, "alias", previousId="old", userId="new")
    assert (identifiers(track, "old"), attributes(track, "new")) == (None, {"plan": "pro"})
    put(track, "third", {"city": "Oslo"})
    call(track, "alias", previousId="third", userId="new")
    assert attributes(track, "new") == {"plan": "pro", "city": "Oslo"}
    call(track, "track", anonymousId="cookie", event="looked")
    call(track, "alias", previousId="cookie", userId="new")
    call(track, "alias", previousId="new", userId="new")
    assert [row["name"] for row in happened(track, customer_id="new")] == ["looked"]
    assert count(track) == 1


def test_alias_of_numbers(track: Described) -> None:
    put(track, "41", {"plan": "pro"})
    call(track, "alias", previousId=41, userId=42)
    assert (identifiers(track, "41"), attributes(track, "42")) == (None, {"plan": "pro"})


def test_orders_about_people(track: Described) -> None:
    put(track, "42", {"email": "ann@example.com"})
    call(track, "track", userId="42", event="User Deleted")
    call(track, "track", userId="42", event="User Deleted")
    assert count(track) == 0
    put(track, "42", {"email": "ann@example.com"})
    call(track, "track", userId="42", event="User Suppressed")
    call(track, "identify", userId="42")
    assert count(track) == 0
    call(track, "track", userId="42", event="User Unsuppressed")
    call(track, "identify", userId="42")
    assert count(track) == 1
    assert happened(track) == []


def test_orders_about_devices(track: Described) -> None:
    device = {"device": {"token": "t", "type": "android"}}
    call(track, "track", userId="42", event="Device Created or Updated", context=device, properties={"device_os": "14"})
    assert devices(track) == [{"id": "t", "platform": "android", "last_used": NOW, "attributes": {"device_os": "14"}}]
    call(track, "track", userId="42", event="Device Deleted", context=device)
    assert devices(track) == []


def test_orders_about_objects(track: Described) -> None:
    call(track, "group", userId="42", groupId="acme")
    call(track, "group", userId="43", groupId="acme")
    call(track, "track", userId="42", event="Relationship Deleted", properties={"objectId": "acme", "objectTypeId": 1})
    assert members(track) == ["43"]
    call(track, "track", anonymousId="a", event="Object Deleted", properties={"objectId": "acme"})
    call(track, "track", anonymousId="a", event="Object Deleted", properties={"objectId": "acme"})
    assert track.get("/v1/objects/1/acme/attributes").status == 404
    assert happened(track) == []


def test_an_order_about_a_delivery(track: Described) -> None:
    put(track, "42", {})
    delivery = send(track)
    properties = {"deliveryId": delivery, "metric": "clicked", "href": "https://example.com"}
    call(track, "track", event="Report Delivery Event", properties=properties, timestamp=AT)
    assert metrics(track, delivery)["clicked"] == NOW - 60
    assert ("clicked_email", {"href": "https://example.com"}) in activities(track)


def test_what_content_reports_is_no_event(track: Described) -> None:
    call(track, "track", event="Report Content Event", properties={"actionType": "viewed_content", "contentId": 1})
    assert (count(track), happened(track)) == (0, [])


def test_a_batch_is_carried_out_in_its_order(track: Described) -> None:
    messages = [
        {"type": "identify", "userId": "42", "traits": {"plan": "pro"}},
        {"type": "track", "userId": "42", "event": "bought"},
        {"type": "group", "userId": "42", "groupId": "acme"},
        {"type": "page", "userId": "42", "name": "Home"},
        {"type": "screen", "userId": "42", "name": "Start"},
        {"type": "alias", "userId": "new", "previousId": "42"},
        {"type": "track", "userId": "new", "event": "Device Created or Updated"},
    ]
    call(track, "batch", batch=messages, context={"device": {"token": "t"}})
    assert attributes(track, "new") == {"plan": "pro"}
    assert related(track, "new") == [("acme", {})]
    assert [row["type"] for row in happened(track)] == ["event", "page", "screen"]
    assert [device["id"] for device in devices(track, "new")] == ["t"]


WRONG: list[tuple[str, Any, list[str]]] = [
    ("identify", {}, ["userId, anonymousId or traits.email is required"]),
    ("identify", {"userId": ["42"]}, []),
    ("identify", {"userId": "42", "traits": []}, ["traits: input should be a valid dictionary"]),
    (
        "identify",
        {"userId": "42", "traits": {"a": "x" * 1001}},
        ["value for attribute 'a' cannot be longer than 1000 bytes"],
    ),
    ("identify", {"userId": "42", "timestamp": "now"}, ["timestamp must be an ISO 8601 date-time"]),
    ("identify", [], ["request body must be a JSON object"]),
    ("track", {"userId": "42"}, ["event is required"]),
    ("track", {"userId": "42", "event": ""}, ["event: string should have at least 1 character"]),
    ("track", {"event": "x"}, ["userId or anonymousId is required"]),
    ("track", {"event": "User Deleted"}, ["userId is required"]),
    ("track", {"event": "Device Deleted", "userId": "42"}, ["context.device.token is required"]),
    ("track", {"event": "Relationship Deleted", "userId": "42"}, ["identifiers.object_id is required"]),
    ("track", {"event": "Report Delivery Event"}, ["properties.deliveryId and properties.metric are required"]),
    ("page", {}, ["userId or anonymousId is required"]),
    ("screen", {"properties": {}}, ["userId or anonymousId is required"]),
    ("group", {"userId": "42"}, ["groupId is required"]),
    ("group", {"userId": "42", "groupId": ""}, ["identifiers.object_id is required"]),
    ("group", {"userId": "42", "groupId": "a", "objectTypeId": "x"}, ["identifiers.object_type_id is invalid"]),
    (
        "group",
        {"userId": "42", "groupId": "a", "traits": {"relationshipAttributes": 7}},
        ["relationshipAttributes must be an object"],
    ),
    ("alias", {"userId": "42"}, ["previousId is required"]),
    ("alias", {"userId": "42", "previousId": ""}, ["previousId is required"]),
    ("alias", {"previousId": "42"}, ["userId is required"]),
    ("batch", {}, ["batch is required"]),
    ("batch", {"batch": [{}]}, ["batch.0: type is required"]),
    (
        "batch",
        {"batch": [{"type": "track", "userId": "42", "event": "x"}, {"type": "x"}]},
        ["batch.1: type must be one of identify, track, page, screen, group, alias"],
    ),
]


@pytest.mark.parametrize(("kind", "message", "sentences"), WRONG)
def test_strict_mode_says_what_makes_no_sense(track: Described, kind: str, message: Any, sentences: list[str]) -> None:
    reply = track.post(f"/v1/{kind}", message, headers=STRICT)
    assert reply.status == 400
    assert reply.json == meta_error("; ".join(sentences) or Like("userId.*; userId.*"))
    assert (count(track), happened(track)) == (0, [])


@pytest.mark.parametrize(("kind", "message", "sentences"), WRONG)
def test_without_it_nothing_is_wrong(track: Described, kind: str, message: Any, sentences: list[str]) -> None:
    assert sentences is not None
    for headers in ({}, {"X-Strict-Mode": "0"}):
        assert answer(track.post(f"/v1/{kind}", message, headers=headers)) == DONE
    kept = [row["name"] for row in happened(track)]
    assert kept == (["x", "x"] if kind == "batch" and message.get("batch", [{}])[0].get("event") else [])


@pytest.mark.parametrize(("headers", "expected"), [(STRICT, 400), ({}, 200)])
def test_a_body_that_is_no_json(track: Described, headers: dict[str, str], expected: int) -> None:
    assert track.post("/v1/track", body=b"{", headers=headers).status == expected


@pytest.mark.parametrize("headers", [STRICT, {}])
def test_what_is_too_large_is_dropped(track: Described, headers: dict[str, str]) -> None:
    def event(size: int) -> dict[str, Any]:
        return {"type": "track", "userId": "42", "event": "x", "properties": {"text": "y" * size}}

    assert answer(track.post("/v1/track", event(33_000), headers=headers)) == DONE
    assert answer(track.post("/v1/batch", {"batch": [event(32_000)] * 17}, headers=headers)) == DONE
    assert answer(track.post("/v1/batch", body=b'{"batch": "' + b"x" * 6_000_000 + b'"}', headers=headers)) == DONE
    assert count(track) == 0
    assert answer(track.post("/v1/batch", {"batch": [event(33_000), event(9)]}, headers=headers)) == DONE
    assert len(happened(track)) == 1


@pytest.mark.parametrize("key", ["", "a-key-that-is-invalid"])
def test_a_bad_key_is_told_in_strict_mode_alone(track: Described, key: str) -> None:
    stranger = Client("customerio", key, app=track.app).as_key(key or None)
    message = {"userId": "42", "event": "x"}
    assert answer(stranger.post("/v1/track", message)) == DONE
    reply = stranger.post("/v1/track", message, headers=STRICT)
    assert (reply.status, reply.json) == (401, {"meta": {"error": "Unauthorized request"}})
    assert (count(track), happened(track)) == (0, [])
