"""What lists are asked for, as the contract document shows it; the server reads it in JavaScript's lenient way."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lookalike.models import RequestModel
from lookalike.vendors.opensend.validation import UNSET

Limit = Annotated[int, Field(description="Items on a page; out of range is brought into it.")]
After = Annotated[str, Field(description="Only items whose id is below this one.")]
Search = Annotated[str, Field(description="A substring, in any case; % and _ are wildcards.")]


class PageQuery(RequestModel):
    limit: Limit = UNSET
    after: After = UNSET


class SearchQuery(PageQuery):
    search: Search = UNSET


class ContactQuery(SearchQuery):
    status: Literal["subscribed", "unsubscribed"] = UNSET
    segment_id: str = UNSET


class PropertyQuery(RequestModel):
    page: int = UNSET
    limit: Limit = UNSET
    search: Search = UNSET
    type: str = UNSET


class UnsubscribeQuery(RequestModel):
    token: str
    topic_id: str = UNSET
    broadcast_id: str = UNSET
