"""Track: events of people who are known, and of those who are not yet."""

from __future__ import annotations

from typing import Any

import pytest

from tests.vendors.customerio.bodies import CIO_ID, NOW, ULID
from tests.vendors.customerio.contract import Described
from tests.vendors.customerio.test_track_identify import activities, count, put
from tests.vendors.customerio.test_track_people import DONE, answer, refusal

EVENTS = "/api/v1/customers/42/events"
ID = "01BX5ZZKBKACTAV9WEVGEMMVRZ"


def happened(track: Described, **query: Any) -> list[dict[str, Any]]:
    """Events, pages and screens of the workspace, oldest first."""
    rows = track.get("/v1/activities", query={"limit": 100, **query}).json["activities"]
    return [row for row in reversed(rows) if row["type"] in ("event", "page", "screen")]


def test_an_event_makes_its_person_and_is_kept(track: Described) -> None:
    body = {"name": " purchase ", "data": {"price": 23.45, "to": {"deep": [1, None]}}}
    assert answer(track.post(EVENTS, body)) == DONE
    assert happened(track) == [
        {
            "id": ULID,
            "type": "event",
            "name": "purchase",
            "timestamp": NOW,
            "customer_id": "42",
            "customer_identifiers": {"email": None, "id": "42", "cio_id": CIO_ID},
            "data": {"price": 23.45, "to": {"deep": [1, None]}},
        }
    ]
    assert [type_ for type_, _ in activities(track)] == ["profile_create", "attribute_change", "event"]


@pytest.mark.parametrize(
    ("given", "kept"), [("page", "page"), ("screen", "screen"), ("event", "event"), ("other", "event"), (7, "event")]
)
def test_the_type_of_an_event(track: Described, given: Any, kept: str) -> None:
    assert answer(track.post(EVENTS, {"name": "x", "type": given})) == DONE
    assert [row["type"] for row in happened(track)] == [kept]


def test_when_it_happened(track: Described) -> None:
    for timestamp in (NOW - 100, NOW - 50.9, None):
        assert answer(track.post(EVENTS, {"name": "x", "timestamp": timestamp})) == DONE
    assert [row["timestamp"] for row in happened(track)] == [NOW - 100, NOW - 51, NOW]


def test_an_id_keeps_an_event_from_being_told_twice(track: Described) -> None:
    for name in ("first", "again"):
        assert answer(track.post(EVENTS, {"name": name, "id": ID})) == DONE
        assert answer(track.post("/api/v1/customers/43/events", {"name": name, "id": ID})) == DONE
    assert [(row["id"], row["name"]) for row in happened(track)] == [(ID, "first")]
    for _ in range(2):
        assert answer(track.post(EVENTS, {"name": "no ulid", "id": "7"})) == DONE
    assert [row["name"] for row in happened(track)] == ["first", "no ulid", "no ulid"]


@pytest.mark.parametrize("path", [EVENTS, "/api/v1/events"])
@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "name is required"),
        ({"name": ""}, "name is required"),
        ({"name": "  "}, "name is required"),
        ({"name": 7}, "name is required"),
        ({"name": "x" * 101}, "name cannot be longer than 100 bytes"),
        ({"name": "x", "data": []}, "data must be an object"),
        ({"name": "x", "data": {"y": "z" * 100_000}}, "data cannot be larger than 100000 bytes"),
        ({"name": "x", "timestamp": "now"}, "timestamp must be a unix timestamp"),
        ({"name": "x", "timestamp": True}, "timestamp must be a unix timestamp"),
        ({"name": "x", "timestamp": -1}, "timestamp must be a unix timestamp"),
        ([], "request body must be a JSON object"),
    ],
)
def test_an_event_that_makes_no_sense(track: Described, path: str, body: Any, sentence: str) -> None:
    reply = track.post(path, body)
    assert (reply.status, reply.json) == refusal(sentence)
    assert (count(track), happened(track)) == (0, [])


def test_the_address_of_a_page_may_be_long(track: Described) -> None:
    assert answer(track.post(EVENTS, {"name": "https://example.com/" + "x" * 200, "type": "page"})) == DONE


def test_an_unknown_cio_id_has_no_events(track: Described) -> None:
    assert answer(track.post("/api/v1/customers/cio_03000001/events", {"name": "x"})) == DONE
    assert (count(track), happened(track)) == (0, [])


def test_anonymous_events_find_their_person(track: Described) -> None:
    for name, days in (("old", 31), ("recent", 29), ("now", 0)):
        body = {"name": name, "anonymous_id": "cookie", "timestamp": NOW - days * 86400}
        assert answer(track.post("/api/v1/events", body)) == DONE
    assert answer(track.post("/api/v1/events", {"name": "other", "anonymous_id": "else"})) == DONE
    assert count(track) == 0
    put(track, "42", {"anonymous_id": "cookie"})
    assert [row["name"] for row in happened(track, customer_id="42")] == ["recent", "now"]
    assert ("anon_merge", {"anonymous_id": "cookie"}) in activities(track)
    assert answer(track.post("/api/v1/events", {"name": "later", "anonymous_id": "cookie"})) == DONE
    assert [row["name"] for row in happened(track, customer_id="42")] == ["recent", "now", "later"]


def test_an_anonymous_id_is_had_by_one_person(track: Described) -> None:
    put(track, "42", {"anonymous_id": "cookie"})
    put(track, "43", {"anonymous_id": "cookie", "plan": "pro"})
    assert activities(track, "failed_attribute_change") == [
        ("failed_attribute_change", {"anonymous_id": {"from": "", "to": "cookie"}})
    ]


def test_an_invitation_has_no_anonymous_id(track: Described) -> None:
    body = {"name": "invite", "anonymous_id": "", "data": {"recipient": "new@example.com"}}
    assert answer(track.post("/api/v1/events", body)) == DONE
    put(track, "42", {"anonymous_id": ""})
    assert [(row["name"], row["customer_id"]) for row in happened(track)] in ([], [("invite", None)])


def test_an_anonymous_id_is_a_text(track: Described) -> None:
    reply = track.post("/api/v1/events", {"name": "x", "anonymous_id": ["cookie"]})
    assert (reply.status, reply.json) == refusal("anonymous_id must be a string")
