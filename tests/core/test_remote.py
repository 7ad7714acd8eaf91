"""The way to a server's control API: connections are kept, a lost one is replaced, proxies are for other machines."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from lookalike.remote import Control, ControlError

OK = b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"ok":true}'
ANSWER = {"ok": True}


class Peer:
    """A server of bytes: each connection is answered as long as `answers` says, then closed."""

    def __init__(self, answers: list[int]) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.lines: list[str] = []
        self._answers = answers
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        for count in self._answers:
            connection, _ = self.listener.accept()
            with connection:
                for _ in range(count):
                    request = connection.recv(65536)
                    self.lines.append(request.decode().partition("\r\n")[0])
                    connection.sendall(OK)

    def close(self) -> None:
        self._thread.join(timeout=10)
        self.listener.close()


@pytest.fixture
def peer() -> Iterator[Callable[..., Peer]]:
    """`peer(2, 1)`: answers two requests on the first connection it gets, one on the second, and is gone."""
    made: list[Peer] = []

    def make(*answers: int) -> Peer:
        made.append(Peer(list(answers)))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_a_connection_is_kept_for_the_next_request(peer):
    server = peer(2)
    control = Control(server.url)
    assert control.ask("GET", "/faults") == ANSWER
    assert control.ask("DELETE", "/faults", query={"a": None, "b": "1 2"}) == ANSWER
    control.close()
    assert server.lines == ["GET /_lookalike/faults HTTP/1.1", "DELETE /_lookalike/faults?b=1+2 HTTP/1.1"]


def test_one_that_the_server_has_closed_meanwhile_is_replaced(peer):
    server = peer(1, 1)
    control = Control(server.url)
    assert [control.ask("GET", "/health") for _ in range(2)] == [ANSWER, ANSWER]
    control.close()


def test_a_server_that_is_gone_is_one_sentence(peer):
    server = peer(1)
    control = Control(server.url + "/")
    control.ask("GET", "/health")
    server.close()
    with pytest.raises(ControlError) as caught:
        control.ask("GET", "/health")
    assert str(caught.value).startswith(f"no lookalike answers at {server.url} (")
    assert caught.value.status is None


def test_a_server_below_a_path(peer):
    server = peer(1)
    control = Control(f"{server.url}/tools/")
    control.ask("GET", "/health")
    control.close()
    assert server.lines == ["GET /tools/_lookalike/health HTTP/1.1"]


def test_another_machine_is_asked_through_the_proxy_of_the_environment(peer, monkeypatch):
    proxy = peer(1)
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    control = Control("http://lookalike.example:7357", token="secret-token")
    assert control.ask("GET", "/health") == ANSWER
    control.close()
    assert proxy.lines == ["GET http://lookalike.example:7357/_lookalike/health HTTP/1.1"]
