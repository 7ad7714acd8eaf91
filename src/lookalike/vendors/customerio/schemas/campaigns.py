"""Campaigns, and newsletters, of which there are none."""

from typing import Any, Literal

from pydantic import Field

from lookalike.models import ResponseModel
from lookalike.vendors.customerio.schemas.paging import Limit100, QueryModel


class Action(ResponseModel):
    id: int
    type: Literal["email"]


class Campaign(ResponseModel):
    id: int
    deduplicate_id: str
    name: str
    type: Literal["event", "segment"]
    created: int
    updated: int
    active: bool
    state: Literal["running"]
    actions: list[Action]
    msg_template_ids: list[Action]
    first_started: int
    tags: list[str] | None
    event_name: str | None
    trigger_segment_ids: list[int]


class Campaigns(ResponseModel):
    campaigns: list[Campaign]


class CampaignAnswer(ResponseModel):
    campaign: Campaign


class NewslettersQuery(QueryModel):
    start: str = ""
    limit: Limit100 = 10
    sort: Literal["asc", "desc"] = "asc"


class Newsletters(ResponseModel):
    newsletters: list[Any] = Field(max_length=0)
    next: str


class NewsletterAnswer(ResponseModel):
    newsletter: dict[str, Any]
