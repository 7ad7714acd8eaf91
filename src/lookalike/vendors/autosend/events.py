"""Custom events: their definitions, and what happened to whom."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from lookalike.call import Call
from lookalike.clock import iso, parse_instant
from lookalike.part import Part
from lookalike.routes import Routes
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.autosend import people
from lookalike.vendors.autosend.identity import new_id
from lookalike.vendors.autosend.people import CONTACTS
from lookalike.vendors.autosend.problems import (
    CONTACT_NOT_FOUND,
    EVENT_EXISTS,
    EVENT_NOT_FOUND,
    missing,
    rejected,
    taken,
)
from lookalike.vendors.autosend.schemas.events import (
    EventChange,
    EventDefinition,
    EventDefinitions,
    EventInput,
    EventPropertyInput,
    SendEventInput,
    SentEvent,
)
from lookalike.vendors.autosend.schemas.fields import Success

EVENTS = Resource("events", unique=("activeName",), orders=(Order("newest", ("createdAt",), within="state"),))
"""Definitions; a deleted one stays, without its `activeName`, so that its name may be used again (I)."""

OCCURRENCES = Resource("event_occurrences", indexes=("contactId",), orders=(Order("newest", ("createdAt",)),))

_NAME = re.compile(r"[A-Za-z0-9_]+")
_MOST_SUGGESTIONS = 100

routes = Routes("events", doc="https://docs.autosend.com/api-reference/events")


def event_json(document: Document) -> dict[str, Any]:
    """A definition; here, unlike in contacts, what was not given is null or empty."""
    shown = ("id", "eventName", "description", "properties", "createdAt", "updatedAt")
    return {name: document[name] for name in shown}


def make_event(part: Part, name: str, description: str | None, properties: list[dict[str, Any]], at: str) -> Document:
    """A new definition, stored."""
    document = {
        "id": new_id(part),
        "eventName": name,
        "description": description,
        "properties": properties,
        "createdAt": at,
        "updatedAt": at,
        "activeName": name,
        "state": "active",
    }
    part.collection(EVENTS).put(document)
    return document


def property_of(name: str, type: str, description: str | None = None, suggested: Any = None) -> dict[str, Any]:
    """A property in a definition; that nothing given means null and an empty list is inferred."""
    return {"propertyName": name, "type": type, "description": description, "suggestedValues": suggested or []}


def _check_name(field: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise rejected(field, "Only letters, numbers and underscores are allowed")


def _properties(given: list[EventPropertyInput] | None) -> list[dict[str, Any]]:
    seen: set[str] = set()
    for number, item in enumerate(given or ()):
        place = f"properties.{number}.propertyName"
        _check_name(place, item.propertyName)
        if item.propertyName in seen:
            raise rejected(place, f"Duplicate property name: {item.propertyName}")
        seen.add(item.propertyName)
    return [property_of(p.propertyName, p.type, p.description, p.suggestedValues) for p in given or ()]


def _event(call: Call, name: str) -> Document:
    found = call.collection(EVENTS).one("activeName", name)
    if found is None:
        raise missing(EVENT_NOT_FOUND)
    return found


@routes.get("/v1/events", returns=Success[EventDefinitions])
def list_events(call: Call) -> dict[str, Any]:
    """List the definitions in use, newest first."""
    found = call.collection(EVENTS).scan("newest", within="active", descending=True)
    return {"success": True, "data": {"events": [event_json(document) for document in found]}}


@routes.post("/v1/events", body=EventInput, returns=Success[EventDefinition], status=201)
def create_event(call: Call, body: EventInput) -> dict[str, Any]:
    """Define an event; the status 201 and the answer to a taken name are inferred."""
    _check_name("eventName", body.eventName)
    properties = _properties(body.properties)
    if call.collection(EVENTS).one("activeName", body.eventName) is not None:
        raise taken(EVENT_EXISTS)
    document = make_event(call.part, body.eventName, body.description, properties, call.clock.iso())
    return {"success": True, "data": event_json(document)}


@routes.get("/v1/events/eventName/{eventName}", returns=Success[EventDefinition])
def get_event(call: Call, eventName: str) -> dict[str, Any]:
    """Get a definition by its name."""
    return {"success": True, "data": event_json(_event(call, eventName))}


@routes.patch("/v1/events/eventName/{eventName}", body=EventChange, returns=Success[EventDefinition])
def update_event(call: Call, eventName: str, body: EventChange) -> dict[str, Any]:
    """Change a definition's description, or replace all its properties."""
    document = _event(call, eventName)
    if not body.model_fields_set:
        raise rejected("description", "Provide description or properties")
    if "description" in body.model_fields_set:
        document["description"] = body.description
    if "properties" in body.model_fields_set:
        document["properties"] = _properties(body.properties)
    document["updatedAt"] = call.clock.iso_after(document["updatedAt"])
    call.collection(EVENTS).put(document)
    return {"success": True, "data": event_json(document)}


@routes.delete("/v1/events/eventName/{eventName}", returns=Success[EventDefinition])
def delete_event(call: Call, eventName: str) -> dict[str, Any]:
    """Retire a definition: what happened stays, nothing new is taken."""
    document = _event(call, eventName)
    updated_at = call.clock.iso_after(document["updatedAt"])
    document |= {"activeName": None, "state": "deleted", "updatedAt": updated_at}
    call.collection(EVENTS).put(document)
    return {"success": True, "data": event_json(document)}


# --- occurrences --------------------------------------------------------------------------------------------------


@routes.post("/v1/events/send", body=SendEventInput, returns=Success[SentEvent])
def send_event(call: Call, body: SendEventInput) -> dict[str, Any]:
    """Record that an event happened to a contact.

    Values are coerced to the declared types (D). Every refusal, and that undeclared properties are dropped, is
    inferred.
    """
    if body.email is None and body.contactId is None:
        raise rejected("email", "Provide either email or contactId")
    definition = _event(call, body.eventName)
    contact = _contact(call.part, body)
    values = _coerced(definition, body.eventProperties or {})
    occurrence = record(call.part, definition["eventName"], contact["id"], values, call.clock.iso())
    _learn(call.part, definition, values)
    return {"success": True, "data": occurrence}


def _contact(part: Part, body: SendEventInput) -> Document:
    if body.contactId is not None:
        found = part.collection(CONTACTS).get(body.contactId)
    else:
        found = people.by_email(part, body.email or "")
    if found is None:
        raise missing(CONTACT_NOT_FOUND)
    return found


def record(part: Part, event: str, contact_id: str, values: Mapping[str, Any], at: str) -> Document:
    """An occurrence, stored; the API shows it in the answer to its sending alone."""
    occurrence = {
        "id": new_id(part),
        "eventName": event,
        "contactId": contact_id,
        "properties": dict(values),
        "createdAt": at,
    }
    part.collection(OCCURRENCES).put(occurrence)
    return occurrence


def _coerced(definition: Document, given: Mapping[str, Any]) -> dict[str, Any]:
    values = {}
    for declared in definition["properties"]:
        name, type_ = declared["propertyName"], declared["type"]
        raw = given.get(name)
        if raw is not None:
            values[name] = _COERCIONS[type_](raw)
            if values[name] is None:
                article = "a" if type_ != "date" else "a valid"
                raise rejected(f"eventProperties.{name}", f"{name} must be {article} {type_}")
    return values


def _as_string(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, str | int | float) else None


def _as_number(value: Any) -> int | float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?\s*", value):
        return None
    number = float(value)
    if math.isinf(number):
        return None
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _as_boolean(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False, "1": True, "0": False}.get(value.strip().lower())
    return bool(value) if value in (True, False) else None


def _as_date(value: Any) -> str | None:
    """An ISO 8601 text, or milliseconds since 1970, in the form of all other times."""
    try:
        if isinstance(value, str):
            return iso(parse_instant(value))
        return iso(value / 1000) if isinstance(value, int | float) and not isinstance(value, bool) else None
    except (ValueError, OverflowError, OSError):
        return None


_COERCIONS: Mapping[str, Callable[[Any], Any]] = {
    "string": _as_string,
    "number": _as_number,
    "boolean": _as_boolean,
    "date": _as_date,
}


def _learn(part: Part, definition: Document, values: Mapping[str, Any]) -> None:
    """Add new texts to the suggested values, up to a hundred for each property (I on the number)."""
    learned = False
    for declared in definition["properties"]:
        value, known = values.get(declared["propertyName"]), declared["suggestedValues"]
        if declared["type"] == "string" and value and value not in known and len(known) < _MOST_SUGGESTIONS:
            known.append(value)
            learned = True
    if learned:
        part.collection(EVENTS).put(definition)
