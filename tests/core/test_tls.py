"""The TLS port: the same app, under the vendors' real host names, with an authority that can be verified."""

from __future__ import annotations

import json
import socket
import ssl
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lookalike.banner import banner, ready_line
from lookalike.server import Server, ServerError
from lookalike.settings import Settings
from tests.support import witness, wsgi
from tests.wire import Wire, contact, request

KEY = {"Authorization": "Bearer AS_key"}


@pytest.fixture
def secured(ca_folder) -> Iterator[Callable[..., Server]]:
    """`secured(ports=...)`: a server with a TLS port that is free."""
    started: list[Server] = []

    def start(**values: Any) -> Server:
        chosen = {"port": 0, "tls_port": 0, "fixture": "none", "vendor": ("autosend",), "ca_folder": str(ca_folder)}
        started.append(Server(Settings.model_validate({**chosen, **values}), witness=witness).start())
        return started[-1]

    yield start
    for server in started:
        server.stop()


class Secure:
    """One verified TLS connection to a server, under a name of the caller's choice.

    The socket below is read here and not by `ssl`, which does not tell a reset from an end.
    """

    def __init__(self, server: Server, name: str = "api.autosend.com") -> None:
        context = ssl.create_default_context(cafile=str(server.ca))
        assert server.tls_url is not None
        self.socket = socket.create_connection(("127.0.0.1", int(server.tls_url.rpartition(":")[2])), timeout=10)
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._in, self._out, server_hostname=name)
        self._do(self.tls.do_handshake)

    def __enter__(self) -> Secure:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def _do(self, action: Callable[[], Any]) -> Any:
        while True:
            try:
                done = action()
            except ssl.SSLWantReadError:
                self.socket.sendall(self._out.read())
                piece = self.socket.recv(65536)
                self._in.write(piece) if piece else self._in.write_eof()
                continue
            self.socket.sendall(self._out.read())
            return done

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, Any]:
        """Status and JSON of one answer; `Host` as given."""
        host = headers.pop("Host", "127.0.0.1")
        sent = request(method, path, body, **headers).replace(b"127.0.0.1", host.encode(), 1)
        self._do(lambda: self.tls.write(sent))
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, rest = received.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        while len(rest) < length:
            rest += self._more()
        return int(head.split()[1]), json.loads(rest)

    def _more(self) -> bytes:
        try:
            piece: bytes = self._do(lambda: self.tls.read(65536))
        except ssl.SSLZeroReturnError:  # an end with a proper goodbye
            piece = b""
        if not piece:
            raise EOFError("the server closed the connection")
        return piece


def test_a_vendors_real_host_name_is_enough(secured):
    server = secured()
    with Secure(server) as connection:
        status, made = connection.ask("POST", "/v1/contacts", contact(), Host="api.autosend.com", **KEY)
        assert status == 200
        id = made["data"]["id"]
        assert connection.ask("GET", f"/v1/contacts/{id}", Host="api.autosend.com:443", **KEY)[0] == 200
    with Secure(server, "autosend.localhost") as connection:
        assert connection.ask("GET", f"/v1/contacts/{id}", Host="autosend.localhost", **KEY)[0] == 200
    with Secure(server, "localhost") as connection:
        assert connection.ask("GET", f"/autosend/v1/contacts/{id}", Host="localhost", **KEY)[0] == 200
        assert connection.ask("GET", "/_lookalike/health", Host="localhost")[0] == 200


def test_the_certificate_has_every_name(secured):
    server = secured(vendor=())
    with Secure(server, "127.0.0.1") as connection:
        names = [value for _, value in connection.tls.getpeercert()["subjectAltName"]]
    own = ["localhost", "*.localhost", "127.0.0.1", "0:0:0:0:0:0:0:1"]
    vendors = server.sandbox.vendors.values()
    real = [host for vendor in vendors for host in (f"{vendor.name}.localhost", *vendor.hosts)]
    assert names == own + real
    assert {"api.autosend.com", "opensend.namuh.co"} <= set(names)


def test_an_address_to_listen_on_is_in_the_certificate_too(secured):
    server = secured(host="127.0.0.2")
    with pytest.raises(ConnectionRefusedError):
        Secure(server)
    context = ssl.create_default_context(cafile=str(server.ca))
    address = ("127.0.0.2", int(server.tls_url.rpartition(":")[2]))
    with socket.create_connection(address) as plain, context.wrap_socket(plain, server_hostname="127.0.0.2") as one:
        assert one.version() in ("TLSv1.2", "TLSv1.3")


def test_who_does_not_trust_the_authority_gets_no_connection(secured):
    server = secured()
    port = int(server.tls_url.rpartition(":")[2])
    context = ssl.create_default_context()
    with socket.create_connection(("127.0.0.1", port)) as plain, pytest.raises(ssl.SSLCertVerificationError):
        context.wrap_socket(plain, server_hostname="api.autosend.com")
    with Secure(server) as connection:
        assert connection.ask("GET", "/v1/contacts/unknown", Host="api.autosend.com", **KEY)[0] == 404


def test_plain_http_on_the_tls_port_ends_the_connection_and_nothing_else(secured, capfd):
    server = secured()
    port = int(server.tls_url.rpartition(":")[2])
    with Wire(port) as plain:
        plain.send("GET", "/_lookalike/health")
        try:
            left = plain.rest()
        except ConnectionResetError:
            left = b""
    assert b"HTTP" not in left
    with Secure(server) as connection:
        assert connection.ask("GET", "/v1/contacts/unknown", Host="api.autosend.com", **KEY)[0] == 404
    assert capfd.readouterr().err == ""


def test_what_the_server_says(secured, ca_folder):
    server = secured()
    assert server.tls_url.startswith("https://127.0.0.1:")
    said = json.loads(ready_line(server))
    assert said["tls_url"] == server.tls_url
    assert said["ca"] == str(ca_folder / "ca.pem")
    assert "proxy_url" not in said
    assert f"TLS          {server.tls_url}\n    trust     {ca_folder}/ca.pem\n" in banner(server)


def test_without_tls_nothing_is_made_and_no_cryptography_is_loaded(tmp_path):
    code = (
        "import sys\n"
        "from lookalike.server import Server\n"
        "from lookalike.settings import Settings\n"
        f"chosen = dict(port=0, fixture='none', vendor=('autosend',), ca_folder={str(tmp_path)!r})\n"
        "with Server(Settings.model_validate(chosen)) as server:\n"
        "    print(server.tls_url, server.ca, server.proxy_url, {'trustme', 'cryptography'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "None None None set()\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("setting", ["tls_port", "proxy_port"])
def test_a_busy_port_is_one_sentence_and_lets_go_of_the_others(ca_folder, setting):
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.create_server(("127.0.0.1", 0)) as probe:
        port, busy = probe.getsockname()[1], taken.getsockname()[1]
        probe.close()
        values = {"port": port, setting: busy, "fixture": "none", "vendor": ("autosend",), "ca_folder": str(ca_folder)}
        with pytest.raises(ServerError) as caught:
            Server(Settings.model_validate(values))
        flag = "--" + setting.replace("_", "-")
        sentence = f"cannot listen on 127.0.0.1 port {busy}: Address already in use; choose another with {flag}"
        assert str(caught.value) == sentence
        socket.create_server(("127.0.0.1", port)).close()


def test_a_folder_that_cannot_be_used_is_one_sentence(tmp_path):
    (tmp_path / "ca").write_text("")
    values = {"port": 0, "tls_port": 0, "fixture": "none", "ca_folder": str(tmp_path / "ca")}
    with pytest.raises(ServerError, match=r"^certificate folder '.*/ca' cannot be used: File exists; choose another"):
        Server(Settings.model_validate({**values, "vendor": ("autosend",)}))


# --- faults ---


def test_a_late_answer_over_tls_is_late(secured):
    server = secured()
    with Secure(server) as connection:
        started = time.monotonic()
        late = {"X_Lookalike_Fault": "latency=120"}
        assert connection.ask("GET", "/v1/contacts/unknown", Host="api.autosend.com", **late, **KEY)[0] == 404
        assert time.monotonic() - started >= 0.12


@pytest.mark.parametrize(
    ("fault", "ends"), [("reset", ConnectionResetError), ("empty", EOFError), ("truncate=10", EOFError)]
)
def test_a_broken_connection_over_tls_is_broken(secured, fault, ends):
    server = secured()
    with Secure(server) as connection, pytest.raises(ends):
        connection.ask("GET", "/v1/contacts/unknown", Host="api.autosend.com", X_Lookalike_Fault=fault, **KEY)
    with Secure(server) as connection:
        assert connection.ask("GET", "/v1/contacts/unknown", Host="api.autosend.com", **KEY)[0] == 404


def test_a_stop_cuts_connections_that_are_open(secured):
    server = secured()
    with Secure(server) as connection:
        assert connection.ask("GET", "/v1/contacts/unknown", Host="api.autosend.com", **KEY)[0] == 404
        server.stop()
        with pytest.raises((ConnectionError, EOFError, ssl.SSLEOFError)):
            connection.ask("GET", "/v1/contacts/unknown", Host="api.autosend.com", **KEY)


def test_the_folder_is_private(secured, ca_folder):
    server = secured()
    assert stat.S_IMODE(ca_folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(server.ca.stat().st_mode) == 0o600


def test_other_machines_may_ask_for_the_certificate(secured):
    server = secured(control_token="right-token")
    reply = wsgi(server.app, "GET", "/_lookalike/ca.pem", b"", {})
    assert (reply.status, reply.headers["content-type"]) == (200, "application/x-pem-file")
    assert reply.raw == server.ca.read_bytes()
    assert b"PRIVATE" not in reply.raw
