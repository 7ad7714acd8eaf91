"""Invent's contacts and segments as the control API speaks of any vendor's."""

from __future__ import annotations

import pytest

from lookalike.vendors.invent.membership import find, title
from tests.vendors.invent.bodies import make_contact, make_segment


@pytest.fixture
def ann(client):
    vip = make_segment(client, "VIP")
    return make_contact(
        client, user_id="u1", name="Ann", email="ann@example.com", phone="+12025550143", segment_ids=[vip]
    )


def part(client):
    return client.sandbox.workspace("default").part("invent")


@pytest.mark.parametrize("text", ["ann@example.com", " ANN@example.com", "u1", "+1 (202) 555-0143", None])
def test_a_contact_is_found_by_whatever_names_it(client, ann, text):
    found = find(part(client), ann["id"] if text is None else text)
    assert found["id"] == ann["id"]
    assert title(found) == "ann@example.com"


@pytest.mark.parametrize("text", ["bob@example.com", "Ann", "", "ctc_x"])
def test_nobody_is_found(client, ann, text):
    assert find(part(client), text) is None


@pytest.mark.parametrize(("said", "known_as"), [({"phone": "1 2"}, "12"), ({"user_id": "u9", "name": "Bob"}, "u9")])
def test_what_a_contact_without_an_address_is_called(client, said, known_as):
    made = make_contact(client, **said)
    assert title(find(part(client), made["id"])) == known_as


def test_no_segment_has_a_rule(client, ann):
    assert client.control("GET", "/segments?vendor=invent").json == {"segments": []}


@pytest.mark.parametrize(
    ("segment", "is_in", "status"),
    [("VIP", True, 200), ("VIP", False, 408), ("Pro", False, 200), ("Pro", True, 408), ("none", False, 408)],
)
def test_membership_can_be_waited_for(client, ann, segment, is_in, status):
    make_segment(client, "Pro")
    wanted = {"vendor": "invent", "workspace": "default", "contact": "ann@example.com", "segment": segment, "in": is_in}
    reply = client.control("POST", "/wait", {"member": wanted, "timeout": "10ms"})
    assert reply.status == status, reply.text
