"""Campaigns and newsletters, of which there are none."""

from typing import Any, Literal

from pydantic import Field

from lookalike.models import ResponseModel
from lookalike.vendors.customerio.schemas.paging import Limit100, QueryModel


class Campaigns(ResponseModel):
    campaigns: list[Any] = Field(max_length=0)


class CampaignAnswer(ResponseModel):
    campaign: dict[str, Any]


class NewslettersQuery(QueryModel):
    start: str = ""
    limit: Limit100 = 10
    sort: Literal["asc", "desc"] = "asc"


class Newsletters(ResponseModel):
    newsletters: list[Any] = Field(max_length=0)
    next: str


class NewsletterAnswer(ResponseModel):
    newsletter: dict[str, Any]
