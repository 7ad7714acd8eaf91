"""Collections: tables of data that messages look things up in."""

from typing import Any

from pydantic import Field

from lookalike.models import RequestModel, ResponseModel


class CollectionChange(RequestModel):
    """What may change: the name, and the rows (`data`, or `url` of a file that holds them)."""

    name: str | None = None
    data: list[dict[str, Any]] | None = None
    url: str | None = None


class CollectionInput(CollectionChange):
    name: str


class DataCollection(ResponseModel):
    id: int
    name: str
    schema_: list[str] = Field(alias="schema")
    rows: int
    bytes: int
    created_at: int
    updated_at: int


class CollectionAnswer(ResponseModel):
    collection: DataCollection


class CollectionList(ResponseModel):
    collections: list[DataCollection]
