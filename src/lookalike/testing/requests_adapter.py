"""`requests` into a sandbox of this process, without a socket."""

from __future__ import annotations

import io
from collections.abc import Mapping
from http.client import RemoteDisconnected
from typing import Any

from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError, ReadTimeout
from urllib3 import HTTPHeaderDict, HTTPResponse

from lookalike.clock import sleep
from lookalike.testing.inprocess import Door, Reply


class InProcessAdapter(HTTPAdapter):
    """Answers a session's requests from a sandbox; faults end in the errors that they would end in over a socket."""

    def __init__(self, door: Door) -> None:
        super().__init__()
        self._door = door

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float | None, float | None] | None = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        """Answer one request. Raises what requests raises over a socket."""
        wait = timeout[1] if isinstance(timeout, tuple) else timeout
        headers = [(name, _text(value)) for name, value in request.headers.items()]
        try:
            reply = self._door.ask(request.method or "GET", request.url or "", headers, _body(request), wait)
        except LookupError as error:
            raise ConnectionError(str(error), request=request) from None
        sleep(reply.wait)
        if reply.trouble is not None:
            raise _error(reply, request)
        return self.build_response(request, _raw(reply, request.method or "GET"))


def mount(session: Session, door: Door) -> Session:
    """Lead a session's requests for the sandbox, and for the vendors' real host names, there."""
    adapter = InProcessAdapter(door)
    for host in door.hosts:
        session.mount(f"http://{host}", adapter)
        session.mount(f"https://{host}", adapter)
    return session


def _body(request: PreparedRequest) -> bytes:
    body: Any = request.body
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    return body if isinstance(body, bytes) else b"".join(body)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _error(reply: Reply, request: PreparedRequest) -> Exception:
    if reply.trouble == "timeout":
        return ReadTimeout(f"Read timed out. (read timeout={reply.wait})", request=request)
    cause = (
        ConnectionResetError(104, "Connection reset by peer")
        if reply.trouble == "reset"
        else RemoteDisconnected("Remote end closed connection without response")
    )
    return ConnectionError("Connection aborted.", cause, request=request)


def _raw(reply: Reply, method: str) -> HTTPResponse:
    return HTTPResponse(
        io.BytesIO(reply.body),
        headers=HTTPHeaderDict(reply.headers),
        status=reply.status,
        preload_content=False,
        enforce_content_length=method != "HEAD",
    )
