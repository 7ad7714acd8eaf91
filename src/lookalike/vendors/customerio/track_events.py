"""Track v1: events of people who are known, and of those who are not yet."""

from __future__ import annotations

from typing import Any

import orjson

from lookalike.call import Call
from lookalike.routes import Routes
from lookalike.vendors.customerio.activities import OCCURRENCES
from lookalike.vendors.customerio.attributes import text
from lookalike.vendors.customerio.happenings import LONGEST_NAME, Happening, note, note_anonymous
from lookalike.vendors.customerio.identifiers import in_path
from lookalike.vendors.customerio.problems import rejected
from lookalike.vendors.customerio.schemas.empty import Empty
from lookalike.vendors.customerio.schemas.track import AnonymousEventInput, EventInput
from lookalike.vendors.customerio.track_bodies import read_members, read_object, read_time

routes = Routes("events", doc="https://docs.customer.io/integrations/api/track/#tag/Track-Events")

LONGEST_DATA = 100_000
"""Bytes (D)."""


@routes.post("/api/v1/customers/{identifier}/events", accepts=EventInput, returns=Empty)
def track(call: Call, identifier: str) -> dict[str, Any]:
    """Note an event, page or screen view of a person, who is made where there is none (I)."""
    note(call.part, in_path(identifier), _read(read_object(call)))
    return {}


@routes.post("/api/v1/events", accepts=AnonymousEventInput, returns=Empty)
def track_anonymous(call: Call) -> dict[str, Any]:
    """Note an event of somebody who is not known yet.

    Without an anonymous id it is an invitation, sent to `data.recipient`; nobody can be given it later.
    """
    body = read_object(call)
    happening = _read(body)
    anonymous_id = body.get("anonymous_id")
    if anonymous_id not in (None, "") and (isinstance(anonymous_id, bool) or not isinstance(anonymous_id, str | int)):
        raise rejected("anonymous_id must be a string")
    note_anonymous(call.part, text(anonymous_id) if anonymous_id not in (None, "") else None, happening)
    return {}


def _read(body: dict[str, Any]) -> Happening:
    name, type_ = body.get("name"), body.get("type")
    if not isinstance(name, str) or not name.strip():
        raise rejected("name is required")
    kind = type_ if isinstance(type_, str) and type_ in OCCURRENCES else "event"
    if kind == "event" and len(name.strip().encode()) > LONGEST_NAME:
        raise rejected(f"name cannot be longer than {LONGEST_NAME} bytes")
    data = read_members(body.get("data"), "data")
    if len(orjson.dumps(data)) > LONGEST_DATA:
        raise rejected(f"data cannot be larger than {LONGEST_DATA} bytes")
    id = body.get("id")
    return Happening(kind, name.strip(), data, read_time(body.get("timestamp")), id if isinstance(id, str) else None)
