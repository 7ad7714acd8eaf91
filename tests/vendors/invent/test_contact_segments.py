"""Which segments a contact is in."""

from __future__ import annotations

import pytest

from tests.vendors.invent.bodies import (
    CONTACTS,
    NOBODY,
    START,
    by_email,
    embedded,
    get,
    held,
    invalid,
    make,
    make_segment,
    missing,
    paging,
)


def test_adding_answers_the_whole_contact(client):
    [id], vip = make(client, "a@example.com"), make_segment(client, "VIP")
    client.clock(advance="1s")
    reply = client.post(f"{CONTACTS}/{id}/segments/{vip}")
    expected = by_email("a@example.com", segments=[embedded("VIP", 1)])
    assert (reply.status, reply.json) == (200, expected)
    assert get(client, f"{CONTACTS}/{id}") == expected
    assert get(client, f"{CONTACTS}?segment_id={vip}") == [expected]
    before = held(client)
    again = client.post(f"{CONTACTS}/{id}/segments/{vip}", body=b"anything")
    assert (again.status, again.json) == (200, expected)
    assert held(client) == before


def test_removing_answers_the_whole_contact(client):
    [id], vip = make(client, "a@example.com"), make_segment(client, "VIP")
    other = make_segment(client, "Other")
    for segment_id in (vip, other):
        client.post(f"{CONTACTS}/{id}/segments/{segment_id}")
    reply = client.delete(f"{CONTACTS}/{id}/segments/{vip}")
    expected = by_email("a@example.com", segments=[embedded("Other", 1)])
    assert (reply.status, reply.json) == (200, expected)
    assert get(client, f"{CONTACTS}?segment_id={vip}") == []
    before = held(client)
    again = client.delete(f"{CONTACTS}/{id}/segments/{vip}")
    assert (again.status, again.json) == (200, expected)
    assert held(client) == before


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_both_have_to_exist_and_the_contact_is_looked_for_first(client, method):
    [id], vip = make(client, "a@example.com"), make_segment(client, "VIP")
    before = held(client)
    for contact_id, segment_id, thing in ((NOBODY, vip, "Contact"), (NOBODY, "x", "Contact"), (id, "x", "Segment")):
        reply = client(method, f"{CONTACTS}/{contact_id}/segments/{segment_id}")
        assert (reply.status, reply.json) == (404, missing(thing))
    assert held(client) == before


def test_the_list_is_newest_first_and_paged(client):
    [id] = make(client, "a@example.com")
    for number in range(5):
        client.clock(freeze=f"2026-03-17T10:30:0{number}.000Z")
        client.post(f"{CONTACTS}/{id}/segments/{make_segment(client, f'S{number}')}")
    at = [f"2026-03-17T10:30:0{number}.000Z" for number in range(5)]
    expected = [embedded(f"S{n}", 1, created_at=at[n], updated_at=at[n]) for n in (4, 3, 2, 1, 0)]
    reply = client.get(f"{CONTACTS}/{id}/segments")
    assert (reply.status, reply.json) == (200, expected)
    assert paging(reply) == ("5", "1", "20")
    pages = [client.get(f"{CONTACTS}/{id}/segments", query={"take": 2, "page": page}) for page in (1, 2, 3, 4)]
    assert [found for page in pages for found in page.json] == expected
    assert [paging(page) for page in pages] == [("5", str(page), "2") for page in (1, 2, 3, 4)]
    assert pages[3].json == []


def test_the_list_of_somebody_in_none(client):
    [id] = make(client, "a@example.com")
    reply = client.get(f"{CONTACTS}/{id}/segments")
    assert (reply.status, reply.json, paging(reply)) == (200, [], ("0", "1", "20"))


def test_the_list_of_nobody(client):
    for query in ({}, {"take": "x"}):
        reply = client.get(f"{CONTACTS}/{NOBODY}/segments", query=query)
        assert (reply.status, reply.json) == (404, missing("Contact"))


def test_a_bad_page(client):
    [id] = make(client, "a@example.com")
    reply = client.get(f"{CONTACTS}/{id}/segments?take=101")
    assert (reply.status, reply.json) == (400, invalid((["take"], "take must be less than or equal to 100")))


def test_counts_are_those_of_now(client):
    one, two = make(client, "a@example.com", "b@example.com")
    vip = make_segment(client, "VIP")
    for id in (one, two):
        client.post(f"{CONTACTS}/{id}/segments/{vip}")
    assert get(client, f"{CONTACTS}/{one}/segments") == [embedded("VIP", 2, created_at=START)]
    client.delete(f"{CONTACTS}/{two}")
    assert get(client, f"{CONTACTS}/{one}")["segments"] == [embedded("VIP", 1)]
