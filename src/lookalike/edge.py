"""The WSGI app served inline on one asyncio loop, with the connection at hand for delays, drips, cuts and resets.

Inline means: the app runs on the loop itself, not in a thread pool. It never blocks (the state is in memory), so no
lock is contended, and an answer that has to wait is a timer that holds up nobody.

Uvicorn's httptools protocol reads the requests and keeps the connections. Only ASGI is left out: its scope, an event,
a task, two coroutines and two writes for each request cost more than a quarter of the whole rate.
"""

from __future__ import annotations

import asyncio
import io
import logging
import socket
import struct
import sys
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import Any
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from lookalike.answer import Effect
from lookalike.vigil import Vigil

log = logging.getLogger("lookalike")

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Respond = Callable[[Callable[..., Any]], Iterable[bytes]]
Response = tuple[list[Any], bytes]
"""Status line and headers, and the body."""

BODY_CEILING = 16 * 1024 * 1024
"""Bytes of a body the edge takes in. A longer one is answered with what came so far and the connection closed; every
vendor's own limit lies below and has long said no."""

HEAD_CEILING = 64 * 1024
"""Bytes that may come without making a whole request line, header, chunk or trailer of them."""

_DRIP = 0.02


class _Nobody:
    """Stands where uvicorn would wake an ASGI app that waits for more of a body."""

    def set(self) -> None:
        return


class Request:
    """One request while it is read and answered. Where uvicorn has its ASGI cycle, it finds the same members here."""

    __slots__ = (
        "body", "disconnected", "headers", "keep_alive", "method", "more_body", "path", "query", "response_complete",
        "waiting_for_100_continue",
    )  # fmt: skip

    message_event = _Nobody()

    def __init__(
        self, method: bytes, url: Any, headers: list[tuple[bytes, bytes]], keep_alive: bool, waiting: bool
    ) -> None:
        self.method = method.decode("ascii")
        self.path = url.path.decode("ascii")
        self.query = (url.query or b"").decode("latin-1")
        self.headers = headers
        self.keep_alive = keep_alive
        self.waiting_for_100_continue = waiting
        self.body: bytes | bytearray = b""
        self.more_body = True
        self.response_complete = False
        self.disconnected = False

    def add(self, piece: bytes) -> None:
        """Take in a piece of the body; nearly always it is the only one."""
        if not self.body:
            self.body = piece
            return
        if isinstance(self.body, bytes):
            self.body = bytearray(self.body)
        self.body += piece


class EdgeProtocol(HttpToolsProtocol):
    """One connection. `ports` says which vendor owns a listening port, `stopping` whether the server ends.

    `vigil` is the loop's, where it has one.
    """

    cycle: Request  # type: ignore[assignment]  # in the place of uvicorn's

    def __init__(
        self, wsgi: App, ports: dict[int, str], stopping: Callable[[], bool], vigil: Vigil | None, **uvicorn: Any
    ) -> None:
        super().__init__(**uvicorn)
        self._wsgi = wsgi
        self._ports = ports
        self._stopping = stopping
        self._vigil = vigil
        self._unparsed = 0
        self._taken: Request | None = None
        """The request that was answered last, perhaps before all of its body had come."""
        self._unread: Request | None = None
        """A request whose answer the client has not read enough of; until then those behind it wait."""
        self._heard = self._answered = self.loop.time()
        """When the client sent something last, and when its last request was answered (or it connected)."""
        self._watch: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        self._unparsed += len(data)
        self._heard = self.loop.time()
        super().data_received(data)
        if self._unparsed > HEAD_CEILING and not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n\r\n")
            self.transport.close()

    def resume_writing(self) -> None:
        """The client reads again: what it asked for next may be answered."""
        super().resume_writing()
        request, self._unread = self._unread, None
        if request is not None:
            self._finish(request)

    def on_message_begin(self) -> None:
        self.url = b""
        self.headers = []
        self.expect_100_continue = False

    def on_headers_complete(self) -> None:
        self._unparsed = 0
        parser, before = self.parser, self.cycle
        request = Request(
            parser.get_method(),
            httptools.parse_url(self.url),
            self.headers,
            keep_alive=parser.get_http_version() != "1.0" and parser.should_keep_alive(),
            waiting=self.expect_100_continue,
        )
        self.cycle = request
        if before is None or before.response_complete:
            self._start_asgi_task(request, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((request, self.app))  # type: ignore[arg-type]  # see `cycle`

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        super().connection_made(transport)
        self._constant = self._constant_environ()
        self._look_after(self.timeout_keep_alive)
        if self._stopping():  # taken between the last look at the connections and the end of the loop
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def _look_after(self, seconds: float) -> None:
        self._watch = self.loop.call_later(seconds, self._look)

    def _look(self) -> None:
        """Close the connection if the client has let us wait for too long, be it for a request or the rest of one.

        One timer looks now and then; uvicorn's own, set and cancelled for every request, cost more than its parsing.
        """
        request, now = self.cycle, self.loop.time()
        if request is None or request.response_complete:
            left = self._answered + self.timeout_keep_alive - now
        elif request.more_body:
            left = self._heard + self.timeout_keep_alive - now
        else:
            left = self.timeout_keep_alive
        if left > 0:
            self._look_after(left)
        else:
            self.transport.close()

    def on_response_complete(self) -> None:
        """The request is answered: the next one may be."""
        self.server_state.total_requests += 1
        self._answered = self.loop.time()
        if self._vigil is not None:
            self._vigil.answered()
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())  # type: ignore[arg-type]  # see `cycle`

    def _start_asgi_task(self, request: Request, app: Any) -> None:  # type: ignore[override]  # see `cycle`
        """Uvicorn's hook for a request whose turn has come: its headers are here, its body perhaps not yet."""
        if request.waiting_for_100_continue:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if not request.more_body:
            self._answer(request)

    def on_body(self, body: bytes) -> None:
        self._unparsed = 0
        request = self.cycle
        if request.response_complete or request is self._taken:
            return
        request.add(body)
        if len(request.body) > BODY_CEILING and not self._is_queued(request):
            request.keep_alive = False
            self._answer(request)

    def on_message_complete(self) -> None:
        self._unparsed = 0
        request = self.cycle
        if request.response_complete or request is self._taken:
            return
        request.more_body = False
        if not self._is_queued(request):
            self._answer(request)

    def _is_queued(self, request: Request) -> bool:
        return bool(self.pipeline) and self.pipeline[0][0] is request  # type: ignore[comparison-overlap]  # see `cycle`

    def _answer(self, request: Request) -> None:
        self._taken = request
        environ = self._environ(request)
        response = self._respond(request, environ, partial(self._wsgi, environ))
        pending = environ.get("lookalike.pending")
        if pending is None:
            self._send(request, environ, *response)
        else:
            self._keep(self._wait_for(pending, request, environ))

    async def _wait_for(self, pending: Respond, request: Request, environ: dict[str, Any]) -> None:
        """The answer of lengthy work, which goes on in a thread."""
        response = await self.loop.run_in_executor(None, self._respond, request, environ, pending)
        if not self.transport.is_closing():
            self._send(request, environ, *response)

    @staticmethod
    def _respond(request: Request, environ: dict[str, Any], respond: Respond) -> Response:
        """Status, headers and body that `respond(start_response)` comes up with; a plain 500 if it fails."""
        head: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _error: Any = None) -> None:
            head[:] = [status, headers]

        try:
            body = b"".join(respond(start_response))
        except Exception:
            log.exception("%s %s failed", environ["REQUEST_METHOD"], environ["RAW_URI"])
            body, request.keep_alive = b"lookalike failed; see its log\n", False
            start_response("500 Internal Server Error", [("Content-Length", str(len(body)))])
        return head, body

    def _send(self, request: Request, environ: dict[str, Any], head: list[Any], body: bytes) -> None:
        start = self._head(request, *head)
        effect = environ.get("lookalike.effect")
        if effect is None:
            self.transport.write(start + body)
            self._finish(request)
            return
        self._keep(self._carry_out(effect, request, start, body))

    def _keep(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = self.loop.create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _head(self, request: Request, status: str, headers: list[tuple[str, str]]) -> bytes:
        lines = "".join([f"{name}: {value}\r\n" for name, value in headers])
        ending = "" if request.keep_alive else "Connection: close\r\n"
        date = self.server_state.default_headers[0][1]
        head = f"HTTP/1.1 {status}\r\n{lines}{ending}".encode("latin-1", "replace")
        return b"%sdate: %s\r\n\r\n" % (head, date)

    def _finish(self, request: Request) -> None:
        if self.flow.write_paused and request.keep_alive:
            self._unread = request
            return
        request.response_complete = True
        if not request.keep_alive:
            self.transport.close()
        if self.pipeline:
            # Not right away: each request in a long pipeline would be answered from within the one before it.
            self.loop.call_soon(self.on_response_complete)
        else:
            self.on_response_complete()

    async def _carry_out(self, effect: Effect, request: Request, start: bytes, body: bytes) -> None:
        if effect.delay:
            await asyncio.sleep(effect.delay)
        if self.transport.is_closing():
            return
        if effect.close is not None:
            self._break_off(effect.close)
            return
        self.transport.write(start)
        cut = effect.keep is not None and effect.keep < len(body)
        kept = body[: effect.keep] if cut else body
        if effect.rate:
            await self._drip(kept, effect.rate)
        else:
            self.transport.write(kept)
        if cut:
            self.transport.close()
        else:
            self._finish(request)

    async def _drip(self, body: bytes, rate: float) -> None:
        size = max(1, int(rate * _DRIP))
        for start in range(0, len(body), size):
            if self.transport.is_closing():
                return
            piece = body[start : start + size]
            self.transport.write(piece)
            await asyncio.sleep(len(piece) / rate)

    def _break_off(self, how: str) -> None:
        connection: socket.socket | None = self.transport.get_extra_info("socket")
        if how == "reset" and connection is not None:
            # Lingering for zero seconds makes the kernel answer with RST instead of FIN.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()
        else:
            self.transport.close()

    def _constant_environ(self) -> dict[str, Any]:
        """What is the same for every request of a connection."""
        host, port = self.server or ("", 0)
        owner = self._ports.get(port or 0)
        return {
            "SCRIPT_NAME": "",
            "SERVER_NAME": host,
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": self.client[0] if self.client else "",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": self.scheme,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "lookalike.edge": True,
            **({} if owner is None else {"lookalike.vendor": owner}),
        }

    def _environ(self, request: Request) -> dict[str, Any]:
        raw, body = request.path, request.body
        environ = {
            **self._constant,
            "REQUEST_METHOD": request.method,
            "PATH_INFO": _unquoted(raw) if "%" in raw else raw,
            "RAW_URI": raw,
            "QUERY_STRING": request.query,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            "lookalike.body": body,
            "lookalike.headers": request.headers,
        }
        for raw_name, raw_value in request.headers:
            key, value = _KEYS.get(raw_name) or _header_key(raw_name), raw_value.decode("latin-1")
            environ[key] = f"{environ[key]},{value}" if key in environ else value
        environ.pop("HTTP_CONTENT_LENGTH", None)  # what has come counts
        return environ


def _unquoted(path: str) -> str:
    return unquote(path).encode("utf-8", "surrogatepass").decode("latin-1")


_KEYS: dict[bytes, str] = {b"content-type": "CONTENT_TYPE"}


def _header_key(name: bytes) -> str:
    key = "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
    if len(_KEYS) < 256:
        _KEYS[name] = key
    return key
