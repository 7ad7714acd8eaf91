"""What a vendor declares about the webhooks it sends, and what it is told of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lookalike.part import Part


class Refused(Exception):
    """A request that is not sent at all, with the reason: its endpoint is gone, disabled or out of bounds."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one subscription, as a vendor sees it at an attempt.

    `payload` and `reference` (an id of the vendor's own) are what `part.deliver` was given. `attempt` counts from 1.
    `at` is the moment to sign for, in epoch seconds: the clock's, unless somebody wants the timestamp stale.
    """

    id: str
    subscription: str
    event: str
    url: str
    payload: Any
    reference: str | None
    created_at: str
    attempt: int
    at: float


@dataclass(frozen=True, slots=True)
class Outgoing:
    """The request of one attempt, a POST. `Host` and `Content-Length` are added; nothing else is."""

    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt at `at` (epoch seconds on the clock).

    `status` and `body` (at most `exchange.BODY_KEPT` characters) are the receiver's answer; without one `error` says
    why there is none. With `refused` nothing was sent, and `error` is the reason.
    """

    at: float
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    error: str | None = None
    refused: bool = False
    seconds: float = 0.0

    @property
    def success(self) -> bool:
        """Whether the receiver answered 2xx."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True)
class Sender:
    """How a vendor sends webhooks.

    - `timeout`: seconds of real time in which the whole answer has to be there.
    - `prepare(part, delivery)`: the request, signed for `delivery.at`; or raises Refused. It writes nothing.
    - `settle(part, delivery, outcome)`: notes the outcome on the vendor's own rows; seconds until the next attempt,
      or None when it is over. It runs in a unit of the workspace, and so does `prepare`.
    - `signature`: the header that carries the signature.
    - `in_order`: whether a subscription's later deliveries wait behind one that fails.
    """

    timeout: float
    prepare: Callable[[Part, Delivery], Outgoing]
    settle: Callable[[Part, Delivery, Outcome], float | None]
    signature: str = field(kw_only=True)
    in_order: bool = field(default=False, kw_only=True)


def delay_after(delivery: Delivery, outcome: Outcome, delays: Sequence[float]) -> float | None:
    """What `settle` returns where `delays` are the seconds after the first, second, ... failed attempt."""
    if outcome.success or outcome.refused or delivery.attempt > len(delays):
        return None
    return delays[delivery.attempt - 1]
