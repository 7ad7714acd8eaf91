"""The error envelope."""

from typing import Literal

from lookalike.models import ResponseModel


class ErrorDetail(ResponseModel):
    field: str
    message: str


class ErrorBody(ResponseModel):
    message: str
    code: str | None = None
    details: list[ErrorDetail] | None = None
    status: int | None = None
    retryAfter: int | None = None


class ErrorAnswer(ResponseModel):
    success: Literal[False]
    error: ErrorBody
    retryAfter: int | None = None
