"""How the package goes about faults: what it tries again, and what it raises in the end."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from customerio import APIClient, CustomerIO, CustomerIOException, SendEmailRequest

from lookalike.clock import monotonic
from tests.clients.customerio_python.conftest import KEY

pytestmark = pytest.mark.client

MAIL = SendEmailRequest(to="ann@x.co", identifiers={"id": "ann"}, transactional_message_id=3)


def call(client):
    if isinstance(client, CustomerIO):
        return client.identify(id="ann").status_code
    return "delivery_id" in client.send_email(MAIL)


@pytest.fixture(params=["cio", "api"])
def client(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def operation(client):
    return "identify" if isinstance(client, CustomerIO) else "send_email"


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_server_errors_are_tried_again(client, operation, fault, asked, status):
    fault(operation, script=f"{status}x3")
    assert call(client)
    assert asked() == [*[(operation, status)] * 3, (operation, 200)]


def test_the_fourth_is_the_last(client, operation, fault, asked):
    fault(operation, script="503x4")
    with pytest.raises(CustomerIOException, match="Failed to receive valid response after 3 retries"):
        call(client)
    assert asked() == [(operation, 503)] * 4


@pytest.mark.parametrize(("kind", "status"), [("forbidden", 403), ("conflict", 409)])
def test_others_are_not(client, operation, fault, asked, kind, status):
    fault(operation, fault={"type": "error", "kind": kind})
    with pytest.raises(CustomerIOException, match=f"^{status}: https://"):
        call(client)
    assert asked() == [(operation, status)]


def test_a_retry_after_is_kept(cio, fault, asked):
    """The package says nothing of 429, but urllib3 waits where there is a `Retry-After`."""
    fault("identify", script="429, ok")
    began = monotonic()
    assert call(cio)
    assert 0.9 <= monotonic() - began < 10
    assert asked() == [("identify", 429), ("identify", 200)]


@pytest.mark.parametrize("script", ["reset, ok", "empty, ok"])
def test_a_broken_connection_is_tried_again(client, operation, fault, asked, script):
    fault(operation, script=script)
    assert call(client)
    assert len(asked()) == 2


def test_too_slow(workspace, fault):
    fault("identify", fault={"type": "latency", "ms": 2000})
    with (
        CustomerIO(f"{KEY}~{workspace}", "secret", timeout=0.2, retries=1) as cio,
        pytest.raises(CustomerIOException, match="timed out"),
    ):
        cio.identify(id="ann")


def test_over_http_nothing_is_tried_again(secured, workspace, fault, asked):
    """The package sets its retries up for https alone."""
    fault("send_email", script="503, ok")
    with (
        APIClient(f"{KEY}~{workspace}", url=f"{secured.url}/customerio") as api,
        pytest.raises(CustomerIOException, match=r"^503: http://"),
    ):
        api.send_email(MAIL)
    assert asked() == [("send_email", 503)]


PROGRAM = """
import customerio

cio = customerio.CustomerIO("site", "secret")
ann = {"type": "person", "action": "event", "identifiers": {"id": "ann"}, "name": "visit"}
called = [
    cio.identify(id="ann", email="ann@x.co"),
    cio.identify(id="bob", email="bob@x.co"),
    cio.track(customer_id="ann", name="visit", data={"page": 1}),
    cio.track_anonymous(anonymous_id="anon", name="visit"),
    cio.pageview(customer_id="ann", page="/pricing"),
    cio.backfill(customer_id="ann", name="visit", timestamp=1700000000),
    cio.add_device(customer_id="ann", device_id="token", platform="ios"),
    cio.delete_device(customer_id="ann", device_id="token"),
    cio.merge_customers(primary_id_type="id", primary_id="ann", secondary_id_type="id", secondary_id="bob"),
    cio.suppress(customer_id="eve"),
    cio.unsuppress(customer_id="eve"),
    cio.batch([ann]),
]
app = customerio.APIClient("site")
who = {"identifiers": {"id": "ann"}, "transactional_message_id": 3}
sent = [
    app.send_email(customerio.SendEmailRequest(to="ann@x.co", **who)),
    app.send_push(customerio.SendPushRequest(**who)),
    app.send_sms(customerio.SendSMSRequest(to="+15551234567", **who)),
    app.send_whatsapp(customerio.SendWhatsAppRequest(to="+15551234567", **who)),
    app.send_in_app(customerio.SendInAppRequest(**who)),
    app.send_inbox_message(customerio.SendInboxMessageRequest(**who)),
]
called.append(cio.delete(customer_id="ann"))
print([answer.status_code for answer in called])
print([sorted(answer) for answer in sent])
"""
"""Every method of both clients; no host, port or TLS option."""


def test_a_program_without_a_changed_line(ca_folder, tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    lookalike = [sys.executable, "-m", "lookalike", "run", "--vendor", "customerio", "--fixture", "none", "--"]
    environment = {**os.environ, "LOOKALIKE_CA_FOLDER": str(ca_folder)}
    for name in ("HTTPS_PROXY", "https_proxy", "REQUESTS_CA_BUNDLE"):
        environment.pop(name)
    done = subprocess.run(
        [*lookalike, sys.executable, str(tmp_path / "program.py")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.splitlines() == [str([200] * 13), str([["delivery_id", "queued_at"]] * 6)], done.stderr
    assert done.returncode == 0
