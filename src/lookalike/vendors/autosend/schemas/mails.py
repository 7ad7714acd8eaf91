"""Transactional sends."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from lookalike.models import RequestModel, ResponseModel
from lookalike.vendors.autosend.schemas.fields import Email


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


class Address(RequestModel):
    email: Email
    name: str | None = None


Addresses = Annotated[list[Address], BeforeValidator(_as_list)]
"""One address or several: the documentation shows one `to` and arrays elsewhere, the SDK's types allow both."""

Subject = Annotated[str, StringConstraints(max_length=998)]


class Attachment(RequestModel):
    fileName: str
    content: str | None = None
    fileUrl: str | None = None
    contentType: str | None = None
    description: str | None = None


class Content(RequestModel):
    """What one send and many have in common, in the order in which it is judged."""

    subject: Subject | None = None
    html: str | None = None
    text: str | None = None
    templateId: str | None = None
    dynamicData: dict[str, Any] | None = None
    replyTo: Address | None = None
    unsubscribeGroupId: str | None = None
    trackingClick: bool | None = None
    trackingOpen: bool | None = None
    headers: dict[str, Any] | None = None
    attachments: list[Attachment] | None = None
    bypassSuppressions: bool | None = None
    test: bool | None = None


class Envelope(RequestModel):
    from_: Address = Field(alias="from")
    to: Annotated[Addresses, Field(min_length=1)]
    cc: Addresses | None = None
    bcc: Addresses | None = None


class SendInput(Content, Envelope):
    """One mail; `to`, `cc` and `bcc` hold at most 50 addresses together."""


class Recipient(RequestModel):
    email: Email
    name: str | None = None
    dynamicData: dict[str, Any] | None = None
    cc: Addresses | None = None
    bcc: Addresses | None = None


class BulkEnvelope(RequestModel):
    from_: Address = Field(alias="from")
    recipients: Annotated[list[Any], Field(min_length=1, max_length=100)]


class BulkInput(Content, BulkEnvelope):
    """Mails alike for many; the recipients are judged one by one, so that a bad one fails alone (I)."""


class Queued(ResponseModel):
    emailId: str
    message: str
    totalRecipients: int


class BulkQueued(ResponseModel):
    batchId: str
    totalRecipients: int
    successCount: int
    failedCount: int
