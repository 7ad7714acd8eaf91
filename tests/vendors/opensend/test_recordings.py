"""Every recorded flow, whole and in order, on a fresh sandbox."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.vendors.opensend.replay import Replay, flows

SESSION = "needs a dashboard session, which lookalike does not have"
IMPORTED = "shows what was imported under a dashboard session"

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

MEANWHILE = {
    "webhook-deliveries/02-contact": lambda replay: replay.redirect_webhooks("http://127.0.0.1:39797/in"),
    # The recorded worker looks for mail every few seconds, ours at once.
    "webhook-deliveries/14-delivery-email-bounced": lambda replay: replay.wait(5.4),
    "broadcasts-send/25-due-after-cron": lambda replay: replay.wait(60.1),
}
"""What the recorder did or waited for behind the API's back before a step."""

FLOWS = flows()


def play(flow):
    """Every step of a flow with what is different about it, or None."""
    replay = Replay(FLOWS[flow])
    for before, record in pairwise([FLOWS[flow][0], *FLOWS[flow]]):
        if flow in BURSTS:
            replay.fill_gap(before, record)
        if record["name"] in MEANWHILE:
            MEANWHILE[record["name"]](replay)
        yield record["name"], replay.difference(record)


@pytest.mark.usefixtures("on_store")
@pytest.mark.parametrize("flow", FLOWS)
def test_flow(flow):
    wrong = []
    for name, difference in play(flow):
        if difference is not None and name not in EXCEPTIONS:
            wrong.append(f"{name}: {difference}")
        if difference is None and name in EXCEPTIONS:
            wrong.append(f"{name} holds, but is listed as an exception: {EXCEPTIONS[name]}")
    assert not wrong, "\n".join(wrong)


def test_every_exception_names_a_step():
    names = {record["name"] for records in FLOWS.values() for record in records}
    assert EXCEPTIONS.keys() | MEANWHILE.keys() <= names
