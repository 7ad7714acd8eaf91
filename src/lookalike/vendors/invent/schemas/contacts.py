"""Contacts, their channels, groups of duplicates, and contact fields."""

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, StringConstraints

from lookalike.models import RequestModel, ResponseModel
from lookalike.vendors.invent.schemas.fields import (
    Email,
    Flag,
    Integration,
    PageQuery,
    Phone,
    Text256,
    Uri,
)
from lookalike.vendors.invent.schemas.segments import EmbeddedSegment

Status = Literal["ALL", "SUBSCRIBED", "UNSUBSCRIBED", "BLOCKED", "AI_REPLIES_DISABLED"]


class ContactsQuery(PageQuery):
    """Which contacts; `q` and `query` are taken for `search` too (I)."""

    search: str | None = Field(default=None, validation_alias=AliasChoices("search", "q", "query"))
    unsubscribed: Flag | None = None
    user_id: str | None = None
    name: str | None = None
    username: str | None = None
    email: Email | None = None
    segment_id: str | None = None
    exclude_admins: Flag | None = None
    exclude_board_id: str | None = None
    status: Status = "ALL"
    is_admin: Flag | None = None


class ChannelInput(RequestModel):
    """A person's data. `type` is taken and means nothing (I)."""

    user_id: str = Field(default_factory=str)
    name: str | None = None
    email: Email = Field(default_factory=str)
    phone: Phone = Field(default_factory=str)
    contact_id: str | None = None


class ContactInput(RequestModel):
    channel: ChannelInput
    segment_ids: list[str] = Field(default_factory=list)


class ContactPatch(RequestModel):
    """Only what is said counts, so the defaults show nowhere."""

    name: Annotated[str, StringConstraints(max_length=512)] | None = None
    blocked: bool = Field(default_factory=bool)
    unsubscribed: bool = Field(default_factory=bool)


class ChannelPatch(RequestModel):
    avatar: Uri | None = None
    name: Text256 | None = None
    username: Text256 | None = None
    phone: Phone | None = None
    email: Email | None = None


class MergeInput(RequestModel):
    source_contact_ids: Annotated[list[str], Field(min_length=1, max_length=50)] | None = None


class ChannelOption(RequestModel):
    """One entry of a bulk; whether it is any good is judged entry by entry."""

    type: str | None = None
    email: str | None = None
    phone: str | None = None
    user_id: str | None = None
    name: str | None = None
    contact_id: str | None = None


class BulkInput(RequestModel):
    channels: Annotated[list[ChannelOption], Field(max_length=10_000)]
    segment_id: str | None = None


class Channel(ResponseModel):
    id: str
    type: Integration
    user_id: str
    avatar: str | None
    name: str | None
    username: str | None
    email: str | None
    phone: str | None
    country: str | None
    agent: str | None
    ip: str | None
    language: str | None
    platform_data: dict[str, Any]
    created_at: str
    updated_at: str
    link: str | None


class Contact(ResponseModel):
    id: str
    name: str | None
    blocked: bool
    unsubscribed: bool
    is_admin: bool
    channels: list[Channel]
    segments: list[EmbeddedSegment]
    created_at: str
    updated_at: str
    blocked_at: str | None
    unsubscribed_at: str | None
    unsubscribe_reason: str | None
    unsubscribe_feedback: str | None


class DuplicateGroup(ResponseModel):
    primary: Contact
    duplicates: list[Contact]


class Merged(ResponseModel):
    merged: Contact
    merged_contact_ids: list[str]


class EchoedOption(ResponseModel):
    """An entry of a bulk as it was sent, without members that nobody knows."""

    type: str | None = None
    email: str | None = None
    phone: str | None = None
    user_id: str | None = None
    name: str | None = None
    contact_id: str | None = None


class BulkResult(ResponseModel):
    created: list[EchoedOption]
    updated: list[EchoedOption]
    invalid: list[EchoedOption]


class FieldSchema(ResponseModel):
    type: str
    name: str
    description: str
    optional: bool
    array: bool
    placeholder: str
    order: int


class ContactField(ResponseModel):
    id: str
    table_id: str
    key: str
    type: Literal[
        "string", "number", "boolean", "date", "datetime", "enum", "file", "record", "contact", "user", "chat",
        "segment", "assistant",
    ]  # fmt: skip
    schema_: FieldSchema = Field(alias="schema")
    readonly: bool
    kind: Literal["system", "custom"]
