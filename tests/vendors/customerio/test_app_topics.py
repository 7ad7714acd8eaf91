"""The subscription center: topics, channels, a person's choices and the link to their page."""

from __future__ import annotations

import json
import re

import pytest

from lookalike.vendors.customerio import subscriptions
from lookalike.vendors.customerio.schemas.reporting_webhooks import EVENTS
from lookalike.vendors.customerio.subscription_center import CHANNELS
from tests.support import Like
from tests.vendors.customerio.audience import known, part_of, person
from tests.vendors.customerio.bodies import exactly
from tests.vendors.customerio.told import subscribe, told

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

    def test_of_another_workspace(self, client):
        other = client.as_key("anything~ci7")
        other.put("/api/v1/customers/ann", {})
        token = other.get("/v1/subscription_center/ann/token").json["token"]
        assert client.as_key("").get(f"/u/i/{token}/").status == 200
        assert client.get(f"/u/i/{token}/").status == 404

    def test_nobody(self, client):
        reply = client.get("/v1/subscription_center/1/token")
        assert (reply.status, reply.json) == (400, exactly(400, "bad request"))


class TestPage:
    """Where the link leads; what is on the page is ours."""

    @pytest.fixture
    def page(self, client):
        """The path of ann's page, and of two topics one that she wants."""
        for name, wanted in (("News & more", True), ("<Offers>", False)):
            subscriptions.add_topic(part_of(client), name, "", wanted)
        person(client, "ann", email="ann@x.co")
        url = client.get("/v1/subscription_center/ann/token").json["url"]
        return url.removeprefix("https://track.customer.io")

    def boxes(self, reply):
        assert (reply.status, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
        found = re.findall(r'name="(\w+)" value="(\w+)"( checked)?> ([^<]*)<', reply.text)
        return [(name, value, bool(checked), label) for name, value, checked, label in found]

    def save(self, client, page, form):
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return client.as_key("")("POST", page, body=form.encode(), headers=headers)

    def test_what_it_shows(self, client, page):
        assert self.boxes(client.as_key("").get(page)) == [
            ("topics", "topic_1", True, "News &amp; more"),
            ("topics", "topic_2", False, "&lt;Offers&gt;"),
            ("unsubscribed", "true", False, "Unsubscribe from everything"),
        ]

    @pytest.mark.parametrize(
        ("form", "topics", "unsubscribed"),
        [
            ("topics=topic_2", {"topic_1": False, "topic_2": True}, False),
            ("topics=topic_1&topics=topic_2", {"topic_1": True, "topic_2": True}, False),
            ("", {"topic_1": False, "topic_2": False}, False),
            ("topics=nothing&unsubscribed=true", {"topic_1": False, "topic_2": False}, True),
        ],
    )
    def test_what_is_saved(self, client, page, form, topics, unsubscribed):
        shown = self.boxes(self.save(client, page, form))
        assert {value: checked for name, value, checked, _ in shown if name == "topics"} == topics
        customer = client.get("/v1/customers/ann/attributes").json["customer"]
        assert customer["unsubscribed"] is unsubscribed
        assert json.loads(customer["attributes"]["cio_subscription_preferences"]) == {"topics": topics}

    def test_webhooks_are_told(self, client, page):
        subscribe(client, *EVENTS)
        self.save(client, page, "unsubscribed=true")
        assert [(one["metric"], one["object_type"]) for one in told(client)] == [
            ("unsubscribed", "customer"),
            ("cio_subscription_preferences_changed", "customer"),
        ]

    def test_a_link_that_is_over(self, client, page):
        client.clock(advance="24h")
        expected = {"meta": {"error": "this link is unknown or has expired"}}
        for reply in (client.get(page), self.save(client, page, ""), client.get("/u/i/unknown/")):
            assert (reply.status, reply.json) == (404, expected)

    def test_of_somebody_who_is_gone(self, client, page):
        client.delete("/api/v1/customers/ann")
        assert client.get(page).status == 404
