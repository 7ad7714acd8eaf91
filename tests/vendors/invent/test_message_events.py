"""What happens to messages: flags of recipients, counters of broadcasts, contacts who unsubscribe."""

from __future__ import annotations

import pytest

from tests.vendors.invent.bodies import (
    BROADCASTS,
    CONTACTS,
    LATER,
    an_id,
    broadcast,
    by_email,
    get,
    happened,
    held,
    make,
    make_broadcast,
    recipient,
    template,
)

COUNTERS = {
    "delivered": "delivered_count",
    "opened": "opened_count",
    "clicked": "click_count",
    "bounced": "failed_count",
    "complained": "complained_count",
    "unsubscribed": "unsubscribed_count",
}


@pytest.fixture
def news(client):
    """A broadcast that one contact got, and the message of it."""
    [client.contact] = make(client, "a@example.com")
    client.news = make_broadcast(client, "News", send_to_all=True, templates=[{"config": {"text": "https://e.co/"}}])
    client.post(f"{BROADCASTS}/{client.news}/send")
    [message] = client.control("GET", "/messages?vendor=invent").json["messages"]
    client.message = message["id"]
    client.clock(advance="1s")
    return client


def happen(client, type_: str, **more):
    reply = client.control("POST", f"/messages/{client.message}/events", {"type": type_, **more})
    assert reply.status in (200, 201), reply.text
    return reply.json


def rows(client):
    return get(client, f"{BROADCASTS}/{client.news}/recipients")


def row(**more):
    return recipient(
        "News",
        **{
            "user_id": "a@example.com",
            "email": "a@example.com",
            "external_message_id": an_id("msg"),
            "contact": by_email("a@example.com"),
            **happened("sent"),
            **more,
        },
    )


@pytest.mark.parametrize("type_", COUNTERS)
def test_flags_and_counters(news, type_):
    told = happen(news, type_)
    assert [event["type"] for event in told["events"]] == [type_]
    flags = {} if type_ == "clicked" else {**happened(type_, at=LATER), "updated_at": LATER}
    if type_ == "bounced":
        flags["error_message"] = "Message bounced"
    if type_ == "unsubscribed":
        flags["contact"] = by_email("a@example.com", unsubscribed=True, unsubscribed_at=LATER, updated_at=LATER)
    assert rows(news) == [row(**flags)]
    shown = get(news, f"{BROADCASTS}/{news.news}")
    assert {name: shown[name] for name in COUNTERS.values()} == dict.fromkeys(COUNTERS.values(), 0) | {
        COUNTERS[type_]: 1
    }


def test_once_each_but_every_click(news):
    for type_ in COUNTERS:
        happen(news, type_)
        news.clock(advance="1s")
        happen(news, type_)
    assert get(news, f"{BROADCASTS}/{news.news}") == broadcast(
        "News",
        status="SENT",
        started_at="2026-03-17T10:30:00.000Z",
        completed_at="2026-03-17T10:30:00.000Z",
        send_to_all=True,
        contacts_count=1,
        recipients_count=1,
        sent_count=1,
        delivered_count=1,
        opened_count=1,
        click_count=2,
        failed_count=1,
        complained_count=1,
        unsubscribed_count=1,
        templates=[template(recipients_count=1, config={"text": "https://e.co/"})],
    )
    [shown] = rows(news)
    assert (shown["is_delivered_at"], shown["status"]) == (LATER, "UNSUBSCRIBED")


def test_a_bounce_says_why(news):
    happen(news, "bounced", reason="No such user")
    assert rows(news)[0]["error_message"] == "No such user"


def test_who_unsubscribed_is_skipped_from_then_on(news):
    happen(news, "unsubscribed")
    contact = get(news, f"{CONTACTS}/{news.contact}")
    assert contact == by_email("a@example.com", unsubscribed=True, unsubscribed_at=LATER, updated_at=LATER)
    assert get(news, f"{CONTACTS}?status=UNSUBSCRIBED") == [contact]
    again = make_broadcast(news, "More", send_to_all=True)
    assert news.post(f"{BROADCASTS}/{again}/send").json["skipped_count"] == 1


def test_who_was_unsubscribed_before_keeps_the_moment(news):
    news.patch(f"{CONTACTS}/{news.contact}", {"unsubscribed": True})
    news.clock(advance="1s")
    happen(news, "unsubscribed")
    assert get(news, f"{CONTACTS}/{news.contact}")["unsubscribed_at"] == LATER


def test_a_contact_that_is_no_more_leaves_the_rest(news):
    news.delete(f"{CONTACTS}/{news.contact}")
    happen(news, "unsubscribed")
    expected = row(contact=None, **{**happened("unsubscribed", at=LATER), "updated_at": LATER})
    assert rows(news) == [expected]


def test_a_broadcast_that_is_no_more(news):
    news.delete(f"{BROADCASTS}/{news.news}")
    before = held(news)
    reply = news.control("POST", f"/messages/{news.message}/events", {"type": "opened"})
    assert reply.status == 409
    assert "was deleted" in reply.text
    assert held(news) == before
