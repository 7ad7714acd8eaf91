"""Webhooks on the workspace's clock: when they are sent, tried again and given up."""

from __future__ import annotations

import pytest

from lookalike.outbox import Outcome
from tests.core.lab import NOON, START, after, lab, numbers
from tests.receiver import Received, Reply, answering


def test_a_delivery_is_sent_as_it_was_prepared(receiver):
    one = lab()
    id = one.deliver(receiver.url, n=7)
    assert receiver.received == []
    assert one.client.settle() == 1
    body = b'{"attempt":1,"at":%.1f,"event":"e","n":7}' % START
    assert [(got.method, got.path, got.body) for got in receiver.received] == [("POST", "/hook", body)]
    assert receiver.received[0].headers == {
        "host": f"127.0.0.1:{receiver.port}",
        "content-type": "application/json",
        "x-signature": "v1,abc0+/=",
        "content-length": str(len(body)),
    }
    document = one.document(id)
    assert (document["status"], document["due_at"], document["vendor"]) == ("delivered", None, "opensend")
    assert one.client.settle() == 0


def test_the_schedule_is_walked_with_the_clock(receiver):
    one = lab()
    receiver.answers(500, 404, 503)
    id = one.deliver(receiver.url)
    one.client.clock(advance="4s")
    assert one.attempts(id) == [(1, NOON, 500, None)]
    assert one.document(id)["due_at"] == START + 5
    one.client.clock(advance="2h")
    assert one.attempts(id) == [
        (1, NOON, 500, None),
        (2, after(5), 404, None),
        (3, after(305), 503, None),
        (4, after(3905), 200, None),
    ]
    assert one.document(id)["status"] == "delivered"
    assert [got.json["at"] for got in receiver.received] == [START, START + 5, START + 305, START + 3905]
    assert one.part.clock.iso() == after(7204)


def test_the_next_attempt_counts_from_the_one_before_and_not_from_its_answer():
    one = lab()

    async def exchange(_outgoing, _timeout, _destinations, at) -> Outcome:
        one.part.clock.freeze(START + 3)
        return Outcome(at, 500)

    one.client.sandbox.outbox.exchange = exchange
    id = one.deliver("http://127.0.0.1:1/")
    one.client.settle()
    assert (one.document(id)["due_at"], one.attempts(id)) == (START + 5, [(1, NOON, 500, None)])


def test_after_the_last_delay_it_is_given_up():
    one = lab()
    one.client.sandbox.outbox.exchange = answering(500)
    id = one.deliver("http://127.0.0.1:1/")
    one.client.clock(advance="30d")
    assert [number for number, *_ in one.attempts(id)] == [1, 2, 3, 4]
    assert (one.document(id)["status"], one.document(id)["due_at"]) == ("failed", None)
    assert one.client.control("POST", "/clock", {"advance": "30d"}).json["done"] == 0


def test_deliveries_and_tasks_go_in_the_order_of_their_times(receiver):
    one = lab()
    seen: list[str] = []
    tasks = {"note": lambda part, payload: seen.append(f"{payload['name']} {part.clock.iso()}")}
    one.part.vendor.__dict__["tasks"] = tasks

    def note(got: Received) -> None:
        seen.append(f"hook {one.part.clock.iso()}")

    receiver.answers(Reply(500, before=note), Reply(200, before=note))
    with one.part.workspace.unit():
        one.part.later(4, "note", {"name": "before"})
        one.part.later(6, "note", {"name": "after"})
    one.deliver(receiver.url)
    one.client.clock(advance="1m")
    assert seen == [f"hook {NOON}", f"before {after(4)}", f"hook {after(5)}", f"after {after(6)}"]


def test_what_a_task_leaves_on_the_way_is_sent_then(receiver):
    one = lab()

    def emit(part, _payload):
        part.deliver(subscription="s", event="e", url=receiver.url, payload={"n": 1})

    one.part.vendor.__dict__["tasks"] = {"emit": emit}
    with one.part.workspace.unit():
        one.part.later(60, "emit", {})
    assert one.client.control("POST", "/clock", {"advance": "1h"}).json["done"] == 2
    assert [got.json["at"] for got in receiver.received] == [START + 60]


def test_what_is_late_goes_now_and_not_then(receiver):
    one = lab()
    one.deliver(receiver.url)
    with one.part.workspace.unit():
        one.part.clock.freeze(START + 100)
    one.client.settle()
    assert [got.json["at"] for got in receiver.received] == [START + 100]


def test_a_receiver_may_call_back_while_the_clock_moves(receiver):
    one = lab()
    answers = []

    def call_back(_got: Received) -> None:
        answers.append(one.client.post("/contacts", {"email": "a@b.co"}).status)

    receiver.answers(Reply(before=call_back))
    one.deliver(receiver.url)
    one.client.clock(advance="1s")
    assert answers == [201]


def test_a_subscription_gets_its_events_one_by_one_and_in_order(receiver):
    one = lab()
    for n in range(5):
        one.deliver(receiver.url, n=n)
    one.client.settle()
    assert numbers(receiver) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("in_order", "expected"), [(False, [0, 1, 2, 0]), (True, [0, 0, 1, 2])])
def test_later_ones_may_have_to_wait_behind_one_that_fails(receiver, in_order, expected):
    one = lab(in_order=in_order)
    receiver.answers(500)
    for n in range(3):
        one.deliver(receiver.url, n=n)
    one.client.clock(advance="10s")
    assert numbers(receiver) == expected


def test_workspaces_keep_apart(receiver):
    one = lab()
    receiver.answers(500)
    id = one.deliver(receiver.url)
    one.client.settle()
    one.client.clock(advance="1d", workspace="other")
    assert len(one.attempts(id)) == 1


def test_what_the_vendor_does_not_send_is_over_with_its_reason(receiver):
    one = lab()
    id, next_id = one.deliver(receiver.url, n=-1), one.deliver(receiver.url, n=1)
    assert one.client.settle() == 1
    assert one.attempts(id) == [(1, NOON, None, "It is negative.")]
    assert (one.document(id)["status"], one.document(next_id)["status"]) == ("failed", "delivered")
    assert [(number, outcome.refused) for number, outcome in one.outcomes] == [(1, True), (1, False)]
    assert one.document(id)["attempts"][0]["body"] is None


def test_a_vendor_that_fails_to_prepare_ends_the_delivery(receiver, caplog):
    one = lab()
    id = one.deliver(receiver.url, n=500)
    one.client.settle()
    assert one.attempts(id) == [(1, NOON, None, "lookalike failed: its log says why")]
    assert one.document(id)["status"] == "failed"
    assert "ZeroDivisionError" in caplog.text
