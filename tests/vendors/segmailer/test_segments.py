"""SegMailer's segments: made, changed and deleted; who is in them follows every write and the clock."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lookalike import living
from lookalike.clock import parse_instant
from tests.support import UUID, Client
from tests.vendors.segmailer.bodies import (
    LATER,
    NO_SEGMENT,
    NOBODY,
    START,
    emails,
    held,
    invalid,
    listing,
    make,
    make_segment,
    upsert,
    where,
)

PRO = where("plan", "eq", "Pro")
WEEK = {"amount": 7, "unit": "days"}


def segment(name, filter_, count=0, **more):
    shown = {"id": UUID, "name": name, "filter": filter_, "contactsCount": count}
    return {**shown, "createdAt": START, "updatedAt": START, **more}


def members(client, id):
    return sorted(emails(client, f"/api/v2/segments/{id}/contacts"))


class TestCreate:
    def test_the_contacts_that_are_there_are_members_at_once(self, client):
        make(client, "a@example.com", "b@example.com", plan="Pro")
        make(client, "c@example.com", plan="Free")
        client.clock(freeze=START)
        reply = client.post("/api/v2/segments", {"name": "Pro users", "filter": PRO})
        assert (reply.status, reply.json) == (201, segment("Pro users", PRO, 2))
        assert members(client, reply.json["id"]) == ["a@example.com", "b@example.com"]

    def test_over_more_contacts_than_one_turn_takes(self, client):
        for first in range(0, 3000, 1000):
            rows = [
                {"identifier": {"email": f"p{number}@example.com"}, "attributes": {"number": number}}
                for number in range(first, first + 1000)
            ]
            client.post("/api/v2/contacts/bulk", {"contacts": rows})
        low = where("number", "lt", 2500)
        reply = client.post("/api/v2/segments", {"name": "Low", "filter": low})
        assert (reply.status, reply.json) == (201, segment("Low", low, 2500))
        path = f"/api/v2/segments/{reply.json['id']}"
        changed = client.patch(path, {"filter": {"not": low}})
        assert (changed.status, changed.json) == (200, segment("Low", {"not": low}, 500))
        assert client.delete(path).status == 204
        assert client.get("/api/v2/contacts", query={"limit": 1}).json["data"][0]["segments"] == []

    def test_the_filter_comes_back_as_it_was(self, client):
        filter_ = {"and": [{"not": {"or": []}}, where("Größe 🌻", "in", [1, 1.5, "x", True]), where("a", "exists")]}
        assert client.post("/api/v2/segments", {"name": "x", "filter": filter_}).json == segment("x", filter_)

    @pytest.mark.parametrize("name", ["x", "x" * 255, " ", "Pro users"])
    def test_names(self, client, name):
        make_segment(client, "Pro users", PRO)
        assert client.post("/api/v2/segments", {"name": name, "filter": PRO}).json == segment(name, PRO)

    @pytest.mark.parametrize(
        ("body", "details"),
        [
            ({}, [("name", "is required"), ("filter", "is required")]),
            ({"name": "x"}, [("filter", "is required")]),
            ({"filter": PRO}, [("name", "is required")]),
            ({"name": "", "filter": PRO}, [("name", "must not be empty")]),
            ({"name": "x" * 256, "filter": PRO}, [("name", "must have at most 255 characters")]),
            ({"name": None, "filter": PRO}, [("name", "must be a string")]),
            ({"name": 5, "filter": PRO}, [("name", "must be a string")]),
            ({"name": "x", "filter": None}, [("filter", "must be an object")]),
            ({"name": "x", "filter": []}, [("filter", "must be an object")]),
            ({"name": "x", "filter": "plan is Pro"}, [("filter", "must be an object")]),
        ],
    )
    def test_bad_input(self, client, body, details):
        reply = client.post("/api/v2/segments", body)
        assert (reply.status, reply.json) == (400, invalid(*details))
        assert held(client) == []


class TestRead:
    def test_one(self, client):
        id = make_segment(client, "Pro users", PRO)
        upsert(client, "a@example.com", {"plan": "Pro"})
        reply = client.get(f"/api/v2/segments/{id}")
        assert (reply.status, reply.json) == (200, segment("Pro users", PRO, 1, id=id))

    def test_list_newest_first_to_the_end(self, client):
        assert client.get("/api/v2/segments").json == listing()
        ids = []
        for name in ("Alpha", "beta", "ALPHABET"):
            ids.insert(0, make_segment(client, name, PRO))
            client.clock(advance="1s")
        shown = [client.get(f"/api/v2/segments/{id}").json for id in ids]
        assert client.get("/api/v2/segments").json == listing(*shown)
        for page in (1, 2, 3, 4):
            reply = client.get("/api/v2/segments", query={"page": page, "limit": 1})
            assert reply.json == listing(*shown[page - 1 : page], page=page, limit=1, total=3)

    @pytest.mark.parametrize(
        ("search", "names"),
        [
            ("", ["ALPHABET", "beta", "Alpha"]),
            ("alpha", ["ALPHABET", "Alpha"]),
            ("BET", ["ALPHABET", "beta"]),
            ("%", []),
            ("gamma", []),
        ],
    )
    def test_search(self, client, search, names):
        for name in ("Alpha", "beta", "ALPHABET"):
            make_segment(client, name, PRO)
            client.clock(advance="1s")
        found = client.get("/api/v2/segments", query={"search": search})
        assert [item["name"] for item in found.json["data"]] == names
        for page, name in enumerate(names, start=1):
            one = client.get("/api/v2/segments", query={"search": search, "page": page, "limit": 1})
            shown = next(item for item in found.json["data"] if item["name"] == name)
            assert one.json == listing(shown, page=page, limit=1, total=len(names))

    def test_members_newest_first_to_the_end(self, client):
        id = make_segment(client, "Pro users", PRO)
        make(client, "a@example.com", "b@example.com", "c@example.com", plan="Pro")
        make(client, "d@example.com")
        shown = [client.get(f"/api/v2/contacts/{name}@example.com").json for name in "cba"]
        path = f"/api/v2/segments/{id}/contacts"
        assert client.get(path).json == listing(*shown)
        for page in (1, 2, 3, 4):
            reply = client.get(path, query={"page": page, "limit": 1})
            assert reply.json == listing(*shown[page - 1 : page], page=page, limit=1, total=3)

    @pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
    def test_unknown(self, client, method):
        reply = client(method, f"/api/v2/segments/{NOBODY}", {})
        assert (reply.status, reply.json) == (404, NO_SEGMENT)

    def test_members_of_none(self, client):
        reply = client.get(f"/api/v2/segments/{NOBODY}/contacts")
        assert (reply.status, reply.json) == (404, NO_SEGMENT)


class TestUpdate:
    def test_rename(self, client):
        id = make_segment(client, "Pro users", PRO)
        upsert(client, "a@example.com", {"plan": "Pro"})
        client.clock(advance="1s")
        reply = client.patch(f"/api/v2/segments/{id}", {"name": "Paying"})
        assert (reply.status, reply.json) == (200, segment("Paying", PRO, 1, id=id, updatedAt=LATER))
        assert client.get("/api/v2/contacts/a@example.com").json["segments"] == [{"id": id, "name": "Paying"}]

    def test_a_new_filter(self, client):
        make(client, "a@example.com", plan="Pro")
        make(client, "b@example.com", plan="Free")
        client.clock(freeze=START)
        id = make_segment(client, "S", PRO)
        client.clock(advance="1s")
        other = where("plan", "eq", "Free")
        reply = client.patch(f"/api/v2/segments/{id}", {"filter": other})
        assert (reply.status, reply.json) == (200, segment("S", other, 1, id=id, updatedAt=LATER))
        assert members(client, id) == ["b@example.com"]
        upsert(client, "a@example.com", {"plan": "Free"})
        upsert(client, "b@example.com", {"plan": "Pro"})
        assert members(client, id) == ["a@example.com"]

    def test_nothing(self, client):
        id = make_segment(client, "S", PRO)
        client.clock(advance="1s")
        assert client.patch(f"/api/v2/segments/{id}", {}).json == segment("S", PRO, id=id, updatedAt=LATER)

    @pytest.mark.parametrize(
        ("body", "detail"),
        [
            ({"name": ""}, ("name", "must not be empty")),
            ({"name": None}, ("name", "must not be null")),
            ({"name": 5}, ("name", "must be a string")),
            ({"filter": None}, ("filter", "must not be null")),
            ({"filter": []}, ("filter", "must be an object")),
            ({"name": "new", "filter": {"and": 1}}, ("filter.and", "must be an array")),
        ],
    )
    def test_bad_input_changes_nothing(self, client, body, detail):
        id = make_segment(client, "S", PRO)
        before = held(client)
        reply = client.patch(f"/api/v2/segments/{id}", body)
        assert (reply.status, reply.json) == (400, invalid(detail))
        assert held(client) == before


class TestDelete:
    def test_its_members_stay(self, client):
        id = make_segment(client, "S", PRO)
        kept = make_segment(client, "Kept", PRO)
        upsert(client, "a@example.com", {"plan": "Pro"})
        reply = client.delete(f"/api/v2/segments/{id}")
        assert (reply.status, reply.raw) == (204, b"")
        assert client.get("/api/v2/contacts/a@example.com").json["segments"] == [{"id": kept, "name": "Kept"}]
        assert client.get("/api/v2/contacts/a@example.com/segments").json["pagination"]["total"] == 1
        again = client.delete(f"/api/v2/segments/{id}")
        assert (again.status, again.json) == (404, NO_SEGMENT)


class TestWrites:
    def test_every_kind_of_write_is_followed(self, client):
        id = make_segment(client, "Pro users", PRO)
        upsert(client, "a@example.com", {"plan": "Pro"})
        assert members(client, id) == ["a@example.com"]
        client.patch("/api/v2/contacts/a@example.com", {"attributes": {"plan": None}})
        assert members(client, id) == []
        rows = [{"identifier": {"email": f"{name}@example.com"}, "attributes": {"plan": "Pro"}} for name in "ab"]
        client.post("/api/v2/contacts/bulk", {"contacts": rows})
        assert members(client, id) == ["a@example.com", "b@example.com"]
        client.delete("/api/v2/contacts/a@example.com")
        assert members(client, id) == ["b@example.com"]
        client.post("/api/v2/contacts/bulk-delete", {"emails": ["b@example.com"]})
        assert members(client, id) == []

    def test_unsubscribing_leaves_segments_alone(self, client):
        id = make_segment(client, "Pro users", PRO)
        upsert(client, "a@example.com", {"plan": "Pro"}, status="unsubscribed")
        assert members(client, id) == ["a@example.com"]

    @pytest.mark.parametrize(("before", "after"), [(1, True), (True, 1), ([1], [True]), (0, False), ("1", 1)])
    def test_a_value_of_another_type_is_another_value(self, client, before, after):
        number = make_segment(client, "Number", where("x", "in", [0, 1]))
        truth = make_segment(client, "Truth", {"or": [where("x", "eq", True), where("x", "eq", False)]})
        upsert(client, "a@example.com", {"x": before})
        upsert(client, "a@example.com", {"x": after})
        is_number, is_truth = isinstance(after, int) and not isinstance(after, bool), isinstance(after, bool)
        assert (members(client, number) != []) is is_number
        assert (members(client, truth) != []) is is_truth

    def test_when_it_was_last_written_is_a_field_too(self, client):
        id = make_segment(client, "Quiet", where("updatedAt", "more_than_ago", {"amount": 1, "unit": "hours"}))
        upsert(client, "a@example.com")
        client.clock(advance="61m")
        assert members(client, id) == ["a@example.com"]
        upsert(client, "a@example.com")
        assert members(client, id) == []


class TestTime:
    """Nothing is written: the clock alone moves people."""

    @pytest.fixture
    def ann(self, client):
        upsert(client, "ann@example.com", {"at": "2026-03-20T10:30:00Z"})

    def walk(self, client, id, *steps):
        """Each step: how far the clock is moved, and whether Ann is a member then."""
        for advance, expected in steps:
            client.clock(advance=advance)
            shown = client.get("/api/v2/contacts/ann@example.com").json["segments"]
            assert (members(client, id), shown) == (
                (["ann@example.com"], [{"id": id, "name": "S"}]) if expected else ([], [])
            ), advance

    def test_within_last(self, client, ann):
        id = make_segment(client, "S", where("at", "within_last", WEEK))
        self.walk(client, id, ("3d", True), ("7d", True), ("1ms", False), ("400d", False))

    def test_within_last_not_too_early(self, client, ann):
        id = make_segment(client, "S", where("at", "within_last", WEEK))
        self.walk(client, id, ("2d", False), ("23h", False), ("59m", False), ("1m", True), ("8d", False))

    def test_within_next(self, client, ann):
        id = make_segment(client, "S", where("at", "within_next", {"amount": 1, "unit": "days"}))
        self.walk(client, id, ("47h", False), ("1h", True), ("24h", True), ("1ms", False))

    def test_more_than_ago(self, client, ann):
        id = make_segment(client, "S", where("at", "more_than_ago", {"amount": 1, "unit": "weeks"}))
        self.walk(client, id, ("10d", False), ("1ms", True), ("4000d", True))

    def test_more_than_ahead(self, client, ann):
        id = make_segment(client, "S", where("at", "more_than_ahead", {"amount": 1, "unit": "days"}))
        self.walk(client, id, ("1d", True), ("1d", False), ("100d", False))

    def test_in_and_out_in_one_move(self, client, ann):
        id = make_segment(client, "S", {"not": where("at", "within_last", WEEK)})
        self.walk(client, id, ("1h", True), ("30d", True))

    def test_a_clock_that_goes_back(self, client, ann):
        id = make_segment(client, "S", where("at", "within_last", WEEK))
        self.walk(client, id, ("30d", False))
        client.clock(freeze="2026-03-21T00:00:00Z")
        assert members(client, id) == ["ann@example.com"]
        client.clock(freeze=START)
        assert members(client, id) == []

    def test_a_write_meanwhile_counts(self, client, ann):
        id = make_segment(client, "S", where("at", "within_last", WEEK))
        client.clock(advance="3d")
        upsert(client, "ann@example.com", {"at": "2026-03-25T00:00:00Z"})
        self.walk(client, id, ("1s", False), ("5d", True), ("7d", False))


NAMES = ("plan", "seats", "at")
VALUES: tuple[Any, ...] = ("Pro", "pro", "2026-03-20", "2026-03-17T12:00:00Z", 1, True, 5, ["Pro"], None)
SPANS = st.builds(
    lambda amount, unit: {"amount": amount, "unit": unit}, st.integers(0, 80), st.sampled_from(["hours", "days"])
)
LEAVES = st.one_of(
    st.builds(where, st.sampled_from(NAMES), st.sampled_from(["eq", "ne"]), st.sampled_from(["Pro", 1, True])),
    st.builds(where, st.sampled_from(NAMES), st.sampled_from(["gt", "lte"]), st.sampled_from([1, "2026-03-18"])),
    st.builds(where, st.sampled_from(NAMES), st.sampled_from(["exists", "not_exists"])),
    st.builds(where, st.sampled_from(NAMES), st.just("contains"), st.just("Pro")),
    st.builds(where, st.just("status"), st.just("eq"), st.sampled_from(["unsubscribed", "complained"])),
    st.builds(where, st.sampled_from(["at", "updatedAt"]), st.sampled_from(["within_last", "within_next"]), SPANS),
    st.builds(
        where, st.sampled_from(["at", "createdAt"]), st.sampled_from(["more_than_ago", "more_than_ahead"]), SPANS
    ),
    st.just({"engagement": "opened_campaign"}),
)
FILTERS = st.recursive(
    LEAVES,
    lambda nodes: st.one_of(
        st.builds(lambda node: {"not": node}, nodes),
        st.builds(lambda kind, list_: {kind: list_}, st.sampled_from(["and", "or"]), st.lists(nodes, max_size=3)),
    ),
    max_leaves=5,
)
PEOPLE = st.sampled_from(["a@example.com", "b@example.com", "c@example.com"])
STEPS = st.one_of(
    st.tuples(st.just("write"), PEOPLE, st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VALUES), max_size=3)),
    st.tuples(st.just("status"), PEOPLE, st.sampled_from(["subscribed", "unsubscribed"])),
    st.tuples(st.just("delete"), PEOPLE),
    st.tuples(st.just("happen"), PEOPLE, st.sampled_from(["opened", "complained"])),
    st.tuples(st.just("advance"), st.integers(0, 100)),
    st.tuples(st.just("freeze"), st.integers(0, 200)),
    st.tuples(st.just("make"), FILTERS),
    st.tuples(st.just("change"), st.integers(0, 20), FILTERS),
    st.tuples(st.just("drop"), st.integers(0, 20)),
)


TEN_HOURS = {"amount": 10, "unit": "hours"}
ALWAYS_THERE = (
    {"engagement": "opened_campaign"},
    where("status", "in", ["unsubscribed", "complained"]),
    where("email", "contains", "b@"),
    where("updatedAt", "within_last", TEN_HOURS),
    where("createdAt", "more_than_ago", TEN_HOURS),
    {"or": [where("plan", "eq", 1), where("seats", "eq", "Pro")]},
    {"and": [where("plan", "exists"), {"not": where("at", "within_next", TEN_HOURS)}]},
    where("at", "more_than_ahead", TEN_HOURS),
)
"""A segment for each thing that a rule may depend on, whatever else a run makes."""


class World:
    """A workspace that steps are tried on."""

    def __init__(self, client: Client, number: int) -> None:
        self.name = f"w{number}"
        self.client = client.as_key(f"sm_x~{self.name}")
        self.segments: list[str] = []
        client.clock(freeze=START, workspace=self.name)
        for filter_ in ALWAYS_THERE:
            self._make(filter_)

    def take(self, kind: str, *said: Any) -> None:
        getattr(self, f"_{kind}")(*said)

    def _write(self, email: str, attributes: dict[str, Any]) -> None:
        upsert(self.client, email, attributes)

    def _status(self, email: str, status: str) -> None:
        upsert(self.client, email, status=status)

    def _delete(self, email: str) -> None:
        self.client.delete(f"/api/v2/contacts/{email}")

    def _happen(self, email: str, type_: str) -> None:
        upsert(self.client, email)
        body = {"vendor": "segmailer", "workspace": self.name, "to": email, "subject": "x"}
        message = self.client.control("POST", "/messages", body).json
        assert self.client.control("POST", f"/messages/{message['id']}/events", {"type": type_}).status == 200

    def _advance(self, hours: int) -> None:
        self.client.clock(advance=f"{hours}h", workspace=self.name)

    def _freeze(self, hours: int) -> None:
        seconds = parse_instant(START) + hours * 3600
        self.client.sandbox.move_clock(lambda clock: clock.freeze(seconds), self.name)

    def _make(self, filter_: dict[str, Any]) -> None:
        self.segments.append(make_segment(self.client, "S", filter_))

    def _change(self, number: int, filter_: dict[str, Any]) -> None:
        if self.segments:
            id = self.segments[number % len(self.segments)]
            assert self.client.patch(f"/api/v2/segments/{id}", {"filter": filter_}).status == 200

    def _drop(self, number: int) -> None:
        if self.segments:
            assert (
                self.client.delete(f"/api/v2/segments/{self.segments.pop(number % len(self.segments))}").status == 204
            )

    def memberships(self) -> dict[str, list[str]]:
        return {id: members(self.client, id) for id in self.segments}


@pytest.fixture(scope="module")
def shared():
    return Client("segmailer"), iter(range(1_000_000))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(STEPS, min_size=3, max_size=14))
def test_whatever_happens_members_are_what_a_judgement_from_scratch_finds(shared, steps):
    client, numbers = shared
    world = World(client, next(numbers))
    for step in steps:
        world.take(*step)
        followed = world.memberships()
        part = client.sandbox.workspaces[world.name].part("segmailer")
        if part is not None:
            for id in world.segments:
                living.rebuild_now(part, id)
        assert world.memberships() == followed
