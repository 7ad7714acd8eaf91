"""Creates and reads per second of 1, 2 and 4 servers on one Redis, beside one server on the memory store, in turn.

`together` all servers are asked for the same workspace, whose writes Redis puts in one order; `apart` each for one of
its own. The load generators, Redis and the servers share this machine's cores.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from bench import load
from bench.processes import lookalike
from tests.redis_servers import redis_server

SERVERS = (1, 2, 4)
ROUNDS = 3
SECONDS = 2.0
CONNECTIONS = 4
"""To each server."""

_FIRST = iter(range(0, 10**12, 10**6))


def _create(port: int, key: str, first: int) -> float:
    headers = {"Authorization": f"Bearer {key}"}

    def make(number: int) -> bytes:
        body = b'{"email":"person%d@example.com","first_name":"Ann"}' % number
        return load.request("POST", "/opensend/contacts", headers, body)

    return load.run(port, make, connections=CONNECTIONS, seconds=SECONDS, first=first).rate


def _get(port: int, key: str, _first: int) -> float:
    asked = load.request("GET", "/opensend/contacts?limit=1", {"Authorization": f"Bearer {key}"})
    return load.run(port, lambda _number: asked, connections=CONNECTIONS, seconds=SECONDS).rate


def _rates(ports: list[int], keys: list[str], pool: ProcessPoolExecutor) -> tuple[float, float]:
    totals = []
    for act in (_create, _get):
        runs = [pool.submit(act, port, key, next(_FIRST)) for port, key in zip(ports, keys, strict=True)]
        totals.append(sum(run.result() for run in runs))
    return totals[0], totals[1]


def report() -> Iterator[str]:
    """Markdown lines."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        store = f"redis://127.0.0.1:{stack.enter_context(redis_server(folder))}/0"
        pool = stack.enter_context(ProcessPoolExecutor(max(SERVERS)))
        options = ("--vendor", "opensend", "--fixture", "none")
        alone, _ = stack.enter_context(lookalike(*options))
        shared = [stack.enter_context(lookalike(*options, "--store", store))[0] for _ in range(max(SERVERS))]
        cases = {"memory, 1 server": ([alone], ["os_a~one"])}
        for count in SERVERS:
            cases[f"redis, {count} together"] = (shared[:count], ["os_a~one"] * count)
            if count > 1:
                cases[f"redis, {count} apart"] = (shared[:count], [f"os_a~own{n}" for n in range(count)])
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in cases}
        for _ in range(ROUNDS):
            for name, (ports, keys) in cases.items():
                found[name].append(_rates(ports, keys, pool))
    yield "| | creates per second | reads per second |"
    yield "|---|---|---|"
    for name, rates in found.items():
        creates, reads = (statistics.median(column) for column in zip(*rates, strict=True))
        yield f"| {name} | {creates:,.0f} | {reads:,.0f} |"
