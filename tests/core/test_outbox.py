"""Webhooks on the workspace's clock: when they are sent, tried again, given up, and what goes wrong on purpose."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lookalike.clock import iso, parse_instant
from lookalike.outbox import Outcome, post, records
from lookalike.outbox import deliveries as deliveries_module
from lookalike.outbox.modes import Modes, set_modes
from lookalike.outbox.post import Closed, Outbox
from lookalike.sandbox import Sandbox
from lookalike.settings import Settings
from tests.core.lab import NOON, Lab, lab, opened
from tests.receiver import Received, Receiver, Reply, answering, unused_port

START = parse_instant(NOON)


def after(seconds: float) -> str:
    return iso(START + seconds)


def numbers(receiver: Receiver) -> list[int]:
    return [one.json["n"] for one in receiver.received]


# --- time -------------------------------------------------------------------------------------------------------


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


# --- real time ----------------------------------------------------------------------------------------------------


@contextmanager
def running(made: Lab) -> Iterator[Sandbox]:
    sandbox = made.client.sandbox
    sandbox.outbox.paused = False
    try:
        yield sandbox
    finally:
        sandbox.close()


def has_status(made: Lab, id: str, status: str, sandbox: Sandbox) -> bool:
    found = sandbox.changes.wait_until(lambda: made.document(id)["status"] == status or None, 10)
    return found is True


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
    one, gate = lab(timeout=60), threading.Event()
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
            sandbox.outbox.settled(one.part.workspace)
        assert "lookalike-outbox" not in [thread.name for thread in threading.enumerate()]


def test_a_clock_that_moves_while_the_sandbox_closes_is_told_so(receiver):
    one = lab(timeout=60)
    receiver.answers(Reply(before=lambda _got: one.client.sandbox.outbox.close()))
    one.deliver(receiver.url)
    reply = one.client.control("POST", "/clock", {"advance": "1h"})
    assert (reply.status, reply.json) == (503, {"error": "lookalike is being stopped: start it again."})


# --- receivers ----------------------------------------------------------------------------------------------------


def outcome_of(url: str, timeout: float = 5.0) -> tuple[int | None, str | None]:
    one = lab(timeout)
    id = one.deliver(url)
    one.client.settle()
    (_, _, status, error), *more = one.attempts(id)
    assert not more
    assert one.document(id)["status"] == ("delivered" if status == 200 else "pending")
    return status, error


def test_a_receiver_that_is_down():
    assert outcome_of(f"http://127.0.0.1:{unused_port()}/") == (None, "connection refused")


@pytest.mark.parametrize("status", [100, 199, 204, 299, 300, 301, 302, 307, 400, 404, 429, 500, 503])
def test_success_is_any_2xx(status):
    one = lab()
    one.client.sandbox.outbox.exchange = answering(status)
    id = one.deliver("http://127.0.0.1:1/")
    one.client.settle()
    assert one.document(id)["status"] == ("delivered" if 200 <= status < 300 else "pending")


def test_a_redirect_is_not_followed(receiver):
    with Receiver().listening() as elsewhere:
        receiver.answers(Reply(302, headers=(("Location", elsewhere.url),)), Reply(307, headers=(("Location", "/b"),)))
        assert outcome_of(receiver.url) == (302, None)
        assert outcome_of(receiver.url) == (307, None)
        assert elsewhere.received == []
    assert [got.path for got in receiver.received] == ["/hook", "/hook"]


def test_a_receiver_that_is_slow(receiver):
    gate = threading.Event()
    receiver.answers(Reply(before=lambda _got: gate.wait(10) and None))
    assert outcome_of(receiver.url, timeout=0.05) == (None, "no answer within 0.05 s")
    gate.set()


@contextmanager
def raw(*pieces: bytes, pause: float = 0.0) -> Iterator[str]:
    """A receiver that sends these bytes, with pauses, whatever it gets."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                try:
                    for piece in pieces:
                        connection.sendall(piece)
                        time.sleep(pause)
                except OSError:  # they have heard enough
                    pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join(5)


def test_the_time_is_bounded_as_a_whole_and_not_from_byte_to_byte():
    with raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", *[b"x"] * 100, pause=0.02) as url:
        assert outcome_of(url, timeout=0.2) == (None, "no answer within 0.2 s")


def test_a_long_answer_is_cut():
    endless = [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[b"1000\r\n" + b"x" * 4096 + b"\r\n"] * 100]
    with raw(*endless) as url:
        one = lab()
        id = one.deliver(url)
        one.client.settle()
    assert one.document(id)["attempts"][0]["answer"] == "x" * 4096


@pytest.mark.parametrize(
    ("sent", "status", "error"),
    [
        (b"", None, "no proper HTTP answer: "),
        (b"SSH-2.0-OpenSSH\r\n\r\n", None, "no proper HTTP answer: "),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000, None, "no proper HTTP answer: "),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", None, "no proper HTTP answer: "),
        (b"HTTP/1.1 200 OK\r\n\r\n\xff\xfeto the end", 200, None),
        (b"HTTP/1.0 204 No Content\r\n\r\n", 204, None),
        (b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, None),
    ],
)
def test_answers_of_all_kinds(sent, status, error):
    one = lab()
    with raw(sent) as url:
        id = one.deliver(url)
        one.client.settle()
    ((_, _, seen, told),) = one.attempts(id)
    assert seen == status
    assert told is None if error is None else told.startswith(error)


def test_environment_proxies_are_for_others(receiver, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{unused_port()}")
    assert outcome_of(receiver.url) == (200, None)


# --- refusals -----------------------------------------------------------------------------------------------------


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


# --- lasting ------------------------------------------------------------------------------------------------------


def test_nothing_is_lost_by_a_stop_while_deliveries_are_due(tmp_path, receiver):
    store = f"tinydb:{tmp_path}/state.json"
    one = lab(store=store)
    receiver.answers(500)
    failed = one.deliver(receiver.url, n=1)
    one.client.settle()
    due, later = one.deliver(receiver.url, n=2), one.deliver(receiver.url, n=3, delay=60)
    with one.part.workspace.unit():
        set_modes(one.part.workspace, "opensend", "held", Modes(out_of_order=True))
    held = one.deliver(receiver.url, n=4, subscription="held")
    one.client.sandbox.close()

    sandbox = Sandbox(Settings.model_validate({"fixture": "none", "seed": 1, "vendor": ("opensend",), "store": store}))
    again = opened(sandbox)
    sandbox.prepare()
    assert has_status(again, due, "delivered", sandbox)  # the clock stands still, and it was due
    assert numbers(receiver) == [1, 2]
    sandbox.outbox.walk(again.part.workspace, moved(again, 3600))
    assert numbers(receiver) == [1, 2, 1, 3]
    assert [again.document(id)["status"] for id in (failed, due, later, held)] == ["delivered"] * 3 + ["held"]
    assert again.attempts(failed) == [(1, NOON, 500, None), (2, after(5), 200, None)]
    again.deliver(receiver.url, n=5, subscription="held")
    assert has_status(again, held, "delivered", sandbox)
    assert numbers(receiver)[4:] == [5, 4]
    assert [document["payload"]["n"] for document in again.part.workspace.deliveries.newest_first()] == [5, 4, 3, 2, 1]
    sandbox.close()


def moved(made: Lab, seconds: float):
    goal = made.part.clock.copy()
    goal.advance(seconds)
    return goal


def test_ids_do_not_repeat(receiver):
    one = lab()
    ids = [one.deliver(receiver.url) for _ in range(3)]
    assert len(set(ids)) == 3
    one.client.sandbox.reset()
    again = opened(one.client.sandbox)
    assert [again.deliver(receiver.url) for _ in range(3)] == ids


def test_the_oldest_that_are_over_go(receiver, monkeypatch):
    monkeypatch.setattr(deliveries_module, "KEPT", 3)
    one = lab()
    waiting = one.deliver(receiver.url, delay=3600)
    done = []
    for _ in range(2):
        done.append(one.deliver(receiver.url))
        one.client.settle()
    assert all(one.part.workspace.deliveries.of(id) is not None for id in done)
    new = [one.deliver(receiver.url) for _ in range(3)]
    kept = [document["id"] for document in one.part.workspace.deliveries.newest_first()]
    assert sorted(kept) == sorted([waiting, *new])
    assert all(one.part.workspace.deliveries.of(id) is None for id in done)


def test_what_another_server_has_sent_or_put_off_waits_for_nobody_here(receiver):
    one = lab()
    sent, put_off = (one.deliver(receiver.url, n=n, subscription=f"{n}") for n in range(2))
    workspace = one.part.workspace
    with workspace.unit():
        workspace.deliveries.collection.put({**one.document(sent), "status": "delivered", "due_at": None})
        workspace.deliveries.collection.put({**one.document(put_off), "due_at": START + 60})
    one.client.settle()
    assert receiver.received == []
    one.client.clock(advance="2m")
    assert (one.attempts(sent), one.attempts(put_off)) == ([], [(1, after(60), 200, None)])
    assert numbers(receiver) == [1]


# --- modes --------------------------------------------------------------------------------------------------------


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


def test_a_request_body_that_is_long_is_kept_in_part(receiver, monkeypatch):
    monkeypatch.setattr(records, "BODY_KEPT", 10)
    one = lab()
    id = one.deliver(receiver.url)
    one.client.settle()
    assert json.loads(receiver.received[0].body)["n"] == 0
    assert one.document(id)["attempts"][0]["body"] == '{"attempt"'


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


def test_a_store_in_trouble_makes_webhooks_wait(receiver, monkeypatch, caplog):
    monkeypatch.setattr(post, "_TRY_AGAIN", 0.01)
    one = lab()
    claims = []
    claim = one.part.workspace.deliveries.claim

    def sometimes(until):
        claims.append(until)
        if len(claims) == 1:
            raise OSError("the disk is full")
        return claim(until)

    monkeypatch.setattr(one.part.workspace.deliveries, "claim", sometimes)
    with running(one) as sandbox:
        assert has_status(one, one.deliver(receiver.url), "delivered", sandbox)
    assert "the webhooks of workspace default wait: the disk is full" in caplog.text


def test_what_cannot_be_kept_counts_as_not_made(receiver, monkeypatch, caplog):
    monkeypatch.setattr(post, "_TRY_AGAIN", 0.05)
    one = lab()
    finishes = []
    finish = one.part.workspace.deliveries.finish

    def full_once(attempt, outcomes):
        finishes.append(outcomes)
        if len(finishes) == 1:
            raise OSError("the disk is full")
        finish(attempt, outcomes)

    monkeypatch.setattr(one.part.workspace.deliveries, "finish", full_once)
    with running(one) as sandbox:
        id = one.deliver(receiver.url)
        assert has_status(one, id, "delivered", sandbox)
        assert one.attempts(id) == [(1, NOON, 200, None)]
    assert len(receiver.received) == 2
    assert "what came of a webhook could not be kept: the disk is full" in caplog.text


def test_what_cannot_be_kept_is_not_tried_again_at_once(receiver, monkeypatch):
    one, failed = lab(), threading.Event()

    def full(_attempt, _outcomes):
        failed.set()
        raise OSError("the disk is full")

    monkeypatch.setattr(one.part.workspace.deliveries, "finish", full)
    with running(one):
        one.deliver(receiver.url)
        assert failed.wait(10)
        assert not receiver.wait(2, seconds=0.2)


def test_a_replay_that_cannot_be_kept_changes_nothing(receiver, monkeypatch):
    one = lab()
    workspace = one.part.workspace
    id = one.deliver(receiver.url)
    one.client.settle()
    before = one.document(id)

    def full(_attempt, _outcomes):
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(workspace.deliveries, "finish", full)
        with pytest.raises(OSError, match="the disk is full"):
            one.client.sandbox.outbox.replay(workspace, id)
    assert one.document(id) == before
    assert workspace.deliveries.next_at() is None
    other = one.deliver(receiver.url)
    assert one.client.settle() == 1
    assert one.document(other)["status"] == "delivered"
