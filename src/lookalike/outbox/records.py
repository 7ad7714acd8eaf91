"""A delivery as it lasts: its document, an attempt at it, and what the log says of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lookalike.clock import iso
from lookalike.outbox.modes import Modes
from lookalike.outbox.sender import Delivery, Outcome, Outgoing, Sender
from lookalike.stores import Order, Resource
from lookalike.stores.collection import Document

if TYPE_CHECKING:
    from lookalike.part import Part

OVER = ("delivered", "failed")
"""The statuses that do not change any more; the others are `pending` (due at `due_at`) and `held`."""

DELIVERIES = Resource(
    "webhook_deliveries",
    indexes=("vendor", "status"),
    orders=(
        Order("newest", ("created_at", "number")),
        Order("number", ("number",)),
        Order("over", ("number",), within=lambda delivery: (delivery["status"] in OVER,)),
    ),
)
"""What `Deliveries.add` puts there, and the `attempts` that were made."""

ATTEMPTS_KEPT = 50
BODY_KEPT = 64 * 1024
"""Bytes of a request's body that an attempt keeps."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request that is ready to go, and what has to be known when it is back."""

    part: Part
    sender: Sender
    delivery: Delivery
    outgoing: Outgoing
    modes: Modes
    at: float
    alive: object
    replay: bool


def seen(document: Document, attempt: int, at: float) -> Delivery:
    """A delivery as its vendor sees it at an attempt."""
    return Delivery(
        id=document["id"],
        subscription=document["subscription"],
        event=document["event"],
        url=document["url"],
        payload=document["payload"],
        reference=document["reference"],
        created_at=document["created_at"],
        attempt=attempt,
        at=at,
    )


def noted(attempt: Attempt, outcomes: Sequence[Outcome]) -> Iterator[dict[str, Any]]:
    """What the log shows of each exchange."""
    modes = [name for name in attempt.modes.named() if name in ("bad_signature", "stale_timestamp")]
    for index, outcome in enumerate(outcomes):
        body = attempt.outgoing.body
        yield {
            "number": attempt.delivery.attempt,
            "at": iso(outcome.at),
            "url": attempt.outgoing.url,
            "modes": [*modes, *(["duplicate"] if index else []), *(["replay"] if attempt.replay else [])],
            "headers": [] if outcome.refused else [list(header) for header in attempt.outgoing.headers],
            "body": None if outcome.refused else body[:BODY_KEPT].decode("utf-8", "replace"),
            "status": outcome.status,
            "answer_headers": [list(header) for header in outcome.headers],
            "answer": outcome.body,
            "error": outcome.error,
            "ms": round(outcome.seconds * 1000, 3),
        }
