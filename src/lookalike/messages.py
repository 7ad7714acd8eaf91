"""The outbox of a workspace: every message that was "sent", and what happened to it afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parseaddr
from html import unescape
from typing import Any

from lookalike.clock import iso, parse_instant
from lookalike.stores import Collection, Order, Resource

Message = dict[str, Any]
"""id, vendor, from, to, cc, bcc (lists of addresses), subject, html, text, created_at, events, and what the vendor
adds. What a vendor's template language fills in is filled in."""

KINDS = ("delivered", "opened", "clicked", "bounced", "complained", "unsubscribed")
"""What may happen to a message."""

KEPT = 10_000
"""How many messages an outbox keeps unless a setting says otherwise."""

EVENTS_KEPT = 100
"""How many events a message keeps; older ones go."""

_HREF = re.compile(r"""href\s*=\s*["']?(https?://[^"'\s>]+)""", re.IGNORECASE)
_LINK = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)


_BEHIND = {
    "delivered": ("delivered",),
    "opened": ("delivered", "opened"),
    "clicked": ("delivered", "opened", "clicked"),
    "bounced": ("bounced",),
    "complained": ("delivered", "complained"),
}
"""What happened to a message of a fixture, by what it says of its end."""

APART = 60.0
"""Seconds between two of these."""


class CannotHappen(Exception):
    """What was said to have happened to a message makes no sense; the text is one sentence that says why."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to a message.

    - `type` is one of `KINDS`, `at` is in epoch seconds, `recipients` are bare addresses, as the message has them.
    - `url` is the link of a click, `bounce` is `permanent` or `transient`, `reason` the other server's words.
    - `group` is what was unsubscribed from, by the vendor's id or name; None is everything.
    - `user_agent` and `ip` are those of whoever opened or clicked.
    """

    type: str
    at: float
    recipients: tuple[str, ...]
    url: str | None = None
    bounce: str | None = None
    reason: str | None = None
    group: str | None = None
    user_agent: str | None = None
    ip: str | None = None

    def as_json(self) -> dict[str, Any]:
        """As the message keeps it, without what was not said."""
        said = {name: getattr(self, name) for name in ("url", "bounce", "reason", "group", "user_agent", "ip")}
        told = {name: value for name, value in said.items() if value is not None}
        return {"type": self.type, "at": iso(self.at), "recipients": list(self.recipients), **told}


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that a test makes up, for vendors whose public API sends none; `campaign` is an id or a name."""

    to: tuple[str, ...]
    subject: str
    html: str | None = None
    text: str | None = None
    sender: str | None = None
    campaign: str | None = None


def recipients(message: Message) -> Iterator[str]:
    """The bare addresses of to, cc and bcc, in their order."""
    for member in ("to", "cc", "bcc"):
        for address in message.get(member) or ():
            yield (parseaddr(address)[1] or address) if "<" in address else address


def _folded_recipients(message: Message) -> list[str]:
    return [address.lower() for address in recipients(message)]


MESSAGES = Resource(
    "messages",
    indexes=("vendor",),
    orders=(
        Order("newest", ("created_at", "number")),
        Order("recipient", ("created_at", "number"), within=_folded_recipients),
        Order("kept", ("number",)),
    ),
)
"""`number` counts in the order in which messages were first kept; it is not shown."""


def keep(outbox: Collection, vendor: str, message: Message, size: int) -> None:
    """Put a message into the outbox, or change the one of its id, which keeps its events and its place."""
    known = outbox.get(message["id"])
    held = {"events": [], "number": _next_number(outbox)} if known is None else known
    kept = {"events": held["events"], **message, "vendor": vendor, "number": held["number"]}
    outbox.put(kept)
    trim(outbox, size)


def trim(outbox: Collection, size: int) -> None:
    """Let the oldest go, so that no more than so many are left."""
    if outbox.count() > size:
        for oldest in outbox.page("newest", limit=outbox.count() - size).ids:
            outbox.delete(oldest)


def _next_number(outbox: Collection) -> int:
    last = outbox.page("kept", limit=1, descending=True).documents
    return last[0]["number"] + 1 if last else 1


def note(outbox: Collection, id: str, happening: Happening) -> None:
    """Add to a message what happened to it; nothing where the outbox no longer has it."""
    message = outbox.get(id)
    if message is not None:
        events = [*message["events"], happening.as_json()][-EVENTS_KEPT:]
        outbox.put({**message, "events": events})


def first_link(message: Message) -> str | None:
    """The first link of a message: of its html, else of its text."""
    in_html = _HREF.search(message.get("html") or "")
    if in_html is not None:
        return unescape(in_html[1])
    in_text = _LINK.search(message.get("text") or "")
    return None if in_text is None else in_text[0]


def history(message: Message, outcome: str, latest: float) -> list[Happening]:
    """What happened to a fixture's message that was sent at its `created_at` and ended so, up to `latest`."""
    sent, everybody = parse_instant(message["created_at"]), tuple(recipients(message))
    told: dict[str, dict[str, Any]] = {
        "clicked": {"url": first_link(message) or "https://example.com/"},
        "bounced": {"bounce": "permanent"},
    }
    return [
        Happening(type, min(sent + step * APART, latest), everybody, **told.get(type, {}))
        for step, type in enumerate(_BEHIND[outcome], 1)
    ]
