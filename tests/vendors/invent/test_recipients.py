"""The recipients of a broadcast, page by page."""

from __future__ import annotations

from tests.vendors.invent.bodies import (
    BROADCASTS,
    CONTACTS,
    get,
    invalid,
    make,
    make_broadcast,
    make_trigger,
    paging,
)


def test_newest_first_and_paged(client):
    id = make_trigger(client, "Receipt")
    for number in range(5):
        client.clock(advance="1s")
        client.post(f"{BROADCASTS}/{id}/send", {"email": f"p{number}@example.com"})
    pages = [client.get(f"{BROADCASTS}/{id}/recipients", query={"take": 2, "page": page}) for page in (1, 2, 3, 4)]
    expected = [f"p{number}@example.com" for number in (4, 3, 2, 1, 0)]
    assert [row["email"] for page in pages for row in page.json] == expected
    assert [paging(page) for page in pages] == [("5", str(page), "2") for page in (1, 2, 3, 4)]
    assert [row["email"] for row in get(client, f"{BROADCASTS}/{id}/recipients")] == expected


def test_there_are_none_before_a_send(client):
    reply = client.get(f"{BROADCASTS}/{make_broadcast(client, 'News')}/recipients")
    assert (reply.status, reply.json, paging(reply)) == (200, [], ("0", "1", "20"))


def test_the_contact_is_as_it_is_now(client):
    [id] = make(client, "a@example.com")
    broadcast = make_trigger(client, "Receipt")
    client.post(f"{BROADCASTS}/{broadcast}/send", {"contact_id": id})
    client.patch(f"{CONTACTS}/{id}", {"name": "Ann"})
    [row] = get(client, f"{BROADCASTS}/{broadcast}/recipients")
    assert (row["name"], row["contact"]) == (None, get(client, f"{CONTACTS}/{id}"))
    client.delete(f"{CONTACTS}/{id}")
    [row] = get(client, f"{BROADCASTS}/{broadcast}/recipients")
    assert (row["email"], row["contact"]) == ("a@example.com", None)


def test_a_bad_page(client):
    reply = client.get(f"{BROADCASTS}/{make_broadcast(client, 'News')}/recipients?page=x")
    assert (reply.status, reply.json) == (400, invalid((["page"], "page must be a whole number")))
