"""AutoSend's webhooks as their receivers get them: requests, signatures, retries, and what the log says of it."""

from __future__ import annotations

import hmac
from hashlib import sha256

import orjson
import pytest

from lookalike.clock import iso, parse_instant
from lookalike.vendors.autosend import webhook_sending, webhooks
from tests.receiver import unused_port
from tests.support import OBJECT_ID, Like
from tests.vendors.autosend.bodies import PROJECT, START, contact, make, told

BEGIN = parse_instant(START)


def subscribe(client, url, *events):
    reply = client.post("/v1/webhooks", {"url": url, "events": list(events)})
    assert reply.status == 201, reply.text
    return reply.json["data"]["webhook"]


def logs(client, hook):
    return client.get(f"/v1/webhooks/{hook['id']}/logs").json["data"]["logs"]


def row(hook, event, *, created=START, updated=START, **more):
    return {
        "_id": OBJECT_ID,
        "webhookId": hook["id"],
        "projectId": PROJECT,
        "event": event,
        "url": hook["url"],
        "statusCode": None,
        "success": False,
        "attempts": 0,
        "duration": None,
        "deliveredAt": None,
        "createdAt": created,
        "updatedAt": updated,
        **more,
    }


class Whole:
    """Equal to every whole number from nought on: how long something really took."""

    def __eq__(self, other):
        return isinstance(other, int) and other >= 0

    __hash__ = None


def verified(received, secret):
    """As the documentation has receivers do it: hex HMAC-SHA256 of the raw body, by the whole secret."""
    return hmac.compare_digest(
        hmac.new(secret.encode("utf-8"), received.body, sha256).hexdigest(), received.headers["x-webhook-signature"]
    )


def test_the_request(client, receiver):
    hook = subscribe(client, receiver.url, "contact.created")
    make(client, "a@example.com")
    assert receiver.received == []
    assert client.settle() == 1
    [received] = receiver.received
    body = {"type": "contact.created", "createdAt": START, "data": contact("a@example.com")}
    assert (received.method, received.path, received.json) == ("POST", "/hook", body)
    assert received.headers == {
        "host": f"127.0.0.1:{receiver.port}",
        "content-length": str(len(received.body)),
        "content-type": "application/json",
        "user-agent": "AutoSend-Webhooks/1.0",
        "x-webhook-signature": Like("[0-9a-f]{64}"),
        "x-webhook-event": "contact.created",
        "x-webhook-delivery-id": Like("[0-9]{5,7}"),
        "x-webhook-timestamp": str(int(BEGIN * 1000)),
    }
    assert verified(received, hook["secret"])
    assert not verified(received, hook["secret"].removeprefix("whsec_"))
    assert orjson.dumps(received.json) == received.body
    done = {"statusCode": 200, "success": True, "attempts": 1, "duration": Whole(), "deliveredAt": START}
    assert logs(client, hook) == [row(hook, "contact.created", **done)]


def test_the_time_limit_is_ten_seconds():
    assert webhook_sending.SENDER.timeout == 10.0


ATTEMPTS = (0, 5, 15, 35)
"""Seconds after the event at which it is tried."""


@pytest.mark.parametrize("failures", [0, 1, 2, 3, 4])
def test_the_schedule(client, receiver, failures):
    hook = subscribe(client, receiver.url, "contact.created")
    receiver.answers(*(500, 302, 404, 503)[:failures])
    make(client, "a@example.com")
    client.settle()
    made = 1
    for earlier, later in zip(ATTEMPTS, (*ATTEMPTS[1:], 3600), strict=True):
        over = made > failures
        [shown] = logs(client, hook)
        assert shown == row(
            hook,
            "contact.created",
            updated=iso(BEGIN + earlier),
            statusCode=200 if over else (500, 302, 404, 503)[made - 1],
            success=over,
            attempts=made,
            duration=Whole(),
            deliveredAt=iso(BEGIN + earlier) if over else None,
        )
        if over:
            break
        client.clock(freeze=iso(BEGIN + later - 1))
        assert len(receiver.received) == made
        client.clock(advance="1s")
        made = min(made + 1, 4)
        assert len(receiver.received) == made
    client.clock(advance="30d")
    assert len(receiver.received) == min(failures + 1, 4)
    stamps = [received.headers["x-webhook-timestamp"] for received in receiver.received]
    assert stamps == [str(int((BEGIN + seconds) * 1000)) for seconds in ATTEMPTS[: len(stamps)]]
    # What is sent again is the same event under the same id, signed alike.
    assert len({received.body for received in receiver.received}) == 1
    assert len({received.headers["x-webhook-delivery-id"] for received in receiver.received}) == 1
    assert all(verified(received, hook["secret"]) for received in receiver.received)


def test_the_whole_schedule_in_one_step(client, receiver):
    hook = subscribe(client, receiver.url, "contact.created")
    receiver.answers(500, 500, 500, 500)
    make(client, "a@example.com")
    client.clock(advance="1h")
    assert len(receiver.received) == 4
    [shown] = logs(client, hook)
    last = {"statusCode": 500, "attempts": 4, "duration": Whole()}
    assert shown == row(hook, "contact.created", updated=iso(BEGIN + 35), **last)


def test_nobody_listens(client):
    hook = subscribe(client, f"http://127.0.0.1:{unused_port()}/", "contact.created")
    make(client, "a@example.com")
    client.clock(advance="1h")
    expected = row(hook, "contact.created", updated=iso(BEGIN + 35), attempts=4, duration=Whole())
    assert logs(client, hook) == [expected]


def test_other_machines_are_left_alone(client):
    hook = subscribe(client, "https://hooks.example.com/", "contact.created")
    make(client, "a@example.com")
    client.clock(advance="1h")
    assert logs(client, hook) == [row(hook, "contact.created")]


@pytest.mark.parametrize("change", ["delete", "switch off"])
def test_a_webhook_that_goes_meanwhile_gets_nothing_more(client, receiver, change):
    hook = subscribe(client, receiver.url, "contact.created")
    receiver.answers(500)
    make(client, "a@example.com")
    client.settle()
    if change == "delete":
        client.delete(f"/v1/webhooks/{hook['id']}")
    else:
        client.put(f"/v1/webhooks/{hook['id']}", {"isActive": False})
        after = row(hook, "contact.created", statusCode=500, attempts=1, duration=Whole())
        assert logs(client, hook) == [after]
    client.clock(advance="1h")
    assert len(receiver.received) == 1
    [delivery] = client.sandbox.workspace("default").deliveries.newest_first()
    assert delivery["status"] == "failed"


def test_a_change_of_url_counts_for_what_is_still_to_be_tried(client, receiver):
    hook = subscribe(client, f"http://127.0.0.1:{unused_port()}/", "contact.created")
    make(client, "a@example.com")
    client.settle()
    client.put(f"/v1/webhooks/{hook['id']}", {"url": receiver.url})
    client.clock(advance="5s")
    assert len(receiver.received) == 1


def test_resend(client, receiver):
    hook = subscribe(client, receiver.url, "email.delivered")
    body = {"event": "email.delivered", "data": {"emailId": "e1", "test": True}}
    reply = client.post(f"/v1/webhooks/{hook['id']}/resend", body)
    job = reply.json["data"]["jobId"]
    assert (reply.status, reply.json) == (200, {**told("Webhook queued for delivery"), "data": {"jobId": job}})
    client.settle()
    [received] = receiver.received
    assert received.json == {"type": "email.delivered", "createdAt": START, "data": {"emailId": "e1", "test": True}}
    assert received.headers["x-webhook-delivery-id"] == job
    assert verified(received, hook["secret"])
    assert [one["success"] for one in logs(client, hook)] == [True]


def test_the_log_is_bounded(client, monkeypatch):
    monkeypatch.setattr(webhooks, "KEPT", 3)
    hook = subscribe(client, "https://hooks.example.com/", "contact.created")
    other = subscribe(client, "https://hooks.example.com/", "contact.created")
    for number in range(5):
        client.clock(advance="1s")
        make(client, f"c{number}@example.com")
    for one in (hook, other):
        expected = [iso(BEGIN + seconds) for seconds in (5, 4, 3)]
        assert [found["createdAt"] for found in logs(client, one)] == expected
    reply = client.get(f"/v1/webhooks/{hook['id']}/logs?limit=1").json
    assert reply["data"]["total"] == 3


# --- every type of event that there is something to tell of -------------------------------------------------------

MAIL = {
    "from": {"email": "team@example.com"},
    "to": {"email": "ann@example.org", "name": "Ann"},
    "subject": "Hello",
    "html": "<a href='https://x.test/'>x</a>",
}


def email(**more):
    to = {"email": "ann@example.org", "name": "Ann"}
    return {"emailId": OBJECT_ID, "from": "team@example.com", "to": to, "subject": "Hello", "test": False, **more}


def happens(type, **told):
    def act(client):
        sent = client.post("/v1/mails/send", MAIL)
        id = sent.json["data"]["emailId"]
        reply = client.control("POST", f"/messages/{id}/events", {"type": type, **told})
        assert reply.status == 200, reply.text

    return act


def unsubscribed_from_a_group(client):
    group = client.post("/v1/suppression-groups", {"name": "Blog"}).json["data"]["groupId"]
    happens("unsubscribed", group=group)(client)


def created(client):
    make(client, "a@example.com")


def updated(client):
    make(client, "a@example.com")
    client.post("/v1/contacts/email", {"email": "a@example.com", "firstName": "Ann"})


def deleted(client):
    [id] = make(client, "a@example.com")
    client.delete(f"/v1/contacts/{id}")


EVENTS = {
    "email.sent": (happens("delivered"), email()),
    "email.delivered": (happens("delivered"), email()),
    "email.bounced": (happens("bounced"), email(bounceType="Permanent")),
    "email.opened": (happens("opened"), email()),
    "email.clicked": (happens("clicked"), email(url="https://x.test/")),
    "email.spam_reported": (happens("complained"), email()),
    "email.unsubscribed": (happens("unsubscribed"), {"email": "ann@example.org"}),
    "email.group_unsubscribed": (
        unsubscribed_from_a_group,
        {"email": "ann@example.org", "groupId": Like("[0-9A-Z]{5}")},
    ),
    "contact.created": (created, contact("a@example.com")),
    "contact.updated": (updated, contact("a@example.com", firstName="Ann")),
    "contact.deleted": (deleted, contact("a@example.com")),
}


@pytest.mark.parametrize("type", EVENTS)
def test_bodies(client, receiver, type):
    act, data = EVENTS[type]
    hook = subscribe(client, receiver.url, type)
    act(client)
    client.settle()
    [received] = receiver.received
    assert received.json == {"type": type, "createdAt": START, "data": data}
    assert (received.headers["x-webhook-event"], verified(received, hook["secret"])) == (type, True)


def test_what_is_never_told():
    """Nothing here delays a mail, receives one, or puts an address back into a group."""
    untold = {"email.deferred", "email.group_resubscribed", "email.received"}
    assert set(webhooks.EVENT_TYPES) - EVENTS.keys() == untold
