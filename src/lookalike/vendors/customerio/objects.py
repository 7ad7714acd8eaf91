"""The store of objects (companies, courses, ...), their types, and how people are related to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookalike.part import Part
from lookalike.stores import Index, Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.customerio.filters import shelves
from lookalike.vendors.customerio.identity import new_cio_object_id

OBJECT_TYPES = Resource("object_types", orders=(Order("number", ("number",)),))
"""id ("1"), number (1), name, slug, singular_name, singular_slug, enabled, icon."""


def fields(document: Document) -> dict[str, Any]:
    """The attributes of an object; both of its ids count among them (I)."""
    return {**document["attributes"], "object_id": document["object_id"], "cio_object_id": document["id"]}


OBJECTS = Resource(
    "objects", unique=("key",), sets=("type", Index("attributes", lambda document: shelves(fields(document))))
)
"""id (the cio_object_id), key (type and object_id), type ("1"), object_id, attributes, timestamps, created. The order
of ids is that of creation; the sets are those of each type, and of what has a field as `filters.shelf` names it."""

RELATIONSHIPS = Resource(
    "relationships",
    indexes=(Index("person"), Index("object"), Index("anonymous_id")),
    orders=(Order("of_person", within="person"), Order("of_object", within="object")),
)
"""id (person and object), person (a cio_id, or None), anonymous_id (or None), object (a cio_object_id), type,
attributes, timestamps. People's relationships sort by object, objects' by person."""


def add_type(part: Part, id: str, name: str, singular: str, icon: str = "building") -> Document:
    """A new type of objects."""
    document: Document = {
        "id": id,
        "number": int(id),
        "name": name,
        "slug": name.lower().replace(" ", "-"),
        "singular_name": singular,
        "singular_slug": singular.lower().replace(" ", "-"),
        "enabled": True,
        "icon": icon,
    }
    part.collection(OBJECT_TYPES).put(document)
    return document


def find_object(part: Part, type: str, object_id: str) -> Document | None:
    return part.collection(OBJECTS).one("key", f"{type}\n{object_id}")


def find_by_cio_object_id(part: Part, cio_object_id: str) -> Document | None:
    return part.collection(OBJECTS).get(cio_object_id)


def ensure(part: Part, type: str, object_id: str) -> Document:
    """The object, made where there is none. A type that was never seen is made too (I: the vendor's screens do it)."""
    found = find_object(part, type, object_id)
    if found is not None:
        return found
    if part.collection(OBJECT_TYPES).get(type) is None:
        add_type(part, type, f"Objects {type}", f"Object {type}")
    document: Document = {
        "id": new_cio_object_id(part.collection(OBJECTS), part),
        "key": f"{type}\n{object_id}",
        "type": type,
        "object_id": object_id,
        "attributes": {},
        "timestamps": {},
        "created": int(part.clock.now()),
    }
    part.collection(OBJECTS).put(document)
    return document


def change(part: Part, document: Document, attributes: Mapping[str, Any]) -> Document:
    """Merge attributes into an object; null or "" removes one (D)."""
    after = merged(part, document, attributes)
    part.collection(OBJECTS).put(after)
    return after


def merged(part: Part, document: Document, attributes: Mapping[str, Any]) -> Document:
    """An object or relationship with more attributes, not stored."""
    after = {**document, "attributes": dict(document["attributes"]), "timestamps": dict(document["timestamps"])}
    for name, value in attributes.items():
        if value in (None, ""):
            after["attributes"].pop(name, None)
            after["timestamps"].pop(name, None)
        else:
            after["attributes"][name] = value
            after["timestamps"][name] = int(part.clock.now())
    return after


def delete_object(part: Part, document: Document) -> None:
    """Take an object away, and who was related to it."""
    relationships = part.collection(RELATIONSHIPS)
    for id in relationships.ids("object", document["id"]):
        relationships.delete(id)
    part.collection(OBJECTS).delete(document["id"])


def relate(part: Part, cio_id: str, document: Document, attributes: Mapping[str, Any]) -> bool:
    """Relate somebody to an object, or change how; false when they were related already."""
    return _relate(part, f"{cio_id}/{document['id']}", document, attributes, person=cio_id, anonymous_id=None)


def relate_anonymous(part: Part, anonymous_id: str, document: Document, attributes: Mapping[str, Any]) -> bool:
    """The same for somebody who is not known yet."""
    id = f"anonymous {anonymous_id}/{document['id']}"
    return _relate(part, id, document, attributes, person=None, anonymous_id=anonymous_id)


def _relate(part: Part, id: str, document: Document, attributes: Mapping[str, Any], **whose: str | None) -> bool:
    relationships = part.collection(RELATIONSHIPS)
    before = relationships.get(id)
    fresh = {"id": id, "object": document["id"], "type": document["type"], "attributes": {}, "timestamps": {}, **whose}
    relationships.put(merged(part, before or fresh, attributes))
    return before is None


def unrelate(part: Part, cio_id: str, document: Document) -> bool:
    """False when they were not related."""
    return part.collection(RELATIONSHIPS).delete(f"{cio_id}/{document['id']}")


def forget_person(part: Part, cio_id: str) -> None:
    """Drop every relationship of somebody."""
    relationships = part.collection(RELATIONSHIPS)
    for id in relationships.ids("person", cio_id):
        relationships.delete(id)


def move_person(part: Part, source: str, target: str) -> None:
    """Give somebody's relationships to somebody else, who keeps those of their own."""
    relationships = part.collection(RELATIONSHIPS)
    for document in relationships.find("person", source):
        relationships.delete(document["id"])
        id = f"{target}/{document['object']}"
        if relationships.get(id) is None:
            relationships.put({**document, "id": id, "person": target})


def claim_anonymous(part: Part, anonymous_id: str, cio_id: str) -> None:
    """Give what was related to an anonymous id to the person it turned out to be (D)."""
    relationships = part.collection(RELATIONSHIPS)
    for document in relationships.find("anonymous_id", anonymous_id):
        relationships.delete(document["id"])
        id = f"{cio_id}/{document['object']}"
        if relationships.get(id) is None:
            relationships.put({**document, "id": id, "person": cio_id, "anonymous_id": None})
