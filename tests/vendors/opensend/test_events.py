"""OpenSend events: definitions, and sending an event for a contact."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import TIME, UUID, Client

UNKNOWN = "00000000-0000-4000-8000-000000000000"
RESERVED = '"send" is reserved for the event delivery endpoint'
ONE_CONTACT = "provide exactly one contact identifier: contact_id/contactId or email"
MISSING = "Invalid input: expected string, received undefined"
NO_EVENT = {"error": "Event not found"}
FAILED_QUERY = {"error": "Failed query"}
SCHEMA = {
    "type": "object",
    "properties": {
        "plan": {"type": "string"},
        "seats": {"type": "number"},
        "trial": {"type": "boolean"},
        "tags": {"type": "array"},
        "owner": {"type": "object", "properties": {"age": {"type": "number"}}, "required": ["name"]},
    },
    "required": ["plan", "seats"],
}


@pytest.fixture
def client(sandbox) -> Client:
    return sandbox("opensend")


def refused(form: list[str] | None = None, **fields: list[str]) -> dict[str, Any]:
    return {"error": "Validation failed", "details": {"formErrors": form or [], "fieldErrors": fields}}


def define(client: Client, name: str = "user.signed_up", **body: Any) -> dict[str, Any]:
    reply = client.post("/events", {"name": name, **body})
    assert reply.status == 201, reply.text
    return reply.json


def contact(client: Client, email: str = "ada@example.com") -> str:
    return client.post("/contacts", {"email": email}).json["id"]


def event(name: str, schema: Any = None) -> dict[str, Any]:
    return {"object": "event", "id": UUID, "name": name, "schema": schema, "created_at": TIME, "updated_at": TIME}


# --- definitions ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/events", "/api/events"])
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"name": "user.signed_up"}, event("user.signed_up")),
        ({"name": " Spaced Name ", "id": "ignored"}, event(" Spaced Name ")),
        ({"name": " resend:x"}, event(" resend:x")),
        ({"name": "x" * 255}, event("x" * 255)),
        ({"name": "order.paid", "schema": SCHEMA}, event("order.paid", SCHEMA)),
        ({"name": "bare", "schema": {"type": "object"}}, event("bare", {"type": "object"})),
    ],
)
def test_create_and_read(client, path, body, expected):
    made = client.post(path, body)
    assert (made.status, made.json) == (201, expected)
    assert made.json["created_at"] == made.json["updated_at"]
    for identifier in (made.json["id"], made.json["id"].upper()):
        assert client.get(f"{path}/{identifier}").json == made.json


def test_a_name_in_the_path_is_exact_and_decoded(client):
    made = define(client, "Order paid/now")
    assert client.get("/events/Order%20paid%2Fnow").json == made
    for other in ("/events/order%20paid%2Fnow", "/events/Order", "/events/Order%20paid%2Fnow%20", f"/events/{UNKNOWN}"):
        reply = client.get(other)
        assert (reply.status, reply.json) == (404, NO_EVENT)


def test_a_definition_may_be_named_like_an_id(client):
    named = define(client, UNKNOWN)
    assert client.get(f"/events/{UNKNOWN}").json == named


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, refused(name=[MISSING])),
        ({"name": 5}, refused(name=["Invalid input: expected string, received number"])),
        ({"name": ""}, refused(name=["Too small: expected string to have >=1 characters"])),
        ({"name": "x" * 256}, refused(name=["Too big: expected string to have <=255 characters"])),
        ({"name": "send"}, refused(name=[RESERVED])),
        ({"name": " SEND "}, refused(name=[RESERVED])),
        ([], refused(["Invalid input: expected object, received array"])),
        (None, refused(["Invalid input: expected object, received null"])),
        ({"name": "a", "schema": None}, refused(schema=["Invalid input: expected record, received null"])),
        (
            {"name": "resend:x"},
            {"error": 'event_name "resend:x" uses reserved prefix "resend:"', "code": "event_name_reserved"},
        ),
        (
            {"name": "Resend:X"},
            {"error": 'event_name "Resend:X" uses reserved prefix "resend:"', "code": "event_name_reserved"},
        ),
        ({"name": "  "}, {"error": "event_name must be a non-empty string", "code": "event_name_required"}),
    ],
)
def test_create_refuses(client, body, expected):
    reply = client.post("/events", body)
    assert (reply.status, reply.json) == (422, expected)
    assert client.get("/events").json["data"] == []


@pytest.mark.parametrize(
    ("schema", "messages"),
    [
        ({}, ['schema.type must be "object"']),
        (
            {"type": "string", "plan": "string"},
            ["schema.plan is not a supported schema keyword", 'schema.type must be "object"'],
        ),
        ({"type": "object", "title": "x"}, ["schema.title is not a supported schema keyword"]),
        ({"type": "object", "properties": []}, ["schema.properties must be an object"]),
        ({"type": "object", "properties": {"a": 1}}, ["schema.properties.a must be an object descriptor"]),
        ({"type": "object", "properties": {" ": {}}}, ["schema.properties keys must be non-empty strings"]),
        (
            {"type": "object", "properties": {"a": {"type": "date", "format": "x"}}},
            [
                "schema.properties.a.format is not a supported schema keyword",
                "schema.properties.a.type must be one of: string, number, boolean, object, array",
            ],
        ),
        (
            {"type": "object", "properties": {"a": {"type": "string", "properties": {}, "required": []}}},
            [
                'schema.properties.a.properties is only supported when type is "object"',
                'schema.properties.a.required is only supported when type is "object"',
            ],
        ),
        (
            {"type": "object", "properties": {"a": {"type": "object", "properties": {"b": {}}}}},
            ["schema.properties.a.properties.b.type must be one of: string, number, boolean, object, array"],
        ),
        ({"type": "object", "required": "a"}, ["schema.required must be an array of strings"]),
        (
            {"type": "object", "required": ["", 1, "a"]},
            ["schema.required.0 must be a non-empty string", "schema.required.1 must be a non-empty string"],
        ),
    ],
)
def test_a_schema_outside_the_dialect_is_refused(client, schema, messages):
    reply = client.post("/events", {"name": "a", "schema": schema})
    assert (reply.status, reply.json) == (422, refused(schema=messages))
    id = define(client)["id"]
    reply = client.patch(f"/events/{id}", {"schema": schema})
    assert (reply.status, reply.json) == (422, refused(schema=messages))


def test_a_taken_name_ends_in_a_500(client):
    first = define(client)
    other = define(client, "other")
    reply = client.post("/events", {"name": "user.signed_up"})
    assert (reply.status, reply.json) == (500, FAILED_QUERY)
    reply = client.patch("/events/other", {"name": "user.signed_up"})
    assert (reply.status, reply.json) == (500, FAILED_QUERY)
    assert client.get("/events/user.signed_up").json == first
    assert client.get("/events/other").json == other


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize("body", [b"", b"{", b"\xff"])
def test_no_json(client, method, body):
    id = define(client)["id"]
    path = "/events" if method == "POST" else f"/events/{id}"
    reply = client(method, path, body=body)
    assert (reply.status, reply.json) == (400, {"error": "Invalid JSON body"})


def test_update(client):
    client.clock(freeze="2026-01-01T00:00:00Z")
    made = define(client, schema=SCHEMA)
    client.clock(advance="1h")
    reply = client.patch(f"/events/{made['id']}", {"name": "user.left"})
    changed = {**made, "name": "user.left", "updated_at": "2026-01-01T01:00:00.000Z"}
    assert (reply.status, reply.json) == (200, changed)
    reply = client.patch("/api/events/user.left", {"schema": None})
    assert (reply.status, reply.json) == (200, {**changed, "schema": None})
    reply = client.patch("/events/user.left", {"schema": {"type": "object"}})
    assert (reply.status, reply.json) == (200, {**changed, "schema": {"type": "object"}})
    assert client.get("/events/user.signed_up").status == 404


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ({}, 422, refused(["Provide at least one field to update"])),
        ({"unknown": 1}, 422, refused(["Provide at least one field to update"])),
        ([], 422, refused(["Invalid input: expected object, received array"])),
        ({"name": None}, 422, refused(name=["Invalid input: expected string, received null"])),
        ({"name": "send"}, 422, refused(name=[RESERVED])),
        ({"schema": 1}, 422, refused(schema=["Invalid input: expected record, received number"])),
        ({"name": "x"}, 404, NO_EVENT),
        ({"name": "resend:x"}, 404, NO_EVENT),
    ],
)
def test_update_refuses_before_it_looks(client, body, status, expected):
    reply = client.patch("/events/unknown", body)
    assert (reply.status, reply.json) == (status, expected)


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_identifiers_are_as_short_as_names(client, method):
    reply = client(method, f"/events/{'x' * 256}", {})
    assert (reply.status, reply.json) == (422, refused(["Too big: expected string to have <=255 characters"]))
    assert client(method, f"/events/{'x' * 255}", {"name": "y"}).json == NO_EVENT


def test_delete_by_id_name_and_query(client):
    for path in ("/events/{id}", "/events/{name}", "/api/events/{id}", "/api/events?id={id}"):
        made = define(client)
        reply = client.delete(path.format(**made))
        assert (reply.status, reply.json) == (200, {"object": "event", "id": made["id"], "deleted": True})
        again = client.delete(path.format(**made))
        assert (again.status, again.json) == (404, NO_EVENT)
    assert client.get("/events").json["data"] == []


@pytest.mark.parametrize(
    ("query", "status", "expected"),
    [
        ("", 422, refused(id=["Required"])),
        ("?id=", 422, refused(id=["Required"])),
        ("?id=abc", 500, FAILED_QUERY),
        (f"?id={UNKNOWN}", 404, NO_EVENT),
    ],
)
def test_delete_by_query_refuses(client, query, status, expected):
    reply = client.delete(f"/api/events{query}")
    assert (reply.status, reply.json) == (status, expected)


def test_list_pages_to_the_end_by_id_descending(client):
    made = [define(client, f"e{number}") for number in range(7)]
    seen: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 3}
    for _ in range(3):
        page = client.get("/events", query=query).json
        assert page.keys() == {"object", "data", "has_more"}
        seen += page["data"]
        query["after"] = page["data"][-1]["id"]
    assert not page["has_more"]
    assert seen == sorted(made, key=lambda one: one["id"], reverse=True)
    assert client.get("/api/events").json == {"object": "list", "data": seen, "has_more": False}


def test_list_shows_fifty_unless_told_otherwise(client):
    for number in range(51):
        define(client, f"e{number}")
    page = client.get("/events").json
    assert (len(page["data"]), page["has_more"]) == (50, True)
    assert len(client.get("/events?limit=100").json["data"]) == 51


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("limit=0", {"limit": ["Too small: expected number to be >=1"]}),
        ("limit=", {"limit": ["Too small: expected number to be >=1"]}),
        ("limit=-3", {"limit": ["Too small: expected number to be >=1"]}),
        ("limit=101", {"limit": ["Too big: expected number to be <=100"]}),
        ("limit=abc", {"limit": ["Invalid input: expected number, received NaN"]}),
        ("limit=Infinity", {"limit": ["Invalid input: expected number, received number"]}),
        ("limit=1.5", {"limit": ["Invalid input: expected int, received number"]}),
        ("after=", {"after": ["Too small: expected string to have >=1 characters"]}),
    ],
)
def test_list_checks_its_query(client, query, fields):
    reply = client.get(f"/events?{query}")
    assert (reply.status, reply.json) == (422, refused(**fields))


def test_list_after_what_is_no_id(client):
    reply = client.get("/events?after=abc")
    assert (reply.status, reply.json) == (500, FAILED_QUERY)


# --- sending ----------------------------------------------------------------------------------------------------


def sent(**delivery: Any) -> dict[str, Any]:
    shown = {"object": "event_delivery", "id": UUID, "event": "page.viewed", "payload": {}, "received_at": TIME}
    return {
        "object": "event_delivery",
        "delivery": {**shown, "contact_id": None, "email": None, **delivery},
        "resumed_runs": [],
        "automation_runs": [],
    }


@pytest.mark.parametrize("path", ["/events/send", "/api/events/send"])
def test_send_by_email(client, path):
    id = contact(client)
    reply = client.post(path, {"event": "page.viewed", "email": "ADA@example.com", "payload": {"a": [1]}})
    assert (reply.status, reply.json) == (202, sent(contact_id=id, email="ada@example.com", payload={"a": [1]}))
    assert client.get("/events").json["data"] == []


@pytest.mark.parametrize("names", [["contact_id"], ["contactId"], ["contact_id", "contactId"]])
def test_send_by_contact_id(client, names):
    id = contact(client)
    reply = client.post("/events/send", {"event": "page.viewed", **dict.fromkeys(names, id), "properties": {"a": 1}})
    assert (reply.status, reply.json) == (202, sent(contact_id=id))


def test_send_for_an_unknown_id_is_no_error(client):
    reply = client.post("/events/send", {"event": "page.viewed", "contact_id": UNKNOWN})
    assert (reply.status, reply.json) == (202, sent())


def test_send_for_an_unknown_address_makes_a_contact_without_a_webhook(client):
    client.post("/webhooks", {"endpoint": "https://hooks.example.com/x", "events": ["contact.created"]})
    hook = client.get("/webhooks").json["data"][0]["id"]
    reply = client.post("/events/send", {"event": "page.viewed", "email": "New@Example.com"})
    made = client.get("/contacts/new@example.com").json
    assert (reply.status, reply.json) == (202, sent(contact_id=made["id"], email="new@example.com"))
    assert made == {
        "object": "contact",
        "id": UUID,
        "email": "new@example.com",
        "first_name": None,
        "last_name": None,
        "unsubscribed": False,
        "properties": None,
        "segments": [],
        "topics": [],
        "created_at": TIME,
    }
    assert client.get(f"/webhooks/{hook}").json["recent_deliveries"] == []


SIZE = "Too small: expected string to have >=3 characters"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"event": "a"}, refused(contact_id=[ONE_CONTACT])),
        ({"event": "a", "contact_id": UNKNOWN, "email": "a@b.co"}, refused(email=[ONE_CONTACT])),
        (
            {"event": "a", "contact_id": UNKNOWN, "contactId": UNKNOWN[:-1] + "1"},
            refused(contactId=["contactId and contact_id must match when both are provided"]),
        ),
        ({"email": "a@b.co"}, refused(event=[MISSING])),
        ({"event": "a", "email": "x"}, refused(email=["Invalid email address", SIZE])),
        ({"event": "a", "contact_id": "x"}, refused(contact_id=["Invalid UUID"])),
        ({"event": "a", "contact_id": None}, refused(contact_id=["Invalid input: expected string, received null"])),
        (
            {"event": "a", "email": "a@b.co", "payload": None},
            refused(payload=["Invalid input: expected record, received null"]),
        ),
        (
            {"event": "a", "email": "a@b.co", "payload": [1]},
            refused(payload=["Invalid input: expected record, received array"]),
        ),
        ({"event": "", "email": "a@b.co"}, refused(event=["Too small: expected string to have >=1 characters"])),
        (
            {"event": " ", "email": "a@b.co"},
            {"error": "event_name must be a non-empty string", "code": "event_name_required"},
        ),
        (
            {"event": "RESEND:x", "email": "a@b.co"},
            {"error": 'event_name "RESEND:x" uses reserved prefix "resend:"', "code": "event_name_reserved"},
        ),
        ([], refused(["Invalid input: expected object, received array"])),
    ],
)
def test_send_refuses(client, body, expected):
    reply = client.post("/events/send", body)
    assert (reply.status, reply.json) == (422, expected)
    assert client.get("/contacts").json["data"] == []


def test_send_without_json(client):
    reply = client.post("/events/send", body=b"{")
    assert (reply.status, reply.json) == (400, {"error": "Invalid JSON body"})


@pytest.mark.parametrize(
    ("payload", "faults"),
    [
        ({}, [("plan", None), ("seats", None)]),
        (
            {"seats": "3", "trial": "yes", "tags": {}},
            [("plan", None), ("tags", "array"), ("seats", "number"), ("trial", "boolean")],
        ),
        ({"plan": 1, "seats": True}, [("plan", "string"), ("seats", "number")]),
        ({"plan": "a", "seats": 1, "owner": []}, [("owner", "object")]),
        ({"plan": "a", "seats": 1, "owner": {"age": "1"}}, [("owner.name", None), ("owner.age", "number")]),
        ({"plan": None, "seats": 1}, [("plan", "string")]),
    ],
)
def test_a_payload_is_held_against_the_schema(client, payload, faults):
    define(client, "order.paid", schema=SCHEMA)
    details = [
        {
            "path": f"payload.{path}",
            "message": f"Missing required field payload.{path}"
            if expected is None
            else f'Expected payload.{path} to be "{expected}"',
        }
        for path, expected in faults
    ]
    reply = client.post("/events/send", {"event": "order.paid", "email": "new@example.com", "payload": payload})
    expected = {"error": "Event payload does not match schema", "code": "event_payload_invalid", "details": details}
    assert (reply.status, reply.json) == (422, expected)
    assert client.get("/contacts").json["data"] == []


def test_a_payload_may_have_more_than_the_schema(client):
    define(client, "order.paid", schema=SCHEMA)
    payload = {"plan": "a", "seats": 1.5, "owner": {"name": "Ada", "x": None}, "more": {"deep": [1]}}
    reply = client.post("/events/send", {"event": "order.paid", "email": "new@example.com", "payload": payload})
    assert (reply.status, reply.json["delivery"]["payload"]) == (202, payload)


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_other_methods_on_send_are_wrong_ones(client, method):
    reply = client(method, "/events/send")
    assert (reply.status, reply.headers["location"]) == (307, "/opensend/auth")
    reply = client(method, "/api/events/send")
    assert (reply.status, reply.raw) == (405, b"")
