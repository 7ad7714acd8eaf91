"""Segments: what there is, who is in them, and manual ones made and deleted."""

from __future__ import annotations

from typing import Any

from lookalike.answer import Answer, Lengthy
from lookalike.call import Call
from lookalike.part import Part
from lookalike.pieces import Steps, in_pieces, pieces
from lookalike.routes import Routes
from lookalike.stores import Page
from lookalike.stores.collection import Document
from lookalike.vendors.customerio import cursors, people
from lookalike.vendors.customerio.campaign_triggers import CAMPAIGNS, key
from lookalike.vendors.customerio.people import PEOPLE
from lookalike.vendors.customerio.problems import bad_request, missing
from lookalike.vendors.customerio.schemas.segments import (
    Membership,
    MembershipQuery,
    SegmentAnswer,
    SegmentCount,
    SegmentInput,
    SegmentList,
    SegmentUses,
)
from lookalike.vendors.customerio.segmentation import SEGMENTS, add_segment, find_segment

_AT_ONCE, _READ_AT_ONCE = 20, 200
"""Members who leave, or are read, between two looks at the time."""

routes = Routes("segments", doc="https://docs.customer.io/integrations/api/app/tag/segments/")


def segment_json(document: Document) -> dict[str, Any]:
    """A segment; here all of them are finished at once."""
    return {
        "id": document["number"],
        "deduplicate_id": f"{document['number']}:{document['updated_at']}",
        "name": document["name"],
        "description": document["description"],
        "state": "finished",
        "progress": None,
        "type": document["type"],
        "tags": document["tags"],
        "created_at": document["created_at"],
        "updated_at": document["updated_at"],
    }


def segment(call: Call, id: str) -> Document:
    """The segment of that id. Raises the vendor's 404."""
    found = find_segment(call.part, id)
    if found is None:
        raise missing("segment")
    return found


@routes.get("/v1/segments", returns=SegmentList)
def list_segments(call: Call) -> dict[str, Any]:
    """List all segments, oldest first (I)."""
    return {"segments": [segment_json(found) for found in call.collection(SEGMENTS).scan("number")]}


@routes.post("/v1/segments", body=SegmentInput, returns=SegmentAnswer)
def create_man_segment(call: Call, body: SegmentInput) -> dict[str, Any]:
    """Create an empty manual segment; several may have one name (I)."""
    return {"segment": segment_json(add_segment(call.part, body.segment.name, body.segment.description or ""))}


@routes.get("/v1/segments/{segment_id}", returns=SegmentAnswer)
def get_segment(call: Call, segment_id: str) -> dict[str, Any]:
    """Get a segment."""
    return {"segment": segment_json(segment(call, segment_id))}


@routes.delete("/v1/segments/{segment_id}", status=204)
def delete_man_segment(call: Call, segment_id: str) -> Answer | Lengthy:
    """Delete a manual segment; its members stay. A data-driven one is refused (I)."""
    found = segment(call, segment_id)
    if found["type"] != "manual":
        raise bad_request("segment is not a manual segment")
    call.collection(SEGMENTS).delete(found["id"])
    return in_pieces(call.part, _empty(call.part, found["id"]))


def _empty(part: Part, segment_id: str) -> Steps[Answer]:
    """Everybody leaves, a few at a time; nobody can join any more, and the number is not given again."""
    members = part.collection(PEOPLE)
    while leaving := members.page("members", limit=_AT_ONCE, within=segment_id).documents:
        for member in leaving:
            people.leave(part, member, segment_id)
        yield
    return Answer(204)


@routes.get("/v1/segments/{segment_id}/customer_count", returns=SegmentCount)
def get_segment_count(call: Call, segment_id: str) -> dict[str, Any]:
    """Count the members of a segment."""
    found = segment(call, segment_id)
    return {"segment_id": found["number"], "count": people.count_members(call.part, found["id"])}


@routes.get("/v1/segments/{segment_id}/membership", query=MembershipQuery, returns=Membership)
def get_segment_membership(call: Call, segment_id: str, query: MembershipQuery) -> dict[str, Any] | Lengthy:
    """List the members of a segment, in the order of their creation (I)."""
    found = segment(call, segment_id)
    after = cursors.decode(query.start, str)
    page = call.collection(PEOPLE).page("members", limit=query.limit, within=found["id"], after=after)
    return in_pieces(call.part, _members(call.part, found["number"], page))


def _members(part: Part, number: int, page: Page) -> Steps[dict[str, Any]]:
    named: list[dict[str, Any]] = []
    for ids in pieces(page.ids, _READ_AT_ONCE):
        named += [people.identifiers_json(person) for person in part.collection(PEOPLE).get_many(ids)]
        yield
    return {
        "segment_id": number,
        "ids": [one["id"] or "" for one in named],
        "identifiers": named,
        "next": cursors.encode(page.ids[-1]) if page.has_more else "",
    }


@routes.get("/v1/segments/{segment_id}/used_by", returns=SegmentUses)
def get_segment_dependencies(call: Call, segment_id: str) -> dict[str, Any]:
    """Say which campaigns and newsletters use a segment; of the latter there are none here."""
    number = segment(call, segment_id)["number"]
    campaigns = call.collection(CAMPAIGNS).find("trigger", key("segment", number))
    used_by = {"campaigns": [one["number"] for one in campaigns], "sent_newsletters": [], "draft_newsletters": []}
    return {"segment_id": number, "used_by": used_by}
