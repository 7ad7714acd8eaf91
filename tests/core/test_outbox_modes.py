"""Webhooks that misbehave on purpose."""

from __future__ import annotations

import json

from lookalike.outbox import Outcome
from lookalike.outbox.modes import Modes, set_modes
from tests.core.lab import NOON, START, Lab, after, lab, numbers


def misbehave(made: Lab, subscription: str = "s", **modes) -> None:
    with made.part.workspace.unit():
        set_modes(made.part.workspace, "opensend", subscription, Modes(**modes))
        made.part.workspace.deliveries.let_go()


def test_duplicates_are_the_same_request_again(receiver):
    one = lab()
    misbehave(one, duplicate=2)
    receiver.answers(200, 500, 404)
    id = one.deliver(receiver.url)
    one.client.settle()
    assert len({(got.body, got.headers["x-signature"]) for got in receiver.received}) == 1
    assert len(receiver.received) == 3
    assert one.document(id)["status"] == "delivered"
    assert [(made["modes"], made["status"]) for made in one.document(id)["attempts"]] == [
        ([], 200),
        (["duplicate"], 500),
        (["duplicate"], 404),
    ]
    assert len(one.outcomes) == 1


def test_out_of_order_swaps_two(receiver):
    one = lab()
    misbehave(one, out_of_order=True)
    ids = [one.deliver(receiver.url, n=n) for n in range(3)]
    assert [one.document(id)["status"] for id in ids] == ["held", "pending", "pending"]
    one.client.settle()
    assert numbers(receiver) == [1, 0, 2]


def test_the_last_one_held_goes_when_the_mode_does(receiver):
    one = lab()
    misbehave(one, out_of_order=True)
    id = one.deliver(receiver.url)
    misbehave(one, "another")
    assert one.client.settle() == 0
    misbehave(one)
    assert one.client.settle() == 1
    assert one.document(id)["status"] == "delivered"


def test_only_first_attempts_go_before_what_is_held(receiver):
    one = lab()
    misbehave(one, out_of_order=True)
    receiver.answers(500)
    for n in range(2):
        one.deliver(receiver.url, n=n)
    one.client.settle()
    held = one.deliver(receiver.url, n=2)
    one.client.clock(advance="1m")
    assert numbers(receiver) == [1, 0, 1]
    assert one.document(held)["status"] == "held"


def test_a_replay_lets_nobody_go_before_their_turn(receiver):
    one, free = lab(), []
    deliveries, outbox = one.part.workspace.deliveries, one.client.sandbox.outbox
    over = one.deliver(receiver.url, n=0)
    one.client.settle()

    async def exchange(outgoing, _timeout, _destinations, at) -> Outcome:
        if json.loads(outgoing.body)["n"] == 1:
            outbox.replay(one.part.workspace, over)
            free.append(deliveries.next_at())
        return Outcome(at, 200)

    outbox.exchange = exchange
    first, second = one.deliver(receiver.url, n=1), one.deliver(receiver.url, n=2)
    one.client.settle()
    assert free == [None]
    assert [len(one.attempts(id)) for id in (over, first, second)] == [2, 1, 1]


def test_delayed_ones_are_late_by_the_clock(receiver):
    one = lab()
    misbehave(one, delayed=90.0)
    id = one.deliver(receiver.url)
    assert one.client.settle() == 0
    one.client.clock(advance="2m")
    assert one.attempts(id) == [(1, after(90), 200, None)]


def test_never_keeps_them(receiver):
    one = lab()
    misbehave(one, never=True)
    ids = [one.deliver(receiver.url, n=n) for n in range(2)]
    one.client.clock(advance="30d")
    assert [one.document(id)["status"] for id in ids] == ["held", "held"]
    misbehave(one)
    one.client.settle()
    assert numbers(receiver) == [0, 1]


def test_a_bad_signature_has_the_form_of_a_good_one(receiver):
    one = lab()
    misbehave(one, bad_signature=True)
    id = one.deliver(receiver.url)
    one.client.settle()
    assert receiver.received[0].headers["x-signature"] == "v1,000100="
    assert one.document(id)["attempts"][0]["modes"] == ["bad_signature"]


def test_a_stale_timestamp_is_what_the_vendor_signs_for(receiver):
    one = lab()
    misbehave(one, stale_timestamp=600.0)
    id = one.deliver(receiver.url)
    one.client.settle()
    assert receiver.received[0].json["at"] == START - 600
    assert one.attempts(id) == [(1, NOON, 200, None)]


def test_modes_are_those_of_the_subscription_or_of_all(receiver):
    one = lab()
    misbehave(one, "*", bad_signature=True)
    misbehave(one, "s")
    one.deliver(receiver.url)
    one.deliver(receiver.url, subscription="other")
    one.client.settle()
    assert [got.headers["x-signature"] for got in receiver.received] == ["v1,abc0+/=", "v1,000100="]
