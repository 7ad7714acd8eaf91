"""Objects as the App API shows them: their types, found by filter, and who is related to them."""

from __future__ import annotations

from typing import Any

from lookalike.call import Call
from lookalike.routes import Routes
from lookalike.stores.collection import Document
from lookalike.vendors.customerio import cursors, people
from lookalike.vendors.customerio.attributes import text
from lookalike.vendors.customerio.customers import customer
from lookalike.vendors.customerio.filters import Filter, FilterError, Place, compare, parse, shelf
from lookalike.vendors.customerio.objects import (
    OBJECT_TYPES,
    OBJECTS,
    RELATIONSHIPS,
    find_by_cio_object_id,
    find_object,
)
from lookalike.vendors.customerio.people import PEOPLE
from lookalike.vendors.customerio.problems import bad_request, missing
from lookalike.vendors.customerio.schemas.customers import CustomerRelationships, RelationshipsQuery
from lookalike.vendors.customerio.schemas.objects import (
    FoundObjects,
    ObjectAnswer,
    ObjectPeople,
    ObjectPeopleQuery,
    ObjectQuery,
    ObjectsInput,
    ObjectsQuery,
    ObjectTypes,
)

routes = Routes("objects", doc="https://docs.customer.io/integrations/api/app/tag/objects/")

_SHOWN_OF_TYPE = ("id", "name", "slug", "singular_name", "singular_slug", "enabled", "icon")


def identifiers_json(document: Document) -> dict[str, Any]:
    """How answers name an object."""
    return {"object_id": document["object_id"], "cio_object_id": document["id"]}


def attributes_json(document: Document) -> dict[str, str]:
    """Attributes of an object or a relationship, as text."""
    return {name: text(value) for name, value in document["attributes"].items()}


def object_of(call: Call, type: str, id: str, id_type: str) -> Document:
    """The object that a path names. Raises the vendor's 404."""
    found = find_object(call.part, type, id) if id_type == "object_id" else find_by_cio_object_id(call.part, id)
    if found is None or found["type"] != type:
        raise missing("object")
    return found


def read(filter: Any, type: str) -> Filter:
    """A filter over the objects of one type. Raises the vendor's 400."""

    def condition(value: Any) -> Place:
        asked = value.get("type_id", type) if isinstance(value, dict) else type
        if str(asked) != type:
            raise FilterError("object_attribute.type_id must be the type of the objects that are searched")
        return "attributes", shelf(*compare("object_attribute", value))

    try:
        return parse(filter, {"object_attribute": condition})
    except FilterError as error:
        raise bad_request(str(error)) from None


@routes.get("/v1/object_types", returns=ObjectTypes)
def get_object_types(call: Call) -> dict[str, Any]:
    """List the types of objects."""
    types = call.collection(OBJECT_TYPES).scan("number")
    return {"types": [{name: found[name] for name in _SHOWN_OF_TYPE} for found in types]}


@routes.post("/v1/objects", query=ObjectsQuery, body=ObjectsInput, returns=FoundObjects)
def get_objects_filter(call: Call, query: ObjectsQuery, body: ObjectsInput) -> dict[str, Any]:
    """Search for objects of a type by a filter, in the order of their creation (I)."""
    type = str(body.object_type_id)
    filter = read(body.filter, type)
    after = cursors.decode(query.start, str)
    objects = call.collection(OBJECTS)
    ids = objects.select(
        lambda of: filter(lambda place: of(*place)) & of("type", type),
        limit=query.limit + 1,
        after=None if after is None else after[-1],
    )
    found, last = cursors.cut(objects.get_many(ids), query.limit)
    return {
        "identifiers": [identifiers_json(document) for document in found],
        "ids": [document["object_id"] for document in found],
        "next": cursors.following(last, "id"),
    }


@routes.get("/v1/objects/{object_type_id}/{object_id}/attributes", query=ObjectQuery, returns=ObjectAnswer)
def get_object_attributes(call: Call, object_type_id: str, object_id: str, query: ObjectQuery) -> dict[str, Any]:
    """Get an object with its attributes."""
    document = object_of(call, object_type_id, object_id, query.id_type)
    return {
        "object": {
            "object_type_id": document["type"],
            "identifiers": identifiers_json(document),
            "attributes": attributes_json(document),
            "timestamps": document["timestamps"],
        }
    }


@routes.get("/v1/objects/{object_type_id}/{object_id}/relationships", query=ObjectPeopleQuery, returns=ObjectPeople)
def get_object_relationships(
    call: Call, object_type_id: str, object_id: str, query: ObjectPeopleQuery
) -> dict[str, Any]:
    """List the people who are related to an object, in the order of their creation (I)."""
    document = object_of(call, object_type_id, object_id, query.id_type)
    held, after = call.collection(PEOPLE), cursors.decode(query.start, str)
    walk = cursors.walk(
        call.collection(RELATIONSHIPS), "of_object", within=document["id"], after=after, expected=query.limit + 1
    )
    known = (relationship for relationship in walk if relationship["person"] is not None)
    found, last = cursors.cut(known, query.limit)
    everybody = {person["id"]: person for person in held.get_many(relationship["person"] for relationship in found)}
    shown = [_person_json(everybody[relationship["person"]], relationship) for relationship in found]
    return {"cio_relationships": shown, "next": cursors.following(last, "id")}


def _person_json(person: Document, relationship: Document) -> dict[str, Any]:
    return {
        "object_type_id": relationship["type"],
        "identifiers": people.identifiers_json(person),
        "attributes": attributes_json(relationship),
        "timestamps": relationship["timestamps"],
    }


@routes.get("/v1/customers/{customer_id}/relationships", query=RelationshipsQuery, returns=CustomerRelationships)
def get_person_relationships(call: Call, customer_id: str, query: RelationshipsQuery) -> dict[str, Any]:
    """List the objects that a person is related to, in the order of their creation (I)."""
    person = customer(call, query.id_type, customer_id)
    after = cursors.decode(query.start, str)
    page = call.collection(RELATIONSHIPS).page("of_person", limit=query.limit, within=person["id"], after=after)
    found = page.documents
    objects = {document["id"]: document for document in call.collection(OBJECTS).get_many(r["object"] for r in found)}
    return {
        "cio_relationships": [_object_json(objects[relationship["object"]], relationship) for relationship in found],
        "next": cursors.following(found[-1] if page.has_more else None, "id"),
    }


def _object_json(document: Document, relationship: Document) -> dict[str, Any]:
    return {
        "object_type_id": int(document["type"]),
        "identifiers": identifiers_json(document),
        "attributes": attributes_json(relationship),
        "timestamps": relationship["timestamps"],
    }
