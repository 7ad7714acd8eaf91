"""The body of every error (I)."""

from lookalike.models import ResponseModel


class Issue(ResponseModel):
    path: list[str | int]
    message: str


class ErrorAnswer(ResponseModel):
    statusCode: int
    error: str
    message: str
    issues: list[Issue] | None = None
