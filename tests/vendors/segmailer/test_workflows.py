"""SegMailer's workflows: what tests define, what makes them run, what they send."""

from __future__ import annotations

import pytest

from tests.support import UUID, Like
from tests.vendors.segmailer.bodies import (
    LATER,
    NOBODY,
    START,
    held,
    listing,
    make_segment,
    upsert,
    where,
)
from tests.vendors.segmailer.test_engagement import happen

PRO = where("plan", "eq", "Pro")
RUN = Like("run_[0-9a-f]{20}")
SIGNED_IN = {"type": "event", "event": "signed_in"}


def define(client, trigger, name="W", **more):
    body = {"vendor": "segmailer", "name": name, "trigger": trigger, **more}
    reply = client.control("POST", "/workflows", body)
    assert reply.status == 201, reply.text
    return reply.json


def runs(client, **query):
    filters = "&".join(f"{name}={value}" for name, value in query.items())
    return client.control("GET", f"/runs?{filters}").json["runs"]


def run(trigger, contact="ann@example.com", name="W", messages=(), at=START):
    where_ = {"id": RUN, "workspace": "default", "vendor": "segmailer", "kind": "workflow"}
    return {
        **where_,
        "name": name,
        "trigger": trigger,
        "contact": contact,
        "messages": list(messages),
        "created_at": at,
    }


def track(client, event="signed_in", email="ann@example.com", **more):
    reply = client.post("/v1/events", {"identifier": {"email": email}, "event": event, **more})
    assert reply.status == 202
    return reply.json["id"]


class TestDefine:
    @pytest.mark.parametrize("type_", ["segment_enter", "segment_leave"])
    def test_of_a_segment(self, client, type_):
        trigger = {"type": type_, "segmentId": make_segment(client, "Pro", PRO)}
        made = define(client, {**trigger, "more": 1}, "Welcome")
        assert made == {"id": UUID, "name": "Welcome", "status": "active", "trigger": trigger}
        reply = client.get("/api/v2/workflows")
        assert (reply.status, reply.json) == (200, listing(made))

    def test_of_an_event(self, client):
        made = define(client, SIGNED_IN)
        assert made == {"id": UUID, "name": "W", "status": "active", "trigger": SIGNED_IN}
        assert client.get("/api/v2/workflows").json == listing(made)

    def test_list_newest_first_to_the_end(self, client):
        assert client.get("/api/v2/workflows").json == listing()
        shown = []
        for name in "abc":
            shown.insert(0, define(client, SIGNED_IN, name))
            client.clock(advance="1s")
        for page in (1, 2, 3, 4):
            reply = client.get("/api/v2/workflows", query={"page": page, "limit": 1})
            assert reply.json == listing(*shown[page - 1 : page], page=page, limit=1, total=3)

    @pytest.mark.parametrize(
        ("trigger", "sentence"),
        [
            ({}, "The trigger needs a 'type': use one of segment_enter, segment_leave, event."),
            ({"type": "date"}, "The trigger needs a 'type': use one of segment_enter, segment_leave, event."),
            ({"type": ["event"]}, "The trigger needs a 'type': use one of segment_enter, segment_leave, event."),
            ({"type": "event"}, "A trigger of type 'event' needs 'event': say of which."),
            ({"type": "event", "event": ""}, "A trigger of type 'event' needs 'event': say of which."),
            ({"type": "segment_enter"}, "A trigger of type 'segment_enter' needs 'segmentId': say of which."),
            ({"type": "segment_leave", "segmentId": NOBODY}, f"There is no segment '{NOBODY}': create it first."),
        ],
    )
    def test_what_makes_no_sense(self, client, trigger, sentence):
        reply = client.control("POST", "/workflows", {"vendor": "segmailer", "name": "W", "trigger": trigger})
        assert (reply.status, reply.json) == (400, {"error": sentence})
        assert held(client) == []


class TestEvents:
    def test_an_event_of_that_name(self, client):
        define(client, SIGNED_IN)
        define(client, {"type": "event", "event": "signed_out"}, "Other")
        id = track(client)
        track(client, "else")
        assert runs(client) == [run({**SIGNED_IN, "eventId": id})]

    def test_an_event_that_names_workflows(self, client):
        one, two = define(client, SIGNED_IN, "one"), define(client, {"type": "event", "event": "never"}, "two")
        segment = make_segment(client, "Pro", PRO)
        three = define(client, {"type": "segment_enter", "segmentId": segment}, "three")
        id = track(client, workflowIds=[two["id"], NOBODY, three["id"], one["id"], two["id"]])
        trigger = {**SIGNED_IN, "eventId": id}
        assert runs(client)[::-1] == [run(trigger, name=name) for name in ("one", "two", "three")]

    def test_events_in_bulk(self, client):
        define(client, SIGNED_IN)
        rows = [{"identifier": {"email": f"{name}@example.com"}, "event": "signed_in"} for name in "ab"]
        reply = client.post("/v1/events/bulk", {"events": [*rows, {"event": "signed_in"}]})
        ids = [row["id"] for row in reply.json["results"]]
        expected = [
            run({**SIGNED_IN, "eventId": id}, f"{name}@example.com") for id, name in zip(ids[:2], "ab", strict=True)
        ]
        assert runs(client)[::-1] == expected

    def test_a_refused_one_runs_nothing(self, client):
        define(client, SIGNED_IN)
        assert client.post("/v1/events", {"event": "signed_in"}).status == 400
        assert runs(client) == []


class TestSegments:
    @pytest.fixture
    def pro(self, client):
        """A segment whose entering and leaving run a workflow each; its id."""
        id = make_segment(client, "Pro", PRO)
        define(client, {"type": "segment_enter", "segmentId": id}, "enter")
        define(client, {"type": "segment_leave", "segmentId": id}, "leave")
        return id

    def ran(self, client):
        return [(one["name"], one["contact"], one["trigger"]["type"]) for one in runs(client)[::-1]]

    def test_every_kind_of_write(self, client, pro):
        trigger = {"type": "segment_enter", "segmentId": pro}
        upsert(client, "ann@example.com", {"plan": "Pro"})
        assert runs(client) == [run(trigger, name="enter")]
        upsert(client, "ann@example.com", {"plan": "Pro", "other": 1})
        client.clock(advance="1s")
        client.patch("/api/v2/contacts/ann@example.com", {"attributes": {"plan": None}})
        assert runs(client)[0] == run({**trigger, "type": "segment_leave"}, name="leave", at=LATER)
        client.post(
            "/api/v2/contacts/bulk",
            {"contacts": [{"identifier": {"email": "ann@example.com"}, "attributes": {"plan": "Pro"}}]},
        )
        assert len(runs(client)) == 3

    def test_what_is_in_the_answer_has_run(self, client, pro):
        define(client, {"type": "segment_enter", "segmentId": pro}, "mail", message={"subject": "Hi"})
        upsert(client, "ann@example.com", {"plan": "Pro"})
        assert self.ran(client) == [
            ("enter", "ann@example.com", "segment_enter"),
            ("mail", "ann@example.com", "segment_enter"),
        ]

    def test_what_happens_to_mails(self, client):
        id = make_segment(client, "Openers", {"engagement": "opened_campaign"})
        upsert(client, "ann@example.com")
        define(client, {"type": "segment_enter", "segmentId": id}, "thanks")
        body = {"vendor": "segmailer", "workspace": "default", "to": "ann@example.com", "subject": "x"}
        message = client.control("POST", "/messages", body).json["id"]
        happen(client, message, "opened")
        happen(client, message, "opened")
        assert self.ran(client) == [("thanks", "ann@example.com", "segment_enter")]

    def test_the_clock(self, client):
        id = make_segment(client, "Soon", where("at", "within_next", {"amount": 1, "unit": "days"}))
        define(client, {"type": "segment_enter", "segmentId": id}, "enter")
        define(client, {"type": "segment_leave", "segmentId": id}, "leave")
        upsert(client, "ann@example.com", {"at": "2026-03-20T10:30:00Z"})
        assert runs(client) == []
        client.clock(advance="30d")
        left, entered = runs(client)
        assert (entered["name"], entered["created_at"]) == ("enter", "2026-03-19T10:30:00.000Z")
        assert (left["name"], left["created_at"]) == ("leave", "2026-03-20T10:30:00.000Z")

    def test_when_it_shows(self, client, pro):
        client.control("PUT", "/lag", {"lag": 1})
        upsert(client, "ann@example.com", {"plan": "Pro"})
        assert runs(client) == []
        client.clock(advance="1s")
        assert runs(client) == [run({"type": "segment_enter", "segmentId": pro}, name="enter", at=LATER)]

    def test_making_or_changing_a_segment_moves_nobody_in(self, client, pro):
        upsert(client, "ann@example.com", {"plan": "Free"})
        client.patch(f"/api/v2/segments/{pro}", {"filter": where("plan", "eq", "Free")})
        assert runs(client) == []
        upsert(client, "ann@example.com", {"plan": "Pro"})
        assert self.ran(client) == [("leave", "ann@example.com", "segment_leave")]

    def test_deleting_a_contact_runs_nothing(self, client, pro):
        upsert(client, "ann@example.com", {"plan": "Pro"})
        client.delete("/api/v2/contacts/ann@example.com")
        assert self.ran(client) == [("enter", "ann@example.com", "segment_enter")]


class TestMails:
    MAIL = {"subject": "Hello", "html": "<p>Hi</p>", "text": "Hi", "sender": "Us <us@example.org>"}  # noqa: RUF012

    def test_one_to_each_for_whom_it_runs(self, client):
        define(client, SIGNED_IN, message=self.MAIL)
        track(client)
        [one] = runs(client)
        [message] = client.control("GET", "/messages").json["messages"]
        assert message == {
            "id": UUID,
            "workspace": "default",
            "vendor": "segmailer",
            "from": "Us <us@example.org>",
            "to": ["ann@example.com"],
            "subject": "Hello",
            "html": "<p>Hi</p>",
            "text": "Hi",
            "campaignId": None,
            "created_at": START,
            "events": [],
        }
        assert one == run({**SIGNED_IN, "eventId": UUID}, messages=[message["id"]])

    @pytest.mark.parametrize("status", ["unsubscribed", "bounced", "complained"])
    def test_none_to_whom_may_not_be_written(self, client, status):
        define(client, SIGNED_IN, message=self.MAIL)
        track(client)
        [message] = client.control("GET", "/messages").json["messages"]
        happen(client, message["id"], status)
        assert client.get("/api/v2/contacts/ann@example.com").json["status"] == status
        track(client)
        assert [one["messages"] for one in runs(client)] == [[], [message["id"]]]

    def test_an_opened_one_leads_on(self, client):
        openers = make_segment(client, "Openers", {"engagement": "opened_campaign"})
        define(client, SIGNED_IN, "first", message={"subject": "1"})
        define(client, {"type": "segment_enter", "segmentId": openers}, "second", message={"subject": "2"})
        track(client)
        happen(client, runs(client)[0]["messages"][0], "opened")
        subjects = [one["subject"] for one in client.control("GET", "/messages").json["messages"]]
        assert sorted(subjects) == ["1", "2"]
        assert [one["name"] for one in runs(client)] == ["second", "first"]
