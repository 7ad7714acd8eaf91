"""The store of campaigns, and what sets one off: an event of a person, or that a person comes into a segment.

The vendor's own screens make campaigns; here tests do. They run a moment after what set them off, as the vendor's do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookalike.part import Part
from lookalike.stores import Index, Order, Resource
from lookalike.stores.collection import Document

TRIGGERS: Mapping[str, str] = {"event": "event", "segment": "segment_id"}
"""The kinds of triggers, and the member that says which event or segment."""

OLDEST = 72 * 3600
"""Seconds after which an event sets off nothing any more (D)."""


def key(type: str, of: str | int) -> str:
    """Where campaigns with such a trigger are found."""
    return f"{type} {of}"


def _key(campaign: Document) -> tuple[str]:
    trigger = campaign["trigger"]
    return (key(trigger["type"], trigger[TRIGGERS[trigger["type"]]]),)


CAMPAIGNS = Resource("campaigns", indexes=(Index("trigger", _key),), orders=(Order("number", ("number",)),))
"""id ("7"), number (7), name, trigger ({type, event} or {type, segment_id}), mail (subject, html, text, sender, or
None), created (unix seconds)."""


def happened(part: Part, person: Document, activity: Document) -> None:
    """Set off the campaigns of an event."""
    if activity["type"] == "event" and activity["timestamp"] > part.clock.now() - OLDEST:
        event = {"type": "event", "event": activity["name"], "event_id": activity["id"]}
        _set_off(part, person, key("event", activity["name"]), event, activity["data"])


def passed(part: Part, before: Document | None, person: Document) -> None:
    """Set off the campaigns of the segments that somebody has come into."""
    held = () if before is None else before["segments"]
    if held is person["segments"] or not part.collection(CAMPAIGNS).count():
        return
    for id in person["segments"]:
        if id not in held:
            _set_off(part, person, key("segment", id), {"type": "segment", "segment_id": int(id)}, {})


def _set_off(part: Part, person: Document, by: str, trigger: dict[str, Any], event: Mapping[str, Any]) -> None:
    campaigns = part.collection(CAMPAIGNS)
    for id in campaigns.ids("trigger", by) if campaigns.count() else ():
        payload = {"campaign": id, "person": person["id"], "trigger": trigger, "event": dict(event)}
        part.later(0, "run_campaign", payload)
