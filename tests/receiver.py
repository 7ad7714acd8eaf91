"""A receiver of webhooks on a socket of its own: keeps what it got, and answers what the test says."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from lookalike.outbox import Outcome, Outgoing
from lookalike.outbox.destinations import Destinations
from lookalike.outbox.post import Exchange


@dataclass(frozen=True)
class Received:
    """One request as it came; header names are lower-case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What the receiver answers; `before` is called first, and may take its time."""

    status: int = 200
    body: str | bytes = "ok"
    headers: tuple[tuple[str, str], ...] = ()
    before: Callable[[Received], None] | None = None


class Receiver:
    """`receiver.url` is where it listens; `answers(500, 500)` says what comes next, and after that 200 again."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.received: list[Received] = []
        self._news = threading.Condition()
        self._replies: list[Reply] = []
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        made = type("Server", (ThreadingHTTPServer,), {"address_family": family, "daemon_threads": True})
        self._server = made((host, 0), self._handler())
        self.port = self._server.server_address[1]
        name = f"[{host}]" if ":" in host else host
        self.url = f"http://{name}:{self.port}/hook"

    def answers(self, *replies: int | Reply) -> None:
        self._replies += [reply if isinstance(reply, Reply) else Reply(reply, f"said {reply}") for reply in replies]

    def wait(self, count: int = 1, seconds: float = 10) -> bool:
        """Whether so many requests come in time."""
        with self._news:
            return self._news.wait_for(lambda: len(self.received) >= count, seconds)

    def _handler(receiver) -> type[BaseHTTPRequestHandler]:  # two selves would be one too many
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                received = Received(self.command, self.path, headers, body)
                with receiver._news:
                    receiver.received.append(received)
                    receiver._news.notify_all()
                reply = receiver._replies.pop(0) if receiver._replies else Reply()
                if reply.before is not None:
                    reply.before(received)
                try:
                    self._answer(reply)
                except OSError:  # the other side has given up
                    self.close_connection = True

            def _answer(self, reply: Reply) -> None:
                self.send_response(reply.status)
                for name, value in reply.headers:
                    self.send_header(name, value)
                body = reply.body if isinstance(reply.body, bytes) else reply.body.encode()
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_PUT = do_POST

            def log_message(self, *_: Any) -> None:
                pass

        return Handler

    @contextmanager
    def listening(self) -> Iterator[Receiver]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join(5)


def answering(status: int = 200, body: str = "ok") -> Exchange:
    """An exchange for `sandbox.outbox.exchange` that reaches nobody and always has this answer."""

    async def exchange(_outgoing: Outgoing, _timeout: float, _destinations: Destinations, at: float) -> Outcome:
        return Outcome(at, status, body=body)

    return exchange


def unused_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
