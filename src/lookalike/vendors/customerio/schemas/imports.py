"""Imports of CSV files."""

from typing import Annotated, Literal

from pydantic import Field

from lookalike.models import RequestModel, ResponseModel

ImportType = Literal["people", "event", "object", "relationship"]
Identifier = Literal["id", "email", "cio_id"]
Scope = Literal["all", "only_new", "only_existing"]


class ImportData(RequestModel):
    """`people_to_process` is for people, `data_to_process` for anything; they exclude each other."""

    data_file_url: Annotated[str, Field(min_length=1)]
    name: str | None = None
    type: ImportType
    identifier: Identifier | None = None
    object_type_id: str | int | None = None
    people_to_process: Scope | None = None
    data_to_process: Scope | None = None
    description: str | None = None


class ImportInput(RequestModel):
    import_: ImportData = Field(alias="import")


class Import(ResponseModel):
    """`error` is empty unless the import has failed."""

    id: int
    name: str
    description: str
    type: ImportType
    identifier: Identifier | None
    object_type_id: str | None
    data_to_process: Scope
    people_to_process: Scope
    rows_to_import: int
    rows_imported: int
    state: Literal[
        "preprocessing", "preprocessed", "validating", "validated", "importing", "imported", "failed", "canceled"
    ]
    error: str
    created_at: int
    updated_at: int


class ImportAnswer(ResponseModel):
    import_: Import = Field(alias="import")
