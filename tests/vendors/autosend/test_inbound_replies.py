"""Replies to mail that came in."""

from __future__ import annotations

import pytest

from tests.support import OBJECT_ID
from tests.vendors.autosend.arrived import (
    INBOUND,
    INVALID,
    REPLY,
    arrive,
    told,
)
from tests.vendors.autosend.bodies import START, error, held


class TestReplying:
    def test_a_reply(self, client):
        mail = arrive(client)
        reply = client.post(f"{INBOUND}/{mail['id']}/reply", REPLY)
        data = {"emailId": OBJECT_ID, "message": "Reply queued", "status": "QUEUED", "totalRecipients": 1}
        assert (reply.status, reply.json) == (202, {"success": True, "message": "Reply queued", "data": data})
        sent = client.control("GET", f"/messages/{reply.json['data']['emailId']}").json
        assert sent == {
            "id": reply.json["data"]["emailId"],
            "workspace": "default",
            "vendor": "autosend",
            "from": "help@support.example.com",
            "fromName": "Help",
            "to": ["ann.lee@example.org"],
            "cc": [],
            "bcc": [],
            "subject": "Re: Question about my order",
            "html": None,
            "text": "On its way.",
            "dynamicData": None,
            "created_at": START,
            "status": "queued",
            "suppressed": [],
            "headers": {"In-Reply-To": mail["messageId"], "References": mail["messageId"]},
            "names": {"ann.lee@example.org": "Ann Lee"},
            "inReplyToInboundEmailId": mail["id"],
            "threadId": mail["id"],
            "events": [],
        }

    def test_a_reply_with_everything(self, client):
        first = arrive(client)
        mail = arrive(client, reply_to=["ann@home.example.org", "bob@example.org"], in_reply_to=first["id"])
        file = {"fileName": "a.txt", "content": "YQ=="}
        more = {"subject": "Sorted", "html": "<p>x</p>", "attachments": [{**file, "fileSize": 1, "contentId": "c"}]}
        more |= {"cc": [{"email": "cy@example.org"}], "bcc": [{"email": "di@example.org", "name": "Di"}]}
        data = client.post(f"{INBOUND}/{mail['id']}/reply", {**REPLY, **more}).json["data"]
        assert data["totalRecipients"] == 4
        sent = client.control("GET", f"/messages/{data['emailId']}").json
        expected = {
            "to": ["ann@home.example.org", "bob@example.org"],
            "cc": ["cy@example.org"],
            "bcc": ["di@example.org"],
            "subject": "Sorted",
            "html": "<p>x</p>",
            "text": "On its way.",
            "attachments": [file],
            "headers": {
                "In-Reply-To": mail["messageId"],
                "References": f"{first['messageId']} {mail['messageId']}",
            },
            "threadId": first["id"],
        }
        assert {name: sent[name] for name in expected} == expected

    @pytest.mark.parametrize(
        ("subject", "expected"),
        [("Hi", "Re: Hi"), ("Re: Hi", "Re: Hi"), ("RE:Hi", "RE:Hi"), ("Refund", "Re: Refund"), ("", "Re: ")],
    )
    def test_the_subject_of_a_reply(self, client, subject, expected):
        mail = arrive(client, subject)
        id = client.post(f"{INBOUND}/{mail['id']}/reply", REPLY).json["data"]["emailId"]
        assert client.control("GET", f"/messages/{id}").json["subject"] == expected

    def test_a_reply_is_sent_as_every_mail(self, client):
        hook = {"url": "https://hooks.example.com/x", "events": ["email.sent"]}
        assert client.post("/v1/webhooks", hook).status == 201
        mail = arrive(client)
        client.post(f"{INBOUND}/{mail['id']}/reply", REPLY)
        client.clock(advance="1s")
        assert [(one["type"], one["data"]["to"]["email"]) for one in told(client)] == [
            ("email.sent", "ann.lee@example.org")
        ]

    def test_a_reply_to_somebody_suppressed_is_not_sent(self, client):
        mail = arrive(client)
        body = {"emails": ["ann.lee@example.org"], "isGlobal": True}
        assert client.post("/v1/suppression-groups/emails/suppress", body).status == 200
        reply = client.post(f"{INBOUND}/{mail['id']}/reply", REPLY)
        assert reply.status == 202
        assert client.control("GET", f"/messages/{reply.json['data']['emailId']}").json["status"] == "suppressed"

    @pytest.mark.parametrize(
        "change",
        [
            {"from": None},
            {"from": {"name": "Help"}},
            {"from": {"email": "help"}},
            {"from": "help@support.example.com"},
            {"subject": ""},
            {"subject": 999 * "x"},
            {"html": 1},
            {"cc": [{"email": "cy"}]},
            {"cc": 51 * [{"email": "cy@example.org"}]},
            {"bcc": 51 * [{"email": "cy@example.org"}]},
            {"attachments": 21 * [{"fileName": "a", "content": "YQ=="}]},
        ],
    )
    def test_bad_replies(self, client, change):
        mail = arrive(client)
        before = held(client), client.control("GET", "/messages").json
        reply = client.post(f"{INBOUND}/{mail['id']}/reply", {**REPLY, **change})
        assert (reply.status, reply.json) == (400, INVALID)
        assert (held(client), client.control("GET", "/messages").json) == before

    def test_the_most_that_a_reply_may_hold(self, client):
        mail = arrive(client)
        more = {"subject": 998 * "x", "cc": 50 * [{"email": "cy@example.org"}]}
        more["attachments"] = 20 * [{"fileName": "a", "content": "YQ=="}]
        reply = client.post(f"{INBOUND}/{mail['id']}/reply", {**REPLY, **more})
        assert (reply.status, reply.json["data"]["totalRecipients"]) == (202, 51)

    def test_a_body_that_is_no_json(self, client):
        mail = arrive(client)
        reply = client.post(f"{INBOUND}/{mail['id']}/reply", body=b"{")
        assert (reply.status, reply.json) == (400, error("Validation failed", "VALIDATION_FAILED", details=[]))
