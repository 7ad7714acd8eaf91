"""Broadcasts."""

from __future__ import annotations

from typing import Any, Literal

from lookalike.models import ResponseModel
from lookalike.vendors.opensend.validation import Body


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
