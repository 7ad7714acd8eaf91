"""People: found by address or filter, and shown with all that is known of them."""

from __future__ import annotations

from typing import Any

import orjson

from lookalike.call import Call
from lookalike.part import Part
from lookalike.routes import Routes
from lookalike.stores.collection import Document
from lookalike.vendors.customerio import cursors, people, searching, subscriptions
from lookalike.vendors.customerio.attributes import text
from lookalike.vendors.customerio.problems import missing
from lookalike.vendors.customerio.schemas.customers import (
    CustomerAnswer,
    CustomersAnswer,
    CustomerSegments,
    EmailQuery,
    Found,
    FoundByEmail,
    IdsInput,
    SearchInput,
    SearchQuery,
)
from lookalike.vendors.customerio.schemas.identifiers import PersonQuery
from lookalike.vendors.customerio.segmentation import SEGMENTS

routes = Routes("customers", doc="https://docs.customer.io/integrations/api/app/tag/customers/")


def customer(call: Call, id_type: str, value: str) -> Document:
    """The person whom a path names. Raises the vendor's 404."""
    found = people.find(call.part, id_type, value)
    if found is None:
        raise missing("customer")
    return found


def attributes_json(part: Part, person: Document) -> dict[str, str]:
    """Every attribute as text, the identifiers and what follows from the subscription topics among them."""
    shown = {"cio_id": person["id"]}
    for name, value in person["attributes"].items():
        if value is not None:
            shown[name] = text(value)
    computed = subscriptions.computed(part, person)
    if computed:
        shown[subscriptions.COMPUTED] = orjson.dumps(computed).decode()
    return shown


def customer_json(part: Part, person: Document, asked: str) -> dict[str, Any]:
    """A person with everything; `asked` is the identifier that the request named."""
    attributes = attributes_json(part, person)
    set_at = {name: people.set_at(person, name) for name in attributes} | {"cio_id": person["created"]}
    return {
        "customer": {
            "id": asked,
            "identifiers": people.identifiers_json(person),
            "attributes": attributes,
            "timestamps": set_at,
            "unsubscribed": people.is_unsubscribed(person),
            "devices": person["devices"],
        }
    }


@routes.get("/v1/customers", query=EmailQuery, returns=FoundByEmail, source="S")
def get_people_email(call: Call, query: EmailQuery) -> dict[str, Any]:
    """Find the people of an address; where nobody has it, the list is empty."""
    person = people.find(call.part, "email", query.email)
    return {"results": [] if person is None else [people.identifiers_json(person)]}


@routes.post("/v1/customers", query=SearchQuery, body=SearchInput, returns=Found)
def get_people_filter(call: Call, query: SearchQuery, body: SearchInput) -> dict[str, Any]:
    """Search for people by a filter, in the order of their creation (I)."""
    found = searching.found(call.part, searching.read(body.filter), cursors.decode(query.start, str), query.limit + 1)
    shown, last = cursors.cut(found, query.limit)
    return {
        "identifiers": [people.identifiers_json(person) for person in shown],
        "ids": [person["user_id"] or "" for person in shown],
        "next": cursors.following(last, "id"),
    }


@routes.post("/v1/customers/attributes", query=PersonQuery, body=IdsInput, returns=CustomersAnswer)
def get_people_by_id(call: Call, query: PersonQuery, body: IdsInput) -> dict[str, Any]:
    """Get up to 100 people with everything; who is not there is left out."""
    asked = [str(id) for id in body.ids]
    found = [(id, people.find(call.part, query.id_type, id)) for id in asked]
    return {"customers": [customer_json(call.part, person, id) for id, person in found if person is not None]}


@routes.get("/v1/customers/{customer_id}/attributes", query=PersonQuery, returns=CustomerAnswer, source="S")
def get_person_attributes(call: Call, customer_id: str, query: PersonQuery) -> dict[str, Any]:
    """Get a person with attributes and devices."""
    return customer_json(call.part, customer(call, query.id_type, customer_id), customer_id)


@routes.get("/v1/customers/{customer_id}/segments", query=PersonQuery, returns=CustomerSegments)
def get_person_segments(call: Call, customer_id: str, query: PersonQuery) -> dict[str, Any]:
    """List the segments that a person is in, by number (I)."""
    person = customer(call, query.id_type, customer_id)
    segments = sorted(call.collection(SEGMENTS).get_many(person["segments"]), key=lambda segment: segment["number"])
    shown = [{"id": found["number"], "name": found["name"], "description": found["description"]} for found in segments]
    return {"segments": shown}
