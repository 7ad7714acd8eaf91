"""Sending marketing broadcasts to an audience, now and later."""

from __future__ import annotations

import pytest

from lookalike.vendors.invent.broadcast_documents import BROADCASTS as RESOURCE
from lookalike.vendors.invent.recipients import RECIPIENTS
from lookalike.vendors.invent.sending import AUDIENCES
from tests.vendors.invent.bodies import (
    BROADCASTS,
    CONTACTS,
    LATER,
    MALFORMED,
    NO_OBJECT,
    START,
    an_id,
    broadcast,
    by_email,
    change,
    embedded,
    get,
    happened,
    held,
    make,
    make_broadcast,
    make_contact,
    make_segment,
    paging,
    recipient,
    refused,
    template,
)


def send(client, id: str, **more):
    return client.post(f"{BROADCASTS}/{id}/send", **more)


def outbox(client) -> list[dict]:
    """The kept messages, oldest first, without what the core adds."""
    found = client.control("GET", "/messages?vendor=invent").json["messages"]
    return [
        {name: value for name, value in message.items() if name not in ("workspace", "vendor", "events")}
        for message in reversed(found)
    ]


def many(client, count: int) -> None:
    channels = [{"email": f"p{number}@example.com"} for number in range(count)]
    client.post(f"{CONTACTS}/bulk", {"channels": channels})


def part_of(client):
    return client.sandbox.workspace("default").part("invent")


def test_everybody_in_the_segments_once(client):
    one, two = make_segment(client, "One"), make_segment(client, "Two")
    [a] = make(client, "a@example.com", segment_ids=[one, two])
    [b] = make(client, "b@example.com", segment_ids=[two])
    make(client, "c@example.com")
    id = make_broadcast(client, "News", segment_ids=[one, two])
    client.clock(advance="1s")
    reply = send(client, id)
    expected = broadcast(
        "News",
        status="SENT",
        started_at=LATER,
        completed_at=LATER,
        updated_at=LATER,
        contacts_count=2,
        recipients_count=2,
        sent_count=2,
        segments=[embedded("One", 1), embedded("Two", 2)],
        templates=[template(recipients_count=2)],
    )
    assert (reply.status, reply.json) == (200, expected)
    assert get(client, f"{BROADCASTS}/{id}") == expected
    rows = client.get(f"{BROADCASTS}/{id}/recipients")
    assert paging(rows) == ("2", "1", "20")
    assert {row["contact"]["id"] for row in rows.json} == {a, b}


def test_recipients_and_messages_whole(client):
    [a] = make(client, "a@example.com")
    id = make_broadcast(
        client,
        "News",
        send_to_all=True,
        templates=[
            {
                "config": {
                    "from": "news@example.com",
                    "subject": "Hi {{name}}",
                    "html": "<b>{{ contact.email }}</b>",
                    "text": "Dear {{contact.name}}, {{other}}",
                }
            }
        ],
    )
    client.patch(f"{CONTACTS}/{a}", {"name": "Ann"})
    send(client, id)
    [row] = get(client, f"{BROADCASTS}/{id}/recipients")
    expected = recipient(
        "News",
        user_id="a@example.com",
        name="Ann",
        email="a@example.com",
        external_message_id=an_id("msg"),
        contact=by_email("a@example.com", name="Ann"),
        **happened("sent"),
    )
    assert row == expected
    assert list(row) == [
        "id", "broadcast_id", "broadcast_name", "template_id", "integration_id", "user_id", "name", "username", "phone",
        "email", "status", "is_skipped", "is_skipped_at", "is_failed", "is_failed_at", "is_bounced", "is_bounced_at",
        "is_sent", "is_sent_at", "is_delivered", "is_delivered_at", "is_complained", "is_complained_at",
        "is_unsubscribed", "is_unsubscribed_at", "is_opened", "is_opened_at", "is_played", "is_played_at",
        "error_message", "external_message_id", "created_at", "updated_at", "contact",
    ]  # fmt: skip
    assert outbox(client) == [
        {
            "id": row["external_message_id"],
            "from": "news@example.com",
            "to": ["a@example.com"],
            "subject": "Hi Ann",
            "html": "<b>a@example.com</b>",
            "text": "Dear Ann, {{other}}",
            "created_at": START,
            "status": "sent",
            "broadcast_id": id,
            "recipient_id": row["id"],
            "template_id": row["template_id"],
            "contact_id": a,
            "variables": {},
        }
    ]


def test_a_message_without_content_is_named_like_the_broadcast(client):
    make_contact(client, user_id="u", phone="+12025550143")
    send(client, make_broadcast(client, "News", send_to_all=True, templates=[{"config": {"subject": 5, "text": []}}]))
    [message] = outbox(client)
    assert (message["from"], message["to"]) == ("custom", ["+12025550143"])
    assert (message["subject"], message["html"], message["text"]) == ("News", None, None)


def test_who_is_blocked_or_unsubscribed_is_skipped(client):
    a, b, c = make(client, "a@example.com", "b@example.com", "c@example.com")
    client.patch(f"{CONTACTS}/{a}", {"blocked": True, "unsubscribed": True})
    client.patch(f"{CONTACTS}/{b}", {"unsubscribed": True})
    id = make_broadcast(client, "News", send_to_all=True)
    shown = send(client, id).json
    assert (shown["contacts_count"], shown["recipients_count"], shown["skipped_count"], shown["sent_count"]) == (
        3,
        3,
        2,
        1,
    )
    rows = {row["contact"]["id"]: row for row in get(client, f"{BROADCASTS}/{id}/recipients")}
    assert rows[b] == recipient(
        "News",
        user_id="b@example.com",
        email="b@example.com",
        error_message="Contact is unsubscribed",
        contact=by_email("b@example.com", unsubscribed=True, unsubscribed_at=START),
        **happened("skipped"),
    )
    assert [rows[id]["error_message"] for id in (a, b, c)] == ["Contact is blocked", "Contact is unsubscribed", None]
    assert [message["to"] for message in outbox(client)] == [["c@example.com"]]


@pytest.mark.parametrize(
    ("integration", "reached", "to"),
    [
        ("custom", True, "a@example.com"),
        ("gmail", True, "a@example.com"),
        ("whatsapp_bot", True, "+12025550143"),
        ("twilio", True, "+12025550143"),
        ("telnyx", True, "+12025550143"),
        ("slack_bot", False, None),
        ("internal", False, None),
        ("messenger_bot", False, None),
    ],
)
def test_a_template_finds_its_channel(client, integration, reached, to):
    make_contact(client, email="a@example.com", phone="+12025550143")
    id = make_broadcast(client, "News", send_to_all=True, templates=[{"integration_id": integration}])
    send(client, id)
    [row] = get(client, f"{BROADCASTS}/{id}/recipients")
    assert (row["integration_id"], row["is_sent"], row["is_skipped"]) == (integration, reached, not reached)
    assert row["error_message"] == (None if reached else f"Contact has no {integration} channel")
    assert [message["to"] for message in outbox(client)] == ([[to]] if reached else [])


def test_whoever_lacks_what_a_template_needs_is_skipped(client):
    make(client, "a@example.com")
    make_contact(client, phone="+12025550143")
    id = make_broadcast(
        client, "News", send_to_all=True, templates=[{"integration_id": "gmail"}, {"integration_id": "twilio"}]
    )
    shown = send(client, id).json
    assert (shown["contacts_count"], shown["recipients_count"], shown["skipped_count"], shown["sent_count"]) == (
        2,
        4,
        2,
        2,
    )
    assert [found["recipients_count"] for found in shown["templates"]] == [2, 2]
    rows = get(client, f"{BROADCASTS}/{id}/recipients")
    assert sorted(row["error_message"] for row in rows if row["is_skipped"]) == [
        "Contact has no gmail channel",
        "Contact has no twilio channel",
    ]


def test_a_large_audience(client):
    many(client, 1_000)
    id = make_broadcast(client, "News", send_to_all=True)
    shown = send(client, id).json
    assert (shown["status"], shown["sent_count"], shown["recipients_count"]) == ("SENT", 1_000, 1_000)
    reply = client.get(f"{BROADCASTS}/{id}/recipients", query={"take": 100, "page": 10})
    assert (len(reply.json), paging(reply)) == (100, ("1000", "10", "100"))


@pytest.mark.parametrize("members", [{}, {"send_to_all": True}])
def test_an_audience_of_nobody(client, members):
    id = make_broadcast(client, "News", **members)
    expected = broadcast("News", status="SENT", started_at=START, completed_at=START, **members)
    assert send(client, id).json == expected
    assert get(client, f"{BROADCASTS}/{id}/recipients") == []


@pytest.mark.parametrize("body", [b"", b" ", b"{}", b'{"contact_id": 5}'])
def test_a_body_means_nothing(client, body):
    assert send(client, make_broadcast(client, "News"), body=body).json["status"] == "SENT"


@pytest.mark.parametrize(("body", "expected"), [(b"{", MALFORMED), (b"[]", NO_OBJECT), (b"null", NO_OBJECT)])
def test_but_it_has_to_be_an_object(client, body, expected):
    id = make_broadcast(client, "News")
    before = held(client)
    reply = send(client, id, body=body)
    assert (reply.status, reply.json) == (400, expected)
    assert held(client) == before


@pytest.mark.parametrize("status", ["SCHEDULED", "SENDING", "SENT"])
def test_not_from_every_status(client, status):
    id = make_broadcast(client, "News", send_to_all=True)
    make(client, "a@example.com")
    change(client, RESOURCE, id, status=status)
    before = held(client)
    reply = send(client, id)
    message = "Only broadcasts in DRAFT, CANCELLED or FAILED status can be sent"
    assert (reply.status, reply.json) == (400, refused(message))
    assert held(client) == before


@pytest.mark.parametrize("status", ["CANCELLED", "FAILED"])
def test_again_when_it_rests(client, status):
    id = make_broadcast(client, "News")
    change(client, RESOURCE, id, status=status)
    assert send(client, id).json["status"] == "SENT"


class TestLater:
    AT = "2026-03-18T10:30:00.000Z"

    @pytest.fixture
    def scheduled(self, client):
        make(client, "a@example.com")
        id = make_broadcast(client, "News", send_to_all=True, scheduled_at=self.AT)
        reply = send(client, id)
        expected = broadcast("News", status="SCHEDULED", scheduled_at=self.AT, send_to_all=True)
        assert (reply.status, reply.json) == (200, expected)
        return id

    def test_it_goes_when_its_time_has_come(self, client, scheduled):
        client.clock(freeze="2026-03-18T10:29:59.999Z")
        assert get(client, f"{BROADCASTS}/{scheduled}")["status"] == "SCHEDULED"
        assert outbox(client) == []
        make(client, "late@example.com")
        client.clock(freeze="2026-03-18T12:00:00Z")
        assert get(client, f"{BROADCASTS}/{scheduled}") == broadcast(
            "News",
            status="SENT",
            scheduled_at=self.AT,
            started_at=self.AT,
            completed_at=self.AT,
            updated_at=self.AT,
            send_to_all=True,
            contacts_count=2,
            recipients_count=2,
            sent_count=2,
            templates=[template(recipients_count=2)],
        )
        assert [message["created_at"] for message in outbox(client)] == [self.AT, self.AT]

    def test_a_large_audience_is_served_little_by_little(self, client, scheduled, between):
        """Others see it under way, with those served so far counted; the run names every message."""
        many(client, 120)
        seen = []

        def look():
            shown = get(client, f"{BROADCASTS}/{scheduled}")
            seen.append((shown["status"], shown["contacts_count"], shown["sent_count"]))

        between += [look, look]
        client.clock(freeze="2026-03-18T12:00:00Z")
        assert seen == [("SENDING", 121, 50), ("SENDING", 121, 100)]
        look()
        assert seen[2] == ("SENT", 121, 121)
        [run] = client.control("GET", "/runs?vendor=invent").json["runs"]
        rows = client.get(f"{BROADCASTS}/{scheduled}/recipients?take=100").json
        assert len(set(run["messages"])) == 121
        assert {row["external_message_id"] for row in rows} < set(run["messages"])
        assert part_of(client).collection(AUDIENCES).count() == 0

    def test_one_that_is_deleted_while_it_is_sent(self, client, scheduled, between):
        many(client, 120)
        between.append(lambda: client.delete(f"{BROADCASTS}/{scheduled}"))
        client.clock(freeze="2026-03-18T12:00:00Z")
        part = part_of(client)
        assert len(outbox(client)) == 50
        assert [part.collection(resource).count() for resource in (AUDIENCES, RESOURCE, RECIPIENTS)] == [0, 0, 0]
        assert client.control("GET", "/runs?vendor=invent").json["runs"] == []

    def test_a_server_that_is_stopped_meanwhile_goes_on(self, client, scheduled, between):
        many(client, 120)
        between.append(lambda: client.control("POST", "/workspaces", {"name": "stopped", "from": "default"}))
        client.clock(freeze="2026-03-18T12:00:00Z", workspace="default")
        other = client.as_key(f"{client.key}~stopped")
        assert get(other, f"{BROADCASTS}/{scheduled}")["sent_count"] == 50
        client.clock(freeze="2026-03-18T12:00:00Z", workspace="stopped")
        assert get(other, f"{BROADCASTS}/{scheduled}")["sent_count"] == 121

    def test_what_was_cancelled_can_be_put_off(self, client, scheduled):
        client.post(f"{BROADCASTS}/{scheduled}/cancel")
        client.patch(f"{BROADCASTS}/{scheduled}", {"scheduled_at": "2026-03-19T00:00:00Z"})
        assert send(client, scheduled).json["status"] == "SCHEDULED"
        client.clock(freeze="2026-03-18T12:00:00Z")
        assert get(client, f"{BROADCASTS}/{scheduled}")["status"] == "SCHEDULED"
        client.clock(freeze="2026-03-19T12:00:00Z")
        assert get(client, f"{BROADCASTS}/{scheduled}")["started_at"] == "2026-03-19T00:00:00.000Z"
        assert len(outbox(client)) == 1

    def test_a_time_that_is_past_is_now(self, client):
        id = make_broadcast(client, "News", scheduled_at="2020-01-01T00:00:00Z")
        assert send(client, id).json["status"] == "SENT"
