"""Snippets: created under free names, written anew, listed and deleted."""

from __future__ import annotations

import pytest

from tests.support import Like
from tests.vendors.customerio.bodies import NOW, app_error


def snippet(name, value, at=NOW):
    return {"name": name, "value": value, "updated_at": at}


def test_create_and_list(client):
    assert client.get("/v1/snippets").json == {"snippets": []}
    for name in ("footer", "address"):
        reply = client.post("/v1/snippets", {"name": f"  {name} ", "value": " Hi\n"})
        assert (reply.status, reply.json) == (200, {"snippet": snippet(name, "Hi")})
    assert client.get("/v1/snippets").json == {"snippets": [snippet("footer", "Hi"), snippet("address", "Hi")]}


def test_update_is_an_upsert(client):
    assert client.put("/v1/snippets", {"name": "footer", "value": "one"}).json == {"snippet": snippet("footer", "one")}
    client.put("/v1/snippets", {"name": "other", "value": "x"})
    client.clock(advance="5s")
    changed = snippet("footer", "two", NOW + 5)
    assert client.put("/v1/snippets", {"name": "footer ", "value": "two"}).json == {"snippet": changed}
    assert client.get("/v1/snippets").json == {"snippets": [changed, snippet("other", "x")]}


REFUSED = [
    ({"value": "x"}, "name cannot be blank", "/name"),
    ({"name": None, "value": "x"}, "name cannot be blank", "/name"),
    ({"name": "  ", "value": "x"}, "name cannot be blank", "/name"),
    ({"name": "n" * 151, "value": "x"}, "name cannot exceed 150 characters", "/name"),
    ({"name": "n"}, "value cannot be blank", "/value"),
    ({"name": "n", "value": " "}, "value cannot be blank", "/value"),
    ({"name": "n", "value": "v" * 16_001}, "value cannot exceed 16000 characters", "/value"),
    *(
        ({"name": "n", "value": value}, "Snippets cannot contain Liquid code referencing other snippets.", "/value")
        for value in ("{{ snippets.footer }}", 'a {{snippets["x"]}}', "{% if snippets.x %}y{% endif %}")
    ),
]


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize(("body", "detail", "pointer"), REFUSED)
def test_what_is_refused(client, method, body, detail, pointer):
    reply = client(method, "/v1/snippets", body)
    assert (reply.status, reply.json) == (422, app_error(422, detail, pointer))
    assert client.get("/v1/snippets").json == {"snippets": []}


def test_the_longest_ones(client):
    body = {"name": "n" * 150, "value": "v" * 16_000}
    assert client.post("/v1/snippets", body).json == {"snippet": snippet(**body)}


def test_liquid_without_snippets_is_fine(client):
    value = "Dear {{ customer.name }}, {% if x %}snippets{% endif %}"
    assert client.post("/v1/snippets", {"name": "n", "value": value}).json == {"snippet": snippet("n", value)}


def test_a_taken_name(client):
    client.post("/v1/snippets", {"name": "footer", "value": "one"})
    reply = client.post("/v1/snippets", {"name": " footer", "value": "two"})
    assert (reply.status, reply.json) == (422, app_error(422, "A snippet with that name already exists", "/name"))
    assert client.get("/v1/snippets").json == {"snippets": [snippet("footer", "one")]}


def test_wrong_types(client):
    reply = client.post("/v1/snippets", {"name": 1, "value": "x"})
    assert (reply.status, reply.json) == (400, app_error(400, Like("bad request .*"), "/name"))


def test_delete(client):
    client.post("/v1/snippets", {"name": "a footer/1", "value": "one"})
    reply = client.delete("/v1/snippets/a%20footer%2F1")
    assert (reply.status, reply.raw) == (204, b"")
    assert client.get("/v1/snippets").json == {"snippets": []}
    again = client.delete("/v1/snippets/a%20footer%2F1")
    assert (again.status, again.json) == (404, app_error(404, "snippet not found"))
