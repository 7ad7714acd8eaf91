"""`cio_relationships` in requests: who is related to what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lookalike.part import Part
from lookalike.stores.collection import Document
from lookalike.vendors.customerio import activities, objects, people
from lookalike.vendors.customerio.identifiers import in_body, somebody

Fault = dict[str, str]
"""reason, field, message, as Track v2 tells them."""


def fault(reason: str, field: str, message: str) -> Fault:
    return {"reason": reason, "field": field, "message": message}


def object_faults(identifiers: Any, field: str = "identifiers") -> Iterator[Fault]:
    """What is wrong with `{"object_type_id", "object_id"}` or `{"cio_object_id"}`."""
    if not isinstance(identifiers, dict):
        yield fault("required", field, f"{field} is required")
    elif not _is_text(identifiers.get("cio_object_id")):
        for name in ("object_type_id", "object_id"):
            if not _is_text(identifiers.get(name)):
                yield fault("required", f"{field}.{name}", f"{field}.{name} is required")
        if _is_text(identifiers.get("object_type_id")) and not str(identifiers["object_type_id"]).isdecimal():
            yield fault("invalid", f"{field}.object_type_id", f"{field}.object_type_id is invalid")


def _is_text(value: Any) -> bool:
    return (isinstance(value, str) and value != "") or type(value) is int


def find_object(part: Part, identifiers: dict[str, Any], *, make: bool) -> Document | None:
    """The object that valid identifiers name; a cio_object_id finds only what is there (D)."""
    if _is_text(identifiers.get("cio_object_id")):
        return objects.find_by_cio_object_id(part, str(identifiers["cio_object_id"]))
    key = str(int(identifiers["object_type_id"])), str(identifiers["object_id"])
    return objects.ensure(part, *key) if make else objects.find_object(part, *key)


def faults_of_objects(items: Any, field: str = "cio_relationships") -> Iterator[Fault]:
    """What is wrong with a list of objects that a person shall be related to."""
    for place, item in _items(items, field):
        yield from _attribute_faults(item, place) if isinstance(item, dict) else ()
        yield from object_faults(item.get("identifiers") if isinstance(item, dict) else None, f"{place}.identifiers")


def faults_of_people(items: Any, types: tuple[str, ...], field: str = "cio_relationships") -> Iterator[Fault]:
    """What is wrong with a list of people that an object shall be related to, named by one of `types`."""
    for place, item in _items(items, field):
        yield from _attribute_faults(item, place) if isinstance(item, dict) else ()
        if in_body(item.get("identifiers") if isinstance(item, dict) else None, types) is None:
            yield fault("invalid", f"{place}.identifiers", f"{place}.identifiers must have exactly one identifier")


def _items(items: Any, field: str) -> Iterator[tuple[str, Any]]:
    for number, item in enumerate(items):
        yield f"{field}.{number}", item


def _attribute_faults(item: dict[str, Any], place: str) -> Iterator[Fault]:
    attributes = item.get("relationship_attributes")
    if attributes is not None and not isinstance(attributes, dict):
        field = f"{place}.relationship_attributes"
        yield fault("invalid", field, f"{field} must be an object")


def relate_person(part: Part, person: Document, items: list[dict[str, Any]], *, add: bool = True) -> None:
    """Relate somebody to the objects of a valid list, or end that."""
    for item in items:
        document = find_object(part, item["identifiers"], make=add)
        if document is not None:
            _relate(part, person, document, item, add)


def relate_object(part: Part, document: Document, items: list[dict[str, Any]], *, add: bool = True) -> None:
    """Relate the people of a valid list to an object, or end that; people who are not there are made to be related."""
    for item in items:
        named = in_body(item["identifiers"])
        person = None if named is None else somebody(part, named) if add else people.find(part, *named)
        if person is not None:
            _relate(part, person, document, item, add)


def relate_anonymous(part: Part, document: Document, items: list[dict[str, Any]]) -> None:
    """Relate the unknown people of a valid list to an object."""
    for item in items:
        anonymous_id = str(item["identifiers"]["anonymous_id"])
        person = people.find(part, "anonymous_id", anonymous_id)
        if person is not None:
            _relate(part, person, document, item, True)
        else:
            objects.relate_anonymous(part, anonymous_id, document, item.get("relationship_attributes") or {})


def _relate(part: Part, person: Document, document: Document, item: dict[str, Any], add: bool) -> None:
    data = {"object_type_id": document["type"], "object_id": document["object_id"], "cio_object_id": document["id"]}
    if add and objects.relate(part, person["id"], document, item.get("relationship_attributes") or {}):
        activities.record(part, person, "add_relationship", data)
    elif not add and objects.unrelate(part, person["id"], document):
        activities.record(part, person, "delete_relationship", data)
