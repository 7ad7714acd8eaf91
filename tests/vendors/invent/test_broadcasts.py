"""Invent broadcasts: list, make, change, open, cancel, delete."""

from __future__ import annotations

import pytest

from lookalike.vendors.invent.broadcast_documents import BROADCASTS as RESOURCE
from tests.vendors.invent.bodies import (
    BROADCASTS,
    LATER,
    MALFORMED,
    NO_OBJECT,
    START,
    broadcast,
    change,
    embedded,
    get,
    held,
    invalid,
    make,
    make_broadcast,
    make_segment,
    make_trigger,
    missing,
    paging,
    refused,
    template,
)

NOWHERE = "brd_0000000000000000000000"


class TestCreate:
    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ({"name": "News"}, {}),
            ({"name": "News", "scheduled_at": None, "send_to_all": True}, {"send_to_all": True}),
            (
                {"name": "News", "scheduled_at": "2023-11-07T05:31:56Z"},
                {"scheduled_at": "2023-11-07T05:31:56.000Z"},
            ),
            (
                {"name": "News", "scheduled_at": "2030-01-01T01:00:00.1234+01:00"},
                {"scheduled_at": "2030-01-01T00:00:00.123Z"},
            ),
            ({"name": "News", "type": "TRANSACTIONAL"}, {}),
            ({"name": "News", "type": "MARKETING", "templates": [], "status": "SENT"}, {}),
            (
                {
                    "name": "News",
                    "templates": [{}, {"integration_id": "twilio", "connection_id": "con_1", "config": {"a": [1]}}],
                },
                {
                    "templates": [
                        template(),
                        template(integration_id="twilio", connection_id="con_1", config={"a": [1]}),
                    ]
                },
            ),
        ],
    )
    def test_whole_bodies(self, client, body, expected):
        reply = client.post(BROADCASTS, body)
        whole = broadcast("News", **expected)
        assert (reply.status, reply.json) == (200, whole)
        assert list(reply.json) == list(whole)
        assert list(reply.json["templates"][0]) == [
            "id", "broadcast_id", "connection_id", "integration_id", "recipients_count", "config", "error",
            "created_at", "updated_at",
        ]  # fmt: skip
        assert {found["broadcast_id"] for found in reply.json["templates"]} == {reply.json["id"]}
        assert get(client, f"{BROADCASTS}/{reply.json['id']}") == whole

    def test_segments(self, client):
        one, two = make_segment(client, "One"), make_segment(client, "Two", color="red")
        make(client, "a@example.com", segment_ids=[two])
        reply = client.post(BROADCASTS, {"name": "News", "segment_ids": [two, one, two]})
        expected = [embedded("Two", 1, color="red"), embedded("One", 0)]
        assert (reply.status, reply.json) == (200, broadcast("News", segments=expected))

    @pytest.mark.parametrize(
        ("body", "issue"),
        [
            ({}, (["name"], "name is required")),
            ({"name": ""}, (["name"], "name must contain at least 1 character(s)")),
            ({"name": "x" * 256}, (["name"], "name must contain at most 255 character(s)")),
            ({"name": "x", "type": "OTHER"}, (["type"], "type must be one of MARKETING, TRANSACTIONAL")),
            ({"name": "x", "send_to_all": "yes"}, (["send_to_all"], "send_to_all must be a boolean")),
            (
                {"name": "x", "segment_ids": ["s"] * 11},
                (["segment_ids"], "segment_ids must contain at most 10 element(s)"),
            ),
            ({"name": "x", "scheduled_at": 5}, (["scheduled_at"], "scheduled_at must be a string")),
            ({"name": "x", "scheduled_at": "tomorrow"}, (["scheduled_at"], "scheduled_at must be a valid date-time")),
            ({"name": "x", "scheduled_at": "2030-01-01"}, (["scheduled_at"], "scheduled_at must be a valid date-time")),
            (
                {"name": "x", "scheduled_at": "2030-13-01T00:00:00Z"},
                (["scheduled_at"], "scheduled_at must be a valid date-time"),
            ),
            (
                {"name": "x", "scheduled_at": "0001-01-01T00:00:00+14:00"},
                (["scheduled_at"], "scheduled_at must be a valid date-time"),
            ),
            ({"name": "x", "templates": [5]}, (["templates", 0], "templates.0 must be an object")),
            (
                {"name": "x", "templates": [{"config": []}]},
                (["templates", 0, "config"], "templates.0.config must be an object"),
            ),
            ([], ([], "body must be an object")),
        ],
    )
    def test_bad_input_changes_nothing(self, client, body, issue):
        before = held(client)
        reply = client.post(BROADCASTS, body)
        assert (reply.status, reply.json) == (400, invalid(issue))
        assert held(client) == before

    @pytest.mark.parametrize(("body", "expected"), [(b"{", MALFORMED), (b"", MALFORMED), (b"[]", NO_OBJECT)])
    def test_bad_bodies(self, client, body, expected):
        reply = client.post(BROADCASTS, body=body)
        assert (reply.status, reply.json) == (400, expected)

    def test_segments_have_to_exist(self, client):
        reply = client.post(BROADCASTS, {"name": "x", "segment_ids": [make_segment(client, "One"), "seg_x"]})
        assert (reply.status, reply.json) == (404, missing("Segment"))
        assert get(client, BROADCASTS) == []


class TestList:
    @pytest.fixture
    def some(self, client):
        statuses = ("DRAFT", "SCHEDULED", "SENDING", "SENT", "CANCELLED", "FAILED", "ACTIVE")
        for number, status in enumerate(statuses):
            client.clock(freeze=f"2026-03-17T10:30:0{number}.000Z")
            change(client, RESOURCE, make_broadcast(client, f"{status.title()} news"), status=status)
        make_broadcast(client, "Other")
        return client

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({"search": "news"}, ["Active", "Failed", "Cancelled", "Sent", "Sending", "Scheduled", "Draft"]),
            ({"search": "SEN"}, ["Sent", "Sending"]),
            ({"q": "sen"}, ["Sent", "Sending"]),
            ({"query": "sen", "status": "SENT"}, ["Sent"]),
            ({"search": "x" * 256}, []),
            *(({"status": status, "search": "news"}, [status.title()]) for status in ("DRAFT", "SCHEDULED", "SENDING")),
            *(({"status": status}, [status.title()]) for status in ("SENT", "CANCELLED", "FAILED")),
            ({"status": "ALL", "search": "news", "take": "100", "next": "x"}, [
                "Active", "Failed", "Cancelled", "Sent", "Sending", "Scheduled", "Draft",
            ]),
        ],
    )  # fmt: skip
    def test_filters_and_pages(self, some, query, expected):
        reply = some.get(BROADCASTS, query=query)
        assert reply.status == 200, reply.text
        assert [found["name"] for found in reply.json] == [f"{name} news" for name in expected]
        assert paging(reply) == (str(len(expected)), "1", query.get("take", "20"))
        pages = [some.get(BROADCASTS, query={**query, "take": 3, "page": page}) for page in (1, 2, 3, 4)]
        assert [found["name"] for page in pages for found in page.json] == [f"{name} news" for name in expected]
        assert [paging(page) for page in pages] == [(str(len(expected)), str(page), "3") for page in (1, 2, 3, 4)]

    def test_whole_bodies(self, client):
        make_broadcast(client, "News")
        assert get(client, BROADCASTS) == [broadcast("News")]

    @pytest.mark.parametrize(
        ("query", "issue"),
        [
            (
                {"status": "ACTIVE"},
                (["status"], "status must be one of ALL, DRAFT, SCHEDULED, SENDING, SENT, CANCELLED, FAILED"),
            ),
            ({"search": "x" * 257}, (["search"], "search must contain at most 256 character(s)")),
            ({"take": "x"}, (["take"], "take must be a whole number")),
        ],
    )
    def test_bad_queries(self, client, query, issue):
        reply = client.get(BROADCASTS, query=query)
        assert (reply.status, reply.json) == (400, invalid(issue))


class TestUpdate:
    @pytest.mark.parametrize(
        ("said", "expected"),
        [
            ({}, {}),
            ({"name": "New"}, {"name": "New"}),
            ({"scheduled_at": "2030-01-01T00:00:00Z"}, {"scheduled_at": "2030-01-01T00:00:00.000Z"}),
            ({"send_to_all": True, "type": "MARKETING"}, {"send_to_all": True}),
            (
                {"templates": [{"integration_id": "gmail"}]},
                {"templates": [template(integration_id="gmail", created_at=LATER, updated_at=LATER)]},
            ),
        ],
    )
    def test_what_is_said(self, client, said, expected):
        id = make_broadcast(client, "News")
        client.clock(advance="1s")
        reply = client.patch(f"{BROADCASTS}/{id}", said)
        whole = broadcast(**{"name": "News", "updated_at": LATER, **expected})
        assert (reply.status, reply.json) == (200, whole)
        assert get(client, f"{BROADCASTS}/{id}") == whole

    def test_segments_and_the_time_can_be_taken_away(self, client):
        one = make_segment(client, "One")
        id = make_broadcast(client, "News", segment_ids=[one], scheduled_at="2030-01-01T00:00:00Z")
        assert client.patch(f"{BROADCASTS}/{id}", {"scheduled_at": None}).json["scheduled_at"] is None
        assert client.patch(f"{BROADCASTS}/{id}", {"segment_ids": [one, one]}).json["segments"] == [embedded("One", 0)]
        assert client.patch(f"{BROADCASTS}/{id}", {"segment_ids": []}).json == broadcast("News")

    @pytest.mark.parametrize(
        ("said", "issue"),
        [
            ({"name": ""}, (["name"], "name must contain at least 1 character(s)")),
            ({"name": None}, (["name"], "name must be a string")),
            ({"type": "TRANSACTIONAL"}, (["type"], "type cannot be changed")),
            ({"segment_ids": None}, (["segment_ids"], "segment_ids must be an array")),
            ([], ([], "body must be an object")),
        ],
    )
    def test_bad_input_changes_nothing(self, client, said, issue):
        id = make_broadcast(client, "News")
        before = held(client)
        reply = client.patch(f"{BROADCASTS}/{id}", said)
        assert (reply.status, reply.json) == (400, invalid(issue))
        assert held(client) == before

    def test_segments_have_to_exist(self, client):
        reply = client.patch(f"{BROADCASTS}/{make_broadcast(client, 'News')}", {"segment_ids": ["seg_x"]})
        assert (reply.status, reply.json) == (404, missing("Segment"))

    def test_no_json(self, client):
        reply = client.patch(f"{BROADCASTS}/{make_broadcast(client, 'News')}", body=b"{")
        assert (reply.status, reply.json) == (400, MALFORMED)

    @pytest.mark.parametrize("status", ["SCHEDULED", "SENDING", "SENT", "ACTIVE"])
    def test_not_once_it_is_under_way(self, client, status):
        id = make_broadcast(client, "News")
        change(client, RESOURCE, id, status=status)
        reply = client.patch(f"{BROADCASTS}/{id}", {"name": "New"})
        message = "Only broadcasts in DRAFT, CANCELLED or FAILED status can be updated"
        assert (reply.status, reply.json) == (400, refused(message))
        assert get(client, f"{BROADCASTS}/{id}") == broadcast("News", status=status)

    @pytest.mark.parametrize("status", ["CANCELLED", "FAILED"])
    def test_but_when_it_rests(self, client, status):
        id = make_broadcast(client, "News")
        change(client, RESOURCE, id, status=status)
        assert client.patch(f"{BROADCASTS}/{id}", {"name": "New"}).json == broadcast("New", status=status)


class TestActivate:
    def test_a_transactional_one(self, client):
        id = make_broadcast(client, "Receipt", type="TRANSACTIONAL")
        client.clock(advance="1s")
        reply = client.post(f"{BROADCASTS}/{id}/activate")
        expected = broadcast("Receipt", status="ACTIVE", started_at=LATER, updated_at=LATER)
        assert (reply.status, reply.json) == (200, expected)
        assert client.post(f"{BROADCASTS}/{id}/activate").json == expected
        assert get(client, f"{BROADCASTS}/{id}") == expected

    def test_no_marketing_one(self, client):
        reply = client.post(f"{BROADCASTS}/{make_broadcast(client, 'News')}/activate")
        assert (reply.status, reply.json) == (400, refused("Only transactional broadcasts can be activated"))

    def test_not_from_every_status(self, client):
        id = make_broadcast(client, "Receipt", type="TRANSACTIONAL")
        change(client, RESOURCE, id, status="SENT")
        reply = client.post(f"{BROADCASTS}/{id}/activate")
        message = "Only broadcasts in DRAFT, CANCELLED or FAILED status can be activated"
        assert (reply.status, reply.json) == (400, refused(message))


class TestCancel:
    def test_a_scheduled_one(self, client):
        id = make_broadcast(client, "News", scheduled_at="2026-03-18T00:00:00Z", send_to_all=True)
        make(client, "a@example.com")
        client.post(f"{BROADCASTS}/{id}/send")
        client.clock(advance="1s")
        reply = client.post(f"{BROADCASTS}/{id}/cancel")
        expected = broadcast(
            "News",
            status="CANCELLED",
            scheduled_at="2026-03-18T00:00:00.000Z",
            send_to_all=True,
            updated_at=LATER,
        )
        assert (reply.status, reply.json) == (200, expected)
        client.clock(advance="8d")
        assert get(client, f"{BROADCASTS}/{id}") == expected

    @pytest.mark.parametrize("status", ["DRAFT", "SENDING", "SENT", "CANCELLED", "FAILED", "ACTIVE"])
    def test_no_other(self, client, status):
        id = make_broadcast(client, "News")
        change(client, RESOURCE, id, status=status)
        reply = client.post(f"{BROADCASTS}/{id}/cancel")
        assert (reply.status, reply.json) == (400, refused("Only broadcasts in SCHEDULED status can be cancelled"))


class TestDelete:
    def test_recipients_go_too(self, client):
        make(client, *(f"p{number}@example.com" for number in range(130)))
        kept, id = make_broadcast(client, "Kept", send_to_all=True), make_broadcast(client, "News", send_to_all=True)
        for each in (kept, id):
            client.post(f"{BROADCASTS}/{each}/send")
        shown = get(client, f"{BROADCASTS}/{id}")
        reply = client.delete(f"{BROADCASTS}/{id}")
        assert (reply.status, reply.json) == (200, shown)
        assert [found["name"] for found in get(client, BROADCASTS)] == ["Kept"]
        assert {row["broadcast_id"] for row in dict(held(client))["recipients"]} == {kept}
        again = client.delete(f"{BROADCASTS}/{id}")
        assert (again.status, again.json) == (404, missing("Broadcast"))

    def test_a_scheduled_one_is_never_sent(self, client):
        id = make_broadcast(client, "News", scheduled_at="2026-03-18T00:00:00Z", send_to_all=True)
        client.post(f"{BROADCASTS}/{id}/send")
        client.delete(f"{BROADCASTS}/{id}")
        client.clock(advance="8d")
        assert get(client, BROADCASTS) == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/activate"),
        ("POST", "/cancel"),
        ("POST", "/send"),
        ("GET", "/recipients"),
        ("GET", "/recipients?take=x"),
    ],
)
@pytest.mark.parametrize("id", [NOWHERE, "x", "%00"])
def test_an_unknown_broadcast(client, method, path, id):
    reply = client(method, f"{BROADCASTS}/{id}{path}", body=b"{")
    assert (reply.status, reply.json) == (404, missing("Broadcast"))


def test_a_trigger_shows_nothing_of_its_type(client):
    id = make_trigger(client, "Receipt")
    assert get(client, f"{BROADCASTS}/{id}") == broadcast("Receipt", status="ACTIVE", started_at=START)
