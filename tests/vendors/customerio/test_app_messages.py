"""Messages that were made for people, and what they said."""

from __future__ import annotations

import pytest

from lookalike.vendors.customerio import deliveries, people
from tests.vendors.customerio.audience import invalid, known, pages, part_of, person
from tests.vendors.customerio.bodies import NOW, app_error

NO_MESSAGE = app_error(404, "message not found")
PARENTS = (
    "campaign_id",
    "action_id",
    "parent_action_id",
    "newsletter_id",
    "content_id",
    "broadcast_id",
    "trigger_event_id",
)


def made(client, number, owner="1", **more):
    """A delivery such as sends make."""
    part = part_of(client)
    document = {
        "id": f"m{number}",
        "type": "email",
        "recipient": "a@example.com",
        "subject": f"Subject {number}",
        "metrics": {"created": int(part.clock.now()), "sent": int(part.clock.now())},
        **more,
    }
    return deliveries.add_delivery(part, people.find(part, "id", owner), document)


def shown(number, cio_id, at=NOW, **more):
    return {
        "id": f"m{number}",
        "deduplicate_id": f"m{number}:{at}",
        "message_template_id": None,
        "msg_template_id": None,
        "customer_id": "1",
        "customer_identifiers": known("1", "a@example.com", cio_id),
        "recipient": "a@example.com",
        "subject": f"Subject {number}",
        "metrics": {"created": at, "sent": at},
        "created": at,
        "failure_message": None,
        **dict.fromkeys(PARENTS),
        "forgotten": False,
        "type": "email",
        **more,
    }


@pytest.fixture
def somebody(client):
    return person(client, "1", email="a@example.com")


class TestOne:
    def test_whole(self, client, somebody):
        made(client, 1)
        reply = client.get("/v1/messages/m1")
        assert (reply.status, reply.json) == (200, {"message": shown(1, somebody)})
        assert list(reply.json["message"]) == list(shown(1, somebody))

    def test_with_parents_and_metrics(self, client, somebody):
        delivery = made(client, 1, campaign_id=7, action_id=8, template_id=9, failure_message="full")
        deliveries.mark(part_of(client), delivery, "opened", NOW + 5)
        assert client.get("/v1/messages/m1").json["message"] == shown(
            1,
            somebody,
            deduplicate_id=f"m1:{NOW + 5}",
            metrics={"created": NOW, "sent": NOW, "opened": NOW + 5},
            campaign_id=7,
            action_id=8,
            message_template_id=9,
            msg_template_id=9,
            failure_message="full",
        )

    def test_with_more(self, client, somebody):
        made(client, 1, archived={"body": "<p>Hi</p>"})
        archived = client.get("/v1/messages/m1/archived_message").json
        reply = client.get("/v1/messages/m1?archived_message=true")
        assert (reply.status, reply.json) == (200, {"message": shown(1, somebody)} | archived)
        reply = client.get("/v1/messages/m1?get_tracked_responses=true&archived_message=false")
        assert (reply.status, reply.json) == (200, {"message": shown(1, somebody, tracked_responses={})})

    def test_of_nobody(self, client):
        made(client, 1)
        message = client.get("/v1/messages/m1").json["message"]
        assert (message["customer_id"], message["customer_identifiers"]) == (None, None)

    @pytest.mark.parametrize("path", ["", "/archived_message"])
    def test_unknown(self, client, path):
        reply = client.get(f"/v1/messages/x{path}")
        assert (reply.status, reply.json) == (404, NO_MESSAGE)


class TestArchived:
    NOTHING = dict.fromkeys(
        ("body", "from", "reply_to", "cc", "bcc", "fake_bcc", "preheader_text", "url", "request_method", "headers")
    )

    @pytest.mark.parametrize(
        "kept", [{}, {"body": "<p>Hi</p>", "from": "b@example.com", "fake_bcc": True, "headers": "{}"}]
    )
    def test_what_was_kept(self, client, somebody, kept):
        made(client, 1, archived=kept)
        reply = client.get("/v1/messages/m1/archived_message")
        expected = {"id": "m1", "recipient": "a@example.com", "subject": "Subject 1", "forgotten": False}
        assert (reply.status, reply.json) == (200, {"archived_message": {**self.NOTHING, **expected, **kept}})

    def test_what_was_not_to_be_kept(self, client, somebody):
        made(client, 1, archived=None)
        assert client.get("/v1/messages/m1").json["message"] == shown(1, somebody, forgotten=True)
        archived = client.get("/v1/messages/m1/archived_message").json["archived_message"]
        assert (archived["forgotten"], archived["body"]) == (True, None)

    def test_of_a_send(self, client, somebody):
        body = {
            "to": "b@example.com",
            "identifiers": {"id": "1"},
            "from": "c@example.com",
            "subject": "Hello",
            "body": "<p>Hi</p>",
        }
        sent = client.post("/v1/send/email", body).json["delivery_id"]
        archived = client.get(f"/v1/messages/{sent}/archived_message").json["archived_message"]
        assert (archived["id"], archived["recipient"], archived["subject"]) == (sent, "b@example.com", "Hello")
        assert (archived["body"], archived["from"]) == ("<p>Hi</p>", "c@example.com")
        (message,) = client.get("/v1/customers/1/messages").json["messages"]
        assert (message["id"], message["recipient"], message["customer_id"]) == (sent, "b@example.com", "1")


LISTS = ("/v1/messages", "/v1/customers/1/messages")


class TestLists:
    @pytest.mark.parametrize("path", LISTS)
    def test_newest_first(self, client, somebody, path):
        made(client, 1)
        client.clock(advance="1h")
        made(client, 2)
        made(client, 3)
        later = NOW + 3600
        reply = client.get(path)
        assert (reply.status, reply.json) == (
            200,
            {"messages": [shown(3, somebody, later), shown(2, somebody, later), shown(1, somebody)], "next": ""},
        )

    def test_with_tracked_responses(self, client, somebody):
        made(client, 1)
        reply = client.get("/v1/messages?get_tracked_responses=true")
        assert (reply.status, reply.json) == (200, {"messages": [shown(1, somebody, tracked_responses={})], "next": ""})
        reply = client.get("/v1/messages?get_tracked_responses=maybe")
        assert (reply.status, reply.json) == (400, invalid("/get_tracked_responses"))

    def test_of_one_person(self, client, somebody):
        person(client, "2")
        made(client, 1)
        made(client, 2, owner="2")
        assert [one["id"] for one in client.get("/v1/customers/1/messages").json["messages"]] == ["m1"]
        found = client.get("/v1/customers/A%40example.com/messages?id_type=email").json["messages"]
        assert [one["id"] for one in found] == ["m1"]
        assert [one["id"] for one in client.get("/v1/messages").json["messages"]] == ["m2", "m1"]

    @pytest.mark.parametrize("path", LISTS)
    @pytest.mark.parametrize("limit", [1, 2, 4, 5000])
    def test_to_the_end(self, client, somebody, path, limit):
        for number in range(9):
            if number % 4 == 0:
                client.clock(advance="1m")
            made(client, number)
        found = pages(client, lambda query: client.get(path, query=query), {"limit": limit}, "messages")
        assert [one["id"] for page in found for one in page] == [f"m{n}" for n in range(8, -1, -1)]
        assert all(len(page) == limit for page in found[:-1])

    @pytest.mark.parametrize("path", LISTS)
    def test_fifty_unless_asked(self, client, somebody, path):
        for number in range(52):
            made(client, number)
        assert len(client.get(path).json["messages"]) == 50

    @pytest.mark.parametrize("path", LISTS)
    @pytest.mark.parametrize(
        ("since", "until", "expected"),
        [
            (None, None, "4321"),
            (60, None, "432"),
            (61, None, "43"),
            (None, 120, "321"),
            (None, 119, "21"),
            (60, 120, "32"),
            (121, 179, ""),
        ],
    )
    @pytest.mark.parametrize("limit", [1, 50])
    def test_in_a_window(self, client, somebody, path, since, until, expected, limit):
        for number in range(1, 5):
            made(client, number)
            client.clock(advance="1m")
        window = {"start_ts": since, "end_ts": until}
        query = {name: NOW + value for name, value in window.items() if value is not None}
        found = pages(client, lambda more: client.get(path, query=more), {**query, "limit": limit}, "messages")
        assert "".join(one["id"][1:] for page in found for one in page) == expected

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({"type": "email"}, "4321"),
            ({"type": "push"}, "5"),
            ({"type": "slack"}, ""),
            ({"metric": "sent"}, "54321"),
            ({"metric": "opened"}, "2"),
            ({"campaign_id": 7}, "3"),
            ({"campaign_id": 8}, ""),
            ({"campaign_id": 7, "action_id": 3}, "3"),
            ({"newsletter_id": 2}, "2"),
            ({"transactional_id": 4}, "4"),
            ({"template_id": 9}, "5"),
            ({"content_id": 6}, "2"),
            ({"trigger_id": 1}, "1"),
            ({"trigger_id": 1, "campaign_id": 9}, "1"),
            ({"trigger_id": 1, "campaign_id": 7}, ""),
            ({"drafts": "true"}, "6"),
        ],
    )
    def test_narrowed_down(self, client, somebody, query, expected):
        made(client, 1, broadcast_id=9, trigger_id=1)
        made(client, 2, newsletter_id=2, content_id=6, metrics={"created": NOW, "sent": NOW, "opened": NOW})
        made(client, 3, campaign_id=7, action_id=3)
        made(client, 4, transactional_message_id=4)
        made(client, 5, type="push", template_id=9)
        made(client, 6, metrics={"drafted": NOW})
        found = client.get("/v1/messages", query=query).json["messages"]
        assert "".join(one["id"][1:] for one in found) == expected

    @pytest.mark.parametrize("path", LISTS)
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({"limit": 0}, invalid("/limit")),
            ({"limit": "x"}, invalid("/limit")),
            ({"start_ts": "yesterday"}, invalid("/start_ts")),
            ({"start": "MDox"}, app_error(400, "invalid start value")),
            (
                {"start_ts": NOW - 200 * 86400, "end_ts": NOW},
                app_error(400, "start_ts and end_ts cannot be more than 6 months apart"),
            ),
        ],
    )
    def test_what_makes_no_sense(self, client, somebody, path, query, expected):
        reply = client.get(path, query=query)
        assert (reply.status, reply.json) == (400, expected)

    def test_an_unknown_type(self, client):
        reply = client.get("/v1/messages?type=fax")
        assert (reply.status, reply.json) == (400, invalid("/type"))
