"""Events: what happened to whom."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AliasChoices, Field
from pydantic_core import PydanticCustomError

from lookalike.clock import iso, parse_instant
from lookalike.models import RequestModel, ResponseModel
from lookalike.vendors.segmailer.schemas.fields import Given, Identifier, RowError, Rows


def _instant(text: str) -> str:
    """The time in the form that answers have."""
    try:
        return iso(parse_instant(text))
    except (ValueError, OverflowError):
        raise PydanticCustomError("instant", "must be an ISO 8601 date and time") from None


class EventInput(RequestModel):
    """`name` and `properties` are other names for `event` and `data` (I)."""

    identifier: Identifier
    event: Annotated[str, Field(min_length=1, max_length=200)] = Field(validation_alias=AliasChoices("event", "name"))
    data: dict[str, Any] = Field(default_factory=dict, validation_alias=AliasChoices("data", "properties"))
    workflowIds: list[str] = Field(default_factory=list)
    occurredAt: Annotated[str | None, Given, AfterValidator(_instant)] = None


class EventsInput(RequestModel):
    events: Rows


class AcceptedEvent(ResponseModel):
    id: str
    event: str
    contactId: str
    status: Literal["accepted"]


class EventRow(ResponseModel):
    """`error` is there for a row that failed, and only then."""

    index: int
    id: str | None
    status: Literal["accepted", "failed"]
    error: RowError | None = None


class EventRows(ResponseModel):
    accepted: int
    failed: int
    results: list[EventRow]


class Event(ResponseModel):
    id: str
    event: str
    data: dict[str, Any]
    occurredAt: str
    receivedAt: str
