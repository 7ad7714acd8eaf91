"""People as the App API shows them."""

from typing import Annotated, Any

from pydantic import Field

from lookalike.models import RequestModel, ResponseModel
from lookalike.vendors.customerio.schemas.identifiers import Identifiers, PersonQuery
from lookalike.vendors.customerio.schemas.objects import ObjectIdentifiers
from lookalike.vendors.customerio.schemas.paging import Limit1000, QueryModel


class EmailQuery(QueryModel):
    email: Annotated[str, Field(min_length=1)]


class FoundByEmail(ResponseModel):
    results: list[Identifiers]


class SearchQuery(QueryModel):
    start: str = ""
    limit: Limit1000 = 50


class SearchInput(RequestModel):
    """`filter` is read by `filters.py`."""

    filter: dict[str, Any]


class Found(ResponseModel):
    """`ids` holds "" for a person without an id; `next` is empty on the last page."""

    identifiers: list[Identifiers]
    ids: list[str]
    next: str


class Device(ResponseModel):
    id: str
    platform: str
    last_used: int
    attributes: dict[str, str]


class Customer(ResponseModel):
    """`id` is the identifier that was asked for; every value of `attributes` is text."""

    id: str
    identifiers: Identifiers
    attributes: dict[str, str]
    timestamps: dict[str, int]
    unsubscribed: bool
    devices: list[Device]


class CustomerAnswer(ResponseModel):
    customer: Customer


class IdsInput(RequestModel):
    """Numbers are taken for their texts (I)."""

    ids: Annotated[list[str | int], Field(min_length=1, max_length=100)]


class CustomersAnswer(ResponseModel):
    customers: list[CustomerAnswer]


class CustomerSegment(ResponseModel):
    id: int
    name: str
    description: str


class CustomerSegments(ResponseModel):
    segments: list[CustomerSegment]


class RelationshipsQuery(PersonQuery):
    start: str = ""
    limit: Limit1000 = 50


class CustomerRelationship(ResponseModel):
    object_type_id: int
    identifiers: ObjectIdentifiers
    attributes: dict[str, str]
    timestamps: dict[str, int]


class CustomerRelationships(ResponseModel):
    cio_relationships: list[CustomerRelationship]
    next: str
