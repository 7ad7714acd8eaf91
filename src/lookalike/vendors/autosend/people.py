"""The contact documents: how they are written, so that segments follow and webhooks are told.

A document holds what the API shows (members that were never set are absent) but for the project, and `listIds` and
`segmentIds` beside it. Everybody is on the list `GLOBAL_CONTACT_LIST`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lookalike import living
from lookalike.part import Part
from lookalike.stores import Order, Resource, View
from lookalike.stores.collection import Document
from lookalike.vendors.autosend.identity import new_id, project_id
from lookalike.vendors.autosend.schemas.contacts import ContactRow
from lookalike.vendors.autosend.webhooks import emit

GLOBAL_LIST = "GLOBAL_CONTACT_LIST"


def _memberships(contact: Document) -> list[str]:
    return [*contact["listIds"], *contact["segmentIds"]]


def _custom_names(contact: Document) -> Iterable[str]:
    names: Iterable[str] = contact.get("customFields", ())
    return names


_SHOWN = ("id", "email", "firstName", "lastName", "userId", "customFields", "updatedAt", "createdAt")
_SAYABLE = ("firstName", "lastName", "userId", "customFields")


def contact_json(contact: Document, workspace: str, *more: str) -> dict[str, Any]:
    """A contact as AutoSend shows it, and what `more` of `listIds` and `segmentIds` the operation shows."""
    shown = {name: contact[name] for name in _SHOWN if name in contact}
    shown["projectId"] = project_id(workspace)
    return shown | {name: contact[name] for name in more}


CONTACT = View("contact", contact_json)

CONTACTS = Resource(
    "contacts",
    unique=("email",),
    indexes=("userId",),
    orders=(
        Order("newest", ("createdAt",), text=True),
        Order("members", ("createdAt",), within=_memberships, shown=False, text=True),
        Order("custom", within=_custom_names, shown=False),
        living.RECHECKS,
    ),
    views=(CONTACT,),
)
"""The order "members" is that of each list and segment; `on_list` says where those of any list are. The order "custom"
is that of those who have a custom field: a look-up, in a third of the room that an index would take."""


def said(row: ContactRow) -> dict[str, Any]:
    """The members that a request carries, null ones included."""
    return {name: getattr(row, name) for name in _SAYABLE if name in row.model_fields_set}


def count(part: Part, list_id: str) -> int:
    """How many contacts are on a list or in a segment."""
    order, within = on_list(list_id)
    return part.collection(CONTACTS).page(order, limit=0, within=within).total


def on_list(list_id: str) -> tuple[str, str | None]:
    """Order and partition of those on a list or in a segment."""
    return ("newest", None) if list_id == GLOBAL_LIST else ("members", list_id)


def by_email(part: Part, email: str) -> Document | None:
    return part.collection(CONTACTS).one("email", email)


def find(part: Part, text: str) -> Document | None:
    """The contact of an address or an id."""
    return by_email(part, text.lower()) or part.collection(CONTACTS).get(text)


def draft(id: str, email: str, at: str) -> Document:
    """A new contact's document without members, lists and segments; `at` is when it was created."""
    return {"id": id, "email": email, "updatedAt": at, "createdAt": at, "listIds": [], "segmentIds": []}


def add(part: Part, email: str, members: Mapping[str, Any], list_ids: Iterable[str] = ()) -> Document:
    """Create a contact whose address is not taken."""
    contact = draft(new_id(part), email, part.clock.iso())
    contact["listIds"] = list(dict.fromkeys(list_ids))
    _apply(contact, members)
    living.assign(part, contact, None)
    part.collection(CONTACTS).put(contact)
    emit(part, "contact.created", contact_json(contact, part.workspace.name))
    return contact


def change(part: Part, before: Document, members: Mapping[str, Any], list_ids: Iterable[str] = ()) -> Document:
    """Merge members into a contact: null clears, custom fields merge by name, lists are only joined (I)."""
    contact = {**before, "updatedAt": part.clock.iso_after(before["updatedAt"])}
    if "customFields" in before:
        contact["customFields"] = dict(before["customFields"])
    _apply(contact, members)
    contact["listIds"] = list(dict.fromkeys((*before["listIds"], *list_ids)))
    rewrite(part, before, contact)
    emit(part, "contact.updated", contact_json(contact, part.workspace.name))
    return contact


def upsert(part: Part, row: ContactRow, list_ids: Iterable[str] = ()) -> Document:
    """Create the contact of that address, or change it."""
    before = by_email(part, row.email)
    return add(part, row.email, said(row), list_ids) if before is None else change(part, before, said(row), list_ids)


def rewrite(part: Part, before: Document, after: Document) -> None:
    """Store what became of a contact, in the segments that it now belongs to."""
    living.assign(part, after, before)
    part.collection(CONTACTS).put(after)


def join(part: Part, contact: Document, list_id: str) -> Document:
    """Put a contact on a list it is not on; its `updatedAt` stays (I)."""
    after = {**contact, "listIds": [*contact["listIds"], list_id]}
    rewrite(part, contact, after)
    return after


def leave(part: Part, contact: Document, list_id: str) -> None:
    """Take a contact off a list."""
    rewrite(part, contact, {**contact, "listIds": [id for id in contact["listIds"] if id != list_id]})


def remove(part: Part, contact: Document) -> None:
    """Delete a contact; suppressions of its address and its events stay (I)."""
    part.collection(CONTACTS).delete(contact["id"])
    emit(part, "contact.deleted", contact_json(contact, part.workspace.name))


def _apply(contact: Document, members: Mapping[str, Any]) -> None:
    for name in ("firstName", "lastName", "userId"):
        if name in members:
            _set(contact, name, members[name])
    if "customFields" in members:
        custom = contact.get("customFields", {}) if members["customFields"] is not None else {}
        for name, value in (members["customFields"] or {}).items():
            _set(custom, name, value)
        _set(contact, "customFields", custom or None)


def _set(target: dict[str, Any], name: str, value: Any) -> None:
    if value is None:
        target.pop(name, None)
    else:
        target[name] = value
