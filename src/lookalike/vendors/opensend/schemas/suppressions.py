"""Suppressions and their CSV import."""

from typing import Any, Literal

from lookalike.models import ResponseModel
from lookalike.vendors.opensend.validation import UNSET, Body, Email

Reason = Literal["bounced", "complained", "manual"]


class SuppressionInput(Body):
    email: Email
    reason: Reason = UNSET


class ImportInput(Body):
    """The JSON form; the body may also be the CSV itself, under any other content type."""

    csv: str


class Suppression(ResponseModel):
    id: str
    object: Literal["suppression"]
    email: str
    reason: Reason
    scope: Literal["user"]
    source_event_id: str | None
    source_email_id: str | None
    source_message_id: str | None
    metadata: dict[str, Any] | None
    suppressed_at: str
    updated_at: str


class SuppressionList(ResponseModel):
    object: Literal["list"]
    scope: Literal["user"]
    data: list[Suppression]
    has_more: bool


class SuppressionDeleted(ResponseModel):
    object: Literal["suppression"]
    deleted: Literal[True]


class ImportFault(ResponseModel):
    row: int
    field: Literal["file", "email", "reason", "row"]
    value: str | None = None
    message: str


class SuppressionImport(ResponseModel):
    """The answer to an import, 201 when all of it was taken and 422 when none was."""

    object: Literal["suppression_import"]
    imported_count: int
    rejected_count: int
    limit: Literal[200]
    data: list[Suppression]
    errors: list[ImportFault]
