"""Objects, what people are related to, and how."""

from typing import Any, Literal

from lookalike.models import RequestModel, ResponseModel
from lookalike.vendors.customerio.schemas.identifiers import Identifiers
from lookalike.vendors.customerio.schemas.paging import Limit1000, QueryModel


class ObjectType(ResponseModel):
    id: str
    name: str
    slug: str
    singular_name: str
    singular_slug: str
    enabled: bool
    icon: str


class ObjectTypes(ResponseModel):
    types: list[ObjectType]


class ObjectsQuery(QueryModel):
    start: str = ""
    limit: Limit1000 = 50


class ObjectsInput(RequestModel):
    """`filter` is read by `filters.py`."""

    object_type_id: str | int
    filter: dict[str, Any]


class ObjectIdentifiers(ResponseModel):
    object_id: str | None
    cio_object_id: str


class FoundObjects(ResponseModel):
    identifiers: list[ObjectIdentifiers]
    ids: list[str]
    next: str


class ObjectQuery(QueryModel):
    id_type: Literal["object_id", "cio_object_id"] = "object_id"


class ObjectPeopleQuery(ObjectQuery):
    start: str = ""
    limit: Limit1000 = 100


class ObjectShown(ResponseModel):
    object_type_id: str
    identifiers: ObjectIdentifiers
    attributes: dict[str, str]
    timestamps: dict[str, int]


class ObjectAnswer(ResponseModel):
    object: ObjectShown


class ObjectPerson(ResponseModel):
    """A person related to the object; which members beside `identifiers` there are is inferred."""

    object_type_id: str
    identifiers: Identifiers
    attributes: dict[str, str]
    timestamps: dict[str, int]


class ObjectPeople(ResponseModel):
    cio_relationships: list[ObjectPerson]
    next: str
