"""AutoSend transactional sends."""

from __future__ import annotations

import pytest

from tests.support import OBJECT_ID, UUID
from tests.vendors.autosend.bodies import START, error, held, invalid, ok

MAIL = {
    "from": {"email": "Team@example.com", "name": "The team"},
    "to": {"email": "Ann@example.org"},
    "subject": "Hello",
    "html": "<p>Hi</p>",
}
BULK = {
    "from": {"email": "team@example.com"},
    "subject": "Hello",
    "text": "Hi",
    "recipients": [{"email": "a@example.org"}, {"email": "b@example.org"}],
}


def queued(recipients=1):
    return ok({"emailId": OBJECT_ID, "message": "Email queued successfully.", "totalRecipients": recipients})


def batch(total, failed=0):
    counts = {"totalRecipients": total, "successCount": total - failed, "failedCount": failed}
    return ok({"batchId": UUID, **counts})


def required(name):
    return error(f"The '{name}' field is required", "VALIDATION_FAILED", details=[])


def people(count, at="example.org"):
    return [{"email": f"p{n}@{at}"} for n in range(count)]


@pytest.fixture
def outbox(client):
    """What was kept of the sends so far, oldest first, without the store's own members."""

    def read():
        messages = client.sandbox.workspace("default").messages.scan("newest")
        return [{k: v for k, v in message.items() if k not in ("vendor", "number")} for message in messages]

    return read


def kept(**more):
    message = {
        "id": OBJECT_ID,
        "from": "team@example.com",
        "fromName": "The team",
        "to": ["ann@example.org"],
        "cc": [],
        "bcc": [],
        "subject": "Hello",
        "html": "<p>Hi</p>",
        "text": None,
        "dynamicData": None,
        "created_at": START,
        "status": "queued",
        "suppressed": [],
        "events": [],
    }
    return {**message, **more}


class TestSend:
    def test_one_mail(self, client, outbox):
        reply = client.post("/v1/mails/send", MAIL)
        assert (reply.status, reply.json) == (200, queued())
        [message] = outbox()
        assert message == kept(id=reply.json["data"]["emailId"])

    def test_every_member(self, client, outbox):
        body = {
            **MAIL,
            "to": [{"email": "a@example.org", "name": "A"}, {"email": "b@example.org"}],
            "cc": {"email": "c@example.org"},
            "bcc": [{"email": "d@example.org"}],
            "text": "Hi",
            "templateId": "A-0123456789abcdef01",
            "dynamicData": {"name": "Ann", "items": [1, 2]},
            "replyTo": {"email": "Reply@example.com"},
            "unsubscribeGroupId": "20XWO",
            "trackingClick": True,
            "trackingOpen": False,
            "headers": {"X-Order": "1"},
            "attachments": [{"fileName": "a.txt", "content": "aGk=", "contentType": "text/plain", "size": 3}],
            "bypassSuppressions": False,
            "test": True,
        }
        assert client.post("/v1/mails/send", body).json == queued(4)
        told = ("text", "templateId", "dynamicData", "unsubscribeGroupId", "trackingClick", "trackingOpen", "headers")
        more = {name: body[name] for name in (*told, "test")}
        assert outbox() == [
            kept(
                to=["a@example.org", "b@example.org"],
                cc=["c@example.org"],
                bcc=["d@example.org"],
                replyTo="reply@example.com",
                names={"a@example.org": "A"},
                attachments=[{"fileName": "a.txt", "content": "aGk=", "contentType": "text/plain"}],
                **more,
            )
        ]

    @pytest.mark.parametrize("more", [{"text": "Hi", "html": None}, {"html": "<p>", "text": ""}])
    def test_one_kind_of_content_is_enough(self, client, more):
        assert client.post("/v1/mails/send", {**MAIL, **more}).json == queued()

    def test_a_template_needs_neither_subject_nor_content(self, client, outbox):
        body = {"from": MAIL["from"], "to": MAIL["to"], "templateId": "A-0123456789abcdef01"}
        assert client.post("/v1/mails/send", body).json == queued()
        assert outbox() == [kept(subject=None, html=None, templateId="A-0123456789abcdef01")]

    def test_fifty_addresses_are_the_limit(self, client, outbox):
        body = {**MAIL, "to": people(20), "cc": people(20, "cc.org"), "bcc": people(10, "bcc.org")}
        assert client.post("/v1/mails/send", body).json == queued(50)
        reply = client.post("/v1/mails/send", {**body, "bcc": people(11, "bcc.org")})
        message = "The total of to, cc and bcc must not exceed 50 recipients"
        assert (reply.status, reply.json) == (400, invalid(("to", message)))
        assert len(outbox()) == 1

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            ({"from": None}, required("from")),
            ({"to": None}, required("to")),
            ({"from": None, "to": None}, required("from")),
            ({"to": []}, invalid(("to", "To must contain at least 1 item"))),
            ({"to": "ann@example.org"}, invalid(("to", "To must be an array"))),
            ({"to": {"name": "Ann"}}, invalid(("to.0.email", "Email is required"))),
            ({"to": {"email": "ann"}}, invalid(("to.0.email", "Invalid email format"))),
            ({"to": [{"email": "a@example.org"}, 5]}, invalid(("to.1", "Item must be an object"))),
            ({"from": "team@example.com"}, invalid(("from", "From must be an object"))),
            ({"from": {"email": "team"}}, invalid(("from.email", "Invalid email format"))),
            (
                {"from": {"email": "x"}, "cc": [{"email": "y"}], "test": 1},
                invalid(
                    ("from.email", "Invalid email format"),
                    ("cc.0.email", "Invalid email format"),
                    ("test", "Test must be a boolean"),
                ),
            ),
            ({"subject": None}, invalid(("subject", "Subject is required"))),
            ({"subject": ""}, invalid(("subject", "Subject is required"))),
            ({"subject": "s" * 999}, invalid(("subject", "Subject must be at most 998 characters"))),
            ({"html": None}, invalid(("html", "Provide html, text or templateId"))),
            ({"html": 5}, invalid(("html", "Html must be a string"))),
            ({"dynamicData": []}, invalid(("dynamicData", "DynamicData must be an object"))),
            ({"attachments": [{}]}, invalid(("attachments.0.fileName", "FileName is required"))),
            ({"bypassSuppressions": "yes"}, invalid(("bypassSuppressions", "BypassSuppressions must be a boolean"))),
        ],
    )
    def test_bad_input_sends_nothing(self, client, outbox, change, expected):
        before = held(client)
        reply = client.post("/v1/mails/send", {**MAIL, **change})
        assert (reply.status, reply.json) == (400, expected)
        assert (held(client), outbox()) == (before, [])

    @pytest.mark.parametrize("path", ["/v1/mails/send", "/v1/mails/bulk"])
    def test_a_body_that_is_no_object(self, client, path):
        for body in ([], "x", None, 5):
            reply = client.post(path, body)
            assert (reply.status, reply.json) == (400, invalid())


class TestBulk:
    def test_a_message_for_each_recipient(self, client, outbox):
        body = {
            **BULK,
            "dynamicData": {"plan": "free", "name": "you"},
            "recipients": [
                {"email": "A@example.org", "name": "A", "dynamicData": {"name": "Ann"}},
                {"email": "b@example.org", "cc": [{"email": "c@example.org"}], "bcc": {"email": "d@example.org"}},
            ],
        }
        reply = client.post("/v1/mails/bulk", body)
        assert (reply.status, reply.json) == (200, batch(2))
        one = {"fromName": None, "html": None, "text": "Hi", "batchId": reply.json["data"]["batchId"]}
        assert outbox() == [
            kept(
                to=["a@example.org"],
                dynamicData={"plan": "free", "name": "Ann"},
                names={"a@example.org": "A"},
                **one,
            ),
            kept(
                to=["b@example.org"],
                cc=["c@example.org"],
                bcc=["d@example.org"],
                dynamicData={"plan": "free", "name": "you"},
                **one,
            ),
        ]
        assert len({message["id"] for message in outbox()}) == 2

    def test_a_bad_recipient_fails_alone(self, client, outbox):
        recipients = [{"email": "a@example.org"}, {"email": "b"}, {}, 5]
        assert client.post("/v1/mails/bulk", {**BULK, "recipients": recipients}).json == batch(4, 3)
        assert [message["to"] for message in outbox()] == [["a@example.org"]]

    def test_a_hundred_are_the_limit(self, client, outbox):
        assert client.post("/v1/mails/bulk", {**BULK, "recipients": people(100)}).json == batch(100)
        assert len(outbox()) == 100

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            ({"from": None}, required("from")),
            ({"recipients": None}, required("recipients")),
            ({"recipients": []}, invalid(("recipients", "Recipients must contain at least 1 item"))),
            ({"recipients": people(101)}, invalid(("recipients", "Recipients must contain at most 100 items"))),
            ({"recipients": {}}, invalid(("recipients", "Recipients must be an array"))),
            ({"subject": None}, invalid(("subject", "Subject is required"))),
            ({"text": None}, invalid(("html", "Provide html, text or templateId"))),
            ({"from": {"email": "x"}}, invalid(("from.email", "Invalid email format"))),
        ],
    )
    def test_bad_input_sends_nothing(self, client, outbox, change, expected):
        reply = client.post("/v1/mails/bulk", {**BULK, **change})
        assert (reply.status, reply.json) == (400, expected)
        assert outbox() == []


class TestSuppressed:
    @pytest.mark.parametrize(
        ("suppression", "mail", "expected"),
        [
            ({"isGlobal": True}, {}, "suppressed"),
            ({"isGlobal": True}, {"unsubscribeGroupId": "GROUP"}, "suppressed"),
            ({"isGlobal": True}, {"bypassSuppressions": True}, "queued"),
            ({}, {}, "suppressed"),
            ({}, {"unsubscribeGroupId": "GROUP"}, "queued"),
            ({"groupId": "GROUP"}, {}, "queued"),
            ({"groupId": "GROUP"}, {"unsubscribeGroupId": "GROUP"}, "suppressed"),
            ({"groupId": "GROUP"}, {"unsubscribeGroupId": "GROUP", "bypassSuppressions": True}, "queued"),
            ({"groupId": "GROUP"}, {"unsubscribeGroupId": "OTHER"}, "queued"),
        ],
    )
    def test_whom(self, client, outbox, suppression, mail, expected):
        group = client.post("/v1/suppression-groups", {"name": "Blog"}).json["data"]["groupId"]

        def named(body):
            return {name: group if value == "GROUP" else value for name, value in body.items()}

        body = {"emails": ["ann@example.org"], **named(suppression)}
        assert client.post("/v1/suppression-groups/emails/suppress", body).status == 200
        assert client.post("/v1/mails/send", {**MAIL, **named(mail)}).json == queued()
        [message] = outbox()
        assert message["status"] == expected
        assert message["suppressed"] == (["ann@example.org"] if expected == "suppressed" else [])

    def test_one_of_several(self, client, outbox):
        body = {"emails": ["p1@example.org"], "isGlobal": True}
        client.post("/v1/suppression-groups/emails/suppress", body)
        assert client.post("/v1/mails/send", {**MAIL, "to": people(2)}).json == queued(2)
        assert client.post("/v1/mails/bulk", {**BULK, "recipients": people(2)}).json == batch(2)
        stand = [(message["status"], message["suppressed"]) for message in outbox()]
        assert stand == [("queued", ["p1@example.org"]), ("queued", []), ("suppressed", ["p1@example.org"])]

    def test_a_group_out_of_use_suppresses_nobody(self, client, outbox):
        group = client.post("/v1/suppression-groups", {"name": "Blog"}).json["data"]["groupId"]
        client.post("/v1/suppression-groups/emails/suppress", {"emails": ["ann@example.org"], "groupId": group})
        client.put(f"/v1/suppression-groups/{group}", {"isActive": False})
        client.post("/v1/mails/send", {**MAIL, "unsubscribeGroupId": group})
        assert [message["status"] for message in outbox()] == ["queued"]


@pytest.mark.parametrize(("path", "body"), [("/v1/mails/send", MAIL), ("/v1/mails/bulk", BULK)])
class TestIdempotency:
    def test_the_first_answer_again_for_a_day(self, client, outbox, path, body):
        headers = {"Idempotency-Key": "key-1"}
        first = client.post(path, body, headers=headers)
        assert first.status == 200
        size = len(outbox())
        client.clock(advance="23h")
        again = client.post(path, {**body, "subject": "Other"}, headers=headers)
        assert (again.status, again.json, len(outbox())) == (200, first.json, size)
        other = client.post(path, body, headers={"Idempotency-Key": "key-2"})
        assert other.json != first.json
        client.clock(advance="1h")
        after = client.post(path, body, headers=headers)
        assert (after.status, len(outbox())) == (200, size * 3)
        assert after.json != first.json

    def test_a_refusal_is_not_remembered(self, client, outbox, path, body):
        headers = {"Idempotency-Key": "key-1"}
        assert client.post(path, {**body, "subject": ""}, headers=headers).status == 400
        assert client.post(path, body, headers=headers).status == 200

    def test_the_two_operations_do_not_mix(self, client, outbox, path, body):
        headers = {"Idempotency-Key": "key-1"}
        answers = [
            client.post(p, b, headers=headers).json for p, b in [("/v1/mails/send", MAIL), ("/v1/mails/bulk", BULK)]
        ]
        assert answers == [queued(), batch(2)]
        assert client.post(path, body, headers=headers).json in answers
        assert len(outbox()) == 3
