"""Devices of a person: tokens that push messages go to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookalike.part import Part
from lookalike.stores.collection import Document
from lookalike.vendors.customerio import activities, people
from lookalike.vendors.customerio.attributes import text

LAST_STATUS = "_last_status"
"""What became of the last push; only the vendor says that (D)."""


def put_device(
    part: Part, person: Document, token: str, platform: str, last_used: int | None, attributes: Mapping[str, Any]
) -> Document:
    """Add a device, or update the one with this token; returns the person. Values of attributes become texts."""
    old = next((device for device in person["devices"] if device["id"] == token), None)
    told = {name: text(value) for name, value in attributes.items() if value is not None and name != LAST_STATUS}
    device = {
        "id": token,
        "platform": platform,
        "last_used": int(part.clock.now()) if last_used is None else last_used,
        "attributes": {**(old["attributes"] if old else {}), **told},
    }
    after = people.copied(person)
    if old is None:
        after["devices"].append(device)
    else:
        after["devices"] = [device if one is old else one for one in person["devices"]]
    people.save(part, after, person)
    activities.record(part, after, "device_change", {"device": device})
    return after


def remove_device(part: Part, person: Document, token: str) -> None:
    """Take a device away; one that is not there is none the less gone."""
    kept = [device for device in person["devices"] if device["id"] != token]
    if len(kept) < len(person["devices"]):
        after = people.copied(person)
        after["devices"] = kept
        people.save(part, after, person)
        activities.record(part, after, "device_change", {"removed": token})
