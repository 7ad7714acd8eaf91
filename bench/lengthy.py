"""What other requests wait while Customer.io does something for many people: the longest such requests, one by one.

A server of its own holds `SIZE` people. While one connection asks for the long thing, another one reads a person over
and over, with a breath in between; how long that takes meanwhile is what counts.
"""

from __future__ import annotations

import http.client
import json
import statistics
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from typing import Any

from bench.processes import lookalike

SIZE = 20_000
AT_ONCE = 500
BREATH = 0.003
"""Seconds between two reads."""

BEARER, BASIC = "Bearer cio_bench", "Basic " + b64encode(b"cio_bench:cio_bench").decode()


class Client:
    """One connection to Customer.io."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)

    def __call__(self, method: str, path: str, body: Any = None, credential: str = BEARER) -> Any:
        headers = {"Authorization": credential, "Content-Type": "application/json"}
        self._connection.request(method, f"/customerio{path}", None if body is None else json.dumps(body), headers)
        answer = self._connection.getresponse()
        content = answer.read()
        assert answer.status < 300, content
        return json.loads(content) if content else None


def _fill(client: Client) -> int:
    """People, all of them in one segment; its number."""
    segment: int = client("POST", "/v1/segments", {"segment": {"name": "All"}})["segment"]["id"]
    for start in range(0, SIZE, AT_ONCE):
        ids = [f"u{number}" for number in range(start, start + AT_ONCE)]
        rows = [_entity(id, {"email": f"{id}@example.com", "plan": "pro"}) for id in ids]
        client("POST", "/api/v2/batch", {"batch": rows}, BASIC)
        client("POST", f"/api/v1/segments/{segment}/add_customers", {"ids": ids}, BASIC)
    return segment


def _entity(id: str, attributes: dict[str, Any]) -> dict[str, Any]:
    return {"type": "person", "action": "identify", "identifiers": {"id": id}, "attributes": attributes}


def _cases(client: Client, segment: int) -> dict[str, Callable[[], Any]]:
    everybody = {"attribute": {"field": "cio_id", "operator": "exists"}}
    thousand = [f"u{number}" for number in range(1000)]
    rows = [_entity(id, {"plan": "team"}) for id in thousand]
    return {
        "batch of 1,000 people": lambda: client("POST", "/api/v2/batch", {"batch": rows}, BASIC),
        "1,000 leave a segment": lambda: client(
            "POST", f"/api/v1/segments/{segment}/remove_customers", {"ids": thousand}, BASIC
        ),
        "a page of all members": lambda: client("GET", f"/v1/segments/{segment}/membership?limit=30000"),
        "an export of everybody": lambda: client("POST", "/v1/exports/customers", {"filters": everybody}),
        "a broadcast to everybody, of whom 1,000 are served at once": lambda: client(
            "POST", "/v1/campaigns/7/triggers", {"recipients": everybody}
        ),
        "the end of a segment": lambda: client("DELETE", f"/v1/segments/{segment}"),
    }


def _measured(port: int, case: Callable[[], Any]) -> tuple[float, list[float]]:
    """Seconds that it took, and those that each read took meanwhile."""
    reader, over = Client(port), threading.Event()
    reads: list[float] = []

    def read() -> None:
        while not over.is_set():
            started = time.perf_counter()
            reader("GET", "/v1/customers/u5/attributes")
            reads.append(time.perf_counter() - started)
            time.sleep(BREATH)  # a reader now and then: what one waits is measured, not how many fit in

    thread = threading.Thread(target=read)
    thread.start()
    started = time.perf_counter()
    case()
    took = time.perf_counter() - started
    over.set()
    thread.join()
    return took, reads


def report() -> list[str]:
    """Markdown lines."""
    lines = [
        f"| with {SIZE:,} people | took, s | other requests, median ms | p99 | longest |",
        "|---|---|---|---|---|",
    ]
    with lookalike("--fixture", "none", "--vendor", "customerio") as (port, _):
        client = Client(port)
        segment = _fill(client)
        for name, case in {"nothing else": lambda: time.sleep(0.5), **_cases(client, segment)}.items():
            took, reads = _measured(port, case)
            ordered = sorted(reads)
            p99 = ordered[int(len(ordered) * 0.99)]
            figures = " | ".join(f"{seconds * 1000:.1f}" for seconds in (statistics.median(reads), p99, ordered[-1]))
            lines.append(f"| {name} | {took:.2f} | {figures} |")
    return lines
