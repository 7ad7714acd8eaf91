"""Receivers that keep what they get and answer what they were told: for webhooks, before there is an app."""

from __future__ import annotations

import re
import threading
from collections import deque
from dataclasses import dataclass, field
from itertools import count

from lookalike.answer import Effect, Headers

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
NAME_RULE = "a sink's name has 1 to 64 letters, digits, dots, dashes and underscores"

MOST = 100
"""How many sinks there are at a time; beyond that the one goes that was used longest ago."""

KEPT = 200
"""How many requests a sink keeps."""

BODY_KEPT = 64 * 1024
"""Bytes of a request's body that are kept."""

ALL_KEPT = 16 * 1024 * 1024
"""Bytes that all sinks keep together."""

_STEP = re.compile(r"(ok|reset|empty|[2-5]\d\d)(?:x(\d{1,4}))?")
_MOST_STEPS = 10_000


class SinkError(ValueError):
    """What a sink cannot be told; the message is half a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came. `at` is in epoch seconds of real time; header names are as they were sent."""

    number: int
    at: float
    method: str
    path: str
    query: str
    headers: Headers
    body: bytes
    length: int

    @property
    def size(self) -> int:
        """About how much it takes to keep."""
        return len(self.body) + sum(len(name) + len(value) for name, value in self.headers) + len(self.query) + 200


@dataclass(frozen=True, slots=True)
class Response:
    """What a sink answers."""

    status: int = 200
    body: bytes = b"ok\n"
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/plain"),)
    delay: float = 0.0
    close: str | None = None

    @property
    def effect(self) -> Effect | None:
        """How it is late or broken off, if at all."""
        return Effect(delay=self.delay, close=self.close) if self.delay or self.close else None


OK = Response()


def parse_script(text: str) -> list[str]:
    """`500x2, ok` as the answers to the first, second, ... request. Raises SinkError."""
    steps: list[str] = []
    for part in text.split(","):
        match = _STEP.fullmatch(part.strip())
        if match is None:
            raise SinkError(f"{part.strip()!r} is no step: write ok, a status, reset or empty, as in '500x2, ok'")
        steps += [match[1]] * int(match[2] or 1)
        if len(steps) > _MOST_STEPS:
            raise SinkError(f"a script has at most {_MOST_STEPS} steps")
    return steps


@dataclass
class Sink:
    """One receiver. `script` is what is left of it; when it is used up, `response` answers."""

    name: str
    response: Response = OK
    script: deque[str] = field(default_factory=deque)
    received: deque[Received] = field(default_factory=deque)
    count: int = 0
    """How many requests came, kept or not."""

    def next_response(self) -> Response:
        """What the request that just came is answered."""
        step = self.script.popleft() if self.script else "ok"
        if step == "ok":
            return self.response
        if step in ("reset", "empty"):
            return Response(delay=self.response.delay, close=step)
        return Response(int(step), f"{step}\n".encode(), delay=self.response.delay)


class Sinks:
    """All sinks of a server. What anybody may send here is bounded in every way."""

    def __init__(self) -> None:
        self._sinks: dict[str, Sink] = {}
        self._numbers = count(1)
        self._size = 0
        self._lock = threading.RLock()

    def names(self) -> list[str]:
        """Those in use, the one used last at the end."""
        return list(self._sinks)

    def get(self, name: str) -> Sink:
        """The sink of that name, made on first use; one of the others goes where there are too many."""
        with self._lock:
            sink = self._sinks.pop(name, None) or Sink(name)
            if len(self._sinks) >= MOST:
                self.drop(next(iter(self._sinks)))
            self._sinks[name] = sink
            return sink

    def find(self, name: str) -> Sink:
        """The sink of that name; where there is none, a new one that is not kept."""
        return self._sinks.get(name) or Sink(name)

    def drop(self, name: str) -> int:
        """Forget a sink, with what it got and what it was told; says how many requests it had."""
        with self._lock:
            sink = self._sinks.pop(name, None) or Sink(name)
            self._size -= sum(one.size for one in sink.received)
            return len(sink.received)

    def clear(self) -> int:
        """Forget all."""
        return sum(self.drop(name) for name in self.names())

    def receive(self, name: str, at: float, method: str, path: str, query: str, headers: Headers, body: bytes) -> Sink:
        """Keep a request; the sink that got it."""
        with self._lock:
            sink = self.get(name)
            received = Received(next(self._numbers), at, method, path, query, headers, body[:BODY_KEPT], len(body))
            sink.received.append(received)
            sink.count += 1
            self._size += received.size
            if len(sink.received) > KEPT:
                self._size -= sink.received.popleft().size
            while self._size > ALL_KEPT:
                holding = (one for one in self._sinks.values() if one.received)
                oldest = min(holding, key=lambda one: one.received[0].number)
                self._size -= oldest.received.popleft().size
            return sink
