"""Contacts, one by one and in bulk."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from lookalike.models import RequestModel, ResponseModel
from lookalike.vendors.segmailer.schemas.fields import (
    MOST_ROWS,
    Given,
    Identifier,
    PageQuery,
    RowError,
    Rows,
    Status,
)

_LONGEST_NAME = 100


def _name(text: str) -> str:
    if not 1 <= len(text) <= _LONGEST_NAME:
        raise PydanticCustomError("attribute_name", "must have a name of 1 to 100 characters")
    return text


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        raise PydanticCustomError("attribute_value", "must not be an object")
    if isinstance(value, list) and not all(isinstance(item, str | int | float) for item in value):
        raise PydanticCustomError("attribute_value", "must be an array of strings, numbers and booleans")
    return value


Attributes = dict[Annotated[str, AfterValidator(_name)], Annotated[Any, AfterValidator(_value)]]
"""Free names; values are text, numbers, booleans, arrays of these, or null to remove the attribute (I)."""

SettableStatus = Literal["subscribed", "unsubscribed"]


class ContactInput(RequestModel):
    """Attributes merge into those there are, so leaving them out and sending none is the same (I)."""

    identifier: Identifier
    attributes: Attributes = Field(default_factory=dict)
    status: SettableStatus = "subscribed"


class ContactChange(RequestModel):
    identifier: Annotated[Identifier | None, Given] = None
    attributes: Attributes = Field(default_factory=dict)
    status: SettableStatus = "subscribed"


class ContactsQuery(PageQuery):
    email: str | None = None
    segmentId: str | None = None
    status: Status | None = None


class BulkInput(RequestModel):
    contacts: Rows


Chosen = Annotated[list[str] | None, Given, Field(min_length=1, max_length=MOST_ROWS)]


class BulkDeleteInput(RequestModel):
    """Contacts by id or by address, one of the two."""

    ids: Chosen = None
    emails: Chosen = None


class ShownIdentifier(ResponseModel):
    email: str


class SegmentOfContact(ResponseModel):
    id: str
    name: str


class Contact(ResponseModel):
    id: str
    identifier: ShownIdentifier
    attributes: dict[str, Any]
    status: Status
    segments: list[SegmentOfContact]
    createdAt: str
    updatedAt: str


class BulkRow(ResponseModel):
    """`error` is there for a row that failed, and only then; `email` is null where the row named none."""

    index: int
    id: str | None
    email: str | None
    status: Literal["created", "updated", "failed"]
    error: RowError | None = None


class BulkResult(ResponseModel):
    created: int
    updated: int
    failed: int
    results: list[BulkRow]


class BulkDeleteResult(ResponseModel):
    deleted: int
    notFound: list[str]
