"""OpenSend's webhooks as a receiver gets them, how often they are tried, and what their rows say."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import Any

import pytest
import resend
from standardwebhooks import Webhook, WebhookVerificationError

from lookalike.clock import iso, parse_instant
from lookalike.vendors.opensend.webhook_sending import DELAYS, RESPONSE_KEPT, SENDER, sign
from tests.receiver import Received, Reply, answering, unused_port
from tests.support import TIME, UUID, Client, Like
from tests.vendors.opensend.replay import flows

NOON = "2026-03-01T12:00:00.000Z"
START = parse_instant(NOON)
OURS = {"status_code": None, "attempted_at": None, "next_retry_at": None}


def listen(client: Client, url: str, *events: str) -> dict[str, Any]:
    reply = client.post("/webhooks", {"endpoint": url, "events": list(events or ["contact.created"])})
    assert reply.status == 201, reply.text
    return reply.json


def create(client: Client, email: str = "a@b.co") -> None:
    assert client.post("/contacts", {"email": email}).status == 201


def rows(client: Client, webhook: dict[str, Any]) -> list[dict[str, Any]]:
    """By age."""
    found = client.get(f"/webhooks/{webhook['id']}").json["recent_deliveries"]
    return sorted(found, key=lambda row: row["created_at"])


def after(seconds: float) -> str:
    return iso(START + seconds)


# --- the request --------------------------------------------------------------------------------------------------


def test_a_receiver_gets_the_event_signed(client, receiver):
    webhook = listen(client, receiver.url)
    reply = client.post("/contacts", {"email": "Ada@b.co", "first_name": "Ädä", "properties": {"a": "b"}})
    client.settle()
    (row,) = rows(client, webhook)
    (got,) = receiver.received
    id = f"whd_{row['id']}_1"
    assert got.headers == {
        "host": f"127.0.0.1:{receiver.port}",
        "content-type": "application/json",
        "svix-id": id,
        "svix-signature": sign(webhook["signing_secret"], id, int(START), got.body),
        "svix-timestamp": str(int(START)),
        "user-agent": "Bun/1.3.8",
        "accept": "*/*",
        "content-length": str(len(got.body)),
    }
    data = {
        "id": reply.json["id"],
        "email": "ada@b.co",
        "topics": [],
        "segments": [],
        "last_name": None,
        "created_at": NOON,
        "first_name": "Ädä",
        "properties": {"a": "b"},
        "unsubscribed": False,
    }
    event = {"id": id, "type": "contact.created", "created_at": NOON, "data": data}
    assert got.body.decode() == json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    assert row == {
        "id": UUID,
        "status": "success",
        "attempt": 1,
        "status_code": 200,
        "response_body": "ok",
        "attempted_at": NOON,
        "next_retry_at": None,
        "created_at": NOON,
    }


def recorded() -> list[dict[str, Any]]:
    return [record for record in flows()["webhook-deliveries"] if record.get("kind") == "webhook-delivery"]


@pytest.mark.parametrize("record", recorded(), ids=lambda record: record["name"])
def test_the_recorded_signatures_are_made_in_the_same_way(record):
    created = next(one for one in flows()["webhook-deliveries"] if one["name"].endswith("01-create"))
    secret = created["response"]["json"]["signing_secret"]
    headers = record["request"]["headers"]
    body = json.dumps(record["request"]["json"], ensure_ascii=False, separators=(",", ":")).encode()
    assert headers["content-length"] == str(len(body))
    assert sign(secret, headers["svix-id"], int(headers["svix-timestamp"]), body) == headers["svix-signature"]


# --- verifying ----------------------------------------------------------------------------------------------------


@pytest.fixture
def delivered(sandbox, receiver) -> tuple[str, Received]:
    """A secret and a request of this very moment, since verifiers look at their own clock."""
    client = sandbox("opensend")
    webhook = listen(client, receiver.url)
    create(client)
    client.settle()
    return webhook["signing_secret"], receiver.received[0]


def standard(got: Received) -> dict[str, str]:
    return {name.replace("svix-", "webhook-"): value for name, value in got.headers.items()}


def test_a_standard_verifier_accepts_it_with_the_text_of_the_secret_as_its_key(delivered):
    secret, got = delivered
    verifier = Webhook(secret.removeprefix("whsec_").encode())
    assert verifier.verify(got.body, standard(got)) == got.json
    with pytest.raises(WebhookVerificationError):
        verifier.verify(got.body + b" ", standard(got))


def test_given_the_secret_as_it_is_standard_verifiers_refuse_it(delivered):
    """As the vendor's own do: they take the secret for base64 (checked with the SDKs of two languages)."""
    secret, got = delivered
    with pytest.raises((WebhookVerificationError, ValueError)):
        Webhook(secret).verify(got.body, standard(got))
    headers = {name: got.headers[f"svix-{name}"] for name in ("id", "timestamp", "signature")}
    with pytest.raises(ValueError, match=r"no matching signature|base64|secret"):
        resend.Webhooks.verify({"payload": got.body.decode(), "headers": headers, "webhook_secret": secret})


@pytest.mark.parametrize("mode", ["bad_signature", "stale_timestamp"])
def test_a_verifier_sees_what_is_wrong_on_purpose(sandbox, receiver, mode):
    client = sandbox("opensend")
    webhook = listen(client, receiver.url)
    client.control("PUT", "/webhooks/modes", {"vendor": "opensend", "subscription": webhook["id"], mode: True})
    create(client)
    client.settle()
    got = receiver.received[0]
    complaint = "No matching signature" if mode == "bad_signature" else "too old"
    with pytest.raises(WebhookVerificationError, match=complaint):
        Webhook(webhook["signing_secret"].removeprefix("whsec_").encode()).verify(got.body, standard(got))
    signature = sign(webhook["signing_secret"], got.headers["svix-id"], int(got.headers["svix-timestamp"]), got.body)
    assert (signature == got.headers["svix-signature"]) is (mode == "stale_timestamp")
    assert parse_instant(got.json["created_at"]) // 1 == int(got.headers["svix-timestamp"])


# --- the schedule -------------------------------------------------------------------------------------------------


def test_eight_attempts_on_the_vendors_schedule_and_then_a_dead_letter(client, receiver):
    webhook = listen(client, receiver.url)
    receiver.answers(*[500] * 8)
    create(client)
    client.settle()
    waited, delays = 0.0, (5, 300, 1800, 7200, 18000, 36000, 36000)
    assert delays == DELAYS
    for attempt, delay in enumerate(delays, 1):
        assert rows(client, webhook) == [
            {
                "id": UUID,
                "status": "pending",
                "attempt": attempt,
                "status_code": 500,
                "response_body": "said 500",
                "attempted_at": after(waited),
                "next_retry_at": after(waited + delay),
                "created_at": NOON,
            }
        ]
        client.clock(advance=delay - 1)
        assert len(receiver.received) == attempt
        client.clock(advance=1)
        waited += delay
    (row,) = rows(client, webhook)
    assert (row["status"], row["attempt"], row["next_retry_at"]) == ("dead_letter", 8, None)
    assert row["attempted_at"] == after(waited)
    client.clock(advance="30d")
    ids = [got.headers["svix-id"] for got in receiver.received]
    assert ids == [f"whd_{row['id']}_{attempt}" for attempt in range(1, 9)]
    assert [got.json["created_at"] for got in receiver.received] == [
        after(sum(delays[:attempt])) for attempt in range(8)
    ]


def test_a_retry_that_succeeds_ends_it(client, receiver):
    webhook = listen(client, receiver.url)
    receiver.answers(503, Reply(201, "made"))
    create(client)
    client.clock(advance="30d")
    (row,) = rows(client, webhook)
    assert (row["status"], row["attempt"], row["status_code"], row["response_body"], row["attempted_at"]) == (
        "success",
        2,
        201,
        "made",
        after(5),
    )
    assert len(receiver.received) == 2


@pytest.mark.parametrize("length", [RESPONSE_KEPT, RESPONSE_KEPT + 1])
def test_a_long_answer_is_kept_in_part(client, length):
    webhook = listen(client, "http://127.0.0.1:1/")
    client.sandbox.outbox.exchange = answering(200, "ä" * length)
    create(client)
    client.settle()
    assert rows(client, webhook)[0]["response_body"] == "ä" * 1000 + ("…" if length > 1000 else "")


def test_where_nobody_answers(client, receiver, monkeypatch):
    down = listen(client, f"http://localhost:{unused_port()}/")
    create(client)
    client.settle()
    (row,) = rows(client, down)
    assert row == {
        "id": UUID,
        "status": "pending",
        "attempt": 1,
        "status_code": None,
        "response_body": "connection refused",
        "attempted_at": NOON,
        "next_retry_at": after(5),
        "created_at": NOON,
    }


def test_a_receiver_has_five_seconds(sandbox, receiver):
    assert SENDER.timeout == 5
    client = sandbox("opensend")
    vendor = client.sandbox.vendors["opensend"]
    client.sandbox.vendors["opensend"] = replace(vendor, webhooks=replace(SENDER, timeout=0.05))
    client.clock(freeze=NOON)
    webhook = listen(client, receiver.url)
    gate = threading.Event()
    receiver.answers(Reply(before=lambda _got: gate.wait(10) and None))
    create(client)
    client.settle()
    gate.set()
    (row,) = rows(client, webhook)
    assert (row["status"], row["status_code"], row["response_body"]) == ("pending", None, "no answer within 0.05 s")


def test_a_redirect_is_no_success(client, receiver):
    webhook = listen(client, receiver.url)
    receiver.answers(Reply(302, "elsewhere", headers=(("Location", receiver.url),)))
    create(client)
    client.settle()
    (row,) = rows(client, webhook)
    assert (row["status"], row["status_code"], row["response_body"]) == ("pending", 302, "elsewhere")
    assert len(receiver.received) == 1


# --- what is not sent ---------------------------------------------------------------------------------------------


def failed(row: dict[str, Any], reason: Any) -> bool:
    return row == {
        "id": UUID,
        "status": "failed",
        "attempt": 0,
        **OURS,
        "response_body": reason,
        "created_at": NOON,
    }


def test_nowhere_but_to_this_machine(client):
    webhook = listen(client, "https://hooks.example.com/x")
    create(client)
    client.settle()
    assert failed(rows(client, webhook)[0], Like("hooks.example.com is not this machine, .*--webhook-hosts.*"))


def test_an_endpoint_that_was_disabled_meanwhile(client, receiver):
    webhook = listen(client, receiver.url)
    create(client)
    client.patch(f"/webhooks/{webhook['id']}", {"active": False})
    client.settle()
    assert failed(rows(client, webhook)[0], "Webhook is disabled")
    assert receiver.received == []


def test_an_endpoint_that_was_deleted_meanwhile(client, receiver):
    webhook = listen(client, receiver.url)
    create(client)
    client.delete(f"/webhooks/{webhook['id']}")
    client.settle()
    (delivery,) = client.control("GET", "/webhooks/deliveries").json["deliveries"]
    assert (delivery["status"], delivery["attempts"][0]["error"]) == (
        "failed",
        "Webhook not found",
    )
    assert receiver.received == []


def test_the_endpoint_of_the_moment_counts(client, receiver):
    webhook = listen(client, "https://hooks.example.com/x")
    create(client)
    client.patch(f"/webhooks/{webhook['id']}", {"endpoint": receiver.url})
    client.settle()
    assert len(receiver.received) == 1
    assert client.control("GET", "/webhooks/deliveries").json["deliveries"][0]["url"] == receiver.url


def test_private_targets_are_not_called_where_the_vendors_rule_is_asked_for(client, receiver):
    webhook = listen(client, receiver.url)
    create(client)
    client.sandbox.workspace("default").deliveries.any_url = False
    client.settle()
    assert failed(rows(client, webhook)[0], "Refused unsafe webhook URL: private_ip_literal")
    assert receiver.received == []


# --- replay -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("answer", "status"), [(200, "success"), (500, "pending")])
def test_a_replay_tells_how_it_went(client, receiver, answer, status):
    webhook = listen(client, receiver.url)
    create(client)
    client.settle()
    (original,) = rows(client, webhook)
    receiver.answers(answer)
    client.clock(advance="1h")
    reply = client.post(f"/api/webhooks/{webhook['id']}/deliveries/{original['id']}/replay")
    again = {
        "id": UUID,
        "status": status,
        "attempt": 1,
        "status_code": answer,
        "response_body": f"said {answer}",
        "attempted_at": after(3600),
        "next_retry_at": None if answer == 200 else after(3605),
        "created_at": after(3600),
    }
    assert (reply.status, reply.json) == (
        202,
        {"object": "webhook_delivery_replay", "original_delivery": original, "replay_delivery": again},
    )
    first, second = receiver.received
    assert second.headers["svix-id"] == f"whd_{reply.json['replay_delivery']['id']}_1" != first.headers["svix-id"]
    assert second.json["data"] == first.json["data"]
    client.clock(advance="1h")
    assert len(receiver.received) == (2 if answer == 200 else 3)


def test_who_does_not_listen_costs_nothing(client, receiver):
    listen(client, receiver.url, "contact.deleted")
    create(client)
    assert client.settle() == 0
    assert client.control("GET", "/webhooks/deliveries").json == {"deliveries": []}


def test_every_listening_endpoint_gets_its_own(client, receiver):
    webhooks = [listen(client, receiver.url), listen(client, receiver.url)]
    create(client)
    assert client.settle() == 2
    ids = {f"whd_{rows(client, webhook)[0]['id']}_1" for webhook in webhooks}
    assert {got.headers["svix-id"] for got in receiver.received} == ids
    assert len({got.headers["svix-signature"] for got in receiver.received}) == 2
    assert all(row["attempted_at"] == TIME for webhook in webhooks for row in rows(client, webhook))
