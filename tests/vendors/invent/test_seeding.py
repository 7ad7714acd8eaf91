"""The demo audience in Invent's terms."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from lookalike.audience import Audience
from lookalike.seeding import load_fixture
from lookalike.vendors.invent.people import by_channel
from lookalike.vendors.invent.seeding import seed
from tests.support import TIME, Client
from tests.vendors.invent.bodies import BROADCASTS, CONTACTS, SEGMENTS, an_id, channel, contact, get, held, paging


def seeded() -> Client:
    client = Client("invent", settings={"fixture": "demo"})
    client.clock(freeze="2026-02-01T00:00:00Z")
    return client


@pytest.fixture(scope="module")
def demo() -> Client:
    """For tests that only look."""
    return seeded()


@pytest.fixture(scope="module")
def people(demo):
    return [found for page in (1, 2, 3) for found in get(demo, f"{CONTACTS}?page={page}")]


def test_everybody_is_there(demo, people):
    assert paging(demo.get(CONTACTS)) == ("60", "1", "20")
    assert len({found["id"] for found in people}) == 60
    assert [found["created_at"] for found in people] == sorted((f["created_at"] for f in people), reverse=True)


def test_a_contact_has_a_custom_channel_and_one_for_its_number(people):
    for found in people:
        at = {"created_at": found["created_at"], "updated_at": found["created_at"]}
        first = found["channels"][0]
        user, name, phone = first["user_id"], found["name"], first["phone"]
        expected = [channel(user, name=name, email=first["email"], phone=phone, **at)]
        if phone is not None:
            expected.append(channel(phone, type="whatsapp_bot", name=name, phone=phone, **at))
        unsubscribed = {"unsubscribed": found["unsubscribed"], "unsubscribed_at": found["unsubscribed_at"]}
        assert found == contact(*expected, name=name, segments=found["segments"], **unsubscribed, **at)
        assert name == name.strip() != ""
        assert user.startswith("user_")
        assert "@" in first["email"]
    assert 20 < sum(len(found["channels"]) == 2 for found in people) < 60
    assert 0 < sum(found["unsubscribed"] for found in people) < 20


def test_a_channel_leads_to_its_contact_wherever_it_is():
    client = seeded()
    everybody = [found for page in (1, 2, 3) for found in get(client, f"{CONTACTS}?page={page}")]
    part = client.sandbox.workspace("default").part("invent")
    owners = {one["id"]: found["id"] for found in everybody for one in found["channels"]}
    primary, source, gone = [found for found in everybody if len(found["channels"]) == 2][:3]
    assert client.post(f"{CONTACTS}/{primary['id']}/merge", {"source_contact_ids": [source["id"]]}).status == 200
    owners |= {one["id"]: primary["id"] for one in source["channels"]}
    assert client.delete(f"{CONTACTS}/{gone['id']}").status == 200
    lost = [one["id"] for one in gone["channels"]]
    for id, owner in owners.items():
        found = by_channel(part, id)
        assert (found and (found[0]["id"], found[1]["id"])) == (None if id in lost else (owner, id))
    ours = primary["channels"][0]["id"]
    assert [by_channel(part, id) for id in ("", "cch", "cch_", ours[:-1], f"{ours}0", primary["id"])] == [None] * 6


def test_groups_are_segments_those_with_a_rule_too(demo, people):
    shown = get(demo, SEGMENTS)
    assert {found["name"] for found in shown} == {
        "Customers",
        "Newsletter readers",
        "Webinar January 2026",
        "Paying",
        "Large teams",
    }
    counted = Counter(segment["name"] for found in people for segment in found["segments"])
    assert {found["name"]: found["contacts_count"] for found in shown} == counted
    assert len({found["color"] for found in shown}) == 5


def test_messages_are_broadcasts(demo):
    shown = get(demo, BROADCASTS)
    assert {found["status"] for found in shown} == {"SENT", "ACTIVE"}
    kept = demo.control("GET", "/messages?vendor=invent").json["messages"]
    assert sum(found["recipients_count"] for found in shown) == len(kept) > 10
    for found in shown:
        rows = get(demo, f"{BROADCASTS}/{found['id']}/recipients")
        counted = Counter(
            {
                f"{name}_count": sum(row[f"is_{name}"] for row in rows)
                for name in ("sent", "delivered", "opened", "complained")
            }
        )
        assert {name: found[name] for name in counted} == counted
        assert found["sent_count"] == found["recipients_count"] == len(rows) > 0
        assert found["failed_count"] == sum(row["is_bounced"] for row in rows)
        assert found["templates"][0]["recipients_count"] == len(rows)
        assert {row["external_message_id"] for row in rows} <= {message["id"] for message in kept}
        assert all(row["contact"]["id"] == an_id("ctc") and row["is_sent_at"] == TIME for row in rows)


def test_there_is_a_trigger_to_try():
    client = seeded()
    active = next(found for found in get(client, BROADCASTS) if found["status"] == "ACTIVE")
    reply = client.post(f"{BROADCASTS}/{active['id']}/send", {"email": "ann@example.com"})
    assert reply.status == 200
    assert reply.json["recipients"][0]["status"] == "SENT"


def test_two_who_share_a_number_are_duplicates(demo, people):
    """Among sixty people with made-up numbers some have the same one."""
    numbers = Counter(found["channels"][0]["phone"] for found in people if found["channels"][0]["phone"])
    shared = {number for number, times in numbers.items() if times > 1}
    groups = get(demo, f"{CONTACTS}/duplicates")
    assert {group["primary"]["channels"][0]["phone"] for group in groups} == shared
    assert [len(group["duplicates"]) for group in groups] == [numbers[number] - 1 for number in shared]


def test_telling_it_again_adds_nothing():
    client = seeded()
    get(client, CONTACTS)
    part = client.sandbox.workspace("default").part("invent")
    before, kept = held(client), client.control("GET", "/messages?vendor=invent").json
    seed(part, load_fixture("demo", 1))
    assert held(client) == before
    assert client.control("GET", "/messages?vendor=invent").json == kept


def test_among_many_those_who_share_something_are_duplicates():
    """Those who have an address of one who comes with them, or of one who is there; a user id is taken once."""
    client = seeded()
    get(client, CONTACTS)
    person = load_fixture("demo", 1).people[0]
    part = client.sandbox.workspace("default").part("invent")
    told = [
        replace(person, number=number, user_id=f"new_{letter}", email=f"{letter}@example.com", phone=None)
        for number, letter in enumerate("abcdef")
    ]
    told[2] = replace(told[2], email=told[0].email)
    told[3] = replace(told[3], user_id=told[1].user_id)
    seed(part, Audience(1.8e9, told[:4]))
    told[5] = replace(told[5], email=told[1].email)
    seed(part, Audience(1.8e9, told))
    groups = get(client, f"{CONTACTS}/duplicates?take=100")
    named = [
        {found["channels"][0]["user_id"] for found in (group["primary"], *group["duplicates"])} for group in groups
    ]
    assert [names for names in named if names & {one.user_id for one in told}] in (
        [{"new_a", "new_c"}, {"new_b", "new_f"}],
        [{"new_b", "new_f"}, {"new_a", "new_c"}],
    )
    assert paging(client.get(CONTACTS)) == ("65", "1", "20")


def test_more_people_join_what_is_there():
    client = seeded()
    get(client, CONTACTS)
    part = client.sandbox.workspace("default").part("invent")
    audience = load_fixture("demo", 1)
    strangers = [replace(person, user_id=f"more_{person.number}") for person in audience.people]
    seed(part, replace(audience, people=strangers))
    assert paging(client.get(CONTACTS)) == ("120", "1", "20")
    assert len(get(client, SEGMENTS)) == 5
    assert len(get(client, f"{CONTACTS}/fields")) == 10
    shown = get(client, BROADCASTS)
    assert len(shown) == len(get(seeded(), BROADCASTS))
    assert {found["recipients_count"] % 2 for found in shown} == {0}
    merged = sum(len(group["duplicates"]) for group in get(seeded(), f"{CONTACTS}/duplicates"))
    assert len(get(client, f"{CONTACTS}/duplicates?take=100")) == 60 - merged


def test_what_happened_can_go_on():
    client = seeded()
    kept = client.control("GET", "/messages?vendor=invent").json["messages"] or _touched(client)
    opened = next(message for message in kept if message["status"] == "delivered")
    reply = client.control("POST", f"/messages/{opened['id']}/events", {"type": "opened"})
    assert reply.status in (200, 201), reply.text
    rows = get(client, f"{BROADCASTS}/{opened['broadcast_id']}/recipients")
    [row] = [row for row in rows if row["external_message_id"] == opened["id"]]
    assert row["is_opened"]


def _touched(client: Client) -> list[dict]:
    get(client, BROADCASTS)
    return client.control("GET", "/messages?vendor=invent").json["messages"]
