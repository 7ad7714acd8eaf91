"""What runs by itself or because it was asked to: campaigns that tests define, broadcasts and templates."""

from __future__ import annotations

import pytest

from lookalike.vendors.customerio import segmentation
from tests.support import Like
from tests.vendors.customerio.audience import part_of, person, segment
from tests.vendors.customerio.bodies import DELIVERY, NOW, ULID, app_error
from tests.vendors.customerio.told import event, subscribe, told, whose

AT = "2026-01-05T09:00:00.000Z"
MAIL = {"subject": "Thanks", "html": "<p>{{ event.item }}</p>", "text": "T", "sender": "Shop <s@x.co>"}


def define(client, trigger, name="Thanks", message=None):
    body = {"vendor": "customerio", "name": name, "trigger": trigger}
    reply = client.control("POST", "/workflows", body | ({} if message is None else {"message": message}))
    assert reply.status == 201, reply.text
    return reply.json


def shown(number, name="Thanks", type="event", event="bought", segments=(), actions=()):
    return {
        "id": number,
        "deduplicate_id": f"{number}:{NOW}",
        "name": name,
        "type": type,
        "created": NOW,
        "updated": NOW,
        "active": True,
        "state": "running",
        "actions": list(actions),
        "msg_template_ids": list(actions),
        "first_started": NOW,
        "tags": None,
        "event_name": event,
        "trigger_segment_ids": list(segments),
    }


def runs(client):
    """Every run, oldest first."""
    return list(reversed(client.control("GET", "/runs").json["runs"]))


def run(kind="campaign", name="Thanks", contact="ann@x.co", messages=(), at=AT, **trigger):
    return {
        "id": Like("run_[0-9a-f]{20}"),
        "workspace": "default",
        "vendor": "customerio",
        "kind": kind,
        "name": name,
        "trigger": trigger,
        "contact": contact,
        "messages": list(messages),
        "created_at": at,
    }


def buys(client, who="ann", **more):
    body = {"name": "bought", "data": {"item": "tea"}, **more}
    assert client.post(f"/api/v1/customers/{who}/events", body).status == 200


def outbox(client):
    return list(reversed(client.control("GET", "/messages").json["messages"]))


class TestDefining:
    def test_by_an_event(self, client):
        assert client.get("/v1/campaigns").json == {"campaigns": []}
        expected = shown(1, actions=[{"id": 1, "type": "email"}])
        assert define(client, {"type": "event", "event": " bought "}, message=MAIL) == expected
        assert client.get("/v1/campaigns").json == {"campaigns": [expected]}
        assert client.get("/v1/campaigns/1").json == {"campaign": expected}

    def test_by_a_segment(self, client):
        number = segment(client, "VIP")
        expected = shown(1, type="segment", event=None, segments=[number])
        assert define(client, {"type": "segment", "segment_id": number}) == expected
        used = {"campaigns": [1], "sent_newsletters": [], "draft_newsletters": []}
        assert client.get(f"/v1/segments/{number}/used_by").json == {"segment_id": number, "used_by": used}

    def test_one_that_is_not_there(self, client):
        for id in ("1", "x"):
            reply = client.get(f"/v1/campaigns/{id}")
            assert (reply.status, reply.json) == (404, app_error(404, "not found"))

    @pytest.mark.parametrize(
        ("trigger", "sentence"),
        [
            ({}, "The trigger needs a 'type': use one of event, segment."),
            ({"type": "webhook"}, "The trigger needs a 'type': use one of event, segment."),
            ({"type": "event"}, "A trigger of type 'event' needs 'event': say the name of one."),
            ({"type": "event", "event": " "}, "A trigger of type 'event' needs 'event': say the name of one."),
            (
                {"type": "segment", "segment_id": 7},
                "A trigger of type 'segment' needs 'segment_id': say the number of one that is there.",
            ),
            (
                {"type": "segment", "segment_id": "1"},
                "A trigger of type 'segment' needs 'segment_id': say the number of one that is there.",
            ),
        ],
    )
    def test_what_makes_no_sense(self, client, trigger, sentence):
        segment(client, "VIP")
        reply = client.control("POST", "/workflows", {"vendor": "customerio", "name": "x", "trigger": trigger})
        assert (reply.status, reply.json) == (400, {"error": sentence})
        assert client.get("/v1/campaigns").json == {"campaigns": []}


class TestEvents:
    def test_a_run_and_its_mail(self, client):
        ann = person(client, "ann", email="ann@x.co")
        define(client, {"type": "event", "event": "bought"}, message=MAIL)
        subscribe(client, "email_sent")
        buys(client)
        buys(client, "bob")
        (kept,) = outbox(client)
        assert {name: kept[name] for name in ("id", "to", "from", "subject", "html", "text", "campaign_id")} == {
            "id": DELIVERY,
            "to": ["ann@x.co"],
            "from": "Shop <s@x.co>",
            "subject": "Thanks",
            "html": "<p>tea</p>",
            "text": "T",
            "campaign_id": 1,
        }
        by = {"type": "event", "event": "bought", "event_id": ULID, "campaign_id": 1}
        assert runs(client) == [run(messages=[kept["id"]], **by), run(contact="bob", **by)]
        parents = {"campaign_id": 1, "action_id": 1, "journey_id": ULID, "trigger_event_id": ULID}
        data = whose(ann, **parents) | {"recipient": "ann@x.co", "subject": "Thanks"}
        assert told(client) == [event("sent", "email", data)]
        message = client.get("/v1/messages?campaign_id=1").json["messages"]
        assert {one["recipient"]: list(one["metrics"]) for one in message} == {
            "ann@x.co": ["created", "sent", "delivered"],
            "bob": ["created", "undeliverable"],
        }

    def test_every_interface(self, client):
        define(client, {"type": "event", "event": "bought"})
        buys(client)
        entity = {"type": "person", "action": "event", "identifiers": {"id": "ann"}, "name": "bought"}
        assert client.post("/api/v2/entity", entity).status == 200
        basic = {"Authorization": "Basic Y2lvX2E6"}
        assert client.post("/v1/track", {"userId": "ann", "event": "bought"}, headers=basic).status == 200
        assert [one["trigger"]["event"] for one in runs(client)] == ["bought"] * 3

    @pytest.mark.parametrize(
        ("body", "count"),
        [
            ({"timestamp": NOW - 72 * 3600 + 1}, 1),
            ({"timestamp": NOW - 72 * 3600}, 0),
            ({"name": "looked"}, 0),
            ({"type": "page"}, 0),
        ],
    )
    def test_which_set_it_off(self, client, body, count):
        define(client, {"type": "event", "event": "bought"})
        buys(client, **body)
        assert len(runs(client)) == count

    def test_what_is_told_twice_runs_once(self, client):
        define(client, {"type": "event", "event": "bought"})
        for _ in range(2):
            buys(client, id="01E4C4CT6YDC7Y5M7FE1GWWPQJ")
        assert len(runs(client)) == 1

    def test_who_wants_no_mail_gets_none(self, client):
        person(client, "ann", email="ann@x.co", unsubscribed=True)
        define(client, {"type": "event", "event": "bought"}, message=MAIL)
        buys(client)
        assert outbox(client) == []
        by = {"type": "event", "event": "bought", "event_id": ULID, "campaign_id": 1}
        assert runs(client) == [run(**by)]


class TestSegments:
    def test_a_manual_one(self, client):
        person(client, "ann", email="ann@x.co")
        number = segment(client, "VIP")
        define(client, {"type": "segment", "segment_id": number})
        for action in ("add", "add", "remove", "add"):
            client.post(f"/api/v1/segments/{number}/{action}_customers", {"ids": ["ann"]})
        assert runs(client) == [run(type="segment", segment_id=number, campaign_id=1)] * 2

    def test_a_data_driven_one(self, client):
        tree = {"field": "plan", "op": "equals", "value": "pro"}
        segmentation.add_segment(part_of(client), "Pros", "", tree)
        define(client, {"type": "segment", "segment_id": 1})
        person(client, "ann", email="ann@x.co", plan="pro")
        client.put("/api/v1/customers/ann", {"city": "Oslo"})
        assert runs(client) == [run(type="segment", segment_id=1, campaign_id=1)]

    def test_what_the_clock_does(self, client):
        tree = {"not": {"event": "bought", "op": "at_least", "times": 1, "within": "7d"}}
        segmentation.add_segment(part_of(client), "Quiet", "", tree)
        person(client, "ann", email="ann@x.co")
        buys(client)
        define(client, {"type": "segment", "segment_id": 1})
        client.clock(advance="6d")
        assert runs(client) == []
        client.clock(advance="2d")
        (only,) = runs(client)
        assert only == run(type="segment", segment_id=1, campaign_id=1, at=Like("2026-01-12T09:00:.*"))


class TestWhatIsAskedFor:
    def test_a_broadcast(self, client):
        person(client, "ann", email="ann@x.co")
        person(client, "bob")
        client.post("/v1/campaigns/9/triggers", {"ids": ["ann", "bob"]})
        (kept,) = outbox(client)
        by = {"type": "api", "broadcast_id": 9, "trigger_id": 1}
        assert runs(client) == [run("broadcast", "Broadcast 9", None, [kept["id"]], **by)]

    def test_one_that_is_refused_does_not_run(self, client):
        client.post("/v1/campaigns/9/triggers", {"ids": ["nobody"]})
        assert runs(client) == []

    def test_a_template(self, client):
        body = {"to": "ann@x.co", "identifiers": {"id": "ann"}, "transactional_message_id": "Welcome"}
        id = client.post("/v1/send/email", body).json["delivery_id"]
        client.post("/v1/send/email", body | {"send_at": NOW + 60, "transactional_message_id": 5})
        client.post("/v1/send/email", body | {"queue_draft": True})
        one = run("transactional", "Welcome", "ann", [id], type="api", transactional_message_id=2)
        draft = run("transactional", "Welcome", "ann", type="api", transactional_message_id=2)
        assert runs(client) == [one, draft]
        client.clock(advance="1m")
        assert [(run["name"], run["created_at"]) for run in runs(client)][2:] == [
            ("Transactional message 5", "2026-01-05T09:01:00.000Z")
        ]

    def test_a_mail_of_ones_own_is_no_run(self, client):
        body = {"to": "a@x.co", "identifiers": {"id": "ann"}, "subject": "s", "body": "b", "from": "t@x.co"}
        client.post("/v1/send/email", body)
        assert (len(outbox(client)), runs(client)) == (1, [])


def test_a_reset_takes_campaigns_along(client):
    define(client, {"type": "event", "event": "bought"})
    client.control("POST", "/reset", {})
    buys(client)
    assert (client.get("/v1/campaigns").json, runs(client)) == ({"campaigns": []}, [])
