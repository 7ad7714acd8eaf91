"""What follows for OpenSend from something that is said to have happened to an email."""

from __future__ import annotations

from typing import Any

import pytest

from lookalike.vendors.opensend import webhooks
from tests.receiver import Receiver
from tests.support import UUID, Client, Like

NOON = "2026-03-01T12:00:00.000Z"
SENT = "2026-03-01T12:00:00.500Z"
LATER = "2026-03-01T12:01:00.000Z"
PROVIDER_ID = Like(r"01000[0-9a-f]{11}-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}-000000")
MTA = "a8-70.smtp-out.amazonses.com"
UNKNOWN = "smtp; 550 5.1.1 (Unknown User)"
AGENT = "Mozilla/5.0 (compatible; lookalike)"
BODY = {
    "from": "news@example.com",
    "to": ["ann@example.com", "Bob@Example.com"],
    "subject": "Hello",
    "html": '<p><a href="https://shop.example.com/a?b=c">Go</a></p>',
}
TYPES = ["email.sent", "email.delivered", "email.opened", "email.clicked", "email.bounced", "email.complained"]


def send(client: Client, **changes: Any) -> str:
    reply = client.post("/emails", {**BODY, **changes})
    assert reply.status == 200, reply.text
    return reply.json["id"]


def happen(client: Client, id: str, type: str, **told: Any) -> Any:
    return client.control("POST", f"/messages/{id}/events", {"type": type, **told})


def hook(client: Client) -> None:
    reply = client.post("/webhooks", {"endpoint": "https://hooks.example.com/x", "events": TYPES})
    assert reply.status == 201, reply.text


def told(client: Client) -> list[tuple[str, Any, str | None]]:
    """What the webhook was left: type, data and the email it is about, oldest first."""
    part = client.sandbox.workspace("default").parts["opensend"]
    (only,) = part.collection(webhooks.WEBHOOKS).scan()
    found = part.collection(webhooks.DELIVERIES).scan("age", within=only["id"])
    return [(one["type"], one["data"], one["email_id"]) for one in found]


def bounce(type: str, sub_type: str, status: str, words: str, *addresses: str) -> dict[str, Any]:
    said = {"action": "failed", "status": status, "diagnosticCode": words}
    return {
        "bounceType": type,
        "bounceSubType": sub_type,
        "bouncedRecipients": [{"emailAddress": address, **said} for address in addresses],
        "timestamp": LATER,
        "feedbackId": PROVIDER_ID,
        "reportingMTA": f"dsn; {MTA}",
    }


def complaint(kind: str, *addresses: str) -> dict[str, Any]:
    return {
        "complainedRecipients": [{"emailAddress": address} for address in addresses],
        "timestamp": LATER,
        "feedbackId": PROVIDER_ID,
        "complaintSubType": None,
        "complaintFeedbackType": kind,
        "arrivalDate": LATER,
    }


def bounced(type: str, sub_type: str, words: str, status: str, *addresses: str) -> dict[str, Any]:
    return {
        "message_id": PROVIDER_ID,
        "bounce_type": type,
        "bounce_subtype": sub_type,
        "diagnostic_code": words,
        "status": status,
        "action": "failed",
        "timestamp": LATER,
        "recipients": list(addresses),
    }


def complained(kind: str, *addresses: str) -> dict[str, Any]:
    return {
        "message_id": PROVIDER_ID,
        "complaint_feedback_type": kind,
        "timestamp": LATER,
        "recipients": list(addresses),
    }


BOTH = ("ann@example.com", "Bob@Example.com")
MAILBOX_FULL = "smtp; 452 4.2.2 (Mailbox full)"
OPENED = {"timestamp": LATER, "userAgent": AGENT, "ipAddress": "127.0.0.1"}

CASES: dict[str, tuple[dict[str, Any], dict[str, Any], str, dict[str, Any], str]] = {
    "delivered": (
        {},
        {
            "timestamp": LATER,
            "processingTimeMillis": 500,
            "recipients": list(BOTH),
            "smtpResponse": "250 2.0.0 OK",
            "reportingMTA": MTA,
        },
        "Delivered to ann@example.com, Bob@Example.com — 250 2.0.0 OK",
        {
            "smtp_response": "250 2.0.0 OK",
            "timestamp": LATER,
            "processing_time_ms": 500,
            "recipients": list(BOTH),
        },
        "delivered",
    ),
    "opened": ({}, OPENED, "Open recorded", {"timestamp": LATER}, "sent"),
    "opened by": (
        {"recipient": "ANN@example.com", "user_agent": "Thunderbird", "ip": "192.0.2.7"},
        {"timestamp": LATER, "userAgent": "Thunderbird", "ipAddress": "192.0.2.7"},
        "Open recorded",
        {"timestamp": LATER},
        "sent",
    ),
    "clicked": (
        {},
        {**OPENED, "link": "https://shop.example.com/a?b=c", "linkTags": None},
        "Click recorded",
        {"timestamp": LATER},
        "sent",
    ),
    "clicked elsewhere": (
        {"url": "http://other.example.com/"},
        {**OPENED, "link": "http://other.example.com/", "linkTags": None},
        "Click recorded",
        {"timestamp": LATER},
        "sent",
    ),
    "bounced": (
        {},
        bounce("Permanent", "General", "5.1.1", UNKNOWN, *BOTH),
        f"Permanent bounce — for ann@example.com, Bob@Example.com — {UNKNOWN}",
        bounced("Permanent", "General", UNKNOWN, "5.1.1", *BOTH),
        "bounced",
    ),
    "bounced for a while": (
        {"bounce": "transient", "recipient": "ann@example.com"},
        bounce("Transient", "MailboxFull", "4.2.2", MAILBOX_FULL, "ann@example.com"),
        f"Transient bounce — for ann@example.com — {MAILBOX_FULL}",
        bounced("Transient", "MailboxFull", MAILBOX_FULL, "4.2.2", "ann@example.com"),
        "bounced",
    ),
    "bounced with a reason": (
        {"reason": "smtp; 550 5.7.1 no", "recipient": "bob@example.com"},
        bounce("Permanent", "General", "5.1.1", "smtp; 550 5.7.1 no", "Bob@Example.com"),
        "Permanent bounce — for Bob@Example.com — smtp; 550 5.7.1 no",
        bounced("Permanent", "General", "smtp; 550 5.7.1 no", "5.1.1", "Bob@Example.com"),
        "bounced",
    ),
    "complained": (
        {},
        complaint("abuse", *BOTH),
        "Complaint: abuse — from ann@example.com, Bob@Example.com",
        complained("abuse", *BOTH),
        "complained",
    ),
    "complained of fraud": (
        {"reason": "fraud", "recipient": "ann@example.com"},
        complaint("fraud", "ann@example.com"),
        "Complaint: fraud — from ann@example.com",
        complained("fraud", "ann@example.com"),
        "complained",
    ),
}
"""What is said; the payload, its summary and details, and the state that the email is in afterwards."""


@pytest.mark.parametrize("name", CASES)
def test_events_states_and_webhooks(client, name):
    said, payload, summary, details, state = CASES[name]
    type = name.split()[0]
    hook(client)
    id = send(client)
    client.clock(advance="1m")
    reply = happen(client, id, type, **said)
    assert reply.status == 200, reply.text
    assert (reply.json["last_event"], reply.json["events"][0]["type"]) == (state, type)
    event = {
        "object": "email_event",
        "id": UUID,
        "type": type,
        "created_at": LATER,
        "summary": summary,
        "details": details,
        "payload": payload,
    }
    assert client.get(f"/emails/{id}/events").json == {"object": "list", "data": [event]}
    assert told(client) == [(f"email.{type}", payload, id)]
    read = client.get(f"/emails/{id}").json
    assert (read["last_event"], read["sent_at"]) == (state, SENT)
    assert [one["id"] for one in client.get(f"/emails?status={state}").json["data"]] == [id]


def suppression(id: str, email: str, reason: str, **more: Any) -> dict[str, Any]:
    message_id = f"01000{1772366400000:011x}-{id}-000000"
    metadata = {"source": "ses", "sourceEventId": UUID, "sourceEmailId": id, "sourceMessageId": message_id}
    return {
        "id": UUID,
        "object": "suppression",
        "email": email,
        "reason": reason,
        "scope": "user",
        "source_event_id": UUID,
        "source_email_id": id,
        "source_message_id": message_id,
        "metadata": {**metadata, **more},
        "suppressed_at": LATER,
        "updated_at": LATER,
    }


@pytest.mark.parametrize(
    ("type", "said", "addresses", "more"),
    [
        ("bounced", {}, ["bob@example.com", "ann@example.com"], {"bounceType": "Permanent"}),
        ("bounced", {"recipient": "bob@example.com"}, ["bob@example.com"], {"bounceType": "Permanent"}),
        ("bounced", {"bounce": "transient"}, [], {}),
        ("complained", {}, ["bob@example.com", "ann@example.com"], {"complaintFeedbackType": "abuse"}),
        ("complained", {"reason": "virus"}, ["bob@example.com", "ann@example.com"], {"complaintFeedbackType": "virus"}),
        ("delivered", {}, [], {}),
        ("opened", {}, [], {}),
        ("clicked", {}, [], {}),
    ],
)
def test_suppressions(client, type, said, addresses, more):
    id = send(client)
    client.clock(advance="1m")
    assert happen(client, id, type, **said).status == 200
    found = client.get("/api/suppressions").json["data"]
    assert found == [suppression(id, address, type, **more) for address in addresses]
    again = client.post("/emails", {**BODY, "to": "bob@example.com"})
    assert again.status == (422 if addresses else 200)


def test_a_bounce_renews_a_suppression(client):
    client.post("/api/suppressions", {"email": "ann@example.com"})
    (known,) = client.get("/api/suppressions").json["data"]
    id = send(client, to="cid@example.com", cc="ann@example.com")
    happen(client, id, "bounced", recipient="ann@example.com")
    (found,) = client.get("/api/suppressions").json["data"]
    assert (found["id"], found["reason"], found["source_email_id"]) == (known["id"], "bounced", id)


def test_an_email_that_was_just_taken_in_is_sent_first(client):
    id = send(client)
    reply = happen(client, id, "delivered")
    assert (reply.status, reply.json["last_event"], reply.json["sent_at"]) == (200, "delivered", NOON)
    client.clock(advance="1h")
    assert client.get(f"/emails/{id}").json["last_event"] == "delivered"


def test_a_sandbox_recipient_gets_its_outcome_first(client):
    id = send(client, to="delivered@resend.dev")
    reply = happen(client, id, "opened")
    events = [{"type": type, "at": NOON, "recipients": ["delivered@resend.dev"]} for type in ("delivered", "opened")]
    assert (reply.status, reply.json["events"]) == (200, [events[0], events[1]])
    types = [one["type"] for one in client.get(f"/emails/{id}/events").json["data"]]
    assert types == ["sent", "delivered", "opened"]


@pytest.mark.parametrize(
    ("address", "more"),
    [
        ("delivered@resend.dev", {}),
        ("bounced@resend.dev", {"bounce": "permanent", "reason": UNKNOWN}),
        ("complained@resend.dev", {}),
    ],
)
def test_outcomes_of_sandbox_recipients_are_noted_on_the_message(client, address, more):
    id = send(client, to=address)
    client.clock(advance="1s")
    type = address.split("@")[0]
    event = {"type": type, "at": "2026-03-01T12:00:00.100Z", "recipients": [address], **more}
    message = client.control("GET", f"/messages/{id}").json
    assert (message["last_event"], message["events"]) == (type, [event])


def test_an_earlier_moment(client):
    id = send(client)
    client.clock(advance="1h")
    reply = happen(client, id, "opened", at="2026-03-01T12:01:00Z")
    assert reply.json["events"] == [{"type": "opened", "at": LATER, "recipients": list(BOTH)}]
    (event,) = client.get(f"/emails/{id}/events").json["data"]
    assert (event["created_at"], event["payload"]["timestamp"]) == (LATER, LATER)


def refused(sentence: str) -> tuple[int, dict[str, str]]:
    return 409, {"error": sentence}


def test_what_was_not_sent_cannot_be_opened(client):
    id = send(client, scheduled_at="in 1 hour")
    reply = happen(client, id, "opened")
    sentence = "The email waits for 2026-03-01T13:00:00.000Z: move the clock there first."
    assert (reply.status, reply.json) == refused(sentence)
    client.patch(f"/emails/{id}", {"scheduled_at": None})
    reply = happen(client, id, "opened")
    assert (reply.status, reply.json) == refused(
        "The email waits for a time that nobody set: move the clock there first."
    )
    client.post(f"/emails/{id}/cancel")
    reply = happen(client, id, "opened")
    assert (reply.status, reply.json) == refused("The email was canceled, so it was never sent.")
    assert [one["type"] for one in client.get(f"/emails/{id}/events").json["data"]] == ["scheduled"]
    assert client.control("GET", f"/messages/{id}").json["events"] == []


def test_what_was_deleted_cannot_be_opened(client):
    id = send(client)
    client.delete(f"/api/emails?id={id}")
    reply = happen(client, id, "opened")
    assert (reply.status, reply.json) == refused("OpenSend no longer has this email.")


def test_a_complaint_has_a_kind(client):
    id = send(client)
    reply = happen(client, id, "complained", reason="rude")
    sentence = "A complaint has no kind 'rude': use one of abuse, auth-failure, fraud, not-spam, other, virus."
    assert (reply.status, reply.json) == refused(sentence)
    assert client.get("/api/suppressions").json["data"] == []
    assert client.get(f"/emails/{id}").json["last_event"] == "queued"


# --- unsubscribing ----------------------------------------------------------------------------------------------

LINKED = {"to": "ann@example.com", "html": "<a href='{{{OPENSEND_UNSUBSCRIBE_URL}}}'>no more</a>"}


def subscriber(client: Client, email: str = "ann@example.com") -> str:
    reply = client.post("/contacts", {"email": email})
    assert reply.status == 201, reply.text
    return reply.json["id"]


def topic(client: Client, name: str) -> str:
    body = {"name": name, "default_subscription": "opt_in", "visibility": "public"}
    return client.post("/topics", body).json["id"]


def test_unsubscribing_changes_the_contact_and_nothing_else(client):
    hook(client)
    id = subscriber(client)
    email = send(client, **LINKED)
    reply = happen(client, email, "unsubscribed")
    assert (reply.status, reply.json["last_event"]) == (200, "sent")
    assert client.get(f"/contacts/{id}").json["unsubscribed"] is True
    assert (told(client), client.get(f"/emails/{email}/events").json["data"]) == ([], [])
    assert client.get("/api/suppressions").json["data"] == []


@pytest.mark.parametrize("by", ["id", "name"])
def test_unsubscribing_from_a_topic(client, by):
    id, news = subscriber(client), topic(client, "News")
    topic(client, "Offers")
    email = send(client, **LINKED)
    reply = happen(client, email, "unsubscribed", group=news if by == "id" else "News")
    assert reply.status == 200, reply.text
    shown = {one["name"]: one["subscription"] for one in client.get(f"/contacts/{id}/topics").json["data"]}
    assert shown == {"News": "opt_out"}
    assert client.get(f"/contacts/{id}").json["unsubscribed"] is False


def test_unsubscribing_takes_a_link_a_contact_and_a_topic_that_there_is(client):
    subscriber(client)
    reply = happen(client, send(client, to="ann@example.com"), "unsubscribed")
    sentence = "The email has no unsubscribe link: put {{{OPENSEND_UNSUBSCRIBE_URL}}} into one to a contact."
    assert (reply.status, reply.json) == refused(sentence)
    email = send(client, **LINKED)
    reply = happen(client, email, "unsubscribed", group="Nothing")
    assert (reply.status, reply.json) == refused("There is no topic 'Nothing': give a topic's id or name.")
    client.delete("/contacts/ann@example.com")
    reply = happen(client, email, "unsubscribed")
    assert (reply.status, reply.json) == refused("ann@example.com is no contact any more.")
    assert client.get(f"/emails/{email}").json["last_event"] == "queued"


def test_webhooks_go_out(client):
    """What becomes of them afterwards is told with the webhooks themselves."""
    with Receiver().listening() as receiver:
        client.post("/webhooks", {"endpoint": receiver.url, "events": ["email.clicked"]})
        id = send(client)
        client.clock(advance="1m")
        happen(client, id, "clicked", recipient="ann@example.com", url="https://x.test/")
        client.settle()
        [received] = receiver.received
    assert received.json == {
        "id": received.headers["svix-id"],
        "type": "email.clicked",
        "created_at": LATER,
        "data": {**OPENED, "link": "https://x.test/", "linkTags": None},
    }


def test_metrics_of_a_broadcast(client):
    """As the vendor's own count does, it knows of no opens and clicks, since they leave the state alone."""
    segment = client.post("/segments", {"name": "Test"}).json["id"]
    for name in ("a", "b", "c"):
        client.post("/contacts", {"email": f"{name}@example.com", "segments": [segment]})
    body = {"from": "n@example.com", "subject": "Hi {{FIRST_NAME}}", "html": "<a href='http://x.test/'>{{EMAIL}}</a>"}
    made = client.post("/broadcasts", {**body, "segment_id": segment, "send": True, "scheduled_at": "in 1 min"})
    client.clock(advance="2m")
    ids = {one["to"][0]: one["id"] for one in client.control("GET", "/messages").json["messages"]}
    assert sorted(ids) == ["a@example.com", "b@example.com", "c@example.com"]
    for address, types in {"a": ("delivered", "opened", "clicked"), "b": ("bounced",)}.items():
        for type in types:
            assert happen(client, ids[f"{address}@example.com"], type).status == 200
    third = 1 / 3 * 100
    assert client.get(f"/api/broadcasts/{made.json['id']}/metrics").json == {
        "object": "broadcast_metrics",
        "broadcast_id": made.json["id"],
        "total": 3,
        "delivered": 1,
        "bounced": 1,
        "complained": 0,
        "opened": 0,
        "clicked": 0,
        "delivery_rate": third,
        "open_rate": 0,
        "click_rate": 0,
        "bounce_rate": third,
    }
    message = client.control("GET", f"/messages/{ids['a@example.com']}").json
    assert (message["subject"], message["html"]) == ("Hi ", "<a href='http://x.test/'>a@example.com</a>")
    assert message["events"][2]["url"] == "http://x.test/"
