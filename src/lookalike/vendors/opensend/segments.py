"""Segments, which are static lists, and audiences: the same rows under another name."""

from __future__ import annotations

from typing import Any

from lookalike.call import Call
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores import Page
from lookalike.stores.collection import Document
from lookalike.vendors.opensend import coercion, paging
from lookalike.vendors.opensend.contacts import CONTACTS
from lookalike.vendors.opensend.schemas.lists import SearchQuery
from lookalike.vendors.opensend.schemas.segments import (
    AudienceDeleted,
    AudienceList,
    Segment,
    SegmentInput,
    SegmentList,
    SegmentMade,
    Success,
)
from lookalike.vendors.opensend.shelves import SEGMENTS, counts
from lookalike.vendors.opensend.validation import read_object

routes = Routes("segments", doc="https://opensend.namuh.co/docs/api-reference/segments")

_LONGEST = 255


def segment_of(call: Call, id: str) -> Document:
    """The segment of a path. Raises Problem("not_found") and, for what is no UUID, Problem("internal")."""
    segment = call.collection(SEGMENTS).get(coercion.database_id(id))
    if segment is None:
        raise Problem("not_found", "Segment not found")
    return segment


def _create(call: Call, kind: str) -> dict[str, Any]:
    name = coercion.trimmed(coercion.required(read_object(call).get("name"), "Name is required"), _LONGEST)
    segment = {"id": call.ids.uuid4(), "name": name, "created_at": call.clock.iso()}
    call.collection(SEGMENTS).put(segment)
    return {"object": kind, "id": segment["id"], "name": segment["name"]}


def _page(call: Call) -> tuple[list[dict[str, Any]], Page]:
    page = paging.listed(call, SEGMENTS, paging.window(call), ("name",))
    return [_item_json(call, segment) for segment in page.documents], page


def _item_json(call: Call, segment: Document) -> dict[str, Any]:
    total, unsubscribed = counts(call.collection(CONTACTS), segment)
    return {**segment, "contacts_count": total, "unsubscribed_count": unsubscribed}


@routes.post(
    "/segments",
    "/api/segments",
    accepts=SegmentInput,
    returns=SegmentMade,
    status=201,
    source="S",
    extras={"fallback": "Failed to create segment", "malformed": "fallback"},
)
def create_segment(call: Call) -> dict[str, Any]:
    """Create a segment."""
    return _create(call, "segment")


@routes.get(
    "/segments",
    "/api/segments",
    accepts_query=SearchQuery,
    returns=SegmentList,
    source="S",
    extras={"fallback": "Failed to fetch segments"},
)
def list_segments(call: Call) -> dict[str, Any]:
    """List segments, by id descending; search looks at names."""
    items, page = _page(call)
    return {"object": "list", "data": items, "has_more": page.has_more, "total": page.total}


@routes.get(
    "/segments/{id}",
    "/api/segments/{id}",
    returns=Segment,
    source="S",
    extras={"fallback": "Failed to fetch segment"},
)
def get_segment(call: Call, id: str) -> dict[str, Any]:
    """Get a segment."""
    return {"object": "segment", **segment_of(call, id)}


@routes.delete(
    "/segments/{id}",
    "/api/segments/{id}",
    returns=Success,
    source="S",
    extras={"fallback": "Failed to delete segment"},
)
def delete_segment(call: Call, id: str) -> dict[str, Any]:
    """Delete a segment.

    Its name stays with its contacts. Rows of the membership table can no longer be reached, since ids do not return.
    """
    call.collection(SEGMENTS).delete(segment_of(call, id)["id"])
    return {"success": True}


@routes.post(
    "/audiences",
    accepts=SegmentInput,
    returns=SegmentMade,
    status=201,
    source="S",
    extras={"fallback": "Failed to create audience", "malformed": "fallback"},
)
def create_audience(call: Call) -> dict[str, Any]:
    """Create an audience."""
    return _create(call, "audience")


@routes.get(
    "/audiences",
    accepts_query=SearchQuery,
    returns=AudienceList,
    source="S",
    extras={"fallback": "Failed to fetch audiences"},
)
def list_audiences(call: Call) -> dict[str, Any]:
    """List audiences, by id descending."""
    items, page = _page(call)
    return {"object": "list", "has_more": page.has_more, "data": items}


@routes.get("/audiences/{id}", returns=Segment, source="S", extras={"fallback": "Failed to fetch audience"})
def get_audience(call: Call, id: str) -> dict[str, Any]:
    """Get an audience."""
    return {"object": "audience", **segment_of(call, id)}


@routes.delete("/audiences/{id}", returns=AudienceDeleted, source="S", extras={"fallback": "Failed to delete audience"})
def delete_audience(call: Call, id: str) -> dict[str, Any]:
    """Delete an audience."""
    segment = segment_of(call, id)
    call.collection(SEGMENTS).delete(segment["id"])
    return {"object": "audience", "id": segment["id"], "deleted": True}
