"""Templates. Their order is newest first; `after` nevertheless compares ids, as the real server does."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from lookalike.call import Call
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores import Order, Resource
from lookalike.vendors.opensend import coercion, columns, paging
from lookalike.vendors.opensend.schemas.templates import (
    Template,
    TemplateChanged,
    TemplateDeleted,
    TemplateInput,
    TemplateList,
    TemplatePatch,
)
from lookalike.vendors.opensend.sequence import next_number
from lookalike.vendors.opensend.template_variables import found_in, read_variables
from lookalike.vendors.opensend.validation import read_object

NEWEST = Order("newest", ("created_at", "number"))

TEMPLATES = Resource("templates", orders=(NEWEST, Order("newest_by_status", NEWEST.by, within="status")))
"""`number` counts creations, so that two of one millisecond keep their order; `variables` as `read_variables` gives."""


DOCS = "https://opensend.namuh.co/docs/api-reference/templates"

routes = Routes("templates", doc=f"{DOCS}/get-template")

COLUMNS = {
    "name": 255,
    "alias": 255,
    "status": 50,
    "subject": None,
    "from": 512,
    "reply_to": 512,
    "preview_text": None,
    "html": None,
    "text": None,
}
"""What a template is made of, and how many characters of it fit."""

CAMEL = {"reply_to": "replyTo", "preview_text": "previewText"}


def template_json(template: dict[str, Any]) -> dict[str, Any]:
    """A template as it is read alone."""
    created = template["created_at"]
    variables = [
        {"id": f"var-{index}", **variable, "created_at": created, "updated_at": created}
        for index, variable in enumerate(template["variables"])
    ]
    shown = ("id", "name", "alias", "status", "subject", "from", "reply_to", "preview_text", "html", "text")
    return {
        "object": "template",
        **{name: template[name] for name in shown},
        "variables": variables,
        "created_at": created,
        "updated_at": created,
    }


def template_item(template: dict[str, Any]) -> dict[str, Any]:
    """A template as lists show it."""
    return {
        "object": "template",
        "id": template["id"],
        "name": template["name"],
        "alias": template["alias"],
        "status": template["status"],
        "current_version_id": None,
        "published_at": template["published_at"],
        "has_unpublished_versions": template["published_at"] is None,
        "created_at": template["created_at"],
    }


@routes.post(
    "/templates",
    "/api/public/templates",
    accepts=TemplateInput,
    returns=TemplateChanged,
    status=201,
    source="S",
    doc=f"{DOCS}/create-template",
    extras={"fallback": "Failed to create template", "malformed": "fallback"},
)
def create_template(call: Call) -> dict[str, Any]:
    """Create a draft; its alias is a slug of the name unless it is given."""
    body = read_object(call)
    name, html = _trimmed(body.get("name")), _trimmed(body.get("html"))
    if not name or not html:
        raise Problem("invalid", "name and html are required")
    variables = read_variables(body.get("variables"))
    content = {
        column: columns.truthy(_member(body, column), COLUMNS[column])
        for column in ("subject", "from", "reply_to", "preview_text", "text")
    }
    template = {
        **content,
        "name": columns.needed(name, 255),
        "alias": columns.needed(_trimmed(body.get("alias")) or _slug(name), 255),
        "html": columns.needed(html),
        "status": "draft",
        "variables": variables,
    }
    return _changed(_keep_new(call, template))


@routes.get(
    "/templates",
    "/api/public/templates",
    returns=TemplateList,
    source="S",
    doc=f"{DOCS}/list-templates",
    extras={"fallback": "Failed to fetch templates"},
)
def list_templates(call: Call) -> dict[str, Any]:
    """List templates, newest first, all or by `status`; `search` looks into names."""
    asked = paging.window(call, default=200, maximum=200)
    status = (call.argument("status") or "").strip()
    order, within = ("newest_by_status", status) if status in ("draft", "published") else ("newest", None)
    search = (call.argument("search") or "").strip()
    templates = call.collection(TEMPLATES)
    if asked.after is None and not search:
        page = templates.page(order, limit=asked.limit, within=within, descending=True)
        found, has_more = page.documents, page.has_more
    else:
        sought = coercion.pattern(search)
        matches = (
            template
            for template in templates.scan(order, within=within, descending=True)
            if (asked.after is None or template["id"] < asked.after) and sought.search(template["name"])
        )
        found = list(islice(matches, asked.limit + 1))
        has_more = len(found) > asked.limit
    data = [template_item(template) for template in found[: asked.limit]]
    return {"object": "list", "data": data, "has_more": has_more}


@routes.get(
    "/templates/{id}",
    "/api/public/templates/{id}",
    returns=Template,
    source="S",
    extras={"fallback": "Failed to fetch template"},
)
def get_template(call: Call, id: str) -> dict[str, Any]:
    """Read a template by id; an alias ends in a 500, as on the real server."""
    return template_json(_found(call, id))


@routes.patch(
    "/templates/{id}",
    "/api/public/templates/{id}",
    accepts=TemplatePatch,
    returns=TemplateChanged,
    source="S",
    doc=f"{DOCS}/update-template",
    extras={"fallback": "Failed to update template", "malformed": "fallback"},
)
def update_template(call: Call, id: str) -> dict[str, Any]:
    """Change a template; new html or subject adds the variables it names."""
    body = read_object(call)
    given = {column: _member(body, column) for column in COLUMNS if _is_given(body, column)}
    template = _found(call, id)
    changes: dict[str, Any] = {}
    if "variables" in body:
        changes["variables"] = read_variables(body["variables"])
    elif "html" in given or "subject" in given:
        changes["variables"] = _renewed_variables(template, given)
    for column, value in given.items():
        store = columns.needed if column in ("name", "status") else columns.text
        changes[column] = store(value, COLUMNS[column])
    if not changes:
        raise Problem("internal")
    template |= changes
    call.collection(TEMPLATES).put(template)
    return _changed(template)


@routes.delete(
    "/templates/{id}",
    "/api/public/templates/{id}",
    returns=TemplateDeleted,
    source="S",
    doc=f"{DOCS}/delete-template",
    extras={"fallback": "Failed to delete template"},
)
def delete_template(call: Call, id: str) -> dict[str, Any]:
    """Delete a template."""
    template = _found(call, id)
    call.collection(TEMPLATES).delete(template["id"])
    return {**_changed(template), "deleted": True}


@routes.post(
    "/templates/{id}/publish",
    "/api/public/templates/{id}/publish",
    returns=TemplateChanged,
    source="S",
    doc=f"{DOCS}/publish-template",
    extras={"fallback": "Failed to publish template"},
)
def publish_template(call: Call, id: str) -> dict[str, Any]:
    """Publish a draft, once."""
    template = _found(call, id)
    if template["status"] != "draft":
        raise Problem("malformed", "Only draft templates can be published")
    template |= {"status": "published", "published_at": call.clock.iso()}
    call.collection(TEMPLATES).put(template)
    return _changed(template)


@routes.post(
    "/templates/{id}/duplicate",
    "/api/public/templates/{id}/duplicate",
    returns=TemplateChanged,
    source="S",
    doc=f"{DOCS}/duplicate-template",
    extras={"fallback": "Failed to duplicate template"},
)
def duplicate_template(call: Call, id: str) -> dict[str, Any]:
    """Copy a template into a new draft; the answer names the copy."""
    original = _found(call, id)
    alias = original["alias"]
    copy = {
        **{column: original[column] for column in COLUMNS},
        "name": columns.needed(f"{original['name']} (Copy)", 255),
        "alias": columns.text(f"{alias}-copy", 255) if alias else None,
        "status": "draft",
        "variables": original["variables"],
    }
    return _changed(_keep_new(call, copy))


def _keep_new(call: Call, content: dict[str, Any]) -> dict[str, Any]:
    templates = call.collection(TEMPLATES)
    template = {
        "id": call.ids.uuid4(),
        "number": next_number(templates, "newest"),
        **content,
        "published_at": None,
        "created_at": call.clock.iso(),
    }
    templates.put(template)
    return template


def _found(call: Call, id: str) -> dict[str, Any]:
    template = call.collection(TEMPLATES).get(coercion.database_id(id))
    if template is None:
        raise Problem("not_found", "Template not found")
    return template


def _changed(template: dict[str, Any]) -> dict[str, Any]:
    return {"object": "template", "id": template["id"]}


def _trimmed(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _slug(name: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower())
    return re.sub(r"^-|-$", "", slug) or "untitled-template"


def _is_given(body: dict[str, Any], column: str) -> bool:
    return column in body or CAMEL.get(column) in body


def _member(body: dict[str, Any], column: str) -> Any:
    """A member under its name, or under its older one in camel case."""
    return body[column] if column in body else body.get(CAMEL.get(column, ""))


def _renewed_variables(template: dict[str, Any], given: dict[str, Any]) -> list[dict[str, Any]]:
    """A variable for every name in the new content; what was known of one is kept."""
    content = " ".join(
        coercion.string(template[column] if given.get(column) is None else given[column])
        for column in ("subject", "html", "text")
        if given.get(column) is not None or template[column] is not None
    )
    known = {variable["key"]: variable for variable in template["variables"]}
    plain = {"type": "string", "required": False, "fallback_value": None}
    return [known.get(name) or {"key": name, "name": name, **plain} for name in found_in(content)]
