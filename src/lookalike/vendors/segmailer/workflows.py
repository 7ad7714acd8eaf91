"""Workflows: what SegMailer does by itself when a contact enters a segment or an event happens.

They are built in SegMailer's own editor; the public API only lists them. Here tests define them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from lookalike.call import Call
from lookalike.part import Part
from lookalike.routes import Routes
from lookalike.runs import CannotPlan, Plan
from lookalike.stores import Index, Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.segmailer import mails
from lookalike.vendors.segmailer.membership import SEGMENTS
from lookalike.vendors.segmailer.paging import listing, newest
from lookalike.vendors.segmailer.schemas.fields import Listing, PageQuery
from lookalike.vendors.segmailer.schemas.workflows import Workflow

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


def plan(part: Part, plan: Plan) -> dict[str, Any]:
    """Make a workflow that a test defines. Raises CannotPlan."""
    type_ = plan.trigger.get("type")
    if not isinstance(type_, str) or type_ not in TRIGGERS:
        raise CannotPlan(f"The trigger needs a 'type': use one of {', '.join(TRIGGERS)}.")
    member = TRIGGERS[type_]
    of = plan.trigger.get(member)
    if not isinstance(of, str) or not of:
        raise CannotPlan(f"A trigger of type {type_!r} needs {member!r}: say of which.")
    if member == "segmentId" and part.collection(SEGMENTS).get(of) is None:
        raise CannotPlan(f"There is no segment {of!r}: create it first.")
    workflow = {
        "id": part.ids.uuid4(),
        "name": plan.name,
        "status": "active",
        "trigger": {"type": type_, member: of},
        "mail": None if plan.mail is None else asdict(plan.mail),
        "createdAt": part.clock.iso(),
    }
    part.collection(WORKFLOWS).put(workflow)
    return workflow_json(workflow)


def happened(part: Part, contact: Document, event: Document, named: Iterable[str]) -> None:
    """Run the workflows that an event triggers, and those that it names; ids that are none are passed over (I)."""
    workflows = part.collection(WORKFLOWS)
    if not workflows.count():
        return
    triggered = workflows.ids("trigger", _key("event", event["event"]))
    trigger = {"type": "event", "event": event["event"], "eventId": event["id"]}
    for workflow in workflows.get_many(dict.fromkeys([*triggered, *named])):
        _run(part, workflow, trigger, contact)


def passed(part: Part, before: Document | None, after: Document) -> None:
    """Run the workflows of the segments that a contact has entered and left."""
    old, new = [] if before is None else before["segmentIds"], after["segmentIds"]
    if old == new or not part.collection(WORKFLOWS).count():
        return
    for type_, ids in (("segment_leave", set(old) - set(new)), ("segment_enter", set(new) - set(old))):
        for id in sorted(ids):
            for workflow in part.collection(WORKFLOWS).find("trigger", _key(type_, id)):
                _run(part, workflow, workflow["trigger"], after)


def _run(part: Part, workflow: Document, trigger: Mapping[str, Any], contact: Document) -> None:
    """Note that a workflow ran; its mail goes to whoever is subscribed (I)."""
    sent = []
    if workflow["mail"] is not None and contact["status"] == "subscribed":
        mail = mails.message(part, [contact["email"]], **workflow["mail"])
        part.keep_message(mail)
        sent.append(mail["id"])
    part.keep_run(kind="workflow", name=workflow["name"], trigger=trigger, contact=contact["email"], messages=sent)
