"""Rule-based groups in the control API: what there is, why somebody is in one, and membership that lags."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support import UUID, Client

START = "2026-01-01T00:00:00.000Z"
PRO = {"attribute": "plan", "op": "eq", "value": "Pro"}
FRESH = {"attribute": "seen", "op": "within_last", "value": {"amount": 7, "unit": "days"}}
PRO_TREE = {"field": "attributes.plan", "type": "json", "op": "equals", "value": "Pro"}


@pytest.fixture
def client(sandbox: Callable[..., Client]) -> Client:
    made = sandbox("segmailer")
    made.clock(freeze=START)
    return made


def write(client: Client, email: str = "ann@example.com", **attributes: Any) -> dict[str, Any]:
    reply = client.post("/api/v2/contacts", {"identifier": {"email": email}, "attributes": attributes})
    assert reply.status in (200, 201), reply.text
    return reply.json


def make(client: Client, name: str, filter: dict[str, Any]) -> str:
    return client.post("/api/v2/segments", {"name": name, "filter": filter}).json["id"]


def members(client: Client, segment: str) -> list[str]:
    found = client.get(f"/api/v2/segments/{segment}/contacts").json["data"]
    return [contact["identifier"]["email"] for contact in found]


def why(client: Client, segment: str, contact: str = "ann@example.com", more: str = "") -> Any:
    reply = client.control("GET", f"/segments/{segment}/why?contact={contact}{more}")
    assert reply.status == 200, reply.text
    return reply.json


def test_none(client: Client) -> None:
    write(client)
    assert client.control("GET", "/segments").json == {"segments": []}


def test_what_there_is(client: Client) -> None:
    write(client, plan="Pro")
    write(client.as_key("sm~other"), plan="Pro")
    pro = make(client, "Pro users", PRO)
    client.clock(advance="1d")
    other = make(client.as_key("sm~other"), "Others", {"not": PRO})
    rows = [
        {
            "id": pro,
            "name": "Pro users",
            "vendor": "segmailer",
            "workspace": "default",
            "rule": PRO_TREE,
            "count": 1,
            "since": START,
        },
        {
            "id": other,
            "name": "Others",
            "vendor": "segmailer",
            "workspace": "other",
            "rule": {"not": PRO_TREE},
            "count": 0,
            "since": "2026-01-02T00:00:00.000Z",
        },
    ]
    for query, expected in (
        ("", rows),
        ("?workspace=oth*", rows[1:]),
        ("?workspace=default&vendor=seg*", rows[:1]),
        ("?vendor=opensend", []),
    ):
        assert client.control("GET", f"/segments{query}").json == {"segments": expected}


def test_a_changed_rule_begins_anew(client: Client) -> None:
    pro = make(client, "S", PRO)
    client.clock(advance="1h")
    client.patch(f"/api/v2/segments/{pro}", {"name": "T"})
    [row] = client.control("GET", "/segments").json["segments"]
    assert (row["name"], row["since"]) == ("T", START)
    assert [one["name"] for one in write(client, plan="Pro")["segments"]] == ["T"]
    client.patch(f"/api/v2/segments/{pro}", {"name": "U"})
    assert [one["name"] for one in client.get("/api/v2/contacts/ann@example.com").json["segments"]] == ["U"]
    client.patch(f"/api/v2/segments/{pro}", {"filter": {"not": PRO}})
    [row] = client.control("GET", "/segments").json["segments"]
    assert (row["rule"], row["since"]) == ({"not": PRO_TREE}, "2026-01-01T01:00:00.000Z")


def test_a_new_rule_may_be_due_before_those_that_were_there(client: Client) -> None:
    write(client, seen=START)
    week = make(client, "Week", FRESH)
    day = make(client, "Day", {**FRESH, "value": {"amount": 1, "unit": "days"}})
    shown = []
    for advance in ("1d", "1ms", "6d"):
        client.clock(advance=advance)
        shown.append((members(client, week) != [], members(client, day) != []))
    assert shown == [(True, True), (True, False), (False, False)]


class TestWhy:
    def test_every_condition_with_what_it_saw(self, client: Client) -> None:
        segment = make(client, "Fresh", {"and": [PRO, {"or": [FRESH, {"engagement": "opened_campaign"}]}]})
        contact = write(client, plan="Pro", seen="2025-12-28")
        found = why(client, segment)
        assert found == {
            "segment": client.control("GET", "/segments").json["segments"][0],
            "contact": {"id": contact["id"], "title": "ann@example.com"},
            "member": True,
            "holds": True,
            "conditions": {
                "all": [
                    {**PRO_TREE, "seen": "Pro", "holds": True},
                    {
                        "any": [
                            {
                                "field": "attributes.seen",
                                "type": "json",
                                "op": "within_last",
                                "value": 604800,
                                "seen": "2025-12-28",
                                "holds": True,
                            },
                            {
                                "field": "engagement.opened_campaign",
                                "type": "json",
                                "op": "equals",
                                "value": True,
                                "seen": False,
                                "holds": False,
                            },
                        ],
                        "holds": True,
                    },
                ],
                "holds": True,
            },
            "next_change": "2026-01-04T00:00:00.000Z",
            "history": [{"at": START, "what": "entered", "why": "the contact was made"}],
            "pending": [],
        }
        assert why(client, segment, contact["id"]) == found

    def test_when_and_why_it_came_and_went(self, client: Client) -> None:
        write(client, plan="Free")
        segment = make(client, "Fresh", {"and": [PRO, FRESH]})
        assert why(client, segment)["history"] == []
        client.clock(advance="1h")
        write(client, plan="Pro", seen="2026-01-01", city="Oslo")
        client.clock(advance="30d")
        write(client, seen="2026-01-31")
        write(client, plan="Free")
        assert why(client, segment)["history"] == [
            {
                "at": "2026-01-01T01:00:00.000Z",
                "what": "entered",
                "why": "attributes.plan, attributes.seen changed",
            },
            {"at": "2026-01-08T00:00:00.000Z", "what": "left", "why": "time has passed"},
            {"at": "2026-01-31T01:00:00.000Z", "what": "entered", "why": "attributes.seen changed"},
            {"at": "2026-01-31T01:00:00.000Z", "what": "left", "why": "attributes.plan changed"},
        ]

    def test_since_the_segment_was_made_or_changed(self, client: Client) -> None:
        write(client, plan="Pro")
        client.clock(advance="1h")
        segment = make(client, "S", PRO)
        judged = "everybody was judged anew, since the segment was made or changed"
        entered = {"at": "2026-01-01T01:00:00.000Z", "what": "entered", "why": judged}
        assert why(client, segment)["history"] == [entered]
        client.clock(advance="1h")
        client.patch(f"/api/v2/segments/{segment}", {"filter": {"not": PRO}})
        assert (why(client, segment)["member"], why(client, segment)["history"]) == (False, [])
        client.clock(advance="1h")
        write(client, plan="Free")
        client.patch(f"/api/v2/segments/{segment}", {"filter": PRO})
        assert why(client, segment)["history"] == [
            {"at": "2026-01-01T03:00:00.000Z", "what": "entered", "why": "attributes.plan changed"},
            {"at": "2026-01-01T03:00:00.000Z", "what": "left", "why": judged},
        ]

    def test_only_the_last_passages_are_remembered(self, client: Client) -> None:
        segment = make(client, "S", PRO)
        for _ in range(10):
            write(client, plan="Pro")
            client.clock(advance="1h")
            write(client, plan="Free")
        history = why(client, segment)["history"]
        assert (len(history), history[-1]["at"], history[-1]["what"]) == (10, "2026-01-01T10:00:00.000Z", "left")
        write(client, plan="Pro")
        assert [one["what"] for one in why(client, segment)["history"]] == ["left", "entered"] * 5

    @pytest.mark.parametrize(
        ("segment", "query", "status", "error"),
        [
            ("S", "", 400, "Member 'contact' is missing: add it."),
            (
                "S",
                "?contact=bob@example.com",
                404,
                "There is no contact 'bob@example.com': name it by its address or id.",
            ),
            ("x", "?contact=a", 404, "There is no segment 'x' with a rule: GET /_lookalike/segments lists them."),
            (
                "S",
                "?contact=a&workspace=w",
                404,
                "There is no segment '{S}' with a rule: GET /_lookalike/segments lists them.",
            ),
        ],
    )
    def test_what_is_not_there(self, client: Client, segment: str, query: str, status: int, error: str) -> None:
        made = make(client, "S", PRO)
        reply = client.control("GET", f"/segments/{made if segment == 'S' else segment}/why{query}")
        assert (reply.status, reply.json) == (status, {"error": error.replace("{S}", made)})


def test_the_same_id_in_two_workspaces(sandbox: Callable[..., Client]) -> None:
    client = sandbox("customerio", fixture="demo")
    for key in ("k~a", "k~b"):
        assert client.as_key(key).get("/v1/segments").status == 200
    rows = client.control("GET", "/segments").json["segments"]
    [one] = [row for row in rows if row["name"] == "Large teams" and row["workspace"] == "a"]
    [member] = client.as_key("k~a").get(f"/v1/segments/{one['id']}/membership?limit=1").json["identifiers"]
    reply = client.control("GET", f"/segments/{one['id']}/why?contact={member['email']}")
    sentence = f"There are 2 segments '{one['id']}': say which by vendor and workspace."
    assert (reply.status, reply.json) == (409, {"error": sentence})
    found = why(client, one["id"], member["email"], "&workspace=a")
    assert (found["member"], found["segment"]) == (True, one)
    assert found["contact"] == {"id": member["cio_id"], "title": member["email"]}


class TestLag:
    def test_membership_trails_the_write(self, client: Client) -> None:
        segment = make(client, "S", PRO)
        reply = client.control("PUT", "/lag", {"lag": "2s"})
        assert (reply.status, reply.json) == (200, {"lag": 2.0, "workspaces": {"default": 2.0}})
        contact = write(client, plan="Pro")
        assert (contact["segments"], members(client, segment)) == ([], [])
        assert why(client, segment) | {"segment": None, "conditions": None} == {
            "segment": None,
            "contact": {"id": UUID, "title": "ann@example.com"},
            "member": False,
            "holds": True,
            "conditions": None,
            "next_change": None,
            "history": [],
            "pending": [{"at": "2026-01-01T00:00:02.000Z", "what": "entered", "why": "the contact was made"}],
        }
        client.clock(advance="1s")
        write(client, plan="Free")
        client.clock(advance="1s")
        assert members(client, segment) == ["ann@example.com"]
        client.clock(advance="999ms")
        assert members(client, segment) == ["ann@example.com"]
        client.clock(advance="1ms")
        assert members(client, segment) == []
        assert [one["at"] for one in why(client, segment)["history"]] == [
            "2026-01-01T00:00:02.000Z",
            "2026-01-01T00:00:03.000Z",
        ]

    def test_what_is_on_its_way_comes_first(self, client: Client) -> None:
        segment = make(client, "S", PRO)
        client.control("PUT", "/lag", {"lag": 60})
        write(client, plan="Pro")
        client.control("PUT", "/lag", {"lag": 0})
        assert write(client, plan="Free")["segments"] == []
        client.clock(advance="60s")
        assert members(client, segment) == []

    def test_of_many_changes_each_shows_when_it_is_due(self, client: Client) -> None:
        segment = make(client, "S", PRO)
        client.control("PUT", "/lag", {"lag": "10s"})
        for plan in ("Pro", "Free", "Pro"):
            write(client, plan=plan)
            client.clock(advance="2s")
        shown = []
        for advance in ("4s", "2s", "2s"):
            client.clock(advance=advance)
            shown.append(members(client, segment))
        assert shown == [["ann@example.com"], [], ["ann@example.com"]]

    def test_with_less_lag_nothing_overtakes(self, client: Client) -> None:
        segment = make(client, "S", PRO)
        for lag, plan in ((60, "Pro"), (10, "Free")):
            client.control("PUT", "/lag", {"lag": lag})
            write(client, plan=plan)
        assert [(one["at"], one["what"]) for one in why(client, segment)["pending"]] == [
            ("2026-01-01T00:01:00.000Z", "entered"),
            ("2026-01-01T00:01:00.000Z", "left"),
        ]

    def test_what_is_on_its_way_ends_with_the_rule_it_came_of(self, client: Client) -> None:
        changed, gone = make(client, "S", PRO), make(client, "T", PRO)
        client.control("PUT", "/lag", {"lag": "1h"})
        write(client, plan="Pro")
        client.patch(f"/api/v2/segments/{changed}", {"filter": {"not": PRO}})
        assert client.delete(f"/api/v2/segments/{gone}").status < 300
        assert why(client, changed)["pending"] == []
        client.clock(advance="2h")
        assert members(client, changed) == []
        assert client.get("/api/v2/contacts/ann@example.com").json["segments"] == []
        part = client.sandbox.workspace("default").part("segmailer")
        living = part.vendor.living
        order, within = living.everyone
        assert [one[living.field] for one in part.collection(living.members).scan(order, within=within)] == [[]]

    def test_nothing_is_on_its_way_once_the_clock_goes_back(self, client: Client) -> None:
        segment = make(client, "S", PRO)
        client.control("PUT", "/lag", {"lag": "1h"})
        write(client, plan="Pro")
        client.clock(freeze="2025-12-31T00:00:00Z")
        assert (members(client, segment), why(client, segment)["pending"]) == (["ann@example.com"], [])

    def test_a_new_segment_is_filled_at_once(self, client: Client) -> None:
        client.control("PUT", "/lag", {"lag": "1h"})
        write(client, plan="Pro")
        assert members(client, make(client, "S", PRO)) == ["ann@example.com"]

    def test_of_one_workspace(self, client: Client) -> None:
        write(client)
        reply = client.control("PUT", "/lag", {"lag": 1.5, "workspace": "other"})
        assert (reply.status, reply.json) == (200, {"workspace": "other", "lag": 1.5})
        lags = {"lag": 0.0, "workspaces": {"default": 0.0, "other": 1.5}}
        assert client.control("GET", "/lag").json == lags
        assert client.control("GET", "/lag?workspace=other").json == {"workspace": "other", "lag": 1.5}

    def test_as_a_setting_to_which_a_reset_goes_back(self, sandbox: Callable[..., Client]) -> None:
        client = sandbox("segmailer", lag="1500ms")
        write(client)
        assert client.control("GET", "/lag").json == {"lag": 1.5, "workspaces": {"default": 1.5}}
        client.control("PUT", "/lag", {"lag": 9})
        client.control("POST", "/reset")
        assert client.control("GET", "/lag").json == {"lag": 1.5, "workspaces": {"default": 1.5}}

    @pytest.mark.parametrize(
        ("body", "error"),
        [
            ({}, "Member 'lag' is missing: add it."),
            (
                {"lag": "soon"},
                "Member 'lag' cannot be used: 'soon' is not a duration: write for example 8d, 1h30m or 250ms.",
            ),
            (
                {"lag": -1},
                "Member 'lag' cannot be used: '-1.0' is not a duration: write for example 8d, 1h30m or 250ms.",
            ),
        ],
    )
    def test_bad_ones_change_nothing(self, client: Client, body: dict[str, Any], error: str) -> None:
        reply = client.control("PUT", "/lag", body)
        assert (reply.status, reply.json) == (400, {"error": error})
        assert client.control("GET", "/lag").json["lag"] == 0.0

    def test_no_such_workspace(self, client: Client) -> None:
        reply = client.control("GET", "/lag?workspace=x")
        sentence = "There is no workspace 'x': GET /_lookalike/workspaces lists them."
        assert (reply.status, reply.json) == (404, {"error": sentence})
