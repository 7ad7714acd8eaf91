"""The Dockerfile, without Docker: the very commands of its RUN, HEALTHCHECK and CMD lines in a clean environment.

What stands in for the image: a folder for its root (COPY and WORKDIR act below it) and a new virtual environment for
its Python. A RUN line whose first word is in `SKIPPED` changes the machine's users and is not run; USER, ENV and
EXPOSE are read. The server listens on a free port instead of 7357, which the image's own LOOKALIKE_PORT allows.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.lacking import lacking

ROOT = Path(__file__).parent.parent.parent
SKIPPED = {"useradd"}


@dataclass
class Line:
    """One instruction: `RUN`, and what follows it with continuation lines joined."""

    word: str
    rest: str


def instructions() -> list[Line]:
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    joined = re.sub(r"\\\n\s*", "", text)
    return [Line(*line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


def rest_of(word: str) -> list[str]:
    return [line.rest for line in instructions() if line.word == word]


class Image:
    """What building and running the image would do, in a folder and a virtual environment."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.cwd = self.root
        self.environment = {"PATH": f"{folder / 'venv' / 'bin'}:/usr/bin:/bin", "HOME": str(folder)}
        self.environment |= {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
        venv.create(folder / "venv", with_pip=True)

    def build(self) -> None:
        for line in instructions():
            step = getattr(self, f"_{line.word.lower()}", None)
            if step is not None:
                step(line.rest)

    def _workdir(self, rest: str) -> None:
        self.cwd = self.root / rest.lstrip("/")
        self.cwd.mkdir(parents=True, exist_ok=True)

    def _env(self, rest: str) -> None:
        name, _, value = rest.partition("=")
        self.environment[name] = value

    def _copy(self, rest: str) -> None:
        *sources, target = rest.split()
        for source in sources:
            assert not is_ignored(source), f"{source} is kept out by .dockerignore"
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, self.cwd / target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / source, self.cwd / target)

    def _run(self, rest: str) -> None:
        if rest.split(maxsplit=1)[0] in SKIPPED:
            return
        command = ["sh", "-c", rest]
        done = subprocess.run(command, cwd=self.cwd, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode and "No matching distribution" in done.stderr + done.stdout:
            lacking("the packages that the image installs are out of reach")
        assert done.returncode == 0, done.stderr

    def start(self, command: list[str], **more: object) -> subprocess.Popen[str]:
        return subprocess.Popen(command, cwd=self.cwd, env=self.environment, text=True, **more)

    def health(self) -> int:
        (check,) = rest_of("HEALTHCHECK")
        command = json.loads(check.partition("CMD")[2])
        return subprocess.run(command, env=self.environment, capture_output=True, timeout=10, check=False).returncode


def is_ignored(source: str) -> bool:
    """Everything is kept out but what .dockerignore lets in again by name."""
    lines = (ROOT / ".dockerignore").read_text().split()
    return lines[0] != "*" or f"!{source.removeprefix('./')}" not in lines


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_it_is_slim_pinned_and_runs_as_somebody_who_is_not_root():
    assert rest_of("FROM") == ["python:3.11-slim"]
    assert rest_of("EXPOSE") == ["7357"]
    assert rest_of("USER") == ["lookalike"]
    words = [line.word for line in instructions()]
    assert words.index("USER") > len(words) - 1 - words[::-1].index("RUN"), "nothing is installed as that user"
    assert words.index("USER") < words.index("CMD")


def test_its_commands_install_start_and_check_the_server(tmp_path):
    image = Image(tmp_path)
    image.build()
    port = free_port()
    image.environment["LOOKALIKE_PORT"] = str(port)
    assert image.health() == 1, "nobody listens yet"
    (command,) = rest_of("CMD")
    log = tmp_path / "log"
    with log.open("w") as output:
        server = image.start(json.loads(command), stdout=output, stderr=output)
    try:
        wait_for(image, server, log)
        banner = log.read_text()
        token = re.search(r"token\W+([\w-]{8,})", banner)
        assert token, f"the banner shows no control token:\n{banner}"
        url = f"http://127.0.0.1:{port}/_lookalike/faults"
        request = Request(url, headers={"Authorization": f"Bearer {token[1]}"})
        with urlopen(request, timeout=5) as answer:
            assert answer.status == 200
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=10) == 0, log.read_text()
    finally:
        server.kill()
        server.wait()
    assert image.health() == 1, "nobody listens any more"


def wait_for(image: Image, server: subprocess.Popen[str], log: Path) -> None:
    """Docker asks again and again; a hundred times is many more than the server needs."""
    for _ in range(100):
        if image.health() == 0:
            return
        assert server.poll() is None, log.read_text()
    pytest.fail(f"never healthy:\n{log.read_text()}")


def test_the_healthcheck_is_honest_about_a_server_that_is_not_ready(tmp_path):
    """A 503 has to count as unhealthy, not only a refused connection."""
    script = (
        "import http.server, sys\n"
        "class Unready(http.server.BaseHTTPRequestHandler):\n"
        "    def do_GET(self): self.send_error(503)\n"
        "    def log_message(self, *_): pass\n"
        "server = http.server.HTTPServer(('127.0.0.1', 0), Unready)\n"
        "print(server.server_port, flush=True)\n"
        "server.serve_forever()\n"
    )
    (check,) = rest_of("HEALTHCHECK")
    command = json.loads(check.partition("CMD")[2])
    command[0] = sys.executable
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        environment = {**os.environ, "LOOKALIKE_PORT": server.stdout.readline().strip()}
        assert subprocess.run(command, env=environment, capture_output=True, timeout=10, check=False).returncode == 1
        server.kill()
