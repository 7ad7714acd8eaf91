"""The shapes of AutoSend's requests and answers."""

from __future__ import annotations

from typing import Any

from lookalike.models import RequestModel, ResponseModel


class ContactInput(RequestModel):
    email: str
    firstName: str | None = None
    lastName: str | None = None
    userId: str | None = None
    listIds: list[str] | None = None
    customFields: dict[str, Any] | None = None


class Contact(ResponseModel):
    id: str
    email: str
    firstName: str | None = None
    lastName: str | None = None
    userId: str | None = None
    customFields: dict[str, Any] | None = None
    listIds: list[str] | None = None
    updatedAt: str
    createdAt: str
    projectId: str


class ContactAnswer(ResponseModel):
    success: bool
    data: Contact


class ErrorBody(ResponseModel):
    message: str
    code: str
    details: list[dict[str, str]] | None = None
    status: int | None = None
    retryAfter: int | None = None


class ErrorAnswer(ResponseModel):
    success: bool
    error: ErrorBody
    retryAfter: int | None = None
