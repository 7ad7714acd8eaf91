"""Sending domains. Nobody looks into DNS here: names that start with `verified` are found to be verified."""

from __future__ import annotations

from typing import Any

from lookalike.call import Call
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores import Resource
from lookalike.vendors.opensend import columns, jsonb, paging, webhooks
from lookalike.vendors.opensend.dns_records import make_records, with_tracking
from lookalike.vendors.opensend.problems import form_invalid, invalid
from lookalike.vendors.opensend.schemas.domains import (
    Domain,
    DomainChanged,
    DomainDeleted,
    DomainInput,
    DomainList,
    DomainPatch,
    DomainVerified,
)
from lookalike.vendors.opensend.validation import is_uuid, read

DOMAINS = Resource("domains")
"""The answer's members but `object` and `return_path`."""


DOCS = "https://opensend.namuh.co/docs/api-reference/domains"

routes = Routes("domains", doc=f"{DOCS}/get-domain")

CAPABILITIES = [{"name": "sending", "enabled": True}, {"name": "receiving", "enabled": False}]


def domain_json(domain: dict[str, Any]) -> dict[str, Any]:
    """A domain as creating and reading show it."""
    return {
        "object": "domain",
        "id": domain["id"],
        "name": domain["name"],
        "status": domain["status"],
        "region": domain["region"],
        "records": domain["records"],
        "custom_return_path": domain["custom_return_path"],
        "return_path": domain["custom_return_path"] or "send",
        "open_tracking": domain["open_tracking"],
        "click_tracking": domain["click_tracking"],
        "tracking_subdomain": domain["tracking_subdomain"],
        "tls": domain["tls"],
        "capabilities": domain["capabilities"],
        "created_at": domain["created_at"],
    }


def domain_item(domain: dict[str, Any]) -> dict[str, Any]:
    """A domain as lists show it."""
    return {name: domain[name] for name in ("id", "name", "status", "region", "capabilities", "created_at")}


def domain_event(domain: dict[str, Any]) -> dict[str, Any]:
    """A domain as webhooks tell of it."""
    shown = ("id", "name", "status", "region", "records", "capabilities", "created_at")
    return {name: domain[name] for name in shown}


@routes.post(
    "/domains",
    "/api/domains",
    accepts=DomainInput,
    returns=Domain,
    status=201,
    source="S",
    doc=f"{DOCS}/create-domain",
    extras={"fallback": "Failed to create domain"},
)
def create_domain(call: Call) -> dict[str, Any]:
    """Add a domain, the same name as often as wished; its DNS records come with the answer."""
    body = read(call, DomainInput)
    domain = {
        "id": call.ids.uuid4(),
        "name": columns.needed(body["name"].strip().lower(), 255),
        "status": "not_started",
        "region": body.get("region", "us-east-1"),
        "custom_return_path": _label(body, "custom_return_path"),
        "open_tracking": body.get("open_tracking", False),
        "click_tracking": body.get("click_tracking", False),
        "tracking_subdomain": _label(body, "tracking_subdomain"),
        "tls": body.get("tls", "opportunistic"),
        "capabilities": jsonb.stored(body.get("capabilities", CAPABILITIES)),
        "created_at": call.clock.iso(),
    }
    domain["records"] = make_records(call.part, domain)
    call.collection(DOMAINS).put(domain)
    webhooks.emit(call.part, "domain.created", domain_event(domain))
    return domain_json(domain)


@routes.get(
    "/domains",
    "/api/domains",
    returns=DomainList,
    source="S",
    doc=f"{DOCS}/list-domains",
    extras={"fallback": "Failed to fetch domains"},
)
def list_domains(call: Call) -> dict[str, Any]:
    """List domains by id, descending."""
    page = paging.page(call, DOMAINS, paging.window(call))
    return {"object": "list", "data": [domain_item(domain) for domain in page.documents], "has_more": page.has_more}


@routes.get("/domains/{id}", "/api/domains/{id}", returns=Domain, source="S")
def get_domain(call: Call, id: str) -> dict[str, Any]:
    """Read a domain."""
    return domain_json(_found(call, id))


@routes.patch(
    "/domains/{id}",
    "/api/domains/{id}",
    accepts=DomainPatch,
    returns=DomainChanged,
    source="S",
    doc=f"{DOCS}/update-domain",
)
def update_domain(call: Call, id: str) -> dict[str, Any]:
    """Change tracking, TLS or capabilities; webhooks hear of what really changed."""
    body = read(call, DomainPatch)
    if not body:
        raise form_invalid("At least one updatable field is required")
    domain = _found(call, id)
    changes = _changes(domain, body)
    changed = [field for field in CHANGEABLE if field in changes and changes[field] != domain[field]]
    if changed:
        before = domain["tracking_subdomain"]
        domain |= changes
        if "tracking_subdomain" in changes:
            domain["records"] = with_tracking(domain["records"], domain["name"], before, domain["tracking_subdomain"])
        call.collection(DOMAINS).put(domain)
        event = {"id": domain["id"], "changed_fields": changed, "domain": domain_event(domain)}
        webhooks.emit(call.part, "domain.updated", event)
    return {"object": "domain", "id": domain["id"]}


CHANGEABLE = ("open_tracking", "click_tracking", "tracking_subdomain", "capabilities", "tls")
"""In the order in which `changed_fields` names them."""


def _changes(domain: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    changes = {field: jsonb.stored(body[field]) for field in CHANGEABLE if field in body}
    if "tracking_subdomain" in changes:
        changes["tracking_subdomain"] = _label(body, "tracking_subdomain")
    switches = {name: body[f"{name}_enabled"] for name in ("sending", "receiving") if f"{name}_enabled" in body}
    if switches and "capabilities" not in changes:
        changes["capabilities"] = [
            {**capability, "enabled": switches.get(capability["name"], capability["enabled"])}
            for capability in domain["capabilities"]
        ]
    return changes


@routes.delete("/domains/{id}", "/api/domains/{id}", returns=DomainDeleted, source="S", doc=f"{DOCS}/delete-domain")
def delete_domain(call: Call, id: str) -> dict[str, Any]:
    """Remove a domain."""
    domain = _found(call, id)
    call.collection(DOMAINS).delete(domain["id"])
    webhooks.emit(call.part, "domain.deleted", {"id": domain["id"], "name": domain["name"]})
    return {"object": "domain", "id": domain["id"], "deleted": True}


@routes.post(
    "/domains/{id}/verify",
    "/api/domains/{id}/verify",
    returns=DomainVerified,
    source="S",
    doc=f"{DOCS}/verify-domain",
)
def verify_domain(call: Call, id: str) -> dict[str, Any]:
    """Look whether a domain is verified: `pending` until it is."""
    domain = _found(call, id, "Domain not found")
    previous = domain["status"]
    # Stands in for the mail provider's answer, as in the recordings (I).
    verified = domain["name"].startswith("verified")
    domain["status"] = "verified" if verified else "pending"
    domain["records"] = [{**record, "status": domain["status"]} for record in domain["records"]]
    call.collection(DOMAINS).put(domain)
    if domain["status"] != previous:
        told = {name: domain[name] for name in ("id", "name", "status", "records", "capabilities")}
        webhooks.emit(call.part, "domain.updated", {**told, "previous_status": previous})
    shown = ("object", "id", "name", "status", "records", "custom_return_path", "return_path", "created_at")
    whole = domain_json(domain)
    return {name: whole[name] for name in shown}


def _found(call: Call, id: str, missing: str = "Not found") -> dict[str, Any]:
    if not is_uuid(id):
        raise invalid((("id",), "Invalid UUID"))
    domain = call.collection(DOMAINS).get(id.lower())
    if domain is None:
        raise Problem("not_found", missing)
    return domain


def _label(body: dict[str, Any], field: str) -> str | None:
    label = body.get(field)
    return label.strip() if isinstance(label, str) else None
