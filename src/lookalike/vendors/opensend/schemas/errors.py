"""The two error envelopes."""

from __future__ import annotations

from typing import Any

from lookalike.models import ResponseModel
from lookalike.vendors.opensend.schemas.suppressions import SuppressionImport


class ShortError(ResponseModel):
    """Envelope A."""

    error: str
    code: str | None = None
    details: dict[str, Any] | list[Any] | None = None
    limit: int | None = None


class PublicError(ResponseModel):
    """Envelope B."""

    name: str
    code: str
    message: str
    statusCode: int
    details: dict[str, Any] | None = None


ErrorAnswer = ShortError | PublicError | SuppressionImport
