"""What the models of several resources are made of."""

import re
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from lookalike.models import RequestModel, ResponseModel

T = TypeVar("T")

_EMAIL = re.compile(r"[^\s@<>(),;:\"\\\[\]]+@[^\s@<>(),;:\"\\\[\].]+(\.[^\s@<>(),;:\"\\\[\].]+)+")
_LONGEST_EMAIL = 254

MOST_ROWS = 1000
"""Entries that a bulk request may have."""

Status = Literal["subscribed", "unsubscribed", "bounced", "complained"]


def normal_email(text: str) -> str:
    """The address as it is kept and found: trimmed, in lower case (I)."""
    return text.strip().lower()


def _email(text: str) -> str:
    email = normal_email(text)
    if len(email) > _LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        raise PydanticCustomError("email", "must be a valid email address")
    return email


def _given(value: Any) -> Any:
    if value is None:
        raise PydanticCustomError("given", "must not be null")
    return value


Email = Annotated[str, AfterValidator(_email)]
Given = BeforeValidator(_given)
"""For what may be left out but not be null."""

Rows = Annotated[list[Any], Field(min_length=1, max_length=MOST_ROWS)]
"""The entries of a bulk request; they are judged one by one, so that a bad one fails alone."""


class QueryModel(RequestModel):
    """A query string, where every value is text."""

    model_config = ConfigDict(strict=False)


class PageQuery(QueryModel):
    page: Annotated[int, Field(ge=1, le=1_000_000_000)] = 1
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class Identifier(RequestModel):
    """How SegMailer's requests name a contact."""

    email: Email


class Pagination(ResponseModel):
    page: int
    limit: int
    total: int
    hasMore: bool


class Listing(ResponseModel, Generic[T]):
    """`{"data": [...], "pagination": {...}}`"""

    data: list[T]
    pagination: Pagination


class RowError(ResponseModel):
    code: str
    message: str
