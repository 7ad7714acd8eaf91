"""Broadcasts."""

from typing import Any, Literal

from pydantic import Field

from lookalike.models import ResponseModel
from lookalike.vendors.opensend.validation import UNSET, Body


class BroadcastInput(Body):
    """`segment_id` or `audience_id` is needed. Numbers and the like are stored as text."""

    from_: str = Field(alias="from")
    subject: str
    segment_id: Any = None
    audience_id: Any = None
    name: Any = None
    html: Any = None
    text: Any = None
    reply_to: Any = None
    preview_text: Any = None
    topic_id: Any = None
    send: bool = UNSET
    scheduled_at: Any = None


class BroadcastPatch(Body):
    """At least one member is needed; none is looked at before the database is."""

    name: Any = None
    status: Any = None
    from_: Any = Field(default=None, alias="from")
    subject: Any = None
    html: Any = None
    text: Any = None
    reply_to: Any = None
    preview_text: Any = None
    audience_id: Any = None
    topic_id: Any = None
    scheduled_at: Any = None


class BroadcastSend(Body):
    """A body that is missing, no JSON or no object counts as empty."""

    scheduled_at: Any = None


class BroadcastMade(ResponseModel):
    object: Literal["broadcast"]
    id: str
    name: str
    status: str
    created_at: str


class BroadcastItem(ResponseModel):
    id: str
    name: str
    status: str
    audience_id: str | None
    topic_id: str | None
    created_at: str
    scheduled_at: str | None


class BroadcastList(ResponseModel):
    object: Literal["list"]
    data: list[BroadcastItem]
    has_more: bool


class Broadcast(BroadcastMade):
    from_: str | None = Field(alias="from")
    subject: str | None
    html: str | None
    text: str | None
    reply_to: str | None
    preview_text: str | None
    audience_id: str | None
    topic_id: str | None
    scheduled_at: str | None


class BroadcastQueued(ResponseModel):
    object: Literal["broadcast"]
    id: str
    status: Literal["queued", "scheduled"]
    scheduled_at: str | None


class BroadcastDeleted(ResponseModel):
    object: Literal["broadcast"]
    id: str
    deleted: Literal[True]


class BroadcastMetrics(ResponseModel):
    """Rates are per cent of `total`."""

    object: Literal["broadcast_metrics"]
    broadcast_id: str
    total: int
    delivered: int
    bounced: int
    complained: int
    opened: int
    clicked: int
    delivery_rate: float
    open_rate: float
    click_rate: float
    bounce_rate: float
