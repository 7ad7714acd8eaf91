"""Groups of a fixture by rule: over attributes, time, events and groups; every vendor has the same people in them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lookalike import templates
from lookalike.audience import Audience
from lookalike.living import doubt
from lookalike.seeding import FixtureError, load_fixture
from lookalike.stores.collection import Document
from tests.support import Client

FIXTURE = """
now: 2026-01-15T00:00:00Z
events:
  - {name: bought}
groups:
  - {name: Pro, where: {field: plan, op: equals, value: pro}}
  - {name: Fresh, where: {field: seen, op: within_last, value: 7d}}
  - {name: Buyers, where: {event: bought, op: at_least, times: 2, within: 7d}}
  - {name: Readers, share: 0}
  - {name: Fresh pros, where: {all: [{group: Pro}, {group: Fresh}]}}
  - {name: Others, where: {not: {any: [{group: Fresh pros}, {group: Readers}]}}}
people:
  list:
    - {email: a@example.com, created: -30d, attributes: {plan: pro, seen: "2026-01-12"}}
    - {email: b@example.com, created: -30d, attributes: {plan: pro, seen: "2026-01-02"}, groups: [Readers]}
    - {email: c@example.com, created: -30d, attributes: {plan: free}}
occurrences:
  - {event: bought, person: a@example.com, at: -8d}
  - {event: bought, person: a@example.com, at: -2d}
  - {event: bought, person: b@example.com, at: -2d}
  - {event: bought, person: b@example.com, at: -1d}
"""

GROUPS = {
    "a@example.com": ("Pro", "Fresh", "Fresh pros"),
    "b@example.com": ("Pro", "Buyers", "Readers"),
    "c@example.com": ("Others",),
}


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "world.yaml"
    path.write_text(FIXTURE, encoding="utf-8")
    return str(path)


def test_the_audience(file: str) -> None:
    audience: Audience = load_fixture(file, 1)
    assert {person.email: person.groups for person in audience.people} == GROUPS


def members(client: Client) -> dict[str, set[str]]:
    """Group -> addresses, by the documents of any vendor that keeps members' groups in a list."""
    client.sandbox.prepare()
    part = client.sandbox.workspace("default").part(client.vendor)
    assert part is not None
    living = part.vendor.living
    assert living is not None
    found: dict[str, list[Document]] = {}
    for resource, documents in part.workspace.store.contents("default", client.vendor):
        found[resource.name] = documents
    groups = {group["id"]: group["name"] for group in found[living.groups.name]}
    told: dict[str, set[str]] = {}
    for member in found[living.members.name]:
        for id in (*member.get("listIds", ()), *member[living.field]):
            told.setdefault(groups[id], set()).add(living.title(member))
    return told


def test_every_vendor_has_the_same_people_in_them(sandbox: Callable[..., Client], file: str) -> None:
    expected: dict[str, set[str]] = {}
    for email, names in GROUPS.items():
        for name in names:
            expected.setdefault(name, set()).add(email)
    assert members(sandbox("customerio", fixture=file)) == expected
    assert members(sandbox("autosend", fixture=file)) == expected
    has_no_lists = {name: emails for name, emails in expected.items() if name in ("Pro", "Fresh")}
    found = members(sandbox("segmailer", fixture=file))
    assert {name: emails for name, emails in found.items() if name in has_no_lists} == has_no_lists


def test_they_are_judged_by_the_clock_of_the_workspace(sandbox: Callable[..., Client], file: str) -> None:
    client = sandbox("customerio", fixture=file)
    client.clock(freeze="2026-01-08T00:00:00Z")
    found = members(client)
    assert found["Fresh"] == {"b@example.com"}
    client.clock(freeze="2026-01-13T00:00:00Z")
    [row] = [row for row in client.control("GET", "/segments").json["segments"] if row["name"] == "Fresh"]
    assert row["count"] == 1
    assert members(client)["Fresh"] == {"a@example.com"}


@pytest.mark.parametrize(
    ("at", "fresh", "buyers", "judged_anew"),
    [
        ("2026-01-05T00:00:00Z", {"b@example.com"}, set(), True),
        ("2026-01-14T23:59:59.999Z", {"a@example.com"}, {"b@example.com"}, True),
        ("2026-01-15T00:00:00Z", {"a@example.com"}, {"b@example.com"}, False),
        ("2026-01-18T23:59:59Z", {"a@example.com"}, {"b@example.com"}, False),
        ("2026-01-19T00:00:01Z", set(), {"b@example.com"}, False),
        ("2026-01-25T00:00:00Z", set(), set(), False),
    ],
)
def test_a_fixture_is_told_as_of_its_own_time(
    sandbox: Callable[..., Client], file: str, monkeypatch: pytest.MonkeyPatch, at: str, fresh, buyers, judged_anew
) -> None:
    """Who comes later goes on from there; only for whoever comes earlier all is judged once more."""
    judged: list[str] = []
    monkeypatch.setattr(templates, "doubt", lambda part: (judged.append(part.vendor.name), doubt(part)))
    client = sandbox("customerio", fixture=file)
    client.clock(freeze=at)
    assert client.get("/v1/segments").status == 200
    found = members(client)
    assert (found.get("Fresh", set()), found.get("Buyers", set())) == (fresh, buyers)
    assert judged == (["customerio"] if judged_anew else [])


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        (
            "[{name: A, where: {group: A}}]",
            "groups[0].where: there is no group declared before this one 'A'; none is declared",
        ),
        (
            "[{name: A}, {name: B, where: {not: {group: C}}}, {name: C}]",
            "groups[1].where: there is no group declared before this one 'C'; use one of A",
        ),
        (
            "[{name: A, where: {event: looked, op: at_least, times: 1}}]",
            "groups[0].where: there is no event 'looked'; none is declared",
        ),
        (
            "[{name: A, where: {event: looked, op: at_least}}]",
            "groups[0].where: must be a number of times",
        ),
    ],
)
def test_rules_that_make_no_sense(tmp_path: Path, groups: str, message: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(f"groups: {groups}\n", encoding="utf-8")
    with pytest.raises(FixtureError) as caught:
        load_fixture(str(path), 1)
    assert str(caught.value) == f"fixture {path}, line 1: {message}"
