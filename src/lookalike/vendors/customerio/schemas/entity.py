"""Track v2: operations on people, objects and deliveries, as the contract document shows them, and the answers."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from lookalike.models import RequestModel, ResponseModel
from lookalike.vendors.customerio.schemas.empty import Empty
from lookalike.vendors.customerio.schemas.moments import LastUsed

Items = list[dict[str, Any]]
Attributes = Annotated[dict[str, Any], BeforeValidator(lambda given: {} if given is None else given)]
"""What may be left out may be null (I)."""


class PersonIdentify(RequestModel):
    type: Literal["person"]
    action: Literal["identify"]
    identifiers: dict[str, Any]
    attributes: Attributes = Field(default_factory=dict)
    timestamp: int | None = None
    cio_relationships: Items = Field(default_factory=list)


class PersonAlone(RequestModel):
    type: Literal["person"]
    action: Literal["delete", "suppress", "unsuppress"]
    identifiers: dict[str, Any]


class PersonEvent(RequestModel):
    type: Literal["person"]
    action: Literal["event", "screen", "page"]
    identifiers: dict[str, Any]
    name: str
    id: str | None = None
    timestamp: int | None = None
    attributes: Attributes = Field(default_factory=dict)


class PersonRelationships(RequestModel):
    type: Literal["person"]
    action: Literal["add_relationships", "delete_relationships"]
    identifiers: dict[str, Any]
    cio_relationships: Items


class NewDevice(RequestModel):
    token: str = Field(min_length=1)
    platform: Literal["ios", "android"]
    last_used: LastUsed = None
    attributes: Attributes = Field(default_factory=dict)


class PersonAddDevice(RequestModel):
    type: Literal["person"]
    action: Literal["add_device"]
    identifiers: dict[str, Any]
    device: NewDevice


class OldDevice(RequestModel):
    token: str = Field(min_length=1)


class PersonDeleteDevice(RequestModel):
    type: Literal["person"]
    action: Literal["delete_device"]
    identifiers: dict[str, Any]
    device: OldDevice


class PersonMerge(RequestModel):
    type: Literal["person"]
    action: Literal["merge"]
    primary: dict[str, Any]
    secondary: dict[str, Any]


class ObjectIdentify(RequestModel):
    type: Literal["object"]
    action: Literal["identify", "identify_anonymous"]
    identifiers: dict[str, Any]
    attributes: Attributes = Field(default_factory=dict)
    cio_relationships: Items = Field(default_factory=list)
    anonymous_id: str | None = None


class ObjectDelete(RequestModel):
    type: Literal["object"]
    action: Literal["delete"]
    identifiers: dict[str, Any]


class ObjectRelationships(RequestModel):
    type: Literal["object"]
    action: Literal["add_relationships", "delete_relationships"]
    identifiers: dict[str, Any]
    cio_relationships: Items


class DeliveryAttributes(RequestModel):
    device_token: str


class DeliveryEvent(RequestModel):
    type: Literal["delivery"]
    action: Literal["event"]
    identifiers: dict[str, Any]
    name: Literal["opened", "converted", "delivered"]
    attributes: DeliveryAttributes
    timestamp: int | None = None


Entity = (
    PersonIdentify
    | PersonAlone
    | PersonEvent
    | PersonRelationships
    | PersonAddDevice
    | PersonDeleteDevice
    | PersonMerge
    | ObjectIdentify
    | ObjectDelete
    | ObjectRelationships
    | DeliveryEvent
)


class BatchInput(RequestModel):
    batch: list[Entity]


class ItemError(ResponseModel):
    batch_index: int
    reason: str
    field: str
    message: str


class BatchErrors(ResponseModel):
    errors: list[ItemError]


BatchAnswer = BatchErrors | Empty
