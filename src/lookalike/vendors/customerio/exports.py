"""Exports: jobs that write people or deliveries into a CSV file, done by the next request after the one that asked."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from lookalike.answer import Answer, Lengthy
from lookalike.call import Call
from lookalike.part import Part
from lookalike.pieces import Steps, in_pieces, pieces
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.customerio import cursors, searching
from lookalike.vendors.customerio.customers import attributes_json
from lookalike.vendors.customerio.deliveries import DELIVERIES, place
from lookalike.vendors.customerio.identity import delivery_id, next_number
from lookalike.vendors.customerio.people import identifiers_json
from lookalike.vendors.customerio.problems import bad_request, missing
from lookalike.vendors.customerio.schemas.exports import (
    CustomersExportInput,
    DeliveriesExportInput,
    ExportAnswer,
    ExportLink,
    ExportList,
)

EXPORTS = Resource("exports", orders=(Order("number", ("number",)),))
FILES = Resource("export_files")
"""What an export wrote, under its id; apart, so that to list exports reads no files."""
LINKS = Resource("export_links")
"""Where an export may be fetched without a credential, and until when."""

LINK_LASTS = 15 * 60
_AT_ONCE = 32
"""Rows that are read or written between two looks at the time."""

_PARENTS = ("newsletter_id", "campaign_id", "transactional_message_id", "action_id")
_DELIVERY_COLUMNS = ("type", "cio_id", "recipient", "subject", "created", "sent", "delivered", "opened", "clicked")

routes = Routes("exports", doc="https://docs.customer.io/integrations/api/app/tag/exports/")


def export_json(document: Document) -> dict[str, Any]:
    """An export as it is shown; who asked for it is nobody in particular (I)."""
    return {
        "id": document["number"],
        "user_id": 0,
        "user_email": "api@example.com",
        "total": document["total"],
        "deduplicate_id": f"{document['number']}:{document['updated_at']}",
        "type": document["type"],
        "failed": False,
        "description": document["description"],
        "downloads": document["downloads"],
        "status": document["status"],
        "created_at": document["created_at"],
        "updated_at": document["updated_at"],
    }


def export(call: Call, id: str) -> Document:
    """The export of that id. Raises Problem("not_found")."""
    found = call.collection(EXPORTS).get(id)
    if found is None:
        raise missing("export")
    return found


def _begin(call: Call, type: str, description: str, wanted: dict[str, Any]) -> dict[str, Any] | Lengthy:
    """Note the export and write its file, which the export shows from the next moment on."""
    number = next_number(call.part, EXPORTS)
    now = int(call.clock.now())
    document = {
        "id": str(number),
        "number": number,
        "type": type,
        "description": description,
        "wanted": wanted,
        "total": 0,
        "downloads": 0,
        "status": "pending",
        "created_at": now,
        "updated_at": now,
    }
    call.collection(EXPORTS).put(document)
    return in_pieces(call.part, _write(call.part, document))


def _write(part: Part, document: Document) -> Steps[dict[str, Any]]:
    """Rows under the names of all that any of them has."""
    rows: list[dict[str, Any]] = []
    names: dict[str, None] = {}
    read = _people if document["type"] == "customers" else _deliveries
    for number, row in enumerate(read(part, document)):
        if row is not None:
            rows.append(row)
            names.update(dict.fromkeys(row))
        if number % _AT_ONCE == 0:
            yield
    text = io.StringIO()
    writer = csv.DictWriter(text, list(names), restval="")
    writer.writeheader()
    for piece in pieces(rows, _AT_ONCE):
        writer.writerows(piece)
        yield
    part.collection(FILES).put({"id": document["id"], "text": text.getvalue()})
    part.later(0, "finish_export", {"id": document["id"], "total": len(rows)})
    return {"export": export_json(document)}


def finish_export(part: Part, payload: dict[str, Any]) -> None:
    """Have an export show its file."""
    document = part.collection(EXPORTS).get(payload["id"])
    if document is not None:
        document |= {"status": "done", "total": payload["total"], "updated_at": int(part.clock.now())}
        part.collection(EXPORTS).put(document)


TASKS = {"finish_export": finish_export}


def _people(part: Part, document: Document) -> Iterator[dict[str, Any] | None]:
    """The people that the filter asks for: their identifiers, then the attributes asked for, or all of them (I)."""
    wanted = document["wanted"]
    for person in searching.found(part, searching.read(wanted["filters"]), expected=_AT_ONCE):
        held = attributes_json(part, person)
        names = held if wanted["attributes"] is None else wanted["attributes"]
        yield {**identifiers_json(person), **{name: held.get(name, "") for name in names}}


def _deliveries(part: Part, document: Document) -> Iterator[dict[str, Any] | None]:
    """The deliveries asked for, newest first, and None for each other one; which columns they have is inferred."""
    wanted = document["wanted"]
    names = wanted["attributes"] or _DELIVERY_COLUMNS
    for delivery in cursors.walk(part.collection(DELIVERIES), "newest", within=place(), descending=True):
        row = {**(delivery["customer_identifiers"] or {}), **delivery, **delivery["metrics"]}
        shown = {"delivery_id": delivery["id"], **{name: _cell(row.get(name)) for name in names}}
        yield shown if _is_wanted(delivery, wanted) else None


def _is_wanted(delivery: Document, wanted: Document) -> bool:
    return (
        all(wanted[name] is None or delivery.get(name) == wanted[name] for name in (*_PARENTS, "template_id"))
        and (wanted["start"] or 0) <= delivery["created"]
        and (wanted["end"] is None or delivery["created"] <= wanted["end"])
        and (wanted["metric"] is None or wanted["metric"] in delivery["metrics"])
        and (bool(wanted["drafts"]) or "drafted" not in delivery["metrics"])
    )


def _cell(value: Any) -> Any:
    return "" if value is None else value


@routes.get("/v1/exports", returns=ExportList, source="S")
def list_exports(call: Call) -> dict[str, Any]:
    """List all exports, oldest first (I); `null` when there are none."""
    return {"exports": [export_json(found) for found in call.collection(EXPORTS).scan("number")] or None}


@routes.get("/v1/exports/{export_id}", returns=ExportAnswer)
def get_export(call: Call, export_id: str) -> dict[str, Any]:
    """Get an export and how far it is."""
    return {"export": export_json(export(call, export_id))}


@routes.post("/v1/exports/customers", body=CustomersExportInput, returns=ExportAnswer, source="S")
def export_people_data(call: Call, body: CustomersExportInput) -> dict[str, Any] | Lengthy:
    """Start an export of the people that a filter asks for."""
    searching.read(body.filters)
    return _begin(call, "customers", "Customers export", body.model_dump())


@routes.post("/v1/exports/deliveries", body=DeliveriesExportInput, returns=ExportAnswer)
def export_deliveries_data(call: Call, body: DeliveriesExportInput) -> dict[str, Any] | Lengthy:
    """Start an export of the deliveries of a newsletter, a campaign, an action or a transactional message."""
    if all(getattr(body, name) is None for name in _PARENTS):
        raise bad_request(f"one of {', '.join(_PARENTS)} is required")
    return _begin(call, "deliveries", "Deliveries export", body.model_dump())


@routes.get("/v1/exports/{export_id}/download", returns=ExportLink, source="S")
def download_export(call: Call, export_id: str) -> dict[str, Any]:
    """Get a link to an export's file that works for 15 minutes; asking counts as a download."""
    document = export(call, export_id)
    if document["status"] != "done":
        raise missing("export file")
    document["downloads"] += 1
    call.collection(EXPORTS).put(document)
    token = delivery_id(call.part)
    link = {"id": token, "export": document["id"], "until": call.clock.now() + LINK_LASTS}
    call.collection(LINKS).put(link)
    return {"url": f"{call.base_url}/downloads/{token}"}


@routes.get("/downloads/{token}", public=True, source="I")
def download_file(call: Call, token: str) -> Answer:
    """Send the file behind a link that `download_export` gave; the vendor's own links lead to a file store."""
    link = call.collection(LINKS).get(token)
    if link is None or link["until"] <= call.clock.now():
        raise Problem("not_found", "this link is unknown or has expired")
    text = call.collection(FILES).get(link["export"])
    body = "" if text is None else text["text"]
    return Answer(200, body.encode(), [("Content-Type", "text/csv; charset=utf-8")])
