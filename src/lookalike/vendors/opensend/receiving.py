"""Received email: nothing is ever received here, so lists are empty and every id is unknown."""

from __future__ import annotations

from typing import Any, NoReturn

from lookalike.call import Call
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.vendors.opensend import coercion, paging
from lookalike.vendors.opensend.schemas.emails import ReceivedList

DOCS = "https://opensend.namuh.co/docs/api-reference/emails"

routes = Routes("received emails", doc=f"{DOCS}/list-received-emails")


@routes.get(
    "/emails/receiving",
    "/api/emails/receiving",
    returns=ReceivedList,
    source="S",
    extras={"fallback": "Failed to fetch received emails"},
)
def list_received_emails(call: Call) -> dict[str, Any]:
    """List received emails: none."""
    paging.window(call)
    return {"object": "list", "data": [], "has_more": False}


@routes.get(
    "/emails/receiving/{id}",
    "/api/emails/receiving/{id}",
    source="S",
    doc=f"{DOCS}/retrieve-received-email",
    extras={"fallback": "Failed to fetch received email"},
)
def get_received_email(_call: Call, id: str) -> NoReturn:
    """Read a received email: unknown."""
    _refuse(id)


@routes.get(
    "/emails/receiving/{id}/attachments",
    "/api/emails/receiving/{id}/attachments",
    source="S",
    doc=f"{DOCS}/list-received-email-attachments",
    extras={"fallback": "Failed to fetch received email attachments"},
)
def list_received_email_attachments(_call: Call, id: str) -> NoReturn:
    """List the attachments of a received email: unknown."""
    _refuse(id)


@routes.get(
    "/emails/receiving/{id}/attachments/{attachment_id}",
    "/api/emails/receiving/{id}/attachments/{attachment_id}",
    source="S",
    doc=f"{DOCS}/retrieve-received-email-attachment",
    extras={"fallback": "Failed to fetch received email attachment"},
)
def get_received_email_attachment(_call: Call, id: str, attachment_id: str) -> NoReturn:
    """Read an attachment of a received email: unknown."""
    _refuse(id)


def _refuse(id: str) -> NoReturn:
    coercion.database_id(id)
    raise Problem("not_found", "Received email not found")
