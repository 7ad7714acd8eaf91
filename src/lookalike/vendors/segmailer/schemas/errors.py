"""The error envelope (I)."""

from lookalike.models import ResponseModel


class ErrorDetail(ResponseModel):
    field: str
    message: str


class ErrorBody(ResponseModel):
    code: str
    message: str
    details: list[ErrorDetail] | None = None


class ErrorAnswer(ResponseModel):
    error: ErrorBody
