"""Every method of `APIClient`: what it returns, and what was sent."""

from __future__ import annotations

import pytest
from customerio import (
    APIClient,
    CustomerIOException,
    Regions,
    SendEmailRequest,
    SendInAppRequest,
    SendInboxMessageRequest,
    SendPushRequest,
    SendSMSRequest,
    SendWhatsAppRequest,
)

from tests.clients.customerio_python.conftest import KEY
from tests.support import Like

pytestmark = pytest.mark.client

NOW = 1_767_603_600
QUEUED = {"delivery_id": Like("[A-Za-z0-9_-]+"), "queued_at": NOW}
ANN = {"id": "ann"}


def email(**more):
    return SendEmailRequest(to="ann@x.co", identifiers=ANN, transactional_message_id=3, **more)


SENDS = {
    "send_email": email(),
    "send_push": SendPushRequest(identifiers=ANN, transactional_message_id=3),
    "send_sms": SendSMSRequest(to="+15551234567", identifiers=ANN, transactional_message_id=3),
    "send_whatsapp": SendWhatsAppRequest(to="+15551234567", identifiers=ANN, transactional_message_id=3),
    "send_inbox_message": SendInboxMessageRequest(identifiers=ANN, transactional_message_id=3),
    "send_in_app": SendInAppRequest(identifiers=ANN, transactional_message_id=3),
}
TYPES = ("email", "push", "twilio", "whatsapp", "in_app", "in_app")


@pytest.mark.parametrize("as_dict", [False, True])
@pytest.mark.parametrize(("method", "type"), list(zip(SENDS, TYPES, strict=True)))
def test_every_channel(api, read, outbox, method, type, as_dict):
    request = SENDS[method]
    answer = getattr(api, method)(request._to_dict() if as_dict else request)
    assert answer == QUEUED
    (kept,) = outbox()
    assert (kept["id"], kept["channel"], kept["transactional_message_id"]) == (answer["delivery_id"], type, 3)
    assert read(f"/v1/messages/{answer['delivery_id']}")[1]["message"]["customer_id"] == "ann"


def test_a_mail_with_everything(api, outbox):
    request = SendEmailRequest(
        to="ann@x.co",
        identifiers={"email": "ann@x.co"},
        _from="Team <team@x.co>",
        subject="Hello",
        body="<p>Hi</p>",
        body_plain="Hi",
        headers={"X-One": "1"},
        cc="cc@x.co",
        bcc="bcc@x.co",
        reply_to="reply@x.co",
        preheader="Look",
        message_data={"order": {"id": 7}},
        tracked=False,
        fake_bcc=True,
        disable_css_preprocessing=True,
        send_at=NOW + 60,
        language="fr",
    )
    request.attach("a.txt", "text")
    assert api.send_email(request) == {**QUEUED, "send_at": NOW + 60}
    assert outbox() == []


def test_a_push_with_a_device(api, read):
    device = {"token": "t1", "platform": "ios", "last_used": 5}
    api.send_push(SendPushRequest(identifiers=ANN, custom_payload={"ios": {}}, device=device, title="Hi"))
    shown = read("/v1/customers/ann/attributes")[1]["customer"]["devices"]
    assert shown == [{"id": "t1", "platform": "ios", "last_used": 5, "attributes": {}}]


def test_the_european_host_and_an_address_of_ones_own(secured, workspace):
    key = f"{KEY}~{workspace}"
    for settings in ({"region": Regions.EU}, {"url": f"{secured.url}/customerio"}):
        with APIClient(key, **settings) as api:
            assert api.send_email(email()) == QUEUED


def refused(call, status, text):
    with pytest.raises(CustomerIOException) as caught:
        call()
    told = str(caught.value)
    assert told.startswith(f"{status}: https://api.customer.io/v1/send/")
    assert told.endswith(f' {{"meta":{{"error":"{text}"}}}}')


@pytest.mark.parametrize(
    ("request_", "status", "text"),
    [
        (SendEmailRequest(identifiers=ANN, transactional_message_id=3), 400, 'Missing required field: \\"to\\"'),
        (SendEmailRequest(to="a@x.co", identifiers=ANN), 400, 'Missing required field: \\"body\\"'),
        (
            SendEmailRequest(to="a@x.co", identifiers=ANN, transactional_message_id="unknown"),
            400,
            '\\"transactional_message_id\\" not found.',
        ),
        (email(attachments={"a.txt": "?"}), 400, 'Attachment must be base64 encoded: \\"a.txt\\"'),
        (email(attachments={"a.exe": ""}), 403, "Forbidden file type exe for attachment a.exe."),
        (email(attachments={"a": "AAAA" * 700_000}), 413, "Total attachment size exceeds the limit"),
    ],
)
def test_mails_that_are_refused(api, outbox, request_, status, text):
    refused(lambda: api.send_email(request_), status, text)
    assert outbox() == []


@pytest.mark.parametrize("method", [name for name in SENDS if name != "send_email"])
def test_sends_that_are_refused(api, outbox, method):
    nobody = {**SENDS[method]._to_dict(), "identifiers": {}}
    text = "identifiers: must have exactly one of id, email or cio_id"
    refused(lambda: getattr(api, method)(nobody), 400, text)
    assert outbox() == []


@pytest.mark.parametrize("method", SENDS)
@pytest.mark.parametrize(
    ("key", "status", "text"),
    [
        ("invalid", 401, "Unauthorized"),
        (
            "restricted",
            403,
            "Account is not authorized for transactional messaging. Contact win@customer.io for support.",
        ),
    ],
)
def test_keys(workspace, outbox, method, key, status, text):
    with APIClient(f"{key}~{workspace}") as api:
        refused(lambda: getattr(api, method)(SENDS[method]), status, text)
    assert outbox() == []
