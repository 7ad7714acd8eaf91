"""Webhook subscriptions."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from lookalike.models import RequestModel, ResponseModel
from lookalike.vendors.segmailer.schemas.fields import Given

EVENT_TYPES = ("email.opened", "email.clicked", "email.bounced", "email.complained", "contact.unsubscribed")
EVERYTHING = "*"

_URL = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)
_LONGEST_URL = 2048


def _url(text: str) -> str:
    if len(text) > _LONGEST_URL or not _URL.fullmatch(text):
        raise PydanticCustomError("url", "must be an http or https URL")
    return text


def _event_type(text: str) -> str:
    if text not in (*EVENT_TYPES, EVERYTHING):
        raise PydanticCustomError("event_type", "must be one of {known}", {"known": ", ".join(EVENT_TYPES)})
    return text


def _chosen(types: list[str]) -> list[str]:
    """Each type once; the one for everything stands alone."""
    once = list(dict.fromkeys(types))
    if EVERYTHING in once and len(once) > 1:
        raise PydanticCustomError("event_types", 'must be either ["*"] or a list of event types')
    return once


Url = Annotated[str, AfterValidator(_url)]
EventTypes = Annotated[list[Annotated[str, AfterValidator(_event_type)]], Field(min_length=1), AfterValidator(_chosen)]


class WebhookInput(RequestModel):
    url: Url
    events: EventTypes
    active: bool = True


class WebhookChange(RequestModel):
    url: Annotated[Url | None, Given] = None
    events: Annotated[EventTypes | None, Given] = None
    active: Annotated[bool | None, Given] = None


class Webhook(ResponseModel):
    id: str
    url: str
    events: list[str]
    active: bool
    createdAt: str
    updatedAt: str


class NewWebhook(Webhook):
    """The answer to the creation alone shows the secret."""

    secret: str
