"""Bodies that make no sense: the vendor's own answer, nothing changed, never an accident."""

from __future__ import annotations

from functools import cache

import pytest

from lookalike.routes import Operation
from tests.every_vendor.worlds import (
    JSON,
    OPERATIONS,
    VENDORS,
    contents,
    fill,
    operation_id,
    path_of,
    plain,
    somebody,
)

WRITERS = [case for case in OPERATIONS if case[1].body is not None or case[1].accepts is not None]
BODILESS = [
    case
    for case in OPERATIONS
    if case[1].body is None and case[1].accepts is None and case[1].method in ("POST", "PUT", "PATCH")
]

BODIES: dict[str, bytes] = {
    "malformed": b'{"name": ',
    "empty": b"",
    "blank": b" \n",
    "word": b"hello",
    "form": b"name=x&email=a%40b.co",
    "array": b"[]",
    "array-of-null": b"[null]",
    "null": b"null",
    "string": b'"text"',
    "number": b"17",
    "true": b"true",
    "not-utf-8": b'\xff\xfe{"name": "\xff"',
    "utf-16": '{"name": "x"}'.encode("utf-16"),
    "deep-array": b"[" * 10_000 + b"]" * 10_000,
    "deep-object": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "nan": b'{"name": NaN, "email": NaN}',
    "infinity": b'{"name": Infinity, "limit": 1e999}',
    "lone-surrogate": b'{"name": "\\ud800", "email": "\\ud800"}',
    "huge-number": b'{"name": ' + b"9" * 400 + b"}",
}

ODD: dict[str, bytes] = {
    "not-utf-8": b'{"name": "\xff\xfe", "email": "\xff@example.com"}',
    "nul": b'{"name": "a\\u0000b", "email": "a\\u0000b@example.com"}',
    "unknown-members": b'{"__proto__": {"x": 1}, "constructor": null, "": 1}',
    "twice": b'{"name": 1, "name": [], "email": 1, "email": {}}',
    "wrong-types": b'{"name": {}, "email": [], "id": {}, "events": {}, "to": 7, "from": [], "html": 0, "variables": 3}',
}
"""What a vendor may take or refuse, as long as nothing breaks."""

MAKES_SENSE = {
    ("opensend", "lone-surrogate"): "the service's JavaScript reads it, and its database is sent U+FFFD in its place",
}
"""Bodies which a vendor understands all the same, and why."""


@cache
def _huge(limit: int) -> bytes:
    return b'{"name": "' + b"x" * limit + b'"}'


@pytest.mark.parametrize("case", WRITERS, ids=operation_id)
def test_a_body_that_makes_no_sense_changes_nothing(case: tuple[str, Operation]) -> None:
    vendor, operation = case
    client, workspace = somebody(vendor, "demo")
    fill(client, workspace)
    before = contents(client, workspace)
    bodies = {name: body for name, body in BODIES.items() if (vendor, name) not in MAKES_SENSE}
    bodies["huge"] = _huge(VENDORS[vendor].body_limit)
    changed = []
    for path in operation.paths:
        for name, body in bodies.items():
            reply = client(operation.method, path_of(operation, before, path), body=body, headers=JSON)
            assert "lookalike" not in reply.text
            if contents(client, workspace) != before:
                changed.append(f"{name} at {path}")
                before = contents(client, workspace)
    assert not changed


@pytest.mark.parametrize("case", WRITERS, ids=operation_id)
def test_an_odd_body_is_no_accident(case: tuple[str, Operation]) -> None:
    vendor, operation = case
    client, workspace = somebody(vendor, "demo")
    fill(client, workspace)
    for path in operation.paths:
        for body in [*ODD.values(), *(BODIES[name] for whose, name in MAKES_SENSE if whose == vendor)]:
            reply = client(operation.method, path_of(operation, contents(client, workspace), path), body=body)
            assert "lookalike" not in reply.text


@pytest.mark.parametrize("case", BODILESS, ids=operation_id)
def test_a_body_that_nobody_asked_for_is_no_trouble(case: tuple[str, Operation]) -> None:
    vendor, operation = case
    client, workspace = somebody(vendor, "demo")
    fill(client, workspace)
    held = contents(client, workspace)
    for body in BODIES.values():
        reply = client(operation.method, path_of(operation, held), body=body, headers=JSON)
        assert reply.status != 500 or reply.json, "a 500 is the vendor's own or none"


WANT_JSON = {"customerio-unsubscribe": "the one operation that is documented to want application/json"}


@pytest.mark.parametrize("case", [case for case in WRITERS if operation_id(case) not in WANT_JSON], ids=operation_id)
def test_the_content_type_of_a_body_does_not_matter(case: tuple[str, Operation]) -> None:
    vendor, operation = case
    answers = set()
    for content_type in ("application/json", "text/plain", "application/x-www-form-urlencoded", ""):
        client, workspace = somebody(vendor)
        fill(client, workspace)
        path = path_of(operation, {})
        reply = client(operation.method, path, body=b"{}", headers={**JSON, "Content-Type": content_type})
        answers.add(reply.status)
    assert len(answers) == 1


@pytest.mark.parametrize("case", OPERATIONS, ids=operation_id)
def test_strange_ids_and_queries_are_no_trouble(case: tuple[str, Operation]) -> None:
    vendor, operation = case
    client, workspace = somebody(vendor, "demo")
    fill(client, workspace)
    strange = ("x", "%00", "%ff", "..%2f..", "%F0%9F%92%8C", "a%20b", "-1", "null", "9" * 300)
    queries = ("", "?limit=x&page=-1&after=x", "?limit=1e999&id=%00", "?limit=-5&limit=2&after=%ff", "?=&&%=%zz")
    path = plain(operation.paths[0])
    for index, text in enumerate(strange):
        for query in queries if index == 0 else queries[:1]:
            assert client(operation.method, _with(path, text) + query, headers=JSON).status


def _with(path: str, text: str) -> str:
    while "{" in path:
        start, _, rest = path.partition("{")
        path = start + text + rest.partition("}")[2]
    return path
