"""Workflows."""

from typing import Literal

from lookalike.models import ResponseModel


class SegmentTrigger(ResponseModel):
    type: Literal["segment_enter", "segment_leave"]
    segmentId: str


class EventTrigger(ResponseModel):
    type: Literal["event"]
    event: str


class Workflow(ResponseModel):
    id: str
    name: str
    status: Literal["active"]
    trigger: SegmentTrigger | EventTrigger
