"""Broadcasts: list, make, change, open, cancel, delete."""

from __future__ import annotations

from typing import Any

from lookalike.answer import Answer, Lengthy
from lookalike.call import Call
from lookalike.parsing import read_body
from lookalike.part import Part
from lookalike.pieces import Steps, in_pieces, pieces
from lookalike.routes import Routes
from lookalike.stores.collection import Document
from lookalike.vendors.invent import recipients
from lookalike.vendors.invent.broadcast_documents import (
    BROADCASTS,
    broadcast_json,
    broadcast_of,
    make_broadcast,
    make_templates,
)
from lookalike.vendors.invent.contacts import check_segments
from lookalike.vendors.invent.paging import listed, newest, searched
from lookalike.vendors.invent.problems import missing, rejected
from lookalike.vendors.invent.schemas.broadcasts import Broadcast, BroadcastInput, BroadcastPatch, BroadcastsQuery

routes = Routes("broadcasts", doc="https://docs.useinvent.com/api-reference/get-broadcasts")

_AT_ONCE = 100
"""Recipients deleted between which nobody else comes in."""

RESTING = ("DRAFT", "CANCELLED", "FAILED")
"""Where a broadcast may be sent from (D), and so be changed too (I)."""


@routes.get("/orgs/{org_id}/broadcasts", query=BroadcastsQuery, returns=list[Broadcast])
def get_broadcasts(call: Call, org_id: str, query: BroadcastsQuery) -> Lengthy | Answer:
    """List broadcasts, newest first, all or those of a status and with a part in their name."""
    broadcasts, wanted = call.collection(BROADCASTS), (query.search or "").lower()
    page = newest(broadcasts, query, query.status)
    if not wanted:
        return listed(call, _broadcasts_json(call.part, page.documents), query, page.total)
    held = broadcasts.scan("newest", within=query.status, descending=True)
    return searched(call, held, lambda one: wanted in one["name"].lower(), query, _broadcasts_json)


def _broadcasts_json(part: Part, broadcasts: list[Document]) -> list[dict[str, Any]]:
    return [broadcast_json(part, broadcast) for broadcast in broadcasts]


@routes.post(
    "/orgs/{org_id}/broadcasts",
    body=BroadcastInput,
    returns=Broadcast,
    doc="https://docs.useinvent.com/api-reference/create-a-broadcast",
)
def create_a_broadcast(call: Call, org_id: str, body: BroadcastInput) -> dict[str, Any]:
    """Create a draft, of a marketing broadcast unless the type says otherwise."""
    check_segments(call.part, body.segment_ids)
    at = call.clock.iso()
    broadcast = make_broadcast(
        call.part,
        body.name,
        body.type,
        at,
        scheduled_at=body.scheduled_at,
        segment_ids=list(dict.fromkeys(body.segment_ids)),
        send_to_all=body.send_to_all,
    )
    if body.templates:
        said = [template.model_dump() for template in body.templates]
        broadcast["templates"] = make_templates(call.part, broadcast["id"], said, at)
    call.collection(BROADCASTS).put(broadcast)
    return broadcast_json(call.part, broadcast)


@routes.get("/orgs/{org_id}/broadcasts/{broadcast_id}", returns=Broadcast, source="I")
def get_a_broadcast(call: Call, org_id: str, broadcast_id: str) -> dict[str, Any]:
    """Get one broadcast."""
    return broadcast_json(call.part, broadcast_of(call, broadcast_id))


@routes.patch("/orgs/{org_id}/broadcasts/{broadcast_id}", accepts=BroadcastPatch, returns=Broadcast, source="I")
def update_a_broadcast(call: Call, org_id: str, broadcast_id: str) -> dict[str, Any]:
    """Change a broadcast that is not under way; its type stays as it was made."""
    before = broadcast_of(call, broadcast_id)
    body = read_body(call, BroadcastPatch)
    said = body.model_dump(include=body.model_fields_set)
    if said.pop("type", before["type"]) != before["type"]:
        raise rejected("type cannot be changed", "type")
    if before["status"] not in RESTING:
        raise rejected("Only broadcasts in DRAFT, CANCELLED or FAILED status can be updated")
    check_segments(call.part, body.segment_ids)
    at = call.clock.iso()
    if "segment_ids" in said:
        said["segment_ids"] = list(dict.fromkeys(said["segment_ids"]))
    if "templates" in said:
        said["templates"] = make_templates(call.part, before["id"], said["templates"], at)
    after = before | said | {"updated_at": at}
    call.collection(BROADCASTS).put(after)
    return broadcast_json(call.part, after)


@routes.delete("/orgs/{org_id}/broadcasts/{broadcast_id}", returns=Broadcast, source="I")
def delete_a_broadcast(call: Call, org_id: str, broadcast_id: str) -> Lengthy | dict[str, Any]:
    """Delete a broadcast with its recipients; it is shown a last time."""
    broadcast = broadcast_of(call, broadcast_id)
    return in_pieces(call.part, _delete(call, broadcast))


def _delete(call: Call, broadcast: Document) -> Steps[dict[str, Any]]:
    shown = broadcast_json(call.part, broadcast)
    rows = recipients.ids_of(call.part, broadcast["id"])
    if not call.collection(BROADCASTS).delete(broadcast["id"]):
        raise missing("Broadcast")
    for piece in pieces(rows, _AT_ONCE):
        for id in piece:
            call.collection(recipients.RECIPIENTS).delete(id)
        yield
    return shown


@routes.post("/orgs/{org_id}/broadcasts/{broadcast_id}/activate", returns=Broadcast, source="I")
def activate_a_broadcast(call: Call, org_id: str, broadcast_id: str) -> dict[str, Any]:
    """Open a transactional broadcast for sends."""
    before = broadcast_of(call, broadcast_id)
    if before["type"] != "TRANSACTIONAL":
        raise rejected("Only transactional broadcasts can be activated")
    if before["status"] not in (*RESTING, "ACTIVE"):
        raise rejected("Only broadcasts in DRAFT, CANCELLED or FAILED status can be activated")
    at = call.clock.iso()
    after = before | {"status": "ACTIVE", "started_at": before["started_at"] or at, "updated_at": at}
    call.collection(BROADCASTS).put(after)
    return broadcast_json(call.part, after)


@routes.post("/orgs/{org_id}/broadcasts/{broadcast_id}/cancel", returns=Broadcast, source="I")
def cancel_a_broadcast(call: Call, org_id: str, broadcast_id: str) -> dict[str, Any]:
    """Take back a broadcast that is scheduled."""
    before = broadcast_of(call, broadcast_id)
    if before["status"] != "SCHEDULED":
        raise rejected("Only broadcasts in SCHEDULED status can be cancelled")
    after = before | {"status": "CANCELLED", "updated_at": call.clock.iso()}
    call.collection(BROADCASTS).put(after)
    return broadcast_json(call.part, after)
