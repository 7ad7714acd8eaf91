"""Servers on this machine that are no vendor's: what passes through the proxy ends here."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from lookalike.certificates import Authority


@contextmanager
def stranger(authority: Authority | None = None, name: str = "other.example") -> Iterator[tuple[int, list[str]]]:
    """A web server's port, and the requests that it got, as they came; with an authority it speaks TLS."""
    seen: list[str] = []

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(f"{self.requestline}\n{self.headers}".strip())
            body = b"stranger"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            pass

    with Quiet(("127.0.0.1", 0), Page) as server:
        if authority is not None:
            context: ssl.SSLContext = authority.server_context([name])
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_address[1], seen
        server.shutdown()
        thread.join()
