"""The proxy: vendors' real host names end in the sandbox, all others pass through untouched or are refused."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

import pytest

from lookalike.banner import banner, ready_line
from lookalike.certificates import Authority
from lookalike.proxy import HEAD_LIMIT
from lookalike.server import Server
from lookalike.settings import Settings
from lookalike.upstream import Upstream, find_upstream
from tests.core.strangers import stranger
from tests.support import witness
from tests.wire import Wire

KEY = {"Authorization": "Bearer AS_key"}


@pytest.fixture
def proxied(ca_folder) -> Iterator[Callable[..., Server]]:
    """`proxied(block_others=True)`: a server with a proxy; it has never heard of any host but the vendors'."""
    started: list[Server] = []

    def start(**values: Any) -> Server:
        chosen = {"port": 0, "proxy_port": 0, "fixture": "none", "vendor": ("autosend",), "ca_folder": str(ca_folder)}
        server = Server(Settings.model_validate({**chosen, **values}), witness=witness)
        assert server.proxy is not None
        server.proxy.resolve = lambda host, port: ("127.0.0.1", 1)
        server.proxy.find_upstream = lambda scheme, host: None
        started.append(server.start())
        return server

    yield start
    for server in started:
        server.stop()


def port_of(server: Server) -> int:
    assert server.proxy_url is not None
    return int(server.proxy_url.rpartition(":")[2])


def lead(server: Server, place: str, port: int) -> None:
    """Lead one host of the world to a port of this machine."""
    assert server.proxy is not None
    host, _, number = place.rpartition(":")
    known = {(host, int(number)): ("127.0.0.1", port)}
    server.proxy.resolve = lambda host, number: known[host, number]


def fetch(server: Server, url: str, ca: Path | None = None, **headers: str) -> tuple[int, bytes]:
    """One request through the proxy, by a client that knows nothing but the proxy and whom it trusts."""
    context = ssl.create_default_context(cafile=str(ca or server.ca))
    proxies = {"http": server.proxy_url, "https": server.proxy_url}
    opener = build_opener(ProxyHandler(proxies), HTTPSHandler(context=context))
    try:
        with opener.open(Request(url, headers=headers), timeout=10) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        with error:
            return error.code, error.read()


@pytest.mark.parametrize("url", ["https://api.autosend.com", "http://api.autosend.com", "https://API.autosend.com:443"])
def test_a_vendors_host_is_the_sandbox(proxied, url):
    server = proxied(block_others=True)
    status, body = fetch(server, f"{url}/v1/contacts/unknown?x=1", **KEY)
    assert status == 404
    assert json.loads(body)["error"]["code"] == "CONTACT_NOT_FOUND"
    (entry,) = server.sandbox.journal
    assert (entry.vendor, entry.path, entry.query) == ("autosend", "/v1/contacts/unknown", "x=1")


def test_a_tunnel_to_the_plain_port_is_plain(proxied):
    """Some clients tunnel everything, http too."""
    with Wire(port_of(proxied())) as wire:
        assert wire.send("CONNECT", "api.autosend.com:80").answer()[0] == 200
        status, _, _ = wire.send("GET", "/autosend/v1/contacts/unknown", **KEY).answer()
        assert status == 404
        assert wire.send("GET", "/autosend/v1/contacts/unknown", **KEY).answer()[0] == 404


def test_another_host_passes_through_untouched(proxied, tmp_path):
    theirs = Authority(tmp_path / "theirs")
    server = proxied()
    with stranger(theirs) as (port, seen):
        lead(server, "other.example:443", port)
        assert fetch(server, "https://other.example/page?q=1", ca=theirs.certificate, X_A="b") == (200, b"stranger")
        with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
            fetch(server, "https://other.example/", ca=server.ca)
    assert len(seen) == 1
    assert seen[0].startswith("GET /page?q=1 HTTP/1.1\n")
    assert "Host: other.example\n" in seen[0]
    assert list(server.sandbox.journal) == []


@pytest.mark.parametrize(
    ("target", "line"),
    [
        ("http://other.example:8080/a%20b?c=d", "GET /a%20b?c=d HTTP/1.1"),
        ("http://other.example:8080", "GET / HTTP/1.1"),
        ("HTTP://user@Other.example:8080?c", "GET /?c HTTP/1.1"),
    ],
)
def test_a_plain_request_passes_on_in_the_form_that_servers_expect(proxied, target, line):
    server = proxied()
    with stranger() as (port, seen), Wire(port_of(server)) as wire:
        lead(server, "other.example:8080", port)
        wire.send("GET", target, Proxy_Authorization="Basic x", Accept="a/b", Connection="keep-alive")
        assert wire.rest().endswith(b"stranger")
    host = target.partition("@")[2].partition("?")[0] or "other.example:8080"
    assert seen == [f"{line}\nHost: {host}\nAccept: a/b\nConnection: close"]


def test_a_body_passes_through_whole(proxied):
    server = proxied()
    body = json.dumps({"email": "ann@example.com", "firstName": "A" * 300_000}).encode()
    with Wire(port_of(server)) as wire:
        wire.send("POST", "http://api.autosend.com/v1/contacts", body, Content_Type="application/json", **KEY)
        status, _, answer = wire.answer()
    assert (status, json.loads(answer)["data"]["firstName"]) == (200, "A" * 300_000)


def test_others_are_refused_on_demand_and_counted(proxied):
    server = proxied(block_others=True)
    with pytest.raises(OSError, match="Tunnel connection failed: 403 Forbidden"):
        fetch(server, "https://other.example/")
    sentence = b"other.example:80 is no vendor's, and lookalike was told to refuse others\n"
    assert fetch(server, "http://other.example/") == (403, sentence)
    assert fetch(server, "http://other.example/") == (403, sentence)
    assert server.proxy.refused == {"other.example:443": 1, "other.example:80": 2}


def test_who_is_refused_in_the_middle_of_a_long_body_is_told(proxied):
    server = proxied(block_others=True)
    with Wire(port_of(server)) as wire:
        status, _, _ = wire.send("POST", "http://other.example/", b"x" * 30_000_000).answer()
    assert status == 403


def test_this_machine_is_never_refused(proxied):
    server = proxied(block_others=True)
    lead(server, f"127.0.0.1:{server.port}", server.port)
    assert fetch(server, f"{server.url}/_lookalike/health")[0] == 200
    assert fetch(server, f"http://autosend.localhost:{server.port}/v1/contacts/unknown", **KEY)[0] == 404
    tls = server.tls_url.replace("127.0.0.1", "autosend.localhost")
    assert fetch(server, f"{tls}/v1/contacts/unknown", **KEY)[0] == 404
    assert server.proxy.refused == {}


def test_a_vendor_that_is_not_served_is_another_host(proxied):
    assert fetch(proxied(block_others=True), "http://opensend.namuh.co/contacts")[0] == 403


def test_a_host_that_cannot_be_reached_is_one_sentence(proxied):
    status, body = fetch(proxied(), "http://other.example/")
    assert status == 502
    assert body.startswith(b"other.example:80 cannot be reached: ")
    assert body.count(b"\n") == 1


@pytest.mark.parametrize(
    ("method", "target", "sentence"),
    [
        ("GET", "/contacts", "this is lookalike's proxy: it takes CONNECT, and requests that name http://host/path"),
        ("GET", "https://a.example/", "this is lookalike's proxy: it takes CONNECT, and requests that name "),
        ("CONNECT", "api.autosend.com", "'api.autosend.com' is no host with a port"),
        ("CONNECT", "api.autosend.com:70000", "'api.autosend.com:70000' is no host with a port"),
        ("CONNECT", "a b:443", "'a' is no host with a port"),
        ("GET", "http:///path", "'' is no host with a port"),
    ],
)
def test_what_makes_no_sense_is_refused(proxied, method, target, sentence):
    with Wire(port_of(proxied())) as wire:
        status, _, body = wire.send(method, target).answer()
        assert status == 400
        assert body.decode().startswith(sentence)
        assert wire.rest() == b""


@pytest.mark.parametrize("length", [HEAD_LIMIT, 3 * HEAD_LIMIT])
def test_a_head_without_end_is_refused(proxied, length):
    with Wire(port_of(proxied())) as wire:
        answer = wire.send("GET", "http://other.example/", X_Long="x" * length).rest()
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert answer.endswith(b"\r\n\r\nthe head is longer than 65536 bytes\n")


def test_a_client_that_leaves_is_no_trouble(proxied, capfd):
    server = proxied()
    with Wire(port_of(server)):
        pass
    with Wire(port_of(server)) as wire:
        wire.socket.sendall(b"CONNECT api.auto")
    with Wire(port_of(server)) as wire:
        assert wire.send("CONNECT", "api.autosend.com:443").answer()[0] == 200
    assert fetch(server, "https://api.autosend.com/v1/contacts/unknown", **KEY)[0] == 404
    assert capfd.readouterr().err == ""


# --- a proxy that was there before ---


def through(server: Server, next_one: Server, *headers: str) -> None:
    """Have one server's proxy use that of another for what is not its own."""
    assert server.proxy is not None
    server.proxy.find_upstream = lambda scheme, host: Upstream(("127.0.0.1", port_of(next_one)), headers)


def test_what_is_for_others_goes_through_the_proxy_that_was_there_before(proxied, tmp_path):
    theirs = Authority(tmp_path / "theirs")
    server, company = proxied(), proxied()
    through(server, company, "Proxy-Authorization: Basic eDp5")
    with stranger(theirs) as (port, seen):
        lead(company, "other.example:443", port)
        assert fetch(server, "https://other.example/secret", ca=theirs.certificate) == (200, b"stranger")
    with stranger() as (port, plain_seen):
        lead(company, "other.example:80", port)
        assert fetch(server, "http://other.example/page?q=1") == (200, b"stranger")
    assert [request.split(" HTTP")[0] for request in seen + plain_seen] == ["GET /secret", "GET /page?q=1"]
    assert not any("Basic" in request for request in seen + plain_seen)
    assert fetch(server, "https://api.autosend.com/v1/contacts/unknown", **KEY)[0] == 404
    assert len(server.sandbox.journal) == 1


def test_what_the_next_proxy_says_is_told(proxied):
    server, company = proxied(), proxied(block_others=True)
    through(server, company)
    with Wire(port_of(server)) as wire:
        status, _, body = wire.send("CONNECT", "other.example:443").answer()
    sentence = "other.example:443 cannot be reached: the next proxy says 'HTTP/1.1 403 Forbidden'\n"
    assert (status, body.decode()) == (502, sentence)


def test_a_proxy_is_not_its_own_next_one(proxied):
    server = proxied()
    through(server, server)
    with stranger() as (port, _):
        lead(server, "other.example:80", port)
        assert fetch(server, "http://other.example/") == (200, b"stranger")


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, None),
        ({"https_proxy": "http://proxy.example:3128"}, Upstream(("proxy.example", 3128))),
        ({"HTTPS_PROXY": "proxy.example"}, Upstream(("proxy.example", 80))),
        ({"all_proxy": "http://proxy.example:1"}, Upstream(("proxy.example", 1))),
        ({"http_proxy": "http://proxy.example:1"}, None),
        ({"https_proxy": "http://p.example:1", "no_proxy": "other.example"}, None),
        ({"https_proxy": "http://p.example:1", "no_proxy": "*"}, None),
        ({"https_proxy": "socks5://proxy.example:1080"}, None),
        ({"https_proxy": "http://proxy.example:port"}, None),
        (
            {"https_proxy": "http://us%40er:p%3Aw@proxy.example:1"},
            Upstream(("proxy.example", 1), ("Proxy-Authorization: Basic dXNAZXI6cDp3",)),
        ),
    ],
)
def test_the_proxy_that_was_there_before_is_the_environments(monkeypatch, variables, expected):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert find_upstream("https", "other.example") == expected


# --- faults ---


def test_faults_come_through(proxied):
    server = proxied()
    for fault, ends in (("reset", ConnectionResetError), ("empty", EOFError), ("truncate=10", EOFError)):
        with Wire(port_of(server)) as wire:
            wire.send("GET", "http://api.autosend.com/v1/contacts/unknown", X_Lookalike_Fault=fault, **KEY)
            with pytest.raises(ends):
                wire.answer()
    started = time.monotonic()
    status, _ = fetch(server, "https://api.autosend.com/v1/contacts/x", **{"X-Lookalike-Fault": "latency=120", **KEY})
    assert (status, time.monotonic() - started >= 0.12) == (404, True)


# --- the server around it ---


def test_the_proxy_listens_on_loopback_alone(proxied):
    server = proxied(host="0.0.0.0")
    assert server._proxy_socket.getsockname()[0] == "127.0.0.1"
    assert fetch(server, "https://api.autosend.com/v1/contacts/unknown", **KEY)[0] == 404


def test_what_the_server_says(proxied):
    server = proxied()
    assert json.loads(ready_line(server))["proxy_url"] == server.proxy_url
    assert f'proxy        {server.proxy_url}\n    paste     eval "$(LOOKALIKE_URL={server.url} ' in banner(server)


def test_a_stop_cuts_what_is_open(proxied):
    server = proxied()
    with Wire(port_of(server)) as idle, Wire(port_of(server)) as wire:
        assert wire.send("CONNECT", "api.autosend.com:443").answer()[0] == 200
        server.stop()
        for open_one in (idle, wire):
            with suppress(ConnectionResetError):
                assert open_one.rest() == b""
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port_of(server)))
