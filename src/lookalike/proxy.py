"""A forward proxy that brings the vendors' real host names to the sandbox, so that clients need no changed line.

`CONNECT api.vendor.example:443` is joined to the sandbox's own TLS port, which answers under that name; a plain request
in absolute form goes to its plain port. What is for any other host passes through untouched, or is refused.
It listens on loopback only, whatever the server does: an open proxy would be a gift to the network.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from lookalike.settings import is_loopback
from lookalike.upstream import Address, Upstream

HEAD_LIMIT = 64 * 1024
"""Bytes of a request's line and headers; a longer head is refused with 431."""

HEAD_SECONDS = 30
CONNECT_SECONDS = 30
LINGER_SECONDS = 1
"""How long a client that was refused may go on sending before its connection is cut."""

_CHUNK = 64 * 1024
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:/@\s]+)(?::(\d{1,5}))?")
_HOP_HEADERS = ("connection", "proxy-connection", "proxy-authorization", "keep-alive", "host")

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Resolve = Callable[[str, int], Address]
FindUpstream = Callable[[str, str], Upstream | None]


class Refused(Exception):
    """A request that goes nowhere: a status and one sentence for the client."""

    def __init__(self, status: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True)
class Wanted:
    """Where a request to the proxy wants to go: a tunnel, or a plain request with its path and what follows it."""

    host: str
    port: int
    method: str = "CONNECT"
    path: str = ""
    rest: tuple[str, ...] = ()
    """The version and the headers, as lines."""

    @property
    def is_tunnel(self) -> bool:
        return self.method == "CONNECT"

    @property
    def place(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def head(self, upstream: Upstream | None = None) -> bytes:
        """What goes to the server, in the form that servers expect, or to the next proxy, in that for proxies."""
        version, *headers = self.rest
        target = self.path if upstream is None else f"http://{self.place}{self.path}"
        added = upstream.headers if upstream is not None else ()
        return "\r\n".join([f"{self.method} {target} {version}", *headers, *added, "", ""]).encode("latin-1")


class Proxy:
    """One proxy. `plain` and `tls` are the sandbox's own addresses; `resolve` maps those of everybody else.

    `find_upstream(scheme, host)` names the proxy that this machine uses for other hosts, if it does.
    """

    def __init__(
        self,
        hosts: Iterable[str],
        plain: Address,
        tls: Address,
        *,
        block_others: bool = False,
        resolve: Resolve = lambda host, port: (host, port),
        find_upstream: FindUpstream = lambda scheme, host: None,
    ) -> None:
        self._hosts = frozenset(host.lower() for host in hosts)
        self._plain = plain
        self._tls = tls
        self._block_others = block_others
        self.resolve = resolve
        self.find_upstream = find_upstream
        self._own: Address | None = None
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.refused: Counter[str] = Counter()
        """How often each other host was asked for and refused: `example.com:443` -> 2."""

    async def start(self, listener: socket.socket) -> None:
        """Serve on a socket that is bound already."""
        self._own = listener.getsockname()
        self._server = await asyncio.start_server(self._accept, sock=listener, limit=HEAD_LIMIT)

    async def close(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._answer(reader, writer)
        except asyncio.CancelledError:
            pass  # the proxy closes; there is nobody to tell
        except (OSError, EOFError):
            _reset(writer)
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                wanted = _read(await _head(reader))
            self._check(wanted)
            there = await self._reach(wanted)
        except Refused as refusal:
            await _refuse((reader, writer), refusal)
            return
        if wanted.is_tunnel:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            await _join((reader, writer), there)
        finally:
            there[1].close()

    async def _reach(self, wanted: Wanted) -> Stream:
        """A connection to where a request wants to go, with the request sent if it is none for a tunnel."""
        upstream = self._upstream(wanted)
        address = self._address(wanted) if upstream is None else upstream.address
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                there = await asyncio.open_connection(*address, limit=HEAD_LIMIT)
                if not wanted.is_tunnel:
                    there[1].write(wanted.head(upstream))
                elif upstream is not None:
                    await _tunnel_on(there, wanted, upstream)
                return there
        except (OSError, EOFError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or str(error) or "no answer in time"
            raise Refused("502 Bad Gateway", f"{wanted.place} cannot be reached: {reason}") from None

    def _upstream(self, wanted: Wanted) -> Upstream | None:
        if self._is_near(wanted.host):
            return None
        found = self.find_upstream(_scheme(wanted), wanted.host)
        # Who has taken over `lookalike env` of this very proxy, and starts it again there, must not send it to itself.
        return None if found is None or found.address == self._own else found

    def _check(self, wanted: Wanted) -> None:
        if self._block_others and not self._is_near(wanted.host):
            self.refused[wanted.place] += 1
            raise Refused("403 Forbidden", f"{wanted.place} is no vendor's, and lookalike was told to refuse others")

    def _is_near(self, host: str) -> bool:
        return host in self._hosts or _is_this_machine(host)

    def _address(self, wanted: Wanted) -> Address:
        if wanted.host in self._hosts:
            return self._plain if _scheme(wanted) == "http" else self._tls
        if wanted.host.endswith(".localhost"):  # not every system knows that these are this machine
            return "127.0.0.1", wanted.port
        return self.resolve(wanted.host, wanted.port)


def _scheme(wanted: Wanted) -> str:
    return "http" if wanted.port == 80 or not wanted.is_tunnel else "https"


async def _tunnel_on(there: Stream, wanted: Wanted, upstream: Upstream) -> None:
    """Ask the next proxy for the tunnel. Raises Refused with what it says instead."""
    lines = [f"CONNECT {wanted.place} HTTP/1.1", f"Host: {wanted.place}", *upstream.headers, "", ""]
    try:
        there[1].write("\r\n".join(lines).encode("latin-1"))
        answer = (await _head(there[0])).decode("latin-1").partition("\r\n")[0]
        if answer.split(" ")[1:2] != ["200"]:
            raise Refused("502 Bad Gateway", f"{wanted.place} cannot be reached: the next proxy says {answer!r}")
    except BaseException:
        there[1].close()
        raise


def _is_this_machine(host: str) -> bool:
    return is_loopback(host) or host.endswith(".localhost")


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        raise Refused("431 Request Header Fields Too Large", f"the head is longer than {HEAD_LIMIT} bytes") from None


async def _refuse(here: Stream, refusal: Refused) -> None:
    reader, writer = here
    body = f"{refusal}\n".encode()
    head = f"HTTP/1.1 {refusal.status}\r\nContent-Type: text/plain; charset=utf-8\r\n"
    writer.write(f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
    writer.write_eof()
    # Closing on a body that is still coming would be a reset, and take the answer with it.
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            while await reader.read(_CHUNK):
                pass


def _read(head: bytes) -> Wanted:
    lines = head.decode("latin-1").split("\r\n")[:-2]
    method, target, version = [*lines[0].split(" "), "", ""][:3]
    if method == "CONNECT":
        return Wanted(*_place(target, None))
    scheme, separator, rest = target.partition("://")
    if not separator or scheme.lower() != "http":
        raise Refused(
            "400 Bad Request", "this is lookalike's proxy: it takes CONNECT, and requests that name http://host/path"
        )
    authority, path = _split(rest)
    host, port = _place(authority.rpartition("@")[2], 80)
    # One request a connection: it then passes through as bytes, and needs no reading of where it ends.
    kept = [line for line in lines[1:] if line.partition(":")[0].strip().lower() not in _HOP_HEADERS]
    sent = (version, f"Host: {authority.rpartition('@')[2]}", *kept, "Connection: close")
    return Wanted(host, port, method, path, sent)


def _split(rest: str) -> tuple[str, str]:
    """`host:80/path?query` as what stands before the path, and the path."""
    match = re.search(r"[/?#]", rest)
    if match is None:
        return rest, "/"
    path = rest[match.start() :]
    return rest[: match.start()], path if path.startswith("/") else f"/{path}"


def _place(authority: str, default: int | None) -> Address:
    match = _AUTHORITY.fullmatch(authority)
    port = int(match[2]) if match and match[2] else default
    if match is None or port is None or not 0 < port < 65536:
        raise Refused("400 Bad Request", f"{authority!r} is no host with a port")
    return match[1].strip("[]").rstrip(".").lower(), port


async def _join(here: Stream, there: Stream) -> None:
    """Carry bytes both ways until both sides have ended; a reset of one is a reset of the other."""
    ways = [asyncio.ensure_future(_carry(here[0], there[1])), asyncio.ensure_future(_carry(there[0], here[1]))]
    try:
        await asyncio.gather(*ways)
    except OSError:
        _reset(here[1])
        _reset(there[1])
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_CHUNK):
        writer.write(data)
        await writer.drain()
    with suppress(OSError):  # the other side may have left meanwhile
        writer.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    if connection is not None:
        # Lingering for zero seconds makes the kernel answer with RST instead of FIN.
        with suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
