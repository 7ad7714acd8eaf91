"""Effects under an ordinary WSGI server, where the only way to be late is to wait in the thread."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from lookalike.answer import BODILESS, Answer, Effect, status_line
from lookalike.clock import sleep

_STEP = 0.05


def send(
    answer: Answer, effect: Effect, environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """Carry out an effect as well as this server allows: without its socket a reset is an answer that breaks off."""
    sleep(effect.delay)
    if effect.close is not None:
        return _close(effect.close, environ, start_response)
    length = [] if answer.status in BODILESS else [("Content-Length", str(len(answer.body)))]
    start_response(status_line(answer.status), [*answer.headers, *length])
    if environ["REQUEST_METHOD"] == "HEAD":
        return ()
    body = answer.body if effect.keep is None else answer.body[: effect.keep]
    return _drops(body, effect.rate) if effect.rate else (body,)


def _drops(body: bytes, rate: float) -> Iterator[bytes]:
    size = max(1, int(rate * _STEP))
    for start in range(0, len(body), size):
        yield body[start : start + size]
        sleep(min(size, len(body) - start) / rate)


def _close(how: str, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    connection = environ.get("werkzeug.socket") or environ.get("gunicorn.socket")
    if connection is None:
        start_response("502 Bad Gateway", [("Content-Length", "1"), ("Connection", "close")])
        return ()
    if how == "reset":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # The server still holds files on this socket, so that close() alone would close nothing.
        socket.close(connection.detach())
    else:
        connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError("the connection was closed by a fault")
