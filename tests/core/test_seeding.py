"""Fixtures: what the shipped ones hold, what a recipe makes, and in which forms they may be written."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
import pytest

from lookalike.audience import Audience, Person
from lookalike.clock import parse_instant
from lookalike.seeding import SHIPPED, load_fixture

NOW = parse_instant("2026-01-15T09:00:00Z")
RESERVED = re.compile(r".+@(example\.(com|org|net)|[a-z0-9.-]+\.example)")


def text(audience: Audience) -> bytes:
    return orjson.dumps(asdict(audience))


@pytest.fixture
def people(write):
    """The people that one `people.fields` makes."""

    def make(fields: dict[str, Any], count: int = 1, seed: int = 1, **more: Any) -> list[Person]:
        fields = {"email": "p{number}@example.com", **fields}
        name = write({"people": {"count": count, "fields": fields}, **more}, "people.json")
        return list(load_fixture(name, seed).people)

    return make


@pytest.fixture
def values(people):
    """The values that one recipe makes."""

    def make(recipe: Any, count: int = 1, seed: int = 1) -> list[Any]:
        return [one.attributes["x"] for one in people({"attributes": {"x": recipe}}, count, seed)]

    return make


class TestShipped:
    def test_demo_is_a_believable_audience(self):
        demo = load_fixture("demo", 0)
        assert (demo.now, len(demo.people), len(demo.groups), len(demo.topics)) == (NOW, 60, 5, 3)
        assert (len(demo.properties), len(demo.events), len(demo.occurrences), len(demo.messages)) == (6, 4, 62, 12)
        assert {one.outcome for one in demo.messages} >= {"delivered", "opened", "bounced", "complained"}
        assert sum(group.where is not None for group in demo.groups) == 2
        for group in demo.groups:
            assert 3 <= sum(group.name in one.groups for one in demo.people) <= 57

    @pytest.mark.parametrize("seed", range(5))
    def test_demo_fits_together(self, seed: int):
        demo = load_fixture("demo", seed)
        emails = [one.email for one in demo.people]
        assert len(set(emails)) == 60
        assert all(RESERVED.fullmatch(email) and email == email.lower() for email in emails)
        assert [one.number for one in demo.people] == list(range(1, 61))
        assert all(before.created_at <= after.created_at for before, after in pairwise(demo.people))
        for kind in (demo.occurrences, demo.messages):
            assert all(before.at <= after.at <= NOW for before, after in pairwise(kind))
            assert all(demo.people[one.person - 1].created_at < one.at for one in kind)
        kinds = {"string": str, "number": int, "boolean": bool, "date": str}
        for one in demo.people:
            for declared in demo.properties:
                assert (
                    one.attributes[declared.name] is None or type(one.attributes[declared.name]) is kinds[declared.type]
                )
            assert ("Paying" in one.groups) == (one.attributes["plan"] != "free")
            large = one.attributes["plan"] == "team" and one.attributes["seats"] > 20
            assert ("Large teams" in one.groups) == large
            assert set(one.consents) <= {topic.name for topic in demo.topics}

    def test_a_seed_repeats_every_byte(self):
        assert text(load_fixture("demo", 7)) == text(load_fixture("demo", 7))

    def test_a_seed_repeats_in_another_process(self):
        code = (
            "import sys, orjson; from dataclasses import asdict; from lookalike.seeding import load_fixture;"
            "sys.stdout.buffer.write(orjson.dumps(asdict(load_fixture('demo', 7))))"
        )
        found = subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": "3"}, capture_output=True, check=True
        )
        assert found.stdout == text(load_fixture("demo", 7))

    def test_another_seed_makes_other_people(self):
        first, second = ({one.email for one in load_fixture("demo", seed).people} for seed in (1, 2))
        assert len(first & second) <= 3

    @pytest.mark.parametrize("name", ["empty", "none"])
    def test_nobody(self, name: str):
        assert load_fixture(name, 0) == Audience(NOW, [], [], [], [], [], [], [])

    def test_large(self):
        large = load_fixture("large", 0)
        assert len(large.people) == 100_000
        assert len({one.email for one in large.people}) == 100_000
        assert RESERVED.fullmatch(large.people[-1].email)

    def test_there_are_no_others(self):
        folder = Path(__file__).parents[2] / "fixtures"
        assert sorted(one.stem for one in folder.glob("*.yaml")) == sorted(SHIPPED)

    def test_the_example_of_the_documentation(self, write):
        readme = (Path(__file__).parents[2] / "fixtures" / "README.md").read_text(encoding="utf-8")
        [example] = re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)
        found = load_fixture(write(example), 1)
        assert (len(found.people), len(found.occurrences), len(found.messages)) == (41, 20, 5)
        assert found.people[0].groups[-2:] == ("Pilot", "Paying")

    def test_demo_does_without_importing_faker(self):
        code = "import sys, lookalike.seeding as s; s.load_fixture('demo', 0); print('faker' in sys.modules)"
        found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
        assert found.stdout == "False\n"


class TestPeople:
    def test_a_listed_person_is_exactly_what_is_said(self, write):
        name = write(
            """
            now: 2026-03-01T00:00:00Z
            topics: [{name: News}]
            groups: [{name: B}, {name: A}]
            people:
              list:
                - email: Ada.King@Example.com
                  first_name: Ada
                  last_name: King
                  phone: "+12025550100"
                  user_id: u1
                  created: -2d
                  unsubscribed: true
                  attributes: {n: 1, f: 1.5, yes: true, no: null, text: "007", list: [1, [a]], day: 2026-01-02}
                  groups: [A, B]
                  consents: {News: false}
                - email: b@example.com
            """
        )
        now = parse_instant("2026-03-01T00:00:00Z")
        assert load_fixture(name, 1).people == [
            Person(
                number=1,
                email="ada.king@example.com",
                first_name="Ada",
                last_name="King",
                phone="+12025550100",
                user_id="u1",
                attributes={
                    "n": 1,
                    "f": 1.5,
                    "yes": True,
                    "no": None,
                    "text": "007",
                    "list": [1, ["a"]],
                    "day": "2026-01-02",
                },
                groups=("B", "A"),
                consents={"News": False},
                unsubscribed=True,
                created_at=now - 2 * 86400,
            ),
            Person(2, "b@example.com", None, None, None, None, {}, (), {}, False, now),
        ]

    def test_made_addresses_are_made_unique(self, people):
        found = people({"email": {"choice": ["a@example.com", "A2@example.com"]}}, count=6)
        assert len({one.email for one in found}) == 6
        assert all(re.fullmatch(r"a\d*@example\.com", one.email) for one in found)

    def test_names_become_addresses(self, people):
        [one] = people(
            {"first_name": "Zoë Ann", "last_name": "O'Neil", "email": "{first_name}.{last_name}@example.com"}
        )
        assert (one.first_name, one.email) == ("Zoë Ann", "zoann.oneil@example.com")

    def test_a_new_field_moves_no_other(self, people):
        fields = {"first_name": {"faker": "first_name"}, "attributes": {"n": {"number": [1, 1000]}}}
        before = people(fields, count=20)
        fields["last_name"] = {"faker": "last_name"}
        fields["attributes"]["m"] = {"number": [1, 1000]}
        after = people(fields, count=20)
        assert [(p.first_name, p.attributes["n"]) for p in after] == [(p.first_name, p.attributes["n"]) for p in before]

    def test_groups_by_share_by_name_and_by_rule(self, people):
        groups = [
            {"name": "Half", "share": 0.5},
            {"name": "Red"},
            {"name": "Blue"},
            {"name": "Old", "where": {"field": "age", "type": "number", "op": "greater_than", "value": 50}},
            {"name": "Recent", "where": {"field": "created_at", "type": "date", "op": "after", "value": "2026-01-10"}},
        ]
        fields = {
            "created": {"date": ["-10d", "now"]},
            "attributes": {"age": {"number": [1, 100]}},
            "groups": [{"choice": ["Red", "Blue", None]}],
        }
        found = people(fields, count=300, groups=groups)
        assert 110 < sum("Half" in one.groups for one in found) < 190
        assert {sum(name in one.groups for name in ("Red", "Blue")) for one in found} == {0, 1}
        assert all(("Old" in one.groups) == (one.attributes["age"] > 50) for one in found)
        recent = parse_instant("2026-01-11T00:00:00Z")
        assert all(("Recent" in one.groups) == (one.created_at >= recent) for one in found)
        assert 0 < sum("Recent" in one.groups for one in found) < 300

    def test_consents_may_be_left_open(self, people):
        recipe = {"chance": 0.5, "then": {"chance": 0.5}}
        found = people({"consents": {"News": recipe}}, count=100, topics=[{"name": "News"}])
        assert {one.consents.get("News") for one in found} == {True, False, None}

    def test_what_is_left_out_has_defaults(self, write):
        name = write(
            {"properties": [{"name": "shoeSize"}], "topics": [{"name": "T"}], "groups": [{"name": "G"}]}, "a.json"
        )
        found = load_fixture(name, 1)
        assert asdict(found.properties[0]) == {
            "name": "shoeSize",
            "type": "string",
            "label": "Shoe Size",
            "fallback": None,
        }
        assert asdict(found.topics[0]) == {"name": "T", "description": None, "opt_in": True, "public": True}
        assert asdict(found.groups[0]) == {"name": "G", "description": None, "where": None}


class TestRecipes:
    @pytest.mark.parametrize("value", [0, -1.5, True, None, "plain", [1, ["a", None]], "{{x}}"])
    def test_a_plain_value_is_itself(self, values, value: Any):
        assert values(value) == [value if value != "{{x}}" else "{x}"]

    def test_templates(self, people):
        fields = {
            "first_name": "Ada",
            "user_id": "u-{number}",
            "attributes": {"a": "{first_name} {last_name}|{email}|{user_id}", "b": "<{a}>"},
        }
        [one] = people(fields)
        assert one.attributes == {"a": "Ada |p1@example.com|u-1", "b": "<Ada |p1@example.com|u-1>"}

    def test_choice_by_weight(self, values):
        found = values({"choice": {"a": 3, "b": 1}}, count=400)
        assert set(found) == {"a", "b"}
        assert 250 < found.count("a") < 350

    def test_choice_of_recipes(self, values):
        found = values({"choice": [1, None, {"number": [5, 6]}]}, count=100)
        assert set(found) == {1, None, 5, 6}

    def test_number(self, values):
        assert set(values({"number": [1, 3]}, count=100)) == {1, 2, 3}
        assert values({"number": [4, 4]}) == [4]
        found = values({"number": [0.5, 2], "decimals": 2}, count=100)
        assert all(0.5 <= one <= 2 and round(one, 2) == one for one in found)
        assert len(set(found)) > 50

    def test_date_and_day(self, values):
        found = values({"date": ["-2d", "now"]}, count=50)
        assert all(re.fullmatch(r"2026-01-1[345]T\d\d:\d\d:\d\d\.\d{3}Z", one) for one in found)
        assert all(NOW - 2 * 86400 <= parse_instant(one) <= NOW for one in found)
        assert set(values({"day": ["2026-01-01T00:00:00Z", "2026-01-02"]}, count=50)) == {"2026-01-01"}
        assert values({"date": ["+1h30m", "+90m"]}) == ["2026-01-15T10:30:00.000Z"]

    def test_chance(self, values):
        found = values({"chance": 0.25}, count=400)
        assert 60 < found.count(True) < 140
        assert set(found) == {True, False}
        assert set(values({"chance": 0.5, "then": "a"}, count=50)) == {"a", None}
        assert set(values({"chance": 0.5, "then": "a", "else": "b"}, count=50)) == {"a", "b"}
        assert set(values({"chance": 0, "then": "a", "else": "b"}, count=50)) == {"b"}
        assert set(values({"chance": 1}, count=50)) == {True}

    def test_pattern(self, values):
        found = values({"pattern": "+1 (##) 100% #"}, count=50)
        assert all(re.fullmatch(r"\+1 \(\d\d\) 100% \d", one) for one in found)
        assert len(set(found)) > 40
        assert values({"pattern": "none"}) == ["none"]

    def test_object(self, values):
        assert values({"object": {"a": {"number": [1, 1]}, "b": [{"object": {}}]}}) == [{"a": 1, "b": [{}]}]

    @pytest.mark.parametrize(
        "recipe", [{"faker": "job"}, {"faker": "ssn"}, {"number": [1, 10**9]}, {"pattern": "########"}]
    )
    def test_a_seed_decides(self, values, recipe: dict[str, Any]):
        first = values(recipe, count=5, seed=1)
        assert first == values(recipe, count=5, seed=1)
        assert first != values(recipe, count=5, seed=2)

    def test_any_provider_of_faker(self, values):
        assert all(re.fullmatch(r"\d{3}-\d\d-\d{4}", one) for one in values({"faker": "ssn"}, count=3))
        assert values({"faker": "random_int", "with": {"min": 7, "max": 7}}) == [7]
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", values({"faker": "date_of_birth"})[0])
        assert isinstance(values({"faker": "pydecimal"})[0], float)
        assert isinstance(values({"faker": "words", "with": {"nb": 2}})[0], list)
        assert isinstance(values({"faker": "simple_profile"})[0]["birthdate"], str)


class TestHappenings:
    BASE = """
people: {list: [{email: a@example.com, first_name: Ada, attributes: {plan: pro}}, {email: b@example.com}]}
events: [{name: paid, properties: {amount: number, note: string}}]
"""

    def test_occurrences(self, write):
        name = write(
            self.BASE
            + """
occurrences:
  - {event: paid, person: A@example.com, at: -1d, properties: {amount: 5, note: "{first_name} {plan} {amount}"}}
  - {event: paid, count: 3, at: -2d}
"""
        )
        found = load_fixture(name, 1).occurrences
        assert [(one.at - NOW, one.event) for one in found] == [(-172800, "paid")] * 3 + [(-86400, "paid")]
        assert {one.person for one in found[:2]} == {1, 2}
        assert (found[3].person, found[3].properties) == (1, {"amount": 5, "note": "Ada pro 5"})

    def test_messages(self, write):
        name = write(
            self.BASE
            + """
messages:
  - person: b@example.com
    count: 2
    sender: x@example.com
    subject: "To {email}"
    html: "<b>{first_name}</b>"
    text: t
"""
        )
        found = load_fixture(name, 1).messages
        assert [asdict(one) for one in found] == [
            {
                "person": 2,
                "sender": "x@example.com",
                "subject": "To b@example.com",
                "html": "<b></b>",
                "text": "t",
                "outcome": "delivered",
                "at": NOW,
            }
        ] * 2


class TestFormats:
    def test_json_and_yaml_say_the_same(self, write):
        said = {
            "now": "2026-02-01",
            "people": {
                "list": [{"email": "a@example.com", "attributes": {"a": [1, 2.5, None, True, "é", "12:30", "yes"]}}]
            },
        }
        yaml = (
            "now: 2026-02-01\npeople:\n  list:\n    - email: a@example.com\n      attributes:\n"
            "        a: [1, 2.5, ~, true, é, 12:30, 'yes']\n"
        )
        assert text(load_fixture(write(said, "a.json"), 1)) == text(load_fixture(write("\ufeff" + yaml, "a.yaml"), 1))

    def test_anchors(self, write):
        name = write(
            "people:\n  list:\n    - {email: a@example.com, attributes: &a {plan: pro}}\n"
            "    - {email: b@example.com, attributes: *a}\n"
        )
        assert [one.attributes for one in load_fixture(name, 1).people] == [{"plan": "pro"}] * 2

    @pytest.mark.parametrize("content", ["", "# nothing\n", "{}", "---\n...\n"])
    def test_nothing_is_nobody(self, write, content: str):
        assert load_fixture(write(content), 1).people == []
