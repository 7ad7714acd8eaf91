"""Collections: tables that messages look things up in."""

from __future__ import annotations

import orjson
import pytest

from tests.vendors.customerio.audience import invalid
from tests.vendors.customerio.bodies import NOW, app_error

ROWS = [{"eventDate": "2026-01-01", "eventName": "Gala"}, {"eventName": "Ball", "seats": 7}]
NO_COLLECTION = app_error(404, "collection not found")


def shown(number, rows, schema, **more):
    return {
        "id": number,
        "name": "events",
        "schema": schema,
        "rows": len(rows),
        "bytes": len(orjson.dumps(rows)),
        "created_at": NOW,
        "updated_at": NOW,
        **more,
    }


WHOLE = shown(1, ROWS, ["eventDate", "eventName", "seats"])


def make(client, **more):
    reply = client.post("/v1/collections", {"name": "events", "data": ROWS, **more})
    assert reply.status == 200, reply.text
    return reply


class TestMaking:
    def test_from_rows(self, client):
        reply = make(client)
        assert (reply.status, reply.json) == (200, {"collection": WHOLE})
        assert list(reply.json["collection"]) == list(WHOLE)
        assert client.get("/v1/collections/1").json == {"collection": WHOLE}
        assert client.get("/v1/collections").json == {"collections": [WHOLE]}

    @pytest.mark.parametrize(
        ("url", "rows"),
        [
            ("data:text/csv,a,b%0A1,2%0A3,", [{"a": "1", "b": "2"}, {"a": "3", "b": ""}]),
            ("data:application/json,%5B%7B%22a%22:1%7D%5D", [{"a": 1}]),
        ],
    )
    def test_from_a_file(self, client, url, rows):
        reply = client.post("/v1/collections", {"name": "events", "url": url})
        assert reply.json == {"collection": shown(1, rows, list(rows[0]))}
        assert client.get("/v1/collections/1/content").json == rows

    def test_empty(self, client):
        assert make(client, data=[]).json == {"collection": shown(1, [], [])}

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ({}, invalid("/name")),
            ({"name": "x"}, app_error(400, "data or url is required")),
            ({"name": " ", "data": []}, app_error(400, "name is required")),
            ({"name": 7, "data": []}, invalid("/name")),
            ({"name": "x", "data": {}}, invalid("/data")),
            ({"name": "x", "data": [1]}, invalid("/data/0")),
            ({"name": "x", "data": [], "url": "data:,a"}, app_error(400, "data and url cannot be used together")),
            (
                {"name": "x", "url": "https://example.com/a.csv"},
                app_error(400, "unable to download file: the sandbox fetches files from this machine alone"),
            ),
            ({"name": "x", "url": "data:,%7B%7D"}, app_error(400, "unable to read file")),
        ],
    )
    def test_malformed(self, client, body, expected):
        reply = client.post("/v1/collections", body)
        assert (reply.status, reply.json) == (400, expected)
        assert client.get("/v1/collections").json == {"collections": []}


class TestChanging:
    def test_the_name(self, client):
        make(client)
        client.clock(advance="1m")
        expected = {**WHOLE, "name": "shows", "updated_at": NOW + 60}
        reply = client.put("/v1/collections/1", {"name": "shows"})
        assert (reply.status, reply.json) == (200, {"collection": expected})
        assert client.get("/v1/collections/1/content").json == ROWS

    @pytest.mark.parametrize("body", [{"data": [{"a": 1}]}, {"url": "data:,%5B%7B%22a%22:1%7D%5D"}])
    def test_the_rows(self, client, body):
        make(client)
        reply = client.put("/v1/collections/1", body)
        assert reply.json == {"collection": shown(1, [{"a": 1}], ["a"])}
        assert client.get("/v1/collections/1/content").json == [{"a": 1}]

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ({"name": ""}, app_error(400, "name is required")),
            ({"data": [[]]}, invalid("/data/0")),
            ({"data": [], "url": "data:,a"}, app_error(400, "data and url cannot be used together")),
        ],
    )
    def test_malformed(self, client, body, expected):
        make(client)
        reply = client.put("/v1/collections/1", body)
        assert (reply.status, reply.json) == (400, expected)
        assert client.get("/v1/collections/1").json == {"collection": WHOLE}


class TestContent:
    def test_is_the_bare_array(self, client):
        make(client)
        reply = client.get("/v1/collections/1/content")
        assert (reply.status, reply.json) == (200, ROWS)

    def test_is_replaced(self, client):
        make(client)
        reply = client.put("/v1/collections/1/content", [{"z": None}])
        assert (reply.status, reply.json) == (200, {"collection": shown(1, [{"z": None}], ["z"])})
        assert client.get("/v1/collections/1/content").json == [{"z": None}]

    @pytest.mark.parametrize("body", [{}, {"data": []}, [1], "x", None])
    def test_malformed(self, client, body):
        make(client)
        reply = client.put("/v1/collections/1/content", body)
        assert (reply.status, reply.json) == (400, app_error(400, "bad request"))
        assert client.get("/v1/collections/1/content").json == ROWS


def test_deleting(client):
    make(client)
    make(client, name="others")
    reply = client.delete("/v1/collections/1")
    assert (reply.status, reply.raw) == (204, b"")
    assert [one["id"] for one in client.get("/v1/collections").json["collections"]] == [2]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", ...),
        ("PUT", "", {"name": "x"}),
        ("DELETE", "", ...),
        ("GET", "/content", ...),
        ("PUT", "/content", []),
    ],
)
@pytest.mark.parametrize("id", ["9", "x"])
def test_unknown_ones(client, method, path, body, id):
    make(client)
    reply = client(method, f"/v1/collections/{id}{path}", body)
    assert (reply.status, reply.json) == (404, NO_COLLECTION)
