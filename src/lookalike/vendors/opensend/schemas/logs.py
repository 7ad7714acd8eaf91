"""The log of sends."""

from typing import Any, Literal

from lookalike.models import ResponseModel


class LogItem(ResponseModel):
    id: str
    method: str
    endpoint: str
    response_status: int
    user_agent: str | None
    api_key_id: str | None
    created_at: str


class LogList(ResponseModel):
    object: Literal["list"]
    data: list[LogItem]
    has_more: bool


class Log(ResponseModel):
    object: Literal["log"]
    id: str
    method: str
    endpoint: str
    status: int
    user_agent: str | None
    api_key_id: str | None
    request_body: Any
    response_body: Any
    created_at: str
