"""The server in a thread: its ports, its token, and what it says when it cannot start."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from lookalike import server as servers
from lookalike.server import Server, ServerError
from lookalike.settings import Settings, SettingsError

_OPENER = build_opener(ProxyHandler({}))


def fetch(url: str, **headers: str) -> tuple[int, Any]:
    request = Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with _OPENER.open(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


def settings(**values: Any) -> Settings:
    return Settings.model_validate({"port": 0, "fixture": "none", "vendor": ("autosend",), **values})


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_a_started_server_is_ready():
    with Server(settings()) as server:
        assert server.url == f"http://127.0.0.1:{server.port}"
        assert fetch(f"{server.url}/_lookalike/health")[0] == 200
        assert server.sandbox.urls == {"autosend": f"{server.url}/autosend/v1"}
        status, vendors = fetch(f"{server.url}/_lookalike/vendors")
        assert (status, vendors["vendors"][0]["url"]) == (200, f"{server.url}/autosend/v1")


class Vigils:
    """Stands for `Vigil`: counts those that are made, and the answers that they are told of."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made = self.told = 0
        monkeypatch.setattr(servers, "Vigil", self._make)

    def _make(self, _call_soon: Any) -> Vigils:
        self.made += 1
        return self

    def answered(self) -> None:
        self.told += 1


def test_a_server_in_a_thread_stays_awake_for_nobody(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(servers, "has_cores", lambda: True)
    vigils = Vigils(monkeypatch)
    with Server(settings()) as server:
        assert fetch(f"{server.url}/_lookalike/health")[0] == 200
    assert (vigils.made, vigils.told) == (0, 0)


@pytest.mark.parametrize(
    ("cores", "shared", "awake"), [(True, False, True), (False, False, False), (True, True, False)]
)
def test_one_in_the_foreground_does_with_a_core_to_spare_and_a_store_of_its_own(
    monkeypatch: pytest.MonkeyPatch, cores: bool, shared: bool, awake: bool
):
    serve, vigils = Server._serve, Vigils(monkeypatch)
    monkeypatch.setattr(Server, "_serve", lambda self, ready, **_: serve(self, ready, foreground=True))
    monkeypatch.setattr(servers, "_on_signal", lambda *_: None)  # only the main thread may ask for signals
    monkeypatch.setattr(servers, "has_cores", lambda: cores)
    server = Server(settings())
    server.sandbox.prepare()
    monkeypatch.setattr(server.sandbox.store, "shared", shared)
    with server:
        for _ in range(3):
            assert fetch(f"{server.url}/nobody")[0] == 404
        monkeypatch.setattr(server.sandbox.store, "shared", False)
    assert (vigils.made, vigils.told) == ((1, 3) if awake else (0, 0))


def test_two_servers_live_side_by_side():
    with Server(settings()) as one, Server(settings()) as other:
        assert one.port != other.port
        one.sandbox.workspace("mine")
        assert "mine" not in other.sandbox.workspaces


def test_a_stopped_server_gives_its_port_back():
    with Server(settings()) as server:
        port = server.port
    with Server(settings(port=port)) as again:
        assert fetch(f"{again.url}/_lookalike/health")[0] == 200


def test_a_vendor_may_have_a_port_of_its_own():
    port = free_port()
    with Server(settings(ports=port)) as server:
        assert server.sandbox.urls == {"autosend": f"http://127.0.0.1:{port}/v1"}
        own = fetch(f"http://127.0.0.1:{port}/v1/contacts/unknown", Authorization="Bearer AS_key")
        prefixed = fetch(f"{server.url}/autosend/v1/contacts/unknown", Authorization="Bearer AS_key")
        assert own == prefixed
        assert own[0] == 404
        assert fetch(f"http://127.0.0.1:{port}/_lookalike/health")[0] == 200


def test_a_busy_port_is_one_sentence(taken):
    sentence = f"cannot listen on 127.0.0.1 port {taken}: Address already in use; choose another with --port"
    with pytest.raises(ServerError) as caught:
        Server(settings(port=taken))
    assert str(caught.value) == sentence


def test_a_busy_vendor_port_is_one_sentence_and_lets_go_of_the_others(taken):
    port = free_port()
    with pytest.raises(ServerError, match=rf"port {taken}: Address already in use; choose another with --ports$"):
        Server(settings(port=port, ports=taken))
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_a_server_that_cannot_start_lets_go_of_its_file(taken, tmp_path: Path):
    file = tmp_path / "state.json"
    with pytest.raises(ServerError):
        Server(settings(port=taken, store=f"tinydb:{file}"))
    assert list(tmp_path.iterdir()) == [file]
    with Server(settings(store=f"tinydb:{file}")) as server:
        assert fetch(f"{server.url}/_lookalike/health")[0] == 200


def test_a_host_that_is_not_ours_is_one_sentence():
    with pytest.raises(ServerError, match=r"^cannot listen on 192.0.2.1 port 0: .*; choose another with --host$"):
        Server(settings(host="192.0.2.1"))


def test_a_host_that_has_no_address_is_one_sentence(monkeypatch):
    def unknown(_self, _address):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket.socket, "bind", unknown)
    with pytest.raises(ServerError) as raised:
        Server(settings(host="no.such.host"))
    sentence = "cannot listen on no.such.host port 0: Name or service not known; choose another with --host"
    assert str(raised.value) == sentence


def test_an_unknown_vendor_is_one_sentence():
    with pytest.raises(SettingsError, match=r"^vendor 'nobody' is unknown: use one of "):
        Server(settings(vendor=("nobody",)))


def test_bound_to_all_addresses_the_server_makes_a_token_and_shows_a_url_that_works():
    with Server(settings(host="0.0.0.0")) as server:
        assert server.url.startswith("http://127.0.0.1:")
        token = server.sandbox.control_token
        assert fetch(f"{server.url}/_lookalike/health")[0] == 200
        assert fetch(f"{server.url}/_lookalike/vendors")[0] == 401
        assert fetch(f"{server.url}/_lookalike/vendors", Authorization=f"Bearer {token}")[0] == 200


def test_over_a_socket_foreign_hosts_and_sites_are_refused():
    with Server(settings()) as server:
        assert fetch(f"{server.url}/_lookalike/vendors", Host="evil.test")[0] == 403
        assert fetch(f"{server.url}/_lookalike/vendors", Origin="http://evil.test")[0] == 403
        assert fetch(f"{server.url}/_lookalike/vendors", Sec_Fetch_Site="cross-site")[0] == 403
        assert fetch(f"{server.url}/_lookalike/vendors", Origin=server.url, Sec_Fetch_Site="same-origin")[0] == 200
