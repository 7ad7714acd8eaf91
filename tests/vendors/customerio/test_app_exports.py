"""Exports: asked for, done by the next request, fetched by a link that does not last."""

from __future__ import annotations

import csv
import io
from urllib.parse import urlsplit

import pytest

from lookalike.vendors.customerio import deliveries, people
from tests.support import Client, Like
from tests.vendors.customerio.audience import invalid, known, part_of, person, segment
from tests.vendors.customerio.bodies import NOW, app_error

NO_EXPORT = app_error(404, "export not found")
EVERYBODY = {"attribute": {"field": "cio_id", "operator": "exists"}}


def shown(number, **more):
    return {
        "id": number,
        "user_id": 0,
        "user_email": "api@example.com",
        "total": 0,
        "deduplicate_id": f"{number}:{NOW}",
        "type": "customers",
        "failed": False,
        "description": "Customers export",
        "downloads": 0,
        "status": "pending",
        "created_at": NOW,
        "updated_at": NOW,
        **more,
    }


def rows(client, number):
    """What the file of an export says."""
    url = client.get(f"/v1/exports/{number}/download").json["url"]
    reply = client.as_key(None).get(urlsplit(url).path.removeprefix("/customerio"))
    assert (reply.status, reply.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    return list(csv.DictReader(io.StringIO(reply.text)))


class TestPeople:
    def test_from_pending_to_done(self, client):
        for id in "123":
            person(client, id, plan="pro" if id != "2" else "free")
        pros = {"attribute": {"field": "plan", "operator": "eq", "value": "pro"}}
        reply = client.post("/v1/exports/customers", {"filters": pros})
        assert (reply.status, reply.json) == (200, {"export": shown(1)})
        assert list(reply.json["export"]) == list(shown(1))
        done = shown(1, status="done", total=2)
        reply = client.get("/v1/exports/1")
        assert (reply.status, reply.json) == (200, {"export": done})
        assert client.get("/v1/exports").json == {"exports": [done]}

    def test_what_the_file_says(self, client):
        cio_ids = [person(client, "1", email="a@example.com", plan="pro, team"), person(client, email="b@example.com")]
        client.post("/v1/exports/customers", {"filters": EVERYBODY})
        assert rows(client, 1) == [
            {"email": "a@example.com", "id": "1", "cio_id": cio_ids[0], "plan": "pro, team"},
            {"email": "b@example.com", "id": "", "cio_id": cio_ids[1], "plan": ""},
        ]
        client.post("/v1/exports/customers", {"filters": EVERYBODY, "attributes": ["plan", "score"]})
        assert rows(client, 2)[0] == {**known("1", "a@example.com", cio_ids[0]), "plan": "pro, team", "score": ""}

    def test_of_a_segment(self, client):
        for id in "12":
            person(client, id)
        number = segment(client, "Some", "2")
        client.post("/v1/exports/customers", {"filters": {"and": [{"segment": {"id": number}}]}})
        assert [row["id"] for row in rows(client, 1)] == ["2"]

    def test_of_a_segment_that_is_not_there(self, client):
        person(client, "1")
        reply = client.post("/v1/exports/customers", {"filters": {"or": [{"segment": {"id": 0}}]}})
        assert (reply.status, reply.json) == (200, {"export": shown(1)})
        assert client.get("/v1/exports/1").json == {"export": shown(1, status="done")}
        assert rows(client, 1) == []

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ({}, invalid("/filters")),
            ({"filter": EVERYBODY}, invalid("/filters")),
            ({"filters": []}, invalid("/filters")),
            ({"filters": EVERYBODY, "attributes": "plan"}, invalid("/attributes")),
            ({"filters": {"or": []}}, app_error(400, "or must be a list of at least one filter")),
        ],
    )
    def test_malformed(self, client, body, expected):
        reply = client.post("/v1/exports/customers", body)
        assert (reply.status, reply.json) == (400, expected)
        assert client.get("/v1/exports").json == {"exports": None}


class TestDeliveries:
    @pytest.fixture(autouse=True)
    def _deliveries(self, client):
        person(client, "1", email="a@example.com")
        part = part_of(client)
        who = people.find(part, "id", "1")
        for number in range(1, 6):
            metrics = {"sent": NOW, **({"opened": NOW} if number == 2 else {})}
            delivery = {"id": f"d{number}", "type": "email", "recipient": "a@example.com", "subject": f"S{number}"}
            more = {"newsletter_id": 7 if number < 4 else 8, "action_id": number}
            deliveries.add_delivery(part, who, {**delivery, **more, "metrics": metrics})
            client.clock(advance="1m")
        client.clock(freeze="2026-01-05T09:00:00.000Z")

    def test_whole(self, client):
        reply = client.post("/v1/exports/deliveries", {"newsletter_id": 7})
        expected = shown(1, type="deliveries", description="Deliveries export")
        assert (reply.status, reply.json) == (200, {"export": expected})
        assert client.get("/v1/exports/1").json == {"export": {**expected, "status": "done", "total": 3}}
        found = rows(client, 1)
        assert [row["delivery_id"] for row in found] == ["d3", "d2", "d1"]
        cio_id = client.get("/v1/customers/1/attributes").json["customer"]["identifiers"]["cio_id"]
        assert found[1] == {
            "delivery_id": "d2",
            "type": "email",
            "cio_id": cio_id,
            "recipient": "a@example.com",
            "subject": "S2",
            "created": str(NOW + 60),
            "sent": str(NOW),
            "delivered": "",
            "opened": str(NOW),
            "clicked": "",
        }

    @pytest.mark.parametrize(
        ("asked", "expected"),
        [
            ({"newsletter_id": 8}, ["d5", "d4"]),
            ({"action_id": 2}, ["d2"]),
            ({"newsletter_id": 7, "start": NOW + 60}, ["d3", "d2"]),
            ({"newsletter_id": 7, "end": NOW + 60}, ["d2", "d1"]),
            ({"newsletter_id": 7, "metric": "opened"}, ["d2"]),
            ({"newsletter_id": 7, "template_id": 1}, []),
            ({"campaign_id": 1}, []),
        ],
    )
    def test_narrowed_down(self, client, asked, expected):
        client.post("/v1/exports/deliveries", {**asked, "attributes": ["subject"]})
        found = rows(client, 1)
        assert [row["delivery_id"] for row in found] == expected
        assert all(list(row) == ["delivery_id", "subject"] for row in found)

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            (
                {},
                app_error(400, "one of newsletter_id, campaign_id, transactional_message_id, action_id is required"),
            ),
            ({"newsletter_id": "7"}, invalid("/newsletter_id")),
            ({"newsletter_id": 7, "start": "now"}, invalid("/start")),
        ],
    )
    def test_malformed(self, client, body, expected):
        reply = client.post("/v1/exports/deliveries", body)
        assert (reply.status, reply.json) == (400, expected)


class TestLinks:
    def test_each_is_a_download(self, client):
        client.post("/v1/exports/customers", {"filters": EVERYBODY})
        reply = client.get("/v1/exports/1/download")
        url = Like(r"http://127\.0\.0\.1:7357/customerio/downloads/[A-Za-z0-9_-]+")
        assert (reply.status, reply.json) == (200, {"url": url})
        assert client.get("/v1/exports/1/download").json != reply.json
        assert client.get("/v1/exports/1").json["export"]["downloads"] == 2

    def test_fifteen_minutes(self, client):
        client.post("/v1/exports/customers", {"filters": EVERYBODY})
        path = urlsplit(client.get("/v1/exports/1/download").json["url"]).path.removeprefix("/customerio")
        client.clock(advance="899s")
        assert client.as_key(None).get(path).status == 200
        client.clock(advance="1s")
        assert client.as_key(None).get(path).status == 404
        assert len(rows(client, 1)) == 0

    def test_the_workspace_is_in_the_link(self, client):
        other = client.as_key("cio_lookalike~ci7")
        assert other.put("/api/v1/customers/9", {"plan": "pro"}).status == 200
        other.post("/v1/exports/customers", {"filters": EVERYBODY})
        assert [row["id"] for row in rows(other, 1)] == ["9"]
        assert client.get("/v1/exports").json == {"exports": None}

    def test_unknown_links(self, client):
        assert client.as_key(None).get("/downloads/x").status == 404


def test_none_is_null(client):
    reply = client.get("/v1/exports")
    assert (reply.status, reply.raw) == (200, b'{"exports":null}')


@pytest.mark.parametrize("id", ["9", "x", "01"])
@pytest.mark.parametrize("path", ["", "/download"])
def test_unknown_ones(client, id, path):
    client.post("/v1/exports/customers", {"filters": EVERYBODY})
    reply = client.get(f"/v1/exports/{id}{path}")
    assert (reply.status, reply.json) == (404, NO_EXPORT)


def test_an_export_outlives_a_restart(tmp_path):
    store = {"store": f"tinydb:{tmp_path / 'state.json'}"}
    client = Client("customerio", settings=store)
    client.put("/api/v1/customers/1", {"plan": "pro"})
    client.post("/v1/exports/customers", {"filters": EVERYBODY})
    client.sandbox.close()
    again = Client("customerio", settings=store)
    assert [row["id"] for row in rows(again, 1)] == ["1"]
    again.sandbox.close()
