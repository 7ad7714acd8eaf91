"""Event definitions, and sending events for a contact."""

from __future__ import annotations

from math import isinf, isnan
from typing import Any

from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores import Duplicate, Resource
from lookalike.vendors.opensend import coercion, contacts, jsonb, paging
from lookalike.vendors.opensend.event_schemas import payload_faults
from lookalike.vendors.opensend.problems import FAILED_QUERY, form_invalid, invalid
from lookalike.vendors.opensend.routing import to_sign_in
from lookalike.vendors.opensend.schemas.events import (
    Event,
    EventDeleted,
    EventInput,
    EventList,
    EventPatch,
    EventSent,
    SentEventInput,
)
from lookalike.vendors.opensend.validation import js_length, read

EVENTS = Resource("events", unique=("name",))
DELIVERIES = Resource("event_deliveries")

DOCS = "https://opensend.namuh.co/docs/api-reference/events"

routes = Routes("events", doc=DOCS)

_LONGEST_NAME = 255


def event_json(event: dict[str, Any]) -> dict[str, Any]:
    """An event definition."""
    return {"object": "event", **{name: event[name] for name in ("id", "name", "schema", "created_at", "updated_at")}}


@routes.post(
    "/events",
    "/api/events",
    accepts=EventInput,
    returns=Event,
    status=201,
    source="S",
    doc=f"{DOCS}/create-event",
    extras={"fallback": FAILED_QUERY},
)
def create_event(call: Call) -> dict[str, Any]:
    """Define an event; a name that is taken ends in a 500, as on the real server."""
    body = jsonb.stored(read(call, EventInput))
    _require_usable(body["name"])
    now = call.clock.iso()
    event = {
        "id": call.ids.uuid4(),
        "name": body["name"],
        "schema": body.get("schema"),
        "created_at": now,
        "updated_at": now,
    }
    _put(call, event)
    return event_json(event)


@routes.get(
    "/events",
    "/api/events",
    returns=EventList,
    source="S",
    doc=f"{DOCS}/list-events",
    extras={"fallback": FAILED_QUERY},
)
def list_events(call: Call) -> dict[str, Any]:
    """List event definitions by id, descending."""
    page = paging.page(call, EVENTS, _window(call))
    return {"object": "list", "data": [event_json(event) for event in page.documents], "has_more": page.has_more}


@routes.get(
    "/events/{identifier}",
    "/api/events/{identifier}",
    returns=Event,
    source="S",
    doc=f"{DOCS}/get-event",
)
def get_event(call: Call, identifier: str) -> dict[str, Any] | Answer:
    """Read an event definition by id or name."""
    return _only_post(call, identifier) or event_json(_found(call, identifier))


@routes.patch(
    "/events/{identifier}",
    "/api/events/{identifier}",
    accepts=EventPatch,
    returns=Event,
    source="S",
    doc=f"{DOCS}/update-event",
    extras={"fallback": FAILED_QUERY},
)
def update_event(call: Call, identifier: str) -> dict[str, Any] | Answer:
    """Change an event's name or schema; `null` takes the schema away."""
    misdirected = _only_post(call, identifier)
    if misdirected is not None:
        return misdirected
    _require_short(identifier)
    body = jsonb.stored(read(call, EventPatch))
    event = _found(call, identifier)
    if "name" in body:
        _require_usable(body["name"])
    event |= {**body, "updated_at": call.clock.iso_after(event["updated_at"])}
    _put(call, event)
    return event_json(event)


@routes.delete(
    "/events/{identifier}",
    "/api/events/{identifier}",
    returns=EventDeleted,
    source="S",
    doc=f"{DOCS}/delete-event",
)
def delete_event(call: Call, identifier: str) -> dict[str, Any] | Answer:
    """Delete an event definition by id or name."""
    return _only_post(call, identifier) or _delete(call, _found(call, identifier))


@routes.delete("/api/events", returns=EventDeleted, source="S", extras={"fallback": FAILED_QUERY})
def delete_event_by_query(call: Call) -> dict[str, Any]:
    """Delete an event definition by the id in the query: the older form."""
    id = call.argument("id")
    if not id:
        raise invalid((("id",), "Required"))
    event = call.collection(EVENTS).get(coercion.database_id(id))
    if event is None:
        raise Problem("not_found", "Event not found")
    return _delete(call, event)


@routes.post(
    "/events/send",
    "/api/events/send",
    accepts=SentEventInput,
    returns=EventSent,
    status=202,
    source="S",
    doc=f"{DOCS}/send-event",
    extras={"fallback": FAILED_QUERY},
)
def send_event(call: Call) -> dict[str, Any]:
    """Take in an event for one contact; an address that nobody has yet becomes a contact."""
    body = jsonb.stored(read(call, SentEventInput))
    name, payload = body["event"], body.get("payload", {})
    _require_usable(name)
    definition = call.collection(EVENTS).one("name", name)
    if definition is not None and definition["schema"] is not None:
        faults = payload_faults(payload, definition["schema"])
        if faults:
            message = "Event payload does not match schema"
            raise Problem("invalid", message, code="event_payload_invalid", details=faults)
    email = body["email"].lower() if "email" in body else None
    delivery = {
        "id": call.ids.uuid4(),
        "event": name,
        "contact_id": _contact_id(call, body) if email is None else _contact_with(call, email),
        "email": email,
        "payload": payload,
        "received_at": call.clock.iso(),
    }
    call.collection(DELIVERIES).put(delivery)
    return {
        "object": "event_delivery",
        "delivery": {"object": "event_delivery", **delivery},
        "resumed_runs": [],
        "automation_runs": [],
    }


def _contact_id(call: Call, body: dict[str, Any]) -> str | None:
    id = (body["contact_id"] if "contact_id" in body else body["contactId"]).lower()
    return id if call.collection(contacts.CONTACTS).get(id) is not None else None


def _contact_with(call: Call, email: str) -> str:
    contact = call.collection(contacts.CONTACTS).one("email", email)
    if contact is None:
        contact = contacts.add(call.part, {"email": email})
    id: str = contact["id"]
    return id


def _require_usable(name: str) -> None:
    if not name.strip():
        raise Problem("invalid", "event_name must be a non-empty string", code="event_name_required")
    if name.lower().startswith("resend:"):
        raise Problem("invalid", f'event_name "{name}" uses reserved prefix "resend:"', code="event_name_reserved")


def _window(call: Call) -> paging.Window:
    """`limit` and `after`, checked here and in no other list."""
    issues = []
    limit_text, after = call.argument("limit"), call.argument("after")
    limit = 50.0 if limit_text is None else coercion.number(limit_text)
    fault = _limit_fault(limit)
    if fault is not None:
        issues.append((("limit",), fault))
    if after == "":
        issues.append((("after",), "Too small: expected string to have >=1 characters"))
    if issues:
        raise invalid(*issues)
    return paging.Window(int(limit), coercion.database_id(after) if after else None)


def _limit_fault(limit: float) -> str | None:
    if isnan(limit) or isinf(limit):
        return f"Invalid input: expected number, received {'NaN' if isnan(limit) else 'number'}"
    if limit != int(limit):
        return "Invalid input: expected int, received number"
    if limit < 1:
        return "Too small: expected number to be >=1"
    return "Too big: expected number to be <=100" if limit > 100 else None


def _only_post(call: Call, identifier: str) -> Answer | None:
    """`/events/send` is a path of its own, so the other methods on it are wrong ones."""
    return to_sign_in(call) if identifier == "send" else None


def _require_short(identifier: str) -> None:
    if js_length(identifier) > _LONGEST_NAME:
        raise form_invalid(f"Too big: expected string to have <={_LONGEST_NAME} characters")


def _found(call: Call, identifier: str) -> dict[str, Any]:
    _require_short(identifier)
    events = call.collection(EVENTS)
    event = events.get(identifier.lower()) if coercion.is_contact_id(identifier) else None
    event = event or events.one("name", identifier)
    if event is None:
        raise Problem("not_found", "Event not found")
    return event


def _put(call: Call, event: dict[str, Any]) -> None:
    try:
        call.collection(EVENTS).put(event)
    except Duplicate:
        raise Problem("internal") from None


def _delete(call: Call, event: dict[str, Any]) -> dict[str, Any]:
    call.collection(EVENTS).delete(event["id"])
    return {"object": "event", "id": event["id"], "deleted": True}
