"""Which senders of texts a person does not want to hear from."""

from typing import Literal

from pydantic import Field

from lookalike.models import RequestModel, ResponseModel
from lookalike.vendors.customerio.schemas.paging import Limit1000, QueryModel

Channel = Literal["sms", "whatsapp"]


class OptOut(ResponseModel):
    channel: Channel
    from_: str = Field(alias="from")


class CustomerOptOuts(ResponseModel):
    optouts: list[OptOut]


class OptOutChange(RequestModel):
    channel: Channel = "sms"
    from_: str = Field(alias="from", min_length=1)
    optout: bool


class OptOutsInput(RequestModel):
    optouts: list[OptOutChange]


class OptOutsQuery(QueryModel):
    from_: str | None = Field(None, alias="from")
    start: str = ""
    limit: Limit1000 = 100


class OptedOut(ResponseModel):
    cio_id: str
    customer_id: str | None
    optouts: list[OptOut]


class OptOutList(ResponseModel):
    optouts: list[OptedOut]
    next: str
