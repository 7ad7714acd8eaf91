"""Webhook subscriptions and their delivery log."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from lookalike.models import RequestModel, ResponseModel
from lookalike.vendors.autosend.schemas.fields import PageLimit, PageNumber, QueryModel, Required

EVENT_TYPES = (
    "email.sent",
    "email.delivered",
    "email.deferred",
    "email.bounced",
    "email.opened",
    "email.clicked",
    "email.spam_reported",
    "email.unsubscribed",
    "email.group_unsubscribed",
    "email.group_resubscribed",
    "email.received",
    "contact.created",
    "contact.updated",
    "contact.deleted",
)

_URL = re.compile(r"https?://[^\s/?#]+[^\s]*", re.IGNORECASE)


def _url(text: str) -> str:
    if not _URL.fullmatch(text):
        raise PydanticCustomError("url", "Invalid URL format")
    return text


def _known(types: list[str]) -> list[str]:
    """The types that there are: one of them has to be known (D), others are passed over (I)."""
    known = [type for type in dict.fromkeys(types) if type in EVENT_TYPES]
    if not known:
        raise PydanticCustomError("event_types", "Events must contain at least 1 known event type")
    return known


Url = Annotated[str, AfterValidator(_url)]
EventTypes = Annotated[list[str], Field(min_length=1), AfterValidator(_known)]


class WebhookInput(RequestModel):
    url: Url
    events: EventTypes
    metadata: dict[str, Any] | None = None


class WebhookChange(RequestModel):
    url: Url | None = None
    events: EventTypes | None = None
    isActive: bool | None = None
    metadata: dict[str, Any] | None = None


class WebhooksQuery(QueryModel):
    isActive: bool | None = None
    page: PageNumber = 1
    limit: PageLimit = 50


class LogsQuery(QueryModel):
    page: PageNumber = 1
    limit: PageLimit = 50


class ResendInput(RequestModel):
    event: Required
    data: dict[str, Any] | None = None


class Webhook(ResponseModel):
    id: str
    organizationId: str
    projectId: str
    url: str
    secret: str
    events: list[str]
    isActive: bool
    metadata: dict[str, Any] | None = None
    createdAt: str
    updatedAt: str


class OneWebhook(ResponseModel):
    webhook: Webhook


class Webhooks(ResponseModel):
    webhooks: list[Webhook]
    total: int
    page: int
    limit: int
    totalPages: int


class Secret(ResponseModel):
    secret: str


class Job(ResponseModel):
    jobId: str


class Log(ResponseModel):
    """A delivery that is still to be made has no status code, duration and time."""

    id: str = Field(alias="_id")
    webhookId: str
    projectId: str
    event: str
    url: str
    statusCode: int | None
    success: bool
    attempts: int
    duration: int | None
    deliveredAt: str | None
    createdAt: str
    updatedAt: str


class Logs(ResponseModel):
    logs: list[Log]
    total: int
    page: int
    limit: int
    totalPages: int


class EventTypeList(ResponseModel):
    events: list[str]
