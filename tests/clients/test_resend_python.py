"""PyPI `resend` 2.x, unmodified, against OpenSend over a real socket: what works, and how the rest fails."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from hashlib import sha256
from typing import Any

import pytest
import resend
from resend.exceptions import (
    ApplicationError,
    RateLimitError,
    ResendError,
    ValidationError,
)

from lookalike.clock import monotonic, parse_instant
from tests.support import UUID, Like

pytestmark = pytest.mark.client

UNKNOWN = "00000000-0000-4000-8000-000000000000"
NOW = "2026-03-01T12:00:00.000Z"
MAIL = {"from": "news@acme.com", "to": "bo@example.com", "subject": "Hello", "html": "<p>Hi</p>"}
HOOK = {"endpoint": "https://hooks.example.com/x", "events": ["email.sent"]}
TOPIC = {"name": "News", "default_subscription": "opt_in", "visibility": "public"}


@pytest.fixture(autouse=True)
def base(live_server, workspace, monkeypatch) -> Iterator[Any]:
    """The SDK pointed at an empty workspace whose clock stands still; gives the workspace's clock."""
    monkeypatch.setattr(resend, "api_url", live_server.urls()["opensend"])
    monkeypatch.setattr(resend, "api_key", f"os_lookalike~{workspace}")
    clock = live_server.sandbox.workspace(workspace).clock
    clock.freeze(parse_instant(NOW))
    return clock


def told(answer: Any) -> dict[str, Any]:
    """What the SDK returned, without the headers it adds."""
    return {name: value for name, value in answer.items() if name != "http_headers"}


def fails(kind: type[Exception], code: int, type_: str, message: str, call: Callable[..., Any], *args: Any) -> None:
    """The call raises exactly this."""
    with pytest.raises(kind) as caught:
        call(*args)
    error = caught.value
    assert (type(error), error.code, error.error_type, str(error)) == (kind, code, type_, message)


def fails_short(code: int, call: Callable[..., Any], *args: Any) -> None:
    """OpenSend's short error envelope, whose text the SDK does not find."""
    fails(ResendError, code, "InternalServerError", "Unknown error", call, *args)


HTML = "Expected JSON response but got: text/html; charset=utf-8"
NO_PAGE = (ResendError, 404, "application_error", HTML)
SIGN_IN = (ApplicationError, 500, "application_error", HTML)
"""A redirect to the sign-in page, followed: the SDK takes a page with status 200 for a 500."""
NO_METHOD = (ResendError, 405, "application_error", "Expected JSON response but got: ")
"""The same for other methods, which the sign-in page does not answer."""


# --- segments and audiences -------------------------------------------------------------------------------------


@pytest.mark.parametrize("api", [resend.Segments, resend.Audiences])
def test_segments(api):
    with pytest.warns(DeprecationWarning, match="Segments") if api is resend.Audiences else nullcontext():
        made = told(api.create({"name": "VIP"}))
        assert made == {"object": "segment", "id": UUID, "name": "VIP"}
        assert told(api.get(made["id"])) == {**made, "created_at": NOW}
        item = {"id": made["id"], "name": "VIP", "created_at": NOW, "contacts_count": 0, "unsubscribed_count": 0}
        assert told(api.list()) == {"object": "list", "data": [item], "has_more": False, "total": 1}
        assert told(api.remove(made["id"])) == {"success": True}
        fails_short(404, api.get, made["id"])
        fails_short(404, api.remove, made["id"])
        fails_short(400, api.create, {"name": " "})


# --- contacts ---------------------------------------------------------------------------------------------------


def test_contacts():
    contacts = resend.Contacts
    made = told(contacts.create({"email": "Ann@Example.com", "first_name": "Ann", "properties": {"plan": "pro"}}))
    assert made == {"object": "contact", "id": UUID}
    person = {
        "object": "contact",
        "id": made["id"],
        "email": "ann@example.com",
        "first_name": "Ann",
        "last_name": None,
        "unsubscribed": False,
        "properties": {"plan": "pro"},
        "segments": [],
        "topics": [],
        "created_at": NOW,
    }
    assert told(contacts.get(id=made["id"])) == told(contacts.get(email="ann@example.com")) == person
    changed = told(contacts.update({"id": made["id"], "last_name": "Lee", "unsubscribed": True}))
    assert changed == {
        "object": "contact",
        "id": made["id"],
        "email": "ann@example.com",
        "first_name": "Ann",
        "last_name": "Lee",
        "unsubscribed": True,
        "properties": {"plan": "pro"},
        "created_at": NOW,
    }
    listed = told(contacts.list())
    assert listed == {
        "object": "list",
        "data": [
            {
                "id": made["id"],
                "email": "ann@example.com",
                "firstName": "Ann",
                "lastName": "Lee",
                "first_name": "Ann",
                "last_name": "Lee",
                "unsubscribed": True,
                "status": "unsubscribed",
                "segments": [],
                "topics": [],
                "created_at": NOW,
            }
        ],
        "has_more": False,
    }
    assert told(contacts.update({"email": "ann@example.com", "first_name": "Anna"}))["first_name"] == "Anna"
    assert told(contacts.remove(email="ann@example.com")) == {"object": "contact", "id": made["id"], "deleted": True}
    for call in (contacts.get, contacts.remove):
        fails_short(404, call, None, made["id"])


def test_contacts_page():
    ids = [told(resend.Contacts.create({"email": f"a{number}@b.co"}))["id"] for number in range(5)]
    seen: list[str] = []
    params: dict[str, Any] = {"limit": 2}
    while True:
        page = told(resend.Contacts.list(params=params))
        seen += [contact["id"] for contact in page["data"]]
        if not page["has_more"]:
            break
        params["after"] = seen[-1]
    assert seen == sorted(ids, reverse=True)


def test_contacts_that_opensend_takes_otherwise():
    create = resend.Contacts.create
    fails_short(422, create, {"email": "a@b.co", "segments": [{"id": UNKNOWN}]})
    fails_short(422, create, {"email": "a@b.co", "properties": {"age": 5}})
    fails_short(422, create, {"email": "nobody"})
    assert told(create({"email": "a@b.co"}))["object"] == "contact"
    fails_short(500, create, {"email": "A@b.co"})


def test_contacts_of_an_audience():
    contacts = resend.Contacts
    audience = told(resend.Segments.create({"name": "VIP"}))["id"]
    fails(*NO_METHOD, contacts.create, {"email": "a@b.co", "audience_id": audience})
    fails(*NO_PAGE, contacts.list, audience)
    fails(*NO_PAGE, contacts.get, audience, UNKNOWN)
    fails(*NO_METHOD, contacts.update, {"audience_id": audience, "id": UNKNOWN})
    fails(*NO_METHOD, contacts.remove, audience, UNKNOWN)


def test_contact_segments():
    contact = told(resend.Contacts.create({"email": "ann@example.com"}))["id"]
    segment = told(resend.Segments.create({"name": "VIP"}))["id"]
    member = {"object": "contact_segment", "contact_id": contact, "segment_id": segment}
    api = resend.Contacts.Segments
    assert told(api.add({"segment_id": segment, "contact_id": contact})) == {**member, "added": True}
    assert told(api.add({"segment_id": segment, "email": "ann@example.com"})) == {**member, "added": True}
    one = {"id": segment, "name": "VIP", "created_at": NOW}
    for who in ({"contact_id": contact}, {"email": "ann@example.com"}):
        assert told(api.list(who)) == {"object": "list", "data": [one], "has_more": False}
    assert told(resend.Contacts.list(params={"segment_id": segment}))["data"][0]["id"] == contact
    for _ in range(2):
        assert told(api.remove({"segment_id": segment, "contact_id": contact})) == {**member, "deleted": True}
    fails_short(404, api.add, {"segment_id": UNKNOWN, "contact_id": contact})
    fails_short(404, api.add, {"segment_id": segment, "contact_id": UNKNOWN})


def test_contact_topics():
    contact = told(resend.Contacts.create({"email": "ann@example.com"}))["id"]
    topic = told(resend.Topics.create(TOPIC))["id"]
    api = resend.Contacts.Topics
    assert told(api.list(contact_id=contact)) == {"object": "list", "data": []}
    wanted = {"id": contact, "topics": [{"id": topic, "subscription": "opt_in"}]}
    fails_short(422, api.update, wanted)
    assert told(api.list(email="ann@example.com")) == {"object": "list", "data": []}


def test_contact_imports():
    fails(*NO_METHOD, resend.Contacts.Imports.create, {"file": b"email\na@b.co\n"})
    fails(*SIGN_IN, resend.Contacts.Imports.get, UNKNOWN)
    fails_short(404, resend.Contacts.Imports.list)


# --- topics and properties --------------------------------------------------------------------------------------


def test_topics():
    topics = resend.Topics
    fails_short(400, topics.create, {"name": "News", "default_subscription": "opt_in"})
    made = told(topics.create({**TOPIC, "description": "d"}))
    id = made["id"]
    assert made == {
        "object": "topic",
        "id": UUID,
        "name": "News",
        "description": "d",
        "defaultSubscription": "opt_in",
        "visibility": "public",
        "createdAt": NOW,
    }
    item = {
        "id": id,
        "name": "News",
        "description": "d",
        "default_subscription": "opt_in",
        "visibility": "public",
        "created_at": NOW,
    }
    assert told(topics.get(id)) == {"object": "topic", **item}
    assert told(topics.list()) == {"object": "list", "data": [item], "has_more": False, "total": 1}
    changed = told(topics.update(id, {"name": "N2", "description": "e"}))
    assert changed == {
        "id": id,
        "name": "N2",
        "description": "e",
        "defaultSubscription": "opt_in",
        "visibility": "public",
        "createdAt": NOW,
        "document": None,
        "userId": Like("user_[0-9a-f]{20}"),
    }
    assert told(topics.remove(id)) == {"success": True}
    for call in (topics.get, topics.remove):
        fails_short(404, call, id)
    fails_short(404, topics.update, id, {"name": "x"})


def test_contact_properties():
    properties = resend.ContactProperties
    fails_short(400, properties.create, {"key": "company", "type": "string", "fallback_value": "Acme"})
    made = told(properties.create({"key": "company", "name": "Company", "type": "string", "fallback_value": "Acme"}))
    item = {
        "id": made["id"],
        "key": "company",
        "name": "Company",
        "type": "string",
        "fallback_value": "Acme",
        "created_at": NOW,
        "updated_at": NOW,
    }
    assert made == {"object": "contact_property", **item}
    assert told(properties.get(made["id"])) == item
    assert told(properties.list()) == {"data": [item], "total": 1, "page": 1, "limit": 20}
    changed = told(properties.update({"id": made["id"], "fallback_value": "Inc"}))
    assert changed == {**item, "fallback_value": "Inc"}
    assert told(properties.remove(made["id"])) == {"success": True}
    fails_short(404, properties.get, made["id"])


# --- events -----------------------------------------------------------------------------------------------------


def test_events():
    events = resend.Events
    fails_short(422, events.create, {"name": "user.left", "schema": {"plan": "string"}})
    made = told(events.create({"name": "user.left"}))
    assert made == {
        "object": "event",
        "id": UUID,
        "name": "user.left",
        "schema": None,
        "created_at": NOW,
        "updated_at": NOW,
    }
    assert told(events.get("user.left")) == told(events.get(made["id"])) == made
    assert told(events.list()) == {"object": "list", "data": [made], "has_more": False}
    sent = told(events.send({"event": "user.left", "email": "ann@example.com", "payload": {"a": 1}}))
    assert sent == {
        "object": "event_delivery",
        "delivery": {
            "object": "event_delivery",
            "id": UUID,
            "event": "user.left",
            "contact_id": UUID,
            "email": "ann@example.com",
            "payload": {"a": 1},
            "received_at": NOW,
        },
        "resumed_runs": [],
        "automation_runs": [],
    }
    fails_short(422, events.send, {"event": "user.left"})
    fails_short(422, events.update, {"identifier": "user.left", "schema": {"plan": "string"}})
    assert told(events.update({"identifier": "user.left", "schema": None})) == made
    assert told(events.remove("user.left")) == {"object": "event", "id": made["id"], "deleted": True}
    fails_short(404, events.remove, "user.left")


# --- emails -----------------------------------------------------------------------------------------------------


def test_emails(base):
    emails = resend.Emails
    sent = told(emails.send({**MAIL, "scheduled_at": "in 1 hour", "reply_to": "re@acme.com"}))
    assert sent == {"id": UUID}
    read = told(emails.get(sent["id"]))
    assert {name: read[name] for name in ("id", "from", "to", "last_event", "scheduled_at", "reply_to")} == {
        "id": sent["id"],
        "from": "news@acme.com",
        "to": ["bo@example.com"],
        "last_event": "scheduled",
        "scheduled_at": "2026-03-01T13:00:00.000Z",
        "reply_to": ["re@acme.com"],
    }
    listed = told(emails.list({"limit": 1}))
    assert ([one["id"] for one in listed["data"]], listed["has_more"]) == ([sent["id"]], False)
    put_off = told(emails.update({"id": sent["id"], "scheduled_at": "2026-03-02T12:00:00Z"}))
    assert put_off == {"object": "email", "id": sent["id"]}
    assert told(emails.get(sent["id"]))["scheduled_at"] == "2026-03-02T12:00:00.000Z"
    assert told(emails.cancel(sent["id"])) == {"object": "email", "id": sent["id"]}
    fails_short(400, emails.cancel, sent["id"])
    fails_short(400, emails.update, {"id": sent["id"], "scheduled_at": "in 1 hour"})
    fails_short(404, emails.get, UNKNOWN)
    base.advance(7200)
    assert told(emails.get(sent["id"]))["last_event"] == "canceled"


def test_the_worker_runs_on_the_clock(base):
    sent = told(resend.Emails.send(MAIL))["id"]
    assert told(resend.Emails.get(sent))["last_event"] == "queued"
    base.advance(1)
    assert told(resend.Emails.get(sent))["sent_at"] == "2026-03-01T12:00:00.500Z"


def test_email_attachments():
    body = {**MAIL, "attachments": [{"filename": "a.txt", "content": "aGk=", "content_type": "text/plain"}]}
    id = told(resend.Emails.send(body))["id"]
    item = {"id": UUID, "filename": "a.txt", "content_type": "text/plain"}
    listed = told(resend.Emails.Attachments.list(id))
    assert listed == {"object": "list", "data": [item]}
    one = told(resend.Emails.Attachments.get(id, listed["data"][0]["id"]))
    link = "data:text/plain;base64,aGk="
    assert one == {"object": "attachment", **item, "download_url": link, "expires_at": "2026-03-01T13:00:00.000Z"}
    fails_short(404, resend.Emails.Attachments.get, id, UNKNOWN)


def test_received_emails():
    assert told(resend.Emails.Receiving.list()) == {"object": "list", "data": [], "has_more": False}
    fails_short(404, resend.Emails.Receiving.get, UNKNOWN)
    fails_short(404, resend.Emails.Receiving.Attachments.list, UNKNOWN)


def test_batches_and_idempotency():
    options = {"idempotency_key": "k1"}
    first = told(resend.Batch.send([MAIL, MAIL], options))
    assert first == {"data": [{"id": UUID}, {"id": UUID}]}
    assert told(resend.Batch.send([MAIL], options)) == first
    assert told(resend.Emails.send(MAIL, options)) == first["data"][0]


INVALID = (ValidationError, 422, "validation_error", "Validation failed.")


@pytest.mark.parametrize(
    "changes",
    [{"from": "Acme <news@acme.com>"}, {"to": ["Bo <bo@example.com>"]}, {"html": ""}, {"scheduled_at": "soon"}],
)
def test_emails_that_opensend_refuses(changes):
    fails(*INVALID, resend.Emails.send, {**MAIL, **changes})
    fails(*INVALID, resend.Batch.send, [MAIL, {**MAIL, **changes}])
    assert told(resend.Emails.list())["data"] == []


def test_suppressed_recipients():
    message = "Recipient suppressed@resend.dev is suppressed. Remove the suppression before sending again."
    body = {**MAIL, "to": "suppressed@resend.dev"}
    fails(ResendError, 422, "recipient_suppressed", message, resend.Emails.send, body)


@pytest.mark.parametrize(
    ("call", "args", "failure"),
    [
        (resend.Suppressions.add, ({"email": "a@b.co"},), NO_METHOD),
        (resend.Suppressions.list, (), SIGN_IN),
        (resend.Suppressions.get, ("a@b.co",), SIGN_IN),
        (resend.Suppressions.remove, ("a@b.co",), NO_METHOD),
        (resend.Emails.share, (UNKNOWN,), NO_METHOD),
        (resend.Webhooks.list_events, (UNKNOWN,), SIGN_IN),
        (resend.Webhooks.rotate_signing_secret, (UNKNOWN,), NO_METHOD),
    ],
)
def test_what_opensend_has_no_route_for(call, args, failure):
    fails(*failure, call, *args)


# --- webhooks ---------------------------------------------------------------------------------------------------


def test_webhooks():
    webhooks = resend.Webhooks
    made = told(webhooks.create(HOOK))
    item = {"id": made["id"], **HOOK, "status": "enabled", "created_at": NOW}
    assert made == {"object": "webhook", **item, "signing_secret": Like("whsec_[A-Za-z0-9_-]{32}")}
    assert told(webhooks.get(made["id"])) == {"object": "webhook", **item, "recent_deliveries": []}
    assert told(webhooks.list()) == {"object": "list", "data": [item], "has_more": False}
    changed = told(webhooks.update({"webhook_id": made["id"], "status": "disabled"}))
    assert changed == {"object": "webhook", **item, "status": "disabled"}
    assert told(webhooks.remove(made["id"])) == {"object": "webhook", "id": made["id"], "deleted": True}
    fails_short(404, webhooks.get, made["id"])
    fails_short(422, webhooks.create, {**HOOK, "events": ["segment.created"]})


def test_webhook_signatures_do_not_verify():
    """OpenSend signs with the secret's text, the SDK checks with what it decodes from it."""
    secret = told(resend.Webhooks.create(HOOK))["signing_secret"]
    stamp = str(int(time.time()))  # held against the real clock by the SDK
    payload = json.dumps({"type": "email.sent", "data": {}})
    digest = hmac.new(secret[6:].encode(), f"whd_1.{stamp}.{payload}".encode(), sha256).digest()
    headers = {"id": "whd_1", "timestamp": stamp, "signature": f"v1,{base64.b64encode(digest).decode()}"}
    with pytest.raises(ValueError, match=r"no matching signature found|failed to decode webhook secret"):
        resend.Webhooks.verify({"payload": payload, "headers": headers, "webhook_secret": secret})


# --- keys, logs, and the neighbours -----------------------------------------------------------------------------


def test_api_keys():
    made = told(resend.ApiKeys.create({"name": "CI", "permission": "sending_access"}))
    assert made == {"id": UUID, "token": Like("os_[0-9a-f]{32}(~.+)?")}
    names = [key["name"] for key in told(resend.ApiKeys.list())["data"]]
    assert sorted(names) == ["CI", "Full key"]
    # The key is gone, but the empty answer is no JSON to the SDK.
    fails(
        ApplicationError,
        500,
        "application_error",
        "Expected JSON response but got: ",
        resend.ApiKeys.remove,
        made["id"],
    )
    assert [key["name"] for key in told(resend.ApiKeys.list())["data"]] == ["Full key"]


def test_logs():
    assert told(resend.Logs.list()) == {"object": "list", "data": [], "has_more": False}
    sent = told(resend.Emails.send(MAIL))
    [item] = told(resend.Logs.list())["data"]
    agent = Like(r"resend-python:2\.\d+\.\d+")
    assert item == {
        "id": UUID,
        "method": "POST",
        "endpoint": "/emails",
        "response_status": 200,
        "user_agent": agent,
        "api_key_id": UUID,
        "created_at": NOW,
    }
    one = told(resend.Logs.get(item["id"]))
    assert (one["request_body"], one["response_body"]) == ({**MAIL, "html": "[REDACTED]"}, sent)
    fails_short(404, resend.Logs.get, UNKNOWN)


def test_templates():
    made = told(resend.Templates.create({"name": "Welcome", "html": "<p>Hi {{{NAME}}}</p>"}))
    id = made["id"]
    assert made == {"object": "template", "id": UUID}
    assert told(resend.Templates.get(id))["name"] == "Welcome"
    assert [one["id"] for one in told(resend.Templates.list())["data"]] == [id]
    assert told(resend.Templates.update({"id": id, "name": "Hello"})) == made
    assert told(resend.Templates.publish(id)) == made
    assert told(resend.Templates.duplicate(id)) == {"object": "template", "id": UUID}
    assert told(resend.Templates.remove(id)) == {**made, "deleted": True}
    fails_short(404, resend.Templates.get, id)


def test_broadcasts():
    segment = told(resend.Segments.create({"name": "VIP"}))["id"]
    draft = {"segment_id": segment, "from": "news@acme.com", "subject": "Hi", "html": "<p>Hi</p>", "name": "June"}
    made = told(resend.Broadcasts.create(draft))
    id = made["id"]
    assert made == {"object": "broadcast", "id": UUID, "name": "June", "status": "draft", "created_at": NOW}
    read = told(resend.Broadcasts.get(id))
    assert (read["audience_id"], "segment_id" in read) == (segment, False)
    assert [one["id"] for one in told(resend.Broadcasts.list())["data"]] == [id]
    assert told(resend.Broadcasts.update({"broadcast_id": id, "subject": "Hello"}))["subject"] == "Hello"
    sent = told(resend.Broadcasts.send({"broadcast_id": id, "scheduled_at": "in 1 hour"}))
    assert sent == {
        "object": "broadcast",
        "id": id,
        "status": "scheduled",
        "scheduled_at": "2026-03-01T13:00:00.000Z",
    }
    assert told(resend.Broadcasts.remove(id)) == {"object": "broadcast", "id": id, "deleted": True}
    fails_short(404, resend.Broadcasts.get, id)


def test_domains():
    assert told(resend.Domains.list()) == {"object": "list", "data": [], "has_more": False}
    made = told(resend.Domains.create({"name": "acme.com"}))
    assert [one["name"] for one in told(resend.Domains.list())["data"]] == ["acme.com"]
    assert told(resend.Domains.get(made["id"]))["name"] == "acme.com"


# --- credentials, faults, the front door ------------------------------------------------------------------------


def test_refused_keys(monkeypatch):
    missing = "Malformed API key. Use the Authorization: Bearer <api_key> header format."
    monkeypatch.setattr(resend, "api_key", "os_invalid")
    fails_short(401, resend.Contacts.list)
    fails(ResendError, 401, "invalid_api_key", "Invalid API key.", resend.Emails.send, MAIL)
    monkeypatch.setattr(resend, "api_key", "")
    fails(ResendError, 401, "malformed_api_key", missing, resend.Emails.send, MAIL)


def test_a_sending_key(monkeypatch, workspace):
    monkeypatch.setattr(resend, "api_key", f"os_restricted~{workspace}")
    assert told(resend.Emails.send(MAIL)) == {"id": UUID}
    message = "This API key does not have permission to access this resource."
    fails(ResendError, 403, "insufficient_api_key_permission", message, resend.Contacts.list)


@pytest.fixture
def fault(live_server, workspace) -> Iterator[Callable[..., None]]:
    """`fault(type="error", kind="rate_limited")`: a rule for one call in this workspace."""
    made: list[str] = []

    def add(**fault: Any) -> None:
        rule = {"when": {"workspace": workspace}, "fault": fault, "times": 1}
        made.append(live_server.sandbox.faults.add(rule).id)

    yield add
    for id in made:
        live_server.sandbox.faults.remove(id)


def test_injected_errors(fault):
    fault(type="error", kind="rate_limited")
    fails_short(429, resend.Contacts.list)
    fault(type="error", kind="rate_limited")
    message = "Rate limit exceeded. Try again later."
    fails(RateLimitError, 429, "rate_limit_exceeded", message, resend.Emails.send, MAIL)
    fault(type="error", kind="unavailable")
    fails_short(503, resend.Contacts.list)
    fault(type="garbage")
    fails(ApplicationError, 500, "application_error", "Failed to decode JSON response", resend.Contacts.list)
    assert told(resend.Contacts.list())["data"] == []


def test_a_broken_connection(fault):
    fault(type="reset")
    with pytest.raises(ResendError) as caught:
        resend.Contacts.list()
    assert (caught.value.code, caught.value.error_type) == (500, "HttpClientError")


def test_latency(fault):
    fault(type="latency", ms=300)
    started = monotonic()
    assert told(resend.Contacts.list())["data"] == []
    assert monotonic() - started >= 0.29


def test_headers_reach_the_caller():
    answer = resend.Emails.send(MAIL)
    headers = {name.lower(): value for name, value in answer["http_headers"].items()}
    assert headers["traceparent"] == Like("00-[0-9a-f]{32}-[0-9a-f]{16}-01")
    assert headers["x-correlation-id"] == Like("[0-9a-f]{32}")
