"""Events: what happened to a contact. They start workflows and leave the contact's attributes alone."""

from __future__ import annotations

from typing import Any

from lookalike.call import Call
from lookalike.parsing import validate
from lookalike.part import Part
from lookalike.pieces import Steps, in_pieces
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.segmailer import people, workflows
from lookalike.vendors.segmailer.attributes import Tally
from lookalike.vendors.segmailer.problems import row_error
from lookalike.vendors.segmailer.schemas.events import AcceptedEvent, EventInput, EventRows, EventsInput

EVENTS = Resource("events", orders=(Order("newest", ("occurredAt",), within="contactId"),))

routes = Routes("events", doc="https://www.segmailer.com/features/rest-api")

_PATHS = ("/v1/events", "/api/v1/events", "/api/v2/events")


def event_json(document: Document) -> dict[str, Any]:
    """An event as the history of a contact shows it."""
    return {name: document[name] for name in ("id", "event", "data", "occurredAt", "receivedAt")}


def make(part: Part, contact_id: str, name: str, data: dict[str, Any], at: str, received: str) -> Document:
    """A new event, stored."""
    document = {
        "id": part.ids.uuid4(),
        "contactId": contact_id,
        "event": name,
        "data": data,
        "occurredAt": at,
        "receivedAt": received,
    }
    part.collection(EVENTS).put(document)
    return document


def forget(part: Part, contact_id: str) -> None:
    """Drop what happened to a contact."""
    events = part.collection(EVENTS)
    for event in events.scan("newest", within=contact_id):
        events.delete(event["id"])


def _ingest(part: Part, body: EventInput) -> Document:
    contact = people.by_email(part, body.identifier.email)
    if contact is None:
        contact, _ = people.upsert(part, body.identifier.email, None, Tally(part))
    now = part.clock.iso()
    event = make(part, contact["id"], body.event, body.data, body.occurredAt or now, now)
    workflows.happened(part, contact, event, body.workflowIds)
    return event


@routes.post(*_PATHS, body=EventInput, returns=AcceptedEvent, status=202)
def create_event(call: Call, body: EventInput) -> dict[str, Any]:
    """Record that an event happened to a contact, which is created if there is none of that address.

    That an event starts workflows without changing attributes, carries data and may name workflows is documented;
    the names of the members and the answer are inferred.
    """
    event = _ingest(call.part, body)
    return {"id": event["id"], "event": event["event"], "contactId": event["contactId"], "status": "accepted"}


@routes.post("/v1/events/bulk", body=EventsInput, returns=EventRows, status=202)
def create_events(call: Call, body: EventsInput) -> Any:
    """Record up to 1,000 events, in order; a bad one fails alone.

    That there are bulk endpoints is documented; path, request and answer are inferred.
    """
    return in_pieces(call.part, _events(call.part, body.events))


def _events(part: Part, entries: list[Any]) -> Steps[dict[str, Any]]:
    rows = []
    for number, entry in enumerate(entries):
        rows.append(_row(part, number, entry))
        yield
    failed = sum(row["status"] == "failed" for row in rows)
    return {"accepted": len(rows) - failed, "failed": failed, "results": rows}


def _row(part: Part, number: int, row: Any) -> dict[str, Any]:
    try:
        event = _ingest(part, validate(EventInput, row))
    except Problem as problem:
        return {"index": number, "id": None, "status": "failed", "error": row_error(problem)}
    return {"index": number, "id": event["id"], "status": "accepted"}
