"""The same app under an ordinary threaded WSGI server: still correct, delays and connection faults included."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from lookalike.app import create_app
from lookalike.sandbox import Sandbox
from lookalike.settings import Settings
from tests.support import witness
from tests.wire import Wire, contact

CONTACTS = "/autosend/v1/contacts"


class _Silent(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def port():
    app = create_app(sandbox=Sandbox(Settings.model_validate({"fixture": "none"}), witness=witness))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Silent)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def create(port, workspace):
    def send(number=1, read="answer", **headers):
        with Wire(port) as wire:
            wire.send("POST", CONTACTS, contact(number), Authorization=f"Bearer AS_t~{workspace}", **headers)
            return getattr(wire, read)()

    return send


def test_sixteen_threads_that_create_the_same_contacts_make_each_once(create):
    with ThreadPoolExecutor(16) as pool:
        statuses = Counter(pool.map(lambda number: create(number % 20)[0], range(200)))
    assert statuses == {200: 20, 409: 180}


def test_fault_counters_are_exact_under_threads(port, create, workspace):
    rule = orjson.dumps({"when": {"workspace": workspace}, "fault": {"type": "error", "status": 503}, "times": 5})
    with Wire(port) as wire:
        status, _, _ = wire.send("POST", "/_lookalike/faults", rule, Content_Type="application/json").answer()
        assert status in (200, 201)
    with ThreadPoolExecutor(16) as pool:
        statuses = Counter(pool.map(lambda number: create(number)[0], range(60)))
    assert statuses == {200: 55, 503: 5}


def test_late_answers(create):
    status, _, body = create(X_Lookalike_Fault="latency=60")
    assert (status, orjson.loads(body)["success"]) == (200, True)


def test_a_late_answer_without_a_body_has_no_length_either(port):
    with Wire(port) as wire:
        status, headers, _ = wire.send("OPTIONS", CONTACTS, X_Lookalike_Fault="latency=1").answer()
    assert (status, "content-length" in headers) == (204, False)


def test_a_cut_body(create):
    head, _, body = create(read="rest", X_Lookalike_Fault="truncate=10").partition(b"\r\n\r\n")
    assert b" 200 OK\r\n" in head
    assert body == b'{"success"'


def test_a_slow_body(create):
    assert create(X_Lookalike_Fault="slow=5000")[0] == 200


def test_a_reset(create):
    with pytest.raises(ConnectionResetError):
        create(read="rest", X_Lookalike_Fault="reset")
    assert create()[0] == 200


def test_closed_without_an_answer(create):
    assert create(read="rest", X_Lookalike_Fault="empty") == b""
    assert create(read="rest", X_Lookalike_Fault="timeout=0.05") == b""
    assert create()[0] == 200


def test_webhooks_go_out_and_waiting_holds_up_nobody(port, create, workspace):
    """The receiver is a sink of the same server, and the clock that is moved is told when it has answered."""

    def ask(method, path, data=None, **headers):
        body = b"" if data is None else orjson.dumps(data)
        with Wire(port) as wire:
            status, _, answer = wire.send(method, path, body, Content_Type="application/json", **headers).answer()
        assert status < 300, answer
        return orjson.loads(answer)

    sink = f"sink-{workspace}"
    ask("PUT", f"/_lookalike/sinks/{sink}", {"script": "500"})
    webhook = {"url": f"http://127.0.0.1:{port}/_lookalike/sink/{sink}", "events": ["contact.created"]}
    ask("POST", "/autosend/v1/webhooks", webhook, Authorization=f"Bearer AS_t~{workspace}")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(ask, "POST", "/_lookalike/wait", {"sink": {"name": sink}, "timeout": 20})
        assert create()[0] == 200
        assert waiting.result()["found"][0]["json"]["type"] == "contact.created"
    assert ask("POST", "/_lookalike/clock", {"advance": "6s", "workspace": workspace})["done"] == 1
    (delivery,) = ask("GET", f"/_lookalike/webhooks/deliveries?workspace={workspace}")["deliveries"]
    assert [attempt["status"] for attempt in delivery["attempts"]] == [500, 200]
