"""Suppression groups and the addresses in them."""

from typing import Annotated

from pydantic import StringConstraints

from lookalike.models import RequestModel, ResponseModel
from lookalike.vendors.autosend.schemas.fields import Email, Emails, PageLimit, PageNumber, Pagination, QueryModel

GroupName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class GroupsQuery(QueryModel):
    """`isGlobal` stands for the flag that shows global groups alone; its name is not documented (I)."""

    includeGlobal: bool = False
    isGlobal: bool = False


class GroupChange(RequestModel):
    name: GroupName | None = None
    description: str | None = None
    isActive: bool | None = None


class GroupInput(RequestModel):
    name: GroupName
    description: str | None = None
    isActive: bool = True


class Group(ResponseModel):
    id: str
    groupId: str
    name: str
    description: str | None = None
    isGlobal: bool
    isActive: bool
    createdAt: str
    updatedAt: str
    suppressionCount: int


class Groups(ResponseModel):
    groups: list[Group]


class UnsuppressInput(RequestModel):
    emails: Emails
    groupId: str | None = None
    isGlobal: bool = False


class SuppressInput(UnsuppressInput):
    reason: str | None = None


class Suppressed(ResponseModel):
    suppressed: int


class Unsuppressed(ResponseModel):
    unsuppressed: int


class EntriesInput(RequestModel):
    """`isGlobal` stands for the flag that shows entries of global groups alone; its name is not documented (I)."""

    groupId: str | None = None
    reason: str | None = None
    page: PageNumber = 1
    limit: PageLimit = 20
    startDate: str | None = None
    endDate: str | None = None
    isGlobal: bool = False


class Entry(ResponseModel):
    id: str
    email: str
    groupId: str
    reason: str
    createdAt: str
    updatedAt: str


class Entries(ResponseModel):
    entries: list[Entry]
    pagination: Pagination


class EmailInput(RequestModel):
    email: Email


class GroupOfEmail(ResponseModel):
    groupId: str
    name: str


class GroupsOfEmail(ResponseModel):
    groups: list[GroupOfEmail]
