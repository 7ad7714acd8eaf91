"""`lookalike serve` as a process of its own: what it says, how it stops, why it does not start."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lookalike import __version__
from lookalike.cli.serve import _stop_early
from tests.support import Like

TIMEOUT = 30


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "lookalike", *arguments]


def environment(**variables: str) -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1", **variables}


@pytest.fixture
def serving() -> Iterator[Callable[..., tuple[subprocess.Popen[str], dict[str, Any]]]]:
    """`serving("--seed", "7")`: a server process that is ready, and what it said with --json."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, **variables: str) -> tuple[subprocess.Popen[str], dict[str, Any]]:
        process = subprocess.Popen(
            command("serve", "--port", "0", "--fixture", "none", "--json", *arguments),
            env=environment(**variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate(timeout=TIMEOUT)[1]
        return process, json.loads(line)

    yield start
    for process in started:
        process.kill()
        process.communicate(timeout=TIMEOUT)


def refused(*arguments: str, **variables: str) -> str:
    """What `lookalike ...` says when it fails: one line on standard error, exit status 2, nothing else."""
    done = subprocess.run(
        command(*arguments), env=environment(**variables), capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    return done.stderr.strip()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_says_what_it_serves_and_stops_on_a_signal(serving, number):
    process, ready = serving("--vendor", "autosend")
    url = ready["url"]
    assert ready == {
        "url": Like(r"http://127\.0\.0\.1:\d+"),
        "tls_url": None,
        "ca": None,
        "control_token": None,
        "vendors": {"autosend": {"url": f"{url}/autosend/v1", "key": "AS_lookalike"}},
    }
    process.send_signal(number)
    out, err = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, out) == (0, "")
    assert f"lookalike {__version__} is ready at {url}" in err
    assert f"{url}/autosend/v1" in err
    assert "key       AS_lookalike\n" in err
    assert f"paste     export AUTOSEND_BASE_URL={url}/autosend/v1 AUTOSEND_API_KEY=AS_lookalike\n" in err
    assert f"control API  {url}/_lookalike" in err
    assert "Traceback" not in err


def test_serve_makes_and_prints_a_token_on_a_network(serving):
    process, ready = serving(LOOKALIKE_HOST="0.0.0.0")
    token = ready["control_token"]
    assert len(token) >= 24
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=TIMEOUT)
    assert f"token     {token}" in err


def test_serve_takes_its_settings_from_the_environment(serving):
    _, ready = serving(LOOKALIKE_VENDOR="autosend", LOOKALIKE_CONTROL_TOKEN="given-token")
    assert ready["control_token"] == "given-token"
    assert list(ready["vendors"]) == ["autosend"]


def test_serve_on_a_busy_port(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        sentence = f"cannot listen on 127.0.0.1 port {port}: Address already in use; choose another with --port"
        assert refused("serve", "--port", str(port)) == f"lookalike: {sentence}"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--vendor", "nobody"], "vendor 'nobody' is unknown: use one of "),
        (["--fixture", "no-such-fixture.yaml"], "no-such-fixture.yaml"),
        (["--store", "nowhere:"], "store 'nowhere:' is unknown: use "),
        (
            ["--strict-keys", "no-such-file"],
            "strict keys file 'no-such-file' cannot be read: No such file or directory",
        ),
        (["--port", "seven"], "--port 'seven' cannot be used: "),
        (["--rate-limits", "maybe"], "--rate-limits 'maybe' cannot be used: "),
        (["--no-such-flag"], "No such option"),
    ],
)
def test_serve_that_cannot_start_says_why_in_one_line(arguments, says):
    sentence = refused("serve", "--port", "0", *arguments)
    assert sentence.startswith("lookalike: ")
    assert says in sentence


def test_a_reader_who_has_seen_enough_is_no_trouble():
    process = subprocess.Popen(command("--help"), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    with process.stderr as errors:
        assert errors.read() == b""
    assert process.wait(TIMEOUT) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_comes_before_the_server_listens_is_a_clean_stop_too(number):
    before = {known: signal.getsignal(known) for known in (signal.SIGTERM, signal.SIGINT)}
    try:
        _stop_early()
        with pytest.raises(SystemExit) as stopped:
            signal.raise_signal(number)
    finally:
        for known, handler in before.items():
            signal.signal(known, handler)
    assert stopped.value.code == 0
