"""Reporting webhooks that the SDK has asked for, caused by its calls and verified by its own function."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


@pytest.fixture
def received(drive, live_server, workspace, receiver):
    """What a receiver got of two people who left, one with a name beyond ASCII."""
    webhook = {"name": "Ours", "endpoint": receiver.url, "events": ["customer_unsubscribed"]}
    answers = drive(
        ["api", "createReportingWebhook", webhook],
        ["track", "identify", "ann", {"email": "ann@example.com", "unsubscribed": True}],
        ["track", "identify", "b\u00f6b \u2713", {"unsubscribed": True}],
    )
    assert answers.oks[0]["id"] == 1
    found = live_server.sandbox.workspace(workspace)
    live_server.sandbox.outbox.walk(found, found.clock.copy())
    assert [one.json["data"]["customer_id"] for one in receiver.received] == ["ann", "b\u00f6b \u2713"]
    return receiver.received


@pytest.fixture
def verify(node):
    """What the SDK says of each, with this secret and with the body changed so."""

    def run(received, secret, change=lambda body: body):
        shown = [
            {
                "timestamp": one.headers["x-cio-timestamp"],
                "signature": one.headers["x-cio-signature"],
                "body": change(one.body.decode()),
            }
            for one in received
        ]
        return node(Path(__file__).parent / "verify.mjs", SECRET=secret, RECEIVED=json.dumps(shown))

    return run


def test_they_are_the_vendors(received, verify, workspace):
    assert verify(received, f"cio_lookalike~{workspace}") == [True, True]


def test_another_secret_or_another_body_is_none(received, verify, workspace):
    assert verify(received, "cio_lookalike") == [False, False]
    assert verify(received, f"cio_lookalike~{workspace}", lambda body: body + " ") == [False, False]
