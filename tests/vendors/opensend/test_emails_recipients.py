"""Recipients of OpenSend emails that get nothing: the suppressed, and those of the vendor's own sandbox."""

from __future__ import annotations

import pytest

from tests.support import TIME, UUID
from tests.vendors.opensend.emails import BODY, MIXED, emails, public, send, suppressed


@pytest.mark.parametrize(
    ("reason", "because"),
    [
        ("bounced", " because it bounced"),
        ("complained", " because it complained"),
        ("manual", " because it complained"),
    ],
)
def test_suppressed(client, reason, because):
    client.post("/api/suppressions", {"email": "gone@example.com", "reason": reason})
    reply = client.post("/emails", {**BODY, "to": ["ok@example.com", "GONE@example.com"]})
    assert (reply.status, reply.json) == (422, suppressed(["gone@example.com"], reason, because=because))
    assert emails(client) == []


def test_several_suppressed(client):
    client.post("/api/suppressions", {"email": "a@example.com", "reason": "bounced"})
    client.post("/api/suppressions", {"email": "b@example.com"})
    reply = client.post("/emails", {**BODY, "to": ["A@example.com", "b@example.com", "a@example.com"]})
    expected = suppressed(["a@example.com", "b@example.com"], "bounced", because=" because it bounced")
    assert (reply.status, reply.json) == (422, expected)


def test_only_to_is_held_against_suppressions(client):
    client.post("/api/suppressions", {"email": "gone@example.com"})
    assert send(client, cc="gone@example.com", bcc=["gone@example.com"])


@pytest.mark.parametrize("address", ["suppressed@resend.dev", "Suppressed@Resend.Dev"])
def test_sandbox_suppressed(client, address):
    reply = client.post("/emails", {**BODY, "to": address})
    assert (reply.status, reply.json) == (422, suppressed([address], "suppressed", "sandbox", because=""))
    assert emails(client) == []


def test_several_sandbox_suppressed(client):
    reply = client.post("/emails", {**BODY, "to": "suppressed@resend.dev", "cc": "SUPPRESSED@resend.dev"})
    details = {"recipients": "suppressed@resend.dev,SUPPRESSED@resend.dev", "reason": "suppressed", "scope": "sandbox"}
    expected = public(422, "recipient_suppressed", "One or more recipients are suppressed.", details)
    assert (reply.status, reply.json) == (422, expected)


@pytest.mark.parametrize(
    "recipients",
    [
        {"to": ["delivered@resend.dev", "real@example.com"]},
        {"to": ["delivered@resend.dev", "bounced@resend.dev"]},
        {"to": "delivered@resend.dev", "cc": "real@example.com"},
        {"to": "real@example.com", "bcc": ["complained@resend.dev"]},
        {"to": ["suppressed@resend.dev", "real@example.com"]},
    ],
)
def test_mixed_sandbox_recipients(client, recipients):
    details = {"formErrors": [MIXED], "fieldErrors": {}}
    expected = public(422, "validation_error", f"{MIXED} Use separate batch items instead.", details)
    for path, body in (("/emails", {**BODY, **recipients}), ("/emails/batch", [BODY, {**BODY, **recipients}])):
        reply = client.post(path, body)
        assert (reply.status, reply.json) == (422, expected)
    assert emails(client) == []


@pytest.mark.parametrize("address", ["suppressed+x@resend.dev", "hello@resend.dev", "delivered@example.com"])
def test_ordinary_addresses(client, address):
    id = send(client, to=[address, "real@example.com"])
    client.clock(advance="1s")
    assert client.get(f"/emails/{id}").json["last_event"] == "sent"


@pytest.mark.parametrize("name", ["delivered", "bounced", "complained"])
@pytest.mark.parametrize("address", ["{}@resend.dev", "{}+signup@resend.dev", "{}+@Resend.DEV"])
def test_sandbox_outcomes(client, name, address):
    address = address.format(name)
    id = send(client, to=address, cc=[f"{name}+cc@resend.dev"])
    assert client.get(f"/emails/{id}").json["last_event"] == "queued"
    client.clock(advance="1s")
    read = client.get(f"/emails/{id}").json
    assert (read["last_event"], read["sent_at"]) == (name, "2026-03-01T12:00:00.100Z")
    found = client.get("/api/suppressions").json["data"]
    event_id, message_id = f"sandbox:{name}:{id}", f"sandbox-{id}"
    expected = [
        {
            "id": UUID,
            "object": "suppression",
            "email": email,
            "reason": name,
            "scope": "user",
            "source_event_id": event_id,
            "source_email_id": id,
            "source_message_id": message_id,
            "metadata": {
                "source": "ses",
                "sourceEventId": event_id,
                "sourceEmailId": id,
                "sourceMessageId": message_id,
            },
            "suppressed_at": TIME,
            "updated_at": TIME,
        }
        for email in (f"{name}+cc@resend.dev", address.lower())
    ]
    assert found == ([] if name == "delivered" else expected)


def test_a_second_send_to_a_bounced_address_is_refused(client):
    send(client, to="bounced@resend.dev")
    client.clock(advance="1s")
    reply = client.post("/emails", {**BODY, "to": "bounced@resend.dev"})
    expected = suppressed(["bounced@resend.dev"], "bounced", because=" because it bounced")
    assert (reply.status, reply.json) == (422, expected)
