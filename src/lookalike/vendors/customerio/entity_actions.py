"""Track v2: what each operation does, once it is known to make sense."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lookalike.part import Part
from lookalike.vendors.customerio import devices, merging, objects, people, relating, suppression
from lookalike.vendors.customerio.attributes import faults
from lookalike.vendors.customerio.happenings import LONGEST_NAME, Happening, note
from lookalike.vendors.customerio.identification import identify
from lookalike.vendors.customerio.identifiers import Named, in_body, somebody
from lookalike.vendors.customerio.relating import Fault, fault
from lookalike.vendors.customerio.schemas import entity as schemas
from lookalike.vendors.customerio.track_deliveries import report

Act = Callable[[Part, Any], None]

MERGEABLE = ("id", "email", "cio_id")


# --- people ----------------------------------------------------------------------------------------------------------


def _named(operation: Any) -> Named:
    named = in_body(operation.identifiers)
    assert named is not None, "checked by `faults_of`"
    return named


def _identify(part: Part, operation: schemas.PersonIdentify) -> None:
    only = operation.attributes.get("_update") is True
    person = identify(part, *_named(operation), operation.attributes, operation.timestamp, update_only=only)
    if person is not None:
        relating.relate_person(part, person, operation.cio_relationships)


def _delete(part: Part, operation: schemas.PersonAlone) -> None:
    person = people.find(part, *_named(operation))
    if person is not None:
        people.delete(part, person)


def _suppress(part: Part, operation: schemas.PersonAlone) -> None:
    suppression.suppress(part, *_named(operation))


def _unsuppress(part: Part, operation: schemas.PersonAlone) -> None:
    suppression.unsuppress(part, *_named(operation))


def _event(part: Part, operation: schemas.PersonEvent) -> None:
    name = operation.name.strip()
    happening = Happening(operation.action, name, operation.attributes, operation.timestamp, operation.id)
    note(part, _named(operation), happening)


def _relate(part: Part, operation: schemas.PersonRelationships) -> None:
    add, named = operation.action == "add_relationships", _named(operation)
    person = somebody(part, named) if add else people.find(part, *named)
    if person is not None:
        relating.relate_person(part, person, operation.cio_relationships, add=add)


def _add_device(part: Part, operation: schemas.PersonAddDevice) -> None:
    person, device = somebody(part, _named(operation)), operation.device
    if person is not None:
        devices.put_device(part, person, device.token, device.platform, device.last_used, device.attributes)


def _delete_device(part: Part, operation: schemas.PersonDeleteDevice) -> None:
    person = people.find(part, *_named(operation))
    if person is not None:
        devices.remove_device(part, person, operation.device.token)


def _merge(part: Part, operation: schemas.PersonMerge) -> None:
    found = [in_body(one, MERGEABLE) for one in (operation.primary, operation.secondary)]
    primary, secondary = (people.find(part, *named) if named else None for named in found)
    if primary is not None and secondary is not None and primary["id"] != secondary["id"]:
        merging.merge(part, primary, secondary)


# --- objects and deliveries ------------------------------------------------------------------------------------------


def _identify_object(part: Part, operation: schemas.ObjectIdentify) -> None:
    found = relating.find_object(part, operation.identifiers, make=True)
    if found is None:
        return
    document = objects.change(part, found, operation.attributes)
    if operation.action == "identify":
        relating.relate_object(part, document, operation.cio_relationships)
        return
    alone = [{"identifiers": {"anonymous_id": operation.anonymous_id}}] if operation.anonymous_id else []
    relating.relate_anonymous(part, document, [*alone, *operation.cio_relationships])


def _delete_object(part: Part, operation: schemas.ObjectDelete) -> None:
    found = relating.find_object(part, operation.identifiers, make=False)
    if found is not None:
        objects.delete_object(part, found)


def _relate_object(part: Part, operation: schemas.ObjectRelationships) -> None:
    add = operation.action == "add_relationships"
    found = relating.find_object(part, operation.identifiers, make=add)
    if found is not None:
        relating.relate_object(part, found, operation.cio_relationships, add=add)


def _delivery_event(part: Part, operation: schemas.DeliveryEvent) -> None:
    more = {"device_token": operation.attributes.device_token}
    report(part, operation.identifiers["id"], operation.name, operation.timestamp, more)


ACTIONS: Mapping[str, Mapping[str, tuple[Any, Act]]] = {
    "person": {
        "identify": (schemas.PersonIdentify, _identify),
        "delete": (schemas.PersonAlone, _delete),
        "suppress": (schemas.PersonAlone, _suppress),
        "unsuppress": (schemas.PersonAlone, _unsuppress),
        "event": (schemas.PersonEvent, _event),
        "screen": (schemas.PersonEvent, _event),
        "page": (schemas.PersonEvent, _event),
        "add_relationships": (schemas.PersonRelationships, _relate),
        "delete_relationships": (schemas.PersonRelationships, _relate),
        "add_device": (schemas.PersonAddDevice, _add_device),
        "delete_device": (schemas.PersonDeleteDevice, _delete_device),
        "merge": (schemas.PersonMerge, _merge),
    },
    "object": {
        "identify": (schemas.ObjectIdentify, _identify_object),
        "identify_anonymous": (schemas.ObjectIdentify, _identify_object),
        "delete": (schemas.ObjectDelete, _delete_object),
        "add_relationships": (schemas.ObjectRelationships, _relate_object),
        "delete_relationships": (schemas.ObjectRelationships, _relate_object),
    },
    "delivery": {"event": (schemas.DeliveryEvent, _delivery_event)},
}
"""type -> action -> (model, what it does)."""


def faults_of(operation: Any) -> Iterator[Fault]:
    """What is wrong with an operation although it has the form that its model asks for."""
    if operation.type == "delivery":
        if not isinstance(operation.identifiers.get("id"), str):
            yield fault("required", "identifiers.id", "identifiers.id is required")
    elif operation.type == "object":
        yield from relating.object_faults(operation.identifiers)
        yield from _object_relationships(operation)
    elif operation.action == "merge":
        for field in ("primary", "secondary"):
            if in_body(getattr(operation, field), MERGEABLE) is None:
                yield fault("invalid", field, f"{field} must have exactly one of id, email or cio_id")
    else:
        yield from _person_faults(operation)


def _person_faults(operation: Any) -> Iterator[Fault]:
    if all(value in (None, "") for value in operation.identifiers.values()):
        yield fault("required", "identifiers", "identifiers is required")
    elif in_body(operation.identifiers) is None:
        text = "identifiers must have exactly one of id, email, phone or cio_id"
        yield fault("invalid", "identifiers", text)
    if operation.action == "identify":
        for name, sentence in faults(operation.attributes):
            yield fault("invalid", f"attributes.{name}".rstrip("."), sentence)
    if operation.action in ("event", "screen", "page"):
        yield from _name_faults(operation.action, operation.name.strip())
    yield from relating.faults_of_objects(getattr(operation, "cio_relationships", []))


def _name_faults(action: str, name: str) -> Iterator[Fault]:
    if not name:
        yield fault("required", "name", "name is required")
    elif action == "event" and len(name.encode()) > LONGEST_NAME:
        yield fault("invalid", "name", f"name cannot be longer than {LONGEST_NAME} bytes")


def _object_relationships(operation: Any) -> Iterator[Fault]:
    types = ("anonymous_id",) if operation.action == "identify_anonymous" else people.ID_TYPES
    yield from relating.faults_of_people(getattr(operation, "cio_relationships", []), types)
