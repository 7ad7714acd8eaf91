"""Trouble that only comes when it is injected, in the vendor's own envelopes."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("method", "path", "resource"),
    [
        ("POST", "/contacts", "mutation"),
        ("POST", "/api/topics", "mutation"),
        ("POST", "/emails", "emails"),
        ("POST", "/api/emails/batch", "emails"),
        ("POST", "/domains", "domains"),
        ("PATCH", "/api/api-keys/x", "api_keys"),
        ("POST", "/api", "mutation"),
    ],
)
def test_a_plan_that_is_used_up(sandbox, method, path, resource):
    reply = sandbox("opensend")(method, path, {}, headers={"X-Lookalike-Fault": "402"})
    details = {
        "resource": resource,
        "limit": 0,
        "used": 0,
        "plan": "no_subscription",
        "upgrade_url": "/dashboard/billing",
    }
    assert (reply.status, reply.json) == (
        402,
        {
            "name": "quota_exceeded",
            "code": "quota_exceeded",
            "message": "Quota exceeded.",
            "statusCode": 402,
            "details": details,
        },
    )


@pytest.mark.parametrize(
    ("kind", "status", "code", "text"),
    [
        ("rate_limited", 429, "rate_limit_exceeded", "Rate limit exceeded. Try again later."),
        ("unavailable", 503, "rate_limit_unavailable", "Rate limiting is temporarily unavailable."),
    ],
)
def test_limits_in_both_envelopes(sandbox, kind, status, code, text):
    client = sandbox("opensend")
    headers = {"X-Lookalike-Fault": kind}
    reply = client.post("/contacts", {}, headers=headers)
    assert (reply.status, reply.json) == (status, {"error": text})
    public = {"name": code, "code": code, "message": text, "statusCode": status}
    reply = client.post("/emails", {}, headers=headers)
    assert (reply.status, reply.json) == (status, public)
