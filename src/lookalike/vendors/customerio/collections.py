"""Collections: tables of data that messages look things up in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import orjson

from lookalike.answer import Answer, Lengthy
from lookalike.call import Call
from lookalike.routes import Routes
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document
from lookalike.vendors.customerio.data_files import read_rows, with_file
from lookalike.vendors.customerio.identity import next_number
from lookalike.vendors.customerio.problems import bad_request, missing
from lookalike.vendors.customerio.schemas.collections import (
    CollectionAnswer,
    CollectionChange,
    CollectionInput,
    CollectionList,
)

R = TypeVar("R")
Rows = list[dict[str, Any]]

COLLECTIONS = Resource("collections", orders=(Order("number", ("number",)),))

routes = Routes("collections", doc="https://docs.customer.io/integrations/api/app/")


def collection_json(document: Document) -> dict[str, Any]:
    """A collection without its rows: `schema` names every key of a row, `bytes` is the size of the rows as JSON (I)."""
    rows = document["rows"]
    return {
        "id": document["number"],
        "name": document["name"],
        "schema": list(dict.fromkeys(key for row in rows for key in row)),
        "rows": len(rows),
        "bytes": len(orjson.dumps(rows)),
        "created_at": document["created_at"],
        "updated_at": document["updated_at"],
    }


def collection(call: Call, id: str) -> Document:
    """The collection of that id. Raises the vendor's 404."""
    found = call.collection(COLLECTIONS).get(id)
    if found is None:
        raise missing("collection")
    return found


def _with_rows(call: Call, body: CollectionChange, act: Callable[[Rows | None], R]) -> R | Lengthy:
    """Act upon what a request says the rows are; None where it says nothing. Raises the vendor's 400."""
    if body.data is not None and body.url is not None:
        raise bad_request("data and url cannot be used together")
    return with_file(call.part, body.url, lambda file: act(body.data if body.url is None else read_rows(file())))


def _write(call: Call, document: Document, **change: Any) -> dict[str, Any]:
    document |= {**change, "updated_at": int(call.clock.now())}
    call.collection(COLLECTIONS).put(document)
    return {"collection": collection_json(document)}


@routes.get("/v1/collections", returns=CollectionList)
def list_collections(call: Call) -> dict[str, Any]:
    """List all collections, oldest first (I)."""
    return {"collections": [collection_json(found) for found in call.collection(COLLECTIONS).scan("number")]}


@routes.post("/v1/collections", body=CollectionInput, returns=CollectionAnswer)
def create_collection(call: Call, body: CollectionInput) -> dict[str, Any] | Lengthy:
    """Create a collection from rows, or from a file that holds them."""

    def act(rows: Rows | None) -> dict[str, Any]:
        if not body.name.strip() or rows is None:
            raise bad_request("name is required" if rows is not None else "data or url is required")
        number = next_number(call.part, COLLECTIONS)
        document = {"id": str(number), "number": number, "created_at": int(call.clock.now())}
        return _write(call, document, name=body.name, rows=rows)

    return _with_rows(call, body, act)


@routes.get("/v1/collections/{collection_id}", returns=CollectionAnswer)
def get_collection(call: Call, collection_id: str) -> dict[str, Any]:
    """Get a collection without its rows."""
    return {"collection": collection_json(collection(call, collection_id))}


@routes.put("/v1/collections/{collection_id}", body=CollectionChange, returns=CollectionAnswer)
def update_collection(call: Call, collection_id: str, body: CollectionChange) -> dict[str, Any] | Lengthy:
    """Rename a collection, replace its rows, or both."""
    collection(call, collection_id)

    def act(rows: Rows | None) -> dict[str, Any]:
        document = collection(call, collection_id)
        name = document["name"] if body.name is None else body.name
        if not name.strip():
            raise bad_request("name is required")
        return _write(call, document, name=name, rows=document["rows"] if rows is None else rows)

    return _with_rows(call, body, act)


@routes.delete("/v1/collections/{collection_id}", status=204)
def delete_collection(call: Call, collection_id: str) -> Answer:
    """Delete a collection; no campaign here ever uses one."""
    call.collection(COLLECTIONS).delete(collection(call, collection_id)["id"])
    return Answer(204)


@routes.get("/v1/collections/{collection_id}/content", returns=list[dict[str, Any]])
def get_collection_contents(call: Call, collection_id: str) -> list[dict[str, Any]]:
    """Get a collection's rows, as a bare array."""
    rows: list[dict[str, Any]] = collection(call, collection_id)["rows"]
    return rows


@routes.put("/v1/collections/{collection_id}/content", accepts=list[dict[str, Any]], returns=CollectionAnswer)
def update_collection_contents(call: Call, collection_id: str) -> dict[str, Any]:
    """Replace a collection's rows by a bare array of objects."""
    document = collection(call, collection_id)
    rows = call.json()
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise bad_request()
    return _write(call, document, rows=rows)
