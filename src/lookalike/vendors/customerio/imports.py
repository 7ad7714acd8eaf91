"""Imports: jobs that read people, events, objects or relationships from a CSV file, a step a second.

The first line names the columns: `id`, `email` or `cio_id` for whoever a row is about, `name` and `timestamp` of an
event, `object_id` of an object; all others are attributes (I).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import islice
from typing import Any

from lookalike.answer import Lengthy
from lookalike.call import Call
from lookalike.part import Part
from lookalike.pieces import Steps, in_pieces
from lookalike.problem import Problem
from lookalike.routes import Routes
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.customerio import objects, people
from lookalike.vendors.customerio.data_files import File, read_csv, with_file
from lookalike.vendors.customerio.happenings import Happening, note
from lookalike.vendors.customerio.identification import identify
from lookalike.vendors.customerio.identity import next_number
from lookalike.vendors.customerio.problems import bad_request, missing
from lookalike.vendors.customerio.relating import relate_person
from lookalike.vendors.customerio.schemas.imports import ImportAnswer, ImportData, ImportInput

IMPORTS = Resource("imports", orders=(Order("number", ("number",)),))
FILES = Resource("import_files")
"""The rows that an import has still to read, in lots under its id and their number."""

STATES = ("preprocessing", "preprocessed", "validating", "validated", "importing", "imported")
STEP = 1.0
"""Seconds from one state to the next (I)."""
LOT = 100
"""Rows that are taken in one go."""
PAUSE = 0.1
"""Seconds between two lots (I)."""

_IDENTIFIERS = {
    "people": ("id", "email"),
    "event": ("id", "email"),
    "object": (),
    "relationship": ("id", "email", "cio_id"),
}
_LONGEST_TIME = 10
"""Digits of the latest unix second that is read as one."""

Row = dict[str, str]

routes = Routes("imports", doc="https://docs.customer.io/integrations/api/app/tag/imports/")


def import_json(document: Document) -> dict[str, Any]:
    """An import and how far it is; which rows it takes is told under both names (I)."""
    return {
        "id": document["number"],
        "name": document["name"],
        "description": document["description"],
        "type": document["type"],
        "identifier": document["identifier"],
        "object_type_id": document["object_type_id"],
        "data_to_process": document["scope"],
        "people_to_process": document["scope"],
        "rows_to_import": document["rows_to_import"],
        "rows_imported": document["rows_imported"],
        "state": document["state"],
        "error": document["error"],
        "created_at": document["created_at"],
        "updated_at": document["updated_at"],
    }


@routes.post("/v1/imports", body=ImportInput, returns=ImportAnswer, id="import")
def create_import(call: Call, body: ImportInput) -> dict[str, Any] | Lengthy:
    """Start an import. A file that cannot be read fails the import, not this call (I)."""
    _check(body.import_)
    return with_file(call.part, body.import_.data_file_url, partial(_begin, call.part, body.import_))


def _begin(part: Part, asked: ImportData, file: File) -> dict[str, Any] | Lengthy:
    number, now = next_number(part, IMPORTS), int(part.clock.now())
    document: Document = {
        "id": str(number),
        "number": number,
        "name": asked.name or _file_name(asked.data_file_url),
        "description": asked.description or "",
        "type": asked.type,
        "identifier": asked.identifier,
        "object_type_id": None if asked.object_type_id is None else str(asked.object_type_id),
        "scope": asked.people_to_process or asked.data_to_process or "all",
        "rows_to_import": 0,
        "rows_imported": 0,
        "state": STATES[0],
        "error": "",
        "created_at": now,
        "updated_at": now,
    }
    return in_pieces(part, _keep(part, document, file))


def _keep(part: Part, document: Document, file: File) -> Steps[dict[str, Any]]:
    """Keep an import and the rows of its file, or why there are none."""
    document["rows"] = lots = 0
    try:
        rows = read_csv(file())
        while lot := list(islice(rows, LOT)):
            part.collection(FILES).put({"id": f"{document['id']}/{lots}", "rows": lot})
            document["rows"] += len(lot)
            lots += 1
            yield
    except Problem as problem:
        document["failure"] = problem.message
        for number in range(lots):
            part.collection(FILES).delete(f"{document['id']}/{number}")
    part.collection(IMPORTS).put(document)
    part.later(STEP, "advance_import", {"id": document["id"]})
    return {"import": import_json(document)}


def _file_name(url: str) -> str:
    return "import.csv" if url.startswith("data:") else url.partition("?")[0].rpartition("/")[2]


def _check(asked: ImportData) -> None:
    """Raises the vendor's 400 for what an import of its type does not have or has to have."""
    allowed = _IDENTIFIERS[asked.type]
    if asked.people_to_process is not None and asked.data_to_process is not None:
        raise bad_request("people_to_process and data_to_process cannot be used together")
    if allowed and asked.identifier not in allowed:
        raise bad_request(f"identifier must be one of {', '.join(allowed)}")
    if not allowed and asked.identifier is not None:
        raise bad_request("identifier cannot be used for objects")
    type = asked.object_type_id
    if asked.type == "object" and type is None:
        raise bad_request("object_type_id is required")
    if type is not None and not str(type).isdecimal():
        raise bad_request("object_type_id is invalid")


@routes.get("/v1/imports/{import_id}", returns=ImportAnswer)
def get_import(call: Call, import_id: str) -> dict[str, Any]:
    """Get an import and how far it is."""
    found = call.collection(IMPORTS).get(import_id)
    if found is None:
        raise missing("import")
    return {"import": import_json(found)}


# --- the job ---------------------------------------------------------------------------------------------------------


def advance_import(part: Part, payload: dict[str, Any]) -> None:
    """Go on to the next state; rows are taken on the way to the last one."""
    document = part.collection(IMPORTS).get(payload["id"])
    if document is None:
        return
    lot = int(payload.get("lot", 0))
    if "failure" in document:
        document |= {"state": "failed", "error": document["failure"]}
    elif document["state"] == "importing":
        _take(part, document, lot)
        lot += 1
    else:
        document |= {
            "state": STATES[STATES.index(document["state"]) + 1],
            "rows_to_import": document["rows"],
        }
    document["updated_at"] = int(part.clock.now())
    part.collection(IMPORTS).put(document)
    if document["state"] not in ("failed", STATES[-1]):
        part.later(PAUSE if lot else STEP, "advance_import", {"id": document["id"], "lot": lot})


def _take(part: Part, document: Document, lot: int) -> None:
    """Take a lot of rows; the last one ends the import."""
    files, take = part.collection(FILES), _TAKERS[document["type"]]
    file = files.get(f"{document['id']}/{lot}")
    rows: list[Row] = file["rows"] if file is not None else []
    document["rows_imported"] += sum(take(part, document, row) for row in rows)
    files.delete(f"{document['id']}/{lot}")
    if (lot + 1) * LOT >= document["rows"]:
        document["state"] = STATES[-1]


def _is_wanted(document: Document, known: bool) -> bool:
    scope: str = document["scope"]
    return scope == "all" or known == (scope == "only_existing")


def _take_person(part: Part, document: Document, row: Row) -> bool:
    """Each of these says whether the row was taken: those without an identifier are passed over (I)."""
    value = row.pop(document["identifier"], "")
    if not value or not _is_wanted(document, people.find(part, document["identifier"], value) is not None):
        return False
    return identify(part, document["identifier"], value, _filled(row)) is not None


def _filled(row: Row) -> Row:
    """A row without its empty cells, which leave things as they are (I)."""
    return {name: cell for name, cell in row.items() if cell}


def _take_event(part: Part, document: Document, row: Row) -> bool:
    value, name, at = (row.pop(column, "") for column in (document["identifier"], "name", "timestamp"))
    if not value or not name:
        return False
    moment = float(at) if at.isdecimal() and len(at) <= _LONGEST_TIME else None
    note(part, (document["identifier"], value), Happening("event", name, _filled(row), moment))
    return True


def _take_object(part: Part, document: Document, row: Row) -> bool:
    object_id = row.pop("object_id", "")
    type = document["object_type_id"]
    if not object_id or not _is_wanted(document, objects.find_object(part, type, object_id) is not None):
        return False
    objects.change(part, objects.ensure(part, type, object_id), _filled(row))
    return True


def _take_relationship(part: Part, document: Document, row: Row) -> bool:
    """Somebody who is not there is not made (I)."""
    value, object_id = row.pop(document["identifier"], ""), row.pop("object_id", "")
    type = row.pop("object_type_id", "") or document["object_type_id"] or ""
    person = people.find(part, document["identifier"], value)
    if person is None or not object_id or not type.isdecimal():
        return False
    named = {"object_type_id": type, "object_id": object_id}
    relate_person(part, person, [{"identifiers": named, "relationship_attributes": _filled(row)}])
    return True


_TAKERS: Mapping[str, Callable[[Part, Document, Row], bool]] = {
    "people": _take_person,
    "event": _take_event,
    "object": _take_object,
    "relationship": _take_relationship,
}

TASKS = {"advance_import": advance_import}
