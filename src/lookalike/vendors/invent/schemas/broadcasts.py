"""Broadcasts, what they are sent from, and who got them."""

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, StringConstraints

from lookalike.models import RequestModel, ResponseModel
from lookalike.vendors.invent.schemas.contacts import Contact
from lookalike.vendors.invent.schemas.fields import DateTime, Email, Integration, PageQuery, Phone, Text256
from lookalike.vendors.invent.schemas.segments import EmbeddedSegment

Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]
SegmentIds = Annotated[list[str], Field(max_length=10)]
Kind = Literal["MARKETING", "TRANSACTIONAL"]


class BroadcastsQuery(PageQuery):
    """Which broadcasts; `q` and `query` are taken for `search` too (I)."""

    status: Literal["ALL", "DRAFT", "SCHEDULED", "SENDING", "SENT", "CANCELLED", "FAILED"] = "ALL"
    search: Text256 | None = Field(default=None, validation_alias=AliasChoices("search", "q", "query"))


class TemplateInput(RequestModel):
    integration_id: Integration = "custom"
    connection_id: str | None = None
    config: dict[str, Any] = Field(default_factory=dict)


class BroadcastInput(RequestModel):
    name: Name
    type: Kind = "MARKETING"
    scheduled_at: DateTime | None = None
    segment_ids: SegmentIds = Field(default_factory=list)
    send_to_all: bool = False
    templates: list[TemplateInput] = Field(default_factory=list)


class BroadcastPatch(RequestModel):
    """Only what is said counts, so the defaults show nowhere."""

    name: Name = Field(default_factory=str)
    type: Kind = Field(default_factory=lambda: "MARKETING")
    scheduled_at: DateTime | None = None
    segment_ids: SegmentIds = Field(default_factory=list)
    send_to_all: bool = Field(default_factory=bool)
    templates: list[TemplateInput] = Field(default_factory=list)


class Trigger(RequestModel):
    """One send of a transactional broadcast, to one recipient."""

    contact_channel_id: str | None = None
    contact_id: str | None = None
    phone: Phone = Field(default_factory=str)
    email: Email = Field(default_factory=str)
    name: Text256 | None = None
    variables: dict[str, Any] = Field(default_factory=dict)
    template_ids: list[str] | None = None
    background: bool = False


class Template(ResponseModel):
    id: str
    broadcast_id: str
    connection_id: str | None
    integration_id: Integration
    recipients_count: int
    config: dict[str, Any]
    error: str | None
    created_at: str
    updated_at: str


class Broadcast(ResponseModel):
    id: str
    name: str
    status: Literal["DRAFT", "SCHEDULED", "SENDING", "SENT", "CANCELLED", "FAILED", "ACTIVE"]
    scheduled_at: str | None
    started_at: str | None
    completed_at: str | None
    contacts_count: int
    recipients_count: int
    skipped_count: int
    sent_count: int
    failed_count: int
    delivered_count: int
    opened_count: int
    played_count: int
    click_count: int
    complained_count: int
    unsubscribed_count: int
    error_message: str | None
    segments: list[EmbeddedSegment]
    send_to_all: bool
    templates: list[Template]
    created_at: str
    updated_at: str


class Recipient(ResponseModel):
    id: str
    broadcast_id: str
    broadcast_name: str
    template_id: str
    integration_id: Integration
    user_id: str | None
    name: str | None
    username: str | None
    phone: str | None
    email: str | None
    status: str
    is_skipped: bool
    is_skipped_at: str | None
    is_failed: bool
    is_failed_at: str | None
    is_bounced: bool
    is_bounced_at: str | None
    is_sent: bool
    is_sent_at: str | None
    is_delivered: bool
    is_delivered_at: str | None
    is_complained: bool
    is_complained_at: str | None
    is_unsubscribed: bool
    is_unsubscribed_at: str | None
    is_opened: bool
    is_opened_at: str | None
    is_played: bool
    is_played_at: str | None
    error_message: str | None
    external_message_id: str | None
    created_at: str
    updated_at: str
    contact: Contact | None


class Triggered(ResponseModel):
    recipients: list[Recipient]
