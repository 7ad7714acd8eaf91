"""Topics, and what contacts prefer."""

from typing import Annotated, Any, Literal

from lookalike.models import ResponseModel
from lookalike.vendors.opensend.schemas.contacts import NamedPreference
from lookalike.vendors.opensend.validation import UNSET, Body, Length

Subscription = Literal["opt_in", "opt_out"]
Visibility = Literal["public", "private"]


class TopicInput(Body):
    name: str
    default_subscription: Subscription
    visibility: Visibility
    description: Annotated[str, Length(most=200)] | None = None


class TopicPatch(Body):
    name: str = UNSET
    description: str | None = None
    visibility: Visibility = UNSET


class TopicMade(ResponseModel):
    object: Literal["topic"]
    id: str
    name: str
    description: str | None
    defaultSubscription: Subscription
    visibility: Visibility
    createdAt: str


class TopicRow(ResponseModel):
    id: str
    name: str
    description: str | None
    defaultSubscription: Subscription
    visibility: Visibility
    createdAt: str
    document: Any
    userId: str


class TopicItem(ResponseModel):
    id: str
    name: str
    description: str | None
    default_subscription: Subscription
    visibility: Visibility
    created_at: str


class Topic(TopicItem):
    object: Literal["topic"]


class TopicList(ResponseModel):
    object: Literal["list"]
    data: list[TopicItem]
    has_more: bool
    total: int


class TopicChange(Body):
    id: str
    subscription: str = UNSET


class TopicChanges(Body):
    topics: list[TopicChange]


class ContactTopics(ResponseModel):
    object: Literal["contact_topics"]
    contact_id: str
    updated: Literal[True]


class ContactTopicList(ResponseModel):
    object: Literal["list"]
    data: list[NamedPreference]
