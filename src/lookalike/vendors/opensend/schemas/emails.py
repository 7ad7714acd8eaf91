"""Sending emails, and reading what was sent."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from lookalike.models import ResponseModel
from lookalike.vendors.opensend import outbound_urls
from lookalike.vendors.opensend.schemas.errors import PublicError
from lookalike.vendors.opensend.validation import UNSET, Body, Email, Length, Rule, Uuid, js_length

Path = tuple[str | int, ...]

TAG_TEXT = "Tag names and values may only contain ASCII letters, numbers, underscores, or dashes."
TAG_LENGTH = "Tag names and values must be no more than 256 characters."

_NOT_LONG = Rule(lambda text: js_length(text) <= 256, TAG_LENGTH, (("maxLength", 256),))
_TAG = Rule(lambda text: re.fullmatch(r"[A-Za-z0-9_-]*", text) is not None, TAG_TEXT)
_URL = Rule(lambda text: outbound_urls.split_url(text) is not None, "Invalid URL", (("format", "uri"),))

Recipients = Email | list[Email]


class Tag(Body):
    name: Annotated[str, Length(1), _NOT_LONG, _TAG]
    value: Annotated[str, _NOT_LONG, _TAG]


class Attachment(Body):
    filename: Annotated[str, Length(1, 255)]
    content: str = UNSET
    path: Annotated[str, _URL] = UNSET
    content_type: Annotated[str, Length(1)] = UNSET
    content_id: Annotated[str, Length(1)] = UNSET


@dataclass(frozen=True)
class WithData:
    """An attachment has content, or a path that may be fetched."""

    def apply(self, value: Any, path: Path, found: list[Any], aborted: bool) -> None:
        if aborted:
            return
        if not value.get("content") and not value.get("path"):
            found.append(((*path, "content"), "attachment requires content or path", False))
        refusal = outbound_urls.refusal(value["path"]) if value.get("path") else None
        if refusal == "blocked_protocol":
            found.append(((*path, "path"), "attachment path must use http or https", False))
        elif refusal is not None and refusal != "invalid_url":
            found.append(((*path, "path"), "attachment path is not allowed", False))


@dataclass(frozen=True)
class WithContent:
    """An email has html, text or a template. (The limit of 40 MB of attachments lies beyond that of a request.)"""

    def apply(self, value: Any, path: Path, found: list[Any], aborted: bool) -> None:
        if not aborted and not (value.get("html") or value.get("text") or "template" in value):
            found.append(((*path, "html"), "html, text, or template is required", False))


class TemplateUse(Body):
    id: Uuid
    variables: dict[str, Any] = UNSET


class EmailFields(Body):
    from_: Email = Field(alias="from")
    to: Recipients
    subject: Annotated[str, Length(1, 1024)]
    html: str = UNSET
    text: str = UNSET
    cc: Recipients = UNSET
    bcc: Recipients = UNSET
    reply_to: Recipients = UNSET
    headers: dict[str, str] = UNSET
    attachments: list[Annotated[Attachment, WithData()]] = UNSET
    tags: Annotated[list[Tag], Length(most=75)] = UNSET
    scheduled_at: str = UNSET
    topic_id: Uuid = UNSET
    template: TemplateUse = UNSET


EmailInput = Annotated[EmailFields, WithContent()]
BatchInput = Annotated[list[EmailInput], Length(most=100)]


class EmailPatch(Body):
    scheduled_at: str | None = UNSET


class EmailSent(ResponseModel):
    id: str


class EmailRefused(ResponseModel):
    error: PublicError


class BatchSent(ResponseModel):
    data: list[EmailSent | EmailRefused]


class EmailItem(ResponseModel):
    id: str
    from_: str = Field(alias="from")
    to: list[str]
    subject: str
    cc: list[str] | None
    bcc: list[str] | None
    reply_to: list[str] | None
    last_event: str
    provider_retry_count: int
    provider_last_attempted_at: str | None
    provider_next_retry_at: str | None
    provider_last_error: dict[str, str] | None
    provider_dead_lettered_at: str | None
    scheduled_at: str | None
    sent_at: str | None
    created_at: str


class EmailList(ResponseModel):
    object: Literal["list"]
    has_more: bool
    data: list[EmailItem]


class SentTag(ResponseModel):
    name: str
    value: str


class Thread(ResponseModel):
    thread_id: str | None
    match_status: Literal["unmatched"]
    original_email_id: str
    contact_id: str | None
    messages: list[dict[str, Any]]


class SentEmail(EmailItem):
    object: Literal["email"]
    html: str
    text: str
    reply_address: str | None
    thread_id: str | None
    tags: list[SentTag]
    thread: Thread


class EmailChanged(ResponseModel):
    object: Literal["email"]
    id: str


class EmailCancelled(EmailChanged):
    status: Literal["canceled"] | None = None


class EmailDeleted(ResponseModel):
    success: Literal[True]


class EmailEvent(ResponseModel):
    object: Literal["email_event"]
    id: str
    type: str
    created_at: str
    summary: str
    details: dict[str, Any]
    payload: dict[str, Any]


class EmailEventList(ResponseModel):
    object: Literal["list"]
    data: list[EmailEvent]


class TraceItem(ResponseModel):
    object: Literal["email_trace_event"]
    id: str
    source: Literal["request", "queue", "provider", "webhook", "suppression"]
    type: str
    created_at: str
    summary: str
    details: dict[str, Any]
    related_id: str | None
    related_url: str | None


class EmailTrace(ResponseModel):
    object: Literal["email_trace"]
    email_id: str
    data: list[TraceItem]


class AttachmentItem(ResponseModel):
    id: str
    filename: str
    content_type: str


class AttachmentList(ResponseModel):
    object: Literal["list"]
    data: list[AttachmentItem]


class AttachmentDetail(AttachmentItem):
    object: Literal["attachment"]
    download_url: str
    expires_at: str


class ReceivedList(ResponseModel):
    object: Literal["list"]
    data: list[dict[str, Any]]
    has_more: bool
