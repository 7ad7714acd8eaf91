"""Segments through the App API: made, listed, counted, paged through and deleted."""

from __future__ import annotations

import pytest

from lookalike import pieces, turns
from lookalike.vendors.customerio import people, segmentation
from tests.vendors.customerio.audience import invalid, known, pages, part_of, person, segment
from tests.vendors.customerio.bodies import NOW, app_error

NO_SEGMENT = app_error(404, "segment not found")


def shown(number, name, **more):
    return {
        "id": number,
        "deduplicate_id": f"{number}:{NOW}",
        "name": name,
        "description": "",
        "state": "finished",
        "progress": None,
        "type": "manual",
        "tags": None,
        "created_at": NOW,
        "updated_at": NOW,
        **more,
    }


class TestMaking:
    def test_one(self, client):
        reply = client.post("/v1/segments", {"segment": {"name": "Buyers", "description": "Who bought"}})
        assert (reply.status, reply.json) == (200, {"segment": shown(1, "Buyers", description="Who bought")})
        assert list(reply.json["segment"]) == list(shown(1, "Buyers"))
        assert client.get("/v1/segments/1").json == reply.json

    def test_several_of_one_name(self, client):
        for number in (1, 2):
            reply = client.post("/v1/segments", {"segment": {"name": "Buyers"}})
            assert reply.json == {"segment": shown(number, "Buyers")}

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({}, "/segment"),
            ({"segment": {}}, "/segment/name"),
            ({"segment": {"name": ""}}, "/segment/name"),
            ({"segment": {"name": 7}}, "/segment/name"),
            ({"segment": {"name": "x", "description": 7}}, "/segment/description"),
            ({"name": "x"}, "/segment"),
        ],
    )
    def test_malformed(self, client, body, pointer):
        reply = client.post("/v1/segments", body)
        assert (reply.status, reply.json) == (400, invalid(pointer))
        assert client.get("/v1/segments").json == {"segments": []}


class TestListing:
    def test_none(self, client):
        reply = client.get("/v1/segments")
        assert (reply.status, reply.json) == (200, {"segments": []})

    def test_oldest_first(self, client):
        for number in range(1, 12):
            segment(client, f"S{number}")
        assert client.get("/v1/segments").json == {"segments": [shown(n, f"S{n}") for n in range(1, 12)]}

    def test_a_data_driven_one(self, client):
        tree = {"field": "plan", "op": "equals", "value": "pro"}
        segmentation.add_segment(part_of(client), "Pros", "On the plan", tree)
        assert client.get("/v1/segments/1").json == {
            "segment": shown(1, "Pros", description="On the plan", type="dynamic")
        }


class TestMembers:
    def test_whole_answer(self, client):
        cio_ids = [person(client, "1", email="a@example.com"), person(client, email="b@example.com")]
        number = segment(client, "Both", "1")
        client.post(f"/api/v1/segments/{number}/add_customers?id_type=email", {"ids": ["b@example.com"]})
        reply = client.get(f"/v1/segments/{number}/membership")
        assert (reply.status, reply.json) == (
            200,
            {
                "segment_id": number,
                "ids": ["1", ""],
                "identifiers": [
                    known("1", "a@example.com", cio_ids[0]),
                    known(None, "b@example.com", cio_ids[1]),
                ],
                "next": "",
            },
        )
        assert list(reply.json) == ["segment_id", "ids", "identifiers", "next"]
        assert client.get(f"/v1/segments/{number}/customer_count").json == {"segment_id": number, "count": 2}

    @pytest.mark.parametrize(("limit", "sizes"), [(1, [1] * 7), (3, [3, 3, 1]), (7, [7]), (50_000, [7])])
    def test_to_the_end(self, client, limit, sizes):
        ids = list("1234567")
        for id in ids:
            person(client, id)
        number = segment(client, "All", *reversed(ids))
        found = pages(
            client,
            lambda query: client.get(f"/v1/segments/{number}/membership", query=query),
            {"limit": limit},
            "ids",
        )
        assert [len(page) for page in found] == sizes
        assert [id for page in found for id in page] == ids

    def test_follow_their_people(self, client):
        for id in "12":
            person(client, id)
        number = segment(client, "All", "1", "2")
        client.delete("/api/v1/customers/1")
        assert client.get(f"/v1/segments/{number}/membership").json["ids"] == ["2"]
        assert client.get(f"/v1/segments/{number}/customer_count").json["count"] == 1

    def test_of_a_data_driven_one(self, client):
        tree = {"all": [{"field": "plan", "op": "equals", "value": "pro"}]}
        segmentation.add_segment(part_of(client), "Pros", "", tree)
        person(client, "1", plan="pro")
        person(client, "2", plan="free")
        assert client.get("/v1/segments/1/membership").json["ids"] == ["1"]
        client.put("/api/v1/customers/2", {"plan": "pro"})
        client.put("/api/v1/customers/1", {"plan": "free"})
        assert client.get("/v1/segments/1/membership").json["ids"] == ["2"]
        assert client.get("/v1/segments/1/customer_count").json == {"segment_id": 1, "count": 1}

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({"limit": 0}, invalid("/limit")),
            ({"limit": "many"}, invalid("/limit")),
            ({"start": "!"}, app_error(400, "invalid start value")),
        ],
    )
    def test_no_such_page(self, client, query, expected):
        number = segment(client, "All")
        reply = client.get(f"/v1/segments/{number}/membership", query=query)
        assert (reply.status, reply.json) == (400, expected)


class TestDeleting:
    def test_a_manual_one(self, client):
        person(client, "1")
        number = segment(client, "Gone", "1")
        reply = client.delete(f"/v1/segments/{number}")
        assert (reply.status, reply.raw) == (204, b"")
        assert client.get(f"/v1/segments/{number}").json == NO_SEGMENT
        assert client.get("/v1/customers/1/segments").json == {"segments": []}
        again = segment(client, "Next")
        assert again == number + 1
        assert client.get(f"/v1/segments/{again}/membership").json["ids"] == []

    def test_one_with_many_members(self, client, monkeypatch):
        """Members leave little by little, others are asked in between, and nobody is left in it."""
        monkeypatch.setattr(pieces, "SLICE", 0)
        for number in range(70):
            person(client, f"u{number}")
        first = segment(client, "Gone", *(f"u{number}" for number in range(0, 70)))
        other = segment(client, "Kept", *(f"u{number}" for number in range(0, 70, 2)))
        seen = []

        def look(_turns: turns.Turns) -> None:
            seen.append(people.count_members(part_of(client), str(first)))
            assert client.get(f"/v1/segments/{first}").json == NO_SEGMENT
            among = {"filter": {"segment": {"id": first}}}
            assert client.post("/v1/customers", among).json == {"identifiers": [], "ids": [], "next": ""}
            assert client.get("/v1/customers/u69/segments").json == {"segments": []}
            assert client.post(f"/api/v1/segments/{first}/add_customers", {"ids": ["u69"]}).status == 400
            assert client.delete(f"/v1/segments/{first}").json == NO_SEGMENT

        monkeypatch.setattr(turns.Turns, "pass_on", look)
        reply = client.delete(f"/v1/segments/{first}")
        assert (reply.status, reply.raw) == (204, b"")
        assert seen == [50, 30, 10, 0]
        assert client.get(f"/v1/segments/{other}/customer_count").json == {"segment_id": other, "count": 35}

    def test_a_reset_meanwhile(self, client, monkeypatch):
        monkeypatch.setattr(pieces, "SLICE", 0)
        for number in range(30):
            person(client, f"u{number}")
        first = segment(client, "Gone", *(f"u{number}" for number in range(30)))
        monkeypatch.setattr(turns.Turns, "pass_on", lambda _self: client.control("POST", "/reset", {}))
        reply = client.delete(f"/v1/segments/{first}")
        assert (reply.status, reply.json) == (503, app_error(503, "the workspace was reset meanwhile"))
        assert client.get("/v1/segments").json == {"segments": []}

    def test_a_data_driven_one_stays(self, client):
        segmentation.add_segment(part_of(client), "Pros", "", {"field": "plan", "op": "equals", "value": "pro"})
        reply = client.delete("/v1/segments/1")
        assert (reply.status, reply.json) == (400, app_error(400, "segment is not a manual segment"))
        assert client.get("/v1/segments/1").status == 200


def test_used_by_nothing(client):
    number = segment(client)
    reply = client.get(f"/v1/segments/{number}/used_by")
    nothing = {"campaigns": [], "sent_newsletters": [], "draft_newsletters": []}
    assert (reply.status, reply.json) == (200, {"segment_id": number, "used_by": nothing})


@pytest.mark.parametrize("path", ["", "/customer_count", "/membership", "/used_by"])
@pytest.mark.parametrize("id", ["9", "x", "01", "-1"])
def test_unknown_ones(client, path, id):
    segment(client)
    reply = client.get(f"/v1/segments/{id}{path}")
    assert (reply.status, reply.json) == (404, NO_SEGMENT)
    assert client.delete(f"/v1/segments/{id}").json == NO_SEGMENT
