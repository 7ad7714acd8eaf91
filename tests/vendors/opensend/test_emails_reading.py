"""OpenSend emails read, put off, cancelled, deleted and traced; and received email, of which there is none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import UUID, Client
from tests.vendors.opensend.emails import BODY, SCHEDULE, UNKNOWN, send

NOT_FOUND = {"error": "Email not found"}
FAILED_QUERY = {"error": "Failed query"}
NOON = "2026-03-01T12:00:00.000Z"
BAD_SCHEDULE = {
    "name": "validation_error",
    "code": "validation_error",
    "message": "Validation failed.",
    "statusCode": 422,
    "details": {"formErrors": [], "fieldErrors": {"scheduled_at": [SCHEDULE]}},
}
UNTRIED = {
    "provider_retry_count": 0,
    "provider_last_attempted_at": None,
    "provider_next_retry_at": None,
    "provider_last_error": None,
    "provider_dead_lettered_at": None,
}


def item(id: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": id,
        "from": "news@acme.com",
        "to": ["bo@example.com"],
        "subject": "Hello",
        "cc": [],
        "bcc": [],
        "reply_to": [],
        "last_event": "queued",
        **UNTRIED,
        "scheduled_at": None,
        "sent_at": None,
        "created_at": NOON,
        **changes,
    }


def listed(client: Client, query: str = "") -> list[str]:
    page = client.get(f"/emails{query}").json
    assert page.keys() == {"object", "data", "has_more"}
    return [one["id"] for one in page["data"]]


# --- lists ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/emails", "/api/emails"])
def test_list(client, path):
    assert client.get(path).json == {"object": "list", "has_more": False, "data": []}
    first = send(client, cc="cc@example.com")
    second = send(client, scheduled_at="in 1 hour")
    client.clock(advance="1s")
    third = send(client)
    expected = [
        item(third, created_at="2026-03-01T12:00:01.000Z"),
        item(second, last_event="scheduled", scheduled_at="2026-03-01T13:00:00.000Z"),
        item(first, cc=["cc@example.com"], last_event="sent", sent_at="2026-03-01T12:00:00.500Z"),
    ]
    assert client.get(path).json == {"object": "list", "has_more": False, "data": expected}


def test_list_by_status(client):
    sent, bounced = send(client), send(client, to="bounced@resend.dev")
    client.clock(advance="1s")
    cancelled = send(client, scheduled_at="in 1 hour")
    client.post(f"/emails/{cancelled}/cancel")
    scheduled, queued = send(client, scheduled_at="in 1 hour"), send(client)
    everything = [queued, scheduled, cancelled, bounced, sent]
    expected = {
        "status=sent": [sent],
        "status=%20queued%20": [queued],
        "status=scheduled": [scheduled],
        "status=canceled": [cancelled],
        "status=bounced": [bounced],
        "statuses=sent": [sent],
        "status=sent&statuses=queued": [sent],
        "status=opened": [],
        "status=all": everything,
        "status=": everything,
    }
    assert {query: listed(client, f"?{query}") for query in expected} == expected


def test_cursors_compare_ids_in_the_order_of_time(client):
    ids = [send(client) for _ in range(8)]
    newest_first = ids[::-1]
    bound = sorted(ids)[3]
    above = [id for id in newest_first if id > bound]
    below = [id for id in newest_first if id < bound]
    assert listed(client, f"?after={bound}") == above
    assert listed(client, f"?before={bound.upper()}") == below
    assert listed(client, f"?before={bound}&after={bound}") == above
    page = client.get(f"/emails?after={bound}&limit=2&status=queued").json
    assert ([one["id"] for one in page["data"]], page["has_more"]) == (above[:2], True)


def test_list_sizes(client):
    for _ in range(2):
        client.post("/emails/batch", [BODY] * 60)
    sizes = {"": 20, "?limit=0": 20, "?limit=abc": 20, "?limit=-5": 1, "?limit=3": 3, "?limit=500": 100}
    assert {query: len(listed(client, query)) for query in sizes} == sizes
    assert client.get("/emails?limit=100").json["has_more"] is True


@pytest.mark.parametrize("query", ["limit=1.5", "after=abc", "before=abc"])
def test_list_with_what_the_database_refuses(client, query):
    reply = client.get(f"/emails?{query}")
    assert (reply.status, reply.json) == (500, FAILED_QUERY)


# --- one email --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/emails", "/api/emails"])
def test_read(client, path):
    id = send(client, tags=[{"name": "kind", "value": "welcome"}])
    expected = {
        "object": "email",
        **item(id),
        "html": "<p>Hi</p>",
        "text": "",
        "reply_address": None,
        "thread_id": None,
        "tags": [{"name": "kind", "value": "welcome"}],
        "thread": {
            "thread_id": None,
            "match_status": "unmatched",
            "original_email_id": id,
            "contact_id": None,
            "messages": [],
        },
    }
    for form in (id, id.upper()):
        reply = client.get(f"{path}/{form}")
        assert (reply.status, reply.json) == (200, expected)


FALLBACKS = {
    ("GET", "/emails/{id}"): "Failed query",
    ("PATCH", "/emails/{id}"): "Failed query",
    ("POST", "/emails/{id}/cancel"): "Failed to cancel email",
    ("GET", "/emails/{id}/events"): "Failed to fetch email events",
    ("GET", "/emails/{id}/trace"): "Failed to fetch email trace",
    ("GET", "/emails/{id}/attachments"): "Failed to fetch email attachments",
    ("GET", "/emails/{id}/attachments/{id}"): "Failed to fetch email attachment",
}


@pytest.mark.parametrize("root", ["", "/api"])
@pytest.mark.parametrize(("method", "path"), FALLBACKS)
def test_unknown_ids(client, root, method, path):
    body = {"scheduled_at": "in 1 hour"} if method == "PATCH" else ...
    reply = client(method, root + path.format(id=UNKNOWN), body)
    assert (reply.status, reply.json) == (404, NOT_FOUND)
    reply = client(method, root + path.format(id="abc"), body)
    assert (reply.status, reply.json) == (500, {"error": FALLBACKS[method, path]})


def test_emails_of_another_workspace_are_unknown(client):
    other = client.as_key("os_lookalike~other")
    assert other.get(f"/emails/{send(client)}").status == 404


# --- putting off and cancelling ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/emails", "/api/emails"])
def test_put_off(client, path):
    id = send(client, scheduled_at="in 1 hour")
    reply = client.patch(f"{path}/{id}", {"scheduled_at": "in 3 hours", "subject": "ignored"})
    assert (reply.status, reply.json) == (200, {"object": "email", "id": id})
    read = client.get(f"/emails/{id}").json
    assert (read["scheduled_at"], read["last_event"], read["subject"]) == (
        "2026-03-01T15:00:00.000Z",
        "scheduled",
        "Hello",
    )
    client.clock(advance="2h")
    assert client.get(f"/emails/{id}").json["last_event"] == "scheduled"
    client.clock(advance="1h")
    read = client.get(f"/emails/{id}").json
    assert (read["last_event"], read["sent_at"]) == ("sent", "2026-03-01T15:00:00.000Z")


def test_brought_forward(client):
    id = send(client, scheduled_at="in 3 hours")
    client.patch(f"/emails/{id}", {"scheduled_at": "2026-03-01T12:30:00Z"})
    client.clock(advance="1h")
    assert client.get(f"/emails/{id}").json["sent_at"] == "2026-03-01T12:30:00.000Z"


def test_put_off_for_ever(client):
    id = send(client, scheduled_at="in 1 hour")
    reply = client.patch(f"/emails/{id}", {"scheduled_at": None})
    assert (reply.status, reply.json) == (200, {"object": "email", "id": id})
    client.clock(advance="2h")
    read = client.get(f"/emails/{id}").json
    assert (read["last_event"], read["scheduled_at"], read["sent_at"]) == ("scheduled", None, None)


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ({}, 400, {"error": "No fields to update"}),
        ({"subject": "x"}, 400, {"error": "No fields to update"}),
        ({"scheduled_at": "soon"}, 422, BAD_SCHEDULE),
        ({"scheduled_at": "2026-01-01T00:00:00Z"}, 422, BAD_SCHEDULE),
        ({"scheduled_at": 5}, 422, BAD_SCHEDULE),
        ([], 422, BAD_SCHEDULE),
        (None, 422, BAD_SCHEDULE),
    ],
)
def test_put_off_refuses(client, body, status, expected):
    id = send(client, scheduled_at="in 1 hour")
    before = client.get(f"/emails/{id}").json
    reply = client.patch(f"/emails/{id}", body)
    assert (reply.status, reply.json) == (status, expected)
    assert client.get(f"/emails/{id}").json == before


@pytest.mark.parametrize("body", [b"", b"{"])
def test_put_off_without_json(client, body):
    reply = client.patch(f"/emails/{send(client)}", body=body)
    assert (reply.status, reply.json) == (400, {"error": "Invalid JSON body"})


@pytest.mark.parametrize(("path", "more"), [("/emails", {}), ("/api/emails", {"status": "canceled"})])
def test_cancel(client, path, more):
    id = send(client, scheduled_at="in 1 hour")
    reply = client.post(f"{path}/{id}/cancel")
    assert (reply.status, reply.json) == (200, {"object": "email", "id": id, **more})
    client.clock(advance="2h")
    read = client.get(f"/emails/{id}").json
    assert (read["last_event"], read["sent_at"]) == ("canceled", None)


def test_only_scheduled_emails_can_be_changed(client):
    queued, sent, bounced = send(client), send(client), send(client, to="bounced@resend.dev")
    cancelled = send(client, scheduled_at="in 1 hour")
    client.post(f"/emails/{cancelled}/cancel")
    states = {queued: "queued"}
    for id, state in {**states, cancelled: "canceled"}.items():
        _refused(client, id, state)
    client.clock(advance="1s")
    for id, state in {sent: "sent", bounced: "bounced"}.items():
        _refused(client, id, state)


def _refused(client: Client, id: str, state: str) -> None:
    reply = client.post(f"/emails/{id}/cancel")
    assert (reply.status, reply.json) == (400, {"error": f"Cannot cancel a {state} email"})
    reply = client.patch(f"/emails/{id}", {"scheduled_at": "in 1 hour"})
    assert (reply.status, reply.json) == (400, {"error": f"Cannot update a {state} email"})


# --- deleting ---------------------------------------------------------------------------------------------------


def test_delete(client):
    id, stays = send(client), send(client)
    for _ in range(2):
        reply = client.delete(f"/api/emails?id={id}")
        assert (reply.status, reply.json) == (200, {"success": True})
    assert client.get(f"/emails/{id}").status == 404
    client.clock(advance="1s")
    assert listed(client) == [stays]


def test_delete_refuses(client):
    cases = {
        "": (400, {"error": "Email id is required"}),
        "?id=": (400, {"error": "Email id is required"}),
        "?id=abc": (500, FAILED_QUERY),
        f"?id={UNKNOWN}": (200, {"success": True}),
    }
    for query, expected in cases.items():
        reply = client.delete(f"/api/emails{query}")
        assert (reply.status, reply.json) == expected


def test_an_email_with_events_cannot_be_deleted(client):
    id = send(client, scheduled_at="in 1 hour")
    reply = client.delete(f"/api/emails?id={id}")
    assert (reply.status, reply.json) == (500, FAILED_QUERY)
    assert listed(client) == [id]


def test_delete_has_one_form_only(client):
    reply = client.delete(f"/api/emails/{send(client)}")
    assert (reply.status, reply.raw) == (405, b"")
    for path in ("/emails", f"/emails/{UNKNOWN}"):
        assert client.delete(path).status == 307


# --- attachments ------------------------------------------------------------------------------------------------


def test_attachments(client):
    attachments = [
        {"filename": "a.txt", "content": "aGk=\n", "content_type": "text/plain"},
        {"filename": "b.bin", "path": "https://files.example.com/b"},
        {"filename": "c.bin", "content": "AAAA"},
    ]
    id = send(client, attachments=attachments)
    octets = "application/octet-stream"
    shown = [("a.txt", "text/plain"), ("b.bin", octets), ("c.bin", octets)]
    links = ["data:text/plain;base64,aGk=", "https://files.example.com/b", f"data:{octets};base64,AAAA"]
    for path in ("/emails", "/api/emails"):
        found = client.get(f"{path}/{id}/attachments").json
        expected = [{"id": UUID, "filename": name, "content_type": type} for name, type in shown]
        assert found == {"object": "list", "data": expected}
        for one, link in zip(found["data"], links, strict=True):
            reply = client.get(f"{path}/{id}/attachments/{one['id']}")
            expected_one = {
                "object": "attachment",
                **one,
                "download_url": link,
                "expires_at": "2026-03-01T13:00:00.000Z",
            }
            assert (reply.status, reply.json) == (200, expected_one)


def test_no_attachments(client):
    id = send(client)
    assert client.get(f"/emails/{id}/attachments").json == {"object": "list", "data": []}
    reply = client.get(f"/emails/{id}/attachments/att-0")
    assert (reply.status, reply.json) == (404, {"error": "Attachment not found"})


# --- received email ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("root", ["", "/api"])
def test_nothing_is_ever_received(client, root):
    path = f"{root}/emails/receiving"
    assert client.get(path).json == {"object": "list", "data": [], "has_more": False}
    reply = client.get(f"{path}?limit=1.5")
    assert (reply.status, reply.json) == (500, {"error": "Failed to fetch received emails"})
    fallbacks = {
        "": "Failed to fetch received email",
        "/attachments": "Failed to fetch received email attachments",
        f"/attachments/{UNKNOWN}": "Failed to fetch received email attachment",
    }
    for rest, fallback in fallbacks.items():
        reply = client.get(f"{path}/{UNKNOWN}{rest}")
        assert (reply.status, reply.json) == (404, {"error": "Received email not found"})
        reply = client.get(f"{path}/abc{rest}")
        assert (reply.status, reply.json) == (500, {"error": fallback})
