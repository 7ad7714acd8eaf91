"""Requests per second beside emulate's Resend service (npm `emulate`), the nearest relative: both create a contact and
list 100 contacts over keep-alive connections, in turn, in one run.

emulate lets one token do 5,000 requests an hour and then refuses, so every token is used for 500 of them.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import load
from bench.processes import free_port, lookalike, resident_megabytes, stop, wait_for
from scripts import javascript

PACKAGES = Path(__file__).parent
ROUNDS = 7
SECONDS = 1.0
LISTED = 100
NODE = 24
"""Major version of the Node that emulate wants."""


def _call(method: str, url: str, body: Any, key: str) -> Any:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def _contact(number: int) -> bytes:
    return b'{"email":"person%d@example.com","first_name":"Ann","last_name":"Lee"}' % number


class Lookalike:
    """OpenSend, as lookalike serves it."""

    name = "lookalike, OpenSend"

    def __init__(self, port: int) -> None:
        self.port = port
        for number in range(LISTED):
            _call("POST", f"http://127.0.0.1:{port}/opensend/contacts", json.loads(_contact(number)), "os_b~listed")

    def create(self, number: int) -> bytes:
        return load.request("POST", "/opensend/contacts", {"Authorization": "Bearer os_bench"}, _contact(number))

    def list(self, _number: int) -> bytes:
        path = f"/opensend/contacts?limit={LISTED}"
        return load.request("GET", path, {"Authorization": "Bearer os_b~listed"})


class Emulate:
    """emulate's Resend service; it lists all that an audience holds."""

    name = "emulate 0.12.2, Resend"

    def __init__(self, port: int) -> None:
        self.port = port
        url = f"http://127.0.0.1:{port}/audiences"
        self.created = _call("POST", url, {"name": "created"}, "re_bench")["id"]
        self.listed = _call("POST", url, {"name": "listed"}, "re_bench")["id"]
        for number in range(LISTED):
            _call("POST", f"{url}/{self.listed}/contacts", json.loads(_contact(number)), "re_bench")

    @staticmethod
    def _key(number: int) -> dict[str, str]:
        return {"Authorization": f"Bearer re_{number // 500}"}

    def create(self, number: int) -> bytes:
        return load.request("POST", f"/audiences/{self.created}/contacts", self._key(number), _contact(number))

    def list(self, number: int) -> bytes:
        return load.request("GET", f"/audiences/{self.listed}/contacts", self._key(number))


@contextmanager
def _emulate() -> Iterator[tuple[int, int]]:
    """(port, process id) of emulate."""
    node = javascript.find_node(NODE)
    assert node is not None
    port = free_port()
    script = PACKAGES / "node_modules" / "emulate" / "dist" / "index.js"
    command = [str(node), str(script), "start", "--service", "resend", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={"PATH": os.environ.get("PATH", "")})
    try:
        wait_for(port, "/")
        yield port, process.pid
    finally:
        stop(process)


def report() -> list[str]:
    """Markdown lines; without Node or emulate, one that says so."""
    try:
        javascript.install(PACKAGES, NODE)
    except (OSError, subprocess.SubprocessError) as error:
        return [f"emulate could not be installed: {error}"]
    with lookalike("--fixture", "none") as (our_port, our_pid), _emulate() as (port, pid):
        servers = [Lookalike(our_port), Emulate(port)]
        idle = [resident_megabytes(our_pid), resident_megabytes(pid)]
        rates = _rates(servers)
        loaded = [resident_megabytes(our_pid), resident_megabytes(pid)]
    lines = ["| | create, 1 / 16 connections | list 100, 1 / 16 connections | MB idle -> loaded |", "|---|---|---|---|"]
    for server, before, after in zip(servers, idle, loaded, strict=True):
        cells = [
            " / ".join(f"{statistics.median(rates[server.name, what, n]):,.0f}" for n in (1, 16))
            for what in ("create", "list")
        ]
        lines.append(f"| {server.name} | {cells[0]} | {cells[1]} | {before:.0f} -> {after:.0f} |")
    return lines


def _rates(servers: list[Any]) -> dict[tuple[str, str, int], list[float]]:
    rates: dict[tuple[str, str, int], list[float]] = {}
    first = LISTED
    for round_number in range(ROUNDS + 1):
        for connections in (1, 16):
            for what in ("create", "list"):
                for server in servers:
                    result = load.run(
                        server.port, getattr(server, what), connections=connections, seconds=SECONDS, first=first
                    )
                    first += 1_000_000
                    if result.failures:
                        print(f"{server.name}: {result.failures} of {result.count} failed", file=sys.stderr)
                    if round_number:  # the first round warms both up
                        rates.setdefault((server.name, what, connections), []).append(result.rate)
    return rates
