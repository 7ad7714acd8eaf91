"""OpenSend templates."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import TIME, UUID, Client

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def client(sandbox) -> Client:
    return sandbox("opensend")


def make(client: Client, **body: Any) -> str:
    reply = client.post("/templates", {"name": "Welcome Mail", "html": "<p>Hi</p>", **body})
    assert reply.status == 201, reply.text
    assert reply.json == {"object": "template", "id": UUID}
    return reply.json["id"]


def read(client: Client, id: str) -> dict[str, Any]:
    reply = client.get(f"/templates/{id}")
    assert reply.status == 200, reply.text
    return reply.json


def variable(index: int, key: str, **more: Any) -> dict[str, Any]:
    plain = {"type": "string", "required": False, "fallback_value": None}
    return {"id": f"var-{index}", "key": key, "name": key, **plain, "created_at": TIME, "updated_at": TIME, **more}


@pytest.mark.parametrize("path", ["/templates", "/api/public/templates"])
def test_create_and_read(client, path):
    body = {
        "name": " Welcome Mail ",
        "html": " <p>Hi {{NAME}}</p> ",
        "subject": "Hi {{NAME}}",
        "from": "Acme <a@acme.com>",
        "reply_to": "re@acme.com",
        "previewText": "Look",
        "text": "Hi",
        "variables": [{"key": "NAME", "type": "string", "fallback_value": "friend"}],
    }
    made = client.post(path, body)
    assert (made.status, made.json) == (201, {"object": "template", "id": UUID})
    reply = client.get(f"{path}/{made.json['id']}")
    assert (reply.status, reply.json) == (
        200,
        {
            "object": "template",
            "id": made.json["id"],
            "name": "Welcome Mail",
            "alias": "welcome-mail",
            "status": "draft",
            "subject": "Hi {{NAME}}",
            "from": "Acme <a@acme.com>",
            "reply_to": "re@acme.com",
            "preview_text": "Look",
            "html": "<p>Hi {{NAME}}</p>",
            "text": "Hi",
            "variables": [variable(0, "NAME", fallback_value="friend")],
            "created_at": TIME,
            "updated_at": TIME,
        },
    )


@pytest.mark.parametrize(
    ("body", "alias"),
    [
        ({"name": "Hello, World!"}, "hello-world"),
        ({"name": "--Ünder 99--"}, "nder-99"),
        ({"name": "!!!"}, "untitled-template"),
        ({"name": "x", "alias": " My Alias "}, "My Alias"),
        ({"name": "Some Name", "alias": " "}, "some-name"),
        ({"name": "Some Name", "alias": 5}, "some-name"),
    ],
)
def test_the_alias_is_a_slug_of_the_name(client, body, alias):
    assert read(client, make(client, **body))["alias"] == alias


@pytest.mark.parametrize("empty", ["", 0, False, None])
def test_what_is_false_counts_as_nothing(client, empty):
    shown = read(client, make(client, subject=empty, text=empty, reply_to=empty))
    assert (shown["subject"], shown["text"], shown["reply_to"]) == (None, None, None)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"key": "A"}, {"required": True}),
        ({"name": "A"}, {"required": False}),
        ({"key": " A ", "type": "number", "fallback_value": 3}, {"type": "number", "fallback_value": 3}),
        ({"key": "A", "fallbackValue": "x", "fallback_value": "y"}, {"fallback_value": "x"}),
        ({"name": "A", "required": True, "fallback_value": "x"}, {"required": True, "fallback_value": "x"}),
        ({"key": "A", "required": False}, {"required": False}),
        ({"key": "A", "fallback_value": None}, {"required": True}),
    ],
)
def test_variables_as_they_are_read(client, given, shown):
    assert read(client, make(client, variables=[given]))["variables"] == [variable(0, "A", **shown)]


WRONG_VARIABLES = [
    ({}, "variables must be an array"),
    ("x", "variables must be an array"),
    ([3], "variables must contain objects"),
    ([[]], "variables must contain objects"),
    ([{}], "Variable key is required."),
    ([{"key": " "}], "Variable key is required."),
    ([{"key": 5}], "Variable key is required."),
    ([{"key": "First_Name"}], "Variable name First_Name is reserved."),
    ([{"key": "A", "type": "date"}], "Variable A type must be either string or number."),
    ([{"key": "A", "type": None}], "Variable A type must be either string or number."),
    ([{"key": "A", "fallback_value": True}], "Variable A fallback value must be a string or number."),
    ([{"key": "A", "fallback_value": []}], "Variable A fallback value must be a string or number."),
    ([{"key": "A", "required": None}], "Variable A required must be a boolean."),
    ([{"key": f"V{number}"} for number in range(51)], "Too many variables. Max allowed is 50."),
]


@pytest.mark.parametrize(("variables", "error"), WRONG_VARIABLES)
def test_wrong_variables(client, variables, error):
    id = make(client)
    before = read(client, id)
    body = {"name": "V", "html": "x", "variables": variables}
    for reply in (client.post("/templates", body), client.patch(f"/templates/{id}", body)):
        assert (reply.status, reply.json) == (422, {"error": error})
    assert read(client, id) == before
    assert len(client.get("/templates").json["data"]) == 1


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (b'{"name": "x"}', 422, "name and html are required"),
        (b'{"html": "x"}', 422, "name and html are required"),
        (b'{"name": " ", "html": "x"}', 422, "name and html are required"),
        (b'{"name": "x", "html": 5}', 422, "name and html are required"),
        (b"[]", 422, "name and html are required"),
        (b"null", 422, "name and html are required"),
        (b"{", 500, "Failed to create template"),
        (b"", 500, "Failed to create template"),
        (b'{"name": "' + b"n" * 256 + b'", "html": "x"}', 500, "Failed to create template"),
        (b'{"name": "n", "html": "x", "from": "' + b"f" * 513 + b'"}', 500, "Failed to create template"),
        (b'{"name": "n", "html": "x\\u0000"}', 500, "Failed to create template"),
    ],
)
def test_create_refuses(client, body, status, error):
    reply = client.post("/templates", body=body)
    assert (reply.status, reply.json) == (status, {"error": error})
    assert client.get("/templates").json == {"object": "list", "data": [], "has_more": False}


def test_names_and_aliases_may_repeat(client):
    first, second = make(client), make(client)
    assert first != second
    assert read(client, first)["alias"] == read(client, second)["alias"] == "welcome-mail"


def item(client: Client, id: str, **more: Any) -> dict[str, Any]:
    template = read(client, id)
    shown = {name: template[name] for name in ("object", "id", "name", "alias", "status", "created_at")}
    return {
        **shown,
        "current_version_id": None,
        "published_at": None,
        "has_unpublished_versions": True,
        **more,
    }


def test_list_is_newest_first(client):
    ids = [make(client, name=f"T{number}") for number in range(3)]
    reply = client.get("/templates")
    assert (reply.status, reply.json) == (
        200,
        {"object": "list", "data": [item(client, id) for id in reversed(ids)], "has_more": False},
    )


def test_list_is_newest_first_within_one_millisecond(client):
    client.sandbox.workspace("default").clock.freeze(1_790_000_000.0)
    ids = [make(client) for _ in range(6)]
    assert [row["id"] for row in client.get("/templates").json["data"]] == ids[::-1]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"limit": 2}, ["Gamma", "Beta"]),
        ({"limit": 0}, ["Gamma", "Beta", "Alpha"]),
        ({"limit": "x"}, ["Gamma", "Beta", "Alpha"]),
        ({"limit": -3}, ["Gamma"]),
        ({"status": "published"}, ["Beta"]),
        ({"status": "draft"}, ["Gamma", "Alpha"]),
        ({"status": "other"}, ["Gamma", "Beta", "Alpha"]),
        ({"search": " AL "}, ["Alpha"]),
        ({"search": "%a"}, ["Gamma", "Beta", "Alpha"]),
        ({"search": "a", "status": "draft", "limit": 1}, ["Gamma"]),
        ({"search": "zz"}, []),
    ],
)
def test_list_by_status_and_name(client, query, names):
    ids = {name: make(client, name=name) for name in ("Alpha", "Beta", "Gamma")}
    client.post(f"/templates/{ids['Beta']}/publish")
    page = client.get("/templates", query=query).json
    assert [row["name"] for row in page["data"]] == names
    assert page["has_more"] == ("limit" in query and query["limit"] in (2, -3, 1))


def test_after_compares_ids_in_an_order_of_time(client):
    ids = [make(client, name=f"T{number}") for number in range(6)]
    bound = sorted(ids)[3]
    page = client.get("/templates", query={"after": bound}).json
    assert [row["id"] for row in page["data"]] == [id for id in reversed(ids) if id < bound]
    assert page["has_more"] is False


@pytest.mark.parametrize("query", [{"after": "x"}, {"limit": "1.5"}])
def test_list_fails_where_the_database_does(client, query):
    reply = client.get("/templates", query=query)
    assert (reply.status, reply.json) == (500, {"error": "Failed to fetch templates"})


def test_update_adds_the_variables_that_the_content_names(client):
    known = [{"key": "NAME", "fallback_value": "friend"}, {"key": "GONE", "fallback_value": "x"}]
    id = make(client, subject="Hi {{NAME}}", variables=known)
    before = read(client, id)
    body = {"name": "Hello", "html": "<p>{{ FIRST }} {{{LAST}}} {{NAME}} {{FIRST}} {{no space}}</p>"}
    reply = client.patch(f"/templates/{id}", body)
    assert (reply.status, reply.json) == (200, {"object": "template", "id": id})
    variables = [variable(0, "NAME", fallback_value="friend"), variable(1, "FIRST"), variable(2, "LAST")]
    assert read(client, id) == {**before, **body, "variables": variables}


def test_a_subject_names_variables_too(client):
    id = make(client, html="<p>{{NAME}}</p>", subject="Hi", variables=[])
    client.patch(f"/templates/{id}", {"subject": "Hi {{NEW}}"})
    assert read(client, id)["variables"] == [variable(0, "NEW"), variable(1, "NAME")]


@pytest.mark.parametrize("path", ["/templates", "/api/public/templates"])
@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({"alias": "new"}, {"alias": "new"}),
        ({"alias": None}, {"alias": None}),
        ({"name": 5}, {"name": "5"}),
        ({"status": "archived"}, {"status": "archived"}),
        ({"from": "a@b.co", "replyTo": "c@d.co"}, {"from": "a@b.co", "reply_to": "c@d.co"}),
        ({"text": ""}, {"text": ""}),
        ({"variables": []}, {"variables": []}),
        ({"variables": None}, {"variables": []}),
    ],
)
def test_update_stores_what_it_is_given(client, path, change, shown):
    id = make(client)
    before = read(client, id)
    assert client.patch(f"{path}/{id}", change).json == {"object": "template", "id": id}
    assert read(client, id) == before | shown


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"other": 1}',
        b'{"name": null}',
        b'{"status": null}',
        b'{"alias": "\\u0000"}',
    ],
)
def test_update_fails_where_the_database_does(client, body):
    id = make(client)
    before = read(client, id)
    reply = client.patch(f"/templates/{id}", body=body)
    assert (reply.status, reply.json) == (500, {"error": "Failed to update template"})
    assert read(client, id) == before


def test_publish_once(client):
    id = make(client)
    before = read(client, id)
    reply = client.post(f"/templates/{id}/publish")
    assert (reply.status, reply.json) == (200, {"object": "template", "id": id})
    assert read(client, id) == {**before, "status": "published"}
    rows = client.get("/templates").json["data"]
    assert rows == [item(client, id, published_at=TIME, has_unpublished_versions=False)]
    again = client.post(f"/templates/{id}/publish")
    assert (again.status, again.json) == (400, {"error": "Only draft templates can be published"})


def test_duplicate_is_a_new_draft(client):
    id = make(client, subject="S", variables=[{"key": "A", "fallback_value": 1}])
    client.post(f"/templates/{id}/publish")
    original = read(client, id)
    reply = client.post(f"/templates/{id}/duplicate")
    assert (reply.status, reply.json) == (200, {"object": "template", "id": UUID})
    copy = reply.json["id"]
    assert copy != id
    changed = {"id": copy, "name": "Welcome Mail (Copy)", "alias": "welcome-mail-copy", "status": "draft"}
    assert read(client, copy) == {**original, **changed, "created_at": TIME, "updated_at": TIME} | {
        "variables": [variable(0, "A", fallback_value=1)]
    }
    client.patch(f"/templates/{id}", {"alias": None})
    assert read(client, client.post(f"/templates/{id}/duplicate").json["id"])["alias"] is None


def test_delete(client):
    id, kept = make(client), make(client)
    reply = client.delete(f"/templates/{id}")
    assert (reply.status, reply.json) == (200, {"object": "template", "id": id, "deleted": True})
    assert [row["id"] for row in client.get("/templates").json["data"]] == [kept]
    again = client.delete(f"/templates/{id}")
    assert (again.status, again.json) == (404, {"error": "Template not found"})


ONE = [
    ("GET", "", "fetch"),
    ("PATCH", "", "update"),
    ("DELETE", "", "delete"),
    ("POST", "/publish", "publish"),
    ("POST", "/duplicate", "duplicate"),
]


@pytest.mark.parametrize(("method", "tail", "verb"), ONE)
def test_ids_that_lead_nowhere(client, method, tail, verb):
    make(client)
    reply = client(method, f"/templates/{UNKNOWN}{tail}", {"name": "x"})
    assert (reply.status, reply.json) == (404, {"error": "Template not found"})
    by_alias = client(method, f"/templates/welcome-mail{tail}", {"name": "x"})
    assert (by_alias.status, by_alias.json) == (500, {"error": f"Failed to {verb} template"})
