"""What happened: in the workspace, to a person, to those who are gone."""

from __future__ import annotations

import pytest

from lookalike.vendors.customerio import deliveries, people
from tests.vendors.customerio.audience import invalid, known, pages, part_of, person
from tests.vendors.customerio.bodies import NOW, ULID, app_error


def listed(client, path="/v1/activities", **query):
    reply = client.get(path, query={"limit": 100, **query})
    assert reply.status == 200, reply.text
    return reply.json["activities"]


def types(client, path="/v1/activities", **query):
    return [one["type"] for one in listed(client, path, **query)]


def event(client, id, name, type="event", **data):
    reply = client.post(f"/api/v1/customers/{id}/events", {"name": name, "type": type, "data": data})
    assert reply.status == 200, reply.text


class TestShape:
    def test_an_event(self, client):
        cio_id = person(client, "1", email="a@example.com")
        event(client, "1", "purchase", price=5)
        reply = client.get("/v1/activities?type=event")
        assert (reply.status, reply.json) == (
            200,
            {
                "activities": [
                    {
                        "id": ULID,
                        "type": "event",
                        "name": "purchase",
                        "timestamp": NOW,
                        "customer_id": "1",
                        "customer_identifiers": known("1", "a@example.com", cio_id),
                        "data": {"price": 5},
                    }
                ],
                "next": "",
            },
        )

    @pytest.mark.parametrize(("type", "key"), [("page", "url"), ("screen", "name")])
    def test_a_view(self, client, type, key):
        person(client, "1")
        event(client, "1", "Home", type)
        (found,) = listed(client, type=type)
        assert {name: value for name, value in found.items() if name in ("name", "url")} == {key: "Home"}

    def test_a_change_of_attributes(self, client):
        person(client, "1", plan="free")
        client.put("/api/v1/customers/1", {"plan": "pro"})
        found = listed(client, type="attribute_change")[0]
        assert found["data"] == {"plan": {"from": "free", "to": "pro"}}
        assert "name" not in found

    def test_one_of_a_message(self, client):
        person(client, "1", email="a@example.com")
        part = part_of(client)
        who = people.find(part, "id", "1")
        message = deliveries.add_delivery(
            part, who, {"id": "d1", "type": "email", "recipient": "a@example.com", "subject": "Hi"}
        )
        deliveries.mark(part, message, "sent")
        (found,) = listed(client, type="sent_email")
        assert found == {
            "id": ULID,
            "type": "sent_email",
            "timestamp": NOW,
            "customer_id": "1",
            "customer_identifiers": known("1", "a@example.com"),
            "data": {"delivered": None, "delivery_id": "d1", "opened": None},
            "delivery_id": "d1",
            "delivery_type": "email",
        }

    def test_how_far_a_message_is(self, client):
        person(client, "1", email="a@example.com")
        body = {"identifiers": {"id": "1"}, "transactional_message_id": 3, "to": "a@example.com"}
        id = client.post("/v1/send/email", body).json["delivery_id"]
        client.post("/api/v1/metrics", {"delivery_id": id, "metric": "clicked", "href": "https://x.co"})
        shown = {one["type"]: one["data"] for one in listed(client, limit=5)}
        before = {"delivered": None, "delivery_id": id, "opened": None}
        opened = before | {"delivered": NOW, "opened": True}
        assert shown == {
            "attempted_email": before,
            "sent_email": before,
            "delivered_email": before | {"delivered": NOW},
            "opened_email": opened | {"synthetic": True},
            "clicked_email": opened | {"href": "https://x.co"},
        }


class TestOfAPerson:
    def test_newest_first(self, client):
        person(client, "1")
        person(client, "2")
        for name in ("a", "b"):
            client.clock(advance="1m")
            event(client, "1", name)
        event(client, "2", "c")
        found = listed(client, "/v1/customers/1/activities")
        assert [one.get("name") for one in found[:2]] == ["b", "a"]
        assert {one["customer_id"] for one in found} == {"1"}
        assert [one["timestamp"] for one in found[:2]] == [NOW + 120, NOW + 60]

    @pytest.mark.parametrize(
        ("query", "count"),
        [
            ({"type": "event"}, 3),
            ({"type": "event", "name": "view"}, 2),
            ({"name": "view"}, 2),
            ({"type": "page"}, 0),
            ({"name": "nothing"}, 0),
            ({"type": "attribute_change", "name": "plan"}, 1),
            ({"type": "attribute_change", "name": "view"}, 0),
        ],
    )
    def test_narrowed_down(self, client, query, count):
        person(client, "1", plan="pro")
        person(client, "2", plan="pro")
        for name in ("view", "buy", "view"):
            event(client, "1", name)
        assert len(listed(client, "/v1/customers/1/activities", **query)) == count

    @pytest.mark.parametrize("limit", [1, 3, 10])
    def test_to_the_end(self, client, limit):
        person(client, "1")
        for number in range(9):
            event(client, "1", f"e{number}")
        found = pages(
            client,
            lambda query: client.get("/v1/customers/1/activities", query=query),
            {"limit": limit, "type": "event"},
            "activities",
        )
        assert [one["name"] for page in found for one in page] == [f"e{n}" for n in range(8, -1, -1)]
        assert all(len(page) == limit for page in found[:-1])

    def test_ten_unless_asked(self, client):
        person(client, "1")
        for number in range(12):
            event(client, "1", f"e{number}")
        for path in ("/v1/customers/1/activities", "/v1/activities"):
            assert len(client.get(path).json["activities"]) == 10


class TestOfTheWorkspace:
    def test_of_one_person(self, client):
        cio_id = person(client, "1", email="a@example.com")
        person(client, "2")
        for id in "12":
            event(client, id, "view")
        for asked, kind in (("1", "id"), ("A@example.com", "email"), (cio_id, "cio_id"), (f"cio_{cio_id}", "cio_id")):
            found = listed(client, customer_id=asked, id_type=kind, type="event")
            assert [one["customer_id"] for one in found] == ["1"]
        assert listed(client, customer_id="3") == []

    @pytest.mark.parametrize(
        ("query", "count"),
        [({"type": "event"}, 4), ({"type": "event", "name": "view"}, 2), ({"name": "buy"}, 2), ({"type": "page"}, 0)],
    )
    def test_narrowed_down(self, client, query, count):
        for id in "12":
            person(client, id)
            event(client, id, "view")
            event(client, id, "buy")
        assert len(listed(client, **query)) == count

    def test_of_those_who_are_gone(self, client):
        for id in "12":
            person(client, id, email=f"{'a' * int(id)}@example.com")
            event(client, id, "view")
        client.delete("/api/v1/customers/1")
        assert {one["customer_id"] for one in listed(client)} == {"2"}
        gone = listed(client, deleted="true")
        assert {one["customer_id"] for one in gone} == {"1"}
        assert gone[0]["type"] == "profile_delete"
        assert [one["name"] for one in listed(client, deleted="true", customer_id="1", type="event")] == ["view"]
        assert listed(client, customer_id="1") == []
        cio_id = gone[0]["customer_identifiers"]["cio_id"]
        for asked, kind in ((cio_id, "cio_id"), (f"cio_{cio_id}", "cio_id"), ("A@example.com", "email")):
            assert listed(client, deleted="true", customer_id=asked, id_type=kind) == gone
            assert listed(client, customer_id=asked, id_type=kind) == []

    def test_to_the_end(self, client):
        person(client, "1")
        for number in range(7):
            event(client, "1", f"e{number}")
        everything = [one["id"] for one in listed(client)]
        found = pages(client, lambda query: client.get("/v1/activities", query=query), {"limit": 2}, "activities")
        assert [one["id"] for page in found for one in page] == everything
        assert len(everything) >= 8

    def test_of_nobody_yet(self, client):
        client.post("/api/v1/events", {"name": "visit", "anonymous_id": "x", "data": {"page": 1}})
        (found,) = listed(client)
        assert found == {
            "id": ULID,
            "type": "event",
            "name": "visit",
            "timestamp": NOW,
            "customer_id": None,
            "customer_identifiers": None,
            "data": {"page": 1},
        }
        person(client, "1", anonymous_id="x")
        assert [one["name"] for one in listed(client, customer_id="1", type="event")] == ["visit"]

    def test_nothing_yet(self, client):
        assert client.get("/v1/activities").json == {"activities": [], "next": ""}


@pytest.mark.parametrize("path", ["/v1/activities", "/v1/customers/1/activities"])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"limit": 0}, invalid("/limit")),
        ({"limit": "x"}, invalid("/limit")),
        ({"id_type": "name"}, invalid("/id_type")),
        ({"start": "x"}, app_error(400, "invalid start value")),
        ({"start": "MDox"}, None),
    ],
)
def test_what_makes_no_sense(client, path, query, expected):
    person(client, "1")
    reply = client.get(path, query=query)
    if expected is None:
        assert (reply.status, reply.json) == (200, {"activities": [], "next": ""})
    else:
        assert (reply.status, reply.json) == (400, expected)
