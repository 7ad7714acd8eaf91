"""What a store file and its journals say, before anybody asks for a collection: documents as JSON texts by place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from lookalike.stores import StoreError
from lookalike.stores.collection import Document, Place
from lookalike.stores.showing import compact

HEADER = "lookalike"
"""The table with one document: the file's version and the first journal to be read on top of it."""
STATES = "workspaces"
"""The table with each workspace's own state."""

VERSION = 1
"""Of the file. What would make an older lookalike misread it has to raise this."""

Tables = dict[str, dict[str, Any]]


def table_of(place: Place) -> str:
    """The name of a collection's table."""
    workspace, vendor, resource = place
    return f"{vendor}/{workspace}/{resource}"


class Stored:
    """The contents of a store that was opened. Raises StoreError when `tables` are none of ours."""

    def __init__(self, path: str, tables: Tables | None) -> None:
        self._path = path
        self.found = tables is not None
        self.first_journal = 1
        self.states: dict[str, dict[str, Any]] = {}
        self.documents: dict[Place, dict[str, bytes]] = {}
        for name, table in (tables or {}).items():
            documents = list(table.values())
            if name == HEADER:
                self._read_header(documents)
            elif name == STATES:
                self.states.update((one.pop("workspace"), one) for one in self._checked(name, documents))
            elif documents:
                self._read_table(name, documents)

    def _read_header(self, documents: list[Document]) -> None:
        version, journal = (documents[0].get(name) if documents else None for name in ("version", "journal"))
        if not isinstance(version, int) or not isinstance(journal, int):
            raise StoreError(f"store file {self._path}, table {HEADER!r}: it should tell a version and a journal")
        if version > VERSION:
            raise StoreError(
                f"store file {self._path} is of version {version}, and this lookalike reads up to {VERSION}: "
                "use the newer one that wrote it"
            )
        self.first_journal = journal

    def _read_table(self, name: str, documents: list[Document]) -> None:
        parts = name.split("/")
        if len(parts) != 3:
            raise StoreError(f"store file {self._path} has a table {name!r}, which is not vendor/workspace/resource")
        vendor, workspace, resource = parts
        by_id = self.documents[workspace, vendor, resource] = {}
        for document in self._checked(name, documents):
            if document["id"] in by_id:
                raise StoreError(f"store file {self._path}, table {name!r}: id {document['id']!r} is there twice")
            by_id[document["id"]] = compact(document)

    def _checked(self, table: str, documents: list[Document]) -> list[Document]:
        key = "workspace" if table == STATES else "id"
        for document in documents:
            if not isinstance(document.get(key), str):
                raise StoreError(f"store file {self._path}, table {table!r}: a document lacks its {key!r}")
        return documents

    @staticmethod
    def header(journal: int) -> bytes:
        """The document of the table `HEADER`."""
        return orjson.dumps({"version": VERSION, "journal": journal})

    # --- journals ---------------------------------------------------------------------------------------------

    def apply(self, unit: dict[str, Any]) -> None:
        """Do again what a unit did. Raises StoreError for one that this version does not know."""
        try:
            workspace = unit["workspace"]
            for verb, *rest in unit["writes"]:
                _VERBS[verb](self, workspace, *rest)
            if "state" in unit:
                self.states[workspace] = unit["state"]
        except (KeyError, TypeError, ValueError):
            message = f"the journal of store file {self._path} says what this lookalike does not know: use a newer one"
            raise StoreError(message) from None

    def _at(self, workspace: str, told: str) -> dict[str, bytes]:
        vendor, _, resource = told.partition("/")
        return self.documents.setdefault((workspace, vendor, resource), {})

    def _put(self, workspace: str, told: str, document: Document) -> None:
        self._at(workspace, told)[document["id"]] = compact(document)

    def _delete(self, workspace: str, told: str, id: str) -> None:
        self._at(workspace, told).pop(id, None)

    def _fill(self, workspace: str, told: str, documents: list[Document]) -> None:
        by_id = self._at(workspace, told)
        by_id.clear()
        by_id.update((document["id"], compact(document)) for document in documents)

    def _drop(self, workspace: str, vendor: str | None = None) -> None:
        for place in [p for p in self.documents if p[0] == workspace and vendor in (None, p[1])]:
            del self.documents[place]
        if vendor is None:
            self.states.pop(workspace, None)


_VERBS: dict[str, Callable[..., None]] = {
    "put": Stored._put,
    "delete": Stored._delete,
    "fill": Stored._fill,
    "drop": Stored._drop,
}
