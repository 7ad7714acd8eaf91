"""`httpx` into a sandbox of this process, without a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import anyio
import httpx

from lookalike.clock import sleep
from lookalike.testing.inprocess import Door, Reply


class InProcessTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers a client's requests from a sandbox; faults end in the errors that they would end in over a socket."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request. Raises what httpx raises over a socket."""
        reply = self._ask(request, request.read())
        sleep(reply.wait)
        return _response(reply, request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The same for an AsyncClient; lengthy work and delays hold up nobody else."""
        body = await request.aread()
        reply = await anyio.to_thread.run_sync(self._ask, request, body)
        await anyio.sleep(reply.wait)
        return _response(reply, request)

    def _ask(self, request: httpx.Request, body: bytes) -> Reply:
        timeout = request.extensions.get("timeout", {}).get("read")
        try:
            return self._door.ask(request.method, str(request.url), request.headers.multi_items(), body, timeout)
        except LookupError as error:
            raise httpx.ConnectError(str(error), request=request) from None


class _Stream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body, perhaps one that breaks off."""

    def __init__(self, reply: Reply, request: httpx.Request) -> None:
        self._reply = reply
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        yield self._reply.body
        if self._reply.is_cut:
            message = "peer closed connection without sending complete message body"
            raise httpx.RemoteProtocolError(message, request=self._request)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


def _response(reply: Reply, request: httpx.Request) -> httpx.Response:
    if reply.trouble == "timeout":
        raise httpx.ReadTimeout("The read operation timed out", request=request)
    if reply.trouble == "reset":
        raise httpx.ReadError("[Errno 104] Connection reset by peer", request=request)
    if reply.trouble == "empty":
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)
    return httpx.Response(reply.status, headers=reply.headers, stream=_Stream(reply, request), request=request)
