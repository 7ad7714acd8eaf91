"""Imports of CSV files."""

from typing import Literal

from pydantic import Field

from lookalike.models import RequestModel, ResponseModel


class ImportData(RequestModel):
    data_file_url: str
    name: str
    type: Literal["people", "event", "object", "relationship"]
    identifier: Literal["id", "email", "cio_id"] | None = None
    object_type_id: str | int | None = None
    data_to_process: Literal["all", "only_new", "only_existing"] | None = None
    description: str | None = None


class ImportInput(RequestModel):
    import_: ImportData = Field(alias="import")


class Import(ResponseModel):
    id: int
    name: str
    description: str
    type: Literal["people", "event", "object", "relationship"]
    identifier: Literal["id", "email", "cio_id"] | None
    object_type_id: str | None
    data_to_process: Literal["all", "only_new", "only_existing"]
    people_to_process: Literal["all", "only_new", "only_existing"]
    rows_to_import: int
    rows_imported: int
    state: Literal[
        "preprocessing", "preprocessed", "validating", "validated", "importing", "imported", "failed", "canceled"
    ]
    error: str | None
    created_at: int
    updated_at: int


class ImportAnswer(ResponseModel):
    import_: Import = Field(alias="import")
