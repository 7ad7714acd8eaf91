"""Large audiences: the people of a crowd, how every vendor takes them in, and who may come in between."""

from __future__ import annotations

import io
import json
import re
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import pytest
from click.testing import Result

from lookalike import turns
from lookalike.audience import Person
from lookalike.cli import main
from lookalike.cli import seed as cli_seed
from lookalike.clock import parse_instant
from lookalike.seeding.crowd import BLOCK, DAY, OLDEST_DAYS, crowd
from lookalike.server import Server
from lookalike.settings import Settings
from tests.core.terminal import invoke
from tests.every_vendor.worlds import NAMES, VENDORS, contents
from tests.support import Client

NOON = "2026-03-01T12:00:00.000Z"
NOW = parse_instant(NOON)


def people(first: int, count: int, seed: int = 1) -> list[Person]:
    return [person for audience in crowd(first, count, seed, NOW) for person in audience.people]


class TestPeople:
    def test_the_person_of_a_number_is_the_same_whoever_asks(self):
        whole = people(1, 1600)
        assert [person.number for person in whole] == list(range(1, 1601))
        for first, count in ((1, 1), (500, 2), (501, 500), (1234, 366)):
            assert people(first, count) == whole[first - 1 : first - 1 + count]
        assert people(1, 100, seed=2) != whole[:100]

    def test_addresses_and_ids_are_their_own(self):
        whole = people(1, 5000)
        assert len({person.email for person in whole} | {person.user_id for person in whole}) == 10_000

    @pytest.mark.parametrize("blocks", [1, 3, 7, 40])
    def test_any_number_of_them_has_joined_all_along(self, blocks: int):
        ages = [(NOW - person.created_at) / DAY for person in people(1, blocks * BLOCK)]
        assert min(ages) > 1
        assert max(ages) < OLDEST_DAYS
        thirds = Counter(int(age * 3 / OLDEST_DAYS) for age in ages)
        assert min(thirds.values()) > 0.8 * len(ages) / 3

    def test_those_of_a_block_join_one_after_the_other_and_soon(self):
        block = [person.created_at for person in people(1 + 70 * BLOCK, BLOCK)]
        assert block == sorted(block)
        assert block[-1] - block[0] < OLDEST_DAYS * DAY / 64

    def test_shares(self):
        whole = people(1, 5000)
        groups = Counter(person.groups for person in whole)
        assert {groups[()], groups["Customers",]} <= set(range(1600, 2150))
        assert groups["Customers", "Newsletter readers"] in range(500, 750)
        assert 200 < sum(person.unsubscribed for person in whole) < 300
        assert 2700 < sum(person.attributes["plan"] == "free" for person in whole) < 3300
        assert 400 < sum(bool(person.consents) for person in whole) < 600


def told(client: Client, **body: Any) -> Any:
    reply = client.control("POST", "/crowds", body)
    assert reply.status == 200, reply.text
    return reply.json


@pytest.fixture(params=NAMES)
def client(request: pytest.FixtureRequest) -> Client:
    made = Client(request.param)
    made.clock(freeze=NOON)
    return made


class TestVendors:
    def test_people_join_once(self, client: Client):
        told(client, people=30, first=5)
        held = contents(client)
        assert told(client, people=30, first=5) == {
            "workspace": "default",
            "first": 5,
            "people": 30,
            "vendors": [client.vendor],
        }
        assert contents(client) == held
        told(client, people=40, first=1)
        again = contents(client)
        names = {name for name, documents in held.items() if len(documents) == 30}
        assert names, "people lie somewhere"
        assert all(len(again[name]) == 40 for name in names)
        for name, documents in held.items():
            kept = {document["id"]: document for document in again[name]}
            if name in names:
                assert all(kept[document["id"]] == document for document in documents)

    def test_definitions_are_found_by_name(self, client: Client):
        told(client, people=1)
        told(client, people=600, first=2)
        held = {name: documents for name, documents in contents(client).items() if len(documents) < 100}
        names = {name: [one["name"] for one in documents if one.get("name")] for name, documents in held.items()}
        assert any("Customers" in found for found in names.values())
        for found in names.values():
            assert len(set(found)) == len(found)

    def test_the_clock_and_the_outbox_are_as_before(self, client: Client):
        told(client, people=20)
        assert client.control("GET", "/clock").json["workspaces"]["default"]["now"] == NOON
        assert client.control("GET", "/messages").json["messages"] == []
        assert client.control("GET", "/webhooks/deliveries").json["deliveries"] == []

    def test_the_same_seed_tells_the_same(self, client: Client):
        other = Client(client.vendor)
        other.clock(freeze=NOON)
        for one in (client, other):
            told(one, people=700, seed=9)
        assert contents(client) == contents(other)

    def test_in_another_workspace(self, client: Client):
        told(client, people=10, workspace="w2")
        assert sum(map(len, contents(client).values())) < 10 < sum(map(len, contents(client, "w2").values()))


def test_a_vendor_alone():
    client = Client("opensend", settings={"vendor": ("opensend", "autosend")})
    assert told(client, people=10, vendor="autosend")["vendors"] == ["autosend"]
    assert contents(client).get("contacts", []) == []
    assert told(client, people=3)["vendors"] == ["autosend", "opensend"]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "Member 'people' is missing: add it."),
        ({"people": 0}, "Member 'people' cannot be used: input should be greater than or equal to 1."),
        (
            {"people": 10_000_001},
            "Member 'people' cannot be used: input should be less than or equal to 10000000.",
        ),
        ({"people": 1, "first": 0}, "Member 'first' cannot be used: input should be greater than or equal to 1."),
        ({"people": 1, "vendor": "nobody"}, "Vendor 'nobody' is not served here: use autosend."),
    ],
)
def test_what_cannot_be_asked_for(body: dict[str, Any], sentence: str):
    client = Client("autosend")
    reply = client.control("POST", "/crowds", body)
    assert (reply.status, reply.json["error"]) == (400, sentence)


def test_others_get_in_between_the_blocks(monkeypatch: pytest.MonkeyPatch):
    client = Client("opensend")
    counts: list[int] = []

    def pass_on(_turns: turns.Turns) -> None:
        def ask() -> None:
            reply = client.get("/contacts", query={"limit": 100})
            counts.append(len(reply.json["data"]))

        thread = threading.Thread(target=ask)
        thread.start()
        thread.join(20)

    monkeypatch.setattr(turns.Turns, "pass_on", pass_on)
    told(client, people=2 * BLOCK + 1)
    assert counts == [100, 100, 100]


PEOPLE = 20_000


@cache
def _large(vendor: str) -> Client:
    client = Client(vendor)
    client.clock(freeze=NOON)
    told(client, people=PEOPLE)
    return client


class TestAtSize:
    """What has to go on at a million, at a size that can be tried everywhere."""

    @pytest.fixture
    def large(self) -> Callable[[str], Client]:
        return _large

    def expected(self, **attributes: str) -> list[str]:
        return [
            person.email
            for person in people(1, PEOPLE)
            if all(person.attributes[name] == value for name, value in attributes.items())
        ]

    def test_opensend_pages_to_the_end(self, large: Callable[[str], Client]):
        client, seen, after = large("opensend"), list[str](), {}
        for _ in range(PEOPLE // 100):
            page = client.get("/contacts", query={"limit": 100, **after}).json
            seen += [contact["email"] for contact in page["data"]]
            after = {"after": page["data"][-1]["id"]}
        assert not page["has_more"]
        assert sorted(seen) == sorted(self.expected())

    def test_segmailer_pages_through_a_segment(self, large: Callable[[str], Client]):
        client = large("segmailer")
        filter_ = {"attribute": "plan", "op": "eq", "value": "team"}
        made = client.post("/api/v2/segments", {"name": "Team", "filter": filter_})
        assert made.status == 201, made.text
        expected, seen, path = self.expected(plan="team"), list[str](), f"/api/v2/segments/{made.json['id']}/contacts"
        for number in range(1, len(expected) // 100 + 2):
            page = client.get(path, query={"limit": 100, "page": number}).json["data"]
            seen += [contact["identifier"]["email"] for contact in page]
        assert sorted(seen) == sorted(expected)

    def test_autosend_makes_a_segment(self, large: Callable[[str], Client]):
        client = large("autosend")
        rule = {"field": "plan", "fieldType": "string", "operator": "equals", "value": "team"}
        criteria = {"logicalOperator": "AND", "groups": [rule]}
        body = {"name": "Team", "type": "segment", "filterCriteria": criteria}
        made = client.post("/v1/contact-lists", body)
        assert made.status == 201, made.text
        id = made.json["data"]["id"]
        shown = client.get(f"/v1/contact-lists/{id}").json["data"]
        assert shown["contactCount"] == len(self.expected(plan="team"))

    def test_customerio_searches_and_exports(self, large: Callable[[str], Client]):
        client = large("customerio")
        plan = {"attribute": {"field": "plan", "operator": "eq", "value": "team"}}
        body = {"filter": {"and": [plan, {"not": {"attribute": {"field": "seats", "operator": "eq", "value": 7}}}]}}
        expected = [
            person.email
            for person in people(1, PEOPLE)
            if person.attributes["plan"] == "team" and person.attributes["seats"] != 7
        ]
        found, start = list[str](), {}
        for _ in range(len(expected) // 1000 + 1):
            page = client.post("/v1/customers", body, query={"limit": 1000, **start}).json
            found += [one["email"] for one in page["identifiers"]]
            start = {"start": page["next"]}
        assert sorted(found) == sorted(expected)
        export = client.post("/v1/exports/customers", {"filters": body["filter"]}).json["export"]
        done = client.get(f"/v1/exports/{export['id']}").json["export"]
        assert (done["status"], done["total"]) == ("done", len(expected))

    def test_invent_pages_to_the_end(self, large: Callable[[str], Client]):
        client, seen = large("invent"), list[str]()
        for number in range(1, PEOPLE // 100 + 1):
            page = client.get("/orgs/c/contacts", query={"take": 100, "page": number}).json
            seen += [contact["channels"][0]["email"] for contact in page]
        assert sorted(seen) == sorted(self.expected())


class TestCommand:
    @pytest.fixture
    def run(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
        chosen = {"port": 0, "fixture": "none", "seed": 1, "vendor": ("opensend", "segmailer")}
        with Server(Settings.model_validate(chosen)) as server:
            monkeypatch.setenv("LOOKALIKE_URL", server.url)
            yield partial(invoke, "seed")

    def test_it_says_what_it_did(self, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(cli_seed, "AT_ONCE", 10)
        result = run("--people", "25")
        assert (result.exit_code, result.output) == (0, "25 people with opensend, segmailer in default\n")
        result = run("--people", "25", "--first", "20", "--vendor", "opensend", "--workspace", "w2", "--json")
        assert json.loads(result.stdout) == {"workspace": "w2", "first": 20, "people": 25, "vendors": ["opensend"]}

    @pytest.mark.usefixtures("run")
    def test_a_terminal_shows_how_far_it_is(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
        monkeypatch.setattr(cli_seed, "AT_ONCE", 10)
        terminal = Terminal()
        monkeypatch.setattr(sys, "stderr", terminal)
        with pytest.raises(SystemExit, match="0"):
            main(["seed", "--people", "40"])
        assert re.search(r"people +\[#+-+\] +25%.*people +\[#+\] +100%", terminal.getvalue(), re.DOTALL)
        assert capsys.readouterr().out == "40 people with opensend, segmailer in default\n"

    def test_it_fails_with_a_sentence(self, run: Callable[..., Result]):
        result = run("--people", "5", "--vendor", "nobody")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.rstrip() == "lookalike: Vendor 'nobody' is not served here: use opensend or segmailer."
        assert run("--people", "0").exit_code == 2


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_every_vendor_declares_a_seed():
    assert all(VENDORS[name].seed is not None for name in NAMES)
