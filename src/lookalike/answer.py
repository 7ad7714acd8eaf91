"""What goes back to the client: a status, headers and bytes, and what the edge shall do to them on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import orjson

STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}

BODILESS = frozenset({204, 304})
"""Statuses without a body: bytes behind one would be read as the beginning of the next answer."""

Headers = list[tuple[str, str]]


def status_line(status: int) -> str:
    """`404` -> `404 Not Found`; a status that no registry knows gets a neutral word."""
    return STATUS_LINES.get(status) or f"{status} Status"


@dataclass(slots=True)
class Effect:
    """What happens to an answer on its way out; carried out by the edge (or the WSGI fallback), never by a handler.

    `delay` is in seconds. `close` is `reset` (TCP reset) or `empty` (closed without an answer), either after
    the delay. `keep` is how many bytes of the body are sent before the connection breaks off. `rate` is in
    bytes per second.
    """

    delay: float = 0.0
    close: str | None = None
    keep: int | None = None
    rate: float | None = None


@dataclass(slots=True)
class Answer:
    """One answer as bytes. Handlers return plain data; they build an `Answer` only where that does not do."""

    status: int
    body: bytes = b""
    headers: Headers = field(default_factory=list)
    effect: Effect | None = None
    data: Any = None
    """The data that `body` was made from, where it is JSON; lists may hold prepared JSON (`Page.shown`)."""
    pending: Callable[[], Answer] | None = None
    """Gives the real answer, in a thread that may take its time; everything else here means nothing then."""


@dataclass(frozen=True, slots=True)
class Lengthy:
    """What a handler returns where its work takes long: `run` does it and returns what the handler would have.

    It is called in a thread of its own, without the workspace's lock; other requests go on. It takes
    `with workspace.unit()` for each piece of some milliseconds, and `workspace.lock.pass_on()` between two.
    """

    run: Callable[[], Any]


def json_answer(status: int, data: Any, content_type: str = "application/json") -> Answer:
    """An answer whose body is `data` as compact JSON, keys in their own order, non-ASCII as it is."""
    return Answer(status, orjson.dumps(data), [("Content-Type", content_type)], data=data)
