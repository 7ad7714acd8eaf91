"""Pipelines: the calls, in the names that sources use."""

from typing import Any, Literal

from pydantic import Field

from lookalike.models import RequestModel

Members = dict[str, Any]


class Message(RequestModel):
    """What every call may carry."""

    userId: str | int | None = None
    anonymousId: str | int | None = None
    messageId: str | None = None
    timestamp: str | None = None
    context: Members | None = None
    integrations: Members | None = None


class Identify(Message):
    traits: Members | None = None


class Track(Message):
    event: str = Field(min_length=1)
    properties: Members | None = None


class View(Message):
    """A page or a screen."""

    name: str | None = None
    category: str | None = None
    properties: Members | None = None


class Group(Message):
    groupId: str | int
    objectTypeId: str | int | None = None
    traits: Members | None = None


class Alias(Message):
    previousId: str | int


class BatchItem(Message):
    type: Literal["identify", "track", "page", "screen", "group", "alias"]


class Batch(RequestModel):
    batch: list[BatchItem]
    context: Members | None = None
    integrations: Members | None = None
