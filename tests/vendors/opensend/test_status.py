"""OpenSend's health, status page and contract document: public, and always well."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("key", ["os_lookalike", "os_invalid", None])
def test_health(sandbox, key):
    reply = sandbox("opensend").as_key(key).get("/api/health")
    assert (reply.status, reply.json) == (200, {"status": "ok", "db": "connected"})


def test_status_shows_four_components_and_three_quiet_days(sandbox):
    client = sandbox("opensend").as_key(None)
    client.sandbox.workspace("default").clock.freeze(1_767_225_600.5)
    reply = client.get("/api/status")
    assert reply.status == 200
    now = "2026-01-01T00:00:00.500Z"
    assert list(reply.json) == [
        *("status", "headline", "message", "generatedAt"),
        *("components", "history", "incidentSource", "actions"),
    ]
    assert (reply.json["status"], reply.json["generatedAt"]) == ("operational", now)
    uptime = {"percentage": 100, "windowDays": 90, "source": "incident-history", "label": "100.00% uptime"}
    shown = [
        (part["id"], part["name"], part["status"], part["statusLabel"], part["lastCheckedAt"], part["uptime"])
        for part in reply.json["components"]
    ]
    assert shown == [
        ("app_api", "App / API", "operational", "Operational", now, uptime),
        ("dashboard", "Dashboard", "operational", "Operational", now, uptime),
        ("ingester_webhooks", "Ingester / Webhooks", "operational", "Operational", now, uptime),
        ("database_queue", "Database / Queue", "unknown", "Probe not configured", now, uptime),
    ]
    quiet = {
        "title": "No incidents",
        "summary": "No incidents recorded for OpenSend components.",
        "impact": "none",
    }
    days = ("2026-01-01", "2025-12-31", "2025-12-30")
    assert reply.json["history"] == [{"id": f"no-incidents-{day}", "date": day, **quiet} for day in days]


def test_the_contract_document_names_what_is_served(sandbox):
    client = sandbox("opensend")
    document = client.as_key(None).get("/openapi.json")
    assert document.status == 200
    assert document.json["openapi"] == "3.1.0"
    assert document.json["servers"] == [{"url": "http://127.0.0.1:7357/opensend"}]
    served = {path for operation in client.sandbox.vendors["opensend"].operations for path in operation.paths}
    assert set(document.json["paths"]) == served


@pytest.mark.parametrize("path", ["/api/health", "/api/status"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_wrong_methods(sandbox, path, method):
    reply = sandbox("opensend")(method, path, {})
    assert (reply.status, reply.raw) == (405, b"")
