"""What the App API tells and learns of the workspace itself."""

from typing import Annotated

from pydantic import Field

from lookalike.models import RequestModel, ResponseModel


class IpAddresses(ResponseModel):
    ip_addresses: list[str]


class Workspace(ResponseModel):
    id: int
    name: str
    messages_sent: int
    billable_messages_sent: int
    people: int
    object_types: int
    objects: int


class Workspaces(ResponseModel):
    workspaces: list[Workspace]


class AttributeMetadata(RequestModel):
    name: Annotated[str, Field(min_length=1)]
    description: str | None = None
    object_type_id: int | None = None
    is_relationship: bool | None = None
    event_name: str | None = None
    privacy_level: int | None = None


class AttributesInput(RequestModel):
    attributes: Annotated[list[AttributeMetadata], Field(min_length=1, max_length=100)]


class EventMetadata(RequestModel):
    name: Annotated[str, Field(min_length=1)]
    description: str | None = None


class EventsInput(RequestModel):
    events: Annotated[list[EventMetadata], Field(min_length=1, max_length=100)]
