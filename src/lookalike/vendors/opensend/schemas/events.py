"""Event definitions and event deliveries."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from lookalike.models import ResponseModel
from lookalike.vendors.opensend.event_schemas import schema_faults
from lookalike.vendors.opensend.validation import UNSET, Body, Email, Length, Rule, Uuid

Path = tuple[str | int, ...]

ONE_CONTACT = "provide exactly one contact identifier: contact_id/contactId or email"


@dataclass(frozen=True)
class InDialect:
    """An event's schema in the dialect of `event_schemas`."""

    def apply(self, value: Any, path: Path, found: list[Any], aborted: bool) -> None:
        if not aborted:
            found += [(path, text, False) for text in schema_faults(value)]


@dataclass(frozen=True)
class SomeField:
    """A change that changes something."""

    def apply(self, value: Any, path: Path, found: list[Any], aborted: bool) -> None:
        if not aborted and not value:
            found.append((path, "Provide at least one field to update", False))


@dataclass(frozen=True)
class OneContact:
    """A contact named in exactly one way."""

    def apply(self, value: Any, path: Path, found: list[Any], aborted: bool) -> None:
        if aborted:
            return
        ids = {value[name] for name in ("contact_id", "contactId") if name in value}
        if len(ids) > 1:
            text = "contactId and contact_id must match when both are provided"
            found.append(((*path, "contactId"), text, False))
        elif bool(ids) == ("email" in value):
            found.append(((*path, "email" if ids else "contact_id"), ONE_CONTACT, False))


EventName = Annotated[str, Length(1, 255)]
DefinedName = Annotated[
    EventName,
    Rule(lambda name: name.strip().lower() != "send", '"send" is reserved for the event delivery endpoint'),
]
Schema = Annotated[dict[str, Any], InDialect()]


class EventInput(Body):
    name: DefinedName
    schema_: Schema = Field(default_factory=dict, alias="schema")


class EventChanges(Body):
    name: DefinedName = UNSET
    schema_: Schema | None = Field(default=None, alias="schema")


EventPatch = Annotated[EventChanges, SomeField()]


class SentEvent(Body):
    event: EventName
    contact_id: Uuid = UNSET
    contactId: Uuid = UNSET
    email: Email = UNSET
    payload: dict[str, Any] = UNSET


SentEventInput = Annotated[SentEvent, OneContact()]


class Event(ResponseModel):
    object: Literal["event"]
    id: str
    name: str
    schema_: dict[str, Any] | None = Field(alias="schema")
    created_at: str
    updated_at: str


class EventList(ResponseModel):
    object: Literal["list"]
    data: list[Event]
    has_more: bool


class EventDeleted(ResponseModel):
    object: Literal["event"]
    id: str
    deleted: Literal[True]


class EventDelivery(ResponseModel):
    object: Literal["event_delivery"]
    id: str
    event: str
    contact_id: str | None
    email: str | None
    payload: dict[str, Any]
    received_at: str


class EventSent(ResponseModel):
    object: Literal["event_delivery"]
    delivery: EventDelivery
    resumed_runs: list[dict[str, Any]]
    automation_runs: list[dict[str, Any]]
