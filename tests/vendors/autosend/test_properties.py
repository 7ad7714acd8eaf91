"""AutoSend contact properties and their older spelling, custom fields."""

from __future__ import annotations

import pytest

from tests.support import OBJECT_ID
from tests.vendors.autosend.bodies import START, contact, error, held, invalid, make, ok, told

BUILT_IN = [
    ("email", "string"),
    ("firstName", "string"),
    ("lastName", "string"),
    ("createdAt", "date"),
    ("userId", "string"),
]
RESERVED = [
    "firstName", "first_name", "lastName", "last_name", "email", "mobile", "unsubscribed", "unsubscribe",
    "unsubscribe_groups", "unsubscribe_preferences", "userId", "externalId", "createdAt", "updatedAt", "contactLists",
    "address", "address_line_1", "address_line_2", "city", "state", "zip", "country",
]  # fmt: skip

NO_PROPERTY = error("Contact property not found", "CONTACT_PROPERTY_NOT_FOUND", status=404)
NO_FIELD = error("Custom field not found", "CUSTOM_FIELD_NOT_FOUND", status=404)


def new_style(name, type, **more):
    return {"name": name, "type": type, "fieldName": name, "fieldType": type, **more}


def old_style(name, type, **more):
    return {"fieldName": name, "fieldType": type, **more}


def stored(shape, name, type):
    return shape(name, type, id=OBJECT_ID, createdAt=START, updatedAt=START)


@pytest.mark.parametrize("type", ["string", "number", "boolean", "date"])
@pytest.mark.parametrize("spelling", [("name", "type"), ("fieldName", "fieldType")])
def test_create(client, spelling, type):
    body = {spelling[0]: " company ", spelling[1]: type, "description": "Employer", "defaultValue": "none"}
    reply = client.post("/v1/contact-properties", body)
    expected = {**told("Contact property created successfully"), "data": stored(new_style, "company", type)}
    assert (reply.status, reply.json) == (200, expected)
    assert list(reply.json["data"]) == ["id", "name", "type", "fieldName", "fieldType", "createdAt", "updatedAt"]
    found = client.get("/v1/contact-properties/name/company")
    assert found.status == 200
    assert found.json == {**expected, "message": "Contact property retrieved successfully"}


def test_create_under_the_older_name(client):
    reply = client.post("/v1/custom-fields", {"fieldName": "company", "fieldType": "string"})
    expected = {**told("Custom field created successfully"), "data": stored(old_style, "company", "string")}
    assert (reply.status, reply.json) == (200, expected)
    assert client.get("/v1/contact-properties/name/company").status == 200


@pytest.mark.parametrize(
    ("path", "key", "message", "shape"),
    [
        ("/v1/contact-properties", "contactProperties", "Contact properties retrieved successfully", new_style),
        ("/v1/custom-fields", "customFields", "Custom fields retrieved successfully", old_style),
    ],
)
def test_list(client, path, key, message, shape):
    built_in = [shape(name, type) for name, type in BUILT_IN]
    empty = client.get(path)
    assert (empty.status, empty.json) == (200, {**told(message), "data": {key: built_in}})
    for name, type in [("plan", "string"), ("seats", "number")]:
        client.post("/v1/contact-properties", {"name": name, "type": type})
    own = [stored(shape, "seats", "number"), stored(shape, "plan", "string")]
    for query, expected in [
        ("", built_in + own),
        ("?includeReservedFields=true", built_in + own),
        ("?includeReservedFields=false", own),
    ]:
        assert client.get(path + query).json == {**told(message), "data": {key: expected}}
    bad = client.get(path + "?includeReservedFields=maybe")
    expected = invalid(("includeReservedFields", "IncludeReservedFields must be a boolean"))
    assert (bad.status, bad.json) == (400, expected)


@pytest.mark.parametrize(
    ("path", "name", "type", "label"),
    [
        ("/v1/contact-properties", "name", "type", ("Name", "Type")),
        ("/v1/custom-fields", "fieldName", "fieldType", ("FieldName", "FieldType")),
    ],
)
class TestRefusals:
    def refuse(self, client, path, body, *details):
        before = held(client)
        reply = client.post(path, body)
        assert (reply.status, reply.json) == (400, invalid(*details))
        assert held(client) == before

    def test_what_is_required(self, client, path, name, type, label):
        self.refuse(client, path, {}, (name, f"{label[0]} is required"), (type, f"{label[1]} is required"))
        self.refuse(client, path, {name: " ", type: "string"}, (name, f"{label[0]} is required"))
        self.refuse(client, path, {name: 5, type: "string"}, (name, f"{label[0]} must be a string"))
        self.refuse(client, path, [])

    def test_another_type(self, client, path, name, type, label):
        message = f"{label[1]} must be one of string, number, boolean, date"
        self.refuse(client, path, {name: "x", type: "text"}, (type, message))

    @pytest.mark.parametrize("reserved", RESERVED)
    def test_reserved_names(self, client, path, name, type, label, reserved):
        self.refuse(client, path, {name: reserved, type: "string"}, (name, f"{reserved} is a reserved field name"))


def test_a_taken_name(client):
    client.post("/v1/custom-fields", {"fieldName": "plan", "fieldType": "string"})
    before = held(client)
    new = client.post("/v1/contact-properties", {"name": "plan", "type": "number"})
    expected = error("Contact property already exists", "CONTACT_PROPERTY_EXISTS", status=409)
    assert (new.status, new.json) == (409, expected)
    old = client.post("/v1/custom-fields", {"fieldName": "plan", "fieldType": "number"})
    assert (old.status, old.json) == (409, error("Custom field already exists", "CUSTOM_FIELD_EXISTS", status=409))
    assert held(client) == before


@pytest.mark.parametrize(
    ("path", "message", "otherwise"),
    [
        ("/v1/contact-properties/name", "Contact property deleted successfully", NO_PROPERTY),
        ("/v1/custom-fields/fieldName", "Custom field deleted successfully", NO_FIELD),
    ],
)
def test_delete_takes_the_values_along(client, path, message, otherwise):
    client.post("/v1/contact-properties", {"name": "plan", "type": "string"})
    both, only, none = [
        make(client, email, customFields=custom)[0]
        for email, custom in [
            ("a@example.com", {"plan": "pro", "seats": 2}),
            ("b@example.com", {"plan": "pro"}),
            ("c@example.com", {"seats": 2}),
        ]
    ]
    reply = client.delete(f"{path}/plan")
    assert (reply.status, reply.json) == (200, told(message))
    assert client.get(f"/v1/contacts/{both}").json == ok(contact("a@example.com", customFields={"seats": 2}))
    assert client.get(f"/v1/contacts/{only}").json == ok(contact("b@example.com"))
    assert client.get(f"/v1/contacts/{none}").json == ok(contact("c@example.com", customFields={"seats": 2}))
    before = held(client)
    again = client.delete(f"{path}/plan")
    assert (again.status, again.json) == (404, otherwise)
    undeclared = client.delete(f"{path}/seats")
    assert (undeclared.status, undeclared.json) == (404, otherwise)
    assert held(client) == before


@pytest.mark.parametrize("name", ["plan", "email", "a%2Fb"])
def test_an_unknown_name(client, name):
    reply = client.get(f"/v1/contact-properties/name/{name}")
    assert (reply.status, reply.json) == (404, NO_PROPERTY)
