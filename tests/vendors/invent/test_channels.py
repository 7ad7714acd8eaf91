"""Changing a custom channel."""

from __future__ import annotations

import pytest

from lookalike.vendors.invent.people import CONTACTS as RESOURCE
from tests.vendors.invent.bodies import (
    CONTACTS,
    LATER,
    MALFORMED,
    NO_OBJECT,
    NOBODY,
    change,
    channel,
    contact,
    get,
    held,
    invalid,
    make_contact,
    missing,
    refused,
)

FULL = {"user_id": "user_1", "name": "Ann Lee", "email": "ann@example.com", "phone": "+12025550143"}


def path(made, number: int = 0) -> str:
    return f"{CONTACTS}/{made['id']}/channels/{made['channels'][number]['id']}"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, {}),
        ({"name": "Ann B"}, {"name": "Ann B"}),
        ({"email": " New@Example.com"}, {"email": "new@example.com"}),
        ({"phone": "+1 (202) 555-0199"}, {"phone": "+12025550199"}),
        ({"username": "ann"}, {"username": "ann"}),
        ({"avatar": "https://example.com/a.png"}, {"avatar": "https://example.com/a.png"}),
        (
            {"name": None, "email": None, "phone": None, "username": None, "avatar": None},
            {"name": None, "email": None, "phone": None},
        ),
        ({"name": "", "phone": " - "}, {"name": None, "phone": None}),
        ({"user_id": "other", "type": "slack_bot", "country": "DE"}, {}),
    ],
)
def test_what_is_said(client, said, expected):
    made = make_contact(client, **FULL)
    client.clock(advance="1s")
    reply = client.patch(path(made), said)
    changed = channel(**{**FULL, "updated_at": LATER, **expected})
    assert (reply.status, reply.json) == (200, changed)
    assert reply.json["id"] == made["channels"][0]["id"]
    assert get(client, f"{CONTACTS}/{made['id']}") == contact(changed, name="Ann Lee")


def test_only_that_channel_changes(client):
    made = make_contact(client, **FULL)
    made = client.post(CONTACTS, {"channel": {"contact_id": made["id"], "user_id": "u2"}}).json
    client.patch(path(made, 1), {"name": "Second"})
    assert get(client, f"{CONTACTS}/{made['id']}")["channels"] == [channel(**FULL), channel("u2", name="Second")]


def test_the_contact_is_found_by_what_it_became(client):
    made = make_contact(client, **FULL)
    client.patch(path(made), {"email": "new@example.com"})
    assert get(client, f"{CONTACTS}?email=ann@example.com") == []
    assert [found["id"] for found in get(client, f"{CONTACTS}?email=new@example.com")] == [made["id"]]


@pytest.mark.parametrize(
    ("said", "issue"),
    [
        ({"name": 5}, (["name"], "name must be a string")),
        ({"name": "x" * 257}, (["name"], "name must contain at most 256 character(s)")),
        ({"username": "x" * 257}, (["username"], "username must contain at most 256 character(s)")),
        ({"phone": "1" * 257}, (["phone"], "phone must contain at most 256 character(s)")),
        ({"email": "x" * 257}, (["email"], "email must contain at most 256 character(s)")),
        ({"email": "x"}, (["email"], "email must be a valid email")),
        ({"email": ""}, (["email"], "email must be a valid email")),
        ({"avatar": "a.png"}, (["avatar"], "avatar must be a valid URI")),
        ({"avatar": "https://" + "x" * 2041}, (["avatar"], "avatar must contain at most 2048 character(s)")),
    ],
)
def test_bad_input_changes_nothing(client, said, issue):
    made = make_contact(client, **FULL)
    before = held(client)
    reply = client.patch(path(made), said)
    assert (reply.status, reply.json) == (400, invalid(issue))
    assert held(client) == before


@pytest.mark.parametrize(("body", "expected"), [(b"{", MALFORMED), (b"", MALFORMED), (b"[]", NO_OBJECT)])
def test_bad_bodies(client, body, expected):
    reply = client.patch(path(make_contact(client, **FULL)), body=body)
    assert (reply.status, reply.json) == (400, expected)


@pytest.mark.parametrize("kind", ["internal", "whatsapp_bot", "gmail"])
def test_only_custom_channels(client, kind):
    made = make_contact(client, **FULL)
    change(client, RESOURCE, made["id"], channels=[{**made["channels"][0], "type": kind}])
    before = held(client)
    reply = client.patch(path(made), {"name": "x"})
    assert (reply.status, reply.json) == (400, refused("Only custom channels can be updated"))
    assert held(client) == before


def test_both_have_to_exist(client):
    made, other = make_contact(client, user_id="a"), make_contact(client, user_id="b")
    theirs = other["channels"][0]["id"]
    for contact_id, channel_id, thing in (
        (NOBODY, theirs, "Contact"),
        (made["id"], theirs, "Channel"),
        (made["id"], "cch_x", "Channel"),
    ):
        reply = client.patch(f"{CONTACTS}/{contact_id}/channels/{channel_id}", body=b"{")
        assert (reply.status, reply.json) == (404, missing(thing))
