"""Webhooks that the outbox sends by itself: what goes out when, what a reset, a walk or the end does to it."""

from __future__ import annotations

import asyncio
import json
import threading
import time

import pytest

from lookalike.clock import parse_instant
from lookalike.outbox import Outcome
from lookalike.outbox.post import Closed, Outbox
from tests.core.lab import NOON, Lab, after, has_status, lab, numbers, opened, running
from tests.receiver import Received, Reply


@pytest.mark.parametrize("clock", [NOON, None])
def test_the_first_attempt_goes_out_by_itself(receiver, clock):
    one = lab(clock=clock)
    with running(one) as sandbox:
        assert has_status(one, one.deliver(receiver.url), "delivered", sandbox)


def test_with_a_running_clock_a_retry_goes_out_when_it_is_due(receiver):
    one = lab(clock=None)
    receiver.answers(500)
    with running(one) as sandbox:
        one.client.clock(advance="1s")  # shifted, and running on
        id = one.deliver(receiver.url)
        assert sandbox.changes.wait_until(lambda: one.attempts(id) or None, 10)
        one.client.clock(advance="4900ms")
        assert has_status(one, id, "delivered", sandbox)
        first, second = (parse_instant(at) for _, at, *_ in one.attempts(id))
        assert 5 <= second - first < 9


def test_with_a_standing_clock_a_retry_waits_for_it(receiver):
    one = lab()
    receiver.answers(500)
    with running(one) as sandbox:
        id = one.deliver(receiver.url)
        assert sandbox.changes.wait_until(lambda: one.attempts(id) or None, 10)
        assert not receiver.wait(2, seconds=0.2)
        one.client.clock(advance="5s")
        assert one.document(id)["status"] == "delivered"


def test_a_slow_receiver_holds_up_neither_requests_nor_other_subscriptions(receiver):
    one, gate = lab(), threading.Event()
    receiver.answers(Reply(before=lambda _got: gate.wait(10) and None))
    with running(one) as sandbox:
        slow = one.deliver(receiver.url, subscription="slow")
        assert receiver.wait()
        assert one.client.post("/contacts", {"email": "a@b.co"}).status == 201
        assert has_status(one, one.deliver(receiver.url, subscription="quick"), "delivered", sandbox)
        assert one.document(slow)["status"] == "pending"
        gate.set()
        assert has_status(one, slow, "delivered", sandbox)


def test_a_reset_forgets_what_is_on_its_way(receiver):
    one, gate = lab(), threading.Event()
    receiver.answers(Reply(500, before=lambda _got: gate.wait(10) and None))
    with running(one) as sandbox:
        id = one.deliver(receiver.url)
        assert receiver.wait()
        sandbox.reset()
        gate.set()
        workspace = sandbox.workspace("default")
        assert sandbox.changes.wait_until(lambda: not workspace.deliveries.on_their_way or None, 10)
        assert workspace.deliveries.of(id) is None
        assert workspace.deliveries.next_at() is None
        assert one.outcomes == []


@pytest.mark.parametrize("vendor", [None, "opensend"])
def test_what_comes_back_after_a_reset_concerns_nobody(vendor):
    one, labs, asked = lab(clock=None), [], []

    async def exchange(outgoing, _timeout, _destinations, at) -> Outcome:
        asked.append(json.loads(outgoing.body)["n"])
        if len(asked) > 1:
            return Outcome(at, 200)
        sandbox.reset(vendor=vendor)
        labs.append(opened(sandbox))
        labs[0].deliver("http://127.0.0.1:1/", n=2)
        return Outcome(at, 500)

    sandbox = one.client.sandbox
    sandbox.outbox.exchange = exchange
    one.deliver("http://127.0.0.1:1/", n=1)
    one.client.settle()
    one.client.settle()
    assert asked == [1, 2]
    assert [
        (document["payload"]["n"], document["status"], [made["status"] for made in document["attempts"]])
        for document in labs[0].part.workspace.deliveries.newest_first()
    ] == [(2, "delivered", [200])]
    assert one.outcomes == []
    assert [(number, outcome.status) for number, outcome in labs[0].outcomes] == [(1, 200)]


def test_what_a_walk_comes_upon_is_sent_by_nobody_else(receiver):
    one, made = lab(), []

    def two(part, _payload) -> None:
        for name in "ab":
            made.append(part.deliver(subscription=name, event="e", url=receiver.url, payload={"n": 0}))

    one.part.vendor.__dict__["tasks"] = {"two": two}
    # A receiver takes its time, so that the outbox's own thread would have the occasion to send them too.
    receiver.answers(*[Reply(500, before=lambda _got: time.sleep(0.1))] * 2)
    with running(one):
        with one.part.workspace.unit():
            one.part.later(60, "two", {})
        one.client.clock(advance="1h")
        for id in made:
            assert one.attempts(id) == [(1, after(60), 500, None), (2, after(65), 200, None)]


def test_what_comes_while_the_clock_moves_goes_out_after_that(receiver):
    one, made = lab(clock=None), []

    def meanwhile(_got: Received) -> None:
        made.append(one.deliver(receiver.url, subscription="another", delay=1.3))
        time.sleep(0.1)  # the occasion for the outbox's own thread to send it too early

    receiver.answers(Reply(before=meanwhile))
    with running(one) as sandbox:
        one.deliver(receiver.url, delay=60)
        one.client.clock(advance="61s")
        assert has_status(one, made[0], "delivered", sandbox)


def test_what_is_on_its_way_is_waited_for(receiver):
    one = lab()
    receiver.answers(Reply(before=lambda _got: time.sleep(0.2)))  # it is on its way for so long
    with running(one):
        id = one.deliver(receiver.url)
        assert receiver.wait()
        one.client.settle()
        assert one.document(id)["status"] == "delivered"


def test_closing_breaks_off_what_is_on_its_way(receiver):
    one, gate, others = lab(timeout=60), threading.Event(), set(threading.enumerate())
    receiver.answers(Reply(before=lambda _got: gate.wait(20) and None))
    with running(one) as sandbox:
        one.deliver(receiver.url)
        assert receiver.wait()
        started = time.monotonic()
        sandbox.outbox.close()
        assert time.monotonic() - started < 4
        gate.set()
        one.deliver(receiver.url, subscription="another")
        with pytest.raises(Closed):
            sandbox.outbox.walk(one.part.workspace, one.part.clock.copy())
        assert "lookalike-outbox" not in [thread.name for thread in set(threading.enumerate()) - others]


def test_a_clock_that_moves_while_the_sandbox_closes_is_told_so(receiver):
    one = lab(timeout=60)
    receiver.answers(Reply(before=lambda _got: one.client.sandbox.outbox.close()))
    one.deliver(receiver.url)
    reply = one.client.control("POST", "/clock", {"advance": "1h"})
    assert (reply.status, reply.json) == (503, {"error": "lookalike is being stopped: start it again."})


def test_who_has_a_loop_of_their_own_may_send_too(receiver):
    one = lab()
    id = one.deliver(receiver.url)

    async def test() -> None:
        one.client.clock(advance="1s")

    asyncio.run(test())
    assert one.document(id)["status"] == "delivered"


def test_many_workspaces_with_something_due_are_not_looked_at_again_and_again(receiver, monkeypatch):
    one = lab()
    looks: list[str] = []
    look_at = Outbox._look_at

    def look(outbox, workspace):
        looks.append(workspace.name)
        return look_at(outbox, workspace)

    monkeypatch.setattr(Outbox, "_look_at", look)
    with running(one) as sandbox:
        other = sandbox.workspace("other")
        with other.unit():
            part = sandbox.part(other, one.part.vendor)
            part.deliver(subscription="s", event="e", url=receiver.url, payload={"n": 0}, delay=3600)
        assert sandbox.changes.wait_until(lambda: "other" in looks or None, 10)
        assert has_status(one, one.deliver(receiver.url), "delivered", sandbox)
        assert looks.count("other") == 1


def test_while_the_clock_is_moved_webhooks_are_nobody_elses(receiver):
    """The outbox leaves what is due to whoever moves the clock, which sends it at its own time."""
    one = lab()
    deliveries, looks = one.part.workspace.deliveries, []

    def look(_request: Received) -> None:
        late = one.deliver(receiver.url, subscription="late", n=2)
        assert deliveries.walking
        looks.append((_looked_at(one), set(deliveries.on_their_way), one.document(late)["status"]))

    receiver.answers(Reply(200, "ok", before=look))
    first = one.deliver(receiver.url, n=1)
    one.client.clock(advance="1h")
    assert looks == [(None, {first}, "pending")]
    assert numbers(receiver) == [1, 2]
    assert not deliveries.walking
    one.deliver(receiver.url, n=3)
    _looked_at(one)
    assert numbers(receiver) == [1, 2, 3]


def _looked_at(one: Lab) -> float | None:
    """What the outbox says of a look at the workspace, after it has sent what it found due."""
    outbox = one.client.sandbox.outbox

    async def look() -> float | None:
        left = outbox._look_at(one.part.workspace)
        await asyncio.gather(*outbox._tasks)
        return left

    return asyncio.run(look())
