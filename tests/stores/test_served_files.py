"""`lookalike serve` on files that it cannot use, and on a disk that runs full, as processes of their own."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from lookalike.stores.tinydb import TinyStore
from lookalike.stores.tinydb_journal import line_of

TIMEOUT = 30

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell, and limits")


def command(path: Path, blocks: int | None = None) -> list[str]:
    """A server on the file; it can write no file longer than so many blocks of 512 bytes."""
    serve = [sys.executable, "-m", "lookalike", "serve", "--store", f"tinydb:{path}", "--port", "0", "--json"]
    serve += ["--fixture", "none", "--vendor", "opensend"]
    limit = "" if blocks is None else f"ulimit -f {blocks}; "
    return ["sh", "-c", f"{limit}exec {shlex.join(serve)}"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


def refused(path: Path, blocks: int | None = None) -> str:
    """What the server says that does not start: one line on standard error, exit status 2, nothing else."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command(path, blocks), env=environment, capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr.strip()


@pytest.fixture
def serving(path: Path) -> Iterator[Any]:
    """`serving(blocks)`: a server on the file, and a way to call OpenSend on it."""
    started: list[subprocess.Popen[str]] = []

    def start(blocks: int | None = None) -> Any:
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        process = subprocess.Popen(
            command(path, blocks), env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout is not None
        url = urlsplit(json.loads(process.stdout.readline())["url"])

        def call(method: str, target: str, body: Any = None) -> tuple[int, Any]:
            connection = HTTPConnection("127.0.0.1", url.port, timeout=TIMEOUT)
            try:
                headers = {"Authorization": "Bearer os_x", "Content-Type": "application/json"}
                connection.request(method, target, None if body is None else json.dumps(body), headers)
                answer = connection.getresponse()
                return answer.status, json.loads(answer.read())
            finally:
                connection.close()

        return process, call

    yield start
    for process in started:
        process.kill()
        process.communicate(timeout=TIMEOUT)


@pytest.mark.parametrize(
    ("file", "journal", "says"),
    [
        (b"{", None, "store file .*, line 1, is not JSON: .*"),
        (b"[]", None, "store file .* is not a TinyDB file: .*"),
        (b'{"lookalike": {"1": {"version": 2, "journal": 1}}}', None, "store file .* is of version 2, .*"),
        (b"{}", b"rubbish\nrubbish\n", r"store journal .*\.journal-1, line 1, is damaged: mend or delete it"),
        (b"{}", line_of(b'{"workspace":"w","writes":[["?"]]}'), "the journal of store file .* use a newer one"),
        (None, line_of(b'{"workspace":"w","writes":[]}'), "store file .* is missing, but its journal .* is there: .*"),
        (b'{"opensend/w/contacts": {"1": {"id": "a"}}}', None, "store file .*, table 'opensend/w/contacts': a .*"),
        (b'{"lookalike": {"1": {"version": 1, "journal": 0}}}', line_of(b"{}"), "store file .* is missing, while .*"),
    ],
)
def test_files_that_cannot_be_used(path: Path, file: bytes | None, journal: bytes | None, says: str):
    if file is not None:
        path.write_bytes(file)
    if journal is not None:
        path.with_name("state.json.journal-1").write_bytes(journal)
    before = {one.name: one.read_bytes() for one in path.parent.iterdir()}
    assert re.fullmatch(f"lookalike: {says}", refused(path))
    assert {one.name: one.read_bytes() for one in path.parent.iterdir()} == before


def test_a_file_in_use(path: Path):
    store = TinyStore(str(path))
    assert refused(path) == f"lookalike: store file {path} is in use by another server"
    store.close()


def test_a_disk_without_room_at_start(path: Path):
    assert refused(path, blocks=0) == f"lookalike: store file {path} cannot be written: File too large"
    assert not path.exists()


def test_a_disk_without_room_for_more_at_start(path: Path):
    TinyStore(str(path)).close()
    before = path.read_bytes()
    assert refused(path, blocks=0) == f"lookalike: store file {path} cannot be written: File too large"
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert path.read_bytes() == before


def test_a_disk_that_runs_full(path: Path, serving: Any):
    process, call = serving(blocks=64)
    statuses: list[int] = []
    kept: set[str] = set()
    while statuses.count(500) < 5:
        email = f"person{len(statuses)}@example.com"
        status, _ = call("POST", "/opensend/contacts", {"email": email, "first_name": "x" * 200})
        statuses.append(status)
        if status == 201:
            kept.add(email)
    assert set(statuses) == {201, 500}
    assert len(kept) > 10
    status, page = call("GET", "/opensend/contacts?limit=100")
    assert (status, {one["email"] for one in page["data"]}) == (200, kept)
    status, answer = call("POST", "/_lookalike/workspaces", {"name": "b", "from": "default"})
    assert (status, answer) == (503, {"error": f"The store {path} cannot be written: File too large."})
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=TIMEOUT)
    assert "Traceback" not in errors
    assert f"store journal of {path} cannot be written: File too large; writes fail" in errors
    _, call = serving()
    status, page = call("GET", "/opensend/contacts?limit=100")
    assert (status, {one["email"] for one in page["data"]}) == (200, kept)
    assert call("POST", "/opensend/contacts", {"email": "new@example.com"})[0] == 201
