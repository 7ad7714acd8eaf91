"""What follows when somebody gets, opens, reports or is tired of a message.

That a recipient has these flags and a broadcast these counters is documented (D); which of them an event moves is our
inference (I), and so is that a bounce counts as a failure, for which there is no counter of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from lookalike.clock import iso
from lookalike.messages import CannotHappen, Happening, Message
from lookalike.part import Part
from lookalike.stores.collection import Document
from lookalike.vendors.invent import people
from lookalike.vendors.invent.broadcast_documents import BROADCASTS
from lookalike.vendors.invent.people import CONTACTS
from lookalike.vendors.invent.recipients import RECIPIENTS, mark

COUNTERS: Mapping[str, str] = {
    "delivered": "delivered_count",
    "opened": "opened_count",
    "clicked": "click_count",
    "bounced": "failed_count",
    "complained": "complained_count",
    "unsubscribed": "unsubscribed_count",
}
"""What a broadcast counts: each recipient once, but every click."""


def happen(part: Part, message: Message, happening: Happening) -> None:
    """Note it on the recipient, in the broadcast's counters, and on the contact who unsubscribed."""
    row = part.collection(RECIPIENTS).get(str(message.get("recipient_id")))
    if row is None:
        raise CannotHappen("The broadcast of this message was deleted, and its recipients with it: send another one.")
    at = iso(happening.at)
    if note(row, happening.type, at):
        _count(part, row, happening.type)
    if happening.type == "bounced":
        row["error_message"] = happening.reason or "Message bounced"
    part.collection(RECIPIENTS).put(row)
    if happening.type == "unsubscribed":
        _unsubscribe(part, row, at)


def note(row: Document, type_: str, at: str) -> bool:
    """Whether an event counts; a recipient has no flag for clicks."""
    return type_ == "clicked" or mark(row, type_, at)


def _count(part: Part, row: Document, type_: str) -> None:
    broadcast = part.collection(BROADCASTS).get(row["broadcast_id"])
    if broadcast is not None:
        broadcast[COUNTERS[type_]] += 1
        part.collection(BROADCASTS).put(broadcast)


def _unsubscribe(part: Part, row: Document, at: str) -> None:
    contact = part.collection(CONTACTS).get(row["contact_id"])
    if contact is not None and not contact["unsubscribed"]:
        after = people.flag(part, contact, unsubscribed=True) | {"unsubscribed_at": at, "updated_at": at}
        people.save(part, after, contact)
