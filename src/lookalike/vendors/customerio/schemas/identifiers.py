"""By what a person is known."""

from typing import Literal

from lookalike.models import ResponseModel
from lookalike.vendors.customerio.schemas.paging import QueryModel

IdType = Literal["id", "email", "phone", "cio_id"]


class Identifiers(ResponseModel):
    """Always these three, null where a person has none."""

    email: str | None
    id: str | None
    cio_id: str


class PersonQuery(QueryModel):
    """Of which kind the identifier in the path is."""

    id_type: IdType = "id"
