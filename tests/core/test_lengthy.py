"""Work that takes long: its caller waits, and nobody else does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from lookalike.answer import Lengthy
from lookalike.app import App
from lookalike.control import state
from lookalike.problem import Problem
from lookalike.sandbox import Sandbox
from lookalike.server import Server
from lookalike.settings import Settings
from tests.support import wsgi

CONTACTS = "/autosend/v1/contact-lists"


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What lengthy work waits for; open at the end, so that no thread is left."""
    event = threading.Event()
    yield event
    event.set()


def _lengthen(sandbox: Sandbox, run: Any) -> None:
    """Make the listing of lists lengthy work."""
    vendor = sandbox.vendors["autosend"]
    modules = tuple(
        tuple(
            replace(operation, handler=lambda _call, **_: Lengthy(run))
            if operation.paths[0] == "/v1/contact-lists"
            else operation
            for operation in module
        )
        for module in vendor.modules
    )
    sandbox.vendors["autosend"] = replace(vendor, modules=modules)


def _sandbox(run: Any) -> Sandbox:
    sandbox = Sandbox(Settings(port=0, vendor=("autosend",), fixture="none"))
    _lengthen(sandbox, run)
    return sandbox


def _headers(sandbox: Sandbox) -> dict[str, str]:
    return dict([sandbox.vendors["autosend"].key_header(sandbox.vendors["autosend"].sample_key, "/v1/contact-lists")])


def test_under_any_server_the_answer_is_what_the_work_returns() -> None:
    sandbox = _sandbox(lambda: {"done": True})
    reply = wsgi(App(sandbox), "GET", CONTACTS, b"", _headers(sandbox))
    assert (reply.status, reply.json) == (200, {"done": True})
    assert [entry.status for entry in sandbox.journal] == [200]


def test_trouble_in_the_work_wears_the_vendors_face() -> None:
    def fail() -> None:
        raise Problem("not_found", "Contact list not found")

    sandbox = _sandbox(fail)
    reply = wsgi(App(sandbox), "GET", CONTACTS, b"", _headers(sandbox))
    assert reply.status == 404
    assert reply.json["success"] is False


def test_an_accident_in_the_work_is_a_500_in_the_journal() -> None:
    sandbox = _sandbox(lambda: 1 / 0)
    reply = wsgi(App(sandbox), "GET", CONTACTS, b"", _headers(sandbox))
    assert reply.status == 500
    assert [entry.status for entry in sandbox.journal] == [500]


def test_a_fault_finds_the_work_done() -> None:
    sandbox = _sandbox(lambda: {"done": True})
    headers = {**_headers(sandbox), "X-Lookalike-Fault": "garbage"}
    reply = wsgi(App(sandbox), "GET", CONTACTS, b"", headers)
    assert (reply.status, reply.raw[:1]) == (200, b"<")


def test_others_are_answered_meanwhile(gate: threading.Event) -> None:
    running = threading.Event()

    def run() -> dict[str, Any]:
        running.set()
        assert gate.wait(10)
        return {"done": True}

    with Server(Settings(port=0, vendor=("autosend",), fixture="none")) as server:
        _lengthen(server.sandbox, run)
        server.app.__init__(server.sandbox)  # type: ignore[misc]  # the routes anew
        answers: list[httpx.Response] = []
        headers = _headers(server.sandbox)
        caller = threading.Thread(target=lambda: answers.append(httpx.get(f"{server.url}{CONTACTS}", headers=headers)))
        caller.start()
        assert running.wait(10)
        assert httpx.get(f"{server.url}/_lookalike/health").status_code == 200
        assert answers == []
        gate.set()
        caller.join(10)
        assert answers[0].json() == {"done": True}


def test_a_control_route_may_be_lengthy_too(gate: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    running = threading.Event()

    def run() -> dict[str, Any]:
        running.set()
        assert gate.wait(10)
        return {"status": "late"}

    operations = [
        replace(operation, handler=lambda _sandbox: Lengthy(run)) if operation.id == "list_vendors" else operation
        for operation in state.routes
    ]
    monkeypatch.setattr(state.routes, "_operations", operations)
    with Server(Settings(port=0, vendor=("autosend",), fixture="none")) as server:
        answers: list[httpx.Response] = []
        caller = threading.Thread(target=lambda: answers.append(httpx.get(f"{server.url}/_lookalike/vendors")))
        caller.start()
        assert running.wait(10)
        assert httpx.get(f"{server.url}/_lookalike/health").status_code == 200
        gate.set()
        caller.join(10)
        assert answers[0].json() == {"status": "late"}
