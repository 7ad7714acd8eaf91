"""The validator's messages and the coercions, apart from any operation."""

from __future__ import annotations

from math import inf, isnan
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, TypeAdapter

from lookalike.problem import Problem
from lookalike.vendors.opensend import coercion
from lookalike.vendors.opensend.problems import flatten
from lookalike.vendors.opensend.validation import (
    UNSET,
    Body,
    Email,
    Length,
    Rule,
    Uuid,
    check,
    is_email,
    is_uuid,
)


@pytest.mark.parametrize(
    "text",
    ["a@b.co", "a.b+c_d-e'f@x-1.example.com", "A1@X.ORG", "_@x.co", "a@1.co", "a+@x.co", "a@b--c.co", "a-@x.co"],
)
def test_emails(text):
    assert is_email(text)


@pytest.mark.parametrize(
    "text",
    ["", "a", "a@", "@x.co", ".a@x.co", "a.@x.co", "a'@x.co", "a..b@x.co", "a@localhost", "a@b.c", "a@1.2.3.4",
     "a/b@x.com", "a&b@x.com", '"a"@x.com', "ä@x.com", "a@ä.com", " a@x.co", "a@x.co ", "A <a@x.co>", "a@-x.co",
     "a@x..co", "a@x.co\n", "a@x.c1"],
)  # fmt: skip
def test_what_is_no_email(text):
    assert not is_email(text)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("00000000-0000-0000-0000-000000000000", True),
        ("ffffffff-ffff-ffff-ffff-ffffffffffff", True),
        ("12345678-1234-8234-b234-1234567890AB", True),
        ("12345678-1234-9234-b234-1234567890ab", False),
        ("12345678-1234-4234-7234-1234567890ab", False),
        ("12345678123442348234123456789012", False),
        ("", False),
    ],
)
def test_uuids(text, good):
    assert is_uuid(text) is good


class Inner(Body):
    id: Uuid
    kind: Literal["a", "b"]


class Sample(Body):
    word: Annotated[str, Length(2, 4), Rule(str.isalpha, "letters only")] = UNSET
    many: Annotated[list[Email], Length(1, 2)] = UNSET
    either: Email | list[Email] = UNSET
    count: int = UNSET
    size: float | None = UNSET
    inner: Inner = UNSET
    record: dict[str, bool] = UNSET
    from_: str = Field(default=None, alias="from")
    only: Literal["x"] = UNSET
    anything: Any = UNSET


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({}, []),
        ({"unknown": 1}, []),
        ({"word": "ab1"}, [(("word",), "letters only")]),
        (
            {"word": "1"},
            [
                (("word",), "Too small: expected string to have >=2 characters"),
                (("word",), "letters only"),
            ],
        ),
        ({"word": 5}, [(("word",), "Invalid input: expected string, received number")]),
        ({"many": []}, [(("many",), "Too small: expected array to have >=1 items")]),
        (
            {"many": "abc"},
            [
                (("many",), "Invalid input: expected array, received string"),
                (("many",), "Too big: expected string to have <=2 characters"),
            ],
        ),
        (
            {"many": ["x", "a@b.co", 1]},
            [
                (("many", 0), "Invalid email address"),
                (("many", 0), "Too small: expected string to have >=3 characters"),
                (("many", 2), "Invalid input: expected string, received number"),
                (("many",), "Too big: expected array to have <=2 items"),
            ],
        ),
        ({"either": "bad"}, [(("either",), "Invalid email address")]),
        ({"either": ["a@b.co", "bad"]}, [(("either", 1), "Invalid email address")]),
        ({"either": ["bad", 5]}, [(("either",), "Invalid input")]),
        ({"either": []}, []),
        ({"either": {}}, [(("either",), "Invalid input")]),
        ({"count": 1.0}, []),
        ({"count": 1.5}, [(("count",), "Invalid input: expected int, received number")]),
        ({"count": True}, [(("count",), "Invalid input: expected number, received boolean")]),
        ({"size": None}, []),
        ({"size": "1"}, [(("size",), "Invalid input: expected number, received string")]),
        (
            {"inner": {"id": "x", "kind": "c"}},
            [(("inner", "id"), "Invalid UUID"), (("inner", "kind"), 'Invalid option: expected one of "a"|"b"')],
        ),
        (
            {"inner": {}},
            [
                (("inner", "id"), "Invalid input: expected string, received undefined"),
                (("inner", "kind"), 'Invalid option: expected one of "a"|"b"'),
            ],
        ),
        ({"inner": []}, [(("inner",), "Invalid input: expected object, received array")]),
        ({"record": {"a": 1}}, [(("record", "a"), "Invalid input: expected boolean, received number")]),
        ({"from": 5}, [(("from",), "Invalid input: expected string, received number")]),
        ({"only": "y"}, [(("only",), 'Invalid input: expected "x"')]),
        ({"anything": None}, []),
        ([], [((), "Invalid input: expected object, received array")]),
    ],
)
def test_messages(body, found):
    if not found:
        check(Sample, body)
        return
    with pytest.raises(Problem) as raised:
        check(Sample, body)
    assert list(raised.value.extra["issues"]) == found


def test_only_what_is_known_and_given_comes_through():
    assert check(Sample, {"from": "x", "count": 2, "size": None, "unknown": 1}) == {
        "from": "x",
        "count": 2,
        "size": None,
    }
    assert check(list[Sample], [{"word": "abc", "x": 1}]) == [{"word": "abc"}]
    with pytest.raises(Problem) as raised:
        check(Sample, {"word": 1}, ("0",))
    assert raised.value.kind == "invalid"
    assert raised.value.extra["issues"] == ((("0", "word"), "Invalid input: expected string, received number"),)


def test_problems_flatten_by_top_level_and_by_dotted_path():
    found = [((), "whole"), (("to",), "a"), (("to", 0), "b"), (("tags", 0, "name"), "c")]
    assert flatten(found) == {"formErrors": ["whole"], "fieldErrors": {"to": ["a", "b"], "tags": ["c"]}}
    assert flatten(found, dotted=True)["fieldErrors"] == {
        "to": ["a", "b"],
        "to.0": ["b"],
        "tags": ["c"],
        "tags.0.name": ["c"],
    }


def test_the_contract_document_shows_the_rules():
    schema = TypeAdapter(Sample).json_schema()
    assert schema["properties"]["word"]["minLength"] == 2
    assert schema["properties"]["many"]["maxItems"] == 2
    assert schema["properties"]["many"]["items"] == {
        "format": "email",
        "maxLength": 512,
        "minLength": 3,
        "type": "string",
    }
    assert "required" not in schema


@pytest.mark.parametrize("value", [None, "", " "])
def test_blanks(value):
    assert coercion.is_blank(value)


@pytest.mark.parametrize("value", [True, False, 1, 0, 0.0, "x", [], {}])
def test_what_is_not_blank_be_it_no_text(value):
    assert not coercion.is_blank(value)


@pytest.mark.parametrize("value", [None, 5, [], "x\0", "xxxx"])
def test_what_does_not_fit_a_text_column(value):
    assert coercion.trimmed(" 🎉xx ", 3) == "🎉xx"
    with pytest.raises(Problem):
        coercion.trimmed(value, 3)


# --- coercions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [("", 0), (" ", 0), ("5", 5), ("-1.5", -1.5), (".5", 0.5), ("5.", 5), ("1e3", 1000), ("0x1F", 31), ("0b11", 3),
     ("0o17", 15), ("Infinity", inf), ("-Infinity", -inf), ("+7", 7)],
)  # fmt: skip
def test_numbers(text, value):
    assert coercion.number(text) == value


@pytest.mark.parametrize("text", ["x", "5x", "1_000", "infinity", "nan", "-0x1", "1,5", "e5", "--1"])
def test_what_is_no_number(text):
    assert isnan(coercion.number(text))


@pytest.mark.parametrize(
    ("value", "text"),
    [(5, "5"), (5.0, "5"), (-0.0, "0"), (1e20, "100000000000000000000"), (1.5e21, "1.5e+21"), (1e300, "1e+300"),
     (0.00001, "0.00001"), (1.5e-7, "1.5e-7"), (123456789012345680, "123456789012345680"), (1.5, "1.5"),
     (inf, "Infinity"), (-inf, "-Infinity"), (True, "true"), (None, "null"), ("x", "x"),
     ([1, None, "a"], "1,,a"), ({}, "[object Object]")],
)  # fmt: skip
def test_strings(value, text):
    assert coercion.string(value) == text


@pytest.mark.parametrize(
    "text",
    [
        "520784E2-887d-4c25-b53c-4ad46ad38100",
        "{520784e2-887d-4c25-b53c-4ad46ad38100}",
        "520784e2887d4c25b53c4ad46ad38100",
    ],
)
def test_ids_as_the_database_reads_them(text):
    assert coercion.database_id(text) == "520784e2-887d-4c25-b53c-4ad46ad38100"


@pytest.mark.parametrize(
    "text", ["", "x", "520784e2-887d-4c25-b53c-4ad46ad3810", "{520784e2-887d-4c25-b53c-4ad46ad38100"]
)
def test_what_is_no_id(text):
    with pytest.raises(Problem) as raised:
        coercion.database_id(text)
    assert raised.value.kind == "internal"


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("520784e2-887d-4c25-b53c-4ad46ad38100", True),
        ("520784E2-887D-1C25-853C-4AD46AD38100", True),
        ("520784e2-887d-6c25-b53c-4ad46ad38100", False),
        ("00000000-0000-0000-0000-000000000000", False),
        ("ann@example.com", False),
    ],
)
def test_which_paths_may_name_a_contact_by_id(text, id):
    assert coercion.is_contact_id(text) is id
