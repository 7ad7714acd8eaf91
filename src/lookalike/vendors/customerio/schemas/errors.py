"""The error envelopes, one for each interface."""

from typing import Any

from lookalike.models import ResponseModel


class OneError(ResponseModel):
    error: str


class ManyErrors(ResponseModel):
    errors: list[str]


class MetaErrors(ResponseModel):
    """Track v1, Pipelines and the sends."""

    meta: OneError | ManyErrors


class EntityError(ResponseModel):
    reason: str
    field: str
    message: str


class EntityErrors(ResponseModel):
    """Track v2."""

    errors: list[EntityError]


class Source(ResponseModel):
    pointer: str


class AppError(ResponseModel):
    detail: str
    status: str
    code: str | None = None
    source: Source | None = None
    meta: dict[str, Any] | None = None


class AppErrors(ResponseModel):
    errors: list[AppError]


ErrorAnswer = MetaErrors | EntityErrors | AppErrors
