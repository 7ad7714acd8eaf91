"""`lookalike env` and `lookalike ca`: what a shell, a file or a CI job needs to find a running server."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lookalike.certificates import Authority, bundle
from lookalike.server import Server
from lookalike.settings import Settings
from tests.core.terminal import invoke
from tests.support import witness

TRUST = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
PROXY = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "NODE_USE_ENV_PROXY")


@pytest.fixture
def serving(ca_folder, monkeypatch) -> Iterator[Callable[..., Server]]:
    """`serving(proxy_port=0)`: a server that LOOKALIKE_URL leads to, in an environment without proxies or trust."""
    started: list[Server] = []
    for name in (*TRUST, *PROXY):
        monkeypatch.delenv(name, raising=False)

    def start(**values: Any) -> Server:
        chosen = {"port": 0, "fixture": "none", "vendor": ("autosend",), "ca_folder": str(ca_folder)}
        started.append(Server(Settings.model_validate({**chosen, **values}), witness=witness).start())
        monkeypatch.setenv("LOOKALIKE_URL", started[-1].url)
        return started[-1]

    yield start
    for server in started:
        server.stop()


def printed(*arguments: str) -> str:
    result = invoke(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def sdks(server: Server) -> dict[str, str]:
    """The base URLs and keys of a server."""
    base = f"{server.url}/autosend/v1"
    return {
        "LOOKALIKE_URL": server.url,
        "LOOKALIKE_AUTOSEND_URL": base,
        "LOOKALIKE_AUTOSEND_KEY": "AS_lookalike",
        "AUTOSEND_BASE_URL": base,
        "AUTOSEND_API_KEY": "AS_lookalike",
    }


def expected(server: Server) -> dict[str, str]:
    """Everything that leads to a server with TLS and a proxy."""
    return {
        **sdks(server),
        **dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"), str(server.proxy_url)),
        **dict.fromkeys(("NO_PROXY", "no_proxy"), "localhost,127.0.0.1,::1"),
        "NODE_USE_ENV_PROXY": "1",
        **dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), str(bundle(server.ca, {}))),
        "NODE_EXTRA_CA_CERTS": str(server.ca),
    }


def test_all_of_it_as_json(serving):
    server = serving(proxy_port=0)
    assert json.loads(printed("env", "--format", "json")) == expected(server)
    line = printed("env", "--json")
    assert (json.loads(line), line.count("\n")) == (expected(server), 1)


def test_without_a_proxy_or_tls_there_is_nothing_of_them(serving):
    server = serving()
    assert json.loads(printed("env", "--json")) == sdks(server)


def test_tls_alone_needs_trust_alone(serving):
    server = serving(tls_port=0)
    wanted = {name: value for name, value in expected(server).items() if name not in PROXY}
    assert json.loads(printed("env", "--json")) == wanted


def test_a_token_comes_along(serving, monkeypatch):
    serving(control_token="right-token")
    monkeypatch.setenv("LOOKALIKE_CONTROL_TOKEN", "right-token")
    assert json.loads(printed("env", "--json"))["LOOKALIKE_CONTROL_TOKEN"] == "right-token"


def test_a_shell_takes_it_as_it_is(serving, tmp_path):
    server = serving(proxy_port=0)
    code = "import json, os; print(json.dumps(dict(os.environ)))"
    script = f'eval "$({sys.executable} -m lookalike env)"; exec {sys.executable} -c {shlex.quote(code)}'
    environment = {name: value for name, value in os.environ.items() if name not in (*TRUST, *PROXY)}
    done = subprocess.run(["sh", "-c", script], env=environment, capture_output=True, text=True, timeout=60, check=True)
    seen = json.loads(done.stdout)
    assert {name: seen.get(name) for name in expected(server)} == expected(server)


def test_in_that_shell_it_says_the_same(serving, monkeypatch):
    """What is set already changes nothing: trust and exceptions do not pile up."""
    server = serving(proxy_port=0)
    for name, value in expected(server).items():
        monkeypatch.setenv(name, value)
    assert json.loads(printed("env", "--json")) == expected(server)


@pytest.mark.parametrize(("form", "pattern"), [("dotenv", "{name}='{value}'"), ("github", "{name}={value}")])
def test_as_lines_of_a_file(serving, form, pattern):
    server = serving(proxy_port=0)
    wanted = [pattern.format(name=name, value=value) for name, value in expected(server).items()]
    assert printed("env", "--format", form).splitlines() == wanted


def test_an_unknown_format_is_one_sentence(serving):
    serving()
    result = invoke("env", "--format", "xml")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert "'xml' is not one of 'shell', 'json', 'dotenv', 'github'" in result.stderr


def test_a_certificate_that_is_not_here_is_one_sentence(serving, tmp_path):
    """As when the server runs in a container."""
    server = serving(tls_port=0, ca_folder=str(tmp_path / "ca"))
    shutil.rmtree(server.ca.parent)
    result = invoke("env")
    sentence = f"certificate folder '{tmp_path}/ca' cannot be used: No such file or directory"
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"lookalike: {sentence}; choose another with --ca-folder\n"


# --- ca ---


def test_ca_prints_the_path_and_makes_the_authority_once(tmp_path):
    folder = tmp_path / "ca"
    assert printed("ca", "--ca-folder", str(folder)) == f"{folder}/ca.pem\n"
    made = (folder / "ca.pem").read_bytes()
    assert json.loads(printed("ca", "--ca-folder", str(folder), "--json")) == {"ca": f"{folder}/ca.pem"}
    assert (folder / "ca.pem").read_bytes() == made == Authority(folder).certificate.read_bytes()


def test_ca_takes_its_folder_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("LOOKALIKE_CA_FOLDER", str(tmp_path / "ca"))
    assert printed("ca") == f"{tmp_path}/ca/ca.pem\n"


def test_ca_with_a_wrong_folder_is_one_sentence(tmp_path):
    (tmp_path / "ca").write_text("")
    result = invoke("ca", "--ca-folder", str(tmp_path / "ca"))
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert result.stderr.startswith(f"lookalike: certificate folder '{tmp_path}/ca' cannot be used: File exists")
