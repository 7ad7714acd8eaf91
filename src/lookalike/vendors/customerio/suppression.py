"""Identifiers that nobody may have any more: the profile is gone, and calls about them are ignored."""

from __future__ import annotations

from lookalike.part import Part
from lookalike.stores import Resource
from lookalike.vendors.customerio import people

SUPPRESSIONS = Resource("suppressions", indexes=("keys",))
"""id, keys: the identifiers that were blocked together, as `key` writes them."""


def key(id_type: str, value: str) -> str:
    return f"{id_type}:{value.lower() if id_type == 'email' else value}"


def is_suppressed(part: Part, id_type: str, value: str) -> bool:
    return part.collection(SUPPRESSIONS).count("keys", key(id_type, value)) > 0


def suppress(part: Part, id_type: str, value: str) -> None:
    """Delete the person and block all identifiers that it had; of nobody, the one that was said (D)."""
    value = value.removeprefix("cio_") if id_type == "cio_id" else value
    person = people.find(part, id_type, value)
    if person is None and (id_type == "cio_id" or is_suppressed(part, id_type, value)):
        return
    had = people.identifiers_json(person) if person is not None else {}
    keys = {key(id_type, value), *(key(name, text) for name, text in had.items() if text is not None)}
    part.collection(SUPPRESSIONS).put({"id": part.ids.hex(24), "keys": sorted(keys)})
    if person is not None:
        people.delete(part, person)


def unsuppress(part: Part, id_type: str, value: str) -> None:
    """Free every identifier that was blocked together with this one; nobody comes back (D)."""
    blocked = part.collection(SUPPRESSIONS)
    for id in blocked.ids("keys", key(id_type, value.removeprefix("cio_") if id_type == "cio_id" else value)):
        blocked.delete(id)
