"""Health and the public status page: always well, as a fresh installation is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lookalike.call import Call
from lookalike.clock import Clock
from lookalike.routes import Routes
from lookalike.vendors.opensend.schemas.status import Health, Status

routes = Routes("status", doc="https://opensend.namuh.co/docs/api-reference/introduction")

COMPONENTS = (
    {
        "id": "app_api",
        "name": "App / API",
        "description": "Next.js application shell and public API runtime.",
        "status": "operational",
        "message": "Application runtime and database-backed API probe are reachable.",
    },
    {
        "id": "dashboard",
        "name": "Dashboard",
        "description": "Authenticated OpenSend dashboard routes.",
        "status": "operational",
        "message": "Dashboard runtime shares the healthy application readiness probe.",
    },
    {
        "id": "ingester_webhooks",
        "name": "Ingester / Webhooks",
        "description": "SES/SNS ingestion, webhook dispatch, and background workers.",
        "status": "operational",
        "message": "Configured ingester health probe is reachable.",
    },
    {
        "id": "database_queue",
        "name": "Database / Queue",
        "description": "Postgres readiness and background job queue configuration.",
        "status": "unknown",
        "message": "Database probe passed; queue readiness is not configured for this deployment.",
    },
)

LABELS = {"operational": "Operational", "unknown": "Probe not configured"}

UPTIME = {"percentage": 100, "windowDays": 90, "source": "incident-history", "label": "100.00% uptime"}

SOURCE = {
    "type": "empty-in-repo-source",
    "description": "This first public status slice has no durable incident store yet; history is generated from the "
    "in-repo incident source until an incident workflow is added.",
}

ACTIONS = {
    "subscribe": {
        "label": "Subscribe to updates",
        "href": "#subscribe-placeholder",
        "note": "Subscription delivery is a placeholder until OpenSend wires a notification workflow.",
    },
    "report": {
        "label": "Report a problem",
        "href": "https://github.com/namuh-eng/opensend/issues/new?title=Status%20report",
        "note": "Report public incidents through GitHub until a dedicated incident intake exists.",
    },
    "history": {
        "label": "View history",
        "href": "#incident-history",
        "note": "History currently reflects the documented empty incident source.",
    },
}


@routes.get("/api/health", returns=Health, public=True, source="S")
def get_health(_call: Call) -> dict[str, Any]:
    """Say that the server and its database are there."""
    return {"status": "ok", "db": "connected"}


@routes.get("/api/status", returns=Status, public=True, source="S")
def get_status(call: Call) -> dict[str, Any]:
    """Show the state of every component, and three days without incidents."""
    now = call.clock.iso()
    return {
        "status": "operational",
        "headline": "Core systems operational",
        "message": "We are not aware of any incidents affecting monitored OpenSend systems. Components without a "
        "configured live probe are labeled explicitly.",
        "generatedAt": now,
        "components": [
            {**component, "lastCheckedAt": now, "statusLabel": LABELS[component["status"]], "uptime": UPTIME}
            for component in COMPONENTS
        ],
        "history": _history(call.clock),
        "incidentSource": SOURCE,
        "actions": ACTIONS,
    }


def _history(clock: Clock) -> list[dict[str, str]]:
    dates = [f"{clock.datetime() - timedelta(days=days):%Y-%m-%d}" for days in range(3)]
    return [
        {
            "id": f"no-incidents-{date}",
            "date": date,
            "title": "No incidents",
            "summary": "No incidents recorded for OpenSend components.",
            "impact": "none",
        }
        for date in dates
    ]


@routes.get("/openapi.json", returns=dict[str, Any], public=True, source="I")
def get_openapi(call: Call) -> dict[str, Any]:
    """Show the contract of what is served here; the real server's document promises what it does not keep."""
    from lookalike.openapi import document

    host = call.header("Host") or call.vendor.hosts[0]
    return document(call.vendor, f"{call.environ.get('wsgi.url_scheme', 'http')}://{host}{call.prefix}")
