"""Many contacts at once, and the dry run of it."""

from __future__ import annotations

import pytest

from tests.vendors.invent.bodies import (
    CONTACTS,
    LATER,
    MALFORMED,
    NO_OBJECT,
    NOBODY,
    SEGMENTS,
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

DRY, BULK = f"{CONTACTS}/bulk/dry", f"{CONTACTS}/bulk"

ENTRIES = {
    "created": [
        {"type": "email", "email": " New@Example.com ", "name": "New"},
        {"type": "phone", "phone": "+1 (202) 555-0143"},
        {"user_id": "u9"},
        {"user_id": "", "email": "b@example.com"},
    ],
    "updated": [
        {"type": "email", "email": "KNOWN@example.com", "name": "Ann"},
        {"user_id": "u1", "email": "one@example.com"},
        {"user_id": "u9", "phone": "1"},
        {"email": "new@example.com"},
    ],
    "invalid": [
        {},
        {"type": "email"},
        {"name": "Nobody"},
        {"email": "nonsense"},
        {"email": "", "phone": "1"},
        {"email": "nonsense", "user_id": "u3"},
        {"user_id": "u4", "contact_id": NOBODY},
        {"phone": "1" * 300},
    ],
}


def entries() -> list[dict]:
    found = zip(*(ENTRIES[name] + [None] * 8 for name in ("created", "updated", "invalid")), strict=False)
    return [entry for row in found for entry in row if entry is not None]


@pytest.fixture
def known(client):
    make(client, "known@example.com")
    make_contact(client, user_id="u1")
    return client


def test_a_dry_run_sorts_the_entries_and_stores_nothing(known):
    before = held(known)
    reply = known.post(DRY, {"channels": entries(), "segment_id": make_segment(known, "VIP")})
    assert (reply.status, reply.json) == (200, ENTRIES)
    assert list(reply.json) == ["created", "updated", "invalid"]
    assert [found for found in held(known) if found[0] != "segments"] == before


def test_the_real_one_says_the_same_and_does_it(known):
    vip = make_segment(known, "VIP")
    known.clock(advance="1s")
    reply = known.post(BULK, {"channels": entries(), "segment_id": vip})
    assert (reply.status, reply.json) == (200, ENTRIES)
    vips = [embedded("VIP", 6)]
    new = {"created_at": LATER, "updated_at": LATER}
    expected = [
        contact(
            channel("known@example.com", email="known@example.com", name="Ann", updated_at=LATER),
            name="Ann",
            updated_at=LATER,
            segments=vips,
        ),
        contact(channel("u1", email="one@example.com", updated_at=LATER), updated_at=LATER, segments=vips),
        contact(
            channel("new@example.com", email="new@example.com", name="New", **new), name="New", segments=vips, **new
        ),
        contact(channel("+12025550143", phone="+12025550143", **new), segments=vips, **new),
        contact(channel("u9", phone="1", **new), segments=vips, **new),
        contact(channel("b@example.com", email="b@example.com", **new), segments=vips, **new),
    ]
    shown = {found["channels"][0]["user_id"]: found for found in get(known, CONTACTS)}
    assert [shown[found["channels"][0]["user_id"]] for found in expected] == expected
    assert len(shown) == len(expected)
    again = known.post(BULK, {"channels": entries()})
    assert {name: len(found) for name, found in again.json.items()} == {"created": 0, "updated": 8, "invalid": 8}


def test_an_entry_for_a_contact_there_is(client):
    [id] = make(client, "a@example.com")
    option = {"user_id": "u2", "contact_id": id}
    for path in (DRY, BULK):
        assert client.post(path, {"channels": [option]}).json == {"created": [], "updated": [option], "invalid": []}
    assert [found["user_id"] for found in get(client, f"{CONTACTS}/{id}")["channels"]] == ["a@example.com", "u2"]


def test_members_that_nobody_knows_are_not_echoed(client):
    reply = client.post(DRY, {"channels": [{"user_id": "u", "avatar": "x"}], "more": 1})
    assert reply.json == {"created": [{"user_id": "u"}], "updated": [], "invalid": []}


@pytest.mark.parametrize("path", [DRY, BULK])
class TestBoth:
    def test_no_entries(self, client, path):
        reply = client.post(path, {"channels": []})
        assert (reply.status, reply.json) == (200, {"created": [], "updated": [], "invalid": []})

    @pytest.mark.parametrize(
        ("body", "issue"),
        [
            ({}, (["channels"], "channels is required")),
            ({"channels": {}}, (["channels"], "channels must be an array")),
            ({"channels": ["x"]}, (["channels", 0], "channels.0 must be an object")),
            ({"channels": [{}, {"email": 5}]}, (["channels", 1, "email"], "channels.1.email must be a string")),
            ({"channels": [{"user_id": "u"}], "segment_id": 5}, (["segment_id"], "segment_id must be a string")),
            ({"channels": [{}] * 10_001}, (["channels"], "channels must contain at most 10000 element(s)")),
        ],
    )
    def test_bad_input_changes_nothing(self, client, path, body, issue):
        before = held(client)
        reply = client.post(path, body)
        assert (reply.status, reply.json) == (400, invalid(issue))
        assert held(client) == before

    @pytest.mark.parametrize(("body", "expected"), [(b"{", MALFORMED), (b"", MALFORMED), (b"[]", NO_OBJECT)])
    def test_bad_bodies(self, client, path, body, expected):
        reply = client.post(path, body=body)
        assert (reply.status, reply.json) == (400, expected)

    def test_the_segment_has_to_exist(self, client, path):
        before = held(client)
        reply = client.post(path, {"channels": [{"user_id": "u"}], "segment_id": "seg_x"})
        assert (reply.status, reply.json) == (404, missing("Segment"))
        assert held(client) == before

    def test_ten_thousand_entries(self, client, path):
        vip = make_segment(client, "VIP")
        channels = [{"type": "email", "email": f"p{number}@example.com"} for number in range(10_000)]
        reply = client.post(path, {"channels": channels, "segment_id": vip})
        assert (reply.status, reply.json) == (200, {"created": channels, "updated": [], "invalid": []})
        made = 10_000 if path == BULK else 0
        assert client.get(CONTACTS).headers["pagination-count"] == str(made)
        assert get(client, f"{SEGMENTS}/{vip}")["contacts_count"] == made
