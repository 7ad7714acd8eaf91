"""Segments, and audiences, which are the same rows under another name."""

from typing import Literal

from lookalike.models import ResponseModel
from lookalike.vendors.opensend.validation import Body


class SegmentInput(Body):
    name: str


class SegmentMade(ResponseModel):
    object: Literal["segment", "audience"]
    id: str
    name: str


class Segment(SegmentMade):
    created_at: str


class SegmentItem(ResponseModel):
    id: str
    name: str
    created_at: str
    contacts_count: int
    unsubscribed_count: int


class SegmentList(ResponseModel):
    object: Literal["list"]
    data: list[SegmentItem]
    has_more: bool
    total: int


class AudienceList(ResponseModel):
    object: Literal["list"]
    has_more: bool
    data: list[SegmentItem]


class AudienceDeleted(ResponseModel):
    object: Literal["audience"]
    id: str
    deleted: Literal[True]


class Success(ResponseModel):
    success: Literal[True]


class SegmentContact(ResponseModel):
    id: str
    email: str
    firstName: str | None
    lastName: str | None
    status: Literal["subscribed", "unsubscribed"]
    created_at: str


class SegmentContactList(ResponseModel):
    object: Literal["list"]
    data: list[SegmentContact]
    has_more: bool


class Added(ResponseModel):
    object: Literal["contact_segment"]
    contact_id: str
    segment_id: str
    added: Literal[True]


class Removed(ResponseModel):
    object: Literal["contact_segment"]
    contact_id: str
    segment_id: str
    deleted: Literal[True]


class ContactSegment(ResponseModel):
    id: str
    name: str
    created_at: str


class ContactSegmentList(ResponseModel):
    object: Literal["list"]
    data: list[ContactSegment]
    has_more: Literal[False]
