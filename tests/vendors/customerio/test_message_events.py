"""What follows from something that happened to a message: for the delivery, the person, the address and the outbox."""

from __future__ import annotations

import pytest

from lookalike.vendors.customerio import subscriptions
from lookalike.vendors.customerio.deliveries import DELIVERIES
from tests.vendors.customerio.audience import part_of, person
from tests.vendors.customerio.bodies import NOW, told

EMAIL = {"to": "ann@x.co", "subject": "Hello", "body": "<a href='https://x.co'>x</a>", "from": "team@x.co"}
LATER = "2026-01-05T09:01:00.000Z"
SENT = {"created": NOW, "sent": NOW, "delivered": NOW}


@pytest.fixture
def ann(client):
    return person(client, "ann", email="ann@x.co")


def send(client, channel="email", **body):
    reply = client.post(f"/v1/send/{channel}", {"identifiers": {"id": "ann"}, **body})
    assert reply.status == 200, reply.text
    client.clock(advance="1m")
    return reply.json["delivery_id"]


def happens(client, id, type, **said):
    return client.control("POST", f"/messages/{id}/events", {"type": type, **said})


def message(client, id):
    return client.get(f"/v1/messages/{id}").json["message"]


def activities(client, id):
    """Type and data of what there is about a delivery, beyond its sending, oldest first."""
    found = client.get("/v1/customers/ann/activities?limit=100").json["activities"]
    beyond = [one for one in reversed(found) if one.get("delivery_id") == id and one["timestamp"] > NOW]
    return [(one["type"], told(one)) for one in beyond]


def suppressed(client, type):
    found = client.get(f"/v1/esp/suppression/{type}").json["suppressions"]
    return [(one["email"], one["reason"], one["created"]) for one in found]


def events(client, id):
    """What the outbox shows of a message: type and moment."""
    return [(one["type"], one["at"]) for one in client.control("GET", f"/messages/{id}").json["events"]]


@pytest.mark.parametrize(
    ("type", "said", "metrics", "about", "failure"),
    [
        ("delivered", {}, {}, [("delivered_email", {})], None),
        ("opened", {}, {"opened": NOW + 60}, [("opened_email", {})], None),
        (
            "clicked",
            {},
            {"opened": NOW + 60, "clicked": NOW + 60},
            [("opened_email", {"synthetic": True}), ("clicked_email", {"href": "https://x.co"})],
            None,
        ),
        (
            "bounced",
            {"reason": "550 gone"},
            {"bounced": NOW + 60},
            [("bounced_email", {"reason": "550 gone"})],
            "550 gone",
        ),
        (
            "bounced",
            {"bounce": "transient"},
            {"deferred": NOW + 60},
            [("deferred_email", {"reason": "450 Try again later"})],
            "450 Try again later",
        ),
        ("complained", {}, {"spammed": NOW + 60}, [("spammed_email", {})], None),
        ("unsubscribed", {}, {"unsubscribed": NOW + 60}, [("unsubscribed_email", {})], None),
    ],
)
def test_metrics_and_activities_of_an_email(client, ann, type, said, metrics, about, failure):
    id = send(client, **EMAIL)
    assert happens(client, id, type, **said).status == 200
    assert (message(client, id)["metrics"], message(client, id)["failure_message"]) == (SENT | metrics, failure)
    assert activities(client, id) == about
    assert events(client, id) == [("delivered", "2026-01-05T09:00:00.000Z"), (type, LATER)]


def test_an_open_before_the_click_is_no_second_one(client, ann):
    id = send(client, **EMAIL)
    happens(client, id, "opened", at="2026-01-05T09:00:30Z")
    happens(client, id, "clicked", url="https://x.co/other")
    assert message(client, id)["metrics"] == SENT | {"opened": NOW + 30, "clicked": NOW + 60}
    assert activities(client, id) == [("opened_email", {}), ("clicked_email", {"href": "https://x.co/other"})]


@pytest.mark.parametrize(
    ("type", "said", "bounces", "spam"),
    [
        ("bounced", {}, [("ann@x.co", "550 No such user here", NOW + 60)], []),
        ("bounced", {"reason": "552 full"}, [("ann@x.co", "552 full", NOW + 60)], []),
        ("bounced", {"bounce": "transient"}, [], []),
        ("complained", {}, [], [("ann@x.co", "Marked as spam", NOW + 60)]),
        ("opened", {}, [], []),
        ("unsubscribed", {}, [], []),
    ],
)
def test_addresses_that_the_provider_suppresses(client, ann, type, said, bounces, spam):
    id = send(client, **EMAIL)
    happens(client, id, type, **said)
    assert (suppressed(client, "bounces"), suppressed(client, "spam_reports")) == (bounces, spam)
    again = send(client, **EMAIL, send_to_unsubscribed=True)
    assert ("dropped" in message(client, again)["metrics"]) == bool(bounces or spam)


def test_one_of_several_recipients(client, ann):
    id = send(client, **EMAIL | {"to": "ann@x.co, bob@x.co", "cc": "cy@x.co"})
    assert happens(client, id, "bounced", recipient="cy@x.co").status == 200
    assert [email for email, *_ in suppressed(client, "bounces")] == ["cy@x.co"]


def test_unsubscribing(client, ann):
    id = send(client, **EMAIL)
    happens(client, id, "unsubscribed")
    customer = client.get("/v1/customers/ann/attributes").json["customer"]
    assert (customer["unsubscribed"], customer["timestamps"]["unsubscribed"]) == (True, NOW + 60)


@pytest.mark.parametrize("named", ["2", "topic_2", "Offers"])
def test_unsubscribing_from_a_topic(client, ann, named):
    for name in ("News", "Offers"):
        subscriptions.add_topic(part_of(client), name, "", True)
    id = send(client, **EMAIL)
    assert happens(client, id, "unsubscribed", group=named).status == 200
    customer = client.get("/v1/customers/ann/attributes").json["customer"]
    assert customer["unsubscribed"] is False
    assert customer["attributes"]["cio_subscription_preferences"] == '{"topics":{"topic_2":false}}'
    assert message(client, id)["metrics"] == SENT
    assert activities(client, id) == [("topic_unsubscribed_email", {"topic": "Offers"})]


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_a_text_that_is_answered_with_stop(client, ann, channel):
    id = send(client, channel, transactional_message_id=7, to="+1555", **{"from": "+1999"})
    assert happens(client, id, "unsubscribed").status == 200
    assert client.get("/v1/customers/ann/optouts").json == {"optouts": [{"channel": channel, "from": "+1999"}]}
    again = send(client, channel, transactional_message_id=7, to="+1555", **{"from": "+1999"})
    assert message(client, again)["failure_message"] == "Person has opted out of this sender"


@pytest.mark.parametrize(
    ("channel", "body", "type", "said", "sentence"),
    [
        ("in_app", {}, "bounced", {}, "Customer.io knows no in_app message that is bounced."),
        ("in_app", {}, "delivered", {}, "Customer.io knows no in_app message that is delivered."),
        ("sms", {"to": "+1555"}, "opened", {}, "Customer.io knows no sms message that is opened."),
        ("sms", {"to": "+1555"}, "complained", {}, "Customer.io knows no sms message that is spammed."),
        (
            "sms",
            {"to": "+1555"},
            "unsubscribed",
            {},
            "Nobody can unsubscribe by this sms message: it names no sender.",
        ),
        ("push", {}, "complained", {}, "Customer.io knows no push message that is spammed."),
        ("push", {}, "unsubscribed", {}, "Nobody can unsubscribe by this push message: it names no sender."),
        (
            "email",
            EMAIL,
            "unsubscribed",
            {"group": "Nothing"},
            "Customer.io has no subscription topic 'Nothing': name one by its id, identifier or name.",
        ),
    ],
)
def test_what_cannot_happen(client, ann, channel, body, type, said, sentence):
    given = body if channel == "email" else {"transactional_message_id": 7, **body}
    id = send(client, channel, **given)
    before = message(client, id), events(client, id)
    url = {"url": "https://x.co"} if type == "clicked" else {}
    reply = happens(client, id, type, **said, **url)
    assert (reply.status, reply.json) == (409, {"error": sentence})
    assert (message(client, id), events(client, id)) == before


def test_what_track_reports_shows_in_the_outbox(client, ann):
    id = send(client, **EMAIL)
    for metric, more in (
        ("opened", {"timestamp": NOW + 7}),
        ("clicked", {"href": "https://x.co"}),
        ("converted", {}),
        ("bounced", {"reason": "550 gone"}),
        ("spammed", {}),
    ):
        assert client.post("/api/v1/metrics", {"delivery_id": id, "metric": metric, **more}).status == 200
    client.post(f"/unsubscribe/{id}", {"unsubscribe": True})
    shown = client.control("GET", f"/messages/{id}").json["events"]
    everybody = {"recipients": ["ann@x.co"]}
    assert shown == [
        {"type": "delivered", "at": "2026-01-05T09:00:00.000Z", **everybody},
        {"type": "opened", "at": "2026-01-05T09:00:07.000Z", **everybody},
        {"type": "clicked", "at": LATER, **everybody, "url": "https://x.co"},
        {"type": "bounced", "at": LATER, **everybody, "reason": "550 gone"},
        {"type": "complained", "at": LATER, **everybody},
        {"type": "unsubscribed", "at": LATER, **everybody},
    ]


def test_of_a_delivery_that_is_gone(client, ann):
    """A reset of the vendor alone takes its messages too; one that is left over is refused."""
    id = send(client, **EMAIL)
    part_of(client).collection(DELIVERIES).delete(id)
    reply = happens(client, id, "opened")
    assert (reply.status, reply.json) == (409, {"error": f"Customer.io has no delivery {id} any more."})
