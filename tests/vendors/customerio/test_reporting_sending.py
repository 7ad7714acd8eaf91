"""Reporting webhooks on their way: signed, sent, tried again, one after the other."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace

import orjson
import pytest

from lookalike.clock import parse_instant
from lookalike.outbox import Outcome
from lookalike.vendors.customerio.reporting_sender import SENDER
from tests.receiver import answering, unused_port
from tests.support import Like
from tests.vendors.customerio.audience import person
from tests.vendors.customerio.bodies import NOW
from tests.vendors.customerio.told import event, subscribe

HOUR, DAY = 3600, 86400
LONG = (400, 401, 402, 403, 404, 405, 410, 429, 500, 502, 521)


def happen(client, *names):
    """Somebody leaves, once for each name."""
    for name in names:
        person(client, name, email=f"{name}@x.co")
        client.put(f"/api/v1/customers/{name}", {"unsubscribed": True})


def names(receiver):
    return [one.json["data"]["customer_id"] for one in receiver.received]


def log(client, workspace="default"):
    """(whose, status, when next) of each delivery, oldest first."""
    found = reversed(list(client.sandbox.workspace(workspace).deliveries.newest_first()))
    return [(one["payload"]["data"]["customer_id"], one["status"], one["due_at"]) for one in found]


def is_from_the_vendor(received, secret):
    """As the vendor's documents say it is verified."""
    signed = b":".join([b"v0", received.headers["x-cio-timestamp"].encode(), received.body])
    expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, received.headers["x-cio-signature"])


def test_what_a_receiver_gets(client, receiver):
    subscribe(client, "customer_unsubscribed", endpoint=receiver.url)
    cio_id = person(client, "ann", email="änn@x.co")
    client.put("/api/v1/customers/ann", {"unsubscribed": True})
    client.clock(advance="5s")
    (received,) = receiver.received
    data = {
        "customer_id": "ann",
        "email_address": "änn@x.co",
        "identifiers": {"email": "änn@x.co", "id": "ann", "cio_id": cio_id},
    }
    assert (received.method, received.path, received.json) == (
        "POST",
        "/hook",
        event("unsubscribed", "customer", data),
    )
    assert received.body == orjson.dumps(received.json)
    assert received.headers == {
        "host": f"127.0.0.1:{receiver.port}",
        "content-length": str(len(received.body)),
        "content-type": "application/json",
        "user-agent": "Customer.io Web Hooks",
        "x-cio-timestamp": str(NOW),
        "x-cio-signature": Like("[0-9a-f]{64}"),
    }
    assert is_from_the_vendor(received, "cio_lookalike")
    assert not is_from_the_vendor(received, "another")
    assert log(client) == [("ann", "delivered", None)]


def test_every_workspace_has_a_key_of_its_own(client, receiver):
    other = client.as_key("anything~ci7")
    subscribe(other, "customer_unsubscribed", endpoint=receiver.url)
    happen(other, "ann")
    client.settle("ci7")
    (received,) = receiver.received
    assert is_from_the_vendor(received, "cio_lookalike~ci7")


def test_the_lookalike_of_a_workspace_knows_its_key(client):
    reply = client.control("POST", "/workspaces", {"name": "ci7"})
    assert reply.json["vendors"]["customerio"]["key"] == "cio_lookalike~ci7"
    assert client.sandbox.vendors["customerio"].environment["CIO_WEBHOOK_SECRET"] == "{key}"


def test_it_is_tried_again_until_it_gets_through(client, receiver):
    receiver.answers(500, 429, 404, 204)
    subscribe(client, "customer_unsubscribed", endpoint=receiver.url)
    happen(client, "ann")
    for wait, attempts in (("0s", 1), ("59m", 1), ("1m", 2), ("119m", 2), ("1m", 3), ("4h", 4), ("30d", 4)):
        client.clock(advance=wait)
        assert len(receiver.received) == attempts, wait
    stamps = [int(one.headers["x-cio-timestamp"]) - NOW for one in receiver.received]
    assert stamps == [0, HOUR, 3 * HOUR, 7 * HOUR]
    assert len({one.body for one in receiver.received}) == 1
    assert len({one.headers["x-cio-signature"] for one in receiver.received}) == 4
    assert all(is_from_the_vendor(one, "cio_lookalike") for one in receiver.received)
    assert log(client) == [("ann", "delivered", None)]


def test_later_events_wait_behind_it(client, receiver):
    receiver.answers(500, 200)
    subscribe(client, "customer_unsubscribed", endpoint=receiver.url)
    happen(client, "ann", "bob")
    client.clock(advance="10m")
    happen(client, "cy")
    client.clock(advance="10m")
    assert names(receiver) == ["ann"]
    client.clock(advance="40m")
    assert names(receiver) == ["ann", "ann", "bob", "cy"]


def test_other_webhooks_do_not_wait(client, receiver):
    subscribe(client, "customer_unsubscribed", endpoint=f"http://127.0.0.1:{unused_port()}/")
    subscribe(client, "customer_unsubscribed", endpoint=receiver.url)
    happen(client, "ann")
    client.clock(advance="1s")
    assert names(receiver) == ["ann"]
    assert log(client) == [("ann", "pending", NOW + HOUR), ("ann", "delivered", None)]


@pytest.mark.parametrize(
    ("outcome", "wait"),
    [
        *((Outcome(NOW, status), HOUR) for status in LONG),
        *((Outcome(NOW, status), 60) for status in (408, 409, 418, 422, 501, 503, 504, 301, 199)),
        (Outcome(NOW, error="connection refused", seconds=0.01), HOUR),
        (Outcome(NOW, error="no answer within 4 s", seconds=4.0), 60),
        *((Outcome(NOW, status), None) for status in (200, 201, 204, 299)),
        (Outcome(NOW, error="The reporting webhook was deleted.", refused=True), None),
    ],
)
def test_how_long_it_waits(client, outcome, wait):
    subscribe(client, "customer_unsubscribed")
    happen(client, "ann")
    client.sandbox.outbox.exchange = lambda *_: _now(outcome)
    attempt = client.sandbox.workspace("default").deliveries.claim(NOW)
    assert SENDER.settle(attempt.part, attempt.delivery, outcome) == wait
    second = replace(attempt.delivery, attempt=3)
    assert SENDER.settle(attempt.part, second, outcome) == (None if wait is None else 4 * wait)


async def _now(outcome):
    return outcome


def test_there_are_four_seconds_for_an_answer():
    assert SENDER.timeout == 4.0
    assert SENDER.in_order


@pytest.mark.parametrize(
    ("status", "attempts", "last"),
    [(500, [0, 1, 3, 7, 15, 31, 63, 127], 127 * HOUR), (503, None, 8191 * 60)],
)
def test_after_seven_days_it_is_given_up(client, status, attempts, last):
    client.sandbox.outbox.exchange = answering(status)
    subscribe(client, "customer_unsubscribed")
    happen(client, "ann")
    client.clock(advance="1h")
    client.sandbox.workspace("default").clock.freeze(NOW + HOUR)
    happen(client, "bob")
    client.clock(advance="7d")
    (first, second) = reversed(list(client.sandbox.workspace("default").deliveries.newest_first()))
    assert first["status"] == "failed"
    made = [_seconds(attempt["at"]) - NOW for attempt in first["attempts"]]
    assert made[-1] == last <= 7 * DAY
    assert attempts is None or made == [hours * HOUR for hours in attempts]
    assert _seconds(second["attempts"][0]["at"]) == NOW + last


def _seconds(at):
    return int(parse_instant(at)) if isinstance(at, str) else int(at)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda client: client.delete("/v1/reporting_webhooks/1"), "The reporting webhook was deleted."),
        (
            lambda client: client.put("/v1/reporting_webhooks/1", {"disabled": True}),
            "The reporting webhook is disabled.",
        ),
    ],
)
def test_a_webhook_that_is_no_more(client, receiver, change, reason):
    subscribe(client, "customer_unsubscribed", endpoint=receiver.url)
    happen(client, "ann", "bob")
    assert change(client).status in (200, 204)
    client.clock(advance="7d")
    assert receiver.received == []
    assert log(client) == [("ann", "failed", None), ("bob", "failed", None)]
    for one in client.sandbox.workspace("default").deliveries.newest_first():
        assert [attempt["error"] for attempt in one["attempts"]] == [reason]


def test_a_webhook_that_has_moved(client, receiver):
    subscribe(client, "customer_unsubscribed", endpoint=f"http://127.0.0.1:{unused_port()}/")
    happen(client, "ann")
    client.clock(advance="1s")
    client.put("/v1/reporting_webhooks/1", {"endpoint": receiver.url})
    client.clock(advance="1h")
    assert names(receiver) == ["ann"]


def test_another_webhook_of_the_same_place_gets_nothing_of_the_first(client, receiver):
    """The number of a webhook that was deleted is not given again, so nobody inherits what waited for it."""
    subscribe(client, "customer_unsubscribed", endpoint=f"http://127.0.0.1:{unused_port()}/")
    happen(client, "ann")
    client.clock(advance="1s")
    client.delete("/v1/reporting_webhooks/1")
    assert subscribe(client, "customer_unsubscribed", endpoint=receiver.url) == 2
    client.clock(advance="2h")
    assert receiver.received == []
