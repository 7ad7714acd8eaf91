"""Objects through the App API: types, searches, attributes and who is related to what."""

from __future__ import annotations

import pytest

from lookalike.vendors.customerio import objects
from tests.support import Like
from tests.vendors.customerio.audience import invalid, known, pages, part_of, person, thing
from tests.vendors.customerio.bodies import NOW, app_error

NO_OBJECT = app_error(404, "object not found")
CIO_OBJECT = Like("ob[0-9a-f]{12}")


def eq(field, value, **more):
    return {"object_attribute": {"field": field, "operator": "eq", "value": value, **more}}


def has(field, **more):
    return {"object_attribute": {"field": field, "operator": "exists", **more}}


def search(client, filter, type="1", **query):
    return client.post("/v1/objects", {"object_type_id": type, "filter": filter}, query=query)


class TestTypes:
    def test_none(self, client):
        reply = client.get("/v1/object_types")
        assert (reply.status, reply.json) == (200, {"types": []})

    def test_by_number(self, client):
        objects.add_type(part_of(client), "1", "Concerts", "Concert", "calendar")
        thing(client, "12", "x")
        thing(client, "2", "x")
        types = client.get("/v1/object_types").json["types"]
        assert types[0] == {
            "id": "1",
            "name": "Concerts",
            "slug": "concerts",
            "singular_name": "Concert",
            "singular_slug": "concert",
            "enabled": True,
            "icon": "calendar",
        }
        assert [one["id"] for one in types] == ["1", "2", "12"]


class TestSearch:
    @pytest.fixture(autouse=True)
    def _objects(self, client):
        thing(client, "1", "acme", plan="pro", size=5)
        thing(client, "1", "umbrella", plan="free")
        thing(client, "2", "acme", plan="pro")
        thing(client, "1", "initech", plan="pro", vip=True)

    @pytest.mark.parametrize(
        ("filter", "expected"),
        [
            (eq("plan", "pro"), ["acme", "initech"]),
            (eq("plan", "pro", type_id="1"), ["acme", "initech"]),
            (eq("plan", "pro", type_id=1), ["acme", "initech"]),
            (eq("size", "5"), ["acme"]),
            (eq("vip", "true"), ["initech"]),
            (has("size"), ["acme"]),
            (has("object_id"), ["acme", "umbrella", "initech"]),
            (eq("object_id", "umbrella"), ["umbrella"]),
            ({"not": has("size")}, ["umbrella", "initech"]),
            ({"and": [eq("plan", "pro"), {"not": has("vip")}]}, ["acme"]),
            ({"or": [eq("plan", "free"), has("vip")]}, ["umbrella", "initech"]),
            (eq("plan", "nothing"), []),
        ],
    )
    def test_which_fit(self, client, filter, expected):
        reply = search(client, filter)
        assert (reply.status, reply.json) == (
            200,
            {
                "identifiers": [{"object_id": id, "cio_object_id": CIO_OBJECT} for id in expected],
                "ids": expected,
                "next": "",
            },
        )
        found = pages(client, lambda query: search(client, filter, **query), {"limit": 1}, "ids")
        assert [id for page in found for id in page] == expected

    def test_of_another_type(self, client):
        assert search(client, eq("plan", "pro"), 2).json["ids"] == ["acme"]
        assert search(client, has("object_id"), "3").json == {"identifiers": [], "ids": [], "next": ""}

    @pytest.mark.parametrize(
        ("filter", "detail"),
        [
            ({}, "a filter must be an object with exactly one of and, or, not, object_attribute"),
            ({"segment": {"id": 1}}, "segment is not a known filter"),
            ({"attribute": {"field": "plan", "operator": "exists"}}, "attribute is not a known filter"),
            ({"and": []}, "and must be a list of at least one filter"),
            (
                has("plan", type_id="2"),
                "object_attribute.type_id must be the type of the objects that are searched",
            ),
            ({"object_attribute": 1}, "object_attribute must be an object"),
            ({"object_attribute": {"field": "plan"}}, "object_attribute.operator must be one of eq, exists"),
            (
                {"object_attribute": {"field": "plan", "operator": "eq"}},
                "object_attribute.value is required",
            ),
        ],
    )
    def test_what_is_no_filter(self, client, filter, detail):
        reply = search(client, filter)
        assert (reply.status, reply.json) == (400, app_error(400, detail))

    @pytest.mark.parametrize(
        ("body", "pointers"),
        [
            ({}, ["/object_type_id", "/filter"]),
            ({"object_type_id": "1"}, ["/filter"]),
            ({"object_type_id": "1", "filter": []}, ["/filter"]),
        ],
    )
    def test_malformed(self, client, body, pointers):
        reply = client.post("/v1/objects", body)
        assert reply.status == 400
        assert [error["source"]["pointer"].split("/")[1] for error in reply.json["errors"]][-1] == "filter"
        assert reply.json["errors"][-1]["detail"].startswith("bad request (reference ")


class TestAttributes:
    def test_by_both_ids(self, client):
        thing(client, "1", "acme", plan="pro", size=5)
        reply = client.get("/v1/objects/1/acme/attributes")
        expected = {
            "object": {
                "object_type_id": "1",
                "identifiers": {"object_id": "acme", "cio_object_id": CIO_OBJECT},
                "attributes": {"plan": "pro", "size": "5"},
                "timestamps": {"plan": NOW, "size": NOW},
            }
        }
        assert (reply.status, reply.json) == (200, expected)
        cio_object_id = reply.json["object"]["identifiers"]["cio_object_id"]
        again = client.get(f"/v1/objects/1/{cio_object_id}/attributes?id_type=cio_object_id")
        assert again.json == reply.json
        assert client.get(f"/v1/objects/2/{cio_object_id}/attributes?id_type=cio_object_id").json == NO_OBJECT

    @pytest.mark.parametrize("path", ["attributes", "relationships"])
    @pytest.mark.parametrize(
        "place", ["1/x", "2/acme", "x/acme", "1/x/?id_type=cio_object_id", "1/acme/?id_type=cio_object_id"]
    )
    def test_unknown(self, client, path, place):
        thing(client, "1", "acme")
        place, _, query = place.partition("/?")
        reply = client.get(f"/v1/objects/{place}/{path}?{query}")
        assert (reply.status, reply.json) == (404, NO_OBJECT)

    @pytest.mark.parametrize("path", ["attributes", "relationships"])
    def test_an_unknown_kind_of_id(self, client, path):
        thing(client, "1", "acme")
        reply = client.get(f"/v1/objects/1/acme/{path}?id_type=name")
        assert (reply.status, reply.json) == (400, invalid("/id_type"))


class TestRelationships:
    def test_of_an_object(self, client):
        cio_ids = [person(client, id, email=f"p{id}@example.com") for id in "123"]
        thing(client, "1", "acme", "3", "1")
        thing(client, "1", "other", "2")
        reply = client.get("/v1/objects/1/acme/relationships")
        assert (reply.status, reply.json) == (
            200,
            {
                "cio_relationships": [
                    {
                        "object_type_id": "1",
                        "identifiers": known(id, f"p{id}@example.com", cio_ids[int(id) - 1]),
                        "attributes": {"role": "member"},
                        "timestamps": {"role": NOW},
                    }
                    for id in "13"
                ],
                "next": "",
            },
        )

    def test_of_a_person(self, client):
        person(client, "1")
        thing(client, "1", "acme", "1")
        thing(client, "2", "gala", "1")
        thing(client, "1", "other")
        reply = client.get("/v1/customers/1/relationships")
        assert (reply.status, reply.json) == (
            200,
            {
                "cio_relationships": [
                    {
                        "object_type_id": type,
                        "identifiers": {"object_id": id, "cio_object_id": CIO_OBJECT},
                        "attributes": {"role": "member"},
                        "timestamps": {"role": NOW},
                    }
                    for type, id in ((1, "acme"), (2, "gala"))
                ],
                "next": "",
            },
        )

    def test_to_the_end(self, client):
        for id in "12345":
            person(client, id)
            thing(client, "1", f"o{id}", "1")
        thing(client, "1", "all", *"12345")
        for limit in (1, 2, 5, 6):
            query = {"limit": limit}
            people = pages(
                client,
                lambda more: client.get("/v1/objects/1/all/relationships", query=more),
                query,
                "cio_relationships",
            )
            assert [one["identifiers"]["id"] for page in people for one in page] == list("12345")
            assert all(len(page) == limit for page in people[:-1])
            things = pages(
                client,
                lambda more: client.get("/v1/customers/1/relationships", query=more),
                query,
                "cio_relationships",
            )
            ids = [one["identifiers"]["object_id"] for page in things for one in page]
            assert ids == ["o1", "o2", "o3", "o4", "o5", "all"]

    def test_follow_their_people_and_objects(self, client):
        for id in "12":
            person(client, id)
        thing(client, "1", "acme", "1", "2")
        client.delete("/api/v1/customers/1")
        shown = client.get("/v1/objects/1/acme/relationships").json["cio_relationships"]
        assert [one["identifiers"]["id"] for one in shown] == ["2"]
        gone = {"type": "object", "action": "delete", "identifiers": {"object_type_id": "1", "object_id": "acme"}}
        assert client.post("/api/v2/entity", gone).status == 200
        assert client.get("/v1/customers/2/relationships").json == {"cio_relationships": [], "next": ""}

    @pytest.mark.parametrize("path", ["/v1/objects/1/acme/relationships", "/v1/customers/1/relationships"])
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({"limit": 0}, invalid("/limit")),
            ({"start": "?"}, app_error(400, "invalid start value")),
        ],
    )
    def test_no_such_page(self, client, path, query, expected):
        person(client, "1")
        thing(client, "1", "acme", "1")
        reply = client.get(path, query=query)
        assert (reply.status, reply.json) == (400, expected)
