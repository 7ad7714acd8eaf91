"""The edge over a real socket: HTTP/1.1 as clients speak it, and answers that wait without holding up others."""

from __future__ import annotations

import contextlib
import gc
import select
import threading

import orjson
import pytest

from lookalike.edge import BODY_CEILING, HEAD_CEILING
from lookalike.server import Server
from lookalike.settings import Settings
from tests.support import witness
from tests.wire import Wire, contact, request

CONTACTS = "/autosend/v1/contacts"


@pytest.fixture
def key(workspace):
    return f"Bearer AS_wire~{workspace}"


@pytest.fixture
def wire(live_server):
    with Wire(live_server.port) as connection:
        yield connection


def test_a_connection_serves_one_request_after_another(wire, key):
    for number in range(3):
        status, headers, body = wire.send("POST", CONTACTS, contact(number), Authorization=key).answer()
        assert status == 200
        assert headers["content-type"] == "application/json; charset=utf-8"
        assert "connection" not in headers
        assert "date" in headers
        assert orjson.loads(body)["data"]["email"] == f"person{number}@example.com"


def test_pipelined_requests_are_answered_in_order_even_when_the_first_is_late(wire, key):
    late = request("POST", CONTACTS, contact(1), Authorization=key, X_Lookalike_Fault="latency=100")
    quick = request("POST", CONTACTS, contact(2), Authorization=key)
    wire.socket.sendall(late + quick + quick)
    answers = [wire.answer() for _ in range(3)]
    assert [status for status, _, _ in answers] == [200, 200, 409]
    assert orjson.loads(answers[0][2])["data"]["email"] == "person1@example.com"


def test_a_body_may_come_in_chunks_and_in_pieces(wire, key):
    body = contact()
    wire.socket.sendall(
        f"POST {CONTACTS} HTTP/1.1\r\nHost: x\r\nAuthorization: {key}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    )
    for piece in (body[:5], body[5:]):
        wire.socket.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
    wire.socket.sendall(b"0\r\n\r\n")
    assert wire.answer()[0] == 200


def test_a_client_that_expects_100_continue_gets_it(wire, key):
    body = contact()
    head = f"POST {CONTACTS} HTTP/1.1\r\nHost: x\r\nAuthorization: {key}\r\nContent-Length: {len(body)}\r\n"
    wire.socket.sendall(head.encode() + b"Expect: 100-continue\r\n\r\n")
    assert wire.answer()[0] == 100
    wire.socket.sendall(body)
    assert wire.answer()[0] == 200


def test_head_has_the_headers_of_get_and_no_body(wire, key):
    status, headers, _ = wire.send("HEAD", "/autosend/v1/contact-lists", Authorization=key).answer(head=True)
    assert status == 200
    assert int(headers["content-length"]) > 0
    assert wire.send("GET", "/autosend/v1/contact-lists", Authorization=key).answer()[0] == 200


def test_http_1_0_and_connection_close_end_the_connection(live_server, key):
    for line in ("GET /_lookalike/health HTTP/1.0\r\n", "GET /_lookalike/health HTTP/1.1\r\nConnection: close\r\n"):
        with Wire(live_server.port) as connection:
            connection.socket.sendall(f"{line}Host: 127.0.0.1\r\n\r\n".encode())
            assert connection.rest().startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_body_above_the_ceiling_is_refused_before_it_has_all_come(wire, key):
    size = BODY_CEILING + 1024 * 1024
    wire.socket.sendall(request("POST", CONTACTS, Authorization=key, Content_Length=str(size * 2)))
    sender = threading.Thread(target=_send_quietly, args=(wire, b"x" * size))
    sender.start()
    status, headers, body = wire.answer()
    sender.join()
    assert status == 413
    assert headers["connection"] == "close"
    assert orjson.loads(body)["error"]["code"] == "PAYLOAD_TOO_LARGE"


def _send_quietly(wire, data):
    with contextlib.suppress(OSError):  # the server has answered and closed, as it should
        wire.socket.sendall(data)


def test_a_body_above_the_ceiling_is_answered_once_though_the_answer_is_late(live_server, wire, key, workspace):
    size = BODY_CEILING + 4 * 1024 * 1024
    head = request("POST", CONTACTS, Authorization=key, Content_Length=str(size), X_Lookalike_Fault="latency=300")
    wire.socket.sendall(head)
    for _ in range(size // 65536):
        wire.socket.sendall(b"x" * 65536)
    assert wire.answer()[0] == 413
    with pytest.raises(EOFError):
        wire.answer()
    assert [entry.status for entry in live_server.sandbox.journal if entry.workspace == workspace] == [413]


START = b"GET /_lookalike/health HTTP/1.1\r\nHost: 127.0.0.1\r\n"
CHUNKED = b"POST /autosend/v1/contacts HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2"


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (START, b"X-Padding: " + b"x" * 1000 + b"\r\n"),
        (START + b"X-Padding: ", b"x" * 1000),
        (b"GET /", b"x" * 1000),
        (CHUNKED + b";x=", b"x" * 1000),
        (CHUNKED + b"\r\n{}\r\n0\r\n", b"X-Padding: " + b"x" * 1000 + b"\r\n"),
    ],
    ids=["headers", "one header", "path", "chunk extension", "trailers"],
)
def test_a_head_without_end_is_cut_off(wire, start, piece):
    wire.socket.sendall(start)
    with contextlib.suppress(OSError):
        for _ in range(10 * HEAD_CEILING // len(piece)):
            wire.socket.sendall(piece)
    assert wire.answer()[0] == 431


def test_a_long_pipeline_behind_a_late_answer_is_worked_off(wire, key):
    count = 2000
    late = request("GET", "/autosend/v1/contact-lists", Authorization=key, X_Lookalike_Fault="latency=100")
    quick = request("GET", "/autosend/v1/contact-lists", Authorization=key)
    sender = threading.Thread(target=_send_quietly, args=(wire, late + quick * count))
    sender.start()
    assert {wire.answer()[0] for _ in range(count + 1)} == {200}
    sender.join()


def test_who_does_not_read_is_not_answered_on_and_on(live_server, wire, key, workspace):
    def answered() -> int:
        with Wire(live_server.port) as other:
            assert other.send("GET", "/_lookalike/health").answer()[0] == 200
        return sum(entry.workspace == workspace for entry in live_server.sandbox.journal)

    count = 60
    big = request("GET", "/autosend/v1/contact-lists", Authorization=key, X_Lookalike_Fault="garbage=1000000")
    wire.socket.sendall(big * count)
    assert 1 <= answered() < count // 2
    assert {len(wire.answer()[2]) for _ in range(count)} == {1_000_000}
    assert answered() == count


@pytest.mark.parametrize("fault", ["slow=200", "latency=50"])
def test_a_client_that_goes_with_requests_in_its_pipeline_leaves_no_trace(live_server, key, caplog, fault):
    late = request("GET", "/autosend/v1/contact-lists", Authorization=key, X_Lookalike_Fault=fault)
    with Wire(live_server.port) as connection:
        connection.socket.sendall(late * 3)
    with Wire(live_server.port) as other:
        # Each of these takes longer than the first one had left.
        for _ in range(2):
            other.send("GET", "/autosend/v1/contact-lists", Authorization=key, X_Lookalike_Fault="latency=100").answer()
    gc.collect()  # a task's trouble that nobody has asked for is told when the task goes
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_a_path_that_is_none_names_no_vendor(live_server, wire):
    wire.socket.sendall(b"OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    status, _, body = wire.answer()
    assert (status, orjson.loads(body)["vendors"]) == (404, list(live_server.sandbox.vendors))


def test_what_is_no_http_gets_a_400(wire):
    wire.socket.sendall(b"hello there\r\n\r\n")
    assert wire.rest().startswith(b"HTTP/1.1 400 ")


def test_delayed_answers_do_not_hold_up_others(live_server, key):
    late = [Wire(live_server.port) for _ in range(8)]
    for number, connection in enumerate(late):
        connection.send("POST", CONTACTS, contact(number), Authorization=key, X_Lookalike_Fault="latency=1000")
    with Wire(live_server.port) as connection:
        assert connection.send("POST", CONTACTS, contact(99), Authorization=key).answer()[0] == 200
        assert select.select([one.socket for one in late], [], [], 0)[0] == []
    for connection in late:
        assert connection.answer()[0] == 200
        connection.socket.close()


def test_each_vendor_may_have_a_port_of_its_own(free_port_block):
    settings = {"port": 0, "ports": free_port_block, "fixture": "none", "vendor": ("autosend", "opensend")}
    with Server(Settings.model_validate(settings), witness=witness) as server:
        assert server.urls() == {
            "autosend": f"http://127.0.0.1:{free_port_block}/v1",
            "opensend": f"http://127.0.0.1:{free_port_block + 1}",
        }
        with Wire(free_port_block) as connection:
            assert connection.send("POST", "/v1/contacts", contact(), Authorization="Bearer AS_a").answer()[0] == 200
        with Wire(free_port_block + 1) as connection:
            assert connection.send("GET", "/contacts", Authorization="Bearer os_a").answer()[0] == 200


@pytest.mark.parametrize("host", ["api.autosend.com", "autosend.localhost", "AutoSend.localhost:7357"])
def test_the_vendors_host_name_reaches_it_without_a_prefix(live_server, key, host):
    with Wire(live_server.port) as connection:
        body = contact()
        head = f"POST /v1/contacts HTTP/1.1\r\nHost: {host}\r\nAuthorization: {key}\r\nContent-Length: {len(body)}"
        connection.socket.sendall(head.encode() + b"\r\n\r\n" + body)
        assert connection.answer()[0] == 200


def test_stop_ends_connections_and_a_new_server_may_take_the_port():
    server = Server(Settings.model_validate({"port": 0, "fixture": "none"})).start()
    port = server.port
    with Wire(port) as idle:
        server.stop()
        with pytest.raises((EOFError, ConnectionResetError)):
            idle.answer()
    with Server(Settings.model_validate({"port": port, "fixture": "none"})) as again:
        assert again.port == port


class TestPatience:
    """A client that lets the server wait is let go, at once where the time is moved."""

    @pytest.fixture
    def impatient(self, live_server):
        """What has the server look after its connections as if nothing had come over them for long."""

        def look() -> None:
            done = threading.Event()

            def now() -> None:
                for connection in list(live_server.connections()):
                    connection._heard -= 1000
                    connection._answered -= 1000
                    connection._look()
                done.set()

            live_server._loop.call_soon_threadsafe(now)
            assert done.wait(10)

        return look

    @pytest.mark.parametrize(
        "sent",
        [
            b"",
            b"POST /autosend/v1/contacts HTTP/1.1\r\nHost: x\r\nX-Half",
            b"POST /autosend/v1/contacts HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{",
        ],
        ids=["nothing", "half a head", "half a body"],
    )
    def test_it_is_let_go(self, live_server, impatient, sent):
        with Wire(live_server.port) as wire:
            wire.send("GET", CONTACTS).answer()
            wire.socket.sendall(sent)
            impatient()
            assert wire.rest() == b""

    def test_one_whose_answer_is_late_is_kept(self, live_server, impatient, key):
        with Wire(live_server.port) as wire:
            wire.send("POST", CONTACTS, contact(1), Authorization=key, X_Lookalike_Fault="latency=300")
            while not any(one.cycle is not None and not one.cycle.more_body for one in live_server.connections()):
                pass
            impatient()
            assert wire.answer()[0] == 200
