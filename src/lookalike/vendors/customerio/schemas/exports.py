"""Exports of people and of deliveries."""

from typing import Annotated, Any, Literal

from pydantic import Field

from lookalike.models import RequestModel, ResponseModel


class CustomersExportInput(RequestModel):
    """`filters` is read by `filters.py`; `attributes` are the columns, all of them where it is left out."""

    filters: dict[str, Any]
    attributes: list[str] | None = None


class DeliveriesExportInput(RequestModel):
    """Deliveries of one parent, the vendor says; several narrow down further (I)."""

    newsletter_id: int | None = None
    campaign_id: int | None = None
    transactional_message_id: int | None = None
    action_id: int | None = None
    start: int | None = None
    end: int | None = None
    attributes: list[str] | None = None
    metric: str | None = None
    drafts: bool | None = None
    template_id: int | None = None


class Export(ResponseModel):
    id: int
    user_id: int
    user_email: str
    total: int
    deduplicate_id: str
    type: Literal["customers", "deliveries"]
    failed: bool
    description: str
    downloads: int
    status: Literal["done", "pending", "failed"]
    created_at: int
    updated_at: int


class ExportAnswer(ResponseModel):
    export: Export


class ExportList(ResponseModel):
    """`null` when there are none, as recorded."""

    exports: Annotated[list[Export], Field(min_length=1)] | None


class ExportLink(ResponseModel):
    url: str
