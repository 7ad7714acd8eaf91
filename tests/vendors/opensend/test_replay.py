"""The replay itself: what is tampered with is noticed."""

from __future__ import annotations

from copy import deepcopy

import pytest

from tests.vendors.opensend.replay import Difference, Names, Replay, compare_json, compare_text, flows

FLOWS = flows()
SAMPLE = ("contacts-validation", "segment-membership", "topics-root-strict", "routing")

ONE, TWO = "148875e2-4217-4e0c-9b75-da5722a782cd", "5ba99c16-3e9d-41ce-a7b0-d94744197606"


def worse(record):
    """The record with another status, and with every text of its body and every compared header changed."""
    for change in ("status", "text", "member", "header"):
        tampered = deepcopy(record)
        response = tampered["response"]
        if change == "status":
            response["status"] += 1
        elif change == "header":
            response["headers"]["x-frame-options"] = "SAMEORIGIN"
        elif change == "member" and isinstance(response.get("json"), dict):
            response["json"]["more"] = None
        elif change == "text" and "json" not in response:
            response["body"] = "?" + response.get("body", "")
        elif change == "text" and isinstance(response["json"], dict) and "error" in response["json"]:
            response["json"]["error"] += "!"
        else:
            continue
        yield tampered


@pytest.mark.parametrize("flow", SAMPLE)
def test_tampered_records_differ(flow):
    replay = Replay(FLOWS[flow])
    for record in FLOWS[flow]:
        reply = replay.send(record)
        for tampered in worse(record):
            with pytest.raises(Difference):
                replay.compare(tampered, reply)
        replay.compare(record, reply)


def test_a_recorded_id_stands_for_one_of_ours():
    names = Names()
    compare_text(f"a {ONE}", f"a {TWO}", names, "$")
    compare_text(ONE, TWO, names, "$")
    for recorded, ours in ((ONE, ONE), (TWO, TWO), (ONE, "x"), (f"b {ONE}", f"a {TWO}")):
        with pytest.raises(Difference):
            compare_text(recorded, ours, names, "$")


@pytest.mark.parametrize(
    ("recorded", "ours"),
    [
        ([{"id": ONE, "n": 1}, {"id": TWO, "n": 2}], [{"id": ONE, "n": 2}, {"id": TWO, "n": 1}]),
        ([{"id": ONE}], []),
        ([1, 2], [2, 1]),
        ({"a": 1}, {"a": True}),
        ({"a": None}, {}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"at": "2026-11-21T11:20:43.738Z"}, {"at": "2026-11-21T11:20:43Z"}),
        ({"at": "2026-11-21T11:20:43.738Z"}, {"at": "2026-11-21T11:20:45.739Z"}),
    ],
)
def test_what_is_not_the_same(recorded, ours):
    with pytest.raises(Difference):
        compare_json(recorded, ours, Names())


def test_lists_in_our_own_order_must_descend():
    recorded = [{"id": ONE, "n": 1}, {"id": TWO, "n": 2}]
    down, up = ([{"id": id, "n": n} for id, n in pairs] for pairs in (((TWO, 2), (ONE, 1)), ((ONE, 2), (TWO, 1))))
    compare_json(recorded, down, Names())
    with pytest.raises(Difference):
        compare_json(recorded, up, Names())
