"""What the models of several resources are made of."""

import re
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from lookalike.models import RequestModel, ResponseModel

T = TypeVar("T")

_EMAIL = re.compile(r"[^\s@<>(),;:\"\\\[\]]+@[^\s@<>(),;:\"\\\[\]]+\.[^\s@<>(),;:\"\\\[\].]+")
_LONGEST_EMAIL = 254

ValueType = Literal["string", "number", "boolean", "date"]


def normal_email(text: str) -> str | None:
    """The address trimmed and in lower case, or None when it is none."""
    email = text.strip().lower()
    return email if len(email) <= _LONGEST_EMAIL and _EMAIL.fullmatch(email) else None


def _email(text: str) -> str:
    email = normal_email(text)
    if email is None:
        raise PydanticCustomError("email", "Invalid email format")
    return email


def _custom_value(value: Any) -> Any:
    if isinstance(value, list | dict):
        raise PydanticCustomError("custom_value", "Must be a string, number, boolean or date")
    return value


Email = Annotated[str, AfterValidator(_email)]
CustomFields = dict[str, Annotated[Any, AfterValidator(_custom_value)]]
Emails = Annotated[list[Email], Field(min_length=1)]
Required = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
PageNumber = Annotated[int, Field(ge=1, le=2**53 - 1)]
"""At most what a JavaScript number holds exactly (I): answers repeat it."""
PageLimit = Annotated[int, Field(ge=1, le=100)]


class QueryModel(RequestModel):
    """A query string, where every value is text."""

    model_config = ConfigDict(strict=False)


class Success(ResponseModel, Generic[T]):
    """`{"success": true, "data": ...}`"""

    success: Literal[True]
    data: T


class Told(ResponseModel):
    """`{"success": true, "message": "..."}`"""

    success: Literal[True]
    message: str


class ToldSuccess(ResponseModel, Generic[T]):
    """`{"success": true, "message": "...", "data": ...}`"""

    success: Literal[True]
    message: str
    data: T


class Pagination(ResponseModel):
    page: int
    limit: int
    total: int
    pages: int
