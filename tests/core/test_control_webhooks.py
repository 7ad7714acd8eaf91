"""The log of webhooks, once more, and how they misbehave: through the control API."""

from __future__ import annotations

from typing import Any

import pytest

from lookalike import turns
from lookalike.control import listing
from tests.core.lab import NOON, Lab, lab
from tests.support import TIME, Like

MODES = {
    "workspace": "default",
    "vendor": "opensend",
    "subscription": "*",
    "duplicate": 0,
    "out_of_order": False,
    "delayed": 0.0,
    "bad_signature": False,
    "stale_timestamp": 0.0,
    "never": False,
}


@pytest.fixture
def one() -> Lab:
    return lab(vendor=("opensend", "invent"))


def listed(one: Lab, query: str = "") -> list[dict[str, Any]]:
    reply = one.client.control("GET", f"/webhooks/deliveries{query}")
    assert reply.status == 200, reply.text
    return reply.json["deliveries"]


def modes(one: Lab, **body: Any) -> Any:
    reply = one.client.control("PUT", "/webhooks/modes", {"vendor": "opensend", **body})
    assert reply.status == 200, reply.text
    return reply.json


def test_a_delivery_is_shown_with_every_attempt(one, receiver):
    receiver.answers(500)
    id = one.deliver(receiver.url, n=3)
    waiting = {
        "id": Like("dlv_[0-9a-f]{20}"),
        "workspace": "default",
        "vendor": "opensend",
        "subscription": "s",
        "event": "e",
        "reference": None,
        "url": receiver.url,
        "payload": {"n": 3},
        "created_at": NOON,
        "status": "pending",
        "due_at": NOON,
        "attempts": [],
    }
    assert listed(one) == [waiting]
    one.client.settle()
    attempt = {
        "number": 1,
        "at": NOON,
        "modes": [],
        "request": {
            "url": receiver.url,
            "headers": {"Content-Type": "application/json", "X-Signature": "v1,abc0+/="},
            "body": receiver.received[0].body.decode(),
        },
        "status": 500,
        "answer": {"headers": {"server": Like(".*"), "date": Like(".*"), "content-length": "8"}, "body": "said 500"},
        "error": None,
        "ms": attempt_ms(one, id),
    }
    shown = {**waiting, "due_at": "2026-03-01T12:00:05.000Z", "attempts": [attempt]}
    assert listed(one) == [shown]
    assert one.client.control("GET", f"/webhooks/deliveries/{id}").json == shown


def attempt_ms(one: Lab, id: str) -> float:
    ms: float = one.document(id)["attempts"][0]["ms"]
    assert 0 < ms < 10_000
    return ms


def test_an_attempt_that_had_no_answer_or_was_not_made_says_so(one):
    unmade, unanswered = one.deliver("http://hooks.example.com/"), one.deliver("http://127.0.0.1:1/", subscription="t")
    one.client.settle()
    first, second = (listed(one, f"?subscription={name}")[0] for name in "st")
    assert (first["id"], second["id"]) == (unmade, unanswered)
    assert [(shown["status"], shown["due_at"]) for shown in (first, second)] == [("failed", None), ("pending", TIME)]
    refused, down = first["attempts"][0], second["attempts"][0]
    assert (refused["request"], refused["answer"], refused["status"]) == (None, None, None)
    assert "--webhook-hosts hooks.example.com" in refused["error"]
    assert (down["request"]["url"], down["answer"], down["error"]) == (
        "http://127.0.0.1:1/",
        None,
        "connection refused",
    )


def test_filters(one, receiver):
    first = one.deliver(receiver.url, subscription="a", event="contact.created")
    second = one.deliver(receiver.url, subscription="b", event="contact.deleted", delay=5)
    third = one.deliver(receiver.url, subscription="b", event="email.sent", delay=5)
    one.client.settle()
    cases = {
        "": [third, second, first],
        "?vendor=opensend&workspace=default": [third, second, first],
        "?vendor=invent": [],
        "?workspace=other": [],
        "?subscription=b": [third, second],
        "?event=contact.*": [second, first],
        "?status=delivered": [first],
        "?status=pending": [third, second],
        "?status=failed": [],
        "?limit=1": [third],
    }
    for query, expected in cases.items():
        assert [shown["id"] for shown in listed(one, query)] == expected, query


def test_many_are_looked_through_a_piece_at_a_time(one, receiver, between, monkeypatch):
    """Others get in between; what is left meanwhile is newer than what is looked at."""
    monkeypatch.setattr(listing, "AT_ONCE", 2)
    ids = [one.deliver(receiver.url, event="wanted" if number in (0, 3) else "other") for number in range(5)]
    seen = []

    def look():
        seen.append(one.part.workspace.lock._lock._is_owned())
        one.deliver(receiver.url, event="wanted")

    between.append(look)
    assert [shown["id"] for shown in listed(one, "?event=wanted")] == [ids[3], ids[0]]
    assert seen == [False]
    between.append(look)
    assert len(listed(one, "?event=wanted&limit=1")) == 1
    assert between == [look]


def test_few_are_looked_through_at_once(one, receiver, monkeypatch):
    one.deliver(receiver.url)
    monkeypatch.setattr(listing, "Lengthy", pytest.fail)
    monkeypatch.setattr(turns, "pause", pytest.fail)
    assert len(listed(one)) == 1


def test_workspaces_are_merged_by_time(one, receiver):
    for workspace, moment in (("a", "10:00"), ("b", "11:00"), ("a", "12:00")):
        found = one.client.sandbox.workspace(workspace)
        one.client.clock(freeze=f"2026-03-01T{moment}:00Z", workspace=workspace)
        with found.unit():
            part = one.client.sandbox.part(found, one.part.vendor)
            part.deliver(subscription="s", event="e", url=receiver.url, payload={"n": 1})
    shown = [(delivery["workspace"], delivery["created_at"][11:16]) for delivery in listed(one)]
    assert shown == [("a", "12:00"), ("b", "11:00"), ("a", "10:00")]


def test_what_is_not_there_and_what_makes_no_sense(one):
    unknown = {"error": "There is no delivery 'x': GET /_lookalike/webhooks/deliveries lists them."}
    for method, path in (("GET", ""), ("POST", "/replay")):
        reply = one.client.control(method, f"/webhooks/deliveries/x{path}")
        assert (reply.status, reply.json) == (404, unknown)
    reply = one.client.control("GET", "/webhooks/deliveries?status=sent")
    assert (reply.status, reply.json) == (
        400,
        {"error": "Member 'status' cannot be used: input should be 'pending', 'held', 'delivered' or 'failed'."},
    )


# --- replay -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [200, 500])
def test_a_replay_is_signed_anew_and_changes_nothing_but_the_log(one, receiver, answer):
    receiver.answers(500, answer)
    id = one.deliver(receiver.url)
    one.client.settle()
    before = one.document(id)
    one.client.clock(advance="1s")
    told = len(one.outcomes)
    reply = one.client.control("POST", f"/webhooks/deliveries/{id}/replay")
    assert reply.status == 200
    first, again = reply.json["attempts"]
    assert (again["number"], again["modes"], again["status"]) == (1, ["replay"], answer)
    assert (first["at"], again["at"]) == (NOON, "2026-03-01T12:00:01.000Z")
    assert receiver.received[1].json["at"] == receiver.received[0].json["at"] + 1
    assert {**one.document(id), "attempts": []} == {**before, "attempts": []}
    assert len(one.outcomes) == told
    one.client.clock(advance="1h")
    assert [attempt["number"] for attempt in listed(one)[0]["attempts"]] == [1, 1, 2]


def test_one_that_was_never_sent_can_be_replayed(one, receiver):
    modes(one, never=True)
    id = one.deliver(receiver.url)
    reply = one.client.control("POST", f"/webhooks/deliveries/{id}/replay", {})
    assert [(attempt["number"], attempt["status"]) for attempt in reply.json["attempts"]] == [(1, 200)]
    assert reply.json["status"] == "held"


def test_what_the_vendor_will_not_send_is_not_replayed_either(one, receiver):
    id = one.deliver(receiver.url, n=-1)
    one.client.settle()
    reply = one.client.control("POST", f"/webhooks/deliveries/{id}/replay")
    assert [attempt["error"] for attempt in reply.json["attempts"]] == ["It is negative."] * 2
    assert receiver.received == []


# --- modes --------------------------------------------------------------------------------------------------------


def test_modes_are_put_listed_replaced_and_deleted(one):
    assert one.client.control("GET", "/webhooks/modes").json == {"modes": []}
    assert modes(one, duplicate=True, stale_timestamp=True) == {**MODES, "duplicate": 1, "stale_timestamp": 3600.0}
    assert modes(one, subscription="s", delayed="2m", stale_timestamp="90s", duplicate=3) == {
        **MODES,
        "subscription": "s",
        "delayed": 120.0,
        "stale_timestamp": 90.0,
        "duplicate": 3,
    }
    assert modes(one, bad_signature=True) == {**MODES, "bad_signature": True}
    assert modes(one, workspace="w", out_of_order=True) == {**MODES, "workspace": "w", "out_of_order": True}
    found = one.client.control("GET", "/webhooks/modes?workspace=default&vendor=open*").json["modes"]
    assert [(shown["subscription"], shown["bad_signature"]) for shown in found] == [("*", True), ("s", False)]
    gone = one.client.control("DELETE", "/webhooks/modes?subscription=s").json["deleted"]
    assert [shown["subscription"] for shown in gone] == ["s"]
    assert len(one.client.control("DELETE", "/webhooks/modes").json["deleted"]) == 2
    assert one.client.control("GET", "/webhooks/modes").json == {"modes": []}


def test_what_was_held_back_goes_when_the_modes_do(one, receiver):
    modes(one, never=True)
    modes(one, subscription="t", out_of_order=True)
    for n, subscription in enumerate(("s", "t")):
        one.deliver(receiver.url, n=n, subscription=subscription)
    assert one.client.settle() == 0
    modes(one, subscription="t")
    assert one.client.settle() == 1
    one.client.control("DELETE", "/webhooks/modes?subscription=*")
    assert one.client.settle() == 1
    assert [got.json["n"] for got in receiver.received] == [1, 0]


def test_a_reset_of_the_vendor_ends_them_and_what_waits(one, receiver):
    modes(one, duplicate=True)
    one.deliver(receiver.url)
    one.client.control("POST", "/reset", {"vendor": "opensend"})
    assert one.client.control("GET", "/webhooks/modes").json == {"modes": []}
    assert listed(one) == []
    assert one.client.settle() == 0


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        ({}, 400, "Member 'vendor' is missing: add it."),
        ({"vendor": "nobody"}, 400, "Vendor 'nobody' is not served here: use invent or opensend."),
        ({"vendor": "invent"}, 400, "Invent sends no webhooks: choose another vendor."),
        (
            {"vendor": "opensend", "duplicate": 11},
            400,
            "Member 'duplicate' cannot be used: a webhook may be sent 10 times more at most.",
        ),
        (
            {"vendor": "opensend", "delayed": "later"},
            400,
            "Member 'delayed' cannot be used: 'later' is not a duration: write for example 8d, 1h30m or 250ms.",
        ),
        (
            {"vendor": "opensend", "workspace": "a b"},
            400,
            "Member 'workspace' cannot be used: a workspace's name has 1 to 64 letters, digits, dots, dashes and "
            "underscores.",
        ),
    ],
)
def test_modes_that_make_no_sense(one, body, status, sentence):
    reply = one.client.control("PUT", "/webhooks/modes", body)
    assert (reply.status, reply.json) == (status, {"error": sentence})
