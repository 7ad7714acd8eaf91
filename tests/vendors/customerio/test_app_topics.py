"""The subscription center: topics, channels, a person's choices and the link to their page."""

from __future__ import annotations

import pytest

from lookalike.vendors.customerio import subscriptions
from lookalike.vendors.customerio.subscription_center import CHANNELS
from tests.support import Like
from tests.vendors.customerio.audience import known, part_of, person
from tests.vendors.customerio.bodies import exactly

HEADER = {
    "title": "Manage your subscription preferences",
    "subtitle": "Check the box next to each topic you'd like to subscribe to.",
}


@pytest.fixture
def topics(client):
    subscriptions.add_topic(part_of(client), "News", "What is new", True)
    subscriptions.add_topic(part_of(client), "Offers", "What is cheap", False)
    return client


class TestLists:
    @pytest.mark.parametrize("kind", ["topics", "channels"])
    def test_none(self, client, kind):
        part_of(client).collection(CHANNELS).clear()
        reply = client.get(f"/v1/subscription_{kind}")
        assert (reply.status, reply.json) == (200, {kind: []})

    def test_topics(self, topics):
        assert topics.get("/v1/subscription_topics").json == {
            "topics": [
                {
                    "id": 1,
                    "identifier": "topic_1",
                    "name": "News",
                    "description": "What is new",
                    "subscribed_by_default": True,
                },
                {
                    "id": 2,
                    "identifier": "topic_2",
                    "name": "Offers",
                    "description": "What is cheap",
                    "subscribed_by_default": False,
                },
            ]
        }

    def test_channels(self, client):
        described = {"description": "", "subscribed_by_default": True}
        assert client.get("/v1/subscription_channels").json == {
            "channels": [
                {"id": 1, "type": "email", "name": "Email", **described},
                {"id": 2, "type": "push", "name": "Push", **described},
                {"id": 3, "type": "twilio", "name": "SMS", **described},
            ]
        }


class TestPreferences:
    @pytest.mark.parametrize(
        ("chosen", "news", "offers"),
        [
            ({}, True, False),
            ({"cio_subscription_preferences.topics.topic_2": True}, True, True),
            ({"cio_subscription_preferences": {"topics": {"topic_1": False}}}, False, False),
        ],
    )
    def test_what_a_person_sees(self, topics, chosen, news, offers):
        cio_id = person(topics, "1", email="a@example.com", **chosen)
        reply = topics.get("/v1/customers/1/subscription_preferences")
        assert (reply.status, reply.json) == (
            200,
            {
                "customer": {
                    "id": "1",
                    "identifiers": known("1", "a@example.com", cio_id),
                    "header": HEADER,
                    "topics": [
                        {"id": 1, "name": "News", "description": "What is new", "subscribed": news},
                        {"id": 2, "name": "Offers", "description": "What is cheap", "subscribed": offers},
                    ],
                    "unsubscribed": False,
                }
            },
        )
        by_email = topics.get("/v1/customers/a%40example.com/subscription_preferences?id_type=email&language=fr")
        assert by_email.json["customer"] == {**reply.json["customer"], "id": "a@example.com"}

    def test_the_unsubscribed(self, client):
        person(client, "1", unsubscribed=True)
        shown = client.get("/v1/customers/1/subscription_preferences").json["customer"]
        assert (shown["unsubscribed"], shown["topics"]) == (True, [])


class TestToken:
    @pytest.mark.parametrize("asked", ["1", "a%40example.com", "A%40Example.com"])
    def test_by_id_or_email(self, client, asked):
        person(client, "1", email="a@example.com")
        reply = client.get(f"/v1/subscription_center/{asked}/token")
        token = reply.json["token"]
        assert (reply.status, reply.json) == (
            200,
            {"token": Like("[A-Za-z0-9_-]{64}"), "url": f"https://track.customer.io/u/i/{token}/"},
        )
        assert client.get(f"/v1/subscription_center/{asked}/token").json["token"] != token

    def test_nobody(self, client):
        reply = client.get("/v1/subscription_center/1/token")
        assert (reply.status, reply.json) == (400, exactly(400, "bad request"))
