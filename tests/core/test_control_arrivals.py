"""Mail that arrives through the control API: what no vendor has a say in."""

from __future__ import annotations

import pytest

from tests.support import Client

MAIL = {"vendor": "opensend", "from": "ann@example.org", "to": "desk@example.com"}


@pytest.mark.parametrize(
    ("change", "status", "sentence"),
    [
        ({}, 409, "OpenSend receives no mail here."),
        ({"vendor": "nobody"}, 400, "Vendor 'nobody' is not served here: use opensend."),
        (
            {"body": "x"},
            400,
            "Member 'body' is unknown: use vendor, workspace, from, to, cc, reply_to, subject, text, html, headers, "
            "in_reply_to, attachments, status.",
        ),
        ({"cc": "cy@example.org"}, 400, "Member 'cc' cannot be used: input should be a valid list."),
        ({"reply_to": ["<>"]}, 400, "'<>' is no address: write ann@example.com or Ann Lee <ann@example.com>."),
        ({"attachments": [{"content": ""}]}, 400, "Member 'attachments.0.filename' is missing: add it."),
    ],
)
def test_what_is_refused(change, status, sentence):
    client = Client("opensend")
    reply = client.control("POST", "/inbound", {**MAIL, **change})
    assert (reply.status, reply.json) == (status, {"error": sentence})
