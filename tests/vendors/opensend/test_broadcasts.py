"""OpenSend broadcasts: drafts, schedules, what goes out, and the figures."""

from __future__ import annotations

from typing import Any

import pytest

from lookalike.vendors.opensend import unsubscribe
from lookalike.vendors.opensend.outgoing import EMAILS
from lookalike.vendors.opensend.schedules import MESSAGE
from tests.support import TIME, UUID, Client

UNKNOWN = "00000000-0000-4000-8000-000000000000"
NOW = 1_790_000_000.0
NOW_TEXT, HOUR_TEXT = "2026-09-21T14:13:20.000Z", "2026-09-21T15:13:20.000Z"


@pytest.fixture
def client(sandbox) -> Client:
    made = sandbox("opensend")
    made.sandbox.workspace("default").clock.freeze(NOW)
    return made


def make(client: Client, **body: Any) -> str:
    body = {"segment_id": UNKNOWN, "from": "news@example.com", "subject": "Hi", **body}
    reply = client.post("/broadcasts", body)
    assert reply.status == 201, reply.text
    return reply.json["id"]


def read(client: Client, id: str) -> dict[str, Any]:
    reply = client.get(f"/broadcasts/{id}")
    assert reply.status == 200, reply.text
    return reply.json


def shown(**more: Any) -> dict[str, Any]:
    return {
        "object": "broadcast",
        "id": UUID,
        "name": "Untitled",
        "status": "draft",
        "from": "news@example.com",
        "subject": "Hi",
        "html": None,
        "text": None,
        "reply_to": None,
        "preview_text": None,
        "audience_id": UNKNOWN,
        "topic_id": None,
        "scheduled_at": None,
        "created_at": TIME,
        **more,
    }


def topic(client: Client, default: str = "opt_in") -> str:
    body = {"name": "News", "default_subscription": default, "visibility": "public"}
    reply = client.post("/topics", body)
    assert reply.status == 201, reply.text
    return reply.json["id"]


@pytest.mark.parametrize("path", ["/broadcasts", "/api/broadcasts"])
def test_create_and_read(client, path):
    topic_id = topic(client)
    body = {
        "audience_id": UNKNOWN,
        "from": " News <news@example.com> ",
        "subject": " Hi ",
        "name": " July ",
        "html": "<p>Hi</p>",
        "text": "Hi",
        "reply_to": "re@example.com",
        "preview_text": "Look",
        "topic_id": topic_id,
        "scheduled_at": "in 1 hour",
    }
    made = client.post(path, body)
    assert (made.status, made.json) == (
        201,
        {"object": "broadcast", "id": UUID, "name": "July", "status": "draft", "created_at": NOW_TEXT},
    )
    reply = client.get(f"{path}/{made.json['id'].upper()}")
    assert (reply.status, reply.json) == (
        200,
        shown(
            **{**body, "from": "News <news@example.com>", "subject": "Hi", "name": "July", "scheduled_at": HOUR_TEXT}
        ),
    )


@pytest.mark.parametrize(
    ("more", "status", "scheduled_at"),
    [
        ({}, "draft", None),
        ({"send": True}, "queued", None),
        ({"send": "true"}, "draft", None),
        ({"send": 1}, "draft", None),
        ({"send": True, "scheduled_at": "in 1 hour"}, "scheduled", HOUR_TEXT),
        ({"send": True, "scheduled_at": ""}, "queued", None),
        ({"scheduled_at": "2026-09-21T17:13:20+02:00"}, "draft", HOUR_TEXT),
    ],
)
def test_the_status_it_begins_with(client, more, status, scheduled_at):
    assert read(client, make(client, **more)) == shown(status=status, scheduled_at=scheduled_at)


REQUIRED = "from, subject, and segment_id are required"
OWN_TOPIC = "topic_id must reference a topic owned by the authenticated user"
FULL = {"segment_id": UNKNOWN, "from": "a@b.co", "subject": "S"}


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({}, 422, REQUIRED),
        ([], 422, REQUIRED),
        (None, 422, REQUIRED),
        (FULL | {"segment_id": None}, 422, REQUIRED),
        (FULL | {"from": " "}, 422, REQUIRED),
        (FULL | {"subject": 5}, 422, REQUIRED),
        (FULL | {"topic_id": UNKNOWN}, 422, OWN_TOPIC),
        (FULL | {"scheduled_at": "tomorrow"}, 422, MESSAGE),
        (FULL | {"scheduled_at": "2020-01-01T00:00:00Z"}, 422, MESSAGE),
        (FULL | {"scheduled_at": "in 31 days"}, 422, MESSAGE),
        (FULL | {"segment_id": "x"}, 500, "Failed to create broadcast"),
        (FULL | {"topic_id": "x"}, 500, "Failed to create broadcast"),
        (FULL | {"name": "n" * 256}, 500, "Failed to create broadcast"),
        (FULL | {"html": "\0"}, 500, "Failed to create broadcast"),
    ],
)
def test_create_refuses(client, body, status, error):
    reply = client.post("/broadcasts", body)
    assert (reply.status, reply.json) == (status, {"error": error})
    assert client.get("/broadcasts").json == {"object": "list", "data": [], "has_more": False}


@pytest.mark.parametrize("body", [b"{", b""])
def test_bad_json(client, body):
    id = make(client)
    reply = client.post("/broadcasts", body=body)
    assert (reply.status, reply.json) == (500, {"error": "Failed to create broadcast"})
    reply = client.patch(f"/broadcasts/{id}", body=body)
    assert (reply.status, reply.json) == (500, {"error": "Failed to update broadcast"})


def test_pages_join_in_descending_ids(client):
    ids = [make(client, name=f"B{number}") for number in range(5)]
    seen: list[Any] = []
    while True:
        query = {"limit": 2} | ({"after": seen[-1]["id"]} if seen else {})
        page = client.get("/broadcasts", query=query).json
        seen += page["data"]
        if not page["has_more"]:
            break
    names = ("id", "name", "status", "audience_id", "topic_id", "created_at", "scheduled_at")
    whole = {id: read(client, id) for id in ids}
    assert seen == [{name: whole[id][name] for name in names} for id in sorted(ids, reverse=True)]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"search": " jULY "}, {"July one", "July two"}),
        ({"status": "queued"}, {"July two"}),
        ({"segmentId": "11111111-1111-4111-8111-111111111111"}, {"August"}),
        ({"search": "j", "status": "draft"}, {"July one"}),
        ({"segmentId": UNKNOWN, "status": "queued"}, {"July two"}),
        ({"segmentId": UNKNOWN, "search": "one"}, {"July one"}),
        ({"status": "gone"}, set()),
    ],
)
def test_list_narrowed_down(client, query, names):
    make(client, name="July one")
    make(client, name="July two", send=True)
    make(client, name="August", segment_id="11111111-1111-4111-8111-111111111111")
    page = client.get("/broadcasts", query=query).json
    assert {row["name"] for row in page["data"]} == names
    assert page["has_more"] is False


@pytest.mark.parametrize("query", [{"search": "same"}, {"status": "draft"}, {"segmentId": UNKNOWN}])
def test_a_narrowed_list_pages_too(client, query):
    make(client, name="other", send=True, segment_id="11111111-1111-4111-8111-111111111111")
    ids = sorted((make(client, name="same") for _ in range(4)), reverse=True)
    first = client.get("/broadcasts", query={**query, "limit": 3}).json
    assert ([row["id"] for row in first["data"]], first["has_more"]) == (ids[:3], True)
    rest = client.get("/broadcasts", query={**query, "limit": 3, "after": ids[2]}).json
    assert ([row["id"] for row in rest["data"]], rest["has_more"]) == (ids[3:], False)


@pytest.mark.parametrize("query", [{"after": "x"}, {"limit": 1.5}, {"segmentId": "x"}])
def test_list_fails_where_the_database_does(client, query):
    reply = client.get("/broadcasts", query=query)
    assert (reply.status, reply.json) == (500, {"error": "Failed to fetch broadcasts"})


@pytest.mark.parametrize("path", ["/broadcasts", "/api/broadcasts"])
@pytest.mark.parametrize(
    ("change", "after"),
    [
        ({"name": "New", "subject": "S", "html": "", "text": None}, None),
        ({"replyTo": "a@b.co", "previewText": "P"}, {"reply_to": "a@b.co", "preview_text": "P"}),
        ({"audience_id": None, "from": None}, None),
        ({"scheduledAt": "in 1 hour"}, {"scheduled_at": HOUR_TEXT}),
        ({"name": 5}, {"name": "5"}),
        ({"status": "archived"}, None),
        ({"subject": "S", "segment_id": "x"}, {"subject": "S"}),
    ],
)
def test_update_stores_what_it_is_given(client, path, change, after):
    id = make(client)
    expected = read(client, id) | (change if after is None else after)
    reply = client.patch(f"{path}/{id}", change)
    assert (reply.status, reply.json) == (200, expected)
    assert read(client, id) == expected


def test_update_works_in_every_state(client):
    id = make(client, send=True)
    assert client.patch(f"/broadcasts/{id}", {"subject": "late"}).json == shown(status="queued", subject="late")


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({}, 500, "Failed to update broadcast"),
        ([], 500, "Failed to update broadcast"),
        ({"segment_id": UNKNOWN}, 500, "Failed to update broadcast"),
        ({"name": None}, 500, "Failed to update broadcast"),
        ({"audience_id": "x"}, 500, "Failed to update broadcast"),
        ({"topic_id": UNKNOWN}, 422, OWN_TOPIC),
        ({"scheduled_at": "x"}, 422, MESSAGE),
    ],
)
def test_update_refuses(client, body, status, error):
    id = make(client)
    reply = client.patch(f"/broadcasts/{id}", body)
    assert (reply.status, reply.json) == (status, {"error": error})
    assert read(client, id) == shown()


@pytest.mark.parametrize("path", ["/broadcasts", "/api/broadcasts"])
@pytest.mark.parametrize(
    ("body", "status", "scheduled_at"),
    [
        (b"{}", "queued", None),
        (b"", "queued", None),
        (b"{", "queued", None),
        (b"[]", "queued", None),
        (b'{"scheduled_at": null}', "queued", None),
        (b'{"scheduled_at": "in 60 min"}', "scheduled", HOUR_TEXT),
    ],
)
def test_send(client, path, body, status, scheduled_at):
    id = make(client)
    reply = client.post(f"{path}/{id}/send", body=body)
    expected = {"object": "broadcast", "id": id, "status": status, "scheduled_at": scheduled_at}
    assert (reply.status, reply.json) == (200, expected)
    assert read(client, id) == shown(status=status, scheduled_at=scheduled_at)
    again = client.post(f"{path}/{id}/send", {"scheduled_at": "x"})
    assert (again.status, again.json) == (400, {"error": f"Cannot send a broadcast in {status} status"})


def test_send_refuses_a_bad_schedule(client):
    id = make(client)
    reply = client.post(f"/broadcasts/{id}/send", {"scheduled_at": "x"})
    assert (reply.status, reply.json) == (422, {"error": MESSAGE})
    assert read(client, id) == shown()


@pytest.mark.parametrize("more", [{}, {"send": True, "scheduled_at": "in 1 hour"}])
def test_delete_a_draft_or_a_scheduled_one(client, more):
    id = make(client, **more)
    reply = client.delete(f"/broadcasts/{id}")
    assert (reply.status, reply.json) == (200, {"object": "broadcast", "id": id, "deleted": True})
    again = client.delete(f"/broadcasts/{id}")
    assert (again.status, again.json) == (404, {"error": "Broadcast not found"})


def test_delete_nothing_that_is_queued(client):
    id = make(client, send=True)
    reply = client.delete(f"/broadcasts/{id}")
    assert (reply.status, reply.json) == (400, {"error": "Cannot delete a broadcast that is already sent or queued"})
    assert read(client, id) == shown(status="queued")


@pytest.mark.parametrize(
    ("method", "path", "failed"),
    [
        ("GET", "/broadcasts/{}", "Failed to fetch broadcast"),
        ("PATCH", "/broadcasts/{}", "Failed to update broadcast"),
        ("DELETE", "/broadcasts/{}", "Failed to delete broadcast"),
        ("POST", "/broadcasts/{}/send", "Failed to send broadcast"),
        ("GET", "/api/broadcasts/{}/metrics", "Failed to fetch broadcast metrics"),
    ],
)
def test_ids_that_lead_nowhere(client, method, path, failed):
    reply = client(method, path.format(UNKNOWN), {"name": "x"})
    assert (reply.status, reply.json) == (404, {"error": "Broadcast not found"})
    reply = client(method, path.format("x"), {"name": "x"})
    assert (reply.status, reply.json) == (500, {"error": failed})


# --- what goes out ----------------------------------------------------------------------------------------------


def audience(client: Client) -> tuple[str, dict[str, str]]:
    """A segment, and the ids of its contacts and of others by e-mail."""
    segment = client.post("/segments", {"name": "Readers"}).json["id"]
    people = [
        {"email": "ann@example.com", "first_name": "Ann", "last_name": "A", "segments": [segment]},
        {"email": "bo@example.com", "segments": [segment]},
        {"email": "cy@example.com", "segments": [segment], "unsubscribed": True},
        {"email": "di@example.com"},
    ]
    return segment, {person["email"]: client.post("/contacts", person).json["id"] for person in people}


def outbox(client: Client) -> dict[str, dict[str, Any]]:
    """E-mails by recipient, as they are stored."""
    emails = client.sandbox.workspace("default").parts["opensend"].collection(EMAILS).scan("age")
    return {email["to"][0]: email for email in emails}


def pass_time(client: Client, seconds: float) -> None:
    client.sandbox.workspace("default").clock.advance(seconds)
    client.get("/broadcasts")


def test_a_scheduled_broadcast_goes_out_when_it_is_due(client):
    segment, ids = audience(client)
    html = "<p>{{FIRST_NAME}} {{ LAST_NAME }} {{EMAIL}} {{OTHER}}</p><a href='{{{RESEND_UNSUBSCRIBE_URL}}}'>x</a>"
    id = make(client, segment_id=segment, subject="Hi {{FIRST_NAME}}", html=html, text="{{FIRST_NAME}}")
    client.post(f"/broadcasts/{id}/send", {"scheduled_at": "in 1 hour"})
    pass_time(client, 3599)
    assert read(client, id) == shown(subject="Hi {{FIRST_NAME}}", html=html, text="{{FIRST_NAME}}",
                                     status="scheduled", scheduled_at=HOUR_TEXT, audience_id=segment)  # fmt: skip
    assert client.get("/emails").json["data"] == []
    pass_time(client, 1)
    assert read(client, id)["status"] == "sent"
    sent = outbox(client)
    assert set(sent) == {"ann@example.com", "bo@example.com"}
    part = client.sandbox.workspace("default").parts["opensend"]
    base = "http://127.0.0.1:7357/opensend"
    link = unsubscribe.link(part, base, ids["ann@example.com"]) + f"&broadcast_id={id}"
    expected = {
        "from": "news@example.com",
        "to": ["ann@example.com"],
        "cc": None,
        "bcc": None,
        "reply_to": None,
        "subject": "Hi Ann",
        "html": f"<p>Ann A ann@example.com {{{{OTHER}}}}</p><a href='{link}'>x</a>",
        "text": "{{FIRST_NAME}}",
        "tags": [{"name": "broadcast_id", "value": id}],
        "topic_id": None,
        "status": "queued",
    }
    assert {name: sent["ann@example.com"][name] for name in expected} == expected
    headers = {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    assert sent["ann@example.com"]["headers"] == headers
    assert sent["bo@example.com"]["subject"] == "Hi "
    refused = client.delete(f"/broadcasts/{id}")
    assert refused.json == {"error": "Cannot delete a broadcast that is already sent or queued"}


def test_a_broadcast_sent_at_once_stays_queued(client):
    segment, _ = audience(client)
    id = make(client, segment_id=segment, send=True)
    pass_time(client, 30 * 86_400)
    assert read(client, id)["status"] == "queued"
    assert outbox(client) == {}


@pytest.mark.parametrize(
    ("default", "wanted"),
    [("opt_in", {"bo@example.com"}), ("opt_out", set())],
)
def test_a_topic_narrows_the_recipients(client, default, wanted):
    segment, ids = audience(client)
    topic_id = topic(client, default)
    preference = [{"id": topic_id, "subscription": "opt_out"}]
    assert client.patch(f"/contacts/{ids['ann@example.com']}/topics", {"topics": preference}).status == 200
    make(client, segment_id=segment, topic_id=topic_id, send=True, scheduled_at="in 1 hour")
    pass_time(client, 3600)
    assert set(outbox(client)) == wanted
    assert all(email["topic_id"] == topic_id for email in outbox(client).values())


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"audience_id": None}, {"ann@example.com", "bo@example.com", "di@example.com"}),
        ({"audience_id": UNKNOWN}, set()),
        ({"from": None}, {"ann@example.com", "bo@example.com"}),
    ],
)
def test_who_gets_it_is_decided_when_it_goes_out(client, change, wanted):
    segment, _ = audience(client)
    id = make(client, segment_id=segment, send=True, scheduled_at="in 1 hour")
    client.patch(f"/broadcasts/{id}", change)
    pass_time(client, 3600)
    assert set(outbox(client)) == wanted
    assert read(client, id)["status"] == "sent"
    sender = "system@opensend.com" if "from" in change else "news@example.com"
    assert all(email["from"] == sender for email in outbox(client).values())


def test_a_broadcast_put_off_goes_out_once_and_later(client):
    segment, _ = audience(client)
    id = make(client, segment_id=segment, send=True, scheduled_at="in 1 hour")
    client.patch(f"/broadcasts/{id}", {"scheduled_at": "in 2 hours"})
    pass_time(client, 3600)
    assert (read(client, id)["status"], outbox(client)) == ("scheduled", {})
    pass_time(client, 3600)
    assert (read(client, id)["status"], len(outbox(client))) == ("sent", 2)
    pass_time(client, 86_400)
    assert len(client.get("/emails").json["data"]) == 2


def test_a_deleted_broadcast_does_not_go_out(client):
    segment, _ = audience(client)
    id = make(client, segment_id=segment, send=True, scheduled_at="in 1 hour")
    client.delete(f"/broadcasts/{id}")
    pass_time(client, 3600)
    assert outbox(client) == {}


def test_what_goes_out_is_in_the_outbox_too(client):
    segment, _ = audience(client)
    make(client, segment_id=segment, send=True, scheduled_at="in 1 hour")
    pass_time(client, 3600)
    messages = client.sandbox.workspace("default").messages.scan("newest")
    assert sorted(message["to"][0] for message in messages) == ["ann@example.com", "bo@example.com"]


# --- metrics ----------------------------------------------------------------------------------------------------


def figures(id: str, **counts: float) -> dict[str, Any]:
    names = ("total", "delivered", "bounced", "complained", "opened", "clicked")
    rates = ("delivery_rate", "open_rate", "click_rate", "bounce_rate")
    return {"object": "broadcast_metrics", "broadcast_id": id, **dict.fromkeys((*names, *rates), 0), **counts}


def test_metrics_count_states(client):
    segment = client.post("/segments", {"name": "Test"}).json["id"]
    for email in ("delivered@resend.dev", "bounced@resend.dev", "ordinary@example.com"):
        assert client.post("/contacts", {"email": email, "segments": [segment]}).status == 201
    id = make(client, segment_id=segment, send=True, scheduled_at="in 1 hour")
    reply = client.get(f"/api/broadcasts/{id}/metrics")
    assert (reply.status, reply.json, reply.headers["x-opensend-cache"]) == (200, figures(id), "miss")
    pass_time(client, 3600)
    pass_time(client, 10)
    reply = client.get(f"/api/broadcasts/{id}/metrics")
    third = 1 / 3 * 100
    counted = figures(id, total=3, delivered=1, bounced=1, delivery_rate=third, bounce_rate=third)
    assert (reply.status, reply.json, reply.headers["x-opensend-cache"]) == (200, counted, "miss")


def test_metrics_are_shown_again_for_two_minutes(client):
    segment, _ = audience(client)
    id = make(client, segment_id=segment, send=True, scheduled_at="in 1 min")
    path = f"/api/broadcasts/{id}/metrics"
    assert client.get(path).headers["x-opensend-cache"] == "miss"
    pass_time(client, 119)
    reply = client.get(path)
    assert (reply.json, reply.headers["x-opensend-cache"]) == (figures(id), "hit")
    pass_time(client, 1)
    reply = client.get(path)
    assert (reply.json, reply.headers["x-opensend-cache"]) == (figures(id, total=2), "miss")


def test_metrics_are_under_api_alone(client):
    reply = client.get(f"/broadcasts/{make(client)}/metrics")
    assert (reply.status, reply.text) == (307, "/opensend/auth")
