"""Contacts by the thousand."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from lookalike.call import Call
from lookalike.parsing import validate
from lookalike.part import Part
from lookalike.pieces import Steps, in_pieces
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores.collection import Document
from lookalike.vendors.segmailer import events, people
from lookalike.vendors.segmailer.attributes import Tally
from lookalike.vendors.segmailer.membership import CONTACTS
from lookalike.vendors.segmailer.problems import rejected, row_error
from lookalike.vendors.segmailer.schemas.contacts import (
    BulkDeleteInput,
    BulkDeleteResult,
    BulkInput,
    BulkResult,
    ContactInput,
)

BATCH = 10
"""Entries that are dealt with together; between batches of a long request others are answered."""

routes = Routes("contacts", doc="https://www.segmailer.com/features/rest-api")


@routes.post("/api/v2/contacts/bulk", body=BulkInput, returns=BulkResult)
def bulk_upsert_contacts(call: Call, body: BulkInput) -> Any:
    """Create or update up to 1,000 contacts, in order; a bad entry fails alone.

    That there are bulk endpoints, and that each entry counts as a write of a contact, is documented; path, request and
    answer are inferred.
    """
    return in_pieces(call.part, _upserts(call.part, body.contacts))


def _upserts(part: Part, entries: list[Any]) -> Steps[dict[str, Any]]:
    tally, rows = Tally(part), []
    for number, entry in enumerate(entries):
        rows.append(_row(part, number, entry, tally))
        if number % BATCH == BATCH - 1:
            tally.write()
            yield
    tally.write()
    counts = {status: sum(row["status"] == status for row in rows) for status in ("created", "updated", "failed")}
    return {**counts, "results": rows}


def _row(part: Part, number: int, row: Any, tally: Tally) -> dict[str, Any]:
    try:
        body = validate(ContactInput, row)
    except Problem as problem:
        named = {"index": number, "id": None, "email": _named(row), "status": "failed"}
        return {**named, "error": row_error(problem)}
    contact, is_new = people.upsert(part, body.identifier.email, body, tally)
    status = "created" if is_new else "updated"
    return {"index": number, "id": contact["id"], "email": contact["email"], "status": status}


def _named(row: Any) -> str | None:
    """The address that a bad entry gave, as it gave it."""
    identifier = row.get("identifier") if isinstance(row, dict) else None
    email = identifier.get("email") if isinstance(identifier, dict) else None
    return email if isinstance(email, str) else None


@routes.post("/api/v2/contacts/bulk-delete", body=BulkDeleteInput, returns=BulkDeleteResult)
def bulk_delete_contacts(call: Call, body: BulkDeleteInput) -> Any:
    """Erase up to 1,000 contacts, named by their ids or by their addresses.

    That there are bulk endpoints is documented; path, request and answer are inferred.
    """
    if body.ids is None and body.emails is None:
        raise rejected("ids", "or emails is required")
    if body.ids is not None and body.emails is not None:
        raise rejected("ids", "and emails must not be given together")
    find = call.collection(CONTACTS).get if body.emails is None else partial(people.by_email, call.part)
    return in_pieces(call.part, _deletions(call.part, list(dict.fromkeys(body.ids or body.emails or ())), find))


def _deletions(part: Part, names: list[str], find: Callable[[str], Document | None]) -> Steps[dict[str, Any]]:
    tally, unknown = Tally(part), []
    for number, name in enumerate(names):
        contact = find(name)
        if contact is None:
            unknown.append(name)
        else:
            people.remove(part, contact, tally)
            events.forget(part, contact["id"])
        if number % BATCH == BATCH - 1:
            tally.write()
            yield
    tally.write()
    return {"deleted": len(names) - len(unknown), "notFound": unknown}
