"""Track v1: bodies of requests, as the contract document shows them, and of answers."""

from typing import Any, Literal

from lookalike.models import RequestModel


class PersonAttributes(RequestModel):
    """Attributes; whatever is not named here is a custom one."""

    id: str | int | None = None
    email: str | None = None
    anonymous_id: str | None = None
    created_at: int | None = None
    unsubscribed: Any = None
    cio_subscription_preferences: dict[str, Any] | None = None
    cio_relationships: dict[str, Any] | None = None


class Device(RequestModel):
    id: str
    platform: str
    last_used: int | None = None
    attributes: dict[str, Any] | None = None


class DeviceInput(RequestModel):
    device: Device


class EventInput(RequestModel):
    name: str
    id: str | None = None
    type: str | None = None
    timestamp: int | None = None
    data: dict[str, Any] | None = None


class AnonymousEventInput(EventInput):
    anonymous_id: str | None = None


class FormInput(RequestModel):
    data: dict[str, str]


class MergeInput(RequestModel):
    primary: dict[str, Any]
    secondary: dict[str, Any]


class SegmentChange(RequestModel):
    ids: list[str]


class IdTypeQuery(RequestModel):
    id_type: Literal["id", "email", "cio_id"] = "id"


class MetricInput(RequestModel):
    delivery_id: str
    metric: str
    timestamp: int | None = None
    recipient: str | None = None
    reason: str | None = None
    href: str | None = None


class PushEventInput(RequestModel):
    delivery_id: str
    event: str
    device_id: str | None = None
    timestamp: int | None = None


class UnsubscribeInput(RequestModel):
    unsubscribe: bool | None = None
