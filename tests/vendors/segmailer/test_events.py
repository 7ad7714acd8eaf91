"""SegMailer events: one by one and in bulk."""

from __future__ import annotations

import pytest

from tests.support import UUID
from tests.vendors.segmailer.bodies import (
    START,
    contact,
    held,
    invalid,
    listing,
    make_segment,
    upsert,
    where,
)

EMAIL = "identifier.email"
ANN = {"email": "ann@example.com"}
FULL = {
    "identifier": ANN,
    "event": "feature_activated",
    "data": {"feature_name": "reports", "seats": 3, "deep": {"list": [1, {"x": None}]}},
    "workflowIds": ["00000000-0000-4000-8000-000000000000"],
    "occurredAt": "2025-01-02T03:04:05.678Z",
}
INSTANT = "must be an ISO 8601 date and time"


def history(client, email="ann@example.com"):
    return client.get(f"/api/v2/contacts/{email}/events").json


def shown(event, data=None, at=START):
    return {"id": UUID, "event": event, "data": data or {}, "occurredAt": at, "receivedAt": START}


@pytest.mark.parametrize("path", ["/v1/events", "/api/v1/events", "/api/v2/events"])
class TestIngest:
    def test_every_member(self, client, path):
        ann = upsert(client, "ann@example.com", {"plan": "pro"})
        client.clock(freeze=START)
        reply = client.post(path, FULL)
        expected = {"id": UUID, "event": "feature_activated", "contactId": ann["id"], "status": "accepted"}
        assert (reply.status, reply.json) == (202, expected)
        kept = shown("feature_activated", FULL["data"], FULL["occurredAt"]) | {"id": reply.json["id"]}
        assert history(client) == listing(kept)

    def test_the_contact_stays_as_it_is(self, client, path):
        make_segment(client, "Seats", where("seats", "exists"))
        ann = upsert(client, "ann@example.com", {"plan": "pro"})
        client.clock(advance="1h")
        assert client.post(path, FULL).status == 202
        assert client.get("/api/v2/contacts/ann@example.com").json == ann

    def test_an_unknown_address_becomes_a_contact(self, client, path):
        everybody = make_segment(client, "Everybody", {"and": []})
        reply = client.post(path, {"identifier": {"email": " New@Example.com"}, "event": "x"})
        made = contact("new@example.com", id=reply.json["contactId"], segments=[(everybody, "Everybody")])
        assert client.get("/api/v2/contacts/new@example.com").json == made
        assert history(client, "new@example.com") == listing(shown("x"))

    def test_other_names_of_the_members(self, client, path):
        reply = client.post(path, {"identifier": ANN, "name": "signed_in", "properties": {"device": "phone"}})
        assert reply.json == {"id": UUID, "event": "signed_in", "contactId": UUID, "status": "accepted"}
        assert history(client) == listing(shown("signed_in", {"device": "phone"}))

    def test_the_first_names_win(self, client, path):
        body = {"identifier": ANN, "event": "a", "name": "b", "data": {"a": 1}, "properties": {"b": 2}}
        client.post(path, body)
        assert history(client) == listing(shown("a", {"a": 1}))

    @pytest.mark.parametrize(
        ("said", "kept"),
        [
            ("2025-01-02T03:04:05.678Z", "2025-01-02T03:04:05.678Z"),
            ("2025-01-02T03:04:05Z", "2025-01-02T03:04:05.000Z"),
            ("2025-01-02T03:04:05+02:00", "2025-01-02T01:04:05.000Z"),
            ("2025-01-02T03:04:05", "2025-01-02T03:04:05.000Z"),
            ("2025-01-02", "2025-01-02T00:00:00.000Z"),
            ("2031-01-02T00:00:00Z", "2031-01-02T00:00:00.000Z"),
            ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59.000Z"),
        ],
    )
    def test_when_it_happened(self, client, path, said, kept):
        client.post(path, {"identifier": ANN, "event": "x", "occurredAt": said})
        assert history(client) == listing(shown("x", at=kept))

    @pytest.mark.parametrize("event", ["x", "x" * 200, "feature_X_used", "with blanks", "Größe 🌻"])
    def test_names(self, client, path, event):
        assert client.post(path, {"identifier": ANN, "event": event}).json["event"] == event

    @pytest.mark.parametrize(
        ("body", "details"),
        [
            ({}, [(EMAIL, "is required"), ("event", "is required")]),
            ({"identifier": ANN}, [("event", "is required")]),
            ({"event": "x"}, [(EMAIL, "is required")]),
            ({"identifier": {}, "event": "x"}, [(EMAIL, "is required")]),
            ({"identifier": {"email": "ann"}, "event": "x"}, [(EMAIL, "must be a valid email address")]),
            ({"identifier": {"email": None}, "event": "x"}, [(EMAIL, "must be a string")]),
            ({"identifier": ANN, "event": ""}, [("event", "must not be empty")]),
            ({"identifier": ANN, "name": ""}, [("name", "must not be empty")]),
            ({"identifier": ANN, "event": "x" * 201}, [("event", "must have at most 200 characters")]),
            ({"identifier": ANN, "event": None}, [("event", "must be a string")]),
            ({"identifier": ANN, "event": 5}, [("event", "must be a string")]),
            ({"identifier": ANN, "event": "x", "data": []}, [("data", "must be an object")]),
            ({"identifier": ANN, "event": "x", "data": None}, [("data", "must be an object")]),
            ({"identifier": ANN, "event": "x", "properties": "x"}, [("properties", "must be an object")]),
            ({"identifier": ANN, "event": "x", "workflowIds": "x"}, [("workflowIds", "must be an array")]),
            ({"identifier": ANN, "event": "x", "workflowIds": [1]}, [("workflowIds.0", "must be a string")]),
            ({"identifier": ANN, "event": "x", "occurredAt": "yesterday"}, [("occurredAt", INSTANT)]),
            ({"identifier": ANN, "event": "x", "occurredAt": "2025-13-01T00:00:00Z"}, [("occurredAt", INSTANT)]),
            ({"identifier": ANN, "event": "x", "occurredAt": "9999-12-31T23:59:59-10:00"}, [("occurredAt", INSTANT)]),
            ({"identifier": ANN, "event": "x", "occurredAt": ""}, [("occurredAt", INSTANT)]),
            ({"identifier": ANN, "event": "x", "occurredAt": 1735787045}, [("occurredAt", "must be a string")]),
            ({"identifier": ANN, "event": "x", "occurredAt": None}, [("occurredAt", "must not be null")]),
        ],
    )
    def test_bad_input_changes_nothing(self, client, path, body, details):
        reply = client.post(path, body)
        assert (reply.status, reply.json) == (400, invalid(*details))
        assert held(client) == []


class TestBulk:
    def test_good_ones_and_bad_ones_in_order(self, client):
        rows = [
            {"identifier": ANN, "event": "one"},
            {"identifier": ANN},
            "x",
            {"identifier": {"email": "bob@example.com"}, "name": "two", "properties": {"n": 2}},
            {"identifier": {"email": "bob"}, "event": "three"},
        ]
        reply = client.post("/v1/events/bulk", {"events": rows})

        def failed(index, message):
            error = {"code": "validation_error", "message": message}
            return {"index": index, "id": None, "status": "failed", "error": error}

        assert (reply.status, reply.json) == (
            202,
            {
                "accepted": 2,
                "failed": 3,
                "results": [
                    {"index": 0, "id": UUID, "status": "accepted"},
                    failed(1, "event is required"),
                    failed(2, "must be an object"),
                    {"index": 3, "id": UUID, "status": "accepted"},
                    failed(4, "identifier.email must be a valid email address"),
                ],
            },
        )
        assert history(client) == listing(shown("one") | {"id": reply.json["results"][0]["id"]})
        assert history(client, "bob@example.com") == listing(
            shown("two", {"n": 2}) | {"id": reply.json["results"][3]["id"]}
        )

    def test_a_thousand_and_no_more(self, client):
        rows = [{"identifier": ANN, "event": f"e{number}"} for number in range(1000)]
        reply = client.post("/v1/events/bulk", {"events": rows})
        accepted = [{"index": number, "id": UUID, "status": "accepted"} for number in range(1000)]
        assert (reply.status, reply.json) == (202, {"accepted": 1000, "failed": 0, "results": accepted})
        assert history(client)["pagination"]["total"] == 1000
        before = held(client)
        reply = client.post("/v1/events/bulk", {"events": [*rows, rows[0]]})
        assert (reply.status, reply.json) == (400, invalid(("events", "must have at most 1000 entries")))
        assert held(client) == before

    @pytest.mark.parametrize(
        ("body", "message"),
        [
            ({}, "is required"),
            ({"events": None}, "must be an array"),
            ({"events": {}}, "must be an array"),
            ({"events": []}, "must have at least 1 entry"),
        ],
    )
    def test_bad_input(self, client, body, message):
        reply = client.post("/v1/events/bulk", body)
        assert (reply.status, reply.json) == (400, invalid(("events", message)))
