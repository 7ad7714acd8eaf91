"""Invent contacts: create, read, change, delete."""

from __future__ import annotations

import pytest

from lookalike.vendors.invent.people import CONTACTS as RESOURCE
from tests.vendors.invent.bodies import (
    CONTACTS,
    LATER,
    MALFORMED,
    NO_OBJECT,
    NOBODY,
    START,
    by_email,
    change,
    channel,
    contact,
    embedded,
    get,
    held,
    invalid,
    make,
    make_contact,
    make_segment,
    missing,
)

FULL = {"user_id": "user_1", "name": "Ann Lee", "email": "ann@example.com", "phone": "+12025550143"}


class TestCreate:
    def test_every_member(self, client):
        one, two = make_segment(client, "One"), make_segment(client, "Two", color="rose")
        reply = client.post(CONTACTS, {"channel": FULL, "segment_ids": [two, one, two]})
        expected = contact(
            channel(**FULL),
            name="Ann Lee",
            segments=[embedded("Two", 1, color="rose"), embedded("One", 1)],
        )
        assert (reply.status, reply.json) == (200, expected)
        assert list(reply.json) == list(expected)
        assert list(reply.json["channels"][0]) == list(expected["channels"][0])
        assert list(reply.json["segments"][0]) == list(expected["segments"][0])
        assert get(client, f"{CONTACTS}/{reply.json['id']}") == expected

    @pytest.mark.parametrize(
        ("said", "expected"),
        [
            ({"user_id": "u"}, channel("u")),
            ({"email": " Ann@EXAMPLE.com "}, channel("ann@example.com", email="ann@example.com")),
            ({"phone": " +1 (202) 555-0143 "}, channel("+12025550143", phone="+12025550143")),
            (
                {"email": "a@example.com", "phone": "1"},
                channel("a@example.com", email="a@example.com", phone="1"),
            ),
            ({"user_id": "", "email": "a@example.com", "phone": ""}, channel("a@example.com", email="a@example.com")),
            ({"user_id": "u", "type": "email", "age": 3}, channel("u")),
            ({"user_id": " Ü 💌 "}, channel(" Ü 💌 ")),
        ],
    )
    def test_the_user_id_is_the_address_or_the_number(self, client, said, expected):
        reply = client.post(CONTACTS, {"channel": said})
        assert (reply.status, reply.json) == (200, contact(expected))

    @pytest.mark.parametrize(
        ("body", "issues"),
        [
            ({}, [(["channel"], "channel is required")]),
            ({"channel": None}, [(["channel"], "channel must be an object")]),
            ({"channel": "x"}, [(["channel"], "channel must be an object")]),
            ({"channel": {}}, [(["channel"], "channel must have at least one of user_id, email and phone")]),
            (
                {"channel": {"name": "Ann"}},
                [(["channel"], "channel must have at least one of user_id, email and phone")],
            ),
            (
                {"channel": {"phone": " () - "}},
                [(["channel"], "channel must have at least one of user_id, email and phone")],
            ),
            ({"channel": {"user_id": 5}}, [(["channel", "user_id"], "channel.user_id must be a string")]),
            ({"channel": {"user_id": None}}, [(["channel", "user_id"], "channel.user_id must be a string")]),
            ({"channel": {"email": "ann"}}, [(["channel", "email"], "channel.email must be a valid email")]),
            ({"channel": {"email": ""}}, [(["channel", "email"], "channel.email must be a valid email")]),
            ({"channel": {"email": "a@b"}}, [(["channel", "email"], "channel.email must be a valid email")]),
            (
                {"channel": {"email": "a" * 250 + "@example.com"}},
                [(["channel", "email"], "channel.email must contain at most 256 character(s)")],
            ),
            (
                {"channel": {"phone": "1" * 257}},
                [(["channel", "phone"], "channel.phone must contain at most 256 character(s)")],
            ),
            (
                {"channel": {"user_id": "u", "name": 1}, "segment_ids": "x"},
                [
                    (["channel", "name"], "channel.name must be a string"),
                    (["segment_ids"], "segment_ids must be an array"),
                ],
            ),
            (
                {"channel": {"user_id": "u"}, "segment_ids": ["a", 2]},
                [(["segment_ids", 1], "segment_ids.1 must be a string")],
            ),
        ],
    )
    def test_bad_input_changes_nothing(self, client, body, issues):
        before = held(client)
        reply = client.post(CONTACTS, body)
        assert (reply.status, reply.json) == (400, invalid(*issues))
        assert held(client) == before

    @pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"channel": {"email": "a@example.com"}'])
    def test_a_body_that_is_no_json(self, client, body):
        reply = client.post(CONTACTS, body=body)
        assert (reply.status, reply.json) == (400, MALFORMED)

    @pytest.mark.parametrize("body", [[], "text", 5, None, True])
    def test_a_body_that_is_no_object(self, client, body):
        reply = client.post(CONTACTS, body)
        assert (reply.status, reply.json) == (400, NO_OBJECT)

    @pytest.mark.parametrize(
        ("body", "thing"),
        [
            ({"channel": {"user_id": "u"}, "segment_ids": ["seg_x"]}, "Segment"),
            ({"channel": {"user_id": "u", "contact_id": NOBODY}}, "Contact"),
            ({"channel": {"user_id": "u", "contact_id": ""}}, "Contact"),
        ],
    )
    def test_what_it_names_has_to_exist(self, client, body, thing):
        before = held(client)
        reply = client.post(CONTACTS, body)
        assert (reply.status, reply.json) == (404, missing(thing))
        assert held(client) == before


class TestUpsert:
    """The user id of a custom channel is the key."""

    def test_a_known_user_id_is_the_same_contact(self, client):
        one, two = make_segment(client, "One"), make_segment(client, "Two")
        first = make_contact(client, **FULL, segment_ids=[one])
        client.clock(advance="1s")
        reply = client.post(
            CONTACTS,
            {"channel": {"user_id": "user_1", "email": "NEW@example.com", "name": "Ann B"}, "segment_ids": [two]},
        )
        expected = contact(
            channel(**{**FULL, "email": "new@example.com", "name": "Ann B"}, updated_at=LATER),
            name="Ann B",
            segments=[embedded("One", 1), embedded("Two", 1)],
            updated_at=LATER,
        )
        assert (reply.status, reply.json) == (200, expected)
        assert reply.json["id"] == first["id"]
        assert reply.json["channels"][0]["id"] == first["channels"][0]["id"]
        assert get(client, CONTACTS) == [expected]

    def test_what_is_not_said_stays(self, client):
        make_contact(client, **FULL)
        assert make_contact(client, user_id="user_1") == contact(channel(**FULL), name="Ann Lee")

    def test_the_address_alone_is_a_user_id_too(self, client):
        [id] = make(client, "ann@example.com")
        assert make(client, " ANN@example.com") == [id]

    def test_one_address_under_two_user_ids_is_two_contacts(self, client):
        make_contact(client, **FULL)
        assert make_contact(client, **{**FULL, "user_id": "user_2"})["channels"][0]["user_id"] == "user_2"
        assert len(get(client, CONTACTS)) == 2

    def test_case_of_a_user_id_matters(self, client):
        make_contact(client, user_id="u")
        make_contact(client, user_id="U")
        assert len(get(client, CONTACTS)) == 2

    def test_a_channel_for_a_contact_there_is(self, client):
        first = make_contact(client, **FULL)
        client.clock(advance="1s")
        reply = client.post(CONTACTS, {"channel": {"contact_id": first["id"], "email": "b@example.com", "name": "Bee"}})
        added = channel("b@example.com", email="b@example.com", name="Bee", created_at=LATER, updated_at=LATER)
        expected = contact(channel(**FULL), added, name="Ann Lee", updated_at=LATER)
        assert (reply.status, reply.json) == (200, expected)
        assert get(client, CONTACTS) == [expected]
        again = client.post(CONTACTS, {"channel": {"contact_id": first["id"], "email": "b@example.com"}})
        assert again.json == expected

    def test_such_a_channel_names_who_had_no_name(self, client):
        [id] = make(client, "a@example.com")
        reply = client.post(CONTACTS, {"channel": {"contact_id": id, "user_id": "u", "name": "Ann"}})
        assert reply.json["name"] == "Ann"


class TestUpdate:
    @pytest.mark.parametrize(
        ("said", "expected"),
        [
            ({}, {}),
            ({"name": "Ann B"}, {"name": "Ann B"}),
            ({"name": ""}, {"name": ""}),
            ({"name": None}, {"name": None}),
            ({"blocked": True}, {"blocked": True, "blocked_at": LATER}),
            ({"unsubscribed": True}, {"unsubscribed": True, "unsubscribed_at": LATER}),
            ({"blocked": False, "unsubscribed": False, "is_admin": True}, {}),
        ],
    )
    def test_what_is_said(self, client, said, expected):
        id = make_contact(client, **FULL)["id"]
        client.clock(advance="1s")
        reply = client.patch(f"{CONTACTS}/{id}", said)
        whole = contact(channel(**FULL), **{"name": "Ann Lee", "updated_at": LATER, **expected})
        assert (reply.status, reply.json) == (200, whole)
        assert get(client, f"{CONTACTS}/{id}") == whole

    def test_a_flag_keeps_its_first_moment_and_loses_it_with_the_flag(self, client):
        [id] = make(client, "a@example.com")
        client.patch(f"{CONTACTS}/{id}", {"blocked": True, "unsubscribed": True})
        client.clock(advance="1s")
        again = client.patch(f"{CONTACTS}/{id}", {"blocked": True, "unsubscribed": True}).json
        assert (again["blocked_at"], again["unsubscribed_at"], again["updated_at"]) == (START, START, LATER)
        over = client.patch(f"{CONTACTS}/{id}", {"blocked": False, "unsubscribed": False}).json
        assert over == by_email("a@example.com", updated_at=LATER)

    def test_subscribing_forgets_why_it_ended(self, client):
        [id] = make(client, "a@example.com")
        client.patch(f"{CONTACTS}/{id}", {"unsubscribed": True})
        change(client, RESOURCE, id, unsubscribe_reason="too many", unsubscribe_feedback="sorry")
        shown = get(client, f"{CONTACTS}/{id}")
        assert (shown["unsubscribe_reason"], shown["unsubscribe_feedback"]) == ("too many", "sorry")
        assert client.patch(f"{CONTACTS}/{id}", {"unsubscribed": False}).json == by_email("a@example.com")

    @pytest.mark.parametrize(
        ("said", "issue"),
        [
            ({"name": 5}, (["name"], "name must be a string")),
            ({"name": "x" * 513}, (["name"], "name must contain at most 512 character(s)")),
            ({"blocked": None}, (["blocked"], "blocked must be a boolean")),
            ({"blocked": "true"}, (["blocked"], "blocked must be a boolean")),
            ({"unsubscribed": 1}, (["unsubscribed"], "unsubscribed must be a boolean")),
            ([], ([], "body must be an object")),
        ],
    )
    def test_bad_input_changes_nothing(self, client, said, issue):
        [id] = make(client, "a@example.com")
        before = held(client)
        reply = client.patch(f"{CONTACTS}/{id}", said)
        assert (reply.status, reply.json) == (400, invalid(issue))
        assert held(client) == before

    def test_the_longest_name(self, client):
        [id] = make(client, "a@example.com")
        assert client.patch(f"{CONTACTS}/{id}", {"name": "x" * 512}).json["name"] == "x" * 512

    def test_an_unknown_contact_is_told_before_a_bad_body(self, client):
        for body in (b"{", b"[]", b"{}"):
            reply = client.patch(f"{CONTACTS}/{NOBODY}", body=body)
            assert (reply.status, reply.json) == (404, missing("Contact"))

    def test_no_json(self, client):
        [id] = make(client, "a@example.com")
        reply = client.patch(f"{CONTACTS}/{id}", body=b"{")
        assert (reply.status, reply.json) == (400, MALFORMED)


class TestReadAndDelete:
    def test_deleting_shows_the_contact_a_last_time(self, client):
        one = make_segment(client, "One")
        id = make_contact(client, **FULL, segment_ids=[one])["id"]
        [other] = make(client, "b@example.com")
        expected = contact(channel(**FULL), name="Ann Lee", segments=[embedded("One", 1)])
        reply = client.delete(f"{CONTACTS}/{id}")
        assert (reply.status, reply.json) == (200, expected)
        assert [found["id"] for found in get(client, CONTACTS)] == [other]
        assert get(client, f"/orgs/c/segments/{one}")["contacts_count"] == 0
        again = client.delete(f"{CONTACTS}/{id}")
        assert (again.status, again.json) == (404, missing("Contact"))

    def test_its_user_id_is_free_again(self, client):
        [id] = make(client, "a@example.com")
        client.delete(f"{CONTACTS}/{id}")
        assert make(client, "a@example.com") != [id]

    @pytest.mark.parametrize("method", ["GET", "DELETE"])
    @pytest.mark.parametrize("id", [NOBODY, "x", "%00", "bulk", "9" * 300])
    def test_an_unknown_contact(self, client, method, id):
        reply = client(method, f"{CONTACTS}/{id}")
        assert (reply.status, reply.json) == (404, missing("Contact"))
