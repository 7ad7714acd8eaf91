"""What happened to people."""

from typing import Any

from lookalike.models import ResponseModel
from lookalike.vendors.customerio.schemas.identifiers import Identifiers, IdType
from lookalike.vendors.customerio.schemas.paging import Limit100, QueryModel


class CustomerActivitiesQuery(QueryModel):
    id_type: IdType = "id"
    start: str = ""
    limit: Limit100 = 10
    type: str | None = None
    name: str | None = None


class ActivitiesQuery(CustomerActivitiesQuery):
    """`deleted` asks for those of people who were deleted, too."""

    customer_id: str | None = None
    deleted: bool = False


class Activity(ResponseModel):
    """`name` is there on events and screens, `url` on pages, `delivery_id` and `delivery_type` on messages."""

    id: str
    type: str
    name: str | None = None
    url: str | None = None
    timestamp: int
    customer_id: str | None
    customer_identifiers: Identifiers | None
    data: dict[str, Any]
    delivery_id: str | None = None
    delivery_type: str | None = None


class Activities(ResponseModel):
    activities: list[Activity]
    next: str
