"""Rule-based groups of all vendors: what they ask for, who is in them and why, and by how much membership lags."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from pydantic import field_validator

from lookalike.clock import iso, parse_duration
from lookalike.conditions import NEVER, explain
from lookalike.control.parsing import ControlBody, ControlQuery
from lookalike.control.refusal import Refusal
from lookalike.control.targets import Scope, check_workspace_name, existing
from lookalike.living import Event, Living, Standing, passages, pending, rulebook
from lookalike.living.rulebook import GroupRule
from lookalike.part import Part
from lookalike.routes import Routes
from lookalike.sandbox import Sandbox
from lookalike.stores.collection import Document
from lookalike.workspace import Workspace

routes = Routes("segments")


class SegmentsQuery(Scope):
    """Which segments."""


class WhyQuery(SegmentsQuery):
    """Whom to explain: an address or id, as the vendor knows its contacts."""

    contact: str


@dataclass(frozen=True)
class _Segment:
    """A rule-based group where it was found."""

    part: Part
    living: Living
    rule: GroupRule

    def json(self) -> dict[str, Any]:
        part = self.part
        group = part.collection(self.living.groups).get(self.rule.id) or {}
        members = part.collection(self.living.members).page(self.living.order, within=self.rule.id, limit=0)
        return {
            "id": self.rule.id,
            "name": group.get("name"),
            "vendor": part.vendor.name,
            "workspace": part.workspace.name,
            "rule": self.rule.tree,
            "count": members.total,
            "since": iso(self.rule.since),
        }


def _segments(sandbox: Sandbox, query: SegmentsQuery) -> Iterator[_Segment]:
    """Those of the workspaces and vendors asked for, as of now."""
    for workspace in query.concerned(sandbox):
        with workspace.unit():
            workspace.due.run()
            for part in list(workspace.parts.values()):
                living = part.vendor.living
                if living is not None and fnmatchcase(part.vendor.name, query.vendor):
                    yield from [_Segment(part, living, rule) for rule in rulebook(part).all]


@routes.get("/segments", query=SegmentsQuery)
def list_segments(sandbox: Sandbox, query: SegmentsQuery) -> dict[str, Any]:
    """Every rule-based group: its rule as a condition tree, how many are in it, and since when the rule holds."""
    return {"segments": [segment.json() for segment in _segments(sandbox, query)]}


@routes.get("/segments/{id}/why", query=WhyQuery)
def explain_membership(sandbox: Sandbox, id: str, query: WhyQuery) -> dict[str, Any]:
    """Why a contact is in a segment, or is not: every condition with the value seen and whether it holds.

    `member` is what the vendor's API shows, `holds` what is so by rights; they differ while membership lags, and
    `pending` says when they no longer will. `next_change` is when time alone may change the outcome next.
    """
    segment = _one(sandbox, id, query)
    with segment.part.workspace.unit():
        member = segment.living.find(segment.part, query.contact)
        if member is None:
            raise Refusal(404, f"There is no contact {query.contact!r}: name it by its address or id.")
        return _why(segment, member)


def _one(sandbox: Sandbox, id: str, query: SegmentsQuery) -> _Segment:
    found = [segment for segment in _segments(sandbox, query) if segment.rule.id == id]
    if not found:
        raise Refusal(404, f"There is no segment {id!r} with a rule: GET /_lookalike/segments lists them.")
    if len(found) > 1:
        raise Refusal(409, f"There are {len(found)} segments {id!r}: say which by vendor and workspace.")
    return found[0]


def _why(segment: _Segment, member: Document) -> dict[str, Any]:
    part, living, rule = segment.part, segment.living, segment.rule
    now = part.clock.now()
    get = Standing(part, living, member).getter(rulebook(part))
    holds, until = rule.judge(get, now)
    return {
        "segment": segment.json(),
        "contact": {"id": member["id"], "title": living.title(member)},
        "member": rule.id in member[living.field],
        "holds": holds,
        "conditions": explain(rule.tree, get, now),
        "next_change": None if until == NEVER else iso(until),
        "history": [_event_json(event) for event in passages(living, member, rule)],
        "pending": [_event_json(event) for event in pending(member, rule)],
    }


def _event_json(event: Event) -> dict[str, Any]:
    return {"at": iso(event.at), "what": "entered" if event.entered else "left", "why": event.why}


# --- lag -------------------------------------------------------------------------------------------------------------


class LagQuery(ControlQuery):
    workspace: str | None = None


class LagBody(ControlBody):
    """`lag` is in seconds or a duration such as 1500ms; without `workspace` it is that of all."""

    lag: str | float
    workspace: str | None = None

    _check = field_validator("workspace")(check_workspace_name)

    @field_validator("lag")
    @classmethod
    def _is_duration(cls, lag: str | float) -> str | float:
        parse_duration(str(lag))
        return lag


@routes.get("/lag", query=LagQuery)
def get_lag(sandbox: Sandbox, query: LagQuery) -> dict[str, Any]:
    """By how many seconds membership trails what it follows from, for each workspace or for one."""
    name = query.workspace
    return _lags(sandbox, None if name is None else existing(sandbox, name).name)


@routes.put("/lag", body=LagBody)
def set_lag(sandbox: Sandbox, body: LagBody) -> dict[str, Any]:
    """Have membership trail by so much from now on; what is on its way already arrives when it was to."""
    lag = parse_duration(str(body.lag))
    if body.workspace is None:
        with sandbox.home.unit():
            sandbox.lag = lag
    chosen: list[Workspace] = [sandbox.workspace(body.workspace)] if body.workspace else [*sandbox.workspaces.values()]
    for workspace in chosen:
        with workspace.unit():
            workspace.lag = lag
    return _lags(sandbox, body.workspace)


def _lags(sandbox: Sandbox, workspace: str | None) -> dict[str, Any]:
    if workspace is not None:
        return {"workspace": workspace, "lag": sandbox.workspaces[workspace].lag}
    found = list(sandbox.workspaces.items())
    return {"lag": sandbox.lag, "workspaces": {name: one.lag for name, one in found}}
