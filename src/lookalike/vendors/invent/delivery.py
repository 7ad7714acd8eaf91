"""One message to one contact by one template: where it goes, whether it may, and what it says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lookalike.part import Part
from lookalike.stores.collection import Document
from lookalike.vendors.invent.identity import new_id
from lookalike.vendors.invent.recipients import make_recipient, mark

_BY_ADDRESS: Mapping[str, str] = {
    "gmail": "email",
    "whatsapp_bot": "phone",
    "twilio": "phone",
    "telnyx": "phone",
}
"""Integrations that reach anybody of whom they know this, whatever the type of the channel (I)."""

_PLACEHOLDER = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")

_BODIES = ("text", "body", "message")
"""Members of a template's `config` that hold its text; what it holds is not documented (I)."""


@dataclass(frozen=True)
class Overrides:
    """What one send says beside whom it is to: another address, number or name, and the values of the fields."""

    phone: str | None = None
    email: str | None = None
    name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)


def deliver(
    part: Part,
    broadcast: Document,
    template: Document,
    contact: Document,
    overrides: Overrides,
    channel: Document | None = None,
) -> Document:
    """Send, or skip. The recipient, not yet stored; what was sent is among the kept messages.

    With a `channel` that one is used; else the template's integration finds one of the contact's.
    """
    at = part.clock.iso()
    chosen = channel or _channel(template, contact, overrides)
    row = make_recipient(part, broadcast, template, contact, _where(chosen, contact, overrides), at)
    reason = _reason(broadcast, template, contact, chosen)
    if reason is not None:
        row["error_message"] = reason
        mark(row, "skipped", at)
        return row
    row["external_message_id"] = new_id(part, "msg")
    mark(row, "sent", at)
    part.keep_message(_message(broadcast, template, contact, row, overrides))
    return row


def _channel(template: Document, contact: Document, overrides: Overrides) -> Document | None:
    """The contact's channel of the template's integration, or one with the address that it needs."""
    integration, channels = template["integration_id"], contact["channels"]
    needed = _BY_ADDRESS.get(integration)
    found: Document | None = next((channel for channel in channels if channel["type"] == integration), None)
    if found is None and needed is not None:
        found = next((channel for channel in channels if channel.get(needed)), None)
        if found is None and getattr(overrides, needed):
            found = channels[0] if channels else None
    return found


def _where(channel: Document | None, contact: Document, overrides: Overrides) -> dict[str, Any]:
    held = channel or {}
    return {
        "user_id": held.get("user_id"),
        "name": overrides.name or held.get("name") or contact["name"],
        "username": held.get("username"),
        "phone": overrides.phone or held.get("phone"),
        "email": overrides.email or held.get("email"),
    }


def _reason(broadcast: Document, template: Document, contact: Document, channel: Document | None) -> str | None:
    """Why a contact is skipped, if it is; those who unsubscribed still get what they asked for themselves."""
    if contact["blocked"]:
        return "Contact is blocked"
    if contact["unsubscribed"] and broadcast["type"] == "MARKETING":
        return "Contact is unsubscribed"
    return None if channel is not None else f"Contact has no {template['integration_id']} channel"


def _message(
    broadcast: Document, template: Document, contact: Document, row: Document, overrides: Overrides
) -> dict[str, Any]:
    config, values = template["config"], _values(contact, row, overrides)
    text = next((config[name] for name in _BODIES if isinstance(config.get(name), str)), None)
    by_phone = _BY_ADDRESS.get(template["integration_id"]) == "phone"
    first, second = ("phone", "email") if by_phone else ("email", "phone")
    return {
        "id": row["external_message_id"],
        "from": config["from"] if isinstance(config.get("from"), str) else template["integration_id"],
        "to": [row[first] or row[second] or row["user_id"]],
        "subject": _filled(config.get("subject"), values) or broadcast["name"],
        "html": _filled(config.get("html"), values),
        "text": _filled(text, values),
        "created_at": row["created_at"],
        "status": "sent",
        "broadcast_id": broadcast["id"],
        "recipient_id": row["id"],
        "template_id": template["id"],
        "contact_id": contact["id"],
        "variables": dict(overrides.variables),
    }


def _values(contact: Document, row: Document, overrides: Overrides) -> dict[str, Any]:
    """What placeholders stand for: the send's own variables, and the recipient's name and addresses."""
    person = {name: row[name] for name in ("name", "email", "phone")}
    return {**person, **{f"contact.{name}": value for name, value in person.items()}, "contact.id": contact["id"]} | {
        **overrides.variables
    }


def _filled(text: Any, values: Mapping[str, Any]) -> str | None:
    """The text with `{{name}}` replaced where there is a value, and left alone where there is none (I)."""
    if not isinstance(text, str):
        return None
    return _PLACEHOLDER.sub(lambda found: _told(values.get(found[1]), found[0]), text)


def _told(value: Any, otherwise: str) -> str:
    return otherwise if value is None else str(value)
