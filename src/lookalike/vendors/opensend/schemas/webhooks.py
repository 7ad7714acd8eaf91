"""Webhook endpoints and their deliveries."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from lookalike.models import ResponseModel
from lookalike.vendors.opensend.outbound_urls import split_url
from lookalike.vendors.opensend.validation import UNSET, Body, Length, Rule

EVENT_TYPES = (
    "email.sent",
    "email.delivered",
    "email.bounced",
    "email.complained",
    "email.delivery_delayed",
    "email.scheduled",
    "email.delayed",
    "email.suppressed",
    "email.received",
    "email.opened",
    "email.clicked",
    "email.failed",
    "contact.created",
    "contact.updated",
    "contact.deleted",
    "domain.created",
    "domain.updated",
    "domain.deleted",
)

Url = Annotated[
    str, Rule(lambda text: split_url(text) is not None, "Invalid URL", (("format", "uri"),)), Length(most=2048)
]
EventType = Annotated[
    Any,
    Rule(
        lambda value: isinstance(value, str) and value in EVENT_TYPES,
        "Unsupported webhook event type",
        (("enum", list(EVENT_TYPES)),),
    ),
]
EventTypes = Annotated[list[EventType], Length(1)]


@dataclass(frozen=True)
class EndpointAndEvents:
    """Both are needed, each under either of its names."""

    def apply(self, value: Any, path: tuple[str | int, ...], found: list[Any], aborted: bool) -> None:
        if aborted:
            return
        if not (value.get("endpoint") or value.get("url")) or not ("events" in value or "event_types" in value):
            found.append((path, "Endpoint and events are required", False))


class WebhookFields(Body):
    endpoint: Url = UNSET
    url: Url = UNSET
    events: EventTypes = UNSET
    event_types: EventTypes = UNSET


WebhookInput = Annotated[WebhookFields, EndpointAndEvents()]


class WebhookPatch(WebhookFields):
    status: Literal["enabled", "disabled"] = UNSET
    active: bool = UNSET


class WebhookItem(ResponseModel):
    id: str
    endpoint: str
    events: list[str]
    status: Literal["enabled", "disabled"]
    created_at: str


class Webhook(WebhookItem):
    object: Literal["webhook"]


class WebhookMade(Webhook):
    signing_secret: str


class Delivery(ResponseModel):
    id: str
    status: Literal["pending", "success", "failed", "dead_letter"]
    attempt: int
    status_code: int | None
    response_body: str | None
    attempted_at: str | None
    next_retry_at: str | None
    created_at: str


class WebhookDetail(Webhook):
    recent_deliveries: list[Delivery]


class WebhookList(ResponseModel):
    object: Literal["list"]
    data: list[WebhookItem]
    has_more: bool


class WebhookDeleted(ResponseModel):
    object: Literal["webhook"]
    id: str
    deleted: Literal[True]


class DeliveryReplay(ResponseModel):
    object: Literal["webhook_delivery_replay"]
    original_delivery: Delivery
    replay_delivery: Delivery
