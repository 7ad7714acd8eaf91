"""Sender identities: whom messages come from."""

from typing import Any, Literal

from lookalike.models import ResponseModel
from lookalike.vendors.customerio.schemas.paging import Limit100, QueryModel


class SendersQuery(QueryModel):
    start: str = ""
    limit: Limit100 = 100
    sort: Literal["asc", "desc"] = "asc"
    hidden: bool | None = None


class Sender(ResponseModel):
    id: int
    deduplicate_id: str
    name: str
    email: str | None
    address: str | None
    template_type: Literal["email", "phone"]
    auto_generated: bool
    phone: str | None
    hidden: bool


class Senders(ResponseModel):
    sender_identities: list[Sender]
    next: str


class SenderAnswer(ResponseModel):
    sender_identity: Sender


class SenderUsage(ResponseModel):
    campaigns: list[Any]
    sent_newsletters: list[Any]
    draft_newsletters: list[Any]
