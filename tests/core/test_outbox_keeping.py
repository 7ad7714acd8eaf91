"""What is kept of webhooks: over a stop, up to a number, and where the store cannot."""

from __future__ import annotations

import json
import threading

import pytest

from lookalike.outbox import deliveries as deliveries_module
from lookalike.outbox import post, records
from lookalike.outbox.modes import Modes, set_modes
from lookalike.sandbox import Sandbox
from lookalike.settings import Settings
from tests.core.lab import NOON, START, Lab, after, has_status, lab, numbers, opened, running


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


def test_a_request_body_that_is_long_is_kept_in_part(receiver, monkeypatch):
    monkeypatch.setattr(records, "BODY_KEPT", 10)
    one = lab()
    id = one.deliver(receiver.url)
    one.client.settle()
    assert json.loads(receiver.received[0].body)["n"] == 0
    assert one.document(id)["attempts"][0]["body"] == '{"attempt"'


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
