"""API-triggered broadcasts: what sets one off, and what came of it."""

from typing import Annotated, Any, Literal

from pydantic import Field

from lookalike.models import RequestModel, ResponseModel
from lookalike.vendors.customerio.schemas.paging import Limit1000, QueryModel

Data = dict[str, Any]
MOST = 10_000
"""People that one trigger may name by `ids` or with data of their own."""


class UserData(RequestModel):
    """Data for one person; who that is, is judged with the rest of the audience."""

    id: str | int | None = None
    email: str | None = None
    data: Data | None = None


class TriggerInput(RequestModel):
    """Data for the messages, and at most one way to say who gets them; without any, those whom the broadcast has."""

    data: Data | None = None
    recipients: Data | None = None
    emails: list[str] | None = None
    ids: Annotated[list[str | int], Field(max_length=MOST)] | None = None
    per_user_data: Annotated[list[UserData], Field(max_length=MOST)] | None = None
    data_file_url: str | None = None
    id_ignore_missing: bool = False
    email_ignore_missing: bool = False
    email_add_duplicates: bool = False


class Triggered(ResponseModel):
    id: int


class Trigger(ResponseModel):
    id: int
    broadcast_id: int
    created_at: int
    processed_at: int | None


class Triggers(ResponseModel):
    triggers: list[Trigger]


class ErrorsQuery(QueryModel):
    start: Annotated[int, Field(ge=0)] = 0
    limit: Limit1000 = 100


class TriggerErrors(ResponseModel):
    """`next` is 0 on the last page, as documented."""

    errors: list[str]
    next: int


class Broadcast(ResponseModel):
    id: int
    deduplicate_id: str
    name: str
    type: Literal["triggered_broadcast"]
    created: int
    updated: int
    active: bool
    state: Literal["running", "draft"]
    actions: list[Data]
    msg_template_ids: list[Data]
    first_started: int
    tags: list[str] | None


class Broadcasts(ResponseModel):
    broadcasts: list[Broadcast]


class BroadcastAnswer(ResponseModel):
    broadcast: Broadcast
