"""The way into a sandbox of this process without a socket, with faults as a client over a socket would see them."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from lookalike.answer import Effect
from lookalike.app import create_app
from lookalike.environment import Address
from lookalike.sandbox import Sandbox

HOST = "lookalike.invalid"
"""A name that no resolver knows: a client without our transport fails, instead of reaching something else."""

Trouble = Literal["timeout", "reset", "empty"]


@dataclass(frozen=True)
class Reply:
    """An answer, and what happens on its way: `wait` seconds go by, then there is trouble or a body."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    wait: float = 0.0
    trouble: Trouble | None = None

    @property
    def is_cut(self) -> bool:
        """Whether the connection breaks off before the end of the body."""
        length = next((value for name, value in self.headers if name.lower() == "content-length"), None)
        return self.trouble is None and length is not None and 0 < len(self.body) < int(length)


class Door:
    """One sandbox as clients of this process reach it: at `url`, or at the vendors' real host names."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.url = f"http://{HOST}"
        sandbox.urls = {name: f"{self.url}/{name}{vendor.base_path}" for name, vendor in sandbox.vendors.items()}
        sandbox.address = Address(self.url)
        self.hosts = {HOST, *(host for vendor in sandbox.vendors.values() for host in vendor.hosts)}
        self._app: Callable[..., Iterable[bytes]] = create_app(sandbox=sandbox)

    def exchange(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> tuple[int, bytes]:
        """One request to the control API (see `lookalike.remote`)."""
        reply = self.ask(method, f"http://localhost{target}", headers.items(), body or b"", None)
        return reply.status, reply.body

    def ask(
        self, method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes, timeout: float | None
    ) -> Reply:
        """One request; nobody has waited yet. `timeout` is how many seconds the client would wait for an answer.

        Raises LookupError for a host that is no vendor's.
        """
        parts = urlsplit(url)
        host = parts.hostname or ""
        if host not in self.hosts and host != "localhost":
            raise LookupError(f"{host} is no vendor's host, and this sandbox has no network")
        environ = _environ(method, url, headers, body)
        head: list[Any] = []

        def start_response(status: str, answer_headers: list[tuple[str, str]], _error: Any = None) -> None:
            head[:] = [int(status[:3]), answer_headers]

        raw = b"".join(self._app(environ, start_response))
        pending = environ.get("lookalike.pending")
        if pending is not None:
            raw = b"".join(pending(start_response))
        return _carried_out(Reply(head[0], head[1], raw), environ.get("lookalike.effect"), timeout)


def _carried_out(reply: Reply, effect: Effect | None, timeout: float | None) -> Reply:
    if effect is None:
        return reply
    status, headers, body = reply.status, reply.headers, reply.body
    if timeout is not None and effect.delay > timeout:
        return Reply(status, headers, b"", timeout, "timeout")
    if effect.close is not None:
        return Reply(status, headers, b"", effect.delay, "reset" if effect.close == "reset" else "empty")
    kept = body if effect.keep is None else body[: effect.keep]
    drops = len(kept) / effect.rate if effect.rate else 0.0
    return Reply(status, headers, kept, effect.delay + drops)


def _environ(method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes) -> dict[str, Any]:
    parts = urlsplit(url)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method.upper(),
        "SCRIPT_NAME": "",
        "PATH_INFO": parts.path or "/",
        "RAW_URI": parts.path or "/",
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname or "",
        "SERVER_PORT": str(parts.port or (443 if parts.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        # Whoever asks carries out the effect, as the edge would.
        "lookalike.edge": True,
    }
    for name, value in headers:
        key = name.upper().replace("-", "_")
        if key != "CONTENT_LENGTH":
            key = key if key == "CONTENT_TYPE" else f"HTTP_{key}"
            environ[key] = f"{environ[key]},{value}" if key in environ else value
    environ.setdefault("HTTP_HOST", parts.netloc.rpartition("@")[2])
    return environ
