"""Segments: named, coloured lists of contacts that change by hand alone."""

from __future__ import annotations

from typing import Any

from lookalike.answer import Answer, Lengthy
from lookalike.call import Call
from lookalike.parsing import read_body
from lookalike.part import Part
from lookalike.pieces import Steps, in_pieces, pieces
from lookalike.routes import Routes
from lookalike.stores.collection import Document
from lookalike.vendors.invent import people
from lookalike.vendors.invent.contact_segments import segment_of
from lookalike.vendors.invent.contact_views import SEGMENTS, embedded_json
from lookalike.vendors.invent.identity import new_id
from lookalike.vendors.invent.paging import listed, newest, searched
from lookalike.vendors.invent.people import CONTACTS
from lookalike.vendors.invent.problems import missing
from lookalike.vendors.invent.schemas.segments import Segment, SegmentInput, SegmentPatch, SegmentsQuery

routes = Routes("segments", doc="https://docs.useinvent.com/api-reference/get-segments")

_AT_ONCE = 20
"""Contacts changed between which nobody else comes in."""


def segment_json(part: Part, segment: Document) -> dict[str, Any]:
    """A segment as its own routes show it."""
    return {**embedded_json(part, segment), "boards": segment["boards"]}


def _segments_json(part: Part, segments: list[Document]) -> list[dict[str, Any]]:
    return [segment_json(part, segment) for segment in segments]


def make_segment(part: Part, name: str, color: str, at: str) -> Document:
    """Store a new segment; `at` is when it was created."""
    segment: Document = {
        "id": new_id(part, "seg"),
        "name": name,
        "color": color,
        "boards": [],
        "created_at": at,
        "updated_at": at,
    }
    part.collection(SEGMENTS).put(segment)
    return segment


@routes.get("/orgs/{org_id}/segments", query=SegmentsQuery, returns=list[Segment])
def get_segments(call: Call, org_id: str, query: SegmentsQuery) -> Lengthy | Answer:
    """List segments, newest first, all or those whose name has a part."""
    segments = call.collection(SEGMENTS)
    if not query.search and not query.exclude_board_columns:
        page = newest(segments, query)
        return listed(call, _segments_json(call.part, page.documents), query, page.total)
    wanted = (query.search or "").lower()

    def fits(segment: Document) -> bool:
        return wanted in segment["name"].lower() and not (query.exclude_board_columns and segment["boards"])

    held = segments.scan("newest", descending=True)
    return searched(call, held, fits, query, _segments_json)


@routes.post("/orgs/{org_id}/segments", body=SegmentInput, returns=Segment, source="I")
def create_a_segment(call: Call, org_id: str, body: SegmentInput) -> dict[str, Any]:
    """Create a segment; names need not be unique."""
    return segment_json(call.part, make_segment(call.part, body.name, body.color, call.clock.iso()))


@routes.get("/orgs/{org_id}/segments/{segment_id}", returns=Segment, source="I")
def get_a_segment(call: Call, org_id: str, segment_id: str) -> dict[str, Any]:
    """Get one segment."""
    return segment_json(call.part, segment_of(call, segment_id))


@routes.patch(
    "/orgs/{org_id}/segments/{segment_id}",
    accepts=SegmentPatch,
    returns=Segment,
    doc="https://docs.useinvent.com/api-reference/update-a-segment",
)
def update_a_segment(call: Call, org_id: str, segment_id: str) -> dict[str, Any]:
    """Rename a segment, or give it another colour."""
    before = segment_of(call, segment_id)
    body = read_body(call, SegmentPatch)
    after = before | body.model_dump(include=body.model_fields_set) | {"updated_at": call.clock.iso()}
    call.collection(SEGMENTS).put(after)
    return segment_json(call.part, after)


@routes.delete("/orgs/{org_id}/segments/{segment_id}", returns=Segment, source="I")
def delete_a_segment(call: Call, org_id: str, segment_id: str) -> Lengthy | dict[str, Any]:
    """Delete a segment; its contacts stay. It is shown a last time."""
    segment = segment_of(call, segment_id)
    return in_pieces(call.part, _delete(call, segment))


def _delete(call: Call, segment: Document) -> Steps[dict[str, Any]]:
    shown, segment_id = segment_json(call.part, segment), segment["id"]
    members = people.ids_on(call.part, segment_id)
    if not call.collection(SEGMENTS).delete(segment_id):
        raise missing("Segment")
    for piece in pieces(members, _AT_ONCE):
        for contact in call.collection(CONTACTS).get_many(piece):
            people.leave(call.part, contact, segment_id)
        yield
    return shown
