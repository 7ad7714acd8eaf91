"""Mail that comes in, and replies to it."""

import re
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from lookalike.clock import iso, parse_instant
from lookalike.models import RequestModel, ResponseModel
from lookalike.vendors.autosend.schemas.fields import Email, PageNumber, Pagination, QueryModel
from lookalike.vendors.autosend.schemas.mails import Address, Attachment, Subject

Status = Literal["PROCESSED", "PROCESSING", "FAILED", "BLOCKED_UNVERIFIED", "BLOCKED_UNROUTED"]
STATUSES: tuple[str, ...] = get_args(Status)

_OBJECT_ID = re.compile("[0-9a-f]{24}", re.IGNORECASE)


def is_object_id(text: str) -> bool:
    """Whether this can be the id of anything."""
    return _OBJECT_ID.fullmatch(text) is not None


def _object_id(text: str) -> str:
    if not is_object_id(text):
        raise PydanticCustomError("object_id", "Invalid value")
    return text


def _instant(text: str) -> str:
    try:
        return iso(parse_instant(text))
    except (ValueError, OverflowError):
        raise PydanticCustomError("instant", "Invalid value") from None


ObjectId = Annotated[str, AfterValidator(_object_id)]
Instant = Annotated[str, AfterValidator(_instant)]
"""In the form in which times are stored."""


class InboundQuery(QueryModel):
    """Filters and pages; up to 200 a page, twice as many as elsewhere.

    https://docs.autosend.com/api-reference/inbound-emails/list-messages
    """

    from_: Email | None = Field(None, alias="from")
    to: Email | None = None
    domainId: ObjectId | None = None
    threadId: str | None = None
    search: Annotated[str, StringConstraints(max_length=200)] | None = None
    dateFrom: Instant | None = None
    dateTo: Instant | None = None
    includeBlocked: bool = False
    page: PageNumber = 1
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class AttachmentQuery(QueryModel):
    download: bool = False


class ReplyInput(RequestModel):
    """A reply goes to whom the mail is from; of its content nothing is said to be required."""

    from_: Address = Field(alias="from")
    subject: Annotated[Subject, StringConstraints(min_length=1)] | None = None
    html: str | None = None
    text: str | None = None
    cc: Annotated[list[Address], Field(max_length=50)] | None = None
    bcc: Annotated[list[Address], Field(max_length=50)] | None = None
    attachments: Annotated[list[Attachment], Field(max_length=20)] | None = None


class InboundAddress(ResponseModel):
    email: str
    name: str | None


class InboundItem(ResponseModel):
    id: str
    messageId: str
    domainName: str
    from_: InboundAddress = Field(alias="from")
    to: list[InboundAddress]
    cc: list[InboundAddress]
    subject: str
    status: Status
    attachmentCount: int
    receivedAt: str


class InboundItems(ResponseModel):
    items: list[InboundItem]
    pagination: Pagination


class InboundAttachment(ResponseModel):
    attachmentId: str
    filename: str
    contentType: str
    size: int
    index: int


class InboundMessage(ResponseModel):
    id: str
    providerMessageId: str
    messageId: str
    domainName: str
    from_: InboundAddress = Field(alias="from")
    to: list[InboundAddress]
    cc: list[InboundAddress]
    bcc: list[InboundAddress]
    replyTo: list[InboundAddress]
    subject: str
    text: str
    html: str
    attachments: list[InboundAttachment]
    headers: dict[str, str]
    spamVerdict: str
    virusVerdict: str
    spfVerdict: str
    dkimVerdict: str
    dmarcVerdict: str
    status: Status
    threadId: str
    inReplyTo: str | None
    inReplyToEmailActivityId: str | None
    inReplyToInboundEmailId: str | None
    receivedAt: str


class InboundFile(ResponseModel):
    attachmentId: str
    filename: str
    contentType: str
    size: int
    downloadUrl: str
    expiresIn: int


class ReplyQueued(ResponseModel):
    emailId: str
    message: str
    status: Literal["QUEUED"]
    totalRecipients: int
