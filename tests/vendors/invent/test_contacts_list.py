"""Invent contacts: filters, order and pages."""

from __future__ import annotations

import pytest

from lookalike.vendors.invent.people import CONTACTS as RESOURCE
from tests.vendors.invent.bodies import (
    CONTACTS,
    NOBODY,
    by_email,
    change,
    channel,
    contact,
    get,
    invalid,
    make,
    make_contact,
    make_segment,
    paging,
)


def names(reply) -> list[str]:
    assert reply.status == 200, reply.text
    return [found["name"] for found in reply.json]


@pytest.fixture
def people(client):
    """Six contacts, each a second younger than the one before."""
    vip = make_segment(client, "VIP")
    ids = {}
    for name, fields, segments in (
        ("Ann Lee", {"user_id": "u1", "email": "ann@example.com", "phone": "+12025550143"}, [vip]),
        ("Bob Lee", {"user_id": "u2", "email": "bob@example.com"}, []),
        ("Cyd", {"user_id": "u3", "email": "ann@example.com"}, [vip]),
        ("Dee", {"user_id": "u4"}, []),
        ("Eve", {"user_id": "u5"}, [vip]),
        ("Flo", {"user_id": "u6", "phone": "+4915112345"}, []),
    ):
        made = make_contact(client, name=name, segment_ids=segments, **fields)
        ids[name] = made["id"]
        client.clock(advance="1s")
        if name == "Cyd":
            client.patch(f"{CONTACTS}/{made['id']}/channels/{made['channels'][0]['id']}", {"username": "CydTheKid"})
    client.patch(f"{CONTACTS}/{ids['Dee']}", {"blocked": True})
    client.patch(f"{CONTACTS}/{ids['Eve']}", {"unsubscribed": True})
    change(client, RESOURCE, ids["Flo"], is_admin=True)
    client.vip = vip
    return client


EVERYBODY = ["Flo", "Eve", "Dee", "Cyd", "Bob Lee", "Ann Lee"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, EVERYBODY),
        ({"status": "ALL"}, EVERYBODY),
        ({"status": "SUBSCRIBED"}, ["Flo", "Cyd", "Bob Lee", "Ann Lee"]),
        ({"status": "UNSUBSCRIBED"}, ["Eve"]),
        ({"status": "BLOCKED"}, ["Dee"]),
        ({"status": "AI_REPLIES_DISABLED"}, []),
        ({"unsubscribed": "true"}, ["Eve"]),
        ({"unsubscribed": "1"}, ["Eve"]),
        ({"unsubscribed": "false"}, ["Flo", "Dee", "Cyd", "Bob Lee", "Ann Lee"]),
        ({"unsubscribed": "0", "status": "BLOCKED"}, ["Dee"]),
        ({"unsubscribed": "true", "status": "BLOCKED"}, []),
        ({"search": "lee"}, ["Bob Lee", "Ann Lee"]),
        ({"q": "LEE"}, ["Bob Lee", "Ann Lee"]),
        ({"query": "lee"}, ["Bob Lee", "Ann Lee"]),
        ({"search": ""}, EVERYBODY),
        ({"search": "example.com"}, ["Cyd", "Bob Lee", "Ann Lee"]),
        ({"search": "555"}, ["Ann Lee"]),
        ({"search": "thekid"}, ["Cyd"]),
        ({"search": "u1"}, []),
        ({"name": "LEE"}, ["Bob Lee", "Ann Lee"]),
        ({"name": "example"}, []),
        ({"user_id": "u1"}, ["Ann Lee"]),
        ({"user_id": "U1"}, []),
        ({"user_id": "u"}, []),
        ({"email": "ANN@example.com"}, ["Cyd", "Ann Lee"]),
        ({"email": "nobody@example.com"}, []),
        ({"username": "cydthekid"}, ["Cyd"]),
        ({"username": "cyd"}, []),
        ({"email": "ann@example.com", "username": "CYDTHEKID"}, ["Cyd"]),
        ({"email": "ann@example.com", "user_id": "u2"}, []),
        ({"email": "ann@example.com", "name": "lee"}, ["Ann Lee"]),
        ({"segment_id": "VIP"}, ["Eve", "Cyd", "Ann Lee"]),
        ({"segment_id": "VIP", "status": "SUBSCRIBED"}, ["Cyd", "Ann Lee"]),
        ({"segment_id": "VIP", "email": "ann@example.com", "search": "lee"}, ["Ann Lee"]),
        ({"segment_id": "seg_x"}, []),
        ({"segment_id": "SUBSCRIBED"}, []),
        ({"segment_id": ""}, []),
        ({"exclude_admins": "true"}, EVERYBODY[1:]),
        ({"exclude_admins": "false"}, EVERYBODY),
        ({"is_admin": "true"}, ["Flo"]),
        ({"is_admin": "false"}, EVERYBODY[1:]),
        ({"is_admin": "true", "status": "BLOCKED"}, []),
        ({"exclude_board_id": "bor_x"}, EVERYBODY),
        ({"next": "anything", "unknown": "x"}, EVERYBODY),
    ],
)
def test_filters(people, query, expected):
    if query.get("segment_id") == "VIP":
        query = {**query, "segment_id": people.vip}
    reply = people.get(CONTACTS, query=query)
    assert names(reply) == expected
    assert paging(reply) == (str(len(expected)), "1", "20")
    paged = [people.get(CONTACTS, query={**query, "take": 2, "page": page}) for page in (1, 2, 3)]
    assert [name for page in paged for name in names(page)] == expected
    assert {paging(page)[0] for page in paged} == {str(len(expected))}


@pytest.mark.parametrize(
    ("query", "issue"),
    [
        ({"page": "0"}, (["page"], "page must be greater than or equal to 1")),
        ({"page": "-1"}, (["page"], "page must be greater than or equal to 1")),
        ({"page": "x"}, (["page"], "page must be a whole number")),
        ({"page": ""}, (["page"], "page must be a whole number")),
        ({"page": "1.5"}, (["page"], "page must be a whole number")),
        ({"take": "0"}, (["take"], "take must be greater than or equal to 1")),
        ({"take": "101"}, (["take"], "take must be less than or equal to 100")),
        ({"take": "9" * 5000}, (["take"], "take must be a whole number")),
        ({"email": "ann"}, (["email"], "email must be a valid email")),
        ({"email": ""}, (["email"], "email must be a valid email")),
        ({"unsubscribed": "yes"}, (["unsubscribed"], "unsubscribed must be a boolean")),
        ({"exclude_admins": ""}, (["exclude_admins"], "exclude_admins must be a boolean")),
        (
            {"status": "subscribed"},
            (["status"], "status must be one of ALL, SUBSCRIBED, UNSUBSCRIBED, BLOCKED, AI_REPLIES_DISABLED"),
        ),
    ],
)
def test_bad_queries(client, query, issue):
    reply = client.get(CONTACTS, query=query)
    assert (reply.status, reply.json) == (400, invalid(issue))


def test_whole_bodies_and_the_samples_of_the_documentation(client):
    make(client, "a@example.com")
    make_contact(client, user_id="u", name="Bee")
    reply = client.get("/orgs/c/contacts?page=1&take=20&status=SUBSCRIBED")
    assert reply.status == 200
    assert sorted(reply.json, key=lambda found: found["channels"][0]["user_id"]) == [
        by_email("a@example.com"),
        contact(channel("u", name="Bee"), name="Bee"),
    ]
    assert paging(reply) == ("2", "1", "20")


def test_of_one_moment_the_higher_id_comes_first(client):
    ids = make(client, *(f"p{number}@example.com" for number in range(25)))
    expected = sorted(ids, reverse=True)
    first, second, third = (client.get(CONTACTS, query={"page": page}) for page in (1, 2, 3))
    assert [found["id"] for found in first.json] == expected[:20]
    assert [found["id"] for found in second.json] == expected[20:]
    assert (third.status, third.json) == (200, [])
    assert [paging(reply) for reply in (first, second, third)] == [
        ("25", "1", "20"),
        ("25", "2", "20"),
        ("25", "3", "20"),
    ]
    assert len(client.get(CONTACTS, query={"take": 100}).json) == 25
    assert client.get(CONTACTS, query={"page": "9" * 30}).json == []


def test_changes_show_in_every_list(client):
    [id] = make(client, "a@example.com")
    client.patch(f"{CONTACTS}/{id}", {"blocked": True})
    assert [len(get(client, f"{CONTACTS}?status={status}")) for status in ("SUBSCRIBED", "BLOCKED")] == [0, 1]
    client.patch(f"{CONTACTS}/{id}", {"blocked": False})
    assert [len(get(client, f"{CONTACTS}?status={status}")) for status in ("SUBSCRIBED", "BLOCKED")] == [1, 0]
    client.delete(f"{CONTACTS}/{id}")
    assert get(client, CONTACTS) == []
    assert client.get(f"{CONTACTS}/{NOBODY}").status == 404


def test_internal_channels_are_found_too(client):
    made = make_contact(client, user_id="u", email="a@example.com")
    change(client, RESOURCE, made["id"], channels=[{**made["channels"][0], "type": "internal"}])
    expected = [contact(channel("u", email="a@example.com", type="internal"))]
    assert get(client, f"{CONTACTS}?email=a@example.com") == expected
    assert get(client, f"{CONTACTS}?user_id=u") == expected
