"""SegMailer's webhooks on the wire: what is sent, how it is signed, when it is tried again."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from tests.receiver import Reply, unused_port
from tests.support import UUID
from tests.vendors.segmailer.bodies import START, make_webhook, upsert
from tests.vendors.segmailer.test_engagement import happen, message

UNIX = "1773743400"


@pytest.fixture
def opened(client, receiver):
    """Ann opens a campaign; the webhook that is told of it, and Ann."""
    webhook = make_webhook(client, receiver.url)
    ann = upsert(client, "ann@example.com")
    happen(client, message(client, "ann@example.com"), "opened")
    return webhook, ann


def delivery(client):
    return next(iter(client.sandbox.workspace("default").deliveries.newest_first()))


def test_one_request(client, receiver, opened):
    webhook, ann = opened
    assert receiver.received == []
    client.settle()
    [received] = receiver.received
    body = received.json
    assert body == {
        "id": UUID,
        "type": "email.opened",
        "createdAt": START,
        "data": {"contact": {"id": ann["id"], "identifier": {"email": "ann@example.com"}}, "campaignId": None},
    }
    digest = hmac.new(webhook["secret"].encode(), UNIX.encode() + b"." + received.body, hashlib.sha256).hexdigest()
    assert (received.method, received.path) == ("POST", "/hook")
    assert received.headers == {
        "host": f"127.0.0.1:{receiver.port}",
        "content-type": "application/json",
        "content-length": str(len(received.body)),
        "user-agent": "SegMailer-Webhooks/1.0",
        "x-segmailer-event": "email.opened",
        "x-segmailer-delivery": body["id"],
        "x-segmailer-timestamp": UNIX,
        "x-segmailer-signature": f"sha256={digest}",
    }


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_2xx_will_do(client, receiver, opened, status):
    receiver.answers(Reply(status, ""))
    client.settle()
    client.clock(advance="30d")
    assert len(receiver.received) == 1
    assert delivery(client)["status"] == "delivered"


@pytest.mark.parametrize("failure", [500, 404, 400, 429, Reply(302, "", (("Location", "http://127.0.0.1:1/"),))])
def test_the_schedule_of_retries(client, receiver, opened, failure):
    receiver.answers(*[failure] * 6)
    client.settle()
    for number, (wait, seconds) in enumerate([("1m", 60), ("5m", 300), ("30m", 1800), ("2h", 7200), ("12h", 43200)], 2):
        client.clock(advance=f"{seconds - 1}s")
        assert len(receiver.received) == number - 1, wait
        client.clock(advance="1s")
        assert len(receiver.received) == number, wait
    client.clock(advance="365d")
    assert len(receiver.received) == 6
    left = delivery(client)
    assert (left["status"], len(left["attempts"])) == ("failed", 6)
    assert len({received.body for received in receiver.received}) == 1
    assert len({received.headers["x-segmailer-delivery"] for received in receiver.received}) == 1


def test_each_attempt_is_signed_for_its_own_moment(client, receiver, opened):
    receiver.answers(500)
    client.settle()
    client.clock(advance="60s")
    times = [int(received.headers["x-segmailer-timestamp"]) for received in receiver.received]
    assert times == [int(UNIX), int(UNIX) + 60]
    secret = opened[0]["secret"].encode()
    for received in receiver.received:
        signed = received.headers["x-segmailer-timestamp"].encode() + b"." + received.body
        expected = hmac.new(secret, signed, hashlib.sha256).hexdigest()
        assert received.headers["x-segmailer-signature"] == f"sha256={expected}"


def test_a_receiver_that_recovers(client, receiver, opened):
    receiver.answers(500, 503)
    client.settle()
    client.clock(advance="1h")
    assert len(receiver.received) == 3
    assert delivery(client)["status"] == "delivered"


def test_a_receiver_that_is_down(client):
    make_webhook(client, f"http://127.0.0.1:{unused_port()}/hook")
    upsert(client, "ann@example.com")
    happen(client, message(client, "ann@example.com"), "opened")
    client.settle()
    client.clock(advance="1d")
    left = delivery(client)
    assert (left["status"], len(left["attempts"])) == ("failed", 6)


@pytest.mark.parametrize(
    ("change", "reason"),
    [("PATCH", "The webhook is not active."), ("DELETE", "The webhook was deleted.")],
)
def test_a_webhook_that_is_gone_meanwhile(client, receiver, opened, change, reason):
    receiver.answers(500)
    client.settle()
    client(change, f"/api/v2/webhooks/{opened[0]['id']}", {"active": False})
    client.clock(advance="1d")
    assert len(receiver.received) == 1
    left = delivery(client)
    assert (left["status"], left["attempts"][-1]["error"]) == ("failed", reason)


def test_a_new_url_gets_what_is_still_due(client, receiver, opened):
    receiver.answers(500)
    client.settle()
    client.patch(f"/api/v2/webhooks/{opened[0]['id']}", {"url": f"{receiver.url}/moved"})
    client.clock(advance="1m")
    assert [received.path for received in receiver.received] == ["/hook", "/hook/moved"]


def test_ten_seconds_are_the_limit(client):
    assert client.sandbox.vendors["segmailer"].webhooks.timeout == 10
