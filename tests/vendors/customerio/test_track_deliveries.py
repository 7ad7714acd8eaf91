"""Track: unsubscribing by delivery, metrics and forms."""

from __future__ import annotations

from typing import Any

import pytest

from lookalike.vendors.customerio.track_forms import FORMS
from tests.support import Client
from tests.vendors.customerio.bodies import NOW
from tests.vendors.customerio.contract import Described
from tests.vendors.customerio.test_track_identify import activities, attributes, count, put
from tests.vendors.customerio.test_track_people import DONE, answer, refusal

UNKNOWN = "RPILAgUBcRhIBqSfeiIwdIYJKxTY"


@pytest.fixture
def delivery(track: Described) -> str:
    return send(track)


def send(track: Client) -> str:
    body = {"identifiers": {"id": "42"}, "to": "ann@example.com", "subject": "s", "body": "b", "from": "a@example.com"}
    id: str = track.post("/v1/send/email", body).json["delivery_id"]
    return id


def metrics(track: Client, delivery: str) -> dict[str, int]:
    found: dict[str, int] = track.get(f"/v1/messages/{delivery}").json["message"]["metrics"]
    return found


def unsubscribed(track: Client) -> Any:
    return track.get("/v1/customers/42/attributes").json["customer"]["unsubscribed"]


def test_unsubscribing_needs_no_credential(track: Described, delivery: str) -> None:
    reply = track.as_key("").post(f"/unsubscribe/{delivery}", {"unsubscribe": True})
    assert answer(reply) == DONE
    assert unsubscribed(track) is True
    assert metrics(track, delivery)["unsubscribed"] == NOW
    assert ("unsubscribed_email", {}) in activities(track)
    assert ("attribute_change", {"unsubscribed": {"from": "false", "to": "true"}}) in activities(track)


def test_a_delivery_finds_its_workspace(track: Described) -> None:
    other = track.as_key("anything~elsewhere")
    delivery = send(other)
    put(track, "42", {})
    assert answer(track.as_key("").post(f"/unsubscribe/{delivery}", {"unsubscribe": True})) == DONE
    assert answer(track.as_key("").post("/api/v1/metrics", {"delivery_id": delivery, "metric": "opened"})) == DONE
    assert (unsubscribed(other), unsubscribed(track)) == (True, False)
    assert "opened" in metrics(other, delivery)


@pytest.mark.parametrize("body", [{}, {"unsubscribe": False}, {"unsubscribe": None}])
def test_not_to_unsubscribe(track: Described, delivery: str, body: Any) -> None:
    assert answer(track.post(f"/unsubscribe/{delivery}", body)) == DONE
    assert unsubscribed(track) is False


def test_unsubscribing_by_a_delivery_that_nobody_knows(track: Described) -> None:
    assert answer(track.post(f"/unsubscribe/{UNKNOWN}", {"unsubscribe": True})) == DONE


@pytest.mark.parametrize(
    ("id", "body", "sentence"),
    [
        ("!", {"unsubscribe": True}, "invalid delivery_id"),
        ("short", {"unsubscribe": True}, "invalid delivery_id"),
        (UNKNOWN, {"unsubscribe": "yes"}, "unsubscribe must be a boolean"),
        (UNKNOWN, [], "request body must be a JSON object"),
    ],
)
def test_unsubscribing_that_makes_no_sense(track: Described, id: str, body: Any, sentence: str) -> None:
    reply = track.post(f"/unsubscribe/{id}", body)
    assert (reply.status, reply.json) == refusal(sentence)


@pytest.mark.parametrize("type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_unsubscribing_wants_its_content_type(track: Described, delivery: str, type: str | None) -> None:
    headers = {} if type is None else {"Content-Type": type}
    reply = track.post(f"/unsubscribe/{delivery}", body=b'{"unsubscribe": true}', headers=headers)
    assert (reply.status, reply.json) == refusal("Content-Type must be application/json")
    assert unsubscribed(track) is False
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert answer(track.post(f"/unsubscribe/{delivery}", body=b'{"unsubscribe": true}', headers=headers)) == DONE
    assert unsubscribed(track) is True


@pytest.mark.parametrize("metric", ["clicked", "converted", "deferred", "dropped", "opened", "spammed", "bounced"])
def test_a_metric_of_an_email(track: Described, delivery: str, metric: str) -> None:
    body = {"delivery_id": delivery, "metric": metric, "timestamp": NOW + 7, "href": "https://example.com"}
    assert answer(track.as_key("").post("/api/v1/metrics", body)) == DONE
    assert metrics(track, delivery)[metric] == NOW + 7
    assert (f"{metric}_email", {"href": "https://example.com"}) in activities(track)


def test_the_first_time_is_what_a_message_shows(track: Described, delivery: str) -> None:
    for timestamp in (NOW + 5, NOW + 9):
        body = {"delivery_id": delivery, "metric": "opened", "timestamp": timestamp}
        assert answer(track.post("/api/v1/metrics", body)) == DONE
    assert metrics(track, delivery)["opened"] == NOW + 5


def test_the_reason_of_a_failure(track: Described, delivery: str) -> None:
    body = {"delivery_id": delivery, "metric": "bounced", "reason": "550 unknown"}
    assert answer(track.post("/api/v1/metrics", body)) == DONE
    assert track.get(f"/v1/messages/{delivery}").json["message"]["failure_message"] == "550 unknown"


@pytest.mark.parametrize(
    ("body", "sentences"),
    [
        ({}, ["delivery_id is required", "metric is required"]),
        ({"delivery_id": UNKNOWN}, ["metric is required"]),
        ({"metric": "opened"}, ["delivery_id is required"]),
        ({"delivery_id": 7, "metric": "opened"}, ["delivery_id is required"]),
        ({"delivery_id": UNKNOWN, "metric": "liked"}, ["metric 'liked' is not supported"]),
        (
            {"delivery_id": UNKNOWN, "metric": "opened", "timestamp": "now"},
            ["timestamp must be a unix timestamp"],
        ),
    ],
)
def test_a_metric_that_makes_no_sense(track: Described, body: Any, sentences: list[str]) -> None:
    reply = track.post("/api/v1/metrics", body)
    assert (reply.status, reply.json) == refusal(*sentences)


def test_a_metric_of_a_delivery_that_nobody_knows(track: Described) -> None:
    assert answer(track.post("/api/v1/metrics", {"delivery_id": UNKNOWN, "metric": "opened"})) == DONE
    assert activities(track) == []


def test_push_metrics(track: Described) -> None:
    track.put("/api/v1/customers/42/devices", {"device": {"id": "token", "platform": "ios"}})
    sent = {"identifiers": {"id": "42"}, "transactional_message_id": 1, "title": "t", "message": "m"}
    delivery = track.post("/v1/send/push", sent).json["delivery_id"]
    body = {"delivery_id": delivery, "event": "opened", "device_id": "token", "timestamp": NOW + 3}
    assert answer(track.as_key("").post("/api/v1/push/events", body)) == DONE
    assert answer(track.post("/api/v1/push/events", {**body, "event": "bounced"})) == DONE
    assert metrics(track, delivery)["opened"] == NOW + 3
    assert "bounced" not in metrics(track, delivery)


# --- forms -----------------------------------------------------------------------------------------------------------


def submit(track: Described, data: Any, form: str = "signup") -> Any:
    return track.post(f"/api/v1/forms/{form}/submit", {"data": data})


def forms(track: Described) -> list[dict[str, Any]]:
    part = track.sandbox.workspace("default").parts["customerio"]
    return list(part.collection(FORMS).scan())


def test_a_form_makes_or_updates_its_person(track: Described) -> None:
    reply = submit(track, {"email": "ann@example.com", "city": "Oslo", "form_name": "Sign up", "form_id": 7})
    assert (reply.status, reply.raw) == (204, b"")
    assert attributes(track, "ann@example.com", "email") == {"city": "Oslo"}
    assert submit(track, {"email": "Ann@example.com", "city": "Bergen"}).status == 204
    assert attributes(track, "ann@example.com", "email") == {"city": "Bergen"}
    assert count(track) == 1
    assert submit(track, {"id": 12345, "city": "Rome"}).status == 204
    assert attributes(track, "12345") == {"city": "Rome"}
    assert forms(track) == [{"id": "signup", "fields": ["email", "city", "id"], "submissions": 3}]


def test_a_form_that_names_somebody_twice(track: Described) -> None:
    reply = submit(track, {"id": "42", "email": "ann@example.com"})
    assert (reply.status, reply.json) == refusal("data must contain only one identifier: id or email")
    assert count(track) == 0
    assert forms(track) == [{"id": "signup", "fields": ["id", "email"], "submissions": 0}]


@pytest.mark.parametrize(
    ("data", "sentences"),
    [
        (None, ["data is required"]),
        ([], ["data is required"]),
        (
            {"email": "a@example.com", "age": 7, "ok": True},
            [f"value for field '{n}' must be a string" for n in ("age", "ok")],
        ),
        ({"email": "a@example.com", "x": "y" * 1001}, ["value for attribute 'x' cannot be longer than 1000 bytes"]),
    ],
)
def test_a_form_that_makes_no_sense(track: Described, data: Any, sentences: list[str]) -> None:
    reply = submit(track, data)
    assert (reply.status, reply.json) == refusal(*sentences)
    assert (count(track), forms(track)) == (0, [])


def test_a_form_that_names_nobody_becomes_known_all_the_same(track: Described) -> None:
    reply = submit(track, {"email_address": "ann@example.com"})
    assert (reply.status, reply.json) == refusal("data must contain an identifier: id or email")
    assert count(track) == 0
    assert forms(track) == [{"id": "signup", "fields": ["email_address"], "submissions": 0}]
