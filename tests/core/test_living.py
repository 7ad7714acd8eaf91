"""The engine of rule-based groups: what it judges, groups that depend on each other, and judging many in pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from lookalike import living
from lookalike.answer import Lengthy
from lookalike.clock import iso
from lookalike.conditions import ConditionError, Rule
from lookalike.living import rebuilding, rechecks
from lookalike.part import Part
from lookalike.vendors.customerio import segmentation
from lookalike.vendors.segmailer import segments
from tests.every_vendor.populations import START, CustomerIo, Population, SegMailer, email

A = {"plan": "a"}
SEEN = {"seen": ("within_last", 1)}


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The trees that are judged, one by one."""
    seen: list[Any] = []
    real = Rule.judge
    monkeypatch.setattr(Rule, "judge", lambda rule, get, now: seen.append(rule.tree) or real(rule, get, now))
    return seen


class TestWhatIsJudged:
    def test_only_what_asks_for_the_value_of_before_or_after(self, judged: list[Any]) -> None:
        people = SegMailer()
        for plan in "abc":
            people.make({"plan": plan})
        people.make({"not": A})
        people.make({"seats": 2})
        people.write(0, {"plan": "a"})
        judged.clear()
        people.write(0, {"plan": "b"})
        assert sorted(tree.get("value") or tree["not"]["value"] for tree in judged) == ["a", "a", "b"]
        judged.clear()
        people.write(0, {"plan": "b", "city": "Oslo"})
        people.write(1, {"plan": "z"})
        judged.clear()
        people.write(1, {"seats": 1})
        assert [tree["field"] for tree in judged] == ["attributes.seats"]

    def test_nothing_where_nothing_changes(self, judged: list[Any]) -> None:
        people = SegMailer()
        people.make(A)
        people.write(0, {"plan": "a"})
        judged.clear()
        people.write(0, {"plan": "a", "other": 1})
        assert judged == []

    def test_one_value_may_stand_for_others(self) -> None:
        people = CustomerIo()
        day = make(people, {"field": "born", "type": "date", "op": "equals", "value": "2026-01-05"})
        missing = make(people, {"field": "plan", "op": "equals", "value": "a", "missing": True})
        people.write(0, {"plan": "b"})
        assert people.shown() == {day: set(), missing: set()}
        people.write(0, {"born": "2026-01-05T12:00:00Z", "plan": ""})
        assert people.shown() == {day: {email(0)}, missing: {email(0)}}
        people.write(0, {"born": "2026-01-06", "plan": "b"})
        assert people.shown() == {day: set(), missing: set()}

    def test_time_is_looked_at_when_it_has_come(self, judged: list[Any]) -> None:
        people = SegMailer()
        people.make({"seen": ("within_next", 1)})
        for who in range(5):
            people.write(who, {"seen": 2 + who})
        judged.clear()
        people.client.clock(advance="23h")
        assert judged == []
        people.client.clock(advance="2h")
        assert len(judged) == 1
        assert people.shown() == {people.groups[0]: {email(0)}}


def make(people: CustomerIo, tree: dict[str, Any]) -> str:
    with people.part.workspace.unit():
        return str(segmentation.add_segment(people.part, "S", "", tree)["id"])


class TestGroupsOfGroups:
    def test_a_chain(self) -> None:
        people = CustomerIo()
        first = make(people, {"field": "plan", "op": "equals", "value": "a"})
        second = make(people, {"group": first})
        third = make(people, {"not": {"group": second}})
        people.write(0, {"plan": "a"})
        assert people.shown() == {first: {email(0)}, second: {email(0)}, third: set()}
        people.write(0, {"plan": "b"})
        assert people.shown() == {first: set(), second: set(), third: {email(0)}}

    def test_others_change_beside_a_chain(self) -> None:
        people = CustomerIo()
        first = make(people, {"field": "plan", "op": "equals", "value": "a"})
        beside = make(people, {"field": "seats", "type": "number", "op": "greater_than", "value": 1})
        second = make(people, {"group": first})
        people.write(0, {"plan": "a", "seats": 2})
        people.write(1, {})
        people.write(1, {"plan": "a", "seats": 2})
        assert people.shown() == {one: {email(0), email(1)} for one in (first, beside, second)}

    def test_of_a_list(self) -> None:
        people = CustomerIo()
        segment = make(people, {"group": str(people.list_id)})
        people.write(0, {})
        people.join(0)
        assert people.shown() == {segment: {email(0)}}
        people.client.delete(f"/v1/segments/{people.list_id}")
        assert people.shown() == {segment: set()}

    def test_a_deleted_one_takes_its_dependents_along(self) -> None:
        people = CustomerIo()
        first = make(people, {"field": "plan", "op": "equals", "value": "a"})
        second = make(people, {"group": first})
        third = make(people, {"not": {"group": second}})
        people.write(0, {"plan": "a"})
        with people.part.workspace.unit():
            people.part.collection(segmentation.SEGMENTS).delete(first)
            living.forget(people.part, first, lambda: None)
        assert people.shown() == {second: set(), third: {email(0)}}

    def test_who_depends_on_it_is_judged_anew_as_well(self) -> None:
        people = CustomerIo()
        first = make(people, {"field": "plan", "op": "equals", "value": "a"})
        second = make(people, {"group": first})
        third = make(people, {"not": {"group": second}})
        groups = people.part.collection(segmentation.SEGMENTS)

        def told() -> dict[str, tuple[float, bool]]:
            return {id: (group["since"], group["judging"]) for id in (second, third) if (group := groups.get(id))}

        people.client.clock(advance="1h")
        with people.part.workspace.unit():
            group = groups.get(first)
            assert group is not None
            living.define(people.part, group, {"field": "plan", "op": "equals", "value": "b"})
            groups.put(group)
            living.rebuild_now(people.part, first)
        assert told() == {id: (people.now, False) for id in (second, third)}
        people.client.clock(advance="1h")
        with people.part.workspace.unit():
            groups.delete(first)
            living.forget(people.part, first, lambda: None)
        assert told()[second] == (people.now, False)

    def test_no_circle(self) -> None:
        people = CustomerIo()
        first = make(people, {"field": "plan", "op": "equals", "value": "a"})
        second = make(people, {"any": [{"group": first}, {"group": "none"}]})
        group = people.part.collection(segmentation.SEGMENTS).get(first)
        assert group is not None
        for tree in ({"group": first}, {"not": {"all": [{"group": second}]}}):
            with pytest.raises(ConditionError, match="a group cannot depend on itself"):
                living.define(people.part, group, tree)
        assert group == people.part.collection(segmentation.SEGMENTS).get(first)


# --- in pieces -------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every member is a step."""
    monkeypatch.setattr(rebuilding, "BATCH", 1)
    monkeypatch.setattr(rechecks, "BATCH", 1)


class TestInPieces:
    def test_what_happens_in_between_counts(self, between: list[Callable[[], None]]) -> None:
        people = SegMailer()
        for who in range(8):
            people.write(who, {"plan": "ab"[who % 2]})
        between += [
            lambda: people.write(7, {"plan": "a"}),
            lambda: people.write(0, {"plan": "b"}),
            lambda: people.delete(6),
            lambda: people.write(9, {"plan": "a"}),
        ]
        people.make(A)
        assert between == []
        assert people.shown() == people.expected() == {people.groups[0]: {email(who) for who in (2, 4, 7, 9)}}

    def test_it_is_filled_little_by_little(self, between: list[Callable[[], None]]) -> None:
        people = SegMailer()
        for who in range(4):
            people.write(who, A)
        seen: list[int] = []
        between += [lambda: seen.append(_count(people)) for _ in range(3)]
        people.make(A)
        assert seen == sorted(seen)
        assert seen[0] < seen[-1]

    def test_a_rule_that_is_changed_in_between(self, between: list[Callable[[], None]]) -> None:
        people = SegMailer()
        for who in range(6):
            people.write(who, {"plan": "ab"[who % 2]})
        people.make(A)
        between.append(lambda: people.change(0, {"not": A}))
        people.change(0, {"plan": "b"})
        assert people.shown() == people.expected() == {people.groups[0]: {email(who) for who in (1, 3, 5)}}

    def test_one_that_is_deleted_in_between(self, between: list[Callable[[], None]]) -> None:
        people = SegMailer()
        for who in range(6):
            people.write(who, A)
        between.append(lambda: _delete_all(people))
        people.make(A)
        assert [one["segments"] for one in people.ask("GET", "/api/v2/contacts")["data"]] == [[]] * 6

    def test_a_reset_in_between(self, between: list[Callable[[], None]]) -> None:
        people = SegMailer()
        for who in range(6):
            people.write(who, A)
        between.append(lambda: people.client.sandbox.reset() and None)
        filter = {"attribute": "plan", "op": "eq", "value": "a"}
        reply = people.client.post("/api/v2/segments", {"name": "S", "filter": filter})
        assert reply.status == 503
        assert people.ask("GET", "/api/v2/contacts")["data"] == []

    def test_forgetting(self, between: list[Callable[[], None]]) -> None:
        people = SegMailer()
        for who in range(6):
            people.write(who, A)
        people.make(A)
        between.append(lambda: people.write(3, {"plan": "b"}))
        people.drop(0)
        assert [one["segments"] for one in people.ask("GET", "/api/v2/contacts")["data"]] == [[]] * 6

    def test_a_rule_that_turns_for_many_at_once(self, between: list[Callable[[], None]]) -> None:
        people = SegMailer()
        for who in range(6):
            people.write(who, {"seen": -0.1})
        people.make(SEEN)
        seen: list[int] = []
        between += [
            lambda: seen.append(_count(people)),
            lambda: people.write(5, {"seen": -0.1}),
            lambda: people.delete(4),
            lambda: seen.append(_count(people)),
        ]
        people.client.clock(advance="25h")
        assert between == []
        assert (seen[0] > seen[1], seen[0] < 6) == (True, True)
        assert people.shown() == people.expected() == {people.groups[0]: {email(5)}}

    def test_the_clock_goes_back(self, between: list[Callable[[], None]]) -> None:
        people = SegMailer()
        for who in range(6):
            people.write(who, {"seen": -0.1})
        people.make(SEEN)
        people.client.clock(advance="25h")
        seen: list[tuple[int, str]] = []
        look = partial(_note_count, people, seen)
        between += [look, look, lambda: people.write(0, {})]
        people.client.clock(freeze=iso(START))
        assert seen == [(0, iso(START)), (1, iso(START))]
        assert between == []
        assert people.shown() == people.expected() == {people.groups[0]: {email(who) for who in range(6)}}

    def test_a_server_that_is_stopped_meanwhile(self, between: list[Callable[[], None]]) -> None:
        """Whom it has not judged yet is judged at the start; in a fork that is taken meanwhile, at once."""
        people = SegMailer()
        for who in range(6):
            people.write(who, {"seen": -0.1})
        people.make(SEEN)
        people.client.clock(advance="25h")
        sandbox = people.client.sandbox

        def stop() -> None:
            sandbox.fork("default", "fork")
            raise KeyboardInterrupt

        between += [lambda: None, stop]
        with pytest.raises(KeyboardInterrupt):
            people.client.clock(freeze=iso(START))
        assert _counts(people) == {"default": 1, "fork": 6}
        sandbox.prepare()
        assert _counts(people) == {"default": 6, "fork": 6}

    def test_a_reset_while_it_goes_back(self, between: list[Callable[[], None]]) -> None:
        people = SegMailer()
        for who in range(6):
            people.write(who, {"seen": -0.1})
        people.make(SEEN)
        people.client.clock(advance="25h")
        between.append(lambda: people.client.sandbox.reset() and None)
        people.client.clock(freeze=iso(START))
        assert people.ask("GET", "/api/v2/contacts")["data"] == []


def _note_count(people: Population, seen: list[tuple[int, str]]) -> None:
    seen.append((_count(people), people.part.clock.iso()))


def _count(people: Population) -> int:
    return _counts(people)["default"]


def _counts(people: Population) -> dict[str, int]:
    """How many are in the one segment of each workspace."""
    rows = people.client.control("GET", "/segments").json["segments"]
    return {row["workspace"]: row["count"] for row in rows}


def _delete_all(people: Population) -> None:
    for row in people.client.control("GET", "/segments").json["segments"]:
        people.ask("DELETE", f"/api/v2/segments/{row['id']}")


# --- what lasts ------------------------------------------------------------------------------------------------------


def _recheck(part: Part) -> Iterator[float | None]:
    for contact in part.collection(part.vendor.living.members).scan("newest", within="everybody"):  # type: ignore[union-attr]
        yield living.recheck_of(contact)


def test_nothing_is_waited_for_but_what_stands_in_the_documents() -> None:
    people = SegMailer()
    people.write(0, {"seen": 0.5})
    assert list(_recheck(people.part)) == [None]
    people.make({"seen": ("within_last", 1)})
    assert list(_recheck(people.part)) == [people.now + 43_200]
    people.client.clock(advance="1d")
    assert list(_recheck(people.part)) == [pytest.approx(people.now + 43_200, abs=1e-3)]
    people.client.clock(advance="1d")
    assert list(_recheck(people.part)) == [None]


def test_a_stop_while_everybody_is_judged(tmp_path: Any, between: list[Callable[[], None]]) -> None:
    store = {"store": f"tinydb:{tmp_path / 'state.json'}"}
    people = SegMailer(store)
    for who in range(4):
        people.write(who, A)
    with people.part.workspace.unit():
        segment = segments.draft(people.part, "S", {"attribute": "plan", "op": "eq", "value": "a"}, "2026")
        people.part.collection(segments.SEGMENTS).put(segment)
        assert isinstance(living.rebuild(people.part, segment["id"], lambda: None), Lengthy)
    assert len(people.members(segment["id"])) < 4
    people.client.sandbox.close()
    again = SegMailer(store)
    assert len(again.members(segment["id"])) == 4
    again.client.sandbox.close()


def test_a_segment_outlives_a_stop_and_goes_on_by_itself(tmp_path: Any) -> None:
    store = {"store": f"tinydb:{tmp_path / 'state.json'}"}
    people = SegMailer(store)
    people.write(0, {"seen": 0.5})
    people.make({"seen": ("within_last", 1)})
    segment = people.groups[0]
    people.client.sandbox.close()
    again = SegMailer(store, started=people.now)
    assert again.members(segment) == set()
    again.client.clock(advance="13h")
    assert again.members(segment) == {email(0)}
    again.client.clock(advance="24h")
    assert again.members(segment) == set()
    again.client.sandbox.close()
