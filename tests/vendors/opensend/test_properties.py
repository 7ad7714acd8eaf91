"""Contact properties."""

from __future__ import annotations

import pytest

from tests.support import TIME, UUID

UNKNOWN = "00000000-0000-4000-8000-000000000000"
FULL = {"key": "plan", "name": "Plan", "type": "string"}


@pytest.fixture
def opensend(sandbox):
    return sandbox("opensend")


def make(client, key="plan", **more):
    reply = client.post("/contact-properties", FULL | {"key": key} | more)
    assert reply.status == 201, reply.text
    return reply.json["id"]


def item(id=UUID, **more):
    return {
        "id": id,
        "key": "plan",
        "name": "Plan",
        "type": "string",
        "fallback_value": None,
        "created_at": TIME,
        "updated_at": TIME,
    } | more


@pytest.mark.parametrize(
    ("path", "body", "made"),
    [
        ("/contact-properties", FULL, {}),
        (
            "/contact-properties",
            {"key": " My Key! ", "name": " Plan ", "type": "date"},
            {"key": "My Key!", "type": "date"},
        ),
        ("/contact-properties", FULL | {"fallback_value": "free"}, {"fallback_value": "free"}),
        ("/contact-properties", FULL | {"fallbackValue": "free"}, {"fallback_value": "free"}),
        ("/contact-properties", FULL | {"fallback_value": 3}, {"fallback_value": "3"}),
        ("/contact-properties", FULL | {"fallback_value": True}, {"fallback_value": "true"}),
        ("/contact-properties", FULL | {"fallback_value": 0}, {}),
        ("/contact-properties", FULL | {"fallback_value": False}, {}),
        ("/contact-properties", FULL | {"fallback_value": ""}, {}),
        ("/api/properties", {"name": "My Prop-1"}, {"key": "my_prop_1", "name": "My Prop-1"}),
        ("/api/properties", {"key": "plan", "name": "Plan", "type": "json"}, {"type": "json"}),
        ("/api/properties", {"key": " ", "name": "Plan 🎉"}, {"key": "plan___", "name": "Plan 🎉"}),
        ("/api/properties", {"name": "Plan", "type": 0}, {}),
        ("/contact-properties", FULL | {"fallback_value": "", "fallbackValue": "free"}, {"fallback_value": "free"}),
        ("/contact-properties", FULL | {"fallback_value": [1, 2]}, {"fallback_value": "1,2"}),
    ],
)
def test_create(opensend, path, body, made):
    reply = opensend.post(path, body)
    assert (reply.status, reply.json) == (201, {"object": "contact_property", **item(**made)})


@pytest.mark.parametrize(
    ("path", "body", "status", "text"),
    [
        ("/contact-properties", {}, 400, "key is required"),
        ("/contact-properties", [], 400, "key is required"),
        ("/contact-properties", {"key": " "}, 400, "key is required"),
        ("/contact-properties", {"key": "x"}, 400, "type is required"),
        ("/contact-properties", {"key": "x", "type": 5}, 400, "type is required"),
        (
            "/contact-properties",
            {"key": "x", "type": "json"},
            422,
            "type must be one of: string | number | boolean | date",
        ),
        ("/contact-properties", {"key": "x", "type": "string"}, 400, "Name is required"),
        ("/contact-properties", FULL | {"key": 5}, 500, "Failed to create contact property"),
        ("/contact-properties", FULL | {"name": 5}, 500, "Failed to create contact property"),
        ("/contact-properties", {"key": "x", "type": "json", "name": 0}, 500, "Failed to create contact property"),
        ("/contact-properties", FULL | {"key": "k" * 256}, 500, "Failed to create contact property"),
        ("/contact-properties", FULL | {"name": "n" * 256}, 500, "Failed to create contact property"),
        ("/api/properties", {"name": "Plan", "key": 0}, 500, "Failed to create contact property"),
        ("/api/properties", {"name": "Plan", "type": "t" * 51}, 500, "Failed to create contact property"),
        ("/api/properties", {}, 400, "Name is required"),
        ("/api/properties", {"name": " "}, 400, "Name is required"),
    ],
)
def test_what_create_refuses(opensend, path, body, status, text):
    reply = opensend.post(path, body)
    assert (reply.status, reply.json) == (status, {"error": text})
    assert opensend.get("/contact-properties").json["total"] == 0


@pytest.mark.parametrize("body", [b"", b"{"])
def test_what_is_no_json(opensend, body):
    id = make(opensend)
    for method, path, verb in (
        ("POST", "/contact-properties", "create"),
        ("PATCH", f"/contact-properties/{id}", "update"),
    ):
        reply = opensend(method, path, body=body)
        assert (reply.status, reply.json) == (500, {"error": f"Failed to {verb} contact property"})


def test_a_taken_key_is_a_500(opensend):
    make(opensend)
    reply = opensend.post("/api/properties", {"name": "Plan"})
    assert (reply.status, reply.json) == (500, {"error": "Failed to create contact property"})
    assert opensend.get("/contact-properties").json["total"] == 1


def test_pages_by_key_in_byte_order(opensend):
    for key in ("b", "Z", "a", "é", "_"):
        make(opensend, key)
    pages = [opensend.get("/contact-properties", query={"limit": 2, "page": page}).json for page in (1, 2, 3, 4)]
    assert [[one["key"] for one in page["data"]] for page in pages] == [["Z", "_"], ["a", "b"], ["é"], []]
    assert [{name: page[name] for name in ("total", "page", "limit")} for page in pages] == [
        {"total": 5, "page": number, "limit": 2} for number in (1, 2, 3, 4)
    ]
    assert pages[0].keys() == {"data", "total", "page", "limit"}


@pytest.mark.parametrize(
    ("query", "keys", "page", "limit"),
    [
        ({}, ["age", "plan"], 1, 20),
        ({"page": "0", "limit": "0"}, ["age", "plan"], 1, 20),
        ({"page": "-1", "limit": "-1"}, ["age"], 1, 1),
        ({"page": "x", "limit": "500"}, ["age", "plan"], 1, 100),
        ({"page": "1.5", "limit": "2"}, ["plan"], 1.5, 2),
        ({"after": "x"}, ["age", "plan"], 1, 20),
        ({"type": "number"}, ["age"], 1, 20),
        ({"type": "json"}, [], 1, 20),
        ({"search": " PLA "}, ["plan"], 1, 20),
        ({"search": "years"}, ["age"], 1, 20),
        ({"search": "AG"}, ["age"], 1, 20),
        ({"search": "a", "limit": "1", "page": "2"}, ["plan"], 2, 1),
    ],
)
def test_list_options(opensend, query, keys, page, limit):
    make(opensend)
    make(opensend, "age", name="Years", type="number")
    total = 2 if "search" not in query and "type" not in query else len(keys)
    total = 2 if query.get("search") == "a" else total
    reply = opensend.get("/api/properties", query=query).json
    assert [one["key"] for one in reply["data"]] == keys
    assert (reply["total"], reply["page"], reply["limit"]) == (total, page, limit)


@pytest.mark.parametrize(
    "query", [{"page": "1.25", "limit": "2"}, {"limit": "1.5"}, {"page": "1e300"}, {"page": "Infinity"}]
)
def test_list_fails_on_what_the_database_refuses(opensend, query):
    reply = opensend.get("/contact-properties", query=query)
    assert (reply.status, reply.json) == (500, {"error": "Failed to fetch contact properties"})


def test_get_has_no_object(opensend):
    id = make(opensend)
    for path in (f"/contact-properties/{id}", f"/api/properties/{id.upper()}"):
        assert opensend.get(path).json == item(id)


@pytest.mark.parametrize(
    ("path", "body", "change"),
    [
        ("/contact-properties", {}, {}),
        ("/contact-properties", [], {}),
        ("/contact-properties", None, {}),
        ("/api/properties", {"type": None}, {"type": "null"}),
        ("/contact-properties", {"name": " Tier ", "key": "other"}, {"name": "Tier"}),
        ("/contact-properties", {"name": " "}, {"name": ""}),
        ("/contact-properties", {"type": "date"}, {"type": "date"}),
        ("/contact-properties", {"fallback_value": 0}, {"fallback_value": "0"}),
        ("/contact-properties", {"fallback_value": None}, {"fallback_value": None}),
        ("/contact-properties", {"fallbackValue": "x"}, {}),
        ("/api/properties", {"type": "json"}, {"type": "json"}),
    ],
)
def test_update(opensend, path, body, change):
    opensend.sandbox.workspace("default").clock.freeze(1_000_000_000)
    id = make(opensend, fallback_value="free")
    opensend.sandbox.workspace("default").clock.advance(60)
    reply = opensend.patch(f"{path}/{id}", body)
    times = {"created_at": "2001-09-09T01:46:40.000Z", "updated_at": "2001-09-09T01:47:40.000Z"}
    assert (reply.status, reply.json) == (200, item(id, fallback_value="free") | times | change)
    assert opensend.get(f"{path}/{id}").json == reply.json


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({"type": "json"}, 422, "type must be one of: string | number | boolean | date"),
        ({"type": ""}, 400, "type is required"),
        ({"name": None}, 500, "Failed to update contact property"),
        ({"name": 5}, 500, "Failed to update contact property"),
        ({"name": 5, "type": "json"}, 500, "Failed to update contact property"),
        ({"name": "n" * 256}, 500, "Failed to update contact property"),
    ],
)
def test_what_update_refuses(opensend, body, status, text):
    id = make(opensend)
    reply = opensend.patch(f"/contact-properties/{id}", body)
    assert (reply.status, reply.json) == (status, {"error": text})
    assert opensend.get(f"/contact-properties/{id}").json == item(id)


def test_delete_keeps_the_values(opensend):
    id = make(opensend)
    opensend.post("/contacts", {"email": "ann@example.com", "properties": {"plan": "pro"}})
    reply = opensend.delete(f"/contact-properties/{id}")
    assert (reply.status, reply.json) == (200, {"success": True})
    assert opensend.get("/contacts/ann@example.com").json["properties"] == {"plan": "pro"}
    assert make(opensend) != id


@pytest.mark.parametrize(("method", "verb"), [("GET", "fetch"), ("PATCH", "update"), ("DELETE", "delete")])
def test_unknown_ids_and_what_is_no_id(opensend, method, verb):
    unknown = opensend(method, f"/contact-properties/{UNKNOWN}", {})
    assert (unknown.status, unknown.json) == (404, {"error": "Contact property not found"})
    none = opensend(method, "/contact-properties/plan", {})
    assert (none.status, none.json) == (500, {"error": f"Failed to {verb} contact property"})


def test_a_change_shows_although_it_comes_within_a_millisecond(opensend):
    id = make(opensend)
    changes = [opensend.patch(f"/contact-properties/{id}", {}).json["updated_at"] for _ in range(20)]
    assert changes == sorted(set(changes))
    assert changes[0] > opensend.get(f"/contact-properties/{id}").json["created_at"]
