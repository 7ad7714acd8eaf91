"""Reporting webhooks: who is told of what happens to messages and people."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from lookalike.models import RequestModel, ResponseModel

METRICS: Mapping[str, str] = {
    "customer": "subscribed unsubscribed subscription_preferences_changed",
    "email": "drafted attempted sent delivered opened clicked converted bounced dropped deferred spammed failed"
    " unsubscribed undeliverable",
    "in_app": "drafted attempted sent opened clicked converted failed undeliverable",
    "push": "drafted attempted sent delivered opened clicked converted bounced dropped failed undeliverable",
    "slack": "drafted attempted sent clicked converted failed",
    "sms": "drafted attempted sent delivered clicked converted bounced dropped failed undeliverable replied",
    "whatsapp": "drafted attempted sent delivered opened clicked converted bounced dropped failed undeliverable"
    " replied",
    "webhook": "drafted attempted sent clicked converted failed undeliverable",
}
"""What is reported of each kind of object."""

EVENTS = tuple(f"{kind}_{metric}" for kind, metrics in METRICS.items() for metric in metrics.split())
_KNOWN = frozenset(EVENTS)


def _event(name: str) -> str:
    if name not in _KNOWN:
        raise PydanticCustomError("event", "unknown event {name}", {"name": name})
    return name


def _address(url: str) -> str:
    if not url.lower().startswith(("http://", "https://")):
        raise PydanticCustomError("url", "must be an http or https URL")
    return url


Endpoint = Annotated[str, AfterValidator(_address)]
Events = Annotated[list[Annotated[str, AfterValidator(_event)]], Field(min_length=1)]


class WebhookInput(RequestModel):
    name: Annotated[str, Field(min_length=1)]
    endpoint: Endpoint
    events: Events
    disabled: bool = False
    full_resolution: bool = False
    with_content: bool = False


class WebhookChange(RequestModel):
    """Any of the fields; those that are left out stay as they are."""

    name: Annotated[str, Field(min_length=1)] | None = None
    endpoint: Endpoint | None = None
    events: Events | None = None
    disabled: bool | None = None
    full_resolution: bool | None = None
    with_content: bool | None = None


class ReportingWebhook(ResponseModel):
    id: int
    name: str
    endpoint: str
    disabled: bool
    full_resolution: bool
    with_content: bool
    events: list[Literal[EVENTS]]  # type: ignore[valid-type]  # pydantic takes a tuple, mypy none made at run time
    type: Literal["webhook"]


class ReportingWebhooks(ResponseModel):
    reporting_webhooks: list[ReportingWebhook]
