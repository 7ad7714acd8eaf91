"""Definitions of custom events, and their occurrences."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from lookalike.models import RequestModel, ResponseModel
from lookalike.vendors.autosend.schemas.fields import Email, Required, ValueType

EventName = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class EventPropertyInput(RequestModel):
    propertyName: EventName
    type: ValueType
    description: str | None = None
    suggestedValues: list[Any] | None = None


class EventChange(RequestModel):
    description: str | None = None
    properties: Annotated[list[EventPropertyInput], Field(max_length=50)] | None = None


class EventInput(EventChange):
    eventName: EventName


class EventProperty(ResponseModel):
    propertyName: str
    type: ValueType
    description: str | None
    suggestedValues: list[Any]


class EventDefinition(ResponseModel):
    id: str
    eventName: str
    description: str | None
    properties: list[EventProperty]
    createdAt: str
    updatedAt: str


class EventDefinitions(ResponseModel):
    events: list[EventDefinition]


class SendEventInput(RequestModel):
    eventName: Required
    email: Email | None = None
    contactId: str | None = None
    eventProperties: dict[str, Any] | None = None


class SentEvent(ResponseModel):
    id: str
    eventName: str
    contactId: str
    properties: dict[str, Any]
    createdAt: str
