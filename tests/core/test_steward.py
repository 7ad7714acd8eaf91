"""Who looks after what other servers leave behind: they say nothing of it, so somebody has to look."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from lookalike import steward
from lookalike.steward import Steward
from lookalike.stores import Unwritable
from tests.core.lab import Lab, lab
from tests.receiver import Receiver


@pytest.fixture
def one(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    monkeypatch.setattr(steward, "TICK", 0.01)
    made = lab()
    yield made
    made.client.sandbox.close()


def looked_after(one: Lab) -> Steward:
    made = Steward(one.client.sandbox)
    made.start()
    return made


def test_webhooks_that_nobody_here_was_told_of_are_sent(one: Lab, receiver: Receiver) -> None:
    one.deliver(receiver.url)  # with the outbox paused, it is not stirred
    one.client.sandbox.outbox.paused = False
    made = looked_after(one)
    assert receiver.wait()
    made.stop()


def test_who_waits_hears_of_what_was_taken_in(one: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = one.client.sandbox
    looks: list[int] = []
    monkeypatch.setattr(sandbox, "refresh", lambda: looks.append(1))
    made = looked_after(one)
    assert sandbox.changes.wait_until(lambda: len(looks) > 3 or None, 10)
    made.stop()


def test_trouble_is_told_once_and_its_end_too(
    one: Lab, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox = one.client.sandbox
    troubles = ["away", "away", "full", None, None]
    over: list[bool] = []

    def refresh() -> None:
        if not troubles:
            over.append(True)
        elif (trouble := troubles.pop(0)) is not None:
            raise Unwritable(trouble)

    monkeypatch.setattr(sandbox, "refresh", refresh)
    with caplog.at_level(logging.WARNING, "lookalike"):
        made = looked_after(one)
        assert sandbox.changes.wait_until(lambda: over or None, 10)
        made.stop()
    told = [Unwritable(trouble).sentence for trouble in ("away", "full")]
    assert caplog.messages == [*told, "the store can be reached again"]


def test_one_that_was_never_started_is_stopped_at_once(one: Lab) -> None:
    Steward(one.client.sandbox).stop()
