"""One request and its answer over HTTP/1.1, within bounds of time and size. Redirects are answers like any other."""

from __future__ import annotations

import asyncio
import ssl
from functools import cache
from typing import Any

import h11

from lookalike.clock import monotonic
from lookalike.outbox.destinations import Destinations, Target, target
from lookalike.outbox.sender import Outcome, Outgoing, Refused

BODY_KEPT = 4096
"""Characters of an answer's body that are kept."""

_READ = 16 * 1024
"""Bytes of an answer's body that are read."""

_PIECE = 64 * 1024


async def exchange(outgoing: Outgoing, timeout: float, destinations: Destinations, at: float) -> Outcome:
    """Send a request and read the answer; never raises. `at` is the clock's time, for the outcome."""
    started = monotonic()
    try:
        async with asyncio.timeout(timeout):
            where = target(outgoing.url)
            addresses = await destinations.addresses(where)
            status, headers, body = await _converse(addresses, where, outgoing)
    except Refused as refusal:
        return Outcome(at, error=str(refusal), refused=True)
    except TimeoutError:
        return Outcome(at, error=f"no answer within {timeout:g} s", seconds=monotonic() - started)
    except (OSError, h11.ProtocolError, UnicodeError) as error:
        return Outcome(at, error=_told(error), seconds=monotonic() - started)
    return Outcome(at, status, headers, body, seconds=monotonic() - started)


def _told(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate not trusted: {error.verify_message}"
    if isinstance(error, h11.RemoteProtocolError):
        return f"no proper HTTP answer: {error}"
    if isinstance(error, h11.LocalProtocolError):
        return f"cannot be sent: {error}"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    return f"no connection: {getattr(error, 'strerror', None) or error}"


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


async def _converse(
    addresses: list[str], where: Target, outgoing: Outgoing
) -> tuple[int, tuple[tuple[str, str], ...], str]:
    reader, writer = await _connect(addresses, where)
    try:
        client = h11.Connection(h11.CLIENT)
        writer.write(_request(client, where, outgoing))
        # Not before the answer: a receiver may give it without having read everything.
        response = await _head(client, reader)
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers)
        return response.status_code, headers, await _body(client, reader)
    finally:
        writer.transport.abort()


async def _connect(addresses: list[str], where: Target) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    tls: dict[str, Any] = {"ssl": _tls(), "server_hostname": where.host} if where.tls else {}
    trouble: OSError | None = None
    for address in addresses:
        try:
            return await asyncio.open_connection(address, where.port, **tls)
        except ssl.SSLError:
            raise
        except OSError as error:  # who listens on localhost may do so on one of its two addresses alone
            trouble = trouble or error
    assert trouble is not None
    raise trouble


def _request(client: h11.Connection, where: Target, outgoing: Outgoing) -> bytes:
    headers = [("Host", where.authority), *outgoing.headers, ("Content-Length", str(len(outgoing.body)))]
    raw = [(name.encode("latin-1"), value.encode("utf-8")) for name, value in headers]
    parts = (
        client.send(h11.Request(method=b"POST", target=where.path.encode("ascii"), headers=raw)),
        client.send(h11.Data(data=outgoing.body)) if outgoing.body else b"",
        client.send(h11.EndOfMessage()),
    )
    return b"".join(part or b"" for part in parts)


async def _next_event(client: h11.Connection, reader: asyncio.StreamReader) -> Any:
    while (event := client.next_event()) is h11.NEED_DATA:
        client.receive_data(await reader.read(_PIECE))
    return event


async def _head(client: h11.Connection, reader: asyncio.StreamReader) -> h11.Response:
    while not isinstance(event := await _next_event(client, reader), h11.Response):
        if isinstance(event, h11.ConnectionClosed):
            raise h11.RemoteProtocolError("the connection was closed")
    return event


async def _body(client: h11.Connection, reader: asyncio.StreamReader) -> str:
    body = b""
    while len(body) <= _READ and isinstance(event := await _next_event(client, reader), h11.Data):
        body += event.data
    return body.decode("utf-8", "replace")[:BODY_KEPT]
