"""Reporting webhooks: created, listed, changed and deleted."""

from __future__ import annotations

import pytest

from tests.support import Like
from tests.vendors.customerio.bodies import app_error

URL = "https://example.com/hook"
INPUT = {"name": "Ours", "endpoint": URL, "events": ["email_sent", "customer_unsubscribed"]}
SHOWN = {"id": 1, **INPUT, "disabled": False, "full_resolution": False, "with_content": False, "type": "webhook"}
MISSING = app_error(404, "reporting webhook not found")


@pytest.fixture
def webhook(client):
    return client.post("/v1/reporting_webhooks", INPUT).json


def test_there_are_none(client):
    assert client.get("/v1/reporting_webhooks").json == {"reporting_webhooks": []}


def test_create(client):
    reply = client.post("/v1/reporting_webhooks", INPUT)
    assert (reply.status, reply.json) == (200, SHOWN)
    assert client.get("/v1/reporting_webhooks/1").json == SHOWN


def test_create_with_everything(client):
    body = {**INPUT, "disabled": True, "full_resolution": True, "with_content": True}
    assert client.post("/v1/reporting_webhooks", body).json == {**SHOWN, **body}


def test_list(client, webhook):
    second = client.post("/v1/reporting_webhooks", {**INPUT, "name": "Another"}).json
    assert second == {**SHOWN, "id": 2, "name": "Another"}
    assert client.get("/v1/reporting_webhooks").json == {"reporting_webhooks": [webhook, second]}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": ...}, "/name"),
        ({"name": ""}, "/name"),
        ({"name": 7}, "/name"),
        ({"endpoint": ...}, "/endpoint"),
        ({"endpoint": "example.com"}, "/endpoint"),
        ({"events": ...}, "/events"),
        ({"events": []}, "/events"),
        ({"events": ["email_read"]}, "/events/0"),
        ({"disabled": "yes"}, "/disabled"),
    ],
)
def test_create_refuses(client, change, pointer):
    body = {name: value for name, value in {**INPUT, **change}.items() if value is not ...}
    reply = client.post("/v1/reporting_webhooks", body)
    error = {"detail": Like("bad request .*"), "status": "400", "source": {"pointer": pointer}}
    assert (reply.status, reply.json) == (400, {"errors": [error]})
    assert client.get("/v1/reporting_webhooks").json == {"reporting_webhooks": []}


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Theirs"},
        {"endpoint": "http://localhost:9000/"},
        {"events": ["sms_replied"]},
        {"disabled": True},
        {"full_resolution": True, "with_content": True},
        {},
    ],
)
def test_update(client, webhook, change):
    reply = client.put("/v1/reporting_webhooks/1", change)
    assert (reply.status, reply.json) == (200, {**webhook, **change})
    assert client.get("/v1/reporting_webhooks/1").json == {**webhook, **change}


def test_update_refuses(client, webhook):
    reply = client.put("/v1/reporting_webhooks/1", {"events": []})
    assert (reply.status, reply.json) == (400, app_error(400, Like("bad request .*"), "/events"))
    assert client.get("/v1/reporting_webhooks/1").json == webhook


def test_delete(client, webhook):
    reply = client.delete("/v1/reporting_webhooks/1")
    assert (reply.status, reply.raw) == (204, b"")
    assert client.get("/v1/reporting_webhooks").json == {"reporting_webhooks": []}


@pytest.mark.parametrize(("method", "body"), [("GET", ...), ("PUT", {"name": "x"}), ("DELETE", ...)])
def test_one_that_is_not_there(client, webhook, method, body):
    reply = client(method, "/v1/reporting_webhooks/2", body)
    assert (reply.status, reply.json) == (404, MISSING)
    assert client.get("/v1/reporting_webhooks").json == {"reporting_webhooks": [webhook]}
