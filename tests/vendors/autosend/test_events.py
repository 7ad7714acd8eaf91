"""AutoSend custom events."""

from __future__ import annotations

import pytest

from tests.support import OBJECT_ID
from tests.vendors.autosend.bodies import (
    CONTACT_NOT_FOUND,
    EVENT_NOT_FOUND,
    LATER,
    NOBODY,
    START,
    error,
    held,
    invalid,
    make,
    ok,
)

BAD_NAME = "Only letters, numbers and underscores are allowed"


def declared(name, type, description=None, suggested=()):
    return {"propertyName": name, "type": type, "description": description, "suggestedValues": list(suggested)}


def definition(name, *properties, **more):
    body = {"id": OBJECT_ID, "eventName": name, "description": None, "properties": list(properties)}
    return {**body, "createdAt": START, "updatedAt": START, **more}


ORDER = {
    "eventName": "order_completed",
    "description": "Paid",
    "properties": [
        {"propertyName": "order_total", "type": "number"},
        {"propertyName": "currency", "type": "string", "description": "ISO code", "suggestedValues": ["USD"]},
        {"propertyName": "is_first_purchase", "type": "boolean"},
        {"propertyName": "paid_at", "type": "date"},
    ],
}
PROPERTIES = [
    declared("order_total", "number"),
    declared("currency", "string", "ISO code", ["USD"]),
    declared("is_first_purchase", "boolean"),
    declared("paid_at", "date"),
]


@pytest.fixture
def ordering(client):
    """A client of a project with one event and one contact."""
    assert client.post("/v1/events", ORDER).status == 201
    make(client, "ann@example.com")
    return client


class TestDefinitions:
    def test_create(self, client):
        reply = client.post("/v1/events", ORDER)
        expected = ok(definition("order_completed", *PROPERTIES, description="Paid"))
        assert (reply.status, reply.json) == (201, expected)
        found = client.get("/v1/events/eventName/order_completed")
        assert (found.status, found.json) == (200, expected)

    def test_what_is_not_given_is_null_or_empty(self, client):
        reply = client.post("/v1/events", {"eventName": "Signed_Up2"})
        assert (reply.status, reply.json) == (201, ok(definition("Signed_Up2")))

    def test_the_limits(self, client):
        body = {
            "eventName": "e" * 64,
            "properties": [{"propertyName": f"p{n:063}", "type": "string"} for n in range(50)],
        }
        assert client.post("/v1/events", body).status == 201

    def test_list_is_newest_first_and_knows_only_those_in_use(self, client):
        assert client.get("/v1/events").json == ok({"events": []})
        for name in ("one", "two", "three"):
            client.post("/v1/events", {"eventName": name})
        client.delete("/v1/events/eventName/two")
        reply = client.get("/v1/events")
        assert (reply.status, reply.json) == (200, ok({"events": [definition("three"), definition("one")]}))

    @pytest.mark.parametrize(
        ("change", "details"),
        [
            ({"eventName": None}, [("eventName", "EventName is required")]),
            ({"eventName": ""}, [("eventName", "EventName is required")]),
            ({"eventName": 5}, [("eventName", "EventName must be a string")]),
            ({"eventName": "e" * 65}, [("eventName", "EventName must be at most 64 characters")]),
            ({"eventName": "order-completed"}, [("eventName", BAD_NAME)]),
            ({"eventName": "Bestellung_ü"}, [("eventName", BAD_NAME)]),
            ({"eventName": "a b"}, [("eventName", BAD_NAME)]),
            ({"description": 5}, [("description", "Description must be a string")]),
            ({"properties": {}}, [("properties", "Properties must be an array")]),
            ({"properties": [5]}, [("properties.0", "Item must be an object")]),
            (
                {"properties": [{}]},
                [
                    ("properties.0.propertyName", "PropertyName is required"),
                    ("properties.0.type", "Type is required"),
                ],
            ),
            (
                {"properties": [{"propertyName": "x", "type": "money"}]},
                [("properties.0.type", "Type must be one of string, number, boolean, date")],
            ),
            ({"properties": [{"propertyName": "a-b", "type": "string"}]}, [("properties.0.propertyName", BAD_NAME)]),
            (
                {"properties": [{"propertyName": "p" * 65, "type": "string"}]},
                [("properties.0.propertyName", "PropertyName must be at most 64 characters")],
            ),
            (
                {"properties": [{"propertyName": "x", "type": "string"}] * 2},
                [("properties.1.propertyName", "Duplicate property name: x")],
            ),
            (
                {"properties": [{"propertyName": f"p{n}", "type": "string"} for n in range(51)]},
                [("properties", "Properties must contain at most 50 items")],
            ),
        ],
    )
    def test_bad_definitions_change_nothing(self, client, change, details):
        before = held(client)
        reply = client.post("/v1/events", {"eventName": "order", **change})
        assert (reply.status, reply.json) == (400, invalid(*details))
        assert held(client) == before
        if "properties" in change:
            client.post("/v1/events", {"eventName": "order"})
            before = held(client)
            reply = client.patch("/v1/events/eventName/order", change)
            assert (reply.status, reply.json) == (400, invalid(*details))
            assert held(client) == before

    def test_a_taken_name(self, client):
        client.post("/v1/events", {"eventName": "order"})
        before = held(client)
        reply = client.post("/v1/events", {"eventName": "order"})
        assert (reply.status, reply.json) == (409, error("Event already exists", "EVENT_ALREADY_EXISTS"))
        assert held(client) == before
        assert client.post("/v1/events", {"eventName": "Order"}).status == 201

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            ({"description": "New"}, {"description": "New"}),
            ({"description": None}, {"description": None}),
            ({"properties": []}, {"properties": []}),
            (
                {"properties": [{"propertyName": "x", "type": "date"}], "description": "Both"},
                {"properties": [declared("x", "date")], "description": "Both"},
            ),
            ({"description": "New", "eventName": "other"}, {"description": "New"}),
        ],
    )
    def test_update(self, ordering, change, expected):
        ordering.clock(advance="1s")
        reply = ordering.patch("/v1/events/eventName/order_completed", change)
        before = definition("order_completed", *PROPERTIES, description="Paid", updatedAt=LATER)
        assert (reply.status, reply.json) == (200, ok({**before, **expected}))
        assert ordering.get("/v1/events/eventName/order_completed").json == reply.json

    def test_an_update_has_to_say_something(self, ordering):
        reply = ordering.patch("/v1/events/eventName/order_completed", {"eventName": "x"})
        assert (reply.status, reply.json) == (400, invalid(("description", "Provide description or properties")))

    def test_delete_retires_the_name(self, ordering):
        ordering.clock(advance="1s")
        reply = ordering.delete("/v1/events/eventName/order_completed")
        expected = ok(definition("order_completed", *PROPERTIES, description="Paid", updatedAt=LATER))
        assert (reply.status, reply.json) == (200, expected)
        gone = ordering.post("/v1/events/send", {"eventName": "order_completed", "email": "ann@example.com"})
        assert (gone.status, gone.json) == (404, EVENT_NOT_FOUND)
        assert ordering.post("/v1/events", {"eventName": "order_completed"}).status == 201

    @pytest.mark.parametrize("name", ["order", "ORDER_COMPLETED", "a%2Fb"])
    def test_an_unknown_name(self, ordering, name):
        before = held(ordering)
        path = f"/v1/events/eventName/{name}"
        answers = [ordering.get(path), ordering.patch(path, {"description": "x"}), ordering.delete(path)]
        assert [(reply.status, reply.json) for reply in answers] == [(404, EVENT_NOT_FOUND)] * 3
        assert held(ordering) == before


class TestSend:
    def send(self, client, **more):
        return client.post("/v1/events/send", {"eventName": "order_completed", **more})

    def test_by_address(self, ordering):
        values = {"order_total": 129.99, "currency": "USD", "is_first_purchase": True}
        reply = self.send(ordering, email="Ann@example.com", eventProperties=values)
        expected = {
            "id": OBJECT_ID,
            "eventName": "order_completed",
            "contactId": OBJECT_ID,
            "properties": values,
            "createdAt": START,
        }
        assert (reply.status, reply.json) == (200, ok(expected))

    def test_by_id(self, ordering):
        [ben] = make(ordering, "ben@example.com")
        data = self.send(ordering, contactId=ben).json["data"]
        assert (data["contactId"], data["properties"]) == (ben, {})

    @pytest.mark.parametrize(
        ("name", "sent", "kept"),
        [
            ("order_total", "129.99", 129.99),
            ("order_total", " 12 ", 12),
            ("order_total", "-1e2", -100),
            ("order_total", 3, 3),
            ("currency", 5, "5"),
            ("currency", 5.0, "5"),
            ("currency", 1.5, "1.5"),
            ("currency", True, "true"),
            ("currency", "", ""),
            ("is_first_purchase", "TRUE", True),
            ("is_first_purchase", "0", False),
            ("is_first_purchase", 1, True),
            ("is_first_purchase", False, False),
            ("paid_at", "2026-05-08", "2026-05-08T00:00:00.000Z"),
            ("paid_at", "2026-05-08T15:45:00+02:00", "2026-05-08T13:45:00.000Z"),
            ("paid_at", 1778247900000, "2026-05-08T13:45:00.000Z"),
        ],
    )
    def test_values_are_coerced(self, ordering, name, sent, kept):
        data = self.send(ordering, email="ann@example.com", eventProperties={name: sent}).json["data"]
        assert data["properties"] == {name: kept}
        assert type(data["properties"][name]) is type(kept)

    def test_undeclared_and_null_values_are_dropped(self, ordering):
        sent = {"colour": "red", "order_total": None, "currency": "EUR"}
        data = self.send(ordering, email="ann@example.com", eventProperties=sent).json["data"]
        assert data["properties"] == {"currency": "EUR"}

    @pytest.mark.parametrize(
        ("name", "value", "message"),
        [
            ("order_total", "many", "order_total must be a number"),
            ("order_total", True, "order_total must be a number"),
            ("order_total", "1e999", "order_total must be a number"),
            ("order_total", "9" * 400, "order_total must be a number"),
            ("order_total", [1], "order_total must be a number"),
            ("currency", {}, "currency must be a string"),
            ("is_first_purchase", "yes", "is_first_purchase must be a boolean"),
            ("is_first_purchase", 2, "is_first_purchase must be a boolean"),
            ("is_first_purchase", [], "is_first_purchase must be a boolean"),
            ("paid_at", "soon", "paid_at must be a valid date"),
            ("paid_at", 1e300, "paid_at must be a valid date"),
            ("paid_at", False, "paid_at must be a valid date"),
        ],
    )
    def test_values_that_do_not_fit(self, ordering, name, value, message):
        before = held(ordering)
        reply = self.send(ordering, email="ann@example.com", eventProperties={name: value})
        assert (reply.status, reply.json) == (400, invalid((f"eventProperties.{name}", message)))
        assert held(ordering) == before

    @pytest.mark.parametrize(
        ("body", "status", "expected"),
        [
            ({"email": "ann@example.com"}, 400, invalid(("eventName", "EventName is required"))),
            ({"eventName": "order_completed"}, 400, invalid(("email", "Provide either email or contactId"))),
            ({"eventName": "order_completed", "email": "x"}, 400, invalid(("email", "Invalid email format"))),
            (
                {"eventName": "order_completed", "contactId": 5},
                400,
                invalid(("contactId", "ContactId must be a string")),
            ),
            (
                {"eventName": "order_completed", "email": "ann@example.com", "eventProperties": []},
                400,
                invalid(("eventProperties", "EventProperties must be an object")),
            ),
            ({"eventName": "other", "email": "ann@example.com"}, 404, EVENT_NOT_FOUND),
            ({"eventName": "order_completed", "email": "new@example.com"}, 404, CONTACT_NOT_FOUND),
            ({"eventName": "order_completed", "contactId": NOBODY}, 404, CONTACT_NOT_FOUND),
        ],
    )
    def test_refusals_change_nothing(self, ordering, body, status, expected):
        before = held(ordering)
        reply = ordering.post("/v1/events/send", body)
        assert (reply.status, reply.json) == (status, expected)
        assert held(ordering) == before

    def test_suggested_values_grow(self, ordering):
        for currency in ("EUR", "USD", "EUR", "SEK"):
            self.send(ordering, email="ann@example.com", eventProperties={"currency": currency, "order_total": 1})
        shown = ordering.get("/v1/events/eventName/order_completed").json["data"]
        assert shown["properties"] == [
            PROPERTIES[0],
            declared("currency", "string", "ISO code", ["USD", "EUR", "SEK"]),
            *PROPERTIES[2:],
        ]
        for number in range(120):
            self.send(ordering, email="ann@example.com", eventProperties={"currency": f"C{number}"})
        shown = ordering.get("/v1/events/eventName/order_completed").json["data"]
        assert len(shown["properties"][1]["suggestedValues"]) == 100
