"""Contacts by the thousand."""

from __future__ import annotations

from typing import Any

from lookalike.call import Call
from lookalike.parsing import validate
from lookalike.problem import Problem
from lookalike.routes import Routes
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
from lookalike.workspace import Part

routes = Routes("contacts", doc="https://www.segmailer.com/features/rest-api")


@routes.post("/api/v2/contacts/bulk", body=BulkInput, returns=BulkResult)
def bulk_upsert_contacts(call: Call, body: BulkInput) -> dict[str, Any]:
    """Create or update up to 1,000 contacts, in order; a bad entry fails alone.

    That there are bulk endpoints, and that each entry counts as a write of a contact, is documented; path, request and
    answer are inferred.
    """
    tally = Tally(call.part)
    rows = [_row(call.part, number, row, tally) for number, row in enumerate(body.contacts)]
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
def bulk_delete_contacts(call: Call, body: BulkDeleteInput) -> dict[str, Any]:
    """Erase up to 1,000 contacts, named by their ids or by their addresses.

    That there are bulk endpoints is documented; path, request and answer are inferred.
    """
    if body.ids is None and body.emails is None:
        raise rejected("ids", "or emails is required")
    if body.ids is not None and body.emails is not None:
        raise rejected("ids", "and emails must not be given together")
    part, tally = call.part, Tally(call.part)
    deleted, unknown = 0, []
    for name in dict.fromkeys(body.ids or body.emails or ()):
        contact = part.collection(CONTACTS).get(name) if body.ids else people.by_email(part, name)
        if contact is None:
            unknown.append(name)
            continue
        people.remove(part, contact, tally)
        events.forget(part, contact["id"])
        deleted += 1
    tally.write()
    return {"deleted": deleted, "notFound": unknown}
