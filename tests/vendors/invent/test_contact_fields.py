"""The definitions of contact fields."""

from __future__ import annotations

import pytest

from lookalike.vendors.invent.identity import contacts_table_id
from tests.vendors.invent.bodies import CONTACTS, START, an_id, get, invalid, paging

FIELDS = f"{CONTACTS}/fields"


def field(key: str, name: str, order: int, type: str = "string", kind: str = "system") -> dict:
    schema = {"type": type, "name": name, "description": "", "optional": True, "array": False, "placeholder": ""}
    return {
        "id": an_id("fld"),
        "table_id": contacts_table_id("default"),
        "key": key,
        "type": type,
        "schema": {**schema, "order": order},
        "readonly": kind == "system",
        "kind": kind,
    }


SYSTEM = [
    field("name", "Name", 1),
    field("email", "Email", 2),
    field("phone", "Phone", 3),
    field("created_at", "Created at", 4, "datetime"),
]


def test_a_fresh_organization_has_four(client):
    reply = client.get(FIELDS)
    assert (reply.status, reply.json, paging(reply)) == (200, SYSTEM, ("4", "1", "20"))
    assert contacts_table_id("default") == an_id("tbl")


def test_pages(client):
    pages = [client.get(FIELDS, query={"take": 3, "page": page}) for page in (1, 2, 3)]
    assert [page.json for page in pages] == [SYSTEM[:3], SYSTEM[3:], []]
    assert [paging(page) for page in pages] == [("4", "1", "3"), ("4", "2", "3"), ("4", "3", "3")]


def test_a_bad_page(client):
    reply = client.get(f"{FIELDS}?take=0")
    assert (reply.status, reply.json) == (400, invalid((["take"], "take must be greater than or equal to 1")))


def test_declared_attributes_are_fields_without_values(sandbox):
    client = sandbox("invent", fixture="demo")
    client.clock(freeze=START)
    assert get(client, FIELDS) == [
        *SYSTEM,
        field("plan", "Plan", 5, "string", "custom"),
        field("company", "Company", 6, "string", "custom"),
        field("city", "City", 7, "string", "custom"),
        field("seats", "Seats", 8, "number", "custom"),
        field("beta_tester", "Beta tester", 9, "boolean", "custom"),
        field("renews_on", "Renews on", 10, "date", "custom"),
    ]


@pytest.mark.parametrize("path", ["", "/values", "/plan"])
def test_nothing_else_can_be_done_with_them(client, path):
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        reply = client(method, f"{FIELDS}{path}", {})
        assert reply.status == 404
