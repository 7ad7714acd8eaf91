"""Firing a transactional broadcast for one recipient."""

from __future__ import annotations

import pytest

from tests.vendors.invent.bodies import (
    BROADCASTS,
    CONTACTS,
    LATER,
    MALFORMED,
    NO_OBJECT,
    NOBODY,
    START,
    an_id,
    broadcast,
    by_email,
    channel,
    contact,
    get,
    happened,
    held,
    invalid,
    make,
    make_broadcast,
    make_contact,
    make_trigger,
    missing,
    recipient,
    refused,
    template,
)
from tests.vendors.invent.test_sending import outbox

CONFIG = {"subject": "Code {{otp}}", "text": "{{name}}: {{otp}}, order {{ order.id }} {{nobody}}"}


def fire(client, id: str, said=..., **more):
    return client.post(f"{BROADCASTS}/{id}/send", said, **more)


@pytest.fixture
def receipt(client) -> str:
    return make_trigger(client, "Receipt", templates=[{"config": CONFIG}])


def sent(broadcast_name: str = "Receipt", /, **more):
    return recipient(broadcast_name, **{"external_message_id": an_id("msg"), **happened("sent"), **more})


class TestWhom:
    def test_a_contact(self, client, receipt):
        made = make_contact(client, user_id="u", name="Ann", email="a@example.com", phone="+12025550143")
        client.clock(advance="1s")
        reply = fire(client, receipt, {"contact_id": made["id"], "variables": {"otp": "1234", "order.id": 7}})
        row = sent(
            user_id="u",
            name="Ann",
            email="a@example.com",
            phone="+12025550143",
            contact=contact(channel("u", name="Ann", email="a@example.com", phone="+12025550143"), name="Ann"),
            created_at=LATER,
            updated_at=LATER,
        ) | happened("sent", at=LATER)
        assert (reply.status, reply.json) == (200, {"recipients": [row]})
        assert get(client, f"{BROADCASTS}/{receipt}/recipients") == [row]
        assert outbox(client) == [
            {
                "id": reply.json["recipients"][0]["external_message_id"],
                "from": "custom",
                "to": ["a@example.com"],
                "subject": "Code 1234",
                "html": None,
                "text": "Ann: 1234, order 7 {{nobody}}",
                "created_at": LATER,
                "status": "sent",
                "broadcast_id": receipt,
                "recipient_id": reply.json["recipients"][0]["id"],
                "template_id": reply.json["recipients"][0]["template_id"],
                "contact_id": made["id"],
                "variables": {"otp": "1234", "order.id": 7},
            }
        ]
        assert get(client, f"{BROADCASTS}/{receipt}") == broadcast(
            "Receipt",
            status="ACTIVE",
            started_at=START,
            recipients_count=1,
            sent_count=1,
            templates=[template(config=CONFIG, recipients_count=1)],
        )

    def test_that_very_channel(self, client, receipt):
        made = make_contact(client, user_id="u", email="a@example.com")
        made = client.post(CONTACTS, {"channel": {"contact_id": made["id"], "user_id": "second"}}).json
        id = made["channels"][1]["id"]
        [other] = make(client, "b@example.com")
        reply = fire(client, receipt, {"contact_channel_id": id, "contact_id": other})
        assert reply.json == {"recipients": [sent(user_id="second", contact=made)]}

    def test_a_known_address(self, client, receipt):
        [id] = make(client, "a@example.com")
        before = dict(held(client))["contacts"]
        reply = fire(client, receipt, {"email": " A@example.com", "name": "Annie"})
        expected = sent(user_id="a@example.com", name="Annie", email="a@example.com", contact=by_email("a@example.com"))
        assert reply.json == {"recipients": [expected]}
        assert reply.json["recipients"][0]["contact"]["id"] == id
        assert dict(held(client))["contacts"] == before

    def test_a_known_number(self, client, receipt):
        made = make_contact(client, phone="+12025550143")
        reply = fire(client, receipt, {"phone": "+1 (202) 555-0143", "email": "new@example.com"})
        expected = sent(user_id="+12025550143", phone="+12025550143", email="new@example.com", contact=made)
        assert reply.json == {"recipients": [expected]}
        assert get(client, CONTACTS) == [made]

    def test_whoever_is_unknown_is_made(self, client, receipt):
        reply = fire(client, receipt, {"email": "New@example.com", "phone": "+1 2", "name": "Only here"})
        made = contact(channel("new@example.com", email="new@example.com", phone="+12"))
        expected = sent(user_id="new@example.com", email="new@example.com", phone="+12", name="Only here", contact=made)
        assert (reply.status, reply.json) == (200, {"recipients": [expected]})
        assert get(client, CONTACTS) == [made]
        again = fire(client, receipt, {"email": "new@example.com"})
        assert again.json["recipients"][0]["contact"]["id"] == reply.json["recipients"][0]["contact"]["id"]

    def test_an_unknown_number_alone(self, client, receipt):
        reply = fire(client, receipt, {"phone": "+12"})
        assert reply.json == {
            "recipients": [sent(user_id="+12", phone="+12", contact=contact(channel("+12", phone="+12")))]
        }

    def test_other_addresses_for_this_send_alone(self, client, receipt):
        [id] = make(client, "a@example.com")
        before = dict(held(client))["contacts"]
        body = {"contact_id": id, "email": "other@example.com", "phone": "+12", "name": "Other"}
        expected = sent(
            user_id="a@example.com",
            email="other@example.com",
            phone="+12",
            name="Other",
            contact=by_email("a@example.com"),
        )
        assert fire(client, receipt, body).json == {"recipients": [expected]}
        assert [message["to"] for message in outbox(client)] == [["other@example.com"]]
        assert dict(held(client))["contacts"] == before


class TestTemplates:
    @pytest.fixture
    def everywhere(self, client) -> str:
        return make_trigger(
            client,
            "Everywhere",
            templates=[{"integration_id": name} for name in ("gmail", "twilio", "slack_bot")],
        )

    def test_every_reachable_channel_gets_it(self, client, everywhere):
        made = make_contact(client, email="a@example.com", phone="+12")
        rows = fire(client, everywhere, {"contact_id": made["id"]}).json["recipients"]
        where = {"user_id": "a@example.com", "email": "a@example.com", "phone": "+12", "contact": made}
        nowhere = {"error_message": "Contact has no slack_bot channel", "external_message_id": None, "contact": made}
        assert rows == [
            sent("Everywhere", integration_id="gmail", **where),
            sent("Everywhere", integration_id="twilio", **where),
            recipient("Everywhere", integration_id="slack_bot", **nowhere, **happened("skipped")),
        ]
        assert [message["to"] for message in outbox(client)] == [["a@example.com"], ["+12"]]
        shown = get(client, f"{BROADCASTS}/{everywhere}")
        assert (shown["recipients_count"], shown["sent_count"], shown["skipped_count"]) == (3, 2, 1)

    def test_an_override_reaches_whom_nothing_else_does(self, client, everywhere):
        made = make_contact(client, user_id="u")
        rows = fire(client, everywhere, {"contact_id": made["id"], "phone": "+12"}).json["recipients"]
        assert [row["status"] for row in rows] == ["SKIPPED", "SENT", "SKIPPED"]
        assert rows[1]["phone"] == "+12"

    def test_a_channel_is_used_by_every_template(self, client, everywhere):
        made = make_contact(client, user_id="u")
        rows = fire(client, everywhere, {"contact_channel_id": made["channels"][0]["id"]}).json["recipients"]
        assert [row["status"] for row in rows] == ["SENT"] * 3

    def test_some_of_them(self, client, everywhere):
        [id] = make(client, "a@example.com")
        templates = [found["id"] for found in get(client, f"{BROADCASTS}/{everywhere}")["templates"]]
        body = {"contact_id": id, "template_ids": [templates[2], templates[0]]}
        rows = fire(client, everywhere, body).json["recipients"]
        assert [row["template_id"] for row in rows] == [templates[0], templates[2]]
        assert fire(client, everywhere, {"contact_id": id, "template_ids": []}).json == {"recipients": []}
        shown = get(client, f"{BROADCASTS}/{everywhere}")["templates"]
        assert [found["recipients_count"] for found in shown] == [1, 0, 1]

    def test_one_of_another_broadcast(self, client, everywhere, receipt):
        [id] = make(client, "a@example.com")
        theirs = get(client, f"{BROADCASTS}/{receipt}")["templates"][0]["id"]
        before = held(client)
        reply = fire(client, everywhere, {"contact_id": id, "template_ids": [theirs]})
        assert (reply.status, reply.json) == (404, missing("Template"))
        assert held(client) == before


class TestFlags:
    def test_in_the_background(self, client, receipt):
        [id] = make(client, "a@example.com")
        reply = fire(client, receipt, {"contact_id": id, "background": True})
        waiting = {"user_id": "a@example.com", "email": "a@example.com", "contact": by_email("a@example.com")}
        told = recipient("Receipt", **waiting)
        assert (reply.status, reply.json) == (200, {"recipients": [told]})
        assert get(client, f"{BROADCASTS}/{receipt}/recipients") == [sent(**waiting)]
        assert len(outbox(client)) == 1

    def test_the_unsubscribed_get_it_the_blocked_do_not(self, client, receipt):
        a, b = make(client, "a@example.com", "b@example.com")
        client.patch(f"{CONTACTS}/{a}", {"unsubscribed": True})
        client.patch(f"{CONTACTS}/{b}", {"blocked": True})
        assert fire(client, receipt, {"contact_id": a}).json["recipients"][0]["status"] == "SENT"
        for background in (False, True):
            reply = fire(client, receipt, {"contact_id": b, "background": background})
            expected = recipient(
                "Receipt",
                user_id="b@example.com",
                email="b@example.com",
                error_message="Contact is blocked",
                contact=by_email("b@example.com", blocked=True, blocked_at=START),
                **happened("skipped"),
            )
            assert reply.json == {"recipients": [expected]}
        shown = get(client, f"{BROADCASTS}/{receipt}")
        assert (shown["recipients_count"], shown["sent_count"], shown["skipped_count"]) == (3, 1, 2)


class TestRefusals:
    @pytest.mark.parametrize("body", [{}, {"name": "Ann"}, {"variables": {}, "phone": " - "}])
    def test_somebody_has_to_be_named(self, client, receipt, body):
        before = held(client)
        reply = fire(client, receipt, body)
        message = "One of contact_channel_id, contact_id, phone and email is required"
        assert (reply.status, reply.json) == (400, refused(message))
        assert held(client) == before

    def test_no_body_names_nobody(self, client, receipt):
        assert fire(client, receipt).status == 400

    @pytest.mark.parametrize(
        ("body", "issue"),
        [
            ({"email": "x"}, (["email"], "email must be a valid email")),
            ({"email": "x" * 257}, (["email"], "email must contain at most 256 character(s)")),
            ({"phone": "1" * 257}, (["phone"], "phone must contain at most 256 character(s)")),
            ({"contact_id": "x", "name": "x" * 257}, (["name"], "name must contain at most 256 character(s)")),
            ({"contact_id": 5}, (["contact_id"], "contact_id must be a string")),
            ({"contact_id": "x", "variables": []}, (["variables"], "variables must be an object")),
            ({"contact_id": "x", "template_ids": "x"}, (["template_ids"], "template_ids must be an array")),
            ({"contact_id": "x", "background": "no"}, (["background"], "background must be a boolean")),
        ],
    )
    def test_bad_input(self, client, receipt, body, issue):
        before = held(client)
        reply = fire(client, receipt, body)
        assert (reply.status, reply.json) == (400, invalid(issue))
        assert held(client) == before

    @pytest.mark.parametrize(("body", "expected"), [(b"{", MALFORMED), (b"[]", NO_OBJECT), (b"5", NO_OBJECT)])
    def test_bad_bodies(self, client, receipt, body, expected):
        reply = fire(client, receipt, body=body)
        assert (reply.status, reply.json) == (400, expected)

    @pytest.mark.parametrize(
        ("body", "thing"),
        [
            ({"contact_id": NOBODY}, "Contact"),
            ({"contact_id": NOBODY, "email": "a@example.com"}, "Contact"),
            ({"contact_channel_id": "cch_x"}, "Channel"),
            ({"email": "a@example.com", "template_ids": ["brt_x"]}, "Template"),
        ],
    )
    def test_what_it_names_has_to_exist(self, client, receipt, body, thing):
        before = held(client)
        reply = fire(client, receipt, body)
        assert (reply.status, reply.json) == (404, missing(thing))
        assert held(client) == before

    def test_not_before_it_is_active(self, client):
        [id] = make(client, "a@example.com")
        broadcast_id = make_broadcast(client, "Receipt", type="TRANSACTIONAL")
        reply = fire(client, broadcast_id, {"contact_id": id})
        assert (reply.status, reply.json) == (400, refused("Broadcast is not active"))
