"""Segments."""

from typing import Annotated

from pydantic import AliasChoices, Field, StringConstraints

from lookalike.models import RequestModel, ResponseModel
from lookalike.vendors.invent.schemas.fields import Color, Flag, PageQuery

Name = Annotated[str, StringConstraints(min_length=1, max_length=128)]


class SegmentsQuery(PageQuery):
    """Which segments; `q` and `query` are taken for `search` too (I)."""

    search: str | None = Field(default=None, validation_alias=AliasChoices("search", "q", "query"))
    exclude_board_columns: Flag = False


class SegmentInput(RequestModel):
    name: Name
    color: Color = "neutral"


class SegmentPatch(RequestModel):
    """Only what is said counts, so the defaults show nowhere."""

    name: Name = Field(default_factory=str)
    color: Color = Field(default_factory=lambda: "neutral")


class EmbeddedSegment(ResponseModel):
    id: str
    name: str
    color: Color
    contacts_count: int
    created_at: str
    updated_at: str


class BoardColumn(ResponseModel):
    board_id: str
    board_name: str
    column_id: str


class Segment(ResponseModel):
    id: str
    name: str
    color: Color
    contacts_count: int
    boards: list[BoardColumn]
    created_at: str
    updated_at: str
