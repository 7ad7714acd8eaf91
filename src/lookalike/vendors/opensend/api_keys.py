"""API keys: rows that `credentials` reads at every request."""

from __future__ import annotations

from typing import Any

from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.vendors.opensend import coercion, columns, credentials, paging
from lookalike.vendors.opensend.credentials import API_KEYS
from lookalike.vendors.opensend.problems import FAILED_QUERY
from lookalike.vendors.opensend.schemas.api_keys import ApiKey, ApiKeyInput, ApiKeyList, ApiKeyMade, ApiKeyPatch
from lookalike.vendors.opensend.validation import js_length, read_object

"""The keys' own collections are declared where keys are judged."""

DOCS = "https://opensend.namuh.co/docs/api-reference/api-keys"

routes = Routes("api_keys", doc=f"{DOCS}/list-api-keys")

PERMISSIONS = ("full_access", "sending_access")


def api_key_item(row: dict[str, Any]) -> dict[str, Any]:
    """A key as lists show it; the token is never shown again."""
    shown = ("id", "name", "created_at", "last_used_at", "permission", "domain")
    return {name: row[name] for name in shown}


@routes.post(
    "/api-keys",
    "/api/api-keys",
    accepts=ApiKeyInput,
    returns=ApiKeyMade,
    status=201,
    source="S",
    doc=f"{DOCS}/create-api-key",
    extras={"fallback": FAILED_QUERY},
)
def create_api_key(call: Call) -> dict[str, Any]:
    """Make a key; its token is shown here and nowhere else."""
    body = read_object(call)
    name = _name(body.get("name"))
    domain = body.get("domain_id")
    domain = columns.text(domain, 255) if isinstance(domain, str) else None
    row = credentials.issue(call, name, _permission(body) or "full_access", domain)
    return {"id": row["id"], "token": row["token"]}


@routes.get("/api-keys", "/api/api-keys", returns=ApiKeyList, source="S", extras={"fallback": FAILED_QUERY})
def list_api_keys(call: Call) -> dict[str, Any]:
    """List keys by id, descending; the calling key is among them."""
    page = paging.page(call, API_KEYS, paging.window(call))
    return {"object": "list", "data": [api_key_item(row) for row in page.documents], "has_more": page.has_more}


@routes.delete(
    "/api-keys/{id}",
    "/api/api-keys/{id}",
    source="S",
    doc=f"{DOCS}/delete-api-key",
    extras={"fallback": FAILED_QUERY},
)
def delete_api_key(call: Call, id: str) -> Answer:
    """Withdraw a key: requests with it are refused from then on."""
    if not credentials.withdraw(call, coercion.database_id(id)):
        raise _not_found()
    return Answer(200)


@routes.get("/api/api-keys/{id}", returns=ApiKey, source="S", extras={"fallback": FAILED_QUERY})
def get_api_key(call: Call, id: str) -> dict[str, Any]:
    """Read a key."""
    return {"object": "api_key", **api_key_item(_found(call, id))}


@routes.patch("/api/api-keys/{id}", accepts=ApiKeyPatch, returns=ApiKey, source="S", extras={"fallback": FAILED_QUERY})
def update_api_key(call: Call, id: str) -> dict[str, Any]:
    """Rename a key, or change its permission or domain."""
    body = read_object(call)
    row = _found(call, id)
    changes: dict[str, Any] = {}
    if isinstance(body.get("name"), str):
        changes["name"] = _name(body["name"])
    permission = _permission(body)
    if permission is not None:
        changes["permission"] = permission
    if "domain_id" in body and isinstance(body["domain_id"], str | None):
        changes["domain"] = columns.text(body["domain_id"], 255)
    if not changes:
        raise Problem("internal", "No values to set")
    row |= changes
    call.collection(API_KEYS).put(row)
    return {"object": "api_key", **api_key_item(row)}


def _name(value: Any) -> str:
    name = value.strip() if isinstance(value, str) else ""
    if not name:
        raise Problem("invalid", "name is required")
    if js_length(name) > 50:
        raise Problem("invalid", "name must be 50 characters or less")
    return columns.needed(name)


def _permission(body: dict[str, Any]) -> str | None:
    wanted = body.get("permission")
    return wanted if isinstance(wanted, str) and wanted in PERMISSIONS else None


def _found(call: Call, id: str) -> dict[str, Any]:
    row = call.collection(API_KEYS).get(coercion.database_id(id))
    if row is None:
        raise _not_found()
    return row


def _not_found() -> Problem:
    return Problem("not_found", "API key not found")
