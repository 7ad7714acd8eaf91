"""Track v1: people, their devices, suppression and merge."""

from __future__ import annotations

from typing import Any

from lookalike.call import Call
from lookalike.routes import Routes
from lookalike.vendors.customerio import devices, merging, people, relating, suppression
from lookalike.vendors.customerio.attributes import faults
from lookalike.vendors.customerio.identification import identify as identify_person
from lookalike.vendors.customerio.identification import note_nobody
from lookalike.vendors.customerio.identifiers import in_body, in_path, is_foreign, somebody
from lookalike.vendors.customerio.problems import refused, rejected
from lookalike.vendors.customerio.schemas.empty import Empty
from lookalike.vendors.customerio.schemas.moments import in_digits
from lookalike.vendors.customerio.schemas.track import DeviceInput, MergeInput, PersonAttributes
from lookalike.vendors.customerio.track_bodies import read_members, read_object, read_time

routes = Routes("people", doc="https://docs.customer.io/integrations/api/track/#tag/Track-Customers")

_DEVICE_MEMBERS = ("id", "platform", "last_used", "attributes", "token")
_ACTIONS = {"add_relationships": True, "delete_relationships": False}


@routes.put("/api/v1/customers/{identifier}", accepts=PersonAttributes, returns=Empty, source="S")
def identify(call: Call, identifier: str) -> dict[str, Any]:
    """Add or update a person.

    A cio_id that is unknown is dropped without a word (D); one that cannot be one is refused, as the service was seen
    to refuse those of other workspaces, which it can tell and we cannot.
    """
    body = read_object(call)
    named = in_path(identifier)
    if is_foreign(named):
        raise rejected("invalid identifier")
    found = [sentence for given in (dict([named]), body) for _, sentence in faults(given)]
    at = read_time(body.get("_timestamp"), "_timestamp")
    relationships = _relationships(body.get("cio_relationships"))
    if found:
        raise rejected(*found)
    only = body.get("_update") is True
    person = identify_person(call.part, *named, body, at, update_only=only)
    if person is None and only:
        note_nobody(call.part, *named, body)
    if person is not None and relationships is not None:
        relating.relate_person(call.part, person, relationships[1], add=relationships[0])
    return {}


def _relationships(value: Any) -> tuple[bool, list[dict[str, Any]]] | None:
    """Whether to add, and which ones. Here it is an object, where Track v2 has a list."""
    if value is None:
        return None
    members = read_members(value, "cio_relationships")
    action, items = members.get("action"), members.get("relationships")
    if not isinstance(action, str) or action not in _ACTIONS:
        raise rejected(f"cio_relationships.action must be one of {', '.join(_ACTIONS)}")
    if not isinstance(items, list):
        raise rejected("cio_relationships.relationships must be an array")
    found = list(relating.faults_of_objects(items, "cio_relationships.relationships"))
    if found:
        raise rejected(*(one["message"] for one in found))
    return _ACTIONS[action], items


@routes.delete("/api/v1/customers/{identifier}", returns=Empty)
def delete(call: Call, identifier: str) -> dict[str, Any]:
    """Delete a person; nobody of that name is no trouble."""
    person = people.find(call.part, *in_path(identifier))
    if person is not None:
        people.delete(call.part, person)
    return {}


@routes.put("/api/v1/customers/{identifier}/devices", accepts=DeviceInput, returns=Empty)
def add_device(call: Call, identifier: str) -> dict[str, Any]:
    """Add a device to a person, or update it; the person is made where there is none (I)."""
    device = read_members(read_object(call).get("device"), "device")
    token, platform = device.get("id"), device.get("platform")
    wrong = [] if isinstance(token, str) and token else ["device id is required"]
    if not isinstance(platform, str) or not platform:
        wrong.append("device platform is required")
    elif platform not in ("ios", "android"):
        wrong.append("device platform must be ios or android")
    if wrong:
        raise rejected(*wrong)
    last_used = read_time(in_digits(device.get("last_used")), "device last_used")
    extra = {name: value for name, value in device.items() if name not in _DEVICE_MEMBERS}
    attributes = extra | read_members(device.get("attributes"), "device attributes")
    person = somebody(call.part, in_path(identifier))
    if person is not None:
        devices.put_device(call.part, person, str(token), str(platform), last_used, attributes)
    return {}


@routes.delete("/api/v1/customers/{identifier}/devices/{device_id}", returns=Empty)
def delete_device(call: Call, identifier: str, device_id: str) -> dict[str, Any]:
    """Take a device from a person; one that is not there is no trouble (I)."""
    person = people.find(call.part, *in_path(identifier))
    if person is not None:
        devices.remove_device(call.part, person, device_id)
    return {}


@routes.post("/api/v1/customers/{identifier}/suppress", returns=Empty)
def suppress(call: Call, identifier: str) -> dict[str, Any]:
    """Delete a person and block its identifiers."""
    suppression.suppress(call.part, *in_path(identifier))
    return {}


@routes.post("/api/v1/customers/{identifier}/unsuppress", returns=Empty)
def unsuppress(call: Call, identifier: str) -> dict[str, Any]:
    """Free the identifiers that were blocked together with this one."""
    suppression.unsuppress(call.part, *in_path(identifier))
    return {}


@routes.post("/api/v1/merge_customers", accepts=MergeInput, returns=Empty)
def merge(call: Call) -> dict[str, Any]:
    """Merge two people; nothing happens when either is not there."""
    body = read_object(call)
    named = {name: in_body(body.get(name), ("id", "email", "cio_id")) for name in ("primary", "secondary")}
    for name, one in named.items():
        if one is None:
            raise refused(f"{name} must have exactly one of id, email or cio_id")
    primary, secondary = (people.find(call.part, *one) for one in named.values() if one is not None)
    if primary is not None and secondary is not None and primary["id"] != secondary["id"]:
        merging.merge(call.part, primary, secondary)
    return {}
