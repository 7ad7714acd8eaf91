"""Contacts, their memberships and their topic preferences."""

from typing import Annotated, Any, Literal

from lookalike.models import ResponseModel
from lookalike.vendors.opensend.validation import UNSET, Body, Email, Length, Uuid

Name = Annotated[str, Length(most=255)]


class TopicChoice(Body):
    id: Uuid
    subscription: Literal["opt_in", "opt_out"]


class ContactInput(Body):
    email: Email
    first_name: Name = UNSET
    last_name: Name = UNSET
    unsubscribed: bool = UNSET
    properties: dict[str, str] = UNSET
    segments: list[str] = UNSET
    topics: list[Uuid | TopicChoice] = UNSET


class ContactPatch(Body):
    """Nothing of this is enforced: OpenSend takes what the database can convert."""

    email: Any = None
    first_name: Any = None
    last_name: Any = None
    unsubscribed: Any = None
    properties: Any = None


class ContactMade(ResponseModel):
    object: Literal["contact"]
    id: str


class Preference(ResponseModel):
    id: str
    subscription: Literal["opt_in", "opt_out"]


class NamedPreference(ResponseModel):
    id: str
    name: str
    subscription: Literal["opt_in", "opt_out"]


class ContactPatched(ResponseModel):
    object: Literal["contact"]
    id: str
    email: str
    first_name: str | None
    last_name: str | None
    unsubscribed: bool
    properties: dict[str, Any] | None
    created_at: str


class Contact(ContactPatched):
    segments: list[str]
    topics: list[Preference]


class ContactDeleted(ResponseModel):
    object: Literal["contact"]
    id: str
    deleted: Literal[True]


class ContactItem(ResponseModel):
    id: str
    email: str
    firstName: str | None
    lastName: str | None
    first_name: str | None
    last_name: str | None
    unsubscribed: bool
    status: Literal["subscribed", "unsubscribed"]
    segments: list[str]
    topics: list[NamedPreference]
    created_at: str


class ContactList(ResponseModel):
    object: Literal["list"]
    data: list[ContactItem]
    has_more: bool
