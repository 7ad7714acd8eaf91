"""Track v1: who is in a manual segment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lookalike.answer import Lengthy
from lookalike.call import Call
from lookalike.part import Part
from lookalike.pieces import Steps, in_pieces, pieces
from lookalike.routes import Routes
from lookalike.stores.collection import Document
from lookalike.vendors.customerio import people
from lookalike.vendors.customerio.problems import rejected
from lookalike.vendors.customerio.schemas.empty import Empty
from lookalike.vendors.customerio.schemas.track import IdTypeQuery, SegmentChange
from lookalike.vendors.customerio.segmentation import find_segment
from lookalike.vendors.customerio.track_bodies import read_object

routes = Routes("segment members", doc="https://docs.customer.io/integrations/api/track/#tag/Track-Segments")

MOST = 1000
_AT_ONCE = 20
"""People who join or leave between two looks at the time."""


@routes.post("/api/v1/segments/{segment_id}/add_customers", query=IdTypeQuery, accepts=SegmentChange, returns=Empty)
def add_to_segment(call: Call, segment_id: str, query: IdTypeQuery) -> dict[str, Any] | Lengthy:
    """Put people into a manual segment; whom nobody knows is passed over."""
    return in_pieces(call.part, _change(call, segment_id, query.id_type, people.join))


@routes.post("/api/v1/segments/{segment_id}/remove_customers", query=IdTypeQuery, accepts=SegmentChange, returns=Empty)
def remove_from_segment(call: Call, segment_id: str, query: IdTypeQuery) -> dict[str, Any] | Lengthy:
    """Take people out of a manual segment; who is not in it is passed over."""
    return in_pieces(call.part, _change(call, segment_id, query.id_type, people.leave))


def _change(call: Call, segment_id: str, id_type: str, act: Callable[[Part, Document, str], bool]) -> Steps[Any]:
    """Do it with whom the body names; what the vendor says about unknown and data-driven segments is inferred."""
    ids = read_object(call).get("ids")
    if not isinstance(ids, list) or not 1 <= len(ids) <= MOST:
        raise rejected(f"ids must contain between 1 and {MOST} values")
    segment = find_segment(call.part, segment_id)
    if segment is None:
        raise rejected("segment not found")
    if segment["type"] != "manual":
        raise rejected("segment is not a manual segment")
    named = [str(id) for id in ids if isinstance(id, str | int) and not isinstance(id, bool)]
    for piece in pieces(named, _AT_ONCE):
        if find_segment(call.part, segment_id) is None:  # somebody has deleted it meanwhile
            break
        for id in piece:
            person = people.find(call.part, id_type, id)
            if person is not None:
                act(call.part, person, segment_id)
        yield
    return {}
