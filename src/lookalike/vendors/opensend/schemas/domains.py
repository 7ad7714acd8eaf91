"""Sending domains."""

import re
from typing import Annotated, Literal

from lookalike.models import ResponseModel
from lookalike.vendors.opensend.validation import UNSET, Body, Length, Rule, js_length

Region = Literal["us-east-1", "eu-west-1", "sa-east-1", "ap-northeast-1"]
Tls = Literal["opportunistic", "enforced", "required"]


def _trimmed_pattern(pattern: str, message: str) -> Rule:
    return Rule(lambda text: re.search(pattern, text.strip()) is not None, message)


def _label(what: str) -> tuple[Rule, ...]:
    """The rules of one DNS label; values are trimmed before they are looked at."""
    return (
        Rule(lambda text: len(text.strip()) > 0, f"{what} is required"),
        Rule(lambda text: js_length(text.strip()) <= 63, f"{what} must be 63 characters or less"),
        _trimmed_pattern(r"\A[A-Za-z]", f"{what} must start with a letter"),
        _trimmed_pattern(r"[A-Za-z0-9]\Z", f"{what} must end with a letter or number"),
        _trimmed_pattern(r"\A[A-Za-z0-9-]+\Z", f"{what} can only contain letters, numbers, and hyphens"),
    )


ReturnPath = Annotated[str, *_label("Return path")]
TrackingSubdomain = Annotated[str, *_label("Tracking subdomain")]
DomainName = Annotated[
    str,
    Rule(lambda text: len(text.strip()) > 0, "Domain name is required"),
    Rule(lambda text: js_length(text.strip()) <= 255, "Too big: expected string to have <=255 characters"),
]


class CapabilityInput(Body):
    name: Annotated[str, Length(1, 255)]
    enabled: bool


class DomainInput(Body):
    name: DomainName
    region: Region = UNSET
    custom_return_path: ReturnPath = UNSET
    open_tracking: bool = UNSET
    click_tracking: bool = UNSET
    tracking_subdomain: TrackingSubdomain = UNSET
    tls: Tls = UNSET
    capabilities: list[CapabilityInput] = UNSET


class DomainPatch(Body):
    """At least one member is needed."""

    click_tracking: bool = UNSET
    open_tracking: bool = UNSET
    tracking_subdomain: TrackingSubdomain | None = None
    capabilities: list[CapabilityInput] = UNSET
    sending_enabled: bool = UNSET
    receiving_enabled: bool = UNSET
    tls: Tls = UNSET


class Record(ResponseModel):
    ttl: str
    name: str
    type: Literal["TXT", "MX", "CNAME"]
    value: str
    status: Literal["pending", "verified"]
    priority: int | None = None


class Capability(ResponseModel):
    name: str
    enabled: bool


class DomainChanged(ResponseModel):
    object: Literal["domain"]
    id: str


class DomainDeleted(DomainChanged):
    deleted: Literal[True]


class DomainItem(ResponseModel):
    id: str
    name: str
    status: Literal["not_started", "pending", "verified"]
    region: Region
    capabilities: list[Capability]
    created_at: str


class DomainList(ResponseModel):
    object: Literal["list"]
    data: list[DomainItem]
    has_more: bool


class Domain(DomainItem):
    object: Literal["domain"]
    records: list[Record]
    custom_return_path: str | None
    return_path: str
    open_tracking: bool
    click_tracking: bool
    tracking_subdomain: str | None
    tls: Tls


class DomainVerified(DomainChanged):
    name: str
    status: Literal["pending", "verified"]
    records: list[Record]
    custom_return_path: str | None
    return_path: str
    created_at: str
