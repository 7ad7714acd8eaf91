"""What tests of OpenSend's emails share: an email, sending and reading it, and refusals."""

from __future__ import annotations

from typing import Any

from tests.support import Client

UNKNOWN = "00000000-0000-4000-8000-000000000000"
BODY = {"from": "news@acme.com", "to": ["bo@example.com"], "subject": "Hello", "html": "<p>Hi</p>"}
SCHEDULE = (
    "scheduled_at must be a future ISO 8601 date-time or 'in <positive integer> "
    "<minute|min|minutes|hour|hours|day|days>' within 30 days."
)
TAG = "Tag names and values may only contain ASCII letters, numbers, underscores, or dashes."
MIXED = "Sandbox test recipients cannot be mixed with real recipients or different sandbox outcomes in the same email."
BAD_EMAIL = "Invalid email address"
SHORT = "Too small: expected string to have >=3 characters"
MISSING = "Invalid input: expected string, received undefined"


def public(status: int, code: str, message: str, details: Any = None) -> dict[str, Any]:
    body = {"name": code, "code": code, "message": message, "statusCode": status}
    return body if details is None else {**body, "details": details}


def refused(form: list[str] | None = None, **fields: list[str]) -> dict[str, Any]:
    details = {"formErrors": form or [], "fieldErrors": fields}
    return public(422, "validation_error", "Validation failed.", details)


def emails(client: Client) -> list[dict[str, Any]]:
    return client.get("/emails?limit=100").json["data"]


def send(client: Client, **body: Any) -> str:
    reply = client.post("/emails", {**BODY, **body})
    assert reply.status == 200, reply.text
    return reply.json["id"]


def read(client: Client, **body: Any) -> dict[str, Any]:
    return client.get(f"/emails/{send(client, **body)}").json


def suppressed(
    recipients: list[str], reason: str, scope: str = "user", because: str = " because it complained"
) -> dict[str, Any]:
    message = f"Recipient {recipients[0]} is suppressed{because}. Remove the suppression before sending again."
    details = {"recipients": ",".join(recipients), "reason": reason, "scope": scope}
    return public(422, "recipient_suppressed", message, details)
