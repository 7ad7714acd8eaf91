"""Merge: one person takes over what another one has, who is then gone."""

from __future__ import annotations

from lookalike.part import Part
from lookalike.stores.collection import Document
from lookalike.vendors.customerio import activities, deliveries, objects, people
from lookalike.vendors.customerio.deliveries import DELIVERIES
from lookalike.vendors.customerio.segmentation import SEGMENTS


def merge(part: Part, primary: Document, secondary: Document) -> Document:
    """Give `primary` what it lacks of `secondary`, and delete that one. Returns the person who remains.

    Attributes that are unset or empty, the last 30 days of events, manual segments and deliveries move (D); identifiers
    that `primary` lacks, devices and relationships too (I).
    """
    part.collection(people.PEOPLE).delete(secondary["id"])
    events = [one for one in activities.recent(part, secondary["id"]) if one["type"] in activities.OCCURRENCES]
    after = people.counted(primary, events)
    for name, value in secondary["attributes"].items():
        if after["attributes"].get(name) in (None, ""):
            after["attributes"][name] = value
            after["timestamps"][name] = people.set_at(secondary, name)
    tokens = {device["id"] for device in after["devices"]}
    after["devices"] += [device for device in secondary["devices"] if device["id"] not in tokens]
    after["segments"] = list(dict.fromkeys([*after["segments"], *_manual(part, secondary)]))
    people.identify(after)
    for activity in events:
        activities.give(part, activity, after)
    people.save(part, after, primary)
    _move_deliveries(part, secondary, after)
    objects.move_person(part, secondary["id"], after["id"])
    activities.record(part, after, "profile_merge", {"secondary": people.identifiers_json(secondary)})
    return after


def _manual(part: Part, person: Document) -> list[str]:
    segments = part.collection(SEGMENTS).get_many(person["segments"])
    return [segment["id"] for segment in segments if segment["type"] == "manual"]


def _move_deliveries(part: Part, secondary: Document, primary: Document) -> None:
    moving = part.collection(DELIVERIES)
    for delivery in list(moving.scan("newest", within=deliveries.place(secondary["id"]))):
        named = people.identifiers_json(primary)
        moving.put({**delivery, "cio_id": primary["id"], "customer_identifiers": named})
