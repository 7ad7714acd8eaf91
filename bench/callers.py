"""Calls into a WSGI app in this process, as the edge makes them, and calls of a server over a socket."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import orjson

from bench import load

App = Callable[..., Iterable[bytes]]


def environ(method: str, path: str, credential: str, body: bytes = b"") -> dict[str, Any]:
    """A request with the headers that an SDK sends."""
    path, _, query = path.partition("?")
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "RAW_URI": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "7357",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": "127.0.0.1:7357",
        "HTTP_AUTHORIZATION": credential,
        "HTTP_ACCEPT": "application/json",
        "HTTP_ACCEPT_ENCODING": "gzip, deflate",
        "HTTP_USER_AGENT": "bench/1",
        "HTTP_CONNECTION": "keep-alive",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "lookalike.edge": True,
    }


class Caller:
    """Calls an app and insists on success; `credential` is a whole Authorization header."""

    def __init__(self, app: App, prefix: str, credential: str) -> None:
        self.app = app
        self.prefix = prefix
        self.credential = credential

    def __call__(self, method: str, path: str, json: Any = None) -> Any:
        """The answer as JSON."""
        return orjson.loads(self._send(self._environ(method, path, json)))

    def timed(self, method: str, path: str, json: Any = None) -> float:
        """Seconds that the app took."""
        request = self._environ(method, path, json)
        began = time.perf_counter()
        self._send(request)
        return time.perf_counter() - began

    def _environ(self, method: str, path: str, json: Any) -> dict[str, Any]:
        body = b"" if json is None else orjson.dumps(json)
        return environ(method, self.prefix + path, self.credential, body)

    def _send(self, request: dict[str, Any]) -> bytes:
        seen: list[str] = []

        def respond(status: str, _headers: Any, _error: Any = None) -> None:
            seen.append(status)

        body = b"".join(self.app(request, respond))
        if "lookalike.pending" in request:  # work that the edge would do in a thread
            body = b"".join(request["lookalike.pending"](respond))
        if not seen[0].startswith("2"):
            raise AssertionError(f"{request['REQUEST_METHOD']} {request['RAW_URI']}: {seen[0]} {body[:200]!r}")
        return body

    def costs(self, call: Callable[[int], float], count: int) -> list[float]:
        """Seconds that each of so many calls takes."""
        return [call(number) for number in range(count)]

    def signed(self, credential: str) -> Caller:
        """The same with another Authorization header."""
        return Caller(self.app, self.prefix, credential)


class WireCaller:
    """The same calls of a server that runs as a process, over one keep-alive connection."""

    def __init__(self, port: int, pid: int, prefix: str, credential: str) -> None:
        self.port = port
        self.pid = pid
        self.prefix = prefix
        self.credential = credential
        self._connection = load.Connection(port)

    def __call__(self, method: str, path: str, json: Any = None) -> Any:
        """The answer as JSON."""
        return orjson.loads(self._send(self._request(method, path, json)) or b"null")

    def timed(self, method: str, path: str, json: Any = None) -> float:
        """Seconds until the answer was there."""
        request = self._request(method, path, json)
        began = time.perf_counter()
        self._send(request)
        return time.perf_counter() - began

    def costs(self, call: Callable[[int], float], count: int) -> list[float]:
        """Seconds that the server's processor needs for each of so many calls, socket and all, on the average.

        How long an answer takes tells less: on which core the kernel wakes the server makes more of a difference.
        """
        before = self._processor_seconds()
        for number in range(count):
            call(number)
        return [(self._processor_seconds() - before) / count]

    def _processor_seconds(self) -> float:
        time.sleep(0.002)  # Linux adds up what a process took when it goes to sleep, and nothing tells when it has
        return int(Path(f"/proc/{self.pid}/schedstat").read_text().split()[0]) / 1e9

    def signed(self, credential: str) -> WireCaller:
        """The same with another Authorization header."""
        return WireCaller(self.port, self.pid, self.prefix, credential)

    def _request(self, method: str, path: str, json: Any) -> bytes:
        body = b"" if json is None else orjson.dumps(json)
        return load.request(method, self.prefix + path, {"Authorization": self.credential}, body)

    def _send(self, request: bytes) -> bytes:
        status, body = self._connection.ask(request)
        if not 200 <= status < 300:
            raise AssertionError(f"{request[:200]!r}: {status} {body[:200]!r}")
        return body
