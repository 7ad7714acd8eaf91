"""Contact lists, segments and their members."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from lookalike.models import RequestModel, ResponseModel
from lookalike.vendors.autosend.schemas.contacts import Contact
from lookalike.vendors.autosend.schemas.fields import PageLimit, PageNumber, Pagination, QueryModel, Required


class ListsQuery(QueryModel):
    type: Literal["list", "segment"] | None = None


class ListInput(RequestModel):
    """`filterCriteria` is read by `segments.py`; a segment has to have it."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
    description: Annotated[str, StringConstraints(max_length=500)] | None = None
    type: Literal["list", "segment"] = "list"
    filterCriteria: dict[str, Any] | None = None
    parentId: str | None = None


class ContactList(ResponseModel):
    """The list of everybody, `GLOBAL_CONTACT_LIST`, has no times."""

    id: str
    name: str
    description: str | None = None
    type: Literal["list", "segment"]
    contactCount: int
    filterCriteria: dict[str, Any] | None = None
    createdAt: str | None = None
    updatedAt: str | None = None


class ContactLists(ResponseModel):
    lists: list[ContactList]


class MembersInput(RequestModel):
    contactListId: Required
    page: PageNumber = 1
    limit: PageLimit = 20
    email: str | None = None


class Members(ResponseModel):
    contacts: list[Contact]
    pagination: Pagination


class ChosenContacts(RequestModel):
    """Contacts by address or by id, one of the two. An address that is none fails alone."""

    emails: Annotated[list[str], Field(min_length=1)] | None = None
    contactIds: Annotated[list[str], Field(min_length=1)] | None = None


class BulkAddInput(ChosenContacts):
    contactListId: Required


class RowError(ResponseModel):
    email: str | None = None
    contactId: str | None = None
    error: str


class Verdict(ResponseModel):
    email: str
    status: Literal["valid", "invalid", "suppressed"]


class Verdicts(ResponseModel):
    valid: list[Verdict]
    invalid: list[Verdict]
    suppressed: list[Verdict]


class BulkAddResult(ResponseModel):
    added: int
    created: int
    alreadyInList: int
    errors: list[RowError]
    validation: Verdicts
    totalContactsInList: int
    contacts: list[Contact]


class RemoveResult(ResponseModel):
    removed: int
    notInList: int
    errors: list[RowError]
