"""Invent segments."""

from __future__ import annotations

from typing import get_args

import pytest

from lookalike.vendors.invent.contact_views import SEGMENTS as RESOURCE
from lookalike.vendors.invent.schemas.fields import Color
from tests.vendors.invent.bodies import (
    CONTACTS,
    LATER,
    MALFORMED,
    NO_OBJECT,
    SEGMENTS,
    change,
    get,
    held,
    invalid,
    make,
    make_contact,
    make_segment,
    missing,
    paging,
    segment,
)

COLORS = [
    "red", "orange", "amber", "yellow", "lime", "green", "teal", "cyan", "sky", "blue", "indigo", "violet", "purple",
    "fuchsia", "pink", "rose", "neutral",
]  # fmt: skip
UNKNOWN_COLOR = f"color must be one of {', '.join(COLORS)}"
BOARD = {"board_id": "bor_1", "board_name": "Sales", "column_id": "col_1"}


def test_the_colours_are_seventeen():
    assert list(get_args(Color)) == COLORS


class TestCreate:
    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ({"name": "VIP"}, segment("VIP")),
            *(({"name": "VIP", "color": color}, segment("VIP", color=color)) for color in COLORS),
            ({"name": "x" * 128, "contacts_count": 5, "boards": [BOARD]}, segment("x" * 128)),
            ({"name": " Ü 💌 "}, segment(" Ü 💌 ")),
        ],
    )
    def test_whole_bodies(self, client, body, expected):
        reply = client.post(SEGMENTS, body)
        assert (reply.status, reply.json) == (200, expected)
        assert list(reply.json) == [
            "id", "name", "color", "contacts_count", "created_at", "updated_at", "boards",
        ]  # fmt: skip
        assert get(client, f"{SEGMENTS}/{reply.json['id']}") == expected

    def test_names_need_not_be_unique(self, client):
        assert make_segment(client, "VIP") != make_segment(client, "VIP")

    @pytest.mark.parametrize(
        ("body", "issue"),
        [
            ({}, (["name"], "name is required")),
            ({"name": None}, (["name"], "name must be a string")),
            ({"name": ""}, (["name"], "name must contain at least 1 character(s)")),
            ({"name": "x" * 129}, (["name"], "name must contain at most 128 character(s)")),
            ({"name": "x", "color": "black"}, (["color"], UNKNOWN_COLOR)),
            ({"name": "x", "color": None}, (["color"], UNKNOWN_COLOR)),
            ([], ([], "body must be an object")),
        ],
    )
    def test_bad_input_changes_nothing(self, client, body, issue):
        before = held(client)
        reply = client.post(SEGMENTS, body)
        assert (reply.status, reply.json) == (400, invalid(issue))
        assert held(client) == before

    @pytest.mark.parametrize(("body", "expected"), [(b"{", MALFORMED), (b"", MALFORMED), (b"[]", NO_OBJECT)])
    def test_bad_bodies(self, client, body, expected):
        reply = client.post(SEGMENTS, body=body)
        assert (reply.status, reply.json) == (400, expected)


class TestList:
    @pytest.fixture
    def some(self, client):
        for number, name in enumerate(("Customers", "Leads", "Old leads", "Partners", "VIP")):
            client.clock(freeze=f"2026-03-17T10:30:0{number}.000Z")
            made = make_segment(client, name)
            if name == "Leads":
                change(client, RESOURCE, made, boards=[BOARD])
        return client

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({}, ["VIP", "Partners", "Old leads", "Leads", "Customers"]),
            ({"search": "LEAD"}, ["Old leads", "Leads"]),
            ({"q": "lead"}, ["Old leads", "Leads"]),
            ({"query": "lead"}, ["Old leads", "Leads"]),
            ({"search": "nothing"}, []),
            ({"exclude_board_columns": "true"}, ["VIP", "Partners", "Old leads", "Customers"]),
            ({"exclude_board_columns": "1", "search": "lead"}, ["Old leads"]),
            ({"exclude_board_columns": "false"}, ["VIP", "Partners", "Old leads", "Leads", "Customers"]),
        ],
    )
    def test_filters_and_pages(self, some, query, expected):
        reply = some.get(SEGMENTS, query=query)
        assert reply.status == 200
        assert [found["name"] for found in reply.json] == expected
        assert paging(reply) == (str(len(expected)), "1", "20")
        pages = [some.get(SEGMENTS, query={**query, "take": 2, "page": page}) for page in (1, 2, 3, 4)]
        assert [found["name"] for page in pages for found in page.json] == expected
        assert [paging(page) for page in pages] == [(str(len(expected)), str(page), "2") for page in (1, 2, 3, 4)]

    def test_whole_bodies(self, client):
        one = make_segment(client, "One", color="sky")
        change(client, RESOURCE, one, boards=[BOARD])
        make_contact(client, user_id="u", segment_ids=[one])
        assert get(client, SEGMENTS) == [segment("One", 1, color="sky", boards=[BOARD])]

    @pytest.mark.parametrize(
        ("query", "issue"),
        [
            (
                {"exclude_board_columns": "maybe"},
                (["exclude_board_columns"], "exclude_board_columns must be a boolean"),
            ),
            ({"page": "0"}, (["page"], "page must be greater than or equal to 1")),
            ({"take": "1000"}, (["take"], "take must be less than or equal to 100")),
        ],
    )
    def test_bad_queries(self, client, query, issue):
        reply = client.get(SEGMENTS, query=query)
        assert (reply.status, reply.json) == (400, invalid(issue))


class TestUpdate:
    @pytest.mark.parametrize(
        ("said", "expected"),
        [
            ({}, {}),
            ({"name": "New"}, {"name": "New"}),
            ({"color": "rose"}, {"color": "rose"}),
            ({"name": "x" * 128, "color": "teal", "boards": []}, {"name": "x" * 128, "color": "teal"}),
        ],
    )
    def test_what_is_said(self, client, said, expected):
        id = make_segment(client, "Old", color="lime")
        make_contact(client, user_id="u", segment_ids=[id])
        client.clock(advance="1s")
        reply = client.patch(f"{SEGMENTS}/{id}", said)
        whole = segment(**{"name": "Old", "count": 1, "color": "lime", "updated_at": LATER, **expected})
        assert (reply.status, reply.json) == (200, whole)
        assert get(client, f"{SEGMENTS}/{id}") == whole

    @pytest.mark.parametrize(
        ("said", "issue"),
        [
            ({"name": ""}, (["name"], "name must contain at least 1 character(s)")),
            ({"name": "x" * 129}, (["name"], "name must contain at most 128 character(s)")),
            ({"name": None}, (["name"], "name must be a string")),
            ({"color": "Red"}, (["color"], UNKNOWN_COLOR)),
            ([], ([], "body must be an object")),
        ],
    )
    def test_bad_input_changes_nothing(self, client, said, issue):
        id = make_segment(client, "Old")
        before = held(client)
        reply = client.patch(f"{SEGMENTS}/{id}", said)
        assert (reply.status, reply.json) == (400, invalid(issue))
        assert held(client) == before

    def test_no_json(self, client):
        reply = client.patch(f"{SEGMENTS}/{make_segment(client, 'Old')}", body=b"{")
        assert (reply.status, reply.json) == (400, MALFORMED)


class TestDelete:
    def test_contacts_stay_without_it(self, client):
        one, two = make_segment(client, "One"), make_segment(client, "Two")
        ids = make(client, *(f"p{number}@example.com" for number in range(250)), segment_ids=[one, two])
        reply = client.delete(f"{SEGMENTS}/{one}")
        assert (reply.status, reply.json) == (200, segment("One", 250))
        assert {name for found in get(client, f"{CONTACTS}?take=100") for name in map(_name, found["segments"])} == {
            "Two"
        }
        assert client.get(CONTACTS).headers["pagination-count"] == "250"
        assert get(client, f"{CONTACTS}?segment_id={one}") == []
        assert get(client, f"{CONTACTS}/{ids[0]}/segments") == [segment_of(client, two)]
        again = client.delete(f"{SEGMENTS}/{one}")
        assert (again.status, again.json) == (404, missing("Segment"))
        contacts = dict(held(client))["contacts"]
        assert all(found["segment_ids"] == [two] for found in contacts)

    def test_nobody_can_join_it(self, client):
        id = make_segment(client, "One")
        client.delete(f"{SEGMENTS}/{id}")
        reply = client.post(CONTACTS, {"channel": {"user_id": "u"}, "segment_ids": [id]})
        assert (reply.status, reply.json) == (404, missing("Segment"))


def _name(found) -> str:
    return found["name"]


def segment_of(client, id: str) -> dict:
    shown = get(client, f"{SEGMENTS}/{id}")
    return {name: value for name, value in shown.items() if name != "boards"}


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize("id", ["seg_0000000000000000000000", "x", "%00"])
def test_an_unknown_segment(client, method, id):
    reply = client(method, f"{SEGMENTS}/{id}", body=b"{")
    assert (reply.status, reply.json) == (404, missing("Segment"))
