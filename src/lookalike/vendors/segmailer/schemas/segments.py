"""Segments."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from lookalike.models import RequestModel, ResponseModel
from lookalike.vendors.segmailer.schemas.fields import Given, PageQuery

Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]


class SegmentInput(RequestModel):
    """`filter` is read by `filters.py`."""

    name: Name
    filter: dict[str, Any]


class SegmentChange(RequestModel):
    name: Annotated[Name | None, Given] = None
    filter: Annotated[dict[str, Any] | None, Given] = None


class SegmentsQuery(PageQuery):
    search: str = ""


class Segment(ResponseModel):
    id: str
    name: str
    filter: dict[str, Any]
    contactsCount: Annotated[int, Field(ge=0)]
    createdAt: str
    updatedAt: str
