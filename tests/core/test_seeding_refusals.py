"""What is said of a fixture that is wrong: where it is, and what should be there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lookalike.seeding import FixtureError, load_fixture

LISTED = "people:\n  list:\n    - email: a@example.com\n"
FIELDS = "people:\n  count: 2\n  fields:\n    email: "
SPEC_KEYS = "now, people, groups, topics, properties, events, occurrences, messages"
PERSON_KEYS = "email, first_name, last_name, phone, user_id, created, unsubscribed, attributes, groups, consents"
WRONG_FILES = [
    ("people: [1", 2, "this is not YAML: did not find expected ',' or ']'"),
    ("people:\n  a: b: c\n", 2, "this is not YAML: mapping values are not allowed in this context"),
    ("a: \x07\n", 1, "this is not YAML: a control character"),
    ("a: 1\nb: 2\na: 1\n", 3, "'a' is given twice in one object"),
    ("a:\n  !!binary aGk=\n", 2, "the tag tag:yaml.org,2002:binary is not for fixtures"),
    ("? [a]\n: 1\n", 1, "a key should be a text"),
    ("x: &a [*a]\n", 1, "this is nested too deep, or repeats too much"),
    ("\n" + "[" * 200_000, 2, "this is nested too deep"),
    ("- 1\n", 1, "this should be an object"),
    ("now: 12\n", 1, "now: this should be a text"),
    ("now: soon\n", 1, "now: 'soon' is not a moment; write now, -90d, +2h or 2026-01-15T09:00:00Z"),
    ("\npeeple: 1\n", 2, f"peeple: 'peeple' is unknown; use one of {SPEC_KEYS}"),
    ("people:\n  count: x\n", 2, "people.count: this should be a valid integer"),
    ("people:\n  count: -1\n", 2, "people.count: this should be greater than or equal to 0"),
    ("people:\n  count: 1000001\n", 2, "people.count: this should be less than or equal to 1000000"),
    ("people:\n  count: 2\n", 1, "people: 'email' is missing"),
    (FIELDS + "a@b.example\n    plan: x\n", 5, f"people.fields.plan: 'plan' is unknown; use one of {PERSON_KEYS}"),
    (
        FIELDS + "{fakr: email}\n",
        4,
        "people.fields.email: this should be a recipe with one of the keys faker, choice, number, date, day, chance, "
        "pattern, object",
    ),
    (FIELDS + "{faker: emaill}\n", 4, "people.fields.email.faker: Faker has no provider 'emaill'"),
    (FIELDS + "{faker: seed_instance}\n", 4, "people.fields.email.faker: Faker has no provider 'seed_instance'"),
    (FIELDS + "{faker: email, wit: 1}\n", 4, "people.fields.email.wit: 'wit' is unknown; use one of faker, with"),
    (
        FIELDS + "'{nick}@example.com'\n",
        4,
        "people.fields.email: {nick} is unknown; use one of number, first_name, last_name (or double the braces)",
    ),
    (
        FIELDS + "'{first_name@example.com'\n",
        4,
        "people.fields.email: a brace in a text should be doubled, or be around a name as in {first_name}",
    ),
    (FIELDS + "nobody\n", 4, "people.fields.email: this should give an email address, not 'nobody'"),
    (FIELDS + "{number: [1, 2]}\n", 4, "people.fields.email: this should give an email address, not 2"),
    (
        FIELDS + "a@example.com\n    user_id: same\n",
        5,
        "people.fields.user_id: 'same' is another person's user id already; a {number} makes it unique",
    ),
    (
        LISTED + "    - email: A@example.com\n",
        4,
        "people.list[1].email: a@example.com is another person's email already",
    ),
    (LISTED + "      user_id: 5\n", 4, "people.list[0].user_id: this should give a string, not 5"),
    (LISTED + "      unsubscribed: 1\n", 4, "people.list[0].unsubscribed: this should give a boolean, not 1"),
    (
        "groups: [{name: A}]\n" + LISTED + "      groups:\n        - A\n        - B\n",
        7,
        "people.list[0].groups[1]: there is no group without a rule 'B'; use one of A",
    ),
    (
        "groups: [{name: A, where: {field: x, type: string, op: is_empty}}]\n" + LISTED + "      groups: [A]\n",
        5,
        "people.list[0].groups[0]: there is no group without a rule 'A'; none is declared",
    ),
    (LISTED + "      groups: [[A]]\n", 4, "people.list[0].groups[0]: this should give a string, not ['A']"),
    (
        LISTED + "      consents:\n        News: true\n",
        5,
        "people.list[0].consents.News: there is no topic 'News'; none is declared",
    ),
    (
        "topics: [{name: News}]\n" + LISTED + "      consents:\n        News: maybe\n",
        6,
        "people.list[0].consents.News: this should give a boolean, not 'maybe'",
    ),
    (
        LISTED + "      created: +3d\n",
        4,
        "people.list[0].created: 2026-01-18T09:00:00.000Z is later than the fixture's now",
    ),
    (
        LISTED + "      created: yesterday\n",
        4,
        "people.list[0].created: 'yesterday' is not a moment; write now, -90d, +2h or 2026-01-15T09:00:00Z",
    ),
    ("groups:\n  - name: A\n  - name: a\n", 3, "groups[1].name: 'a' is declared twice"),
    ("groups:\n  - name: A\n    share: 2\n", 3, "groups[0].share: this should be less than or equal to 1"),
    (
        "groups:\n  - name: A\n    share: 0.5\n    where: {field: x, type: string, op: is_empty}\n",
        3,
        "groups[0].share: a group with a rule has no share",
    ),
    (
        "properties:\n  - {name: a, type: text}\n",
        2,
        "properties[0].type: this should be 'string', 'number', 'boolean' or 'date'",
    ),
    ("properties:\n  - {name: a}\n  - {type: string}\n", 3, "properties[1]: 'name' is missing"),
    (
        "properties: [{name: seats, type: number}]\n" + LISTED + "      attributes:\n        seats: many\n",
        6,
        "people.list[0].attributes.seats: this should give a number, not 'many'",
    ),
    (
        "properties: [{name: since, type: date}]\n" + LISTED + "      attributes: {since: long}\n",
        5,
        "people.list[0].attributes.since: this should give a date, not 'long'",
    ),
    ("occurrences:\n  - {event: x}\n", 2, "occurrences[0].event: there is no event 'x'; none is declared"),
    ("events: [{name: x}]\noccurrences:\n  - {event: x}\n", 3, "occurrences[0]: occurrences need people"),
    (
        "events: [{name: x}]\noccurrences:\n  - event: x\n    person: z@example.com\n",
        4,
        "occurrences[0].person: there is no person with the email 'z@example.com'",
    ),
    (
        LISTED + "events: [{name: x, properties: {a: string}}]\noccurrences:\n  - event: x\n    properties: {b: 1}\n",
        7,
        "occurrences[0].properties.b: there is no property of x 'b'; use one of a",
    ),
    (
        LISTED + "events: [{name: x, properties: {a: string}}]\noccurrences:\n  - event: x\n    properties: {a: 1}\n",
        7,
        "occurrences[0].properties.a: this should give a string, not 1",
    ),
    (
        LISTED + "messages:\n  - {sender: a, subject: b, html: c, text: d, outcome: lost}\n",
        5,
        "messages[0].outcome: there is no outcome 'lost'; use one of bounced, clicked, complained, delivered, opened",
    ),
    (LISTED + "messages:\n  - {sender: a, subject: b, html: c}\n", 5, "messages[0]: 'text' is missing"),
]
WRONG_RECIPES = [
    ("{choice: {a: 0}}", "choice.a: a weight should be a number above 0"),
    ("{choice: {a: true}}", "choice.a: a weight should be a number above 0"),
    ("{choice: []}", "choice: this should be a list of values, or an object of texts and their weights"),
    ("{choice: [1, {}]}", None),
    ("{number: [5, 1]}", "number: the first number should not be above the second"),
    ("{number: [5]}", "number: this should have at least 2 items, not 1"),
    ("{number: [1, 2.5]}", "number: these should be whole numbers; add decimals for others"),
    ("{number: [1, 2], decimals: 20}", "decimals: this should be less than or equal to 9"),
    ("{chance: 1.2}", "chance: this should be less than or equal to 1"),
    ("{chance: 0.5, them: 1}", "them: 'them' is unknown; use one of chance, then, else"),
    ("{date: [now, -1d]}", "date: the first moment should not be after the second"),
    ("{day: [-3x, now]}", "day[0]: '-3x' is not a moment; write now, -90d, +2h or 2026-01-15T09:00:00Z"),
    ("{date: [now, +9999999d]}", "date[1]: '+9999999d' is out of range: from 1970 to 9000"),
    ("{date: ['1969-12-31', now]}", "date[0]: '1969-12-31' is out of range: from 1970 to 9000"),
    ("{pattern: 5}", "pattern: this should be a text"),
    ("{object: []}", "object: this should be an object"),
    ("{faker: random_int, with: {min: 5, max: 1}}", None),
    ("{faker: binary}", None),
    ("{faker: first_name, choice: [1]}", None),
]


class TestRefusals:
    @pytest.mark.parametrize(("content", "line", "message"), WRONG_FILES, ids=[str(n) for n in range(len(WRONG_FILES))])
    def test_yaml(self, write, content: str, line: int, message: str):
        with pytest.raises(FixtureError) as caught:
            load_fixture(write(content), 1)
        assert str(caught.value) == f"fixture crm.yaml, line {line}: {message}"

    @pytest.mark.parametrize(("recipe", "message"), WRONG_RECIPES)
    def test_recipes(self, write, recipe: str, message: str | None):
        content = LISTED + "      attributes:\n        fine: 1\n        plan:\n          " + recipe + "\n"
        with pytest.raises(FixtureError) as caught:
            load_fixture(write(content), 1)
        start = r"fixture crm\.yaml, line [67]: people\.list\[0\]\.attributes\.plan"
        assert re.fullmatch(start + (re.escape(f".{message}") if message else r"[.:\[].+"), str(caught.value))

    @pytest.mark.parametrize(
        ("content", "line", "message"),
        [
            ('{"people":\n {"count": 1,\n}}', 3, "this is not JSON: Expecting property name enclosed in double quotes"),
            ('{"people": {\n"count": "1"}}', 2, "people.count: this should be a valid integer"),
            ('{\n\t"people": {\n\t\t"count": true}}', 3, "people.count: this should be a valid integer"),
            ('{"people":\n {"count": 1, "count": 2}}', 2, "'count' is given twice in one object"),
            ('{"x":\n NaN}', 2, "NaN is not a JSON number"),
            ("[]", 1, "this should be an object"),
        ],
    )
    def test_json(self, write, content: str, line: int, message: str):
        with pytest.raises(FixtureError) as caught:
            load_fixture(write(content, "crm.json"), 1)
        assert str(caught.value) == f"fixture crm.json, line {line}: {message}"

    @pytest.mark.parametrize("name", ["a.yaml", "a.json"])
    def test_not_utf_8(self, write, name: str):
        with pytest.raises(FixtureError, match=f"^fixture {name}, line 2: this should be UTF-8$"):
            load_fixture(write(b"{\n\xff}", name), 1)

    def test_too_large(self, write):
        with pytest.raises(FixtureError, match=r"^fixture crm.yaml is too large: 10 MB is the limit$"):
            load_fixture(write("#" * (10 * 1024**2 + 1)), 1)

    def test_too_deep_json(self, write):
        with pytest.raises(FixtureError, match=r"^fixture a.json is nested too deep$"):
            load_fixture(write("[" * 200_000, "a.json"), 1)

    def test_anchors_that_repeat_too_much(self, write):
        lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
        lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
        with pytest.raises(FixtureError, match="this is nested too deep, or repeats too much"):
            load_fixture(write("\n".join(lines)), 1)

    def test_unknown_names(self):
        with pytest.raises(FixtureError) as caught:
            load_fixture("dmeo", 1)
        assert str(caught.value) == "fixture 'dmeo' is unknown: use demo, empty, large, none, or a YAML or JSON file"

    def test_files_that_cannot_be_read(self, tmp_path: Path):
        with pytest.raises(FixtureError, match=r"^fixture none\.yaml cannot be read: No such file or directory$"):
            load_fixture("none.yaml", 1)
        with pytest.raises(FixtureError, match=r"cannot be read: Is a directory$"):
            load_fixture(str(tmp_path), 1)
