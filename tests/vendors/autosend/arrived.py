"""Mail that has come in: how tests have it arrive, and what it looks like."""

from __future__ import annotations

from base64 import b64encode

from tests.support import OBJECT_ID, Like
from tests.vendors.autosend.bodies import START

INBOUND = "/v1/inbound/messages"
DATE = "Tue, 17 Mar 2026 10:30:00 +0000"
ANN = {"email": "Ann.Lee@example.org", "name": "Ann Lee"}
DESK = {"email": "desk@support.example.com", "name": None}
PDF = b"%PDF-1.4 \x00\xff"
FILE = {"filename": "receipt.pdf", "content_type": "application/pdf", "content": b64encode(PDF).decode()}
ATTACHMENT_ID = Like("att_[0-9a-f]{24}")
VERDICTS = dict.fromkeys(("spamVerdict", "virusVerdict", "spfVerdict", "dkimVerdict", "dmarcVerdict"), "PASS")
MAIL = {"vendor": "autosend", "from": "Ann Lee <Ann.Lee@example.org>", "to": "desk@support.example.com"}
REPLY = {"from": {"email": "Help@Support.example.com", "name": "Help"}, "text": "On its way."}

INVALID = {"success": False, "error": {"message": "Invalid value"}}
NO_MAIL = {"success": False, "error": {"message": "Inbound email not found"}}
NO_FILE = {"success": False, "error": {"message": "Attachment not found"}}


def arrive(client, subject="Question about my order", **more):
    reply = client.control("POST", "/inbound", {**MAIL, "subject": subject, **more})
    assert reply.status == 201, reply.text
    return reply.json


def subjects(client, query=""):
    reply = client.get(f"{INBOUND}?{query}")
    assert reply.status == 200, reply.text
    return [item["subject"] for item in reply.json["data"]["items"]]


def told(client):
    """The payloads for the webhooks, oldest first."""
    deliveries = client.sandbox.workspace("default").deliveries.newest_first()
    return [delivery["payload"] for delivery in deliveries][::-1]


def whole(**more):
    """A mail as it is shown, with nothing said of it but from whom and to whom, and its subject."""
    return {
        "id": OBJECT_ID,
        "providerMessageId": Like("[0-9a-f]{40}"),
        "messageId": Like("<[0-9a-f]{32}@example.org>"),
        "domainName": "support.example.com",
        "from": ANN,
        "to": [DESK],
        "cc": [],
        "bcc": [],
        "replyTo": [],
        "subject": "Question about my order",
        "text": "",
        "html": "",
        "attachments": [],
        **VERDICTS,
        "status": "PROCESSED",
        "threadId": more["id"],
        "inReplyTo": None,
        "inReplyToEmailActivityId": None,
        "inReplyToInboundEmailId": None,
        "receivedAt": START,
        **more,
    }


def headers(message_id, **more):
    return {
        "from": "Ann Lee <Ann.Lee@example.org>",
        "to": "desk@support.example.com",
        "subject": "Question about my order",
        "date": DATE,
        "message-id": message_id,
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
