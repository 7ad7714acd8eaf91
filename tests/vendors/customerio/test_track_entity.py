"""Track v2: one operation, or many."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import Like
from tests.vendors.customerio.bodies import CIO_ID, NOW
from tests.vendors.customerio.contract import Described
from tests.vendors.customerio.test_track_deliveries import metrics, send
from tests.vendors.customerio.test_track_events import happened
from tests.vendors.customerio.test_track_identify import activities, attributes, count, identifiers, put
from tests.vendors.customerio.test_track_people import DONE, answer, devices

ENTITY, BATCH = "/api/v2/entity", "/api/v2/batch"
ACME = {"object_type_id": "1", "object_id": "acme"}
OBJECT = Like("ob[0-9a-f]{12}")


def person(action: str, **more: Any) -> dict[str, Any]:
    return {"type": "person", "action": action, "identifiers": {"id": "42"}, **more}


def thing(action: str, **more: Any) -> dict[str, Any]:
    return {"type": "object", "action": action, "identifiers": ACME, **more}


def do(track: Described, operation: dict[str, Any]) -> None:
    assert answer(track.post(ENTITY, operation)) == DONE


def related(track: Described, identifier: str = "42") -> list[tuple[str, dict[str, Any]]]:
    rows = track.get(f"/v1/customers/{identifier}/relationships").json["cio_relationships"]
    return [(row["identifiers"]["object_id"], row["attributes"]) for row in rows]


def members(track: Described, id: str = "acme") -> list[Any]:
    rows = track.get(f"/v1/objects/1/{id}/relationships").json["cio_relationships"]
    return [row["identifiers"]["id"] for row in rows]


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ({"id": "42"}, {"email": None, "id": "42", "cio_id": CIO_ID}),
        ({"id": 42}, {"email": None, "id": "42", "cio_id": CIO_ID}),
        ({"email": "Ann@example.com"}, {"email": "Ann@example.com", "id": None, "cio_id": CIO_ID}),
        ({"phone": "+15551234567"}, {"email": None, "id": None, "cio_id": CIO_ID}),
        ({"id": "42", "email": None}, {"email": None, "id": "42", "cio_id": CIO_ID}),
    ],
)
def test_every_identifier_makes_somebody(track: Described, named: dict[str, Any], expected: Any) -> None:
    for plan in ("free", "pro"):
        do(track, person("identify", identifiers=named, attributes={"plan": plan}))
    everybody = {"filter": {"attribute": {"field": "plan", "operator": "eq", "value": "pro"}}}
    assert track.post("/v1/customers", everybody).json["identifiers"] == [expected]
    assert count(track) == 1


def test_a_phone_finds_its_person(track: Described) -> None:
    put(track, "42", {"phone": "+15551234567"})
    do(track, person("identify", identifiers={"phone": "+15551234567"}, attributes={"plan": "pro"}))
    assert attributes(track, "42") == {"phone": "+15551234567", "plan": "pro"}


def test_an_unknown_cio_id_is_dropped(track: Described) -> None:
    do(track, person("identify", identifiers={"cio_id": "03000001"}, attributes={"plan": "pro"}))
    do(track, person("event", identifiers={"cio_id": "03000001"}, name="x"))
    assert count(track) == 0


@pytest.mark.parametrize("prefix", ["", "cio_"])
def test_a_cio_id_comes_with_its_prefix_or_without(track: Described, prefix: str) -> None:
    put(track, "42", {})
    cio_id = identifiers(track, "42")["cio_id"]
    do(track, person("identify", identifiers={"cio_id": prefix + cio_id}, attributes={"id": "43"}))
    assert identifiers(track, "43")["cio_id"] == cio_id


def test_identify_with_everything(track: Described) -> None:
    relationships = [{"identifiers": ACME, "relationship_attributes": {"role": "admin"}}]
    do(track, person("identify", attributes={"plan": "pro"}, timestamp=NOW - 5, cio_relationships=relationships))
    do(track, person("identify", attributes={"plan": "old"}, timestamp=NOW - 9))
    do(track, person("identify", identifiers={"id": "43"}, attributes={"_update": True}))
    assert attributes(track, "42") == {"plan": "pro"}
    assert related(track) == [("acme", {"role": "admin"})]
    assert count(track) == 1


def test_delete_suppress_and_unsuppress(track: Described) -> None:
    put(track, "42", {"email": "ann@example.com"})
    do(track, person("delete"))
    assert count(track) == 0
    put(track, "42", {"email": "ann@example.com"})
    do(track, person("suppress", identifiers={"email": "ANN@example.com"}))
    do(track, person("identify"))
    assert count(track) == 0
    do(track, person("unsuppress"))
    do(track, person("identify", identifiers={"email": "ann@example.com"}))
    assert count(track) == 1
    for action in ("delete", "delete_device", "delete_relationships"):
        extra = {"delete_device": {"device": {"token": "t"}}, "delete_relationships": {"cio_relationships": []}}
        do(track, person(action, identifiers={"id": "nobody"}, **extra.get(action, {})))


def test_a_phone_is_suppressed_with_the_rest(track: Described) -> None:
    put(track, "42", {"phone": "+15551234567"})
    do(track, person("suppress", identifiers={"phone": "+15551234567"}))
    for named in ({"phone": "+15551234567"}, {"id": "42"}):
        do(track, person("identify", identifiers=named))
    assert count(track) == 0
    do(track, person("unsuppress"))
    do(track, person("identify", identifiers={"phone": "+15551234567"}))
    assert count(track) == 1


@pytest.mark.parametrize("action", ["event", "screen", "page"])
def test_what_a_person_does(track: Described, action: str) -> None:
    id = "01BX5ZZKBKACTAV9WEVGEMMVRZ"
    for _ in range(2):
        do(track, person(action, name=" home ", id=id, timestamp=NOW - 60, attributes={"a": 1}))
    assert [(row["id"], row["type"], row["timestamp"], row["data"]) for row in happened(track)] == [
        (id, action, NOW - 60, {"a": 1})
    ]
    assert happened(track)[0].get("url" if action == "page" else "name") == "home"


@pytest.mark.parametrize("last_used", [5, "5"])
def test_devices(track: Described, last_used: Any) -> None:
    device = {"token": "t", "platform": "android", "last_used": last_used, "attributes": {"device_model": "x", "n": 1}}
    do(track, person("add_device", device=device))
    assert devices(track) == [
        {"id": "t", "platform": "android", "last_used": 5, "attributes": {"device_model": "x", "n": "1"}}
    ]
    do(track, person("delete_device", device={"token": "other"}))
    assert len(devices(track)) == 1
    do(track, person("delete_device", device={"token": "t"}))
    assert devices(track) == []


def test_merge(track: Described) -> None:
    put(track, "1", {})
    put(track, "2", {"plan": "pro"})
    do(track, {"type": "person", "action": "merge", "primary": {"id": "1"}, "secondary": {"id": "2"}})
    assert attributes(track, "1") == {"plan": "pro"}
    assert count(track) == 1


def test_objects_and_who_is_related_to_them(track: Described) -> None:
    items = [{"identifiers": {"id": "42"}, "relationship_attributes": {"role": "admin", "since": 5}}]
    do(track, thing("identify", attributes={"name": "Acme", "seats": 5}, cio_relationships=items))
    do(track, thing("identify", attributes={"seats": "", "plan": "pro"}))
    found = track.get("/v1/objects/1/acme/attributes").json["object"]
    assert found["identifiers"] == {"object_id": "acme", "cio_object_id": OBJECT}
    assert found["attributes"]["name"] == "Acme"
    assert found["attributes"]["plan"] == "pro"
    assert "seats" not in found["attributes"]
    assert [name for name, _ in related(track)] == ["acme"]
    do(track, thing("add_relationships", cio_relationships=[{"identifiers": {"email": "b@example.com"}}]))
    assert members(track) == ["42", None]
    do(track, thing("delete_relationships", cio_relationships=[{"identifiers": {"id": "42"}}]))
    assert (related(track), members(track)) == ([], [None])
    changes = [type_ for type_, _ in activities(track, "add_relationship", "delete_relationship")]
    assert changes == ["add_relationship", "add_relationship", "delete_relationship"]
    do(track, thing("delete"))
    do(track, thing("delete"))
    assert track.get("/v1/objects/1/acme/attributes").status == 404


def test_a_cio_object_id_only_updates(track: Described) -> None:
    do(track, thing("identify", attributes={"name": "Acme"}))
    known = track.get("/v1/objects/1/acme/attributes").json["object"]["identifiers"]["cio_object_id"]
    for id in (known, "obb7fd050101"):
        do(track, thing("identify", identifiers={"cio_object_id": id}, attributes={"plan": "pro"}))
    assert track.get("/v1/objects/1/acme/attributes").json["object"]["attributes"]["plan"] == "pro"
    do(track, thing("delete", identifiers={"cio_object_id": known}))
    assert track.get("/v1/objects/1/acme/attributes").status == 404


def test_a_person_is_related_to_objects(track: Described) -> None:
    do(track, person("add_relationships", cio_relationships=[{"identifiers": ACME}]))
    again = [{"identifiers": ACME, "relationship_attributes": {"role": "admin", "gone": None}}]
    do(track, person("add_relationships", cio_relationships=again))
    assert related(track) == [("acme", {"role": "admin"})]
    do(track, person("delete_relationships", cio_relationships=[{"identifiers": ACME}]))
    do(track, person("delete_relationships", cio_relationships=[{"identifiers": ACME}]))
    do(track, person("delete_relationships", cio_relationships=[{"identifiers": {**ACME, "object_id": "none"}}]))
    assert len(activities(track, "add_relationship", "delete_relationship")) == 2
    assert related(track) == []


def test_anonymous_relationships_find_their_person(track: Described) -> None:
    items = [{"identifiers": {"anonymous_id": "cookie"}, "relationship_attributes": {"role": "guest"}}]
    do(track, thing("identify_anonymous", cio_relationships=items))
    do(track, thing("identify_anonymous", identifiers={**ACME, "object_id": "b"}, anonymous_id="cookie"))
    put(track, "42", {"anonymous_id": "cookie"})
    assert sorted(related(track)) == [("acme", {"role": "guest"}), ("b", {})]
    do(track, thing("identify_anonymous", identifiers={**ACME, "object_id": "c"}, anonymous_id="cookie"))
    assert [name for name, _ in sorted(related(track))] == ["acme", "b", "c"]


def test_what_became_of_a_delivery(track: Described) -> None:
    put(track, "42", {})
    delivery = send(track)
    operation = {
        "type": "delivery",
        "action": "event",
        "identifiers": {"id": delivery},
        "name": "converted",
        "attributes": {"device_token": "t"},
        "timestamp": NOW + 5,
    }
    do(track, operation)
    do(track, {**operation, "identifiers": {"id": "unknown"}})
    assert metrics(track, delivery)["converted"] == NOW + 5


def test_attributes_may_be_null(track: Described) -> None:
    do(track, person("identify", attributes=None))
    do(track, person("event", name="bought", attributes=None))
    do(track, person("page", name="https://example.com/" + "x" * 100))
    do(track, person("add_device", device={"token": "t", "platform": "ios", "attributes": None}))
    do(track, thing("identify", attributes=None))
    assert [(row["type"], row["data"]) for row in happened(track)] == [("event", {}), ("page", {})]
    assert [device["attributes"] for device in devices(track)] == [{}]


def fault(reason: str, field: str, message: str) -> dict[str, str]:
    return {"reason": reason, "field": field, "message": message}


def required(field: str) -> dict[str, str]:
    return fault("required", field, f"{field} is required")


ONE_OF = fault("invalid", "identifiers", "identifiers must have exactly one of id, email, phone or cio_id")
WRONG: list[tuple[Any, list[dict[str, str]]]] = [
    ({}, [required("type")]),
    ({"type": "person"}, [required("action")]),
    ({"type": "group"}, [fault("invalid", "type", "type must be one of person, object, delivery")]),
    ({"type": ["person"]}, [fault("invalid", "type", "type must be one of person, object, delivery")]),
    ({"type": "delivery", "action": "x"}, [fault("invalid", "action", "action must be one of event")]),
    ({"type": "person", "action": "identify"}, [required("identifiers")]),
    (person("identify", identifiers=None), [required("identifiers")]),
    (person("identify", identifiers={}), [required("identifiers")]),
    (person("identify", identifiers={"id": None, "email": ""}), [required("identifiers")]),
    (person("identify", identifiers={"id": "1", "email": "a@example.com"}), [ONE_OF]),
    (person("identify", identifiers={"id": ["1"]}), [ONE_OF]),
    (person("identify", identifiers={"userId": "1"}), [ONE_OF]),
    (
        person("identify", attributes={"a": "x" * 1001}),
        [fault("invalid", "attributes.a", "value for attribute 'a' cannot be longer than 1000 bytes")],
    ),
    (
        person("identify", attributes=[]),
        [fault("invalid", "attributes", "attributes is invalid: input should be a valid dictionary")],
    ),
    (
        person("identify", timestamp="now"),
        [fault("invalid", "timestamp", "timestamp is invalid: input should be a valid integer")],
    ),
    (
        person("identify", cio_relationships=[{"identifiers": {"object_id": "x"}}]),
        [required("cio_relationships.0.identifiers.object_type_id")],
    ),
    (person("event"), [required("name")]),
    (person("event", name=" "), [required("name")]),
    (person("event", name="é" * 51), [fault("invalid", "name", "name cannot be longer than 100 bytes")]),
    (person("add_device"), [required("device")]),
    (person("add_device", device={}), [required("device.token"), required("device.platform")]),
    (
        person("add_device", device={"token": "t", "platform": "nokia"}),
        [fault("invalid", "device.platform", "device.platform is invalid: input should be 'ios' or 'android'")],
    ),
    (person("delete_device", device={"token": ""}), [required("device.token")]),
    (person("add_relationships"), [required("cio_relationships")]),
    ({"type": "person", "action": "merge"}, [required("primary"), required("secondary")]),
    (
        {"type": "person", "action": "merge", "primary": {"phone": "+1"}, "secondary": {"id": "2"}},
        [fault("invalid", "primary", "primary must have exactly one of id, email or cio_id")],
    ),
    (thing("identify", identifiers={"object_id": "x"}), [required("identifiers.object_type_id")]),
    (
        thing("identify", identifiers={**ACME, "object_type_id": "companies"}),
        [fault("invalid", "identifiers.object_type_id", "identifiers.object_type_id is invalid")],
    ),
    (
        thing("add_relationships", cio_relationships=[{"identifiers": {}}]),
        [
            fault(
                "invalid",
                "cio_relationships.0.identifiers",
                "cio_relationships.0.identifiers must have exactly one identifier",
            )
        ],
    ),
    (
        {
            "type": "delivery",
            "action": "event",
            "identifiers": {},
            "name": "opened",
            "attributes": {"device_token": "t"},
        },
        [required("identifiers.id")],
    ),
    (
        {"type": "delivery", "action": "event", "identifiers": {"id": "x"}},
        [required("name"), required("attributes")],
    ),
]


@pytest.mark.parametrize(("operation", "errors"), WRONG)
def test_an_operation_that_makes_no_sense(track: Described, operation: Any, errors: list[dict[str, str]]) -> None:
    reply = track.post(ENTITY, operation)
    assert (reply.status, reply.json) == (400, {"errors": errors})
    reply = track.post(BATCH, {"batch": [person("identify", attributes={"plan": "pro"}), operation]})
    assert (reply.status, reply.json) == (207, {"errors": [{"batch_index": 1, **error} for error in errors]})
    assert attributes(track, "42") == {"plan": "pro"}
    assert count(track) == 1


@pytest.mark.parametrize("body", [[], "x", 7, None])
def test_an_operation_that_is_no_object(track: Described, body: Any) -> None:
    error = fault("invalid", "", "operation must be an object")
    assert track.post(ENTITY, body).json == {"errors": [error]}
    assert track.post(BATCH, {"batch": [body]}).json == {"errors": [{"batch_index": 0, **error}]}


@pytest.mark.parametrize("path", [ENTITY, BATCH])
def test_a_body_that_is_no_json(track: Described, path: str) -> None:
    reply = track.post(path, body=b"{")
    assert (reply.status, reply.json) == (400, {"errors": [fault("parse_error", "", "bad request")]})


def test_a_batch_is_carried_out_in_its_order(track: Described) -> None:
    operations = [
        person("identify", attributes={"plan": "pro"}),
        thing("identify", cio_relationships=[{"identifiers": {"id": "42"}}]),
        person("event", name="purchase"),
        person("identify", attributes={"plan": "team"}),
    ]
    assert answer(track.post(BATCH, {"batch": operations})) == DONE
    assert attributes(track, "42") == {"plan": "team"}
    assert related(track) == [("acme", {})]
    assert [row["name"] for row in happened(track)] == ["purchase"]


@pytest.mark.parametrize("body", [{}, [], {"batch": None}, {"batch": []}, {"batch": {}}, "x"])
def test_a_batch_that_is_none(track: Described, body: Any) -> None:
    reply = track.post(BATCH, body)
    assert (reply.status, reply.json) == (400, {"errors": [required("batch")]})


def test_how_large_things_may_be(track: Described) -> None:
    def event(size: int) -> dict[str, Any]:
        return person("event", name="x", attributes={"text": "y" * size})

    assert answer(track.post(ENTITY, event(32_000))) == DONE
    too_large = track.post(ENTITY, event(33_000))
    assert (too_large.status, too_large.json) == (
        400,
        {"errors": [fault("too_large", "", "request cannot be larger than 32768 bytes")]},
    )
    assert answer(track.post(BATCH, {"batch": [event(32_000)] * 15})) == DONE
    mixed = track.post(BATCH, {"batch": [event(33_000), event(10)]})
    error = fault("too_large", "", "operation cannot be larger than 32768 bytes")
    assert (mixed.status, mixed.json) == (207, {"errors": [{"batch_index": 0, **error}]})
    batch = track.post(BATCH, {"batch": [event(32_000)] * 17})
    error = fault("too_large", "", "request cannot be larger than 512000 bytes")
    assert (batch.status, batch.json) == (400, {"errors": [error]})
    assert len(happened(track)) == 17


def test_a_body_past_every_limit(track: Described) -> None:
    reply = track.post(BATCH, body=b'{"batch": "' + b"x" * 6_000_000 + b'"}')
    assert (reply.status, reply.json["errors"][0]["reason"]) == (400, "too_large")


def test_claims_through_a_batch_as_measured(track: Described) -> None:
    """Three findings about a workspace in production, by way of `identifiers.id` and `attributes.email`."""
    put(track, "ann@example.com", {})
    cio_id = identifiers(track, "ann@example.com", "email")["cio_id"]

    def identify(id: str, email: str) -> None:
        operation = {"type": "person", "action": "identify", "identifiers": {"id": id}}
        more = {"attributes": {"email": email, "seen": id}}
        assert answer(track.post(BATCH, {"batch": [operation | more]})) == DONE

    identify("1", "ann@example.com")
    assert identifiers(track, "1") == {"email": "ann@example.com", "id": "1", "cio_id": cio_id}
    identify("2", "ann@example.com")
    assert identifiers(track, "2")["email"] is None
    assert attributes(track, "2") == {"seen": "2"}
    identify("1", "new@example.com")
    assert identifiers(track, "1") == {"email": "new@example.com", "id": "1", "cio_id": cio_id}
    assert track.get("/v1/customers", query={"email": "ann@example.com"}).json == {"results": []}
    assert answer(track.delete(f"/api/v1/customers/cio_{cio_id}")) == DONE
    assert identifiers(track, "1") is None
