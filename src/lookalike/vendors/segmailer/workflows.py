"""Workflows: what SegMailer does by itself when a contact enters a segment or an event happens.

They are built in SegMailer's own editor; the public API only lists them. Here tests define them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lookalike.call import Call
from lookalike.routes import Routes
from lookalike.stores import Index, Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.segmailer.paging import listing, newest
from lookalike.vendors.segmailer.schemas.fields import Listing, PageQuery
from lookalike.vendors.segmailer.schemas.workflows import Workflow
from lookalike.workspace import Part

TRIGGERS: Mapping[str, str] = {"segment_enter": "segmentId", "segment_leave": "segmentId", "event": "event"}
"""The kinds of triggers, and the member that says of what."""


def _trigger(workflow: Document) -> tuple[str]:
    trigger = workflow["trigger"]
    return (_key(trigger["type"], trigger[TRIGGERS[trigger["type"]]]),)


def _key(type_: str, of: str) -> str:
    return f"{type_} {of}"


WORKFLOWS = Resource("workflows", indexes=(Index("trigger", _trigger),), orders=(Order("newest", ("createdAt",)),))

routes = Routes("workflows", doc="https://www.segmailer.com/features/rest-api")


def workflow_json(document: Document) -> dict[str, Any]:
    """A workflow as the list shows it."""
    return {name: document[name] for name in ("id", "name", "status", "trigger")}


@routes.get("/api/v2/workflows", query=PageQuery, returns=Listing[Workflow], source="I")
def list_workflows(call: Call, query: PageQuery) -> dict[str, Any]:
    """List the workflows, newest first.

    That workflows exist and that events may name them is documented; the operation is inferred.
    """
    found = newest(call.collection(WORKFLOWS), query)
    return listing(query, found.total, [workflow_json(document) for document in found.documents])


def happened(part: Part, contact: Document, event: Document, named: Iterable[str]) -> None:
    """Run the workflows that an event triggers, and those that it names; ids that are none are passed over (I)."""
