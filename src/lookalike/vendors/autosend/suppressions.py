"""Suppression groups: who does not want to be mailed, and about what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from lookalike.call import Call
from lookalike.clock import iso, parse_instant
from lookalike.part import Part
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.autosend.identity import new_id
from lookalike.vendors.autosend.paging import newest, pagination, window
from lookalike.vendors.autosend.problems import GROUP_NOT_FOUND, missing, rejected
from lookalike.vendors.autosend.schemas.fields import Success, Told
from lookalike.vendors.autosend.schemas.suppressions import (
    EmailInput,
    Entries,
    EntriesInput,
    Group,
    GroupChange,
    GroupInput,
    Groups,
    GroupsOfEmail,
    GroupsQuery,
    Suppressed,
    SuppressInput,
    Unsuppressed,
    UnsuppressInput,
)

GROUPS = Resource(
    "suppression_groups",
    unique=("groupId", "standing"),
    indexes=("name",),
    orders=(Order("newest", ("createdAt",)),),
)
"""A group has a long `id` and a short code, `groupId`. `standing` marks the two a project has by itself."""

_ALL = ""


def _shelves(entry: Document) -> tuple[str, str]:
    return (_ALL, entry["groupId"])


ENTRIES = Resource(
    "suppression_entries",
    unique=("place",),
    indexes=("email", "groupId"),
    orders=(Order("newest", ("createdAt",), within=_shelves),),
)
"""One address in one group; `place` names both."""

_DAY = 86400.0
_CODE_LENGTH = 5
_STANDING = {"default": "Default", "global": "Global Unsubscribes"}

routes = Routes("suppression groups", doc="https://docs.autosend.com/api-reference/suppression-groups")


# --- what other resources ask -------------------------------------------------------------------------------------


def standing(part: Part, kind: str) -> Document:
    """The project's `default` or `global` group, made on first use (I)."""
    found = part.collection(GROUPS).one("standing", kind)
    return found or make_group(part, _STANDING[kind], at=part.clock.iso(), kind=kind)


def make_group(
    part: Part, name: str, *, at: str, description: str | None = None, active: bool = True, kind: str | None = None
) -> Document:
    """A new group, stored."""
    groups = part.collection(GROUPS)
    code = part.ids.text(_CODE_LENGTH)
    while groups.one("groupId", code) is not None:
        code = part.ids.text(_CODE_LENGTH)
    group = {
        "id": new_id(part),
        "groupId": code,
        "name": name,
        "description": description,
        "isGlobal": kind == "global",
        "isActive": active,
        "createdAt": at,
        "updatedAt": at,
        "standing": kind,
    }
    groups.put(group)
    return group


def suppress(part: Part, email: str, group: Document, reason: str, at: str) -> bool:
    """Put an address into a group; false when it was in there."""
    return bool(part.collection(ENTRIES).extend([entry(part, email, group, reason, at)]))


def entry(part: Part, email: str, group: Document, reason: str, at: str) -> Document:
    """An address in a group, not yet stored."""
    return {
        "id": new_id(part),
        "email": email,
        "groupId": group["groupId"],
        "reason": reason,
        "createdAt": at,
        "updatedAt": at,
        "place": f"{group['groupId']} {email}",
    }


def groups_of(part: Part, email: str) -> list[dict[str, Any]]:
    """Code and name of every group that an address is in."""
    groups = part.collection(GROUPS)
    codes = [entry["groupId"] for entry in part.collection(ENTRIES).find("email", email)]
    found = (groups.one("groupId", code) for code in codes)
    return [{"groupId": group["groupId"], "name": group["name"]} for group in found if group is not None]


def is_suppressed(part: Part, email: str, code: str | None = None) -> bool:
    """Whether an address is not to be mailed: suppressed globally, in the group of that code or, without one, in the
    default group (I)."""
    entries = part.collection(ENTRIES)
    if not entries.count("email", email):
        return False
    groups = part.collection(GROUPS)
    default = None if code is not None else groups.one("standing", "default")
    concerned = [groups.one("standing", "global"), groups.one("groupId", code) if code is not None else default]
    return any(
        group["isActive"] and entries.one("place", f"{group['groupId']} {email}") is not None
        for group in concerned
        if group is not None
    )


# --- groups -------------------------------------------------------------------------------------------------------


def group_json(part: Part, group: Document) -> dict[str, Any]:
    """A group as AutoSend shows it, with the number of its entries; a description that was not set is absent (I)."""
    shown = {name: group[name] for name in ("id", "groupId", "name", "description", "isGlobal", "isActive")}
    if shown["description"] is None:
        del shown["description"]
    times = {"createdAt": group["createdAt"], "updatedAt": group["updatedAt"]}
    return shown | times | {"suppressionCount": part.collection(ENTRIES).count("groupId", group["groupId"])}


def _group(part: Part, id: str) -> Document:
    groups = part.collection(GROUPS)
    found = groups.one("groupId", id) or groups.get(id)
    if found is None:
        raise missing(GROUP_NOT_FOUND)
    return found


@routes.get("/v1/suppression-groups", query=GroupsQuery, returns=Success[Groups])
def list_suppression_groups(call: Call, query: GroupsQuery) -> dict[str, Any]:
    """List the suppression groups, newest first; global ones only when asked for (I)."""
    found = call.collection(GROUPS).scan("newest", descending=True)
    wanted = (g for g in found if g["isGlobal"] == query.isGlobal or (query.includeGlobal and not query.isGlobal))
    return {"success": True, "data": {"groups": [group_json(call.part, group) for group in wanted]}}


@routes.post("/v1/suppression-groups", body=GroupInput, returns=Success[Group], status=201)
def create_suppression_group(call: Call, body: GroupInput) -> dict[str, Any]:
    """Create a suppression group; the status 201 is inferred."""
    group = make_group(call.part, body.name, at=call.clock.iso(), description=body.description, active=body.isActive)
    return {"success": True, "data": group_json(call.part, group)}


@routes.get("/v1/suppression-groups/{groupId}", returns=Success[Group])
def get_suppression_group(call: Call, groupId: str) -> dict[str, Any]:
    """Get a suppression group by its code, or by its id (I)."""
    return {"success": True, "data": group_json(call.part, _group(call.part, groupId))}


@routes.put("/v1/suppression-groups/{groupId}", body=GroupChange, returns=Success[Group])
def update_suppression_group(call: Call, groupId: str, body: GroupChange) -> dict[str, Any]:
    """Change a suppression group; what is not sent stays."""
    group = _group(call.part, groupId)
    sent = body.model_dump(exclude_unset=True)
    group |= {name: value for name, value in sent.items() if value is not None or name == "description"}
    group["updatedAt"] = call.clock.iso_after(group["updatedAt"])
    call.collection(GROUPS).put(group)
    return {"success": True, "data": group_json(call.part, group)}


@routes.delete("/v1/suppression-groups/{groupId}", returns=Told)
def delete_suppression_group(call: Call, groupId: str) -> dict[str, Any]:
    """Delete a suppression group and its entries; a global one stays."""
    group = _group(call.part, groupId)
    if group["isGlobal"]:
        message = "Cannot delete global suppression group"
        raise Problem("invalid", message, code="CANNOT_DELETE_GLOBAL_GROUP", with_status=True)
    entries = call.collection(ENTRIES)
    for id in entries.ids("groupId", group["groupId"]):
        entries.delete(id)
    call.collection(GROUPS).delete(group["id"])
    return {"success": True, "message": "Suppression group deleted successfully"}


# --- entries ------------------------------------------------------------------------------------------------------


@routes.post("/v1/suppression-groups/emails/suppress", body=SuppressInput, returns=Success[Suppressed])
def bulk_suppress_emails(call: Call, body: SuppressInput) -> dict[str, Any]:
    """Suppress addresses in a group, in the default group, or globally; counts what is new (I)."""
    if body.isGlobal:
        group = standing(call.part, "global")
    else:
        group = standing(call.part, "default") if body.groupId is None else _group(call.part, body.groupId)
    now, reason = call.clock.iso(), body.reason or "unsubscribed"
    written = sum(suppress(call.part, email, group, reason, now) for email in body.emails)
    return {"success": True, "data": {"suppressed": written}}


@routes.post("/v1/suppression-groups/emails/unsuppress", body=UnsuppressInput, returns=Success[Unsuppressed])
def bulk_unsuppress_emails(call: Call, body: UnsuppressInput) -> dict[str, Any]:
    """Take addresses out of a group, out of all groups, or off the global list; counts entries (I)."""
    entries = call.collection(ENTRIES)
    group = None
    if body.isGlobal:
        group = standing(call.part, "global")
    elif body.groupId is not None:
        group = _group(call.part, body.groupId)
    removed = 0
    for email in dict.fromkeys(body.emails):
        for entry in entries.find("email", email):
            if group is None or entry["groupId"] == group["groupId"]:
                removed += entries.delete(entry["id"])
    return {"success": True, "data": {"unsuppressed": removed}}


@routes.post("/v1/suppression-groups/entries", body=EntriesInput, returns=Success[Entries])
def search_suppression_entries(call: Call, body: EntriesInput) -> dict[str, Any]:
    """Search the suppressed addresses, newest first."""
    part, entries = call.part, call.collection(ENTRIES)
    shelf = _ALL
    if body.groupId is not None:
        shelf = _group(part, body.groupId)["groupId"]
    if body.isGlobal:
        code = standing(part, "global")["groupId"]
        shelf = code if shelf in (_ALL, code) else "nowhere"
    start, end = _instant("startDate", body.startDate), _instant("endDate", body.endDate, last=True)
    if body.reason is None and start is None and end is None:
        found = newest(entries, body.page, body.limit, shelf)
    else:
        fitting = _fitting(entries.scan("newest", within=shelf, descending=True), body.reason, start, end)
        found = window(fitting, body.page, body.limit, call.workspace.name)
    shown = [_entry_json(entry) for entry in found.documents]
    return {"success": True, "data": {"entries": shown, "pagination": pagination(body.page, body.limit, found.total)}}


def _instant(field: str, text: str | None, *, last: bool = False) -> str | None:
    """A bound in the form in which times are stored; a day as the `last` bound means its end (I)."""
    if text is None:
        return None
    try:
        seconds = parse_instant(text)
        return iso(seconds + _DAY - 0.001 if last and len(text) == 10 else seconds)
    except (ValueError, OverflowError):
        raise rejected(field, "Invalid date format") from None


def _fitting(entries: Iterable[Document], reason: str | None, start: str | None, end: str | None) -> Iterator[Document]:
    for entry in entries:
        in_time = (start is None or entry["createdAt"] >= start) and (end is None or entry["createdAt"] <= end)
        if in_time and reason in (None, entry["reason"]):
            yield entry


def _entry_json(entry: Document) -> dict[str, Any]:
    return {name: entry[name] for name in ("id", "email", "groupId", "reason", "createdAt", "updatedAt")}


@routes.post("/v1/suppression-groups/email/entries", body=EmailInput, returns=Success[GroupsOfEmail], source="I")
def get_email_suppressions(call: Call, body: EmailInput) -> dict[str, Any]:
    """List the groups that an address is suppressed in; documented by name alone, request and answer are inferred."""
    return {"success": True, "data": {"groups": groups_of(call.part, body.email)}}
