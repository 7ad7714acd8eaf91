"""Operations on many contacts at once."""

from typing import Literal

from lookalike.models import ResponseModel
from lookalike.vendors.opensend.validation import UNSET, Body, Uuid


class BulkInput(Body):
    action: Literal["add_to_segment", "subscribe_to_topic"]
    contact_ids: list[Uuid]
    segment_id: Uuid = UNSET
    topic_id: Uuid = UNSET


class BulkDone(ResponseModel):
    object: Literal["bulk_action"]
    success: Literal[True]
    count: int


class Imported(ResponseModel):
    object: Literal["import"]
    created_count: int
    ids: list[str]
