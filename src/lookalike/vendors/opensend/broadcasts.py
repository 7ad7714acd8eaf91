"""Broadcasts. A scheduled one goes out when its time has come.

One that is sent at once stays `queued` for ever: the real server's job looks for a time that lies in the past, and such
a broadcast has none.
"""

from __future__ import annotations

from itertools import islice
from typing import Any

from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.clock import iso, parse_instant
from lookalike.part import Part
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores import Order, Resource
from lookalike.vendors.opensend import coercion, columns, paging, schedules
from lookalike.vendors.opensend.broadcast_sending import metrics, send
from lookalike.vendors.opensend.schemas.broadcasts import (
    Broadcast,
    BroadcastDeleted,
    BroadcastInput,
    BroadcastList,
    BroadcastMade,
    BroadcastMetrics,
    BroadcastPatch,
    BroadcastQueued,
    BroadcastSend,
)
from lookalike.vendors.opensend.topics import TOPICS
from lookalike.vendors.opensend.validation import read_object

BROADCASTS = Resource(
    "broadcasts",
    orders=(Order("id"), Order("of_status", within="status"), Order("for_audience", within="audience_id")),
)
"""The answer's members but `object`; `base`, the address that its unsubscribe links shall have; and `metrics` as last
counted (`at` in epoch seconds, `figures`), or null."""


DOCS = "https://opensend.namuh.co/docs/api-reference/broadcasts"

routes = Routes("broadcasts", doc=f"{DOCS}/get-broadcast")

COLUMNS = {
    "name": 255,
    "status": 50,
    "from": 512,
    "subject": None,
    "html": None,
    "text": None,
    "reply_to": 512,
    "preview_text": None,
}
"""The members that are text, and how many characters of each fit."""

METRICS_KEPT = 120.0
"""Seconds for which metrics are shown again without counting anew."""

CAMEL = {
    "reply_to": "replyTo",
    "preview_text": "previewText",
    "audience_id": "audienceId",
    "topic_id": "topicId",
    "scheduled_at": "scheduledAt",
}


def broadcast_json(broadcast: dict[str, Any]) -> dict[str, Any]:
    """A broadcast as it is read alone."""
    shown = (
        *("id", "name", "status", "from", "subject", "html", "text", "reply_to", "preview_text"),
        *("audience_id", "topic_id", "scheduled_at", "created_at"),
    )
    return {"object": "broadcast", **{name: broadcast[name] for name in shown}}


def broadcast_item(broadcast: dict[str, Any]) -> dict[str, Any]:
    """A broadcast as lists show it."""
    shown = ("id", "name", "status", "audience_id", "topic_id", "created_at", "scheduled_at")
    return {name: broadcast[name] for name in shown}


@routes.post(
    "/broadcasts",
    "/api/broadcasts",
    accepts=BroadcastInput,
    returns=BroadcastMade,
    status=201,
    source="S",
    doc=f"{DOCS}/create-broadcast",
    extras={"fallback": "Failed to create broadcast", "malformed": "fallback"},
)
def create_broadcast(call: Call) -> dict[str, Any]:
    """Create a draft for a segment, or with `send` queue or schedule it."""
    body = read_object(call)
    sender, subject = _trimmed(body.get("from")), _trimmed(body.get("subject"))
    audience = next((body[name] for name in ("segment_id", "audience_id") if columns.is_truthy(body.get(name))), None)
    if not sender or not subject or audience is None:
        raise Problem("invalid", "from, subject, and segment_id are required")
    topic = _topic(call, body.get("topic_id"))
    scheduled_at = _schedule(call, body.get("scheduled_at"))
    status = "draft"
    if body.get("send") is True:
        status = "scheduled" if scheduled_at else "queued"
    broadcast = {
        "id": call.ids.uuid4(),
        "name": columns.needed(_trimmed(body.get("name")) or "Untitled", 255),
        "status": status,
        "from": columns.needed(sender, 512),
        "subject": columns.needed(subject),
        **{
            name: columns.truthy(body.get(name), COLUMNS[name]) for name in ("html", "text", "reply_to", "preview_text")
        },
        "audience_id": coercion.database_id(coercion.string(audience)),
        "topic_id": topic,
        "scheduled_at": scheduled_at,
        "created_at": call.clock.iso(),
        "metrics": None,
    }
    _keep(call, broadcast)
    return {"object": "broadcast", **{name: broadcast[name] for name in ("id", "name", "status", "created_at")}}


@routes.get(
    "/broadcasts",
    "/api/broadcasts",
    returns=BroadcastList,
    source="S",
    doc=f"{DOCS}/list-broadcasts",
    extras={"fallback": "Failed to fetch broadcasts"},
)
def list_broadcasts(call: Call) -> dict[str, Any]:
    """List broadcasts by id, descending; `search` looks into names, `status` and `segmentId` narrow down."""
    asked = paging.window(call, default=40, maximum=120)
    search, status, segment = ((call.argument(name) or "").strip() for name in ("search", "status", "segmentId"))
    order, within = "id", None
    if segment:
        order, within = "for_audience", coercion.database_id(segment)
    elif status:
        order, within = "of_status", status
    if search or (segment and status):
        found, has_more = _matching(call, asked, search, status, order, within)
    else:
        page = paging.page(call, BROADCASTS, asked, order=order, within=within)
        found, has_more = page.documents, page.has_more
    return {"object": "list", "data": [broadcast_item(broadcast) for broadcast in found], "has_more": has_more}


def _matching(
    call: Call, asked: paging.Window, search: str, status: str, order: str, within: str | None
) -> tuple[list[dict[str, Any]], bool]:
    sought = coercion.pattern(search)
    matches = (
        broadcast
        for broadcast in call.collection(BROADCASTS).scan(order, within=within, descending=True)
        if sought.search(broadcast["name"])
        and status in ("", broadcast["status"])
        and (asked.after is None or broadcast["id"] < asked.after)
    )
    found = list(islice(matches, asked.limit + 1))
    return found[: asked.limit], len(found) > asked.limit


@routes.get(
    "/broadcasts/{id}",
    "/api/broadcasts/{id}",
    returns=Broadcast,
    source="S",
    extras={"fallback": "Failed to fetch broadcast"},
)
def get_broadcast(call: Call, id: str) -> dict[str, Any]:
    """Read a broadcast."""
    return broadcast_json(_found(call, id))


@routes.patch(
    "/broadcasts/{id}",
    "/api/broadcasts/{id}",
    accepts=BroadcastPatch,
    returns=Broadcast,
    source="S",
    doc=f"{DOCS}/update-broadcast",
    extras={"fallback": "Failed to update broadcast", "malformed": "fallback"},
)
def update_broadcast(call: Call, id: str) -> dict[str, Any]:
    """Change a broadcast, in whatever state it is."""
    changes = _changes(call, read_object(call))
    if not changes:
        raise Problem("internal")
    broadcast = _found(call, id) | changes
    _keep(call, broadcast)
    return broadcast_json(broadcast)


def _changes(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    known = (*COLUMNS, "audience_id", "topic_id", "scheduled_at")
    given = {name: body[key] for name in known for key in (name, CAMEL.get(name, name)) if key in body}
    changes: dict[str, Any] = {}
    for name, value in given.items():
        if name in COLUMNS:
            store = columns.needed if name in ("name", "status") else columns.text
            changes[name] = store(value, COLUMNS[name])
        elif name == "audience_id":
            changes[name] = None if value is None else coercion.database_id(coercion.string(value))
        elif name == "topic_id":
            changes[name] = _topic(call, value)
        else:
            changes[name] = _schedule(call, value)
    return changes


@routes.delete(
    "/broadcasts/{id}",
    "/api/broadcasts/{id}",
    returns=BroadcastDeleted,
    source="S",
    doc=f"{DOCS}/delete-broadcast",
    extras={"fallback": "Failed to delete broadcast"},
)
def delete_broadcast(call: Call, id: str) -> dict[str, Any]:
    """Delete a draft or a scheduled broadcast."""
    broadcast = _found(call, id)
    if broadcast["status"] not in ("draft", "scheduled"):
        raise Problem("malformed", "Cannot delete a broadcast that is already sent or queued")
    call.collection(BROADCASTS).delete(broadcast["id"])
    return {"object": "broadcast", "id": broadcast["id"], "deleted": True}


@routes.post(
    "/broadcasts/{id}/send",
    "/api/broadcasts/{id}/send",
    accepts=BroadcastSend,
    returns=BroadcastQueued,
    source="S",
    doc=f"{DOCS}/send-broadcast",
    extras={"fallback": "Failed to send broadcast"},
)
def send_broadcast(call: Call, id: str) -> dict[str, Any]:
    """Queue a draft, or schedule it; a body that is no JSON counts as none."""
    broadcast = _found(call, id)
    if broadcast["status"] != "draft":
        raise Problem("malformed", f"Cannot send a broadcast in {broadcast['status']} status")
    try:
        body = read_object(call)
    except Problem:
        body = {}
    scheduled_at = _schedule(call, body.get("scheduled_at"))
    broadcast |= {"status": "scheduled" if scheduled_at else "queued", "scheduled_at": scheduled_at}
    _keep(call, broadcast)
    return {"object": "broadcast", **{name: broadcast[name] for name in ("id", "status", "scheduled_at")}}


@routes.get(
    "/api/broadcasts/{id}/metrics",
    returns=BroadcastMetrics,
    source="S",
    extras={"fallback": "Failed to fetch broadcast metrics"},
)
def get_broadcast_metrics(call: Call, id: str) -> Answer:
    """Count a broadcast's e-mails by state; rates are per cent of all, and figures two minutes old at most."""
    broadcast = _found(call, id)
    now = call.clock.now()
    kept = broadcast["metrics"]
    fresh = kept is None or not 0 <= now - kept["at"] < METRICS_KEPT
    if kept is None or fresh:
        kept = {"at": now, "figures": metrics(call.part, broadcast["id"])}
        call.collection(BROADCASTS).put(broadcast | {"metrics": kept})
    answer = call.answer(200, kept["figures"])
    answer.headers.append(("x-opensend-cache", "miss" if fresh else "hit"))
    return answer


def _found(call: Call, id: str) -> dict[str, Any]:
    broadcast = call.collection(BROADCASTS).get(coercion.database_id(id))
    if broadcast is None:
        raise Problem("not_found", "Broadcast not found")
    return broadcast


def _keep(call: Call, broadcast: dict[str, Any]) -> None:
    """Store it and, if it waits for its time, have it looked at then."""
    broadcast["base"] = call.base_url
    call.collection(BROADCASTS).put(broadcast)
    if broadcast["status"] == "scheduled" and broadcast["scheduled_at"]:
        delay = parse_instant(broadcast["scheduled_at"]) - call.clock.now()
        call.part.later(delay, "send_due_broadcast", {"id": broadcast["id"], "at": broadcast["scheduled_at"]})


def send_due(part: Part, payload: dict[str, Any]) -> None:
    """Send a broadcast that still waits for just this moment: it may have been deleted or put off meanwhile."""
    broadcasts = part.collection(BROADCASTS)
    broadcast = broadcasts.get(payload["id"])
    if broadcast is None or broadcast["status"] != "scheduled" or broadcast["scheduled_at"] != payload["at"]:
        return
    send(part, broadcast)
    broadcasts.put(broadcast | {"status": "sent"})


TASKS = {"send_due_broadcast": send_due}


def _topic(call: Call, value: Any) -> str | None:
    if not columns.is_truthy(value):
        return None
    id = coercion.database_id(coercion.string(value))
    if call.collection(TOPICS).get(id) is None:
        raise Problem("invalid", "topic_id must reference a topic owned by the authenticated user")
    return id


def _schedule(call: Call, value: Any) -> str | None:
    if not columns.is_truthy(value):
        return None
    at = schedules.parse_schedule(coercion.string(value), call.clock.now())
    if at is None:
        raise Problem("invalid", schedules.MESSAGE)
    return iso(at)


def _trimmed(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
