"""Track: deleting, devices, suppression, merge."""

from __future__ import annotations

from typing import Any

import pytest

from tests.vendors.customerio.bodies import CIO_ID, NOW
from tests.vendors.customerio.contract import Described
from tests.vendors.customerio.test_track_identify import activities, attributes, count, identifiers, put

DONE = (200, b"{}\n")


def answer(reply: Any) -> tuple[int, bytes]:
    return reply.status, reply.raw


def refusal(*sentences: str) -> tuple[int, dict[str, Any]]:
    return 400, {"meta": {"errors": list(sentences)}}


def devices(track: Described, identifier: str = "42") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = track.get(f"/v1/customers/{identifier}/attributes").json["customer"]["devices"]
    return found


@pytest.mark.parametrize("path", ["42", "ANN@example.com", "cio_"])
def test_delete(track: Described, path: str) -> None:
    put(track, "42", {"email": "ann@example.com", "plan": "pro"})
    old = identifiers(track, "42")
    path = f"cio_{old['cio_id']}" if path == "cio_" else path
    assert answer(track.delete(f"/api/v1/customers/{path}", {})) == DONE
    assert count(track) == 0
    assert activities(track, "profile_delete") == []  # of nobody who is there
    put(track, "42", {})
    assert identifiers(track, "42") == {"email": None, "id": "42", "cio_id": CIO_ID}
    assert identifiers(track, "42")["cio_id"] != old["cio_id"]
    assert attributes(track, "42") == {}


def test_only_the_vendor_says_what_became_of_a_push(track: Described) -> None:
    device = {"id": "t", "platform": "ios", "attributes": {"_last_status": "bounced", "device_os": "17"}}
    assert answer(track.put("/api/v1/customers/42/devices", {"device": device})) == DONE
    assert devices(track) == [{"id": "t", "platform": "ios", "last_used": NOW, "attributes": {"device_os": "17"}}]


@pytest.mark.parametrize("path", ["nobody", "nobody@example.com", "cio_03000001", "cio_x"])
def test_deleting_nobody_is_no_trouble(track: Described, path: str) -> None:
    assert answer(track.delete(f"/api/v1/customers/{path}")) == DONE


def test_a_device_is_added_and_updated(track: Described) -> None:
    device = {"id": "token", "platform": "ios", "attributes": {"device_os": "17", "push_enabled": True}}
    assert answer(track.put("/api/v1/customers/42/devices", {"device": device})) == DONE
    shown = {
        "id": "token",
        "platform": "ios",
        "last_used": NOW,
        "attributes": {"device_os": "17", "push_enabled": "true"},
    }
    assert devices(track) == [shown]
    again = {"id": "token", "platform": "android", "last_used": 5, "app_version": "2"}
    assert answer(track.put("/api/v1/customers/42/devices", {"device": again})) == DONE
    assert devices(track) == [
        {**shown, "platform": "android", "last_used": 5, "attributes": {**shown["attributes"], "app_version": "2"}}
    ]
    assert [type_ for type_, _ in activities(track, "device_change")] == ["device_change"] * 2


def test_the_last_use_of_a_device_may_be_written_in_digits(track: Described) -> None:
    device = {"id": "t", "platform": "ios", "last_used": "1606511962"}
    assert answer(track.put("/api/v1/customers/42/devices", {"device": device})) == DONE
    assert devices(track) == [{"id": "t", "platform": "ios", "last_used": 1606511962, "attributes": {}}]


def test_a_device_is_removed(track: Described) -> None:
    for token in ("a/b", "c"):
        track.put("/api/v1/customers/42/devices", {"device": {"id": token, "platform": "ios"}})
    assert answer(track.delete("/api/v1/customers/42/devices/a%2Fb", {})) == DONE
    assert answer(track.delete("/api/v1/customers/42/devices/gone")) == DONE
    assert answer(track.delete("/api/v1/customers/nobody/devices/c")) == DONE
    assert [device["id"] for device in devices(track)] == ["c"]


@pytest.mark.parametrize(
    ("body", "sentences"),
    [
        ({}, ["device id is required", "device platform is required"]),
        ({"device": None}, ["device id is required", "device platform is required"]),
        ({"device": []}, ["device must be an object"]),
        ({"device": {"id": "x"}}, ["device platform is required"]),
        ({"device": {"platform": "ios"}}, ["device id is required"]),
        ({"device": {"id": 7, "platform": "ios"}}, ["device id is required"]),
        ({"device": {"id": "x", "platform": "nokia"}}, ["device platform must be ios or android"]),
        ({"device": {"id": "x", "platform": "ios", "last_used": "now"}}, ["device last_used must be a unix timestamp"]),
        ({"device": {"id": "x", "platform": "ios", "last_used": "-1"}}, ["device last_used must be a unix timestamp"]),
        ({"device": {"id": "x", "platform": "ios", "last_used": "²"}}, ["device last_used must be a unix timestamp"]),
        ({"device": {"id": "x", "platform": "ios", "last_used": ""}}, ["device last_used must be a unix timestamp"]),
        ({"device": {"id": "x", "platform": "ios", "attributes": 1}}, ["device attributes must be an object"]),
    ],
)
def test_a_device_that_makes_no_sense(track: Described, body: Any, sentences: list[str]) -> None:
    reply = track.put("/api/v1/customers/42/devices", body)
    assert (reply.status, reply.json) == refusal(*sentences)
    assert count(track) == 0


def test_suppression_blocks_every_identifier(track: Described) -> None:
    put(track, "42", {"email": "ann@example.com"})
    assert answer(track.post("/api/v1/customers/42/suppress", {})) == DONE
    assert count(track) == 0
    for path in ("42", "ANN@example.com"):
        put(track, path, {"plan": "pro"})
        assert answer(track.post(f"/api/v1/customers/{path}/events", {"name": "x"})) == DONE
        assert (
            answer(track.put(f"/api/v1/customers/{path}/devices", {"device": {"id": "t", "platform": "ios"}})) == DONE
        )
    assert count(track) == 0
    put(track, "7", {"email": "ann@example.com"})
    assert identifiers(track, "7")["email"] is None


def test_unsuppressing_one_identifier_frees_those_blocked_with_it(track: Described) -> None:
    put(track, "42", {"email": "ann@example.com", "plan": "pro"})
    track.post("/api/v1/customers/ann@example.com/suppress")
    assert answer(track.post("/api/v1/customers/42/unsuppress", {})) == DONE
    assert count(track) == 0
    put(track, "ann@example.com", {})
    put(track, "42", {})
    assert count(track) == 2
    assert attributes(track, "42") == {}


def test_nobody_can_be_suppressed_too(track: Described) -> None:
    assert answer(track.post("/api/v1/customers/42/suppress")) == DONE
    assert answer(track.post("/api/v1/customers/42/suppress")) == DONE
    put(track, "42", {})
    assert count(track) == 0
    assert answer(track.post("/api/v1/customers/42/unsuppress")) == DONE
    assert answer(track.post("/api/v1/customers/42/unsuppress")) == DONE
    put(track, "42", {})
    assert count(track) == 1


def test_merge(track: Described) -> None:
    put(track, "1", {"plan": "pro"})
    put(track, "2", {"plan": "free", "city": "Oslo", "email": "two@example.com"})
    track.put("/api/v1/customers/2/devices", {"device": {"id": "token", "platform": "ios"}})
    segment = track.post("/v1/segments", {"segment": {"name": "Readers"}}).json["segment"]["id"]
    track.post(f"/api/v1/segments/{segment}/add_customers", {"ids": ["2"]})
    track.post("/api/v1/customers/2/events", {"name": "old", "timestamp": NOW - 31 * 86400})
    track.post("/api/v1/customers/2/events", {"name": "recent", "timestamp": NOW - 29 * 86400})
    sent = {"identifiers": {"id": "2"}, "to": "two@example.com", "subject": "s", "body": "b", "from": "a@example.com"}
    delivery = track.post("/v1/send/email", sent).json["delivery_id"]
    cio_id = identifiers(track, "2")["cio_id"]
    reply = track.post("/api/v1/merge_customers", {"primary": {"id": "1"}, "secondary": {"cio_id": cio_id}})
    assert answer(reply) == DONE
    assert count(track) == 1
    assert identifiers(track, "1")["email"] == "two@example.com"
    assert attributes(track, "1") == {"plan": "pro", "city": "Oslo"}
    assert [device["id"] for device in devices(track, "1")] == ["token"]
    assert track.get(f"/v1/segments/{segment}/membership").json["ids"] == ["1"]
    assert [one["id"] for one in track.get("/v1/customers/1/messages").json["messages"]] == [delivery]
    rows = track.get("/v1/customers/1/activities", query={"limit": 100}).json["activities"]
    assert [row["name"] for row in rows if row["type"] == "event"] == ["recent"]
    assert [row["data"] for row in rows if row["type"] == "profile_merge"] == [
        {"secondary": {"email": "two@example.com", "id": "2", "cio_id": cio_id}}
    ]


@pytest.mark.parametrize(
    ("primary", "secondary"),
    [({"id": "nobody"}, {"id": "2"}), ({"id": "2"}, {"email": "nobody@example.com"}), ({"id": "2"}, {"id": "2"})],
)
def test_a_merge_with_nobody_does_nothing(track: Described, primary: Any, secondary: Any) -> None:
    put(track, "2", {"plan": "pro"})
    assert answer(track.post("/api/v1/merge_customers", {"primary": primary, "secondary": secondary})) == DONE
    assert attributes(track, "2") == {"plan": "pro"}
    assert count(track) == 1


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({}, "primary"),
        ({"primary": {"id": "1"}}, "secondary"),
        ({"primary": {"id": "1", "email": "a@example.com"}, "secondary": {"id": "2"}}, "primary"),
        ({"primary": {"id": "1"}, "secondary": {}}, "secondary"),
        ({"primary": {"id": "1"}, "secondary": {"phone": "+1"}}, "secondary"),
        ({"primary": "1", "secondary": {"id": "2"}}, "primary"),
        ({"primary": {"id": ["1"]}, "secondary": {"id": "2"}}, "primary"),
    ],
)
def test_a_merge_names_each_person_once(track: Described, body: Any, name: str) -> None:
    for id in ("1", "2"):
        put(track, id, {})
    reply = track.post("/api/v1/merge_customers", body)
    sentence = f"{name} must have exactly one of id, email or cio_id"
    assert (reply.status, reply.json) == (400, {"meta": {"error": sentence}})
    assert count(track) == 2
