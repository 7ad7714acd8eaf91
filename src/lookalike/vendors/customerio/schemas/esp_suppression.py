"""What the email service provider suppresses by itself."""

from typing import Annotated, Literal

from pydantic import Field

from lookalike.models import ResponseModel
from lookalike.vendors.customerio.schemas.paging import Limit1000, QueryModel

Offset = Annotated[int, Field(ge=0)]


class SuppressionsQuery(QueryModel):
    limit: Limit1000 = 100
    offset: Offset = 0
    domain: str | None = None
    email: str | None = None


class DomainSuppressionsQuery(QueryModel):
    limit: Limit1000 = 100
    start: str = ""
    email: str | None = None


class Suppression(ResponseModel):
    created: int
    email: str
    reason: str
    status: str


class Suppressions(ResponseModel):
    category: Literal["bounces", "spam"]
    suppressions: list[Suppression]


class SuppressionsPage(Suppressions):
    next: str
