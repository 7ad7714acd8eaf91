"""`lookalike run`: clients with the vendors' own host names in them meet the sandbox, without a changed line."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from lookalike.certificates import Authority
from lookalike.cli import main
from scripts import javascript
from scripts.fetching import must_not_skip
from tests.support import Like

TIMEOUT = 60
VARIABLES = "import json, os; print(json.dumps(dict(os.environ)))"

PYTHON = {
    "requests": """
import requests
answer = requests.post(URL, json={"email": "ann@example.com"}, headers=HEADERS)
print(answer.status_code, answer.json()["success"])
""",
    "httpx": """
import httpx
answer = httpx.post(URL, json={"email": "ann@example.com"}, headers=HEADERS)
print(answer.status_code, answer.json()["success"])
""",
    "urllib": """
import json
from urllib.request import Request, urlopen
asked = Request(URL, b'{"email": "ann@example.com"}', {"Content-Type": "application/json", **HEADERS})
with urlopen(asked) as answer:
    print(answer.status, json.load(answer)["success"])
""",
}
NODE = {
    "fetch": """
const headers = {...HEADERS, "Content-Type": "application/json"};
const answer = await fetch(URL, {method: "POST", headers, body: JSON.stringify({email: "ann@example.com"})});
console.log(answer.status, (await answer.json()).success ? "True" : "False");
""",
    "https": """
import { request } from "node:https";
const headers = {...HEADERS, "Content-Type": "application/json"};
request(URL, {method: "POST", headers}, async (answer) => {
  let text = "";
  for await (const piece of answer) text += piece;
  console.log(answer.statusCode, JSON.parse(text).success ? "True" : "False");
}).end(JSON.stringify({email: "ann@example.com"}));
""",
}
ADDRESS, HEADERS = "https://api.autosend.com/v1/contacts", '{"Authorization": "Bearer AS_key"}'


def start(ca_folder: Path, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    """`lookalike run ...`, with AutoSend alone and an empty fixture."""
    command = [sys.executable, "-m", "lookalike", "run", "--vendor", "autosend", "--fixture", "none", *arguments]
    environment = {**os.environ, "LOOKALIKE_CA_FOLDER": str(ca_folder), **variables}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(ca_folder: Path, *arguments: str, **variables: str) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of `lookalike run ...`."""
    process = start(ca_folder, *arguments, **variables)
    try:
        out, err = process.communicate(timeout=TIMEOUT)
    finally:
        process.kill()
    return process.returncode, out, err


def needed(found: str | Path | None, name: str) -> str:
    """The path of a program; without it the test is skipped, and fails in CI, which must have it."""
    if found is None:
        reason = f"there is no {name}"
        if must_not_skip():
            pytest.fail(reason)
        pytest.skip(reason)
    return str(found)


ONE_REQUEST = "lookalike: autosend: 1 request, errors: none\n"


@pytest.mark.parametrize("name", PYTHON)
def test_python_reaches_the_vendors_host(ca_folder, name):
    code = f"URL, HEADERS = {ADDRESS!r}, {HEADERS}\n{PYTHON[name]}"
    assert run(ca_folder, "--", sys.executable, "-W", "error", "-c", code) == (0, "200 True\n", ONE_REQUEST)


@pytest.mark.parametrize("name", NODE)
def test_node_reaches_the_vendors_host(ca_folder, tmp_path, name):
    node = needed(javascript.find_node(24), "Node 24")
    script = tmp_path / "client.mjs"
    script.write_text(f"const URL = {ADDRESS!r}, HEADERS = {HEADERS};\n{NODE[name]}")
    status, out, err = run(ca_folder, "--", node, str(script))
    assert (status, out, err.splitlines()[-1:]) == (0, "200 True\n", [ONE_REQUEST.strip()]), err


def test_curl_reaches_the_vendors_host(ca_folder):
    curl = needed(shutil.which("curl"), "curl")
    command = [curl, "-sS", "-w", "%{http_code}", "-o", os.devnull, "-H", "Authorization: Bearer AS_key"]
    assert run(ca_folder, "--", *command, "--json", '{"email": "a@x.test"}', ADDRESS) == (0, "200", ONE_REQUEST)


def test_the_variables(ca_folder):
    status, out, _ = run(
        ca_folder, "--", sys.executable, "-c", VARIABLES, NO_PROXY="*, db.example", NODE_EXTRA_CA_CERTS=""
    )
    assert status == 0
    seen = json.loads(out)
    url = seen["LOOKALIKE_URL"]
    assert url == Like(r"http://127\.0\.0\.1:\d+")
    assert seen["AUTOSEND_BASE_URL"] == seen["LOOKALIKE_AUTOSEND_URL"] == f"{url}/autosend/v1"
    assert seen["AUTOSEND_API_KEY"] == seen["LOOKALIKE_AUTOSEND_KEY"] == "AS_lookalike"
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        assert seen[name] == Like(r"http://127\.0\.0\.1:\d+")
    assert seen["NO_PROXY"] == seen["no_proxy"] == "db.example,localhost,127.0.0.1,::1"
    assert seen["NODE_USE_ENV_PROXY"] == "1"
    assert seen["NODE_EXTRA_CA_CERTS"] == str(ca_folder / "ca.pem")
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        assert Path(seen[name]).parent == ca_folder
        assert Path(seen[name]).read_text().startswith((ca_folder / "ca.pem").read_text().strip())


def test_every_vendor_has_its_variables(ca_folder):
    status, out, _ = run(ca_folder, "--vendor", "opensend", "--", sys.executable, "-c", VARIABLES)
    assert status == 0
    seen = json.loads(out)
    base = f"{seen['LOOKALIKE_URL']}/opensend"
    for name in ("OPENSEND_BASE_URL", "RESEND_BASE_URL", "RESEND_API_URL", "LOOKALIKE_OPENSEND_URL"):
        assert seen[name] == base
    for name in ("OPENSEND_API_KEY", "RESEND_API_KEY", "LOOKALIKE_OPENSEND_KEY"):
        assert seen[name] == "os_lookalike"


def test_what_was_trusted_before_is_trusted_still(ca_folder, tmp_path):
    companys = tmp_path / "company.pem"
    companys.write_text("-----BEGIN CERTIFICATE-----\nY29tcGFueQ==\n-----END CERTIFICATE-----\n")
    status, out, _ = run(ca_folder, "--", sys.executable, "-c", VARIABLES, NODE_EXTRA_CA_CERTS=str(companys))
    assert status == 0
    seen = json.loads(out)
    assert companys.read_text() in Path(seen["NODE_EXTRA_CA_CERTS"]).read_text()
    assert seen["SSL_CERT_FILE"] == seen["NODE_EXTRA_CA_CERTS"]


# --- the summary ---

WORK = """
import os
from urllib.request import Request, urlopen
from urllib.error import HTTPError
import json

def ask(method, url, body=None):
    headers = {"Authorization": "Bearer AS_key", "Content-Type": "application/json"}
    try:
        urlopen(Request(url, body and json.dumps(body).encode(), headers, method=method)).close()
    except HTTPError as error:
        error.close()

control = os.environ["LOOKALIKE_URL"] + "/_lookalike"
broken = {"type": "error", "kind": "internal"}
ask("POST", control + "/faults", {"when": {"operation": "create_contact"}, "fault": broken})
ask("POST", control + "/faults", {"when": {"workspace": "ci7"}, "script": "503, ok"})
base = os.environ["AUTOSEND_BASE_URL"]
ask("POST", base + "/contacts", {"email": "ann@example.com"})
ask("GET", base + "/contacts/unknown")
ask("GET", base + "/contacts/unknown")
ask("GET", base + "/senders")
ask("DELETE", control + "/requests")
"""


def test_the_summary(ca_folder):
    status, out, err = run(ca_folder, "--", sys.executable, "-c", WORK)
    assert (status, out) == (0, "")
    assert err.splitlines() == [
        "lookalike: autosend: 4 requests, errors: 404 x2, 500 x1, 501 x1",
        Like(r"lookalike: autosend: \w+ is not implemented x1"),
        "lookalike: the fault fault_2 (503, ok) was never hit",
    ]


def test_the_summary_as_json(ca_folder):
    _, _, err = run(ca_folder, "--json", "--", sys.executable, "-c", WORK)
    assert json.loads(err) == {
        "vendors": {"autosend": {"requests": 4, "errors": {"404": 2, "500": 1, "501": 1}}},
        "unimplemented": [{"vendor": "autosend", "operation": Like(r"\w+"), "requests": 1}],
        "faults_never_hit": [
            {
                "id": "fault_2",
                "when": dict.fromkeys(("vendor", "operation", "method", "path"), "*") | {"workspace": "ci7"},
                "script": "503, ok",
                "skip": 0,
                "probability": 1.0,
                "seen": 0,
                "hits": 0,
            }
        ],
        "refused": {},
    }


def test_a_command_that_asks_nothing(ca_folder):
    assert run(ca_folder, "true") == (0, "", "lookalike: no requests\n")


# --- others ---

LEAK = """
import sys
from urllib.request import urlopen
for url in ("https://other.example/", "http://other.example/"):
    try:
        urlopen(url)
    except OSError as error:
        print(error)
sys.exit(int(sys.argv[1]))
"""


@pytest.mark.parametrize(("status", "expected"), [("0", 1), ("5", 5)])
def test_others_that_were_refused_fail_the_run(ca_folder, status, expected):
    ended, out, err = run(ca_folder, "--block-others", "--", sys.executable, "-c", LEAK, status)
    assert ended == expected
    assert out == "<urlopen error Tunnel connection failed: 403 Forbidden>\nHTTP Error 403: Forbidden\n"
    assert err.splitlines() == [
        "lookalike: no requests",
        "lookalike: other.example:443 was refused 1 time",
        "lookalike: other.example:80 was refused 1 time",
    ]


# --- statuses and signals ---


@pytest.mark.parametrize("status", [0, 1, 2, 77, 255])
def test_the_status_is_the_commands(ca_folder, status):
    assert run(ca_folder, sys.executable, "-c", f"import sys; sys.exit({status})")[0] == status


def test_a_command_that_a_signal_ended_has_the_shells_status(ca_folder):
    assert run(ca_folder, "--", "sh", "-c", "kill -KILL $$")[0] == 128 + signal.SIGKILL


def test_options_behind_the_command_are_the_commands(ca_folder):
    status, out, _ = run(ca_folder, sys.executable, "-c", "import sys; print(sys.argv[1:])", "--port", "--", "-x")
    assert (status, out) == (0, "['--port', '--', '-x']\n")


def test_streams_are_the_commands(ca_folder):
    command = [sys.executable, "-m", "lookalike", "run", "--vendor", "autosend", "--fixture", "none", "cat"]
    environment = {**os.environ, "LOOKALIKE_CA_FOLDER": str(ca_folder)}
    done = subprocess.run(
        command, env=environment, input="in and out", capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    assert (done.returncode, done.stdout) == (0, "in and out")


PATIENT = """
import os, signal, sys, time

def say(number, _frame):
    print("got", signal.Signals(number).name, flush=True)
    sys.exit(9)

for name in ("SIGINT", "SIGTERM", "SIGHUP"):
    signal.signal(getattr(signal, name), say)
print(os.getpid(), os.environ["LOOKALIKE_URL"], flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_signals_are_the_commands_and_nothing_is_left_running(ca_folder, name):
    process = start(ca_folder, "--", sys.executable, "-c", PATIENT)
    try:
        assert process.stdout is not None
        pid, url = process.stdout.readline().split()
        process.send_signal(getattr(signal, name))
        out, err = process.communicate(timeout=TIMEOUT)
    finally:
        process.kill()
    assert (process.returncode, out, err) == (9, f"got {name}\n", "lookalike: no requests\n")
    assert is_gone(int(pid))
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])))


COUNTING = """
import select, signal, socket, time
# Handlers in Python may run once for two signals; every signal by itself is one byte here.
told, telling = socket.socketpair()
telling.setblocking(False)
signal.signal(signal.SIGINT, lambda *_: None)
signal.set_wakeup_fd(telling.fileno())
print("ready", flush=True)
select.select([told], [], [], 10)
time.sleep(0.5)
print("got", len(told.recv(100)), flush=True)
"""


def test_ctrl_c_in_a_terminal_reaches_the_command_once(ca_folder):
    """The terminal itself tells everybody who runs in it."""
    controlling, terminal = os.openpty()
    code = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
    command = [sys.executable, "-m", "lookalike", "run", "--vendor", "autosend", "--fixture", "none"]
    command += ["--ca-folder", str(ca_folder), sys.executable, "-c", COUNTING]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *command],
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        os.write(controlling, b"\x03")
        out, err = process.communicate(timeout=TIMEOUT)
    finally:
        process.kill()
        os.close(controlling)
        os.close(terminal)
    assert (process.returncode, out, err) == (0, "got 1\n", "lookalike: no requests\n")


def is_gone(pid: int) -> bool:
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


# --- bad input ---


def refused(ca_folder: Path, *arguments: str, **variables: str) -> tuple[int, str]:
    """Status and the one sentence of a run whose command, which would leave a file behind, never started."""
    trace = ca_folder.parent / f"trace-{os.getpid()}-{time.monotonic_ns()}"
    command = [sys.executable, "-c", f"open({str(trace)!r}, 'w')"] if "--" not in arguments else []
    status, out, err = run(ca_folder, *arguments, *(["--", *command] if command else []), **variables)
    assert out == ""
    assert err.count("\n") == 1
    assert not trace.exists()
    return status, err.strip()


def test_a_command_that_does_not_exist(ca_folder, tmp_path):
    sentence = "lookalike: 'no-such-command' cannot be run: No such file or directory"
    assert refused(ca_folder, "--", "no-such-command", "-x") == (127, sentence)
    (tmp_path / "text").write_text("")
    status, said = refused(ca_folder, "--", str(tmp_path / "text"))
    assert (status, said) == (126, f"lookalike: '{tmp_path}/text' cannot be run: Permission denied")


def test_no_command(ca_folder):
    status, out, err = run(ca_folder)
    assert (status, out) == (2, "")
    assert err == "lookalike: Missing argument 'COMMAND...': see 'lookalike run --help'.\n"


@pytest.mark.parametrize("flag", ["--port", "--tls-port", "--proxy-port"])
def test_a_busy_port(ca_folder, flag):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        sentence = f"cannot listen on 127.0.0.1 port {port}: Address already in use; choose another with {flag}"
        assert refused(ca_folder, flag, str(port)) == (2, f"lookalike: {sentence}")


def test_a_wrong_certificate_folder(ca_folder, tmp_path):
    (tmp_path / "file").write_text("")
    for folder, reason in ((tmp_path / "file", "File exists"), (tmp_path / "file" / "ca", "Not a directory")):
        sentence = f"certificate folder '{folder}' cannot be used: {reason}; choose another with --ca-folder"
        assert refused(ca_folder, "--ca-folder", str(folder)) == (2, f"lookalike: {sentence}")


def test_a_data_folder_that_cannot_be_written(ca_folder, tmp_path):
    (tmp_path / "closed").mkdir(mode=0o500)
    closed = str(tmp_path / "closed") if os.geteuid() else "/proc/1/closed"  # root may write nearly anywhere
    status, said = refused(ca_folder, LOOKALIKE_CA_FOLDER="", XDG_DATA_HOME=closed, HOME=closed)
    assert status == 2
    assert said == Like(rf"lookalike: certificate folder '{closed}/.*' cannot be used: .*; choose another with .*")


def test_a_folder_that_takes_no_bundle(ca_folder, monkeypatch):
    """As when the authority was made by somebody else, and can only be read."""

    def closed(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    started = threading.active_count()
    Authority(ca_folder)
    monkeypatch.setenv("SSL_CERT_FILE", str(Authority(ca_folder.parent / "unheard-of").certificate))
    monkeypatch.setattr("lookalike.certificates._write", closed)
    arguments = ["run", "--vendor", "autosend", "--fixture", "none", "--ca-folder", str(ca_folder), "true"]
    result = CliRunner().invoke(main, arguments, prog_name="lookalike")
    sentence = f"certificate folder '{ca_folder}' cannot be used: Permission denied; choose another with --ca-folder"
    assert (result.exit_code, result.output) == (2, f"lookalike: {sentence}\n")
    assert threading.active_count() == started


def test_a_wrong_setting(ca_folder):
    assert refused(ca_folder, "--fixture", "no-such-fixture.yaml")[0] == 2
