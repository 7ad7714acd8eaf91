"""The control API of a server from outside: what commands and tests talk through, over a socket or without one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection, RemoteDisconnected
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

from lookalike.addressing import CONTROL

TIMEOUT = 300
"""Seconds that an answer may take: a clock moved by years has much to do on its way."""

_LOOPBACK = ("127.", "localhost", "::1")
_STALE = (RemoteDisconnected, ConnectionResetError, BrokenPipeError)

Exchange = Callable[[str, str, Mapping[str, str], bytes | None], tuple[int, bytes]]
"""(method, path and query, headers, body) -> (status, body). Raises OSError, HTTPException or ValueError."""


class ControlError(Exception):
    """What the control API refused, or why it could not be asked; the message is one sentence for the user."""

    def __init__(self, sentence: str, status: int | None = None, answer: Mapping[str, Any] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        """What the server answered; None where none did."""
        self.answer = answer or {}
        """All that it answered."""


class Control:
    """One server's control API. `exchange` is how requests get there; without one they go to `url` over a socket."""

    def __init__(self, url: str, token: str | None = None, exchange: Exchange | None = None) -> None:
        self.url = url.rstrip("/")
        self._token = token
        self._connections = None if exchange is not None else Connections(self.url)
        self._exchange = exchange or self._connections

    def ask(self, method: str, path: str, body: Any = None, query: Mapping[str, Any] | None = None) -> Any:
        """One request and its answer as data. Raises ControlError.

        `path` is without its prefix, as in `/faults`. Members of `query` that are None are left out.
        """
        given = {name: value for name, value in (query or {}).items() if value is not None}
        target = CONTROL + path + (f"?{urlencode(given)}" if given else "")
        headers = {"Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        assert self._exchange is not None
        try:
            status, raw = self._exchange(method, target, headers, data)
        except (HTTPException, OSError, ValueError) as error:
            raise ControlError(
                f"no lookalike answers at {self.url} ({error}): start one with 'lookalike serve' or set LOOKALIKE_URL."
            ) from None
        return self._read(status, raw)

    def _read(self, status: int, raw: bytes) -> Any:
        try:
            answer = json.loads(raw)
        except ValueError:
            answer = None
        if 200 <= status < 300 and answer is not None:
            return answer
        if status >= 400 and isinstance(answer, dict) and isinstance(answer.get("error"), str):
            raise ControlError(answer["error"], status, answer)
        if raw.startswith(b"lookalike failed"):
            raise ControlError("lookalike itself failed: its log says why.", status)
        raise ControlError(f"what answers at {self.url} is not lookalike: set LOOKALIKE_URL.", status)

    def close(self) -> None:
        """Let go of the connections."""
        if self._connections is not None:
            self._connections.close()


def fixture_text(given: str | Path | None) -> str | None:
    """What to send for a fixture: a file's text, since the server may be on another machine; a name or text as it is.

    Raises ControlError.
    """
    if given is None or (isinstance(given, str) and "\n" in given):
        return given
    path = Path(given).expanduser()
    if path.suffix.lower() not in (".yaml", ".yml", ".json"):
        return str(given)
    try:
        text = path.read_text(encoding="utf-8-sig") + "\n"
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ControlError(f"fixture {path} cannot be read: {reason}.") from None
    # It is read as YAML, which JSON is but for tabs; within its texts JSON has none.
    return text.replace("\t", " ") if path.suffix.lower() == ".json" else text


class Connections:
    """Connections to one server that are kept for the next request; as many as threads ask at once."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._free: list[HTTPConnection] = []

    def __call__(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> tuple[int, bytes]:
        """One exchange. Raises OSError, HTTPException or ValueError."""
        url = urlsplit(self._url)
        proxy = _proxy(url)
        target = (self._url if proxy is not None and url.scheme == "http" else url.path) + target
        if self._free:
            try:
                return self._over(self._free.pop(), method, target, headers, body)
            except _STALE:
                pass  # The server has let go of it since; it has read nothing of this request.
        return self._over(_connection(url, proxy), method, target, headers, body)

    def _over(
        self, connection: HTTPConnection, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, bytes]:
        try:
            connection.request(method, target, body, dict(headers))
            answer = connection.getresponse()
            found = answer.status, answer.read()
        except BaseException:
            connection.close()
            raise
        self._free.append(connection)
        return found

    def close(self) -> None:
        """Close those that nobody uses."""
        while self._free:
            self._free.pop().close()


def _connection(url: SplitResult, proxy: SplitResult | None) -> HTTPConnection:
    if url.scheme not in ("http", "https") or not url.hostname:
        raise ValueError("this is no address of a server")
    kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
    if proxy is None:
        return kind(url.hostname, url.port, timeout=TIMEOUT)
    connection = kind(proxy.hostname or "", proxy.port, timeout=TIMEOUT)
    if url.scheme == "https":
        connection.set_tunnel(url.hostname, url.port)
    return connection


def _proxy(url: SplitResult) -> SplitResult | None:
    """The proxy that the environment names. Proxies are for the world, not for this machine."""
    host = url.hostname or ""
    if host.startswith(_LOOPBACK) or proxy_bypass(host):
        return None
    named = getproxies().get(url.scheme)
    return urlsplit(named if "://" in named else f"http://{named}") if named else None
