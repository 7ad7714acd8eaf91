"""A small HTTP/1.1 load generator: keep-alive connections on one epoll loop, so that the server is the slower side."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

Maker = Callable[[int], bytes]


@dataclass
class Result:
    """What one run saw. Times are in seconds."""

    count: int
    seconds: float
    times: list[float]
    failures: int

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.count / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds within which this share of the answers came."""
        ordered = sorted(self.times)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """The bytes of one request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{k}: {v}" for k, v in headers.items())]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Connection:
    """One keep-alive connection, an answer at a time."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.began = 0.0

    def send(self, data: bytes) -> None:
        self.buffer = b""
        self.began = time.perf_counter()
        self.socket.sendall(data)

    def receive(self) -> int | None:
        """The status once the answer is whole, else None."""
        piece = self.socket.recv(262144)
        if not piece:
            raise ConnectionError("the server closed the connection")
        self.buffer = self.buffer + piece if self.buffer else piece
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0 or not _whole(self.buffer, end):
            return None
        return int(self.buffer[9:12])

    def ask(self, data: bytes) -> tuple[int, bytes]:
        """Status and body of the answer to a request, waited for."""
        self.send(data)
        while (status := self.receive()) is None:
            pass
        return status, self.buffer.partition(b"\r\n\r\n")[2]


def _whole(buffer: bytes, end: int) -> bool:
    head = buffer[:end].lower()
    at = head.find(b"content-length: ")
    if at >= 0:
        stop = head.find(b"\r", at)
        return len(buffer) - end - 4 >= int(head[at + 16 : stop if stop > 0 else end])
    return buffer.endswith(b"0\r\n\r\n")


def run(port: int, make: Maker, *, connections: int, seconds: float = 0, count: int = 0, first: int = 0) -> Result:
    """Load `port` with `make(0)`, `make(1)`, ... for so many seconds, or until so many answers came."""
    selector = selectors.DefaultSelector()
    number, times, failures = first, [], 0
    start = time.perf_counter()
    deadline = start + seconds if seconds else float("inf")
    limit = first + count if count else float("inf")
    open_connections = 0
    for _ in range(connections):
        connection = Connection(port)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.send(make(number))
        number += 1
        open_connections += 1
    while open_connections:
        for key, _ in selector.select():
            connection = key.data
            status = connection.receive()
            if status is None:
                continue
            now = time.perf_counter()
            times.append(now - connection.began)
            failures += not 200 <= status < 300
            if now < deadline and number < limit:
                connection.send(make(number))
                number += 1
            else:
                selector.unregister(connection.socket)
                connection.socket.close()
                open_connections -= 1
    return Result(len(times), time.perf_counter() - start, times, failures)
