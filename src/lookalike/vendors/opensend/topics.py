"""Topics. The root paths validate strictly, those under `/api` take anything for a default."""

from __future__ import annotations

from typing import Any

from lookalike.call import Call
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores import Resource
from lookalike.stores.collection import Document
from lookalike.vendors.opensend import coercion, paging
from lookalike.vendors.opensend.credentials import owner
from lookalike.vendors.opensend.schemas.lists import SearchQuery
from lookalike.vendors.opensend.schemas.segments import Success
from lookalike.vendors.opensend.schemas.topics import Topic, TopicInput, TopicList, TopicMade, TopicPatch, TopicRow
from lookalike.vendors.opensend.validation import js_length, read_object

TOPICS = Resource("topics", indexes=("name",))
"""id, name (not unique), description, default_subscription, visibility, created_at."""


routes = Routes("topics", doc="https://opensend.namuh.co/docs/api-reference/topics")

_CHOICES = {"default_subscription": ("opt_in", "opt_out"), "visibility": ("public", "private")}
_OTHERWISE = {"default_subscription": "opt_out", "visibility": "public"}
_LONGEST_NAME, _LONGEST_DESCRIPTION = 255, 200
_WIDEST_DESCRIPTION = 1024
"""What the column takes, where nobody checks before."""


def is_strict(call: Call) -> bool:
    """Whether a request came by a root path."""
    return not call.path.startswith("/api/")


def topic_of(call: Call, id: str) -> Document:
    """The topic of a path. Raises Problem("not_found") and, for what is no UUID, Problem("internal")."""
    topic = call.collection(TOPICS).get(coercion.database_id(id))
    if topic is None:
        raise Problem("not_found", "Topic not found")
    return topic


def item_json(topic: Document) -> dict[str, Any]:
    """A topic as an item of a list."""
    names = ("id", "name", "description", "default_subscription", "visibility", "created_at")
    return {name: topic[name] for name in names}


def _row_json(topic: Document) -> dict[str, Any]:
    """A topic as the database has it, which is how writes answer."""
    return {
        "id": topic["id"],
        "name": topic["name"],
        "description": topic["description"],
        "defaultSubscription": topic["default_subscription"],
        "visibility": topic["visibility"],
        "createdAt": topic["created_at"],
    }


@routes.post(
    "/topics",
    "/api/topics",
    accepts=TopicInput,
    returns=TopicMade,
    status=201,
    source="S",
    extras={"fallback": "Failed to create topic", "malformed": "fallback"},
)
def create_topic(call: Call) -> dict[str, Any]:
    """Create a topic."""
    body = read_object(call)
    name = coercion.required(body.get("name"), "Name is required")
    description = _description(body.get("description"))
    if js_length(description or "") > _LONGEST_DESCRIPTION:
        raise Problem("invalid", "Description must be 200 characters or less")
    default = _choice(call, "default_subscription", _given(body))
    visibility = _choice(call, "visibility", body.get("visibility"))
    topic = {
        "id": call.ids.uuid4(),
        "name": coercion.trimmed(name, _LONGEST_NAME),
        "description": description,
        "default_subscription": default,
        "visibility": visibility,
        "created_at": call.clock.iso(),
    }
    call.collection(TOPICS).put(topic)
    return {"object": "topic", **_row_json(topic)}


def _given(body: dict[str, Any]) -> Any:
    value = body.get("default_subscription")
    return body.get("defaultSubscription") if value is None else value


def _choice(call: Call, name: str, value: Any) -> str:
    """One of two words; `/api` paths take the usual one for anything else."""
    choices = _CHOICES[name]
    if not is_strict(call):
        return value if value in choices else _OTHERWISE[name]
    if not isinstance(value, str) or not value.strip():
        raise Problem("malformed", f"{name} is required")
    if value.strip() not in choices:
        raise Problem("invalid", f"{name} must be one of: {' | '.join(choices)}")
    return value.strip()


def _description(value: Any) -> str | None:
    return None if value is None else coercion.trimmed(value, _WIDEST_DESCRIPTION) or None


@routes.get(
    "/topics",
    "/api/topics",
    accepts_query=SearchQuery,
    returns=TopicList,
    source="S",
    extras={"fallback": "Failed to fetch topics"},
)
def list_topics(call: Call) -> dict[str, Any]:
    """List topics, by id descending; search looks at names."""
    page = paging.listed(call, TOPICS, paging.window(call), ("name",))
    return {
        "object": "list",
        "data": [item_json(topic) for topic in page.documents],
        "has_more": page.has_more,
        "total": page.total,
    }


@routes.get("/topics/{id}", "/api/topics/{id}", returns=Topic, source="S", extras={"fallback": "Failed to fetch topic"})
def get_topic(call: Call, id: str) -> dict[str, Any]:
    """Get a topic."""
    return {"object": "topic", **item_json(topic_of(call, id))}


@routes.patch(
    "/topics/{id}",
    "/api/topics/{id}",
    accepts=TopicPatch,
    returns=TopicRow,
    source="S",
    extras={"fallback": "Failed to update topic", "malformed": "fallback"},
)
def update_topic(call: Call, id: str) -> dict[str, Any]:
    """Update a topic; its default subscription changes only by the `/api` path."""
    changes = _changes(call, read_object(call))
    if not changes:
        raise Problem("malformed", "No fields to update")
    topic = topic_of(call, id) | changes
    call.collection(TOPICS).put(topic)
    return {**_row_json(topic), "document": None, "userId": owner(call)}


def _changes(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    if is_strict(call) and ("default_subscription" in body or "defaultSubscription" in body):
        raise Problem("malformed", "default_subscription cannot be changed after topic creation")
    changes: dict[str, Any] = {}
    if "name" in body:
        changes["name"] = coercion.trimmed(body["name"], _LONGEST_NAME)
    if "description" in body:
        changes["description"] = _description(body["description"])
    if body.get("default_subscription") is not None or "defaultSubscription" in body:
        changes["default_subscription"] = _choice(call, "default_subscription", _given(body))
    if "visibility" in body:
        changes["visibility"] = _choice(call, "visibility", body["visibility"])
    return changes


@routes.delete(
    "/topics/{id}", "/api/topics/{id}", returns=Success, source="S", extras={"fallback": "Failed to delete topic"}
)
def delete_topic(call: Call, id: str) -> dict[str, Any]:
    """Delete a topic; contacts keep their preference for it."""
    call.collection(TOPICS).delete(topic_of(call, id)["id"])
    return {"success": True}
