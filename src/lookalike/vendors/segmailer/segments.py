"""Segments: rules over contacts' attributes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from lookalike import living
from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.part import Part
from lookalike.routes import Routes
from lookalike.stores.collection import Document
from lookalike.vendors.segmailer import filters, people
from lookalike.vendors.segmailer.membership import CONTACTS, SEGMENTS, count, page
from lookalike.vendors.segmailer.paging import listing, newest, window
from lookalike.vendors.segmailer.problems import SEGMENT, missing
from lookalike.vendors.segmailer.schemas.contacts import Contact
from lookalike.vendors.segmailer.schemas.fields import Listing, PageQuery
from lookalike.vendors.segmailer.schemas.segments import Segment, SegmentChange, SegmentInput, SegmentsQuery

routes = Routes("segments", doc="https://www.segmailer.com/features/real-time-segmentation")


def segment_json(part: Part, document: Document) -> dict[str, Any]:
    """A segment as SegMailer shows it; the filter is the one that was given."""
    shown = {name: document[name] for name in ("id", "name", "filter")}
    shown["contactsCount"] = count(part.collection(CONTACTS), document["id"])
    return shown | {name: document[name] for name in ("createdAt", "updatedAt")}


def segments_json(part: Part, documents: Iterable[Document]) -> list[dict[str, Any]]:
    return [segment_json(part, document) for document in documents]


def draft(part: Part, name: str, filter_: dict[str, Any], at: str) -> Document:
    """A new segment's document, not yet stored. Raises the vendor's 400 for a filter that makes no sense."""
    tree = filters.parse(filter_)
    segment = {"id": part.ids.uuid4(), "name": name, "filter": filter_, "createdAt": at, "updatedAt": at}
    living.define(part, segment, tree)
    return segment


def add(part: Part, segment: Document) -> None:
    """Store a segment and gather its members, here and now."""
    part.collection(SEGMENTS).put(segment)
    living.rebuild_now(part, segment["id"])


def _segment(call: Call, id: str) -> Document:
    found = call.collection(SEGMENTS).get(id)
    if found is None:
        raise missing(SEGMENT)
    return found


@routes.get("/api/v2/segments", query=SegmentsQuery, returns=Listing[Segment], source="I")
def list_segments(call: Call, query: SegmentsQuery) -> dict[str, Any]:
    """List segments, newest first; with `search` those whose name holds that text, whatever its case.

    Everything about this operation is inferred.
    """
    segments, wanted = call.collection(SEGMENTS), query.search.casefold()
    if not wanted:
        found = newest(segments, query)
        return listing(query, found.total, segments_json(call.part, found.documents))
    fitting = [one for one in segments.scan("newest", descending=True) if wanted in one["name"].casefold()]
    return listing(query, len(fitting), segments_json(call.part, window(fitting, query)))


@routes.post("/api/v2/segments", body=SegmentInput, returns=Segment, status=201, source="I")
def create_segment(call: Call, body: SegmentInput) -> Any:
    """Create a segment; the contacts that there are become members at once.

    That a segment is a rule and not a list, and what a rule may ask for, is documented; the operation and the form of
    the filter are inferred.
    """
    document = draft(call.part, body.name, body.filter, call.clock.iso())
    call.collection(SEGMENTS).put(document)
    return living.rebuild(call.part, document["id"], partial(segment_json, call.part, document))


@routes.get("/api/v2/segments/{id}", returns=Segment, source="I")
def get_segment(call: Call, id: str) -> dict[str, Any]:
    """Get a segment.

    Everything about this operation is inferred.
    """
    return segment_json(call.part, _segment(call, id))


@routes.patch("/api/v2/segments/{id}", body=SegmentChange, returns=Segment, source="I")
def update_segment(call: Call, id: str, body: SegmentChange) -> Any:
    """Rename a segment or change its filter; its members follow at once.

    Everything about this operation is inferred.
    """
    document = _segment(call, id)
    if body.name is not None:
        document["name"] = body.name
    if body.filter is not None:
        document["filter"] = body.filter
        living.define(call.part, document, filters.parse(body.filter))
    document["updatedAt"] = call.clock.iso()
    call.collection(SEGMENTS).put(document)
    answer = partial(segment_json, call.part, document)
    return answer() if body.filter is None else living.rebuild(call.part, document["id"], answer)


@routes.delete("/api/v2/segments/{id}", status=204, source="I")
def delete_segment(call: Call, id: str) -> Any:
    """Delete a segment; its members stay.

    Everything about this operation is inferred.
    """
    call.collection(SEGMENTS).delete(_segment(call, id)["id"])
    return living.forget(call.part, id, partial(Answer, 204))


@routes.get("/api/v2/segments/{id}/contacts", query=PageQuery, returns=Listing[Contact], source="I")
def list_segment_contacts(call: Call, id: str, query: PageQuery) -> dict[str, Any]:
    """List the members of a segment, newest first.

    Everything about this operation is inferred.
    """
    found, total = page(call.collection(CONTACTS), query, _segment(call, id)["id"])
    return listing(query, total, people.contacts_json(call.part, found))
