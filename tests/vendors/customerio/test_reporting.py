"""Reporting webhooks: who is told of what, and every word of it."""

from __future__ import annotations

import json

import pytest

from lookalike.vendors.customerio import subscriptions
from lookalike.vendors.customerio.schemas.reporting_webhooks import EVENTS
from tests.vendors.customerio.audience import part_of, person
from tests.vendors.customerio.bodies import DELIVERY, NOW, ULID
from tests.vendors.customerio.told import event, subscribe, told, whose

HTML = '<p>Hi <a href="https://x.co/a">a</a> <a href="https://x.co/b">b</a></p>'
EMAIL = {"to": "ann@x.co", "subject": "Hello", "body": HTML, "from": "team@x.co", "identifiers": {"id": "ann"}}
ADDRESSED = {"recipient": "ann@x.co", "subject": "Hello"}


@pytest.fixture
def ann(client):
    return person(client, "ann", email="ann@x.co")


def send(client, channel="email", **body):
    reply = client.post(f"/v1/send/{channel}", {"identifiers": {"id": "ann"}, **body})
    assert reply.status == 200, reply.text
    return reply.json["delivery_id"]


def happens(client, id, type, **said):
    reply = client.control("POST", f"/messages/{id}/events", {"type": type, **said})
    assert reply.status == 200, reply.text


def report(client, id, metric, **more):
    assert client.post("/api/v1/metrics", {"delivery_id": id, "metric": metric, **more}).status == 200


class TestEmail:
    def test_sent_and_delivered(self, client, ann):
        subscribe(client, *EVENTS)
        id = send(client, **EMAIL)
        data = whose(ann) | {"delivery_id": id} | ADDRESSED
        assert told(client) == [event("sent", "email", data), event("delivered", "email", data)]
        assert list(told(client)[0]) == ["metric", "event_id", "object_type", "timestamp", "data"]

    def test_with_content(self, client, ann):
        subscribe(client, "email_sent", "email_delivered", with_content=True)
        headers = {"X-One": "1", "X-Two": ["a", "b"]}
        send(client, **EMAIL, headers=json.dumps(headers), disable_message_retention=True)
        content = {"content": HTML, "headers": {"X-One": ["1"], "X-Two": ["a", "b"]}}
        assert told(client) == [
            event("sent", "email", whose(ann) | ADDRESSED | content),
            event("delivered", "email", whose(ann) | ADDRESSED),
        ]

    @pytest.mark.parametrize("headers", ["no JSON", "[1]", None])
    def test_without_headers_of_its_own(self, client, ann, headers):
        subscribe(client, "email_sent", with_content=True)
        send(client, **EMAIL, **({} if headers is None else {"headers": headers}))
        assert told(client) == [event("sent", "email", whose(ann) | ADDRESSED | {"content": HTML})]

    def test_drafted(self, client, ann):
        subscribe(client, *EVENTS)
        send(client, **EMAIL, queue_draft=True)
        assert told(client) == [event("drafted", "email", whose(ann) | ADDRESSED)]

    def test_undeliverable(self, client, ann):
        client.put("/api/v1/customers/ann", {"unsubscribed": True})
        subscribe(client, *EVENTS)
        send(client, **EMAIL, send_to_unsubscribed=False)
        data = whose(ann) | ADDRESSED | {"failure_message": "Person is unsubscribed"}
        assert told(client) == [event("undeliverable", "email", data)]

    def test_dropped(self, client, ann):
        client.post("/v1/esp/suppression/bounces/ann@x.co")
        subscribe(client, *EVENTS)
        send(client, **EMAIL)
        data = whose(ann) | ADDRESSED | {"failure_message": "Address is suppressed by the email service provider"}
        assert told(client) == [event("dropped", "email", data)]

    def test_to_a_suppressed_person(self, client, ann):
        client.post("/api/v1/customers/ann/suppress")
        subscribe(client, *EVENTS)
        send(client, **EMAIL)
        data = {
            "customer_id": "",
            "identifiers": {"id": None, "email": None},
            "delivery_id": DELIVERY,
            "transactional_message_id": 1,
            **ADDRESSED,
            "failure_message": "Person is suppressed or does not exist",
        }
        assert told(client) == [event("undeliverable", "email", data)]

    def test_to_somebody_without_an_id(self, client):
        cio_id = person(client, email="ann@x.co")
        subscribe(client, "email_sent")
        send(client, **EMAIL | {"identifiers": {"email": "ann@x.co"}})
        assert told(client) == [event("sent", "email", whose(cio_id, id=None) | ADDRESSED)]

    @pytest.mark.parametrize(
        ("type", "said", "metric", "more"),
        [
            ("delivered", {}, "delivered", {}),
            ("opened", {}, "opened", {"proxied": False, "prefetched": False, "synthetic": False}),
            ("bounced", {}, "bounced", {"failure_message": "550 No such user here"}),
            ("bounced", {"reason": "550 gone"}, "bounced", {"failure_message": "550 gone"}),
            ("bounced", {"bounce": "transient"}, "deferred", {"failure_message": "450 Try again later"}),
            ("complained", {}, "spammed", {}),
        ],
    )
    def test_what_happens_to_it(self, client, ann, type, said, metric, more):
        id = send(client, **EMAIL)
        subscribe(client, *EVENTS, full_resolution=True)
        client.clock(advance="1m")
        happens(client, id, type, **said)
        assert told(client) == [event(metric, "email", whose(ann) | ADDRESSED | more, NOW + 60)]

    @pytest.mark.parametrize(("href", "number"), [("https://x.co/a", 1), ("https://x.co/b", 2), ("https://x.co/c", 3)])
    def test_a_click_without_an_open_means_one(self, client, ann, href, number):
        id = send(client, **EMAIL)
        subscribe(client, *EVENTS)
        happens(client, id, "clicked", url=href)
        opened = {"proxied": False, "prefetched": False, "synthetic": True}
        clicked = {"href": href, "link_id": number, "machine": False}
        assert told(client) == [
            event("opened", "email", whose(ann) | ADDRESSED | opened),
            event("clicked", "email", whose(ann) | ADDRESSED | clicked),
        ]
        assert client.get(f"/v1/messages/{id}").json["message"]["metrics"] == dict.fromkeys(
            ["created", "sent", "delivered", "opened", "clicked"], NOW
        )

    @pytest.mark.parametrize(
        ("metric", "said", "more"),
        [
            ("converted", {}, {}),
            ("deferred", {"reason": "later"}, {"failure_message": "later"}),
            ("dropped", {"reason": "no"}, {"failure_message": "no"}),
            ("bounced", {}, {"failure_message": ""}),
        ],
    )
    def test_what_track_reports(self, client, ann, metric, said, more):
        id = send(client, **EMAIL)
        subscribe(client, *EVENTS)
        report(client, id, metric, timestamp=NOW - 5, **said)
        assert told(client) == [event(metric, "email", whose(ann) | ADDRESSED | more, NOW - 5)]

    def test_unsubscribing_by_it(self, client, ann):
        id = send(client, **EMAIL)
        subscribe(client, *EVENTS)
        client.as_key("").post(f"/unsubscribe/{id}", {"unsubscribe": True})
        customer = {"customer_id": "ann", "email_address": "ann@x.co", "identifiers": whose(ann)["identifiers"]}
        assert told(client) == [
            event("unsubscribed", "email", whose(ann) | ADDRESSED),
            event("unsubscribed", "email", customer),
        ]
        client.post(f"/unsubscribe/{id}", {"unsubscribe": True})
        assert len(told(client)) == 2

    def test_of_somebody_who_is_gone(self, client, ann):
        id = send(client, **EMAIL)
        subscribe(client, "email_opened")
        client.delete("/api/v1/customers/ann")
        report(client, id, "opened")
        opened = {"proxied": False, "prefetched": False, "synthetic": False}
        assert told(client) == [event("opened", "email", whose(ann) | {"customer_id": ""} | ADDRESSED | opened)]


class TestOtherChannels:
    def test_push(self, client, ann):
        for number, platform in ((1, "ios"), (2, "android")):
            device = {"id": f"t{number}", "platform": platform, "last_used": NOW + number}
            client.put("/api/v1/customers/ann/devices", {"device": device})
        first, second = ({"device_id": f"t{n}", "device_platform": p} for n, p in ((1, "ios"), (2, "android")))
        subscribe(client, *EVENTS, with_content=True)
        id = send(client, "push", transactional_message_id=7, title="T", message="M", link="https://x.co")
        send(client, "push", transactional_message_id=7, title="T", message="M", to="last_used")
        send(client, "push", transactional_message_id=7, title="T", message="M", to="t1")
        send(client, "push", transactional_message_id=7, title="T", message="M", to="t9")
        content = {"message": "M", "title": "T"}
        seen = told(client)
        assert [one["data"].pop("content") and one["data"]["recipients"] for one in seen] == [
            [first, second],
            [second],
            [first],
            [{"device_id": "t9"}],
        ]
        assert seen[0] == event(
            "sent", "push", whose(ann, transactional_message_id=7) | {"recipients": [first, second]}
        )
        assert json.loads(told(client)[1]["data"]["content"]) == content
        client.post("/api/v1/push/events", {"delivery_id": id, "event": "opened", "device_id": "t2"})
        assert told(client)[-1] == event(
            "opened", "push", whose(ann, transactional_message_id=7) | {"recipients": [second]}
        )
        happens(client, id, "bounced", reason="gone")
        failed = [one | {"failure_message": "gone"} for one in (first, second)]
        assert told(client)[-1]["data"]["recipients"] == failed
        happens(client, id, "clicked", url="https://x.co")
        assert told(client)[-1]["data"] == whose(ann, transactional_message_id=7) | {
            "recipients": [first, second],
            "href": "https://x.co",
            "link_id": 1,
        }

    @pytest.mark.parametrize(("channel", "type"), [("sms", "sms"), ("whatsapp", "whatsapp")])
    def test_texts(self, client, ann, channel, type):
        subscribe(client, *EVENTS, with_content=True)
        id = send(client, channel, transactional_message_id=7, to="+1555")
        data = whose(ann, transactional_message_id=7) | {"recipient": "+1555"}
        expected = [
            event("sent", type, data | {"content": ""}),
            event("delivered", type, data),
        ]
        assert told(client) == expected
        happens(client, id, "bounced", reason="landline")
        assert told(client)[2:] == [event("bounced", type, data | {"failure_message": "landline"})]
        happens(client, id, "clicked", url="https://x.co")
        assert told(client)[3:] == [event("clicked", type, data | {"href": "https://x.co", "link_id": 1})]

    def test_a_text_that_nobody_wants(self, client, ann):
        client.put("/v1/customers/ann/optouts", {"optouts": [{"from": "+1999", "optout": True}]})
        subscribe(client, *EVENTS)
        send(client, "sms", transactional_message_id=7, to="+1555", **{"from": "+1999"})
        data = whose(ann, transactional_message_id=7) | {"failure_message": "Person has opted out of this sender"}
        assert told(client) == [event("undeliverable", "sms", data)]

    def test_in_app(self, client, ann):
        subscribe(client, *EVENTS)
        id = send(client, "in_app", transactional_message_id=7)
        data = whose(ann, transactional_message_id=7)
        happens(client, id, "opened")
        happens(client, id, "clicked", url="https://x.co")
        named = data | {"recipient": told(client)[0]["data"]["recipient"]}
        assert told(client) == [
            event("sent", "in_app", named),
            event("opened", "in_app", data),
            event("clicked", "in_app", named | {"href": "https://x.co", "link_id": 1}),
        ]


def test_a_broadcast(client, ann):
    subscribe(client, "email_sent")
    assert client.post("/v1/campaigns/9/triggers", {"ids": ["ann"]}).json == {"id": 1}
    parents = {"broadcast_id": 9, "trigger_id": 1, "action_id": 9, "journey_id": ULID}
    data = whose(ann, **parents) | {"recipient": "ann@x.co", "subject": ""}
    assert told(client) == [event("sent", "email", data)]


class TestPeople:
    def customer(self, cio_id):
        named = {"id": "ann", "email": "ann@x.co", "cio_id": cio_id}
        return {"customer_id": "ann", "email_address": "ann@x.co", "identifiers": named}

    def test_unsubscribed_and_subscribed(self, client, ann):
        subscribe(client, "customer_unsubscribed", "customer_subscribed")
        for value in (True, "1", False, 0):
            client.put("/api/v1/customers/ann", {"unsubscribed": value})
        assert told(client) == [
            event("unsubscribed", "customer", self.customer(ann)),
            event("subscribed", "customer", self.customer(ann)),
        ]

    def test_somebody_new_who_wants_nothing(self, client):
        subscribe(client, *EVENTS)
        cio_id = person(client, email="new@x.co", unsubscribed=True)
        data = {
            "customer_id": "",
            "email_address": "new@x.co",
            "identifiers": {"id": None, "email": "new@x.co", "cio_id": cio_id},
        }
        assert told(client) == [event("unsubscribed", "customer", data)]

    @pytest.mark.parametrize(
        ("change", "content"),
        [
            ({"cio_subscription_preferences": {"topics": {"topic_1": True}}}, {"topics": {"topic_1": True}}),
            (
                {"cio_subscription_preferences": {"topics": {"topic_1": False, "topic_2": True}}},
                {"topics": {"topic_2": True}},
            ),
            ({"cio_subscription_preferences.topics.topic_3": False}, {"topics": {"topic_3": False}}),
            ({"cio_subscription_preferences.channels.email": False}, {"channels": {"email": False}}),
            ({"cio_subscription_preferences": ""}, {}),
        ],
    )
    def test_preferences(self, client, ann, change, content):
        client.put("/api/v1/customers/ann", {"cio_subscription_preferences": {"topics": {"topic_1": False}}})
        plain = subscribe(client, "customer_subscription_preferences_changed")
        full = subscribe(client, "customer_subscription_preferences_changed", with_content=True)
        client.put("/api/v1/customers/ann", change)
        client.put("/api/v1/customers/ann", change)
        name, type = "cio_subscription_preferences_changed", {"object_type_type": "customer"}
        assert told(client, plain) == [event(name, "customer", self.customer(ann), **type)]
        ((content_told, rest),) = [(one["data"].pop("content"), one) for one in told(client, full)]
        assert (json.loads(content_told), rest) == (content, event(name, "customer", self.customer(ann), **type))

    def test_a_topic_left_by_a_message(self, client, ann):
        subscriptions.add_topic(part_of(client), "News", "", True)
        subscribe(client, *EVENTS, with_content=True)
        id = send(client, **EMAIL | {"transactional_message_id": 5})
        for named in ("1", "topic_1", "News"):
            happens(client, id, "unsubscribed", group=named)
        data = self.customer(ann) | {
            "delivery_id": id,
            "transactional_message_id": 5,
            "content": '{"topics":{"topic_1":false}}',
        }
        name, type = "cio_subscription_preferences_changed", {"object_type_type": "email"}
        assert told(client)[2:] == [event(name, "email", data, **type)]


class TestWhoIsTold:
    def test_whoever_asked_for_it(self, client, ann):
        sent = subscribe(client, "email_sent")
        both = subscribe(client, "email_delivered", "email_sent")
        disabled = subscribe(client, "email_sent", disabled=True)
        send(client, **EMAIL)
        assert [[one["metric"] for one in told(client, id)] for id in (sent, both, disabled)] == [
            ["sent"],
            ["sent", "delivered"],
            [],
        ]
        assert told(client, sent)[0] == told(client, both)[0]
        assert told(client, both)[0]["event_id"] < told(client, both)[1]["event_id"]

    def test_nobody_any_more(self, client, ann):
        subscribe(client, "email_sent")
        client.put("/v1/reporting_webhooks/1", {"events": ["sms_sent"]})
        send(client, **EMAIL)
        client.delete("/v1/reporting_webhooks/1")
        send(client, "sms", transactional_message_id=7, to="+1555")
        assert told(client) == []

    def test_the_first_time_or_every_time(self, client, ann):
        first = subscribe(client, "email_opened", "email_clicked")
        every = subscribe(client, "email_opened", "email_clicked", full_resolution=True)
        id = send(client, **EMAIL)
        for _ in range(2):
            happens(client, id, "opened")
            happens(client, id, "clicked", url="https://x.co/a")
        assert [[one["metric"] for one in told(client, id)] for id in (first, every)] == [
            ["opened", "clicked"],
            ["opened", "clicked", "opened", "clicked"],
        ]
