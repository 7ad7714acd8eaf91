"""Every recorded flow, whole and in order, on a fresh sandbox."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.vendors.opensend.replay import Difference, Replay, flows

SESSION = "needs a dashboard session, which lookalike does not have"
IMPORTED = "shows what was imported under a dashboard session"
DELIVERED = "webhooks are not delivered yet, only kept as pending deliveries"

EXCEPTIONS = {
    "auth-dashboard-session/01-contacts": SESSION,
    "auth-dashboard-session/02-contacts-root": SESSION,
    "auth-dashboard-session/06-api-keys": SESSION,
    "contacts-bulk-and-import/26-import-session": SESSION,
    "contacts-bulk-and-import/27-imported-contact": IMPORTED,
    "contacts-bulk-and-import/28-merged-contact": IMPORTED,
    "contacts-bulk-and-import/29-import-no-file": SESSION,
    "contacts-bulk-and-import/30-import-wrong-type": SESSION,
    "contacts-bulk-and-import/31-import-bad-mapping": SESSION,
    "contacts-bulk-and-import/32-import-no-mapping": SESSION,
    "contacts-bulk-and-import/33-import-json": SESSION,
    "broadcasts-send/20-metrics-session": SESSION,
}
"""Steps that cannot hold, with the reason. Each must still differ, so that the list cannot outlive its reasons."""

BURSTS = ("rate-limit-reads",)
"""Flows in which gaps between the steps' numbers stand for the same request again."""

FLOWS = flows()


@pytest.mark.parametrize("flow", FLOWS)
def test_flow(flow):
    replay = Replay(FLOWS[flow])
    wrong = []
    for before, record in pairwise([FLOWS[flow][0], *FLOWS[flow]]):
        if flow in BURSTS:
            replay.fill_gap(before, record)
        if record.get("kind") == "webhook-delivery":
            continue  # DELIVERED: what a receiver was sent
        reply = replay.send(record)
        try:
            replay.compare(record, reply)
        except Difference as difference:
            if record["name"] not in EXCEPTIONS:
                wrong.append(f"{record['name']}: {difference}")
        else:
            if record["name"] in EXCEPTIONS:
                wrong.append(f"{record['name']} holds, but is listed as an exception: {EXCEPTIONS[record['name']]}")
    assert not wrong, "\n".join(wrong)


def test_every_exception_names_a_step():
    names = {record["name"] for records in FLOWS.values() for record in records}
    assert EXCEPTIONS.keys() <= names
