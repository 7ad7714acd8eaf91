"""What other requests wait while much falls due at once, or much is undone: one server and one case at a time.

`lengthy` asks for something long and looks at what others wait. Here time does it: members whose rule turns at one
instant, a broadcast that was put off, the lots of an import after nobody has asked for anything for a while.
"""

from __future__ import annotations

import http.client
import json
import statistics
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any

from bench.processes import lookalike
from lookalike.clock import iso

SIZE = 100_000
DUPLICATES = 5_000
ROWS = 20_000
"""Of an import, which the server takes within 20 seconds."""
AT_ONCE = 500
BREATH = 0.003
"""Seconds between two reads."""

_DAY = 86_400.0
_BASIC = "Basic " + b64encode(b"cio_bench:cio_bench").decode()
_INVENT = "/invent/orgs/c"

Case = Callable[["Client"], Callable[[], Any]]
"""Prepares a server and says what is to be measured."""


class Client:
    """One connection to a server."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._connection = http.client.HTTPConnection("127.0.0.1", port)

    def __call__(self, method: str, path: str, body: Any = None, credential: str = "Bearer bench") -> Any:
        headers = {"Authorization": credential, "Content-Type": "application/json"}
        self._connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self._connection.getresponse()
        content = answer.read()
        assert answer.status < 300, content
        return json.loads(content) if content else None

    def clock(self, **change: str) -> Any:
        return self("POST", "/_lookalike/clock", change)


def _slices(size: int) -> Iterator[range]:
    return (range(start, min(start + AT_ONCE, size)) for start in range(0, size, AT_ONCE))


# --- the cases -------------------------------------------------------------------------------------------------------


def _seen(client: Client, until: str) -> None:
    """People who all have been seen at one instant, and a segment of those seen within a day."""
    bearer = "Bearer sm_bench"
    for some in _slices(SIZE):
        rows = [{"identifier": {"email": f"p{n}@example.com"}, "attributes": {"seen": until}} for n in some]
        client("POST", "/segmailer/api/v2/contacts/bulk", {"contacts": rows}, bearer)
    rule = {"attribute": "seen", "op": "within_last", "value": {"amount": 1, "unit": "days"}}
    client("POST", "/segmailer/api/v2/segments", {"name": "Seen", "filter": rule}, bearer)


def _forward(client: Client) -> Callable[[], Any]:
    client.clock(freeze="2026-01-02T00:00:00Z")
    _seen(client, "2026-01-01T12:00:00Z")
    return lambda: client.clock(advance="1d")


def _back(client: Client) -> Callable[[], Any]:
    client.clock(freeze="2026-01-03T00:00:00Z")
    _seen(client, "2026-01-01T12:00:00Z")
    return lambda: client.clock(freeze="2026-01-02T00:00:00Z")


def _idle(client: Client) -> Callable[[], Any]:
    at = time.time() + 40
    _seen(client, iso(at - _DAY))
    time.sleep(at + 1 - time.time())  # real time is what the case is about
    return lambda: client("GET", "/segmailer/api/v2/segments", None, "Bearer sm_bench")


def _static_list(client: Client) -> Callable[[], Any]:
    bearer = "Bearer AS_bench"
    made = client("POST", "/autosend/v1/contact-lists", {"name": "L", "type": "list"}, bearer)["data"]["id"]
    for some in _slices(SIZE):
        emails = [f"p{n}@example.com" for n in some]
        for start in range(0, AT_ONCE, 100):
            body = {"contactListId": made, "emails": emails[start : start + 100]}
            client("POST", "/autosend/v1/contact-lists/contacts/bulk-add", body, bearer)
    return lambda: client("DELETE", f"/autosend/v1/contact-lists/{made}", None, bearer)


def _merge(client: Client) -> Callable[[], Any]:
    bearer = "Bearer inv_bench"
    rows = [{"user_id": f"u{n}", "email": "one@example.com"} for n in range(DUPLICATES)]
    client("POST", f"{_INVENT}/contacts/bulk", {"channels": rows}, bearer)
    first = client("GET", f"{_INVENT}/contacts?take=1", None, bearer)[0]["id"]
    return lambda: client("POST", f"{_INVENT}/contacts/{first}/merge", None, bearer)


def _broadcast(client: Client) -> Callable[[], Any]:
    bearer = "Bearer inv_bench"
    client.clock(freeze="2026-01-01T00:00:00Z")
    client("POST", "/_lookalike/crowds", {"people": SIZE, "vendor": "invent"})
    template = {"integration_id": "gmail", "config": {"subject": "News", "text": "Hello {{name}}"}}
    asked = {"name": "News", "send_to_all": True, "scheduled_at": "2026-01-01T01:00:00Z", "templates": [template]}
    made = client("POST", f"{_INVENT}/broadcasts", asked, bearer)["id"]
    client("POST", f"{_INVENT}/broadcasts/{made}/send", None, bearer)
    return lambda: client.clock(advance="2h")


def _import(client: Client) -> Callable[[], Any]:
    lines = "".join(f"u{n},u{n}@example.com,pro\n" for n in range(ROWS))
    file = "data:text/csv;base64," + b64encode(f"id,email,plan\n{lines}".encode()).decode()
    asked = {"import": {"type": "people", "identifier": "id", "data_file_url": file}}
    made = client("POST", "/customerio/v1/imports", asked, "Bearer cio_bench")["import"]["id"]
    time.sleep(8 + ROWS / 1000)  # real time is what the case is about

    def done() -> None:
        state = client("GET", f"/customerio/v1/imports/{made}", None, "Bearer cio_bench")["import"]
        assert state["state"] == "imported", state

    return done


CASES: dict[str, tuple[str, str, Case]] = {
    f"the rule of {SIZE:,} turns at once": ("segmailer", "/segmailer/api/v2/contacts?limit=1", _forward),
    f"the clock goes back behind that of {SIZE:,}": ("segmailer", "/segmailer/api/v2/contacts?limit=1", _back),
    f"the rule of {SIZE:,} turned while nobody asked": ("segmailer", "/segmailer/api/v2/contacts?limit=1", _idle),
    f"a list of {SIZE:,} ends": ("autosend", "/autosend/v1/contact-lists?type=segment", _static_list),
    f"{DUPLICATES:,} duplicates become one": ("invent", f"{_INVENT}/segments", _merge),
    f"a broadcast to {SIZE:,} falls due": ("invent", f"{_INVENT}/contacts?take=1", _broadcast),
    f"an import of {ROWS:,} rows that nobody has asked for": ("customerio", "/customerio/v1/segments", _import),
}
_KEYS = {"segmailer": "sm_bench", "autosend": "AS_bench", "invent": "inv_bench", "customerio": "cio_bench"}


# --- measuring -------------------------------------------------------------------------------------------------------


def _measured(port: int, vendor: str, path: str, case: Callable[[], Any]) -> tuple[float, list[float]]:
    """Seconds that it took, and those that each read took meanwhile."""
    reader, over = Client(port), threading.Event()
    reads: list[float] = []

    def read() -> None:
        while not over.is_set():
            started = time.perf_counter()
            reader("GET", path, None, f"Bearer {_KEYS[vendor]}")
            reads.append(time.perf_counter() - started)
            time.sleep(BREATH)  # a reader now and then: what one waits is measured, not how many fit in

    thread = threading.Thread(target=read)
    started = time.perf_counter()
    worker = threading.Thread(target=case)
    worker.start()
    thread.start()
    worker.join()
    took = time.perf_counter() - started
    over.set()
    thread.join()
    return took, reads


def report(names: tuple[str, ...] = tuple(CASES)) -> list[str]:
    """Markdown lines."""
    lines = ["| | took, s | other requests, median ms | p99 | longest |", "|---|---|---|---|---|"]
    for name in names:
        vendor, path, case = CASES[name]
        with lookalike("--fixture", "none", "--vendor", vendor) as (port, _):
            client = Client(port)
            took, reads = _measured(port, vendor, path, case(client))
            ordered = sorted(reads)
            p99 = ordered[int(len(ordered) * 0.99)]
            figures = " | ".join(f"{seconds * 1000:.1f}" for seconds in (statistics.median(reads), p99, ordered[-1]))
            lines.append(f"| {name} | {took:.2f} | {figures} |")
    return lines
