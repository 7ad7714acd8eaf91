"""What every vendor that sends webhooks has to bear, whatever its payloads are."""

from __future__ import annotations

import pytest

from lookalike.outbox import Sender
from tests.every_vendor.worlds import VENDORS
from tests.receiver import answering
from tests.support import Client

SENDING = [name for name, vendor in VENDORS.items() if vendor.webhooks is not None]


def sender(vendor: str) -> Sender:
    found = VENDORS[vendor].webhooks
    assert found is not None
    return found


def test_there_are_some():
    assert len(SENDING) >= 4


@pytest.mark.parametrize("vendor", SENDING)
def test_a_receiver_has_some_seconds(vendor):
    assert 1 <= sender(vendor).timeout <= 30


@pytest.mark.parametrize("answer", [200, 500])
@pytest.mark.parametrize("vendor", SENDING)
def test_a_subscription_that_is_gone_ends_its_deliveries_with_a_reason(sandbox, vendor, answer, caplog):
    client: Client = sandbox(vendor)
    client.sandbox.outbox.exchange = answering(answer)
    workspace = client.sandbox.workspace("default")
    with workspace.unit():
        part = client.sandbox.part(workspace, client.sandbox.vendors[vendor])
        id = part.deliver(
            subscription="4242", event="e", url="http://127.0.0.1:1/", payload={"data": {}}, reference="x"
        )
    client.settle()
    delivery = client.control("GET", f"/webhooks/deliveries/{id}").json
    (attempt,) = delivery["attempts"]
    assert (delivery["status"], delivery["due_at"], attempt["request"], attempt["status"]) == (
        "failed",
        None,
        None,
        None,
    )
    assert attempt["error"]
    assert caplog.text == ""
