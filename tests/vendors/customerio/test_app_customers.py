"""People as the App API shows them: found by address, one by one and a hundred at a time."""

from __future__ import annotations

import pytest

from lookalike.vendors.customerio import subscriptions
from tests.vendors.customerio.audience import invalid, known, part_of, person, segment
from tests.vendors.customerio.bodies import NOW, app_error

NOBODY = app_error(404, "customer not found")


class TestByEmail:
    def test_somebody(self, client):
        cio_id = person(client, "1", email="Ada@example.com")
        expected = {"results": [known("1", "Ada@example.com", cio_id)]}
        for asked in ("Ada@example.com", "ada@EXAMPLE.com"):
            reply = client.get("/v1/customers", query={"email": asked})
            assert (reply.status, reply.json) == (200, expected)
            assert list(reply.json["results"][0]) == ["email", "id", "cio_id"]

    def test_nobody(self, client):
        person(client, "1", email="a+b@example.com")
        assert client.get("/v1/customers", query={"email": "x@example.com"}).json == {"results": []}
        assert client.get("/v1/customers?email=a+b@example.com").json == {"results": []}
        assert client.get("/v1/customers?email=a%2Bb@example.com").json["results"][0]["id"] == "1"

    @pytest.mark.parametrize("query", ["", "?email=", "?mail=x@example.com"])
    def test_without_an_address(self, client, query):
        reply = client.get(f"/v1/customers{query}")
        assert (reply.status, reply.json) == (400, invalid("/email"))


class TestAttributes:
    def test_everything_is_text(self, client):
        sent = {"email": "ada@example.com", "n": 5, "vip": True, "name": "Ä", "created_at": 1489014595}
        cio_id = person(client, "1", **sent)
        reply = client.get("/v1/customers/1/attributes")
        assert (reply.status, reply.json) == (
            200,
            {
                "customer": {
                    "id": "1",
                    "identifiers": known("1", "ada@example.com", cio_id),
                    "attributes": {
                        "cio_id": cio_id,
                        "id": "1",
                        "email": "ada@example.com",
                        "n": "5",
                        "vip": "true",
                        "name": "Ä",
                        "created_at": "1489014595",
                    },
                    "timestamps": dict.fromkeys(("cio_id", "id", "email", "n", "vip", "name", "created_at"), NOW),
                    "unsubscribed": False,
                    "devices": [],
                }
            },
        )
        assert list(reply.json["customer"]) == [
            "id", "identifiers", "attributes", "timestamps", "unsubscribed", "devices",
        ]  # fmt: skip

    def test_devices_and_the_unsubscribed(self, client):
        person(client, "1", unsubscribed="TRUE")
        device = {"id": "token", "platform": "ios", "last_used": 1514764800, "attributes": {"device_os": "17"}}
        assert client.put("/api/v1/customers/1/devices", {"device": device}).status == 200
        shown = client.get("/v1/customers/1/attributes").json["customer"]
        assert (shown["unsubscribed"], shown["attributes"]["unsubscribed"]) == (True, "true")
        assert [(one["id"], one["platform"], one["last_used"]) for one in shown["devices"]] == [
            ("token", "ios", 1514764800)
        ]

    def test_subscription_preferences_are_json_in_a_text(self, client):
        for name in ("News", "Offers"):
            subscriptions.add_topic(part_of(client), name, "", name == "News")
        person(client, "1", **{"cio_subscription_preferences.topics.topic_2": True})
        shown = client.get("/v1/customers/1/attributes").json["customer"]
        assert shown["attributes"]["cio_subscription_preferences"] == '{"topics":{"topic_2":true}}'
        computed = shown["attributes"]["_cio_subscription_preferences_computed"]
        assert computed == '{"topics":{"topic_1":true,"topic_2":true}}'
        assert shown["timestamps"]["_cio_subscription_preferences_computed"] == 0

    def test_by_each_kind_of_identifier(self, client):
        cio_id = person(client, "1", email="ada@example.com", phone="+15551234567")
        asked = [
            ("1", "id"),
            ("ADA%40example.com", "email"),
            ("%2B15551234567", "phone"),
            (cio_id, "cio_id"),
            (f"cio_{cio_id}", "cio_id"),
        ]
        for value, kind in asked:
            reply = client.get(f"/v1/customers/{value}/attributes?id_type={kind}")
            assert reply.json["customer"]["identifiers"] == known("1", "ada@example.com", cio_id)

    def test_the_id_is_the_one_asked_for(self, client):
        person(client, "1", email="ada@example.com")
        reply = client.get("/v1/customers/ADA%40example.com/attributes?id_type=email")
        assert reply.json["customer"]["id"] == "ADA@example.com"

    def test_a_suppressed_person_is_not_there(self, client):
        person(client, "1")
        client.post("/api/v1/customers/1/suppress")
        assert client.get("/v1/customers/1/attributes").json == NOBODY


PATHS = ("attributes", "segments", "messages", "activities", "relationships", "subscription_preferences", "optouts")


class TestWhoeverIsNotThere:
    @pytest.mark.parametrize("path", PATHS)
    @pytest.mark.parametrize("query", ["", "?id_type=email", "?id_type=cio_id", "?id_type=phone"])
    def test_404(self, client, path, query):
        person(client, "1")
        reply = client.get(f"/v1/customers/2/{path}{query}")
        assert (reply.status, reply.json) == (404, NOBODY)

    @pytest.mark.parametrize("path", PATHS)
    def test_an_unknown_kind_of_identifier(self, client, path):
        person(client, "1")
        reply = client.get(f"/v1/customers/1/{path}?id_type=name")
        assert (reply.status, reply.json) == (400, invalid("/id_type"))

    @pytest.mark.parametrize("path", PATHS)
    def test_ids_are_told_apart_by_case(self, client, path):
        person(client, "a1")
        assert client.get(f"/v1/customers/A1/{path}").status == 404
        assert client.get(f"/v1/customers/a1/{path}").status == 200


class TestMany:
    def test_in_the_order_asked_for(self, client):
        for id in ("1", "2", "3"):
            person(client, id, email=f"p{id}@example.com")
        reply = client.post("/v1/customers/attributes", {"ids": ["3", "x", 1]})
        assert reply.status == 200
        assert reply.json["customers"] == [client.get(f"/v1/customers/{id}/attributes").json for id in ("3", "1")]

    def test_by_email(self, client):
        person(client, "1", email="p@example.com")
        reply = client.post("/v1/customers/attributes?id_type=email", {"ids": ["P@example.com", "1"]})
        assert [one["customer"]["id"] for one in reply.json["customers"]] == ["P@example.com"]

    def test_nobody_of_them(self, client):
        assert client.post("/v1/customers/attributes", {"ids": ["x"]}).json == {"customers": []}

    @pytest.mark.parametrize(
        ("body", "pointers"),
        [
            ({}, ["/ids"]),
            ({"ids": []}, ["/ids"]),
            ({"ids": [str(n) for n in range(101)]}, ["/ids"]),
            ({"ids": "1"}, ["/ids"]),
            ({"ids": [None]}, ["/ids/0"]),
        ],
    )
    def test_malformed(self, client, body, pointers):
        reply = client.post("/v1/customers/attributes", body)
        assert (reply.status, reply.json) == (400, invalid(*pointers))

    def test_no_json(self, client):
        reply = client.post("/v1/customers/attributes", body=b"{")
        assert (reply.status, reply.json) == (400, app_error(400, "bad request"))


def test_segments_of_a_person(client):
    person(client, "1")
    names = ("B", "A")
    numbers = [segment(client, name, "1") for name in names]
    segment(client, "Empty")
    reply = client.get("/v1/customers/1/segments")
    assert (reply.status, reply.json) == (
        200,
        {
            "segments": [
                {"id": number, "name": name, "description": ""} for number, name in zip(numbers, names, strict=True)
            ]
        },
    )


class TestOptOuts:
    def test_out_and_in(self, client):
        cio_id = person(client, "1")
        assert client.get("/v1/customers/1/optouts").json == {"optouts": []}
        body = {
            "optouts": [
                {"from": "+15550000001", "optout": True},
                {"channel": "whatsapp", "from": "+15550000002", "optout": True},
                {"channel": "sms", "from": "+15550000003", "optout": False},
            ]
        }
        reply = client.put("/v1/customers/1/optouts", body)
        assert (reply.status, reply.raw) == (204, b"")
        expected = [{"channel": "sms", "from": "+15550000001"}, {"channel": "whatsapp", "from": "+15550000002"}]
        assert client.get("/v1/customers/1/optouts").json == {"optouts": expected}
        listed = {"cio_id": cio_id, "customer_id": "1", "optouts": expected}
        assert client.get("/v1/optouts").json == {"optouts": [listed], "next": ""}
        client.put("/v1/customers/1/optouts", {"optouts": [{"from": "+15550000001", "optout": False}]})
        assert client.get("/v1/customers/1/optouts").json == {"optouts": expected[1:]}
        client.put(
            "/v1/customers/1/optouts",
            {"optouts": [{"channel": "whatsapp", "from": "+15550000002", "optout": False}]},
        )
        assert client.get("/v1/optouts").json == {"optouts": [], "next": ""}

    def test_of_one_sender(self, client):
        cio_id = person(client, "1")
        both = [{"from": "+1", "optout": True}, {"from": "+2", "optout": True}]
        client.put("/v1/customers/1/optouts", {"optouts": both})
        person(client, "2")
        client.put("/v1/customers/2/optouts", {"optouts": both[1:]})
        listed = {"cio_id": cio_id, "customer_id": "1", "optouts": [{"channel": "sms", "from": "+1"}]}
        assert client.get("/v1/optouts?from=%2B1").json == {"optouts": [listed], "next": ""}
        assert client.get("/v1/optouts?from=%2B3").json == {"optouts": [], "next": ""}

    def test_to_the_end(self, client):
        for id in "12345":
            person(client, id)
            client.put(f"/v1/customers/{id}/optouts", {"optouts": [{"from": "+1", "optout": True}]})
        client.delete("/api/v1/customers/2")
        seen, start = [], ""
        while True:
            page = client.get("/v1/optouts", query={"limit": 2, "start": start}).json
            seen.append([one["customer_id"] for one in page["optouts"]])
            start = page["next"]
            if not start:
                break
        assert seen == [["1", "3"], ["4", "5"]]

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({}, "/optouts"),
            ({"optouts": [{"channel": "email", "from": "+1", "optout": True}]}, "/optouts/0/channel"),
            ({"optouts": [{"optout": True}]}, "/optouts/0/from"),
            ({"optouts": [{"from": "+1"}]}, "/optouts/0/optout"),
            ({"optouts": [{"from": "", "optout": True}]}, "/optouts/0/from"),
        ],
    )
    def test_malformed(self, client, body, pointer):
        person(client, "1")
        reply = client.put("/v1/customers/1/optouts", body)
        assert (reply.status, reply.json) == (400, invalid(pointer))
        assert client.get("/v1/optouts").json["optouts"] == []

    def test_nobody(self, client):
        reply = client.put("/v1/customers/1/optouts", {"optouts": []})
        assert (reply.status, reply.json) == (404, NOBODY)


@pytest.mark.parametrize("key", ["", "invalid"])
def test_without_a_good_key(client, key):
    reply = client.as_key(key).get("/v1/customers/1/attributes")
    assert reply.status == 401
    assert reply.json["errors"][0]["status"] == "401"
