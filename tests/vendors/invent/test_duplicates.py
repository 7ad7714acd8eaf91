"""Groups of duplicate contacts, and merging them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookalike.vendors.invent import kinship, people
from lookalike.vendors.invent.people import CONTACTS as RESOURCE
from tests.support import Client
from tests.vendors.invent.bodies import (
    BROADCASTS,
    CONTACTS,
    LATER,
    MALFORMED,
    NO_OBJECT,
    NOBODY,
    START,
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
    make_trigger,
    missing,
    paging,
)

DUPLICATES = f"{CONTACTS}/duplicates"


def groups(client) -> list[list[str]]:
    """The user ids of each group's first channels, the primary first."""
    found = get(client, f"{DUPLICATES}?take=100")
    return [[one["channels"][0]["user_id"] for one in (group["primary"], *group["duplicates"])] for group in found]


def grow(client, *people) -> dict[str, str]:
    """Contacts of these user ids, addresses and numbers, each a second younger than the one before: their ids."""
    ids = {}
    for user_id, email, phone in people:
        said = {"user_id": user_id, "email": email, "phone": phone}
        ids[user_id] = make_contact(client, **{name: value for name, value in said.items() if value})["id"]
        client.clock(advance="1s")
    return ids


class TestList:
    def test_whole_bodies(self, client):
        make_contact(client, user_id="a", email="ann@example.com")
        make_contact(client, user_id="alone")
        client.clock(advance="1s")
        vip = make_segment(client, "VIP")
        make_contact(client, user_id="b", email="ANN@example.com", segment_ids=[vip])
        reply = client.get(DUPLICATES)
        younger = channel("b", email="ann@example.com", created_at=LATER, updated_at=LATER)
        assert (reply.status, reply.json) == (
            200,
            [
                {
                    "primary": contact(channel("a", email="ann@example.com")),
                    "duplicates": [
                        contact(
                            younger,
                            created_at=LATER,
                            updated_at=LATER,
                            segments=[embedded("VIP", 1, created_at=LATER, updated_at=LATER)],
                        )
                    ],
                }
            ],
        )
        assert paging(reply) == ("1", "1", "20")

    def test_there_are_none(self, client):
        make(client, "a@example.com", "b@example.com")
        reply = client.get(DUPLICATES)
        assert (reply.status, reply.json, paging(reply)) == (200, [], ("0", "1", "20"))

    @pytest.mark.parametrize(
        ("people", "expected"),
        [
            ([("a", "x@e.co", None), ("b", "x@e.co", None)], [["a", "b"]]),
            ([("a", None, "+1 2"), ("b", None, "+12")], [["a", "b"]]),
            ([("a", "x@e.co", "1"), ("b", "x@e.co", "2"), ("c", None, "2")], [["a", "b", "c"]]),
            ([("a", "x@e.co", None), ("c", None, "2"), ("b", "x@e.co", "2")], [["a", "c", "b"]]),
            (
                [
                    ("a", "x@e.co", None),
                    ("b", "x@e.co", None),
                    ("c", None, "2"),
                    ("d", None, "2"),
                    ("e", "x@e.co", "2"),
                ],
                [["a", "b", "c", "d", "e"]],
            ),
            (
                [("a", "x@e.co", None), ("b", "y@e.co", None), ("c", "x@e.co", None), ("d", "y@e.co", None)],
                [["b", "d"], ["a", "c"]],
            ),
            ([("x@e.co", None, None), ("b", "x@e.co", None)], []),
        ],
    )
    def test_who_belongs_together(self, client, people, expected):
        grow(client, *people)
        assert groups(client) == expected

    def test_the_primary_has_most_channels(self, client):
        ids = grow(client, ("a", "x@e.co", None), ("b", "x@e.co", None), ("c", "x@e.co", None))
        client.post(CONTACTS, {"channel": {"contact_id": ids["b"], "user_id": "more"}})
        assert groups(client) == [["b", "a", "c"]]

    def test_channels_inside_do_not_count(self, client):
        ids = grow(client, ("a", "x@e.co", None), ("b", "x@e.co", None))
        for user_id, id in ids.items():
            inner = {**get(client, f"{CONTACTS}/{id}")["channels"][0], "type": "internal"}
            part = client.sandbox.workspace("default").part("invent")
            before = part.collection(RESOURCE).get(id)
            people.save(part, {**before, "channels": [inner]}, before)
            assert groups(client) == [], user_id

    def test_a_group_follows_its_members(self, client):
        ids = grow(client, ("a", "x@e.co", None), ("b", "x@e.co", "1"), ("c", None, "1"), ("d", None, "1"))
        assert groups(client) == [["a", "b", "c", "d"]]
        client.delete(f"{CONTACTS}/{ids['b']}")
        assert groups(client) == [["c", "d"]]
        added = get(client, f"{CONTACTS}/{ids['a']}")["channels"][0]["id"]
        client.patch(f"{CONTACTS}/{ids['a']}/channels/{added}", {"phone": "1"})
        assert groups(client) == [["a", "c", "d"]]
        client.patch(f"{CONTACTS}/{ids['a']}/channels/{added}", {"phone": None})
        assert groups(client) == [["c", "d"]]
        client.delete(f"{CONTACTS}/{ids['c']}")
        assert groups(client) == []

    def test_pages_of_groups_newest_primary_first(self, client):
        for number in range(5):
            grow(client, (f"a{number}", f"{number}@e.co", None), (f"b{number}", f"{number}@e.co", None))
        replies = [client.get(DUPLICATES, query={"take": 2, "page": page}) for page in (1, 2, 3, 4)]
        shown = [group["primary"]["channels"][0]["user_id"] for reply in replies for group in reply.json]
        assert shown == ["a4", "a3", "a2", "a1", "a0"]
        assert [paging(reply) for reply in replies] == [("5", str(page), "2") for page in (1, 2, 3, 4)]

    def test_groups_of_many(self, client):
        for phone in ("+11", "+22"):
            channels = [{"user_id": f"{phone}/{number:03}", "phone": phone} for number in range(700)]
            client.post(f"{CONTACTS}/bulk", {"channels": channels})
            client.clock(advance="1s")
        reply = client.get(DUPLICATES)
        assert (paging(reply), len(reply.json)) == (("2", "1", "20"), 2)
        for group, phone in zip(reply.json, ("+22", "+11"), strict=True):
            everybody = [group["primary"], *group["duplicates"]]
            assert [found["id"] for found in everybody] == sorted(found["id"] for found in everybody)
            assert {found["channels"][0]["phone"] for found in everybody} == {phone}
            assert len(everybody) == 700

    def test_a_bad_page(self, client):
        reply = client.get(f"{DUPLICATES}?page=0")
        assert (reply.status, reply.json) == (400, invalid((["page"], "page must be greater than or equal to 1")))


class TestMerge:
    def test_everything_moves(self, client):
        one, two = make_segment(client, "One"), make_segment(client, "Two")
        a = make_contact(client, user_id="a", email="x@e.co", segment_ids=[one])
        b = make_contact(client, user_id="b", email="x@e.co", name="Bee", segment_ids=[two, one])
        c = make_contact(client, user_id="c", name="Cyd")
        client.patch(f"{CONTACTS}/{c['id']}", {"blocked": True, "unsubscribed": True})
        client.clock(advance="1s")
        reply = client.post(f"{CONTACTS}/{a['id']}/merge", {"source_contact_ids": [c["id"], b["id"], c["id"]]})
        merged = contact(
            channel("a", email="x@e.co"),
            channel("c", name="Cyd"),
            channel("b", email="x@e.co", name="Bee"),
            name="Cyd",
            segments=[embedded("One", 1), embedded("Two", 1)],
            blocked=True,
            blocked_at=START,
            unsubscribed=True,
            unsubscribed_at=START,
            updated_at=LATER,
        )
        assert (reply.status, reply.json) == (200, {"merged": merged, "merged_contact_ids": [c["id"], b["id"]]})
        assert get(client, CONTACTS) == [merged]
        assert merged["channels"][2]["id"] == b["channels"][0]["id"]
        assert groups(client) == []
        for gone in (b, c):
            assert client.get(f"{CONTACTS}/{gone['id']}").json == missing("Contact")

    def test_its_own_name_and_flags_stay(self, client):
        a, b = make_contact(client, user_id="a", name="Ann"), make_contact(client, user_id="b", name="Bee")
        client.patch(f"{CONTACTS}/{a['id']}", {"unsubscribed": True})
        change(client, RESOURCE, b["id"], unsubscribed=True, unsubscribed_at=LATER, unsubscribe_reason="x")
        merged = client.post(f"{CONTACTS}/{a['id']}/merge", {"source_contact_ids": [b["id"]]}).json["merged"]
        expected = contact(
            channel("a", name="Ann"),
            channel("b", name="Bee"),
            name="Ann",
            unsubscribed=True,
            unsubscribed_at=START,
        )
        assert merged == expected

    @pytest.mark.parametrize("body", [b"", b" \n", b"{}", b'{"source_contact_ids": null}'])
    def test_without_sources_all_duplicates_are_merged(self, client, body):
        ids = grow(client, ("a", "x@e.co", None), ("b", "x@e.co", "1"), ("c", None, "1"), ("d", None, "2"))
        reply = client.post(f"{CONTACTS}/{ids['b']}/merge", body=body)
        assert reply.json["merged_contact_ids"] == [ids["a"], ids["c"]]
        assert [one["user_id"] for one in reply.json["merged"]["channels"]] == ["b", "a", "c"]
        assert {found["id"] for found in get(client, CONTACTS)} == {ids["b"], ids["d"]}
        assert groups(client) == []

    def test_nothing_to_merge(self, client):
        [id] = make(client, "a@example.com")
        before = held(client)
        client.clock(advance="1s")
        reply = client.post(f"{CONTACTS}/{id}/merge")
        expected = {"merged": contact(channel("a@example.com", email="a@example.com")), "merged_contact_ids": []}
        assert (reply.status, reply.json) == (200, expected)
        assert held(client) == before

    def test_of_very_many_others_see_the_primary_first(self, client, between):
        people = [(f"u{number}", "one@example.com", None) for number in range(250)]
        channels = [{"user_id": user_id, "email": email} for user_id, email, _ in people]
        client.post(f"{CONTACTS}/bulk", {"channels": channels})
        [first] = get(client, f"{CONTACTS}?take=1")
        seen = []

        def look():
            count = int(paging(client.get(CONTACTS))[0])
            seen.append((count, len(get(client, f"{CONTACTS}/{first['id']}")["channels"])))

        between += [look] * 8
        reply = client.post(f"{CONTACTS}/{first['id']}/merge")
        assert seen[:3] == [(250, 1)] * 3
        assert seen[-3:] == [(250, 250), (150, 250), (50, 250)]
        assert len(reply.json["merged"]["channels"]) == len(reply.json["merged_contact_ids"]) + 1 == 250
        assert paging(client.get(CONTACTS))[0] == "1"
        assert groups(client) == []

    def test_who_goes_while_very_many_are_merged(self, client, between):
        channels = [{"user_id": f"u{number}", "email": "one@example.com"} for number in range(150)]
        client.post(f"{CONTACTS}/bulk", {"channels": channels})
        ids = [one["id"] for one in get(client, f"{CONTACTS}?take=100")]
        between.append(lambda: client.delete(f"{CONTACTS}/{ids[0]}"))
        reply = client.post(f"{CONTACTS}/{ids[0]}/merge")
        assert (reply.status, reply.json) == (404, missing("Contact"))
        assert paging(client.get(CONTACTS))[0] == "149"

    def test_part_of_a_group_leaves_the_rest_of_it(self, client):
        ids = grow(client, ("a", "x@e.co", None), ("b", "x@e.co", None), ("c", "x@e.co", None))
        client.post(f"{CONTACTS}/{ids['b']}/merge", {"source_contact_ids": [ids["a"]]})
        assert groups(client) == [["b", "c"]]

    def test_merging_strangers_joins_their_groups(self, client):
        ids = grow(client, ("a", "x@e.co", None), ("b", "x@e.co", None), ("c", "y@e.co", None), ("d", "y@e.co", None))
        client.post(f"{CONTACTS}/{ids['a']}/merge", {"source_contact_ids": [ids["c"]]})
        assert groups(client) == [["a", "b", "d"]]

    def test_what_they_were_sent_is_the_primarys(self, client):
        a, b = make(client, "a@example.com", "b@example.com")
        broadcast = make_trigger(client, "Receipt")
        client.post(f"{BROADCASTS}/{broadcast}/send", {"contact_id": b})
        client.post(f"{CONTACTS}/{a}/merge", {"source_contact_ids": [b]})
        [row] = get(client, f"{BROADCASTS}/{broadcast}/recipients")
        assert (row["email"], row["contact"]["id"]) == ("b@example.com", a)

    @pytest.mark.parametrize(
        ("sources", "issue"),
        [
            ([], "source_contact_ids must contain at least 1 element(s)"),
            (["x"] * 51, "source_contact_ids must contain at most 50 element(s)"),
            ("x", "source_contact_ids must be an array"),
        ],
    )
    def test_bad_sources(self, client, sources, issue):
        [id] = make(client, "a@example.com")
        before = held(client)
        reply = client.post(f"{CONTACTS}/{id}/merge", {"source_contact_ids": sources})
        assert (reply.status, reply.json) == (400, invalid((["source_contact_ids"], issue)))
        assert held(client) == before

    def test_fifty_sources(self, client):
        [id, *others] = make(client, *(f"p{number}@example.com" for number in range(51)))
        reply = client.post(f"{CONTACTS}/{id}/merge", {"source_contact_ids": others})
        assert reply.json["merged_contact_ids"] == others
        assert len(reply.json["merged"]["channels"]) == 51

    def test_not_itself(self, client):
        a, b = make(client, "a@example.com", "b@example.com")
        before = held(client)
        reply = client.post(f"{CONTACTS}/{a}/merge", {"source_contact_ids": [b, a]})
        message = "source_contact_ids must not contain the contact itself"
        assert (reply.status, reply.json) == (400, invalid((["source_contact_ids"], message)))
        assert held(client) == before

    def test_everybody_has_to_exist(self, client):
        a, b = make(client, "a@example.com", "b@example.com")
        before = held(client)
        for id, sources in ((NOBODY, [b]), (a, [b, NOBODY])):
            reply = client.post(f"{CONTACTS}/{id}/merge", {"source_contact_ids": sources})
            assert (reply.status, reply.json) == (404, missing("Contact"))
        assert held(client) == before

    @pytest.mark.parametrize(("body", "expected"), [(b"{", MALFORMED), (b"[]", NO_OBJECT), (b"5", NO_OBJECT)])
    def test_bad_bodies(self, client, body, expected):
        [id] = make(client, "a@example.com")
        reply = client.post(f"{CONTACTS}/{id}/merge", body=body)
        assert (reply.status, reply.json) == (400, expected)


# --- the groups that are kept are those that would be worked out --------------------------------------------------

PEOPLE = st.tuples(
    st.sampled_from("abcdefgh"), st.sampled_from(["", "x@e.co", "y@e.co", "z@e.co"]), st.sampled_from(["", "1", "2"])
)
ACTS = st.lists(
    st.tuples(st.sampled_from(["create", "create", "attach", "patch", "delete", "merge"]), PEOPLE), max_size=25
)


def worked_out(contacts) -> set[frozenset[str]]:
    """The groups by definition: whoever shares something, and who shares with those."""
    found = [({contact["id"]}, set(kinship.shared_addresses(contact))) for contact in contacts]
    while True:
        for position, (ids, addresses) in enumerate(found):
            other = next((o for o in found[position + 1 :] if o[1] & addresses), None)
            if other is not None:
                ids.update(other[0])
                addresses.update(other[1])
                found.remove(other)
                break
        else:
            return {frozenset(ids) for ids, _ in found if len(ids) > 1}


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(acts=ACTS)
def test_groups_are_kept_as_if_worked_out_anew(acts):
    client = Client("invent")
    ids: list[str] = []
    for act, (user_id, email, phone) in acts:
        said = {name: value for name, value in (("email", email), ("phone", phone)) if value}
        chosen = ids[ord(user_id) % len(ids)] if ids else NOBODY
        if act == "create":
            ids.append(make_contact(client, user_id=user_id, **said)["id"])
        elif act == "attach":
            client.post(CONTACTS, {"channel": {"user_id": user_id, "contact_id": chosen, **said}})
        elif act == "patch" and ids and client.get(f"{CONTACTS}/{chosen}").status == 200:
            shown = get(client, f"{CONTACTS}/{chosen}")["channels"][0]["id"]
            client.patch(f"{CONTACTS}/{chosen}/channels/{shown}", {"email": email or None, "phone": phone or None})
        elif act == "delete":
            client.delete(f"{CONTACTS}/{chosen}")
        elif act == "merge":
            client.post(f"{CONTACTS}/{chosen}/merge", {"source_contact_ids": [ids[0]]} if ids else {})
    held_now = dict(held(client))
    expected = worked_out(held_now.get("contacts", ()))
    shown = get(client, f"{DUPLICATES}?take=100")
    assert {frozenset([g["primary"]["id"], *(d["id"] for d in g["duplicates"])]) for g in shown} == expected
    for group in shown:
        everybody = [group["primary"], *group["duplicates"]]
        assert everybody == sorted(everybody, key=lambda c: (-len(c["channels"]), c["created_at"], c["id"]))
