"""PyPI `opensend` 0.1.0, unmodified, against OpenSend over a real socket: every method, success and failure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import opensend
import pytest

from lookalike.clock import monotonic, parse_instant
from tests.support import UUID, Like

pytestmark = pytest.mark.client

MAIL = {"from": "news@acme.com", "to": "bo@example.com", "subject": "Hello", "html": "<p>Hi</p>"}
INVALID = "Validation failed."
TOO_SMALL = "Too small: expected string to have >=3 characters"


@pytest.fixture
def url(live_server) -> str:
    return live_server.urls()["opensend"]


@pytest.fixture
def key(workspace) -> str:
    return f"os_lookalike~{workspace}"


@pytest.fixture
def client(url, key) -> opensend.OpenSend:
    return opensend.OpenSend(key, base_url=url)


@pytest.fixture
def outbox(live_server, workspace) -> Callable[[], list[dict[str, Any]]]:
    """What the workspace has sent, oldest first."""

    def read() -> list[dict[str, Any]]:
        return list(live_server.sandbox.workspace(workspace).messages.scan("newest"))

    return read


@pytest.fixture(params=["client", "alias", "module", "module with arguments"])
def emails(request, url, key, monkeypatch) -> Any:
    """`send` and `send_batch` in every way that the package offers them."""
    if request.param == "client":
        return opensend.OpenSend(key, base_url=url).emails
    if request.param == "alias":
        return opensend.Resend(key, base_url=url).emails
    if request.param == "module":
        monkeypatch.setattr(opensend, "api_key", key)
        monkeypatch.setattr(opensend, "base_url", url)
        return opensend.Emails

    class WithArguments:
        @staticmethod
        def send(params: Any, **more: Any) -> Any:
            return opensend.Emails.send(params, api_key=key, base_url=url, **more)

        @staticmethod
        def send_batch(params: Any, **more: Any) -> Any:
            return opensend.Emails.send_batch(params, api_key=key, base_url=url, **more)

    return WithArguments


def fails(status: int, code: str | None, message: str, call: Callable[..., Any], *args: Any, **more: Any) -> Any:
    """The call raises exactly this; answers the details."""
    with pytest.raises(opensend.OpenSendError) as caught:
        call(*args, **more)
    error = caught.value
    assert (error.status_code, error.name, error.code, error.message) == (status, code, code, message)
    return error.details


# --- send -------------------------------------------------------------------------------------------------------


def test_send(emails, outbox):
    params = {
        **MAIL,
        "to": ["bo@example.com", "al@example.com"],
        "text": "Hi",
        "cc": "cc@example.com",
        "bcc": ["bcc@example.com"],
        "reply_to": "re@example.com",
        "headers": {"X-A": "1"},
        "attachments": [{"filename": "a.txt", "content": "aGk=", "content_type": "text/plain"}],
        "tags": [{"name": "kind", "value": "welcome"}],
        "scheduled_at": "in 1 hour",
    }
    sent = emails.send(params)
    assert sent == {"id": UUID}
    [message] = outbox()
    expected = {
        "id": sent["id"],
        "from": "news@acme.com",
        "to": ["bo@example.com", "al@example.com"],
        "cc": ["cc@example.com"],
        "bcc": ["bcc@example.com"],
        "reply_to": ["re@example.com"],
        "subject": "Hello",
        "html": "<p>Hi</p>",
        "text": "Hi",
        "headers": {"X-A": "1"},
        "tags": [{"name": "kind", "value": "welcome"}],
        "last_event": "scheduled",
    }
    assert {name: message[name] for name in expected} == expected
    assert [one["filename"] for one in message["attachments"]] == ["a.txt"]


@pytest.mark.parametrize("name", ["from", "from_", "from_email"])
def test_every_name_of_the_sender(client, outbox, name):
    params = {other: value for other, value in MAIL.items() if other != "from"}
    client.emails.send({**params, name: "news@acme.com"})
    assert [message["from"] for message in outbox()] == ["news@acme.com"]


@pytest.mark.parametrize(
    ("params", "fields"),
    [
        ({}, {"from": True, "to": True, "subject": True}),
        ({**MAIL, "from": "Acme <news@acme.com>"}, {"from": ["Invalid email address"]}),
        ({**MAIL, "from": "x"}, {"from": ["Invalid email address", TOO_SMALL]}),
        ({**MAIL, "to": ["x@localhost"]}, {"to": True, "to.0": ["Invalid email address"]}),
        ({**MAIL, "html": ""}, {"html": ["html, text, or template is required"]}),
        ({**MAIL, "tags": [{"name": "a b", "value": ""}]}, {"tags": True, "tags.0.name": True}),
        ({**MAIL, "scheduled_at": "soon"}, {"scheduled_at": True}),
        ({**MAIL, "topic_id": "x"}, {"topic_id": ["Invalid UUID"]}),
    ],
)
def test_send_refused_by_the_schema(emails, outbox, params, fields):
    details = fails(422, "validation_error", INVALID, emails.send, params)
    found = details["fieldErrors"]
    assert found.keys() == fields.keys()
    assert {name: texts for name, texts in fields.items() if texts is not True}.items() <= found.items()
    assert details["formErrors"] == []
    assert outbox() == []


def test_send_refused_for_its_recipient(emails):
    message = "Recipient suppressed@resend.dev is suppressed. Remove the suppression before sending again."
    details = fails(422, "recipient_suppressed", message, emails.send, {**MAIL, "to": "suppressed@resend.dev"})
    assert details == {"recipients": "suppressed@resend.dev", "reason": "suppressed", "scope": "sandbox"}


def test_send_with_an_unknown_template(emails):
    params = {**MAIL, "template": {"id": "00000000-0000-4000-8000-000000000000"}}
    assert fails(404, "not_found", "Template not found.", emails.send, params) is None


def test_idempotency(emails, outbox):
    first = emails.send(MAIL, idempotency_key="k1")
    assert emails.send({**MAIL, "subject": "Other"}, idempotency_key="k1") == first
    assert emails.send_batch([MAIL], idempotency_key="k1") == {"data": [first]}
    assert emails.send(MAIL, idempotency_key="k2") != first
    assert len(outbox()) == 2
    message = "Idempotency-Key must be between 1 and 256 characters."
    fails(400, "invalid_idempotency_key", message, emails.send, MAIL, idempotency_key="k" * 257)


def test_idempotency_ends_after_a_day(live_server, workspace, client):
    clock = live_server.sandbox.workspace(workspace).clock
    clock.freeze(parse_instant("2026-03-01T12:00:00Z"))
    first = client.emails.send(MAIL, idempotency_key="k1")
    clock.advance(86_400)
    assert client.emails.send(MAIL, idempotency_key="k1") == first
    clock.advance(1)
    assert client.emails.send(MAIL, idempotency_key="k1") != first


# --- batches ----------------------------------------------------------------------------------------------------


def test_send_batch(emails, outbox):
    params = [{**MAIL, "subject": f"s{number}"} for number in range(3)]
    sent = emails.send_batch(params)
    assert sent == {"data": [{"id": UUID}] * 3}
    assert {message["id"]: message["subject"] for message in outbox()} == {
        slot["id"]: f"s{number}" for number, slot in enumerate(sent["data"])
    }
    assert emails.send_batch([]) == {"data": []}


def test_send_batch_with_somebody_suppressed(emails):
    sent = emails.send_batch([{**MAIL, "to": "suppressed@resend.dev"}, MAIL])
    error = sent["data"][0]["error"]
    assert (error["code"], error["statusCode"], sent["data"][1]) == ("recipient_suppressed", 422, {"id": UUID})


def test_send_batch_refused(emails, outbox):
    details = fails(422, "validation_error", INVALID, emails.send_batch, [MAIL, {**MAIL, "to": None}])
    assert details == {"formErrors": [], "fieldErrors": {"1": ["Invalid input"], "1.to": ["Invalid input"]}}
    details = fails(422, "validation_error", INVALID, emails.send_batch, [MAIL] * 101)
    assert details == {"formErrors": ["Too big: expected array to have <=100 items"], "fieldErrors": {}}
    assert outbox() == []


# --- base URLs and keys -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["{}", "{}/", "{}//", "{}?a=b", "{}/#fragment"])
def test_every_form_of_the_base_url(url, key, form):
    assert opensend.OpenSend(key, base_url=form.format(url)).emails.send(MAIL) == {"id": UUID}


def test_base_urls_that_are_none(key):
    for base in ("", " "):
        with pytest.raises(ValueError, match="non-empty"):
            opensend.OpenSend(key, base_url=base)
    for base in ("127.0.0.1:7357", "ftp://127.0.0.1", "http://"):
        with pytest.raises(ValueError, match="absolute http or https"):
            opensend.OpenSend(key, base_url=base)


def test_a_base_url_per_call_goes_before_the_module(url, key, monkeypatch):
    monkeypatch.setattr(opensend, "api_key", "os_invalid")
    monkeypatch.setattr(opensend, "base_url", "http://127.0.0.1:9")
    assert opensend.Emails.send(MAIL, api_key=key, base_url=url) == {"id": UUID}
    assert opensend.Emails.send_batch([MAIL], api_key=key, base_url=url) == {"data": [{"id": UUID}]}


def test_no_key(url, monkeypatch):
    monkeypatch.setattr(opensend, "api_key", None)
    for call, params in ((opensend.Emails.send, MAIL), (opensend.Emails.send_batch, [MAIL])):
        with pytest.raises(ValueError, match="API key is required"):
            call(params, base_url=url)
    with pytest.raises(ValueError, match="API key is required"):
        opensend.OpenSend("", base_url=url)


@pytest.mark.parametrize(
    ("key", "code", "message"),
    [
        ("os_invalid", "invalid_api_key", "Invalid API key."),
        ("whatever", "invalid_api_key", "Invalid API key."),
        (
            "two words",
            "malformed_api_key",
            "Malformed API key. Use the Authorization: Bearer <api_key> header format.",
        ),
    ],
)
def test_refused_keys(url, key, code, message):
    client = opensend.OpenSend(key, base_url=url)
    fails(401, code, message, client.emails.send, MAIL)
    fails(401, code, message, client.emails.send_batch, [MAIL])


def test_a_sending_key_is_enough(url, workspace):
    client = opensend.OpenSend(f"os_restricted~{workspace}", base_url=url)
    assert client.emails.send(MAIL) == {"id": UUID}


# --- trouble ----------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    ("kind", "status", "code", "message"),
    [
        ("rate_limited", 429, "rate_limit_exceeded", "Rate limit exceeded. Try again later."),
        ("internal", 500, "internal_server_error", "Failed to send email."),
        ("unavailable", 503, "rate_limit_unavailable", "Rate limiting is temporarily unavailable."),
        ("unauthorized", 401, "invalid_api_key", "Invalid API key."),
        (
            "forbidden",
            403,
            "insufficient_api_key_permission",
            "This API key does not have permission to access this resource.",
        ),
    ],
)
def test_injected_errors(client, outbox, fault, kind, status, code, message):
    fault(type="error", kind=kind)
    fails(status, code, message, client.emails.send, MAIL)
    assert outbox() == []
    assert client.emails.send(MAIL) == {"id": UUID}


@pytest.mark.parametrize("kind", ["reset", "empty"])
def test_broken_connections(client, fault, kind):
    fault(type=kind)
    with pytest.raises((opensend.OpenSendError, ConnectionError)) as caught:
        client.emails.send(MAIL)
    if isinstance(caught.value, opensend.OpenSendError):
        assert (caught.value.status_code, caught.value.code) == (0, "request_error")
    assert client.emails.send(MAIL) == {"id": UUID}


def test_nobody_listens(key, free_port_block):
    client = opensend.OpenSend(key, base_url=f"http://127.0.0.1:{free_port_block}")
    fails(0, "request_error", Like(".*refused.*"), client.emails.send, MAIL)


def test_latency(client, fault):
    fault(type="latency", ms=300)
    started = monotonic()
    assert client.emails.send(MAIL) == {"id": UUID}
    assert monotonic() - started >= 0.29


def test_the_module_keeps_its_names():
    assert opensend.ApiError is opensend.OpenSendError
    assert opensend.DEFAULT_BASE_URL == "https://opensend.namuh.co"
