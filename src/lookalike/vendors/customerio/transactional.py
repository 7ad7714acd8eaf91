"""Transactional messages: the templates that sends name by number or by trigger name.

No operation makes one, so the sandbox takes them as made: each number up to `HIGHEST` and each name stands for a
template, which is listed from its first send on. A higher number, and a name with "unknown" in it, is one that nobody
made; a send may still have it created by `auto_create`, if it is a name.
"""

from __future__ import annotations

from typing import Any

from lookalike.call import Call
from lookalike.part import Part
from lookalike.routes import Routes
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.customerio.identity import next_number
from lookalike.vendors.customerio.problems import missing, refused
from lookalike.vendors.customerio.schemas.transactional import TransactionalMessageAnswer, TransactionalMessages

HIGHEST = 999
UNNAMED = 1
"""What sends count for that name no template (D); no name stands for it."""

TEMPLATES = Resource("transactional", unique=("trigger_name",), orders=(Order("number", ("number",)),))
"""id ("3"), number (3), name, trigger_name (in lower case, or None), channel, created_at."""

routes = Routes("transactional", doc="https://docs.customer.io/integrations/api/app/tag/transactional/")


def template_of(part: Part, named: int | str, channel: str, *, auto_create: bool) -> Document:
    """The template that a send names, made on first use. Raises what the vendor says of an unknown one."""
    text = str(named).strip()
    if isinstance(named, int) or (text.isascii() and text.isdigit()):
        return _numbered(part, int(text), channel)
    templates = part.collection(TEMPLATES)
    found = templates.one("trigger_name", text.lower())
    if found is None:
        if not text or ("unknown" in text.lower() and not auto_create):
            raise _unknown()
        return _add(part, max(next_number(part, TEMPLATES), UNNAMED + 1), channel, text)
    if auto_create and found["channel"] != channel:
        # Documented as a 400, without its words (I).
        raise refused('"transactional_message_id" belongs to another channel.')
    return found


def _numbered(part: Part, number: int, channel: str) -> Document:
    found = part.collection(TEMPLATES).get(str(number))
    if found is not None:
        return found
    if not 1 <= number <= HIGHEST:
        raise _unknown()
    return _add(part, number, channel, None)


def _unknown() -> Exception:
    return refused('"transactional_message_id" not found.')


def _add(part: Part, number: int, channel: str, name: str | None) -> Document:
    template: Document = {
        "id": str(number),
        "number": number,
        "name": name or f"Transactional message {number}",
        "trigger_name": name.lower() if name else None,
        "channel": channel,
        "created_at": int(part.clock.now()),
    }
    part.collection(TEMPLATES).put(template)
    return template


def template_json(template: Document) -> dict[str, Any]:
    """A template as the App API shows it: with the settings that a new one has (I)."""
    return {
        "id": template["number"],
        "name": template["name"],
        "description": "",
        "send_to_unsubscribed": True,
        "link_tracking": True,
        "open_tracking": True,
        "hide_message_body": False,
        "queue_drafts": False,
        "created_at": template["created_at"],
        "updated_at": template["created_at"],
    }


@routes.get("/v1/transactional", returns=TransactionalMessages)
def list_transactional(call: Call) -> dict[str, Any]:
    """List the templates that sends have named, by number."""
    return {"messages": [template_json(template) for template in call.collection(TEMPLATES).scan("number")]}


@routes.get("/v1/transactional/{transactional_id}", returns=TransactionalMessageAnswer)
def get_transactional(call: Call, transactional_id: str) -> dict[str, Any]:
    """Get one of these templates."""
    found = call.collection(TEMPLATES).get(transactional_id)
    if found is None:
        raise missing("transactional message")
    return {"message": template_json(found)}
