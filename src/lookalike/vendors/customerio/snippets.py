"""Snippets: pieces of text that messages share as `{{ snippets.name }}`. No template here has one, so all can go."""

from __future__ import annotations

import re
from typing import Any

from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.routes import Routes
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.customerio.identity import next_number
from lookalike.vendors.customerio.problems import missing, unprocessable
from lookalike.vendors.customerio.schemas.snippets import SnippetAnswer, SnippetInput, SnippetList

SNIPPETS = Resource("snippets", orders=(Order("number", ("number",)),))
"""Snippets by name."""

_LONGEST = {"name": 150, "value": 16_000}
_REFERENCE = re.compile(r"\{[{%][^}]*\bsnippets\b")

routes = Routes("snippets", doc="https://docs.customer.io/integrations/api/app/tag/snippets/")


def snippet_json(snippet: Document) -> dict[str, Any]:
    """A snippet as the App API shows it."""
    return {"name": snippet["id"], "value": snippet["value"], "updated_at": snippet["updated_at"]}


def _read(body: SnippetInput) -> tuple[str, str]:
    """Name and value, trimmed. The first one that is wrong is told (I: alone)."""
    trimmed = {"name": (body.name or "").strip(), "value": (body.value or "").strip()}
    for field, text in trimmed.items():
        if not text:
            raise unprocessable(f"{field} cannot be blank", f"/{field}")
        if len(text) > _LONGEST[field]:
            raise unprocessable(f"{field} cannot exceed {_LONGEST[field]} characters", f"/{field}")
    if _REFERENCE.search(trimmed["value"]):
        raise unprocessable("Snippets cannot contain Liquid code referencing other snippets.", "/value")
    return trimmed["name"], trimmed["value"]


def _write(call: Call, name: str, value: str, known: Document | None = None) -> dict[str, Any]:
    number = next_number(call.part, SNIPPETS) if known is None else known["number"]
    snippet = {"id": name, "number": number, "value": value, "updated_at": int(call.clock.now())}
    call.collection(SNIPPETS).put(snippet)
    return {"snippet": snippet_json(snippet)}


@routes.get("/v1/snippets", returns=SnippetList)
def list_snippets(call: Call) -> dict[str, Any]:
    """List all snippets, oldest first."""
    return {"snippets": [snippet_json(snippet) for snippet in call.collection(SNIPPETS).scan("number")]}


@routes.post("/v1/snippets", body=SnippetInput, returns=SnippetAnswer)
def create_snippet(call: Call, body: SnippetInput) -> dict[str, Any]:
    """Create a snippet under a name that is free."""
    name, value = _read(body)
    if call.collection(SNIPPETS).get(name) is not None:
        raise unprocessable("A snippet with that name already exists", "/name")
    return _write(call, name, value)


@routes.put("/v1/snippets", body=SnippetInput, returns=SnippetAnswer)
def update_snippet(call: Call, body: SnippetInput) -> dict[str, Any]:
    """Give a snippet a new value; a name that nobody has makes a new snippet."""
    name, value = _read(body)
    return _write(call, name, value, call.collection(SNIPPETS).get(name))


@routes.delete("/v1/snippets/{snippet_name}", status=204)
def delete_snippet(call: Call, snippet_name: str) -> Answer:
    """Delete a snippet."""
    if not call.collection(SNIPPETS).delete(snippet_name):
        raise missing("snippet")
    return Answer(204)
