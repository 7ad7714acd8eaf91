"""Track: who is in a manual segment; and who is in a data-driven one, without being put there."""

from __future__ import annotations

from typing import Any

import pytest

from lookalike.conditions import Rule
from lookalike.vendors.customerio import segmentation
from tests.support import Client
from tests.vendors.customerio.bodies import NOW
from tests.vendors.customerio.contract import Described
from tests.vendors.customerio.test_track_identify import identifiers, put
from tests.vendors.customerio.test_track_people import DONE, answer, refusal


@pytest.fixture
def segment(track: Described) -> int:
    number: int = track.post("/v1/segments", {"segment": {"name": "Readers"}}).json["segment"]["id"]
    return number


def members(client: Client, segment: int) -> list[str]:
    found: list[str] = client.get(f"/v1/segments/{segment}/membership").json["ids"]
    return found


def change(track: Described, segment: Any, action: str, ids: Any, id_type: str | None = None) -> Any:
    query = {} if id_type is None else {"id_type": id_type}
    return track.post(f"/api/v1/segments/{segment}/{action}_customers", {"ids": ids}, query=query)


def test_people_come_and_go(track: Described, segment: int) -> None:
    for id in ("1", "2", "3"):
        put(track, id, {})
    assert answer(change(track, segment, "add", ["1", "3", "3", "nobody", 2])) == DONE
    assert members(track, segment) == ["1", "2", "3"]
    assert answer(change(track, segment, "add", ["1"])) == DONE
    assert answer(change(track, segment, "remove", ["1", "2", "nobody"])) == DONE
    assert answer(change(track, segment, "remove", ["1"])) == DONE
    assert members(track, segment) == ["3"]
    assert track.get("/v1/customers/3/segments").json["segments"] == [
        {"id": segment, "name": "Readers", "description": ""}
    ]


def test_every_type_of_identifier_names_members(track: Described, segment: int) -> None:
    for id in ("1", "2", "3"):
        put(track, id, {"email": f"{id}@example.com"})
    cio_id = identifiers(track, "3")["cio_id"]
    assert answer(change(track, segment, "add", ["1", "2@example.com", cio_id], "id")) == DONE
    assert answer(change(track, segment, "add", ["1", "2@EXAMPLE.com", cio_id], "email")) == DONE
    assert members(track, segment) == ["1", "2"]
    assert answer(change(track, segment, "add", ["2@example.com", cio_id], "cio_id")) == DONE
    assert members(track, segment) == ["1", "2", "3"]


def test_a_thousand_at_once(track: Described, segment: int) -> None:
    put(track, "999", {})
    assert answer(change(track, segment, "add", [str(number) for number in range(1000)])) == DONE
    assert members(track, segment) == ["999"]


@pytest.mark.parametrize("action", ["add", "remove"])
@pytest.mark.parametrize("ids", [None, [], "1", {}, [str(number) for number in range(1001)]])
def test_no_ids_or_too_many(track: Described, segment: int, action: str, ids: Any) -> None:
    reply = change(track, segment, action, ids)
    assert (reply.status, reply.json) == refusal("ids must contain between 1 and 1000 values")


@pytest.mark.parametrize("action", ["add", "remove"])
@pytest.mark.parametrize("segment", ["99", "x", "007", "4294967296"])
def test_an_unknown_segment(track: Described, action: str, segment: str) -> None:
    reply = change(track, segment, action, ["1"])
    assert (reply.status, reply.json) == refusal("segment not found")


def test_an_unknown_type_of_identifier(track: Described, segment: int) -> None:
    reply = change(track, segment, "add", ["1"], "phone")
    assert reply.status == 400
    assert reply.json == {"meta": {"errors": ["id_type: input should be 'id', 'email' or 'cio_id'"]}}


def test_a_deleted_person_is_no_member(track: Described, segment: int) -> None:
    put(track, "1", {})
    change(track, segment, "add", ["1"])
    track.delete("/api/v1/customers/1")
    assert members(track, segment) == []
    put(track, "1", {})
    assert members(track, segment) == []


# --- data-driven -----------------------------------------------------------------------------------------------------


def dynamic(client: Client, tree: dict[str, Any]) -> int:
    """A data-driven segment, which no operation makes."""
    part = client.sandbox.workspace("default").parts["customerio"]
    return int(segmentation.add_segment(part, "Rule", "", tree)["id"])


def test_nobody_is_put_into_a_data_driven_segment(track: Described) -> None:
    number = dynamic(track, {"field": "plan", "type": "string", "op": "equals", "value": "pro"})
    put(track, "1", {})
    for action in ("add", "remove"):
        reply = change(track, number, action, ["1"])
        assert (reply.status, reply.json) == refusal("segment is not a manual segment")
    assert members(track, number) == []


PRO = {"field": "plan", "type": "string", "op": "equals", "value": "pro"}
MANY = {"field": "seats", "type": "number", "op": "greater_than", "value": 20}
BOUGHT = {"event": "purchase", "op": "at_least", "times": 2}
NEW = {"field": "created_at", "type": "date", "op": "after", "value": "2026-01-01"}
GONE = {"field": "unsubscribed", "type": "boolean", "op": "equals", "value": True}


@pytest.mark.parametrize(
    ("tree", "body", "holds"),
    [
        (PRO, {"plan": "pro"}, True),
        (PRO, {"plan": "free"}, False),
        (PRO, {}, False),
        ({"not": PRO}, {}, True),
        (MANY, {"seats": 21}, True),
        (MANY, {"seats": "21"}, True),
        (MANY, {"seats": 20}, False),
        ({"all": [PRO, MANY]}, {"plan": "pro", "seats": 30}, True),
        ({"any": [PRO, MANY]}, {"seats": 30}, True),
        (NEW, {"created_at": NOW}, True),
        (NEW, {"created_at": NOW - 40 * 86400}, False),
        (NEW, {"created_at": 10**18}, False),
        (NEW, {"created_at": -1}, False),
        (GONE, {"unsubscribed": "TRUE"}, True),
        (GONE, {"unsubscribed": False}, False),
        ({"field": "city", "op": "ends_with", "value": "lo"}, {"city": "OSLO"}, True),
    ],
)
def test_who_belongs_to_a_rule(track: Described, tree: dict[str, Any], body: dict[str, Any], holds: bool) -> None:
    number = dynamic(track, tree)
    put(track, "1", body)
    assert members(track, number) == (["1"] if holds else [])
    put(track, "2", {})
    put(track, "2", body)
    assert members(track, number) == (["1", "2"] if holds else [])


def test_a_rule_follows_every_change(track: Described, segment: int) -> None:
    number = dynamic(track, PRO)
    for plan, expected in (("pro", ["1"]), ("free", []), ("pro", ["1"]), (None, [])):
        put(track, "1", {"plan": plan})
        assert members(track, number) == expected
    change(track, segment, "add", ["1"])
    put(track, "1", {"plan": "pro"})
    assert (members(track, number), members(track, segment)) == (["1"], ["1"])


def test_a_rule_counts_events(track: Described) -> None:
    number = dynamic(track, BOUGHT)
    for expected in ([], ["1"], ["1"]):
        track.post("/api/v1/customers/1/events", {"name": "purchase"})
        track.post("/api/v1/customers/2/events", {"name": "look"})
        assert members(track, number) == expected


def test_a_rule_counts_anonymous_and_merged_events(track: Described) -> None:
    number = dynamic(track, BOUGHT)
    for _ in range(2):
        track.post("/api/v1/events", {"name": "purchase", "anonymous_id": "cookie"})
    put(track, "1", {"anonymous_id": "cookie"})
    assert members(track, number) == ["1"]
    track.post("/api/v1/customers/2/events", {"name": "purchase"})
    track.post("/api/v1/merge_customers", {"primary": {"id": "2"}, "secondary": {"id": "1"}})
    assert members(track, number) == ["2"]


def test_only_rules_that_depend_on_a_change_are_judged(track: Described, monkeypatch: pytest.MonkeyPatch) -> None:
    dynamic(track, PRO)
    dynamic(track, MANY)
    dynamic(track, BOUGHT)
    put(track, "1", {"plan": "free"})
    judged: list[Any] = []
    judge = Rule.judge
    monkeypatch.setattr(Rule, "judge", lambda rule, get, now: judged.append(rule.tree) or judge(rule, get, now))
    put(track, "1", {"seats": 1, "city": "Oslo"})
    assert judged == [MANY]
    track.post("/api/v1/customers/1/events", {"name": "purchase"})
    assert judged == [MANY, BOUGHT]
    put(track, "1", {"city": "Bergen", "plan": "free"})
    assert judged == [MANY, BOUGHT]
