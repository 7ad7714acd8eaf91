"""JSON as the database gives it back."""

from __future__ import annotations

import orjson
import pytest

from lookalike.problem import Problem
from lookalike.vendors.opensend.coercion import string
from lookalike.vendors.opensend.jsonb import stored, texts


@pytest.fixture
def client(sandbox):
    return sandbox("opensend")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ('{"zz":1,"b":2,"a":3,"B":4}', '{"B":4,"a":3,"b":2,"zz":1}'),
        ('{"type":1,"required":2,"properties":{"yy":1,"x":2}}', '{"type":1,"required":2,"properties":{"x":2,"yy":1}}'),
        ('{"é":1,"zz":2,"z":3}', '{"z":3,"zz":2,"é":1}'),
        (
            '{"b":1,"10":2,"9":3,"01":4,"4294967295":5,"4294967294":6}',
            '{"9":3,"10":2,"4294967294":6,"b":1,"01":4,"4294967295":5}',
        ),
        ("[{},[],null,true,false]", "[{},[],null,true,false]"),
        ("[1,1.0,1e3,-0.0,1.5,9007199254740993]", "[1,1,1000,0,1.5,9007199254740992]"),
        ("[1234567890123456789,123456789012345678]", "[1234567890123456800,123456789012345680]"),
        ("[12345678901234567890,1e20]", "[1.2345678901234567e+19,1e+20]"),
    ],
)
def test_members_are_sorted_and_numbers_are_javascripts(given, kept):
    assert orjson.dumps(stored(orjson.loads(given))).decode() == kept


@pytest.mark.parametrize("value", ["a\0", ["\0"], {"\0": 1}, {"a": {"b": "\0"}}])
def test_nul_is_refused(value):
    with pytest.raises(Problem) as refused:
        stored(value)
    assert refused.value.kind == "internal"


def test_properties_of_a_contact(client):
    client.post("/contacts", {"email": "ann@example.com", "properties": {"seats": "3", "plan": "pro", "7": "x"}})
    for properties, shown in (
        (None, '"properties":{"7":"x","plan":"pro","seats":"3"}'),
        ({"n": 1.0, "deep": {"bb": 1, "a": 2}}, '"properties":{"n":1,"deep":{"a":2,"bb":1}}'),
    ):
        if properties is not None:
            assert shown in client.patch("/contacts/ann@example.com", {"properties": properties}).text
        assert shown in client.get("/contacts/ann@example.com").text


def test_definitions_and_payloads_of_events(client):
    schema = {"type": "object", "properties": {"total": {"type": "number"}, "id": {"type": "string"}}, "required": []}
    shown = '"schema":{"type":"object","required":[],"properties":{"id":{"type":"string"},"total":{"type":"number"}}}'
    assert shown in client.post("/events", {"name": "paid", "schema": schema}).text
    assert shown in client.get("/events/paid").text
    assert shown in client.patch("/events/paid", {"schema": schema}).text
    sent = client.post("/events/send", {"event": "x", "email": "a@example.com", "payload": {"bb": 2.0, "a": 1}})
    assert '"payload":{"a":1,"bb":2}' in sent.text


@pytest.mark.parametrize(
    ("path", "body", "answer"),
    [
        ("/events", {"name": "a\0"}, {"error": "Failed query"}),
        ("/events/send", {"event": "a", "email": "a@example.com", "payload": {"a": "\0"}}, {"error": "Failed query"}),
        (
            "/emails",
            {"from": "a@example.com", "to": "b@example.com", "subject": "\0", "text": "t"},
            {
                "name": "internal_server_error",
                "code": "internal_server_error",
                "message": "Failed to send email.",
                "statusCode": 500,
            },
        ),
    ],
)
def test_nul_in_a_body_is_a_500_that_changes_nothing(client, path, body, answer):
    reply = client.post(path, body)
    assert (reply.status, reply.json) == (500, answer)
    for listed in ("/events", "/contacts", "/emails", "/logs"):
        assert client.get(listed).json["data"] == []


def test_nul_in_what_nobody_reads_is_not_logged(client):
    body = {"from": "a@example.com", "to": "b@example.com", "subject": "s", "text": "t", "extra": "\0"}
    assert client.post("/emails", body).status == 200
    assert client.get("/logs").json["data"] == []


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"zz": "1", "b": "", "a": "x", "B": "é"},
        {"b": "1", "10": 2, "9": None, "01": True, "4294967295": None, "4294967294": 1.5},
        {"a": None},
    ],
)
def test_texts_are_stored_alike(given):
    there = {name: string(value) for name, value in given.items() if value is not None}
    assert orjson.dumps(texts(given, string)) == orjson.dumps(stored(there))


@pytest.mark.parametrize("given", [{"a": "\0"}, {"\0": "a"}, {"a": None, "b": "x\0y"}, {"a": ["b", "\0"]}])
def test_texts_with_nul_are_refused(given):
    with pytest.raises(Problem) as refused:
        texts(given, string)
    assert refused.value.kind == "internal"
