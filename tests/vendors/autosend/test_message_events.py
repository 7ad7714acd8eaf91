"""What becomes of AutoSend mails, and what follows from it."""

from __future__ import annotations

import pytest

from tests.support import OBJECT_ID
from tests.vendors.autosend.bodies import START, ok, pagination

SENT = "2026-03-17T10:30:00.500Z"
MINUTE = "2026-03-17T10:31:00.000Z"
EMAIL_TYPES = [
    "email.sent",
    "email.delivered",
    "email.bounced",
    "email.opened",
    "email.clicked",
    "email.spam_reported",
    "email.unsubscribed",
    "email.group_unsubscribed",
]
MAIL = {
    "from": {"email": "team@example.com", "name": "The team"},
    "to": [{"email": "ann@example.org", "name": "Ann"}, {"email": "bob@example.org"}],
    "subject": "Hello {{name}}",
    "html": "<a href='https://shop.example.com/?a=1&amp;b=2'>Go</a>",
    "dynamicData": {"name": "you"},
}
LINK = "https://shop.example.com/?a=1&b=2"


@pytest.fixture
def hooked(client):
    body = {"url": "https://hooks.example.com/x", "events": EMAIL_TYPES}
    assert client.post("/v1/webhooks", body).status == 201
    return client


def send(client, **changes):
    reply = client.post("/v1/mails/send", {**MAIL, **changes})
    assert reply.status == 200, reply.text
    return reply.json["data"]["emailId"]


def happen(client, id, type, **told):
    return client.control("POST", f"/messages/{id}/events", {"type": type, **told})


def told(client):
    """The payloads for the webhook, oldest first."""
    deliveries = client.sandbox.workspace("default").deliveries.newest_first()
    return [delivery["payload"] for delivery in deliveries][::-1]


def event(type, at, id, email, **more):
    to = {"email": email} | ({"name": "Ann"} if email == "ann@example.org" else {})
    data = {"emailId": id, "from": "team@example.com", "to": to, "subject": "Hello you", "test": False, **more}
    return {"type": type, "createdAt": at, "data": data}


def entries(client):
    reply = client.post("/v1/suppression-groups/entries", {})
    return [(one["email"], one["groupId"], one["reason"]) for one in reply.json["data"]["entries"]]


def global_group(client):
    [group] = client.get("/v1/suppression-groups?isGlobal=true").json["data"]["groups"]
    return group["groupId"]


class TestSending:
    def test_a_mail_counts_as_sent_half_a_second_later(self, hooked):
        id = send(hooked)
        assert told(hooked) == []
        assert hooked.control("GET", f"/messages/{id}").json["status"] == "queued"
        hooked.clock(advance="1s")
        assert hooked.control("GET", f"/messages/{id}").json["status"] == "sent"
        assert told(hooked) == [event("email.sent", SENT, id, one["email"]) for one in MAIL["to"]]

    def test_what_an_event_tells_where_it_applies(self, hooked):
        id = send(hooked, templateId="A-0123456789abcdef01", test=True, cc=[{"email": "cid@example.org", "name": "C"}])
        hooked.clock(advance="1s")
        more = {"templateId": "A-0123456789abcdef01", "test": True}
        expected = [event("email.sent", SENT, id, email, **more) for email in ("ann@example.org", "bob@example.org")]
        last = event("email.sent", SENT, id, "cid@example.org", **more)
        last["data"]["to"] = {"email": "cid@example.org", "name": "C"}
        assert told(hooked) == [*expected, last]

    def test_one_of_many_tells_its_batch(self, hooked):
        body = {
            "from": MAIL["from"],
            "subject": "Hello you",
            "text": "Hi",
            "recipients": [{"email": "bob@example.org"}],
        }
        batch = hooked.post("/v1/mails/bulk", body).json["data"]["batchId"]
        hooked.clock(advance="1s")
        [sent] = told(hooked)
        assert sent == event("email.sent", SENT, OBJECT_ID, "bob@example.org", batchId=batch)

    def test_nothing_is_told_of_suppressed_recipients(self, hooked):
        body = {"emails": ["ann@example.org"], "isGlobal": True}
        hooked.post("/v1/suppression-groups/emails/suppress", body)
        id, gone = send(hooked), send(hooked, to={"email": "ann@example.org"})
        hooked.clock(advance="1s")
        assert told(hooked) == [event("email.sent", SENT, id, "bob@example.org")]
        assert hooked.control("GET", f"/messages/{gone}").json["status"] == "suppressed"


CASES = {
    "delivered": ({}, "email.delivered", {}, "delivered"),
    "opened": ({}, "email.opened", {}, "opened"),
    "opened by": (
        {"user_agent": "Mail/1", "ip": "192.0.2.1"},
        "email.opened",
        {"userAgent": "Mail/1", "ipAddress": "192.0.2.1"},
        "opened",
    ),
    "clicked": ({}, "email.clicked", {"url": LINK}, "clicked"),
    "clicked elsewhere": ({"url": "https://x.test/"}, "email.clicked", {"url": "https://x.test/"}, "clicked"),
    "bounced": ({}, "email.bounced", {"bounceType": "Permanent"}, "bounced"),
    "bounced for a while": (
        {"bounce": "transient", "reason": "mailbox full"},
        "email.bounced",
        {"bounceType": "Transient", "reason": "mailbox full"},
        "bounced",
    ),
    "complained": ({}, "email.spam_reported", {}, "spam_reported"),
}


class TestHappenings:
    @pytest.mark.parametrize("name", CASES)
    @pytest.mark.parametrize("recipient", [None, "bob@example.org"])
    def test_status_and_webhooks(self, hooked, name, recipient):
        said, type, more, status = CASES[name]
        id = send(hooked)
        hooked.clock(advance="1m")
        named = {} if recipient is None else {"recipient": recipient}
        reply = happen(hooked, id, name.split()[0], **said, **named)
        assert (reply.status, reply.json["status"]) == (200, status)
        concerned = [recipient] if recipient else ["ann@example.org", "bob@example.org"]
        [noted] = reply.json["events"]
        assert (noted["type"], noted["at"], noted["recipients"]) == (name.split()[0], MINUTE, concerned)
        assert told(hooked)[2:] == [event(type, MINUTE, id, email, **more) for email in concerned]

    @pytest.mark.parametrize(
        ("type", "said", "reason"),
        [
            ("bounced", {}, "BOUNCE"),
            ("bounced", {"bounce": "transient"}, None),
            ("complained", {}, "SPAM_COMPLAINT"),
            ("delivered", {}, None),
            ("opened", {}, None),
            ("clicked", {}, None),
        ],
    )
    def test_suppressions(self, client, type, said, reason):
        id = send(client, unsubscribeGroupId="OTHER")
        assert happen(client, id, type, recipient="Bob@example.org", **said).status == 200
        if reason is None:
            assert entries(client) == []
        else:
            assert entries(client) == [("bob@example.org", global_group(client), reason)]
            group = client.post("/v1/suppression-groups/email/entries", {"email": "bob@example.org"}).json
            assert group == ok({"groups": [{"groupId": global_group(client), "name": "Global Unsubscribes"}]})
        send(client, to={"email": "bob@example.org"})
        [last] = client.control("GET", "/messages?limit=1").json["messages"]
        assert last["status"] == ("queued" if reason is None else "suppressed")

    def test_an_entry_has_the_time_of_what_happened(self, client):
        id = send(client)
        client.clock(advance="1h")
        happen(client, id, "bounced", at=MINUTE, recipient="bob@example.org")
        reply = client.post("/v1/suppression-groups/entries", {})
        entry = {
            "id": OBJECT_ID,
            "email": "bob@example.org",
            "groupId": global_group(client),
            "reason": "BOUNCE",
            "createdAt": MINUTE,
            "updatedAt": MINUTE,
        }
        assert reply.json == ok({"entries": [entry], "pagination": pagination(1, 20, 1, 1)})

    def test_a_mail_that_was_just_queued_is_sent_first(self, hooked):
        id = send(hooked, to={"email": "bob@example.org"})
        happen(hooked, id, "delivered")
        hooked.clock(advance="1m")
        assert [one["type"] for one in told(hooked)] == ["email.sent", "email.delivered"]

    def test_seeded_messages_live_too(self, sandbox):
        client = sandbox("autosend", fixture="demo")
        client.sandbox.prepare()
        [found] = client.control("GET", "/messages?limit=1").json["messages"]
        reply = happen(client, found["id"], "delivered")
        assert (reply.status, reply.json["status"]) == (200, "delivered")


def refused(sentence):
    return (409, {"error": sentence})


class TestUnsubscribing:
    def group(self, client, name="Blog"):
        return client.post("/v1/suppression-groups", {"name": name}).json["data"]

    def test_from_everything(self, hooked):
        id = send(hooked)
        reply = happen(hooked, id, "unsubscribed", recipient="ann@example.org")
        assert (reply.status, reply.json["status"]) == (200, "unsubscribed")
        assert entries(hooked) == [("ann@example.org", global_group(hooked), "unsubscribed")]
        expected = {"type": "email.unsubscribed", "createdAt": START, "data": {"email": "ann@example.org"}}
        assert told(hooked)[2:] == [expected]

    @pytest.mark.parametrize("by", ["mail", "groupId", "id", "name"])
    def test_from_a_group(self, hooked, by):
        group = self.group(hooked)
        id = send(hooked, **({"unsubscribeGroupId": group["groupId"]} if by == "mail" else {}))
        said = {} if by == "mail" else {"group": group[by]}
        assert happen(hooked, id, "unsubscribed", **said).status == 200
        code = group["groupId"]
        assert entries(hooked) == [(f"{name}@example.org", code, "unsubscribed") for name in ("bob", "ann")]
        assert told(hooked)[2:] == [
            {
                "type": "email.group_unsubscribed",
                "createdAt": START,
                "data": {"email": one["email"], "groupId": code},
            }
            for one in MAIL["to"]
        ]

    def test_from_a_group_that_there_is_not(self, hooked):
        id = send(hooked)
        reply = happen(hooked, id, "unsubscribed", group="Nothing")
        sentence = "There is no suppression group 'Nothing': give a group's code, id or name."
        assert (reply.status, reply.json) == refused(sentence)
        assert (entries(hooked), told(hooked)) == ([], [])
        assert hooked.control("GET", f"/messages/{id}").json["status"] == "queued"


class TestRefusals:
    def test_what_was_never_sent(self, hooked):
        hooked.post("/v1/suppression-groups/emails/suppress", {"emails": ["ann@example.org"], "isGlobal": True})
        id = send(hooked)
        sentence = "ann@example.org is suppressed, so the mail was never sent there: name another recipient."
        for said in ({}, {"recipient": "ann@example.org"}):
            reply = happen(hooked, id, "opened", **said)
            assert (reply.status, reply.json) == refused(sentence)
        assert happen(hooked, id, "opened", recipient="bob@example.org").status == 200

    @pytest.mark.parametrize(("type", "member"), [("opened", "trackingOpen"), ("clicked", "trackingClick")])
    def test_what_is_not_tracked(self, hooked, type, member):
        id = send(hooked, **{member: False})
        reply = happen(hooked, id, type)
        sentence = f"The mail was sent with {member} false, so AutoSend does not see it {type}."
        assert (reply.status, reply.json) == refused(sentence)
        assert told(hooked) == []
        assert hooked.control("GET", f"/messages/{id}").json["events"] == []
