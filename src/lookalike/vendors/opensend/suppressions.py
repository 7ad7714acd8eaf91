"""Suppressions: addresses that nothing is sent to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from lookalike.answer import Answer
from lookalike.call import Call
from lookalike.part import Part
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.opensend import coercion, dates, jsonb
from lookalike.vendors.opensend.schemas.suppressions import (
    ImportInput,
    Suppression,
    SuppressionDeleted,
    SuppressionImport,
    SuppressionInput,
    SuppressionList,
)
from lookalike.vendors.opensend.sequence import next_number
from lookalike.vendors.opensend.suppression_csv import IMPORT_BYTES, IMPORT_ROWS, REASONS, read_import, write_export
from lookalike.vendors.opensend.validation import read, read_object

SUPPRESSIONS = Resource(
    "suppressions",
    unique=("email",),
    indexes=("source_email_id",),
    orders=(Order("updated", ("updated_at", "number")),),
)
"""What is shown of a suppression, and `from` and `topic_id` of the email that it came from."""


DOCS = "https://opensend.namuh.co/docs/api-reference/suppressions"

routes = Routes("suppressions", doc=DOCS)

Test = Callable[[Document], bool]
"""Whether a filter leaves a suppression in."""

SHOWN = (
    "id",
    "object",
    "email",
    "reason",
    "scope",
    "source_event_id",
    "source_email_id",
    "source_message_id",
    "metadata",
    "suppressed_at",
    "updated_at",
)


def suppression_json(suppression: dict[str, Any]) -> dict[str, Any]:
    """A suppression."""
    return {name: suppression[name] for name in SHOWN}


def suppress(part: Part, email: str, reason: str, metadata: dict[str, Any], **source: str | None) -> dict[str, Any]:
    """Suppress an address, or renew its suppression.

    `source` may name `source_event_id`, `source_email_id`, `source_message_id`, and that email's `from`, `topic_id`.
    """
    suppressions = part.collection(SUPPRESSIONS)
    email = email.strip().lower()
    known = suppressions.one("email", email)
    now = part.clock.iso() if known is None else part.clock.iso_after(known["updated_at"])
    suppression = {
        "id": known["id"] if known is not None else part.ids.uuid4(),
        "object": "suppression",
        "email": email,
        "reason": reason,
        "scope": "user",
        "source_event_id": None,
        "source_email_id": None,
        "source_message_id": None,
        "from": None,
        "topic_id": None,
        **source,
        "metadata": jsonb.stored(metadata),
        "suppressed_at": now,
        "updated_at": now,
        "number": next_number(suppressions, "updated"),
    }
    suppressions.put(suppression)
    return suppression


def suppressed(part: Part, addresses: list[str]) -> list[dict[str, Any]]:
    """The suppressions among these addresses, in their order, each once."""
    suppressions = part.collection(SUPPRESSIONS)
    wanted = dict.fromkeys(address.strip().lower() for address in addresses)
    return [found for address in wanted if (found := suppressions.one("email", address)) is not None]


@routes.post(
    "/api/suppressions",
    accepts=SuppressionInput,
    returns=Suppression,
    status=201,
    source="S",
    doc=f"{DOCS}/create-suppression",
)
def create_suppression(call: Call) -> dict[str, Any]:
    """Suppress an address; one that already is gets the new reason and times."""
    body = read(call, SuppressionInput)
    reason = body.get("reason", "manual")
    return suppression_json(suppress(call.part, body["email"], reason, {"source": "manual"}))


@routes.get("/api/suppressions", returns=SuppressionList, source="S", doc=f"{DOCS}/list-suppressions")
def list_suppressions(call: Call) -> dict[str, Any] | Answer:
    """List suppressions, the one touched last first; `after` nevertheless compares ids, as on the real server."""
    try:
        found, has_more = _select(call, coercion.limit(call.argument("limit"), 50, 100))
    except Problem:
        # Nothing catches the database's refusal there: the 500 has no body.
        return Answer(500)
    data = [suppression_json(suppression) for suppression in found]
    return {"object": "list", "scope": "user", "data": data, "has_more": has_more}


@routes.delete(
    "/api/suppressions/{email}",
    returns=SuppressionDeleted,
    source="S",
    doc=f"{DOCS}/delete-suppression",
)
def delete_suppression(call: Call, email: str) -> dict[str, Any]:
    """Lift the suppression of an address."""
    suppressions = call.collection(SUPPRESSIONS)
    found = suppressions.one("email", email.strip().lower())
    if found is None:
        raise Problem("not_found", "Suppression not found", code="not_found")
    suppressions.delete(found["id"])
    return {"object": "suppression", "deleted": True}


@routes.post(
    "/api/suppressions/import",
    accepts=ImportInput,
    returns=SuppressionImport,
    status=201,
    source="S",
    doc=f"{DOCS}/import-suppressions",
)
def import_suppressions(call: Call) -> dict[str, Any] | Answer:
    """Suppress all addresses of a CSV, or none of them where anything is wrong with it."""
    wanted = read_import(_csv(call))
    if wanted.errors:
        return call.answer(422, _import_json([], wanted.errors))
    made = [
        suppress(call.part, email, reason, {"source": "manual", "importRow": row}) for row, email, reason in wanted.rows
    ]
    return _import_json(made, [])


@routes.get("/api/suppressions/export", source="S", doc=f"{DOCS}/export-suppressions")
def export_suppressions(call: Call) -> Answer:
    """Export suppressions as CSV, by the same filters as the list; too many for one file are refused."""
    try:
        limit = coercion.limit(call.argument("limit"), 1000, 1000)
        found, has_more = _select(call, limit)
    except Problem:
        return Answer(500)
    if has_more:
        message = f"More than {limit:,} suppressions match these filters. Refine filters before exporting."
        raise Problem("invalid", message, status=413, code="export_too_large", members={"limit": limit})
    return Answer(
        200,
        write_export(found).encode(),
        [
            ("Content-Type", "text/csv;charset=utf-8"),
            ("Content-Disposition", f'attachment; filename="suppressions-{call.clock.iso()[:10]}.csv"'),
            ("X-OpenSend-Export-Rows", str(len(found))),
            ("X-OpenSend-Export-Limit", str(limit)),
        ],
    )


def _csv(call: Call) -> str:
    is_json = "application/json" in (call.header("Content-Type") or "")
    text = read_object(call).get("csv") if is_json else _plain(call)
    if not isinstance(text, str) or not text.strip():
        raise Problem("invalid", "CSV body is required", code="empty_csv")
    return text


def _plain(call: Call) -> str:
    """The body as text. The real server cuts one of more than 10 MiB, which leaves it far too large for an import."""
    try:
        return call.body.decode("utf-8", "replace")
    except Problem:
        return "-" * (IMPORT_BYTES + 1)


def _import_json(made: list[dict[str, Any]], errors: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "object": "suppression_import",
        "imported_count": len(made),
        "rejected_count": len(errors),
        "limit": IMPORT_ROWS,
        "data": [suppression_json(suppression) for suppression in made],
        "errors": errors,
    }


def _select(call: Call, limit: int) -> tuple[list[Document], bool]:
    """What the filters of a request leave, and whether there is more of it."""
    suppressions = call.collection(SUPPRESSIONS)
    wanted = _filters(call)
    if not wanted:
        page = suppressions.page("updated", limit=limit, descending=True)
        return page.documents, page.has_more
    rest = suppressions.scan("updated", descending=True)
    matches: Iterator[Document] = (found for found in rest if all(test(found) for test in wanted))
    found = list(islice(matches, limit + 1))
    return found[:limit], len(found) > limit


def _filters(call: Call) -> list[Test]:
    argument = call.argument
    wanted: list[Test] = []
    after = argument("after")
    if after:
        bound = coercion.database_id(after)
        wanted.append(lambda found: found["id"] < bound)
    search = (argument("q") or argument("search") or argument("email") or "").strip()
    if search:
        pattern = coercion.pattern(search)
        places = ("id", "email", "source_email_id", "source_message_id")
        wanted.append(lambda found: any(pattern.search(found[place] or "") for place in places))
    reason = argument("reason") or argument("status")
    if reason in REASONS:
        wanted.append(lambda found: found["reason"] == reason)
    source = argument("source")
    if source in ("manual", "operator", "ses"):
        wanted.append(lambda found: found["metadata"].get("source") == source)
    return wanted + _dated(call) + _by_email(call)


def _dated(call: Call) -> list[Test]:
    first = dates.first_moment(call.argument("created_after"))
    last = dates.last_moment(call.argument("created_before"))
    return [
        *([lambda found: found["suppressed_at"] >= first] if first else []),
        *([lambda found: found["suppressed_at"] <= last] if last else []),
    ]


def _by_email(call: Call) -> list[Test]:
    """By what is known of the email that a suppression came from; those made by hand came from none."""
    wanted: list[Test] = []
    domain = (call.argument("domain") or "").strip()
    if domain:
        pattern = coercion.pattern(domain)
        wanted.append(lambda found: found["from"] is not None and pattern.search(found["from"]) is not None)
    topic_id = (call.argument("topic_id") or "").strip()
    if topic_id:
        wanted.append(lambda found: found["topic_id"] == topic_id)
    return wanted
