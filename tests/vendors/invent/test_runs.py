"""What broadcasts leave among the runs that the control API shows."""

from __future__ import annotations

from tests.support import Like
from tests.vendors.invent.bodies import (
    BROADCASTS,
    CONTACTS,
    START,
    get,
    make,
    make_broadcast,
    make_trigger,
)


def runs(client) -> list[dict]:
    return client.control("GET", "/runs?vendor=invent").json["runs"]


def run(name: str, **more) -> dict:
    common = {"id": Like("run_.+"), "workspace": "default", "vendor": "invent", "name": name, "created_at": START}
    return {**common, **more}


def messages_of(client, id: str) -> list[str]:
    rows = get(client, f"{BROADCASTS}/{id}/recipients")
    return [row["external_message_id"] for row in rows if row["is_sent"]]


def test_a_send_to_many(client):
    _, b = make(client, "a@example.com", "b@example.com")
    client.patch(f"{CONTACTS}/{b}", {"blocked": True})
    id = make_broadcast(client, "News", send_to_all=True)
    client.post(f"{BROADCASTS}/{id}/send")
    expected = {"kind": "broadcast", "trigger": {"type": "api", "broadcast_id": id}, "contact": None}
    assert runs(client) == [run("News", **expected, messages=messages_of(client, id))]
    assert len(messages_of(client, id)) == 1


def test_one_that_was_scheduled(client):
    make(client, "a@example.com")
    id = make_broadcast(client, "News", send_to_all=True, scheduled_at="2026-03-18T10:30:00Z")
    client.post(f"{BROADCASTS}/{id}/send")
    assert runs(client) == []
    client.clock(freeze="2026-03-19T00:00:00Z")
    expected = {"kind": "broadcast", "trigger": {"type": "schedule", "broadcast_id": id}, "contact": None}
    at = "2026-03-18T10:30:00.000Z"
    assert runs(client) == [run("News", **expected, messages=messages_of(client, id), created_at=at)]


def test_a_trigger(client):
    id = make_trigger(client, "Receipt")
    client.post(f"{BROADCASTS}/{id}/send", {"email": "a@example.com"})
    trigger = {"type": "api", "broadcast_id": id}
    expected = {"kind": "transactional", "trigger": trigger, "contact": "a@example.com"}
    assert runs(client) == [run("Receipt", **expected, messages=messages_of(client, id))]


def test_what_was_refused_never_ran(client):
    id = make_trigger(client, "Receipt")
    client.post(f"{BROADCASTS}/{id}/send", {})
    client.post(f"{BROADCASTS}/{make_broadcast(client, 'Draft', type='TRANSACTIONAL')}/send", {"email": "a@e.co"})
    assert runs(client) == []
