"""What the models of several resources are made of."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from lookalike.clock import iso, parse_instant
from lookalike.models import RequestModel

_EMAIL = re.compile(r"[^\s@<>(),;:\"\\\[\]]+@[^\s@<>(),;:\"\\\[\]]+\.[^\s@<>(),;:\"\\\[\].]+")
_PUNCTUATION = str.maketrans("", "", " -()")
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")

LONGEST = 256
"""Characters of an address, a phone number or a channel's name (D)."""


def normal_email(text: str) -> str | None:
    """The address trimmed and in lower case, or None when it is none."""
    email = text.strip().lower()
    return email if len(email) <= LONGEST and _EMAIL.fullmatch(email) else None


def normal_phone(text: str) -> str:
    """The number without blanks, hyphens and parentheses."""
    return text.strip().translate(_PUNCTUATION)


def _email(text: str) -> str:
    email = normal_email(text)
    if email is None:
        raise PydanticCustomError("email", "must be a valid email")
    return email


def _date_time(text: str) -> str:
    try:
        if not _DATE_TIME.fullmatch(text):
            raise ValueError(text)
        return iso(parse_instant(text))
    except (ValueError, OverflowError):
        raise PydanticCustomError("date_time", "must be a valid date-time") from None


def _uri(text: str) -> str:
    if not _URI.fullmatch(text):
        raise PydanticCustomError("uri", "must be a valid URI")
    return text


_FLAGS = {"true": True, "1": True, "false": False, "0": False}


def _flag(text: Any) -> bool:
    try:
        return _FLAGS[text]
    except (KeyError, TypeError):
        raise PydanticCustomError("flag", "must be a boolean") from None


Text256 = Annotated[str, StringConstraints(max_length=LONGEST)]
Email = Annotated[str, StringConstraints(max_length=LONGEST), AfterValidator(_email)]
Phone = Annotated[str, StringConstraints(max_length=LONGEST), AfterValidator(normal_phone)]
DateTime = Annotated[str, AfterValidator(_date_time)]
Uri = Annotated[str, StringConstraints(max_length=2048), AfterValidator(_uri)]
Flag = Annotated[bool, BeforeValidator(_flag)]
"""A boolean in a query string."""

Color = Literal[
    "red", "orange", "amber", "yellow", "lime", "green", "teal", "cyan", "sky", "blue", "indigo", "violet", "purple",
    "fuchsia", "pink", "rose", "neutral",
]  # fmt: skip

Integration = Literal[
    "internal", "custom", "whatsapp_bot", "messenger_bot", "instagram_dm", "twilio", "telnyx", "slack_bot",
    "telegram_bot", "gmail", "google_calendar",
]  # fmt: skip


class PageQuery(RequestModel):
    """Which page of a list; `next` means nothing here."""

    model_config = ConfigDict(strict=False)

    page: Annotated[int, Field(ge=1)] = 1
    take: Annotated[int, Field(ge=1, le=100)] = 20
    next: str | None = None
