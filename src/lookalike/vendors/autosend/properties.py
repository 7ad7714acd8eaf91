"""Contact properties, and the same under their older name, custom fields."""

from __future__ import annotations

from typing import Any

from lookalike.call import Call
from lookalike.part import Part
from lookalike.routes import Routes
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.autosend import people
from lookalike.vendors.autosend.identity import new_id
from lookalike.vendors.autosend.people import CONTACTS
from lookalike.vendors.autosend.problems import (
    CUSTOM_FIELD_EXISTS,
    CUSTOM_FIELD_NOT_FOUND,
    PROPERTY_EXISTS,
    PROPERTY_NOT_FOUND,
    Trouble,
    missing,
    rejected,
    taken,
)
from lookalike.vendors.autosend.schemas.fields import Told, ToldSuccess
from lookalike.vendors.autosend.schemas.properties import (
    CustomField,
    CustomFieldInput,
    CustomFieldList,
    Properties,
    PropertiesQuery,
    Property,
    PropertyInput,
)

PROPERTIES = Resource("contact_properties", unique=("name",), orders=(Order("newest", ("createdAt",)),))

RESERVED = frozenset(
    (
        "firstName", "first_name", "lastName", "last_name", "email", "mobile", "unsubscribed", "unsubscribe",
        "unsubscribe_groups", "unsubscribe_preferences", "userId", "externalId", "createdAt", "updatedAt",
        "contactLists", "address", "address_line_1", "address_line_2", "city", "state", "zip", "country",
    )
)  # fmt: skip

BUILT_IN = {"email": "string", "firstName": "string", "lastName": "string", "createdAt": "date", "userId": "string"}
"""What the listing shows before the project's own; that they have neither id nor times there is inferred."""

routes = Routes("contact properties", doc="https://docs.autosend.com/api-reference/contact-properties")


def property_json(document: Document) -> dict[str, Any]:
    """A property in both spellings, as `/contact-properties` shows it."""
    named = {"name": document["name"], "type": document["type"]}
    return _ordered(document, named | custom_field_json(document))


def custom_field_json(document: Document) -> dict[str, Any]:
    """A property as `/custom-fields` shows it."""
    named = {"fieldName": document["name"], "fieldType": document["type"]}
    return _ordered(document, named | {name: document[name] for name in ("createdAt", "updatedAt") if name in document})


def _ordered(document: Document, shown: dict[str, Any]) -> dict[str, Any]:
    return {"id": document["id"], **shown} if "id" in document else shown


def make_property(part: Part, name: str, type: str, at: str, default: Any = None) -> Document:
    """A new property, stored."""
    document = {"id": new_id(part), "name": name, "type": type, "default": default, "createdAt": at, "updatedAt": at}
    part.collection(PROPERTIES).put(document)
    return document


def _create(call: Call, body: PropertyInput | CustomFieldInput, *, otherwise: Trouble) -> Document:
    if isinstance(body, PropertyInput):
        field, name, type_ = "name", body.name, body.type
    else:
        field, name, type_ = "fieldName", body.fieldName, body.fieldType
    if name in RESERVED:
        raise rejected(field, f"{name} is a reserved field name")
    if call.collection(PROPERTIES).one("name", name) is not None:
        raise taken(otherwise)
    return make_property(call.part, name, type_, call.clock.iso(), body.defaultValue)


def _all(call: Call, query: PropertiesQuery) -> list[Document]:
    built_in = (
        [{"name": name, "type": type_} for name, type_ in BUILT_IN.items()] if query.includeReservedFields else []
    )
    return [*built_in, *call.collection(PROPERTIES).scan("newest", descending=True)]


def _delete(call: Call, name: str, otherwise: Trouble) -> None:
    """Delete a property and its value in every contact that has one."""
    document = call.collection(PROPERTIES).one("name", name)
    if document is None:
        raise missing(otherwise)
    call.collection(PROPERTIES).delete(document["id"])
    contacts = call.collection(CONTACTS)
    for contact in contacts.scan("custom", within=name):
        after = {**contact, "customFields": {k: v for k, v in contact["customFields"].items() if k != name}}
        if not after["customFields"]:
            del after["customFields"]
        people.rewrite(call.part, contact, after)


@routes.get("/v1/contact-properties", query=PropertiesQuery, returns=ToldSuccess[Properties], source="I")
def list_contact_properties(call: Call, query: PropertiesQuery) -> dict[str, Any]:
    """List the properties of contacts, newest first, after the built-in ones; message and key are inferred."""
    shown = [property_json(document) for document in _all(call, query)]
    message = "Contact properties retrieved successfully"
    return {"success": True, "message": message, "data": {"contactProperties": shown}}


@routes.post("/v1/contact-properties", body=PropertyInput, returns=ToldSuccess[Property])
def create_contact_property(call: Call, body: PropertyInput) -> dict[str, Any]:
    """Create a property; that a taken name is a 409 is known, its body is inferred."""
    document = _create(call, body, otherwise=PROPERTY_EXISTS)
    return {"success": True, "message": "Contact property created successfully", "data": property_json(document)}


@routes.get("/v1/contact-properties/name/{propertyName}", returns=ToldSuccess[Property])
def get_contact_property(call: Call, propertyName: str) -> dict[str, Any]:
    """Get a property by its name."""
    document = call.collection(PROPERTIES).one("name", propertyName)
    if document is None:
        raise missing(PROPERTY_NOT_FOUND)
    return {"success": True, "message": "Contact property retrieved successfully", "data": property_json(document)}


@routes.delete("/v1/contact-properties/name/{propertyName}", returns=Told)
def delete_contact_property(call: Call, propertyName: str) -> dict[str, Any]:
    """Delete a property, and its values in all contacts; the message is inferred."""
    _delete(call, propertyName, PROPERTY_NOT_FOUND)
    return {"success": True, "message": "Contact property deleted successfully"}


@routes.get("/v1/custom-fields", query=PropertiesQuery, returns=ToldSuccess[CustomFieldList], source="S")
def list_custom_fields(call: Call, query: PropertiesQuery) -> dict[str, Any]:
    """List the properties under their older name."""
    shown = [custom_field_json(document) for document in _all(call, query)]
    return {"success": True, "message": "Custom fields retrieved successfully", "data": {"customFields": shown}}


@routes.post("/v1/custom-fields", body=CustomFieldInput, returns=ToldSuccess[CustomField], source="S")
def create_custom_field(call: Call, body: CustomFieldInput) -> dict[str, Any]:
    """Create a property under its older name; that a taken name is a 409 is known, its body is inferred."""
    document = _create(call, body, otherwise=CUSTOM_FIELD_EXISTS)
    return {"success": True, "message": "Custom field created successfully", "data": custom_field_json(document)}


@routes.delete("/v1/custom-fields/fieldName/{customFieldName}", returns=Told)
def delete_custom_field(call: Call, customFieldName: str) -> dict[str, Any]:
    """Delete a property under its older name, and its values in all contacts."""
    _delete(call, customFieldName, CUSTOM_FIELD_NOT_FOUND)
    return {"success": True, "message": "Custom field deleted successfully"}
