"""A mail that somebody outside sends to a vendor that receives mail: nobody can here, so that a test makes it up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


class CannotArrive(Exception):
    """What was said to arrive makes no sense at this vendor; the text is one sentence that says why."""


@dataclass(frozen=True, slots=True)
class Party:
    """Whom a mail is from, or goes to."""

    email: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that comes with a mail."""

    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail as it arrives.

    - `headers` are those beside the ones that follow from the rest.
    - `in_reply_to` is what it answers: the id of a message of the outbox or of a mail that came in, or a Message-ID.
    - `status` is what the vendor makes of it, in the vendor's words; None is the usual.
    """

    sender: Party
    to: tuple[Party, ...]
    cc: tuple[Party, ...] = ()
    reply_to: tuple[Party, ...] = ()
    subject: str = ""
    text: str | None = None
    html: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    in_reply_to: str | None = None
    attachments: tuple[Enclosure, ...] = ()
    status: str | None = None
