"""Receivers of webhooks of all kinds: what counts as success, and what is told of the others."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.core.lab import lab
from tests.receiver import Receiver, Reply, answering, unused_port


def outcome_of(url: str, timeout: float = 5.0) -> tuple[int | None, str | None]:
    one = lab(timeout)
    id = one.deliver(url)
    one.client.settle()
    (_, _, status, error), *more = one.attempts(id)
    assert not more
    assert one.document(id)["status"] == ("delivered" if status == 200 else "pending")
    return status, error


def test_a_receiver_that_is_down():
    assert outcome_of(f"http://127.0.0.1:{unused_port()}/") == (None, "connection refused")


@pytest.mark.parametrize("status", [100, 199, 204, 299, 300, 301, 302, 307, 400, 404, 429, 500, 503])
def test_success_is_any_2xx(status):
    one = lab()
    one.client.sandbox.outbox.exchange = answering(status)
    id = one.deliver("http://127.0.0.1:1/")
    one.client.settle()
    assert one.document(id)["status"] == ("delivered" if 200 <= status < 300 else "pending")


def test_a_redirect_is_not_followed(receiver):
    with Receiver().listening() as elsewhere:
        receiver.answers(Reply(302, headers=(("Location", elsewhere.url),)), Reply(307, headers=(("Location", "/b"),)))
        assert outcome_of(receiver.url) == (302, None)
        assert outcome_of(receiver.url) == (307, None)
        assert elsewhere.received == []
    assert [got.path for got in receiver.received] == ["/hook", "/hook"]


def test_a_receiver_that_is_slow(receiver):
    gate = threading.Event()
    receiver.answers(Reply(before=lambda _got: gate.wait(10) and None))
    assert outcome_of(receiver.url, timeout=0.05) == (None, "no answer within 0.05 s")
    gate.set()


@contextmanager
def raw(*pieces: bytes, pause: float = 0.0) -> Iterator[str]:
    """A receiver that sends these bytes, with pauses, whatever it gets."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                try:
                    for piece in pieces:
                        connection.sendall(piece)
                        time.sleep(pause)
                except OSError:  # they have heard enough
                    pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join(5)


def test_the_time_is_bounded_as_a_whole_and_not_from_byte_to_byte():
    with raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", *[b"x"] * 100, pause=0.02) as url:
        assert outcome_of(url, timeout=0.2) == (None, "no answer within 0.2 s")


def test_a_long_answer_is_cut():
    endless = [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[b"1000\r\n" + b"x" * 4096 + b"\r\n"] * 100]
    with raw(*endless) as url:
        one = lab()
        id = one.deliver(url)
        one.client.settle()
    assert one.document(id)["attempts"][0]["answer"] == "x" * 4096


@pytest.mark.parametrize(
    ("sent", "status", "error"),
    [
        (b"", None, "no proper HTTP answer: "),
        (b"SSH-2.0-OpenSSH\r\n\r\n", None, "no proper HTTP answer: "),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000, None, "no proper HTTP answer: "),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", None, "no proper HTTP answer: "),
        (b"HTTP/1.1 200 OK\r\n\r\n\xff\xfeto the end", 200, None),
        (b"HTTP/1.0 204 No Content\r\n\r\n", 204, None),
        (b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, None),
    ],
)
def test_answers_of_all_kinds(sent, status, error):
    one = lab()
    with raw(sent) as url:
        id = one.deliver(url)
        one.client.settle()
    ((_, _, seen, told),) = one.attempts(id)
    assert seen == status
    assert told is None if error is None else told.startswith(error)


def test_environment_proxies_are_for_others(receiver, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{unused_port()}")
    assert outcome_of(receiver.url) == (200, None)
