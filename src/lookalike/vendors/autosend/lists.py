"""Contact lists and segments: create, read, delete."""

from __future__ import annotations

from typing import Any

from lookalike import living
from lookalike.answer import Lengthy
from lookalike.call import Call
from lookalike.parsing import validate
from lookalike.part import Part
from lookalike.pieces import Steps, in_pieces
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores.collection import Document
from lookalike.vendors.autosend import people, segments
from lookalike.vendors.autosend.identity import new_id
from lookalike.vendors.autosend.people import CONTACTS, GLOBAL_LIST
from lookalike.vendors.autosend.problems import LIST_EXISTS, LIST_NOT_FOUND, missing, rejected, taken
from lookalike.vendors.autosend.schemas.fields import Success, Told
from lookalike.vendors.autosend.schemas.lists import ContactList, ContactLists, ListInput, ListsQuery
from lookalike.vendors.autosend.segments import LISTS

_AT_ONCE = 50
"""Members who are taken off a list between which nobody else comes in."""

EVERYBODY = {
    "id": GLOBAL_LIST,
    "name": "All Contacts",
    "description": "All contacts in the project",
    "type": "list",
}

routes = Routes("contact lists", doc="https://docs.autosend.com/api-reference/contact-lists")


def contact_list(part: Part, id: str) -> Document:
    """The list or segment of that id, or the one of everybody. Raises the vendor's 404."""
    found = EVERYBODY if id == GLOBAL_LIST else part.collection(LISTS).get(id)
    if found is None:
        raise missing(LIST_NOT_FOUND)
    return found


def editable_list(part: Part, id: str) -> Document:
    """The list of that id, if its members can be chosen: neither a segment nor the list of everybody (I)."""
    found = contact_list(part, id)
    if found["id"] == GLOBAL_LIST:
        raise rejected("contactListId", "The global contact list cannot be modified")
    if found["type"] == "segment":
        raise rejected("contactListId", "Contacts of a segment cannot be modified")
    return found


def list_json(part: Part, document: Document) -> dict[str, Any]:
    """A list or segment as AutoSend shows it; a description that was never set is absent (I)."""
    shown = {"id": document["id"], "name": document["name"]}
    if document.get("description") is not None:
        shown["description"] = document["description"]
    shown |= {"type": document["type"], "contactCount": people.count(part, document["id"])}
    return shown | {name: document[name] for name in ("filterCriteria", "createdAt", "updatedAt") if name in document}


@routes.get("/v1/contact-lists", query=ListsQuery, returns=Success[ContactLists])
def list_contact_lists(call: Call, query: ListsQuery) -> dict[str, Any]:
    """List all lists and segments, the one of everybody first, then newest first (I)."""
    documents = [EVERYBODY, *call.collection(LISTS).scan("newest", descending=True)]
    shown = [list_json(call.part, document) for document in documents if query.type in (None, document["type"])]
    return {"success": True, "data": {"lists": shown}}


@routes.post("/v1/contact-lists", accepts=ListInput, returns=Success[ContactList], status=201, source="S")
def create_contact_list(call: Call) -> dict[str, Any] | Lengthy:
    """Create a list, or a segment, whose members follow from its criteria from then on."""
    body = _read(call)
    part, lists = call.part, call.collection(LISTS)
    if lists.one("name", body.name) is not None:
        raise taken(LIST_EXISTS)
    document = make_list(part, body.name, body.description, at=call.clock.iso())
    parent = None if body.parentId is None else _parent(part, body.parentId)
    if body.type == "segment":
        tree = segments.parse(body.filterCriteria)
        tree = tree if parent is None else segments.within_parent(tree, parent)
        define_segment(part, document, body.filterCriteria, tree)
    lists.put(document)

    def made() -> dict[str, Any]:
        return {"success": True, "data": list_json(part, document)}

    return living.rebuild(part, document["id"], made) if body.type == "segment" else made()


def _read(call: Call) -> ListInput:
    """The body, with the two complaints of its own that this operation has before all others."""
    data = call.json()
    if not isinstance(data, dict):
        raise Problem("invalid")
    name, type_ = data.get("name"), data.get("type")
    if name is None or (isinstance(name, str) and not name.strip()):
        raise Problem("invalid", "List name is required", code="LIST_NAME_REQUIRED")
    if type_ not in (None, "list", "segment"):
        message = 'Invalid list type. Must be either "list" or "segment"'
        raise Problem("invalid", message, code="INVALID_LIST_TYPE")
    body = validate(ListInput, data if type_ is not None else {**data, "type": "list"})
    if body.type == "segment" and body.filterCriteria is None:
        raise rejected("filterCriteria", "FilterCriteria is required")
    return body


def _parent(part: Part, id: str) -> Document | None:
    parent = EVERYBODY if id == GLOBAL_LIST else part.collection(LISTS).get(id)
    if parent is None:
        raise rejected("parentId", f"Contact list not found: {id}")
    return None if parent is EVERYBODY else parent


def make_list(part: Part, name: str, description: str | None, at: str) -> Document:
    """A new list's document, not yet stored."""
    document: Document = {"id": new_id(part), "name": name, "type": "list", "createdAt": at, "updatedAt": at}
    if description is not None:
        document["description"] = description
    return document


def define_segment(part: Part, document: Document, criteria: Any, tree: dict[str, Any]) -> None:
    """Make a list's document a segment's: its criteria as they were given, and what they mean."""
    document |= {"type": "segment", "filterCriteria": criteria}
    living.define(part, document, tree)


@routes.get("/v1/contact-lists/{contactListId}", returns=Success[ContactList])
def get_contact_list(call: Call, contactListId: str) -> dict[str, Any]:
    """Get a list or segment."""
    return {"success": True, "data": list_json(call.part, contact_list(call.part, contactListId))}


@routes.delete("/v1/contact-lists/{contactListId}", returns=Told, source="S")
def delete_contact_list(call: Call, contactListId: str) -> dict[str, Any] | Lengthy:
    """Delete a list or segment; its members stay in the project."""
    document = contact_list(call.part, contactListId)
    if document["id"] == GLOBAL_LIST:
        raise rejected("contactListId", "The global contact list cannot be deleted")
    call.collection(LISTS).delete(contactListId)
    gone = {"success": True, "message": "Contact list deleted successfully"}
    if document["type"] == "segment":
        return living.forget(call.part, contactListId, lambda: gone)
    return in_pieces(call.part, _empty(call.part, contactListId, gone))


def _empty(part: Part, list_id: str, answer: dict[str, Any]) -> Steps[dict[str, Any]]:
    """Take everybody off a list that is no more; until they are, it stands in their `listIds` still."""
    while members := part.collection(CONTACTS).page("members", within=list_id, limit=_AT_ONCE).documents:
        for contact in members:
            people.leave(part, contact, list_id)
        yield
    return answer
