"""Contacts."""

from typing import Annotated, Any

from pydantic import AliasChoices, Field

from lookalike.models import RequestModel, ResponseModel
from lookalike.vendors.autosend.schemas.fields import CustomFields, Email, Emails


class ContactRow(RequestModel):
    """What may be said of a contact. `contactProperties` is the newer spelling of `customFields`; both go (I)."""

    email: Email
    firstName: str | None = None
    lastName: str | None = None
    userId: str | None = None
    customFields: CustomFields | None = Field(
        default=None, validation_alias=AliasChoices("customFields", "contactProperties")
    )


class ContactInput(ContactRow):
    listIds: list[str] | None = None


class EmailsInput(RequestModel):
    emails: Emails


class BulkUpdateInput(RequestModel):
    """The rows are judged one by one, so that a bad one fails alone."""

    contacts: Annotated[list[Any], Field(min_length=1, max_length=100)]
    runWorkflow: bool | None = None


class DuplicateInput(RequestModel):
    email: Email
    newEmail: Email


class Contact(ResponseModel):
    id: str
    email: str
    firstName: str | None = None
    lastName: str | None = None
    userId: str | None = None
    customFields: dict[str, Any] | None = None
    updatedAt: str
    createdAt: str
    projectId: str
    listIds: list[str] | None = None
    segmentIds: list[str] | None = None


class FoundContacts(ResponseModel):
    contacts: list[Contact]


class BulkUpdateResult(ResponseModel):
    successCount: int
    failedCount: int
    totalCount: int


class UnsubscribeGroup(ResponseModel):
    groupId: str
    name: str


class UnsubscribeGroups(ResponseModel):
    groups: list[UnsubscribeGroup]
