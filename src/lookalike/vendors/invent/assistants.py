"""Assistants and connections, so that every call of the vendor's cookbook is answered; nothing is behind them."""

from __future__ import annotations

from typing import Any

from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.ids import BASE64URL
from lookalike.routes import Routes
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.invent.identity import new_id
from lookalike.vendors.invent.paging import listed, newest
from lookalike.vendors.invent.problems import missing
from lookalike.vendors.invent.schemas.assistants import Assistant, AssistantInput, Connection
from lookalike.vendors.invent.schemas.fields import PageQuery

ASSISTANTS = Resource("assistants", orders=(Order("newest", ("created_at",)),))

routes = Routes("assistants", doc="https://docs.useinvent.com/api-reference/orgs-assistants/get-assistants")

_CONFIG = {"language": "auto", "knowledge_scope": "all"}
"""What an assistant's configuration holds of itself (I)."""


@routes.get("/orgs/{org_id}/assistants", query=PageQuery, returns=list[Assistant])
def get_assistants(call: Call, org_id: str, query: PageQuery) -> Answer:
    """List assistants, newest first."""
    page = newest(call.collection(ASSISTANTS), query)
    return listed(call, page.documents, query, page.total)


@routes.post(
    "/orgs/{org_id}/assistants",
    body=AssistantInput,
    returns=Assistant,
    doc="https://docs.useinvent.com/api-reference/create-assistant",
)
def create_assistant(call: Call, org_id: str, body: AssistantInput) -> Document:
    """Create an assistant; it is kept and shown, and does nothing."""
    at = call.clock.iso()
    assistant: Document = {
        "id": new_id(call.part, "ast"),
        "name": body.name,
        "enabled": body.enabled,
        "deleted": False,
        "secret_key": call.ids.text(32, BASE64URL) if body.generate_secret_key else None,
        "avatar_url": None,
        "config": {**_CONFIG, **body.config},
        "integrations": [],
        "actions": [],
        "boards": [],
        "created_at": at,
        "updated_at": at,
    }
    call.collection(ASSISTANTS).put(assistant)
    return assistant


@routes.get(
    "/orgs/{org_id}/assistants/{assistant_id}",
    returns=Assistant,
    doc="https://docs.useinvent.com/api-reference/orgs-assistants/get-assistant",
)
def get_assistant(call: Call, org_id: str, assistant_id: str) -> Document:
    """Get one assistant."""
    found = call.collection(ASSISTANTS).get(assistant_id)
    if found is None:
        raise missing("Assistant")
    return found


@routes.get(
    "/orgs/{org_id}/connections",
    query=PageQuery,
    returns=list[Connection],
    doc="https://docs.useinvent.com/api-reference/getting-started/cookbook",
)
def list_connections(call: Call, org_id: str, query: PageQuery) -> Answer:
    """List connections to other services, of which there are none."""
    empty: list[Any] = []
    return listed(call, empty, query, 0)
