"""The WSGI app served inline on one asyncio loop, with the connection at hand for delays, drips, cuts and resets.

Inline means: the app runs on the loop itself, not in a thread pool. It never blocks (the state is in memory), so no
lock is contended and an answer that has to wait is a timer that holds up nobody.
"""

from __future__ import annotations

import asyncio
import io
import socket
import struct
import sys
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from lookalike.answer import Effect

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

BODY_CEILING = 16 * 1024 * 1024
"""Bytes of a body the edge takes in; beyond them it stops reading, and the vendor's limit has long said no."""

_DRIP = 0.02


class EdgeProtocol(HttpToolsProtocol):
    """Uvicorn's HTTP/1.1 protocol, handing the transport to the app so that faults can act on the connection."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {"lookalike": {"transport": self.transport}}


class Edge:
    """An ASGI callable around a WSGI app. `ports` says which vendor owns a listening port."""

    def __init__(self, app: Callable[..., Iterable[bytes]], ports: dict[int, str]) -> None:
        self._app = app
        self._ports = ports

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read(receive)
        environ = self._environ(scope, body)
        head: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _error: Any = None) -> None:
            head[:] = [int(status[:3]), [(k.encode("latin-1"), v.encode("latin-1")) for k, v in headers]]

        chunks = self._app(environ, start_response)
        payload = b"".join(chunks)
        start = {"type": "http.response.start", "status": head[0], "headers": head[1]}
        effect = environ.get("lookalike.effect")
        if effect is not None:
            transport = scope["extensions"]["lookalike"]["transport"]
            if await _carry_out(effect, transport, start, payload, send):
                # Uvicorn expects a whole answer of an app that returns; only a gone client is excused.
                while (await receive())["type"] != "http.disconnect":
                    pass
            return
        if len(body) > BODY_CEILING:
            head[1].append((b"connection", b"close"))
        await send(start)
        await send({"type": "http.response.body", "body": payload})

    def _environ(self, scope: Scope, body: bytes) -> dict[str, Any]:
        host, port = scope["server"][:2]
        raw = scope["raw_path"].decode("latin-1")
        environ = {
            "REQUEST_METHOD": scope["method"],
            "SCRIPT_NAME": "",
            "PATH_INFO": scope["path"].encode("utf-8", "surrogatepass").decode("latin-1"),
            "RAW_URI": raw,
            "QUERY_STRING": scope["query_string"].decode("latin-1"),
            "SERVER_NAME": host,
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": scope["client"][0] if scope["client"] else "",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": scope["scheme"],
            "wsgi.input": io.BytesIO(body),
            "wsgi.input_terminated": True,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "lookalike.edge": True,
        }
        if port in self._ports:
            environ["lookalike.vendor"] = self._ports[port]
        for name, value in scope["headers"]:
            key = name.decode("latin-1").upper().replace("-", "_")
            if key == "CONTENT_TYPE":
                environ[key] = value.decode("latin-1")
            elif key != "CONTENT_LENGTH":
                key = "HTTP_" + key
                text = value.decode("latin-1")
                environ[key] = f"{environ[key]},{text}" if key in environ else text
        return environ


async def _read(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body
    chunks, size = [body], len(body)
    while message.get("more_body") and size <= BODY_CEILING:
        message = await receive()
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
    return b"".join(chunks)


async def _carry_out(
    effect: Effect, transport: asyncio.Transport, start: dict[str, Any], payload: bytes, send: Send
) -> bool:
    """Send what the effect leaves of an answer; true when it ended the connection."""
    if effect.delay:
        await asyncio.sleep(effect.delay)
    if effect.close is not None:
        _close(transport, effect.close)
        return True
    await send(start)
    cut = effect.keep is not None and effect.keep < len(payload)
    body = payload[: effect.keep] if cut else payload
    if effect.rate:
        await _drip(body, effect.rate, send)
        body = b""
    if not cut:
        await send({"type": "http.response.body", "body": body})
        return False
    await send({"type": "http.response.body", "body": body, "more_body": True})
    transport.close()
    return True


async def _drip(body: bytes, rate: float, send: Send) -> None:
    size = max(1, int(rate * _DRIP))
    for start in range(0, len(body), size):
        piece = body[start : start + size]
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await asyncio.sleep(len(piece) / rate)


def _close(transport: asyncio.Transport, how: str) -> None:
    connection: socket.socket | None = transport.get_extra_info("socket")
    if how == "reset" and connection is not None:
        # Lingering for zero seconds makes the kernel answer with RST instead of FIN.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()
