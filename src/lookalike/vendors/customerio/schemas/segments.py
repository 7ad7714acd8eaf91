"""Segments and who is in them."""

from typing import Annotated, Literal

from pydantic import Field

from lookalike.models import RequestModel, ResponseModel
from lookalike.vendors.customerio.schemas.identifiers import Identifiers
from lookalike.vendors.customerio.schemas.paging import Limit30000, QueryModel


class SegmentData(RequestModel):
    name: Annotated[str, Field(min_length=1)]
    description: str | None = None


class SegmentInput(RequestModel):
    segment: SegmentData


class Segment(ResponseModel):
    """`progress` is null for a segment that is finished."""

    id: int
    deduplicate_id: str
    name: str
    description: str
    state: Literal["events", "build", "events_queued", "build_queued", "finished"]
    progress: int | None
    type: Literal["dynamic", "manual"]
    tags: list[str] | None
    created_at: int
    updated_at: int


class SegmentAnswer(ResponseModel):
    segment: Segment


class SegmentList(ResponseModel):
    segments: list[Segment]


class SegmentCount(ResponseModel):
    segment_id: int
    count: int


class MembershipQuery(QueryModel):
    start: str = ""
    limit: Limit30000 = 1000


class Membership(ResponseModel):
    segment_id: int
    ids: list[str]
    identifiers: list[Identifiers]
    next: str


class Uses(ResponseModel):
    campaigns: list[int]
    sent_newsletters: list[int]
    draft_newsletters: list[int]


class SegmentUses(ResponseModel):
    segment_id: int
    used_by: Uses
