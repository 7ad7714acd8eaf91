"""SegMailer contacts in bulk."""

from __future__ import annotations

import pytest

from tests.support import UUID
from tests.vendors.segmailer.bodies import (
    NOBODY,
    contact,
    emails,
    held,
    invalid,
    make,
    make_segment,
    upsert,
    where,
)

BULK = "/api/v2/contacts/bulk"
DELETE = "/api/v2/contacts/bulk-delete"


def entry(email, **attributes):
    return {"identifier": {"email": email}, "attributes": attributes}


def row(index, email, status):
    return {"index": index, "id": UUID, "email": email, "status": status}


def failed(index, message, email=None):
    error = {"code": "validation_error", "message": message}
    return {"index": index, "id": None, "email": email, "status": "failed", "error": error}


def result(*rows):
    counts = {status: sum(row["status"] == status for row in rows) for status in ("created", "updated", "failed")}
    return {**counts, "results": list(rows)}


class TestBulk:
    def test_good_ones_and_bad_ones_in_order(self, client):
        upsert(client, "known@example.com", {"plan": "Pro", "kept": 1})
        body = {
            "contacts": [
                entry("a@example.com", plan="Pro"),
                entry("bad"),
                entry(" KNOWN@example.com", plan="Free"),
                entry("a@example.com", plan="Free", seats=2),
                {"identifier": {"email": "s@example.com"}, "status": "unsubscribed"},
            ]
        }
        reply = client.post(BULK, body)
        expected = result(
            row(0, "a@example.com", "created"),
            failed(1, "identifier.email must be a valid email address", "bad"),
            row(2, "known@example.com", "updated"),
            row(3, "a@example.com", "updated"),
            row(4, "s@example.com", "created"),
        )
        assert (reply.status, reply.json) == (200, expected)
        assert reply.json["results"][0]["id"] == reply.json["results"][3]["id"]
        read = [client.get(f"/api/v2/contacts/{name}@example.com").json for name in ("a", "known", "s")]
        assert read == [
            contact("a@example.com", {"plan": "Free", "seats": 2}, id=reply.json["results"][0]["id"]),
            contact("known@example.com", {"plan": "Free", "kept": 1}, id=reply.json["results"][2]["id"]),
            contact("s@example.com", status="unsubscribed", id=reply.json["results"][4]["id"]),
        ]

    @pytest.mark.parametrize(
        ("entry", "message", "email"),
        [
            ({}, "identifier.email is required", None),
            ({"identifier": {}}, "identifier.email is required", None),
            ({"identifier": "a@example.com"}, "identifier must be an object", None),
            ({"identifier": {"email": 5}}, "identifier.email must be a string", None),
            ({"identifier": {"email": "x y"}}, "identifier.email must be a valid email address", "x y"),
            (
                {"identifier": {"email": "A@example.com"}, "attributes": 1},
                "attributes must be an object",
                "A@example.com",
            ),
            (
                {"identifier": {"email": "a@example.com"}, "status": "gone"},
                "status must be one of subscribed, unsubscribed",
                "a@example.com",
            ),
            ("a@example.com", "must be an object", None),
            (None, "must be an object", None),
            ([], "must be an object", None),
            (7, "must be an object", None),
        ],
    )  # fmt: skip
    def test_a_bad_entry_fails_alone(self, client, entry, message, email):
        reply = client.post(BULK, {"contacts": [entry, {"identifier": {"email": "b@example.com"}}]})
        expected = result(failed(0, message, email), row(1, "b@example.com", "created"))
        assert (reply.status, reply.json) == (200, expected)
        assert emails(client, "/api/v2/contacts") == ["b@example.com"]

    def test_segments_and_attributes_follow(self, client):
        pro = make_segment(client, "Pro", where("plan", "eq", "Pro"))
        upsert(client, "b@example.com", {"plan": "Pro"})
        client.post(BULK, {"contacts": [entry("a@example.com", plan="Pro"), entry("b@example.com", plan=None)]})
        assert emails(client, f"/api/v2/segments/{pro}/contacts") == ["a@example.com"]
        assert client.get("/api/v2/attributes").json == {
            "data": [{"name": "plan", "type": "string", "contactsCount": 1}]
        }

    def test_a_thousand_and_no_more(self, client):
        rows = [entry(f"p{number}@example.com") for number in range(1000)]
        reply = client.post(BULK, {"contacts": rows})
        assert reply.json == result(*(row(number, f"p{number}@example.com", "created") for number in range(1000)))
        before = held(client)
        reply = client.post(BULK, {"contacts": [*rows, entry("x@example.com")]})
        assert (reply.status, reply.json) == (400, invalid(("contacts", "must have at most 1000 entries")))
        assert held(client) == before

    @pytest.mark.parametrize(
        ("body", "message"),
        [
            ({}, "is required"),
            ({"contacts": None}, "must be an array"),
            ({"contacts": {}}, "must be an array"),
            ({"contacts": []}, "must have at least 1 entry"),
        ],
    )
    def test_bad_input(self, client, body, message):
        reply = client.post(BULK, body)
        assert (reply.status, reply.json) == (400, invalid(("contacts", message)))


class TestBulkDelete:
    def test_by_id(self, client):
        a, b, _ = make(client, "a@example.com", "b@example.com", "c@example.com")
        reply = client.post(DELETE, {"ids": [b, NOBODY, a, b, "c@example.com"]})
        assert (reply.status, reply.json) == (200, {"deleted": 2, "notFound": [NOBODY, "c@example.com"]})
        assert emails(client, "/api/v2/contacts") == ["c@example.com"]

    def test_by_address(self, client):
        [id, *_] = make(client, "a@example.com", "b@example.com", "c@example.com")
        reply = client.post(DELETE, {"emails": [" B@Example.com", "a@example.com", "z", id]})
        assert (reply.status, reply.json) == (200, {"deleted": 2, "notFound": ["z", id]})
        assert emails(client, "/api/v2/contacts") == ["c@example.com"]

    def test_everything_about_them_goes(self, client):
        segment = make_segment(client, "Pro", where("plan", "eq", "Pro"))
        ids = make(client, "a@example.com", "b@example.com", plan="Pro")
        client.post("/v1/events", {"identifier": {"email": "a@example.com"}, "event": "x"})
        assert client.post(DELETE, {"ids": ids}).json == {"deleted": 2, "notFound": []}
        assert client.get(f"/api/v2/segments/{segment}").json["contactsCount"] == 0
        assert client.get("/api/v2/attributes").json == {"data": []}
        assert [name for name, _ in held(client)] == ["segments"]

    @pytest.mark.parametrize(
        ("body", "field", "message"),
        [
            ({}, "ids", "or emails is required"),
            ({"ids": ["x"], "emails": ["a@example.com"]}, "ids", "and emails must not be given together"),
            ({"ids": []}, "ids", "must have at least 1 entry"),
            ({"emails": []}, "emails", "must have at least 1 entry"),
            ({"ids": ["x"] * 1001}, "ids", "must have at most 1000 entries"),
            ({"emails": ["x"] * 1001}, "emails", "must have at most 1000 entries"),
            ({"ids": None}, "ids", "must not be null"),
            ({"emails": "a@example.com"}, "emails", "must be an array"),
            ({"ids": ["x", 5]}, "ids.1", "must be a string"),
            ({"emails": [None]}, "emails.0", "must be a string"),
        ],
    )
    def test_bad_input_changes_nothing(self, client, body, field, message):
        make(client, "a@example.com")
        before = held(client)
        reply = client.post(DELETE, body)
        assert (reply.status, reply.json) == (400, invalid((field, message)))
        assert held(client) == before
