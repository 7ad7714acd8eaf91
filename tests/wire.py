"""A client that speaks bytes: what the tests of the edge and of the faults see is what left the socket."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field

import orjson


@dataclass
class Wire:
    """One connection to a server on this machine."""

    port: int
    timeout: float = 10
    buffer: bytes = field(default=b"", init=False)

    def __post_init__(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=self.timeout)

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> Wire:
        """Send one request; header names have `_` for `-`. A body brings its Content-Length along."""
        self.socket.sendall(request(method, path, body, **headers))
        return self

    def answer(self, *, head: bool = False) -> tuple[int, dict[str, str], bytes]:
        """The next whole answer: status, headers in lower case, body."""
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        top, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        lines = top.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        length = 0 if head else int(headers.get("content-length", "0"))
        while len(self.buffer) < length:
            self._more()
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return int(lines[0].split()[1]), headers, body

    def rest(self) -> bytes:
        """Everything until the server ends the connection. Raises ConnectionResetError if it resets it."""
        while True:
            try:
                self._more()
            except EOFError:
                return self.buffer

    def _more(self) -> None:
        piece = self.socket.recv(65536)
        if not piece:
            raise EOFError(f"the server closed the connection after {self.buffer!r}")
        self.buffer += piece


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """The bytes of one request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def contact(number: int = 1) -> bytes:
    """A body that creates a contact at AutoSend."""
    return orjson.dumps({"email": f"person{number}@example.com"})
