"""What rule-based segments cost at 100,000 contacts: a write that touches one attribute, and the making of a segment.

Writes are called without a socket, in turn in sandboxes without segments, with 100 segments over 20 attributes (a
contact is in 10 of them), and with 100 that all ask for the attribute written. Segments are made over a socket, in a
server of its own, while other connections go on writing as fast as they are answered.
"""

from __future__ import annotations

import gc
import http.client
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from bench import load
from bench.callers import Caller
from bench.processes import lookalike
from lookalike.app import create_app
from lookalike.settings import Settings

SIZE = 100_000
SEGMENTS = 100
ATTRIBUTES = 20
VALUES = 10
"""Values of an attribute, for half of which there is a segment."""
ROUNDS = 40
CALLS = 50
ROWS = 100
"""Contacts in one bulk request."""
CONNECTIONS = 4


@dataclass(frozen=True)
class Vendor:
    """How one vendor is told the same things."""

    name: str
    credential: str
    write: tuple[str, str]
    bulk: tuple[str, str]
    segments: tuple[str, str]
    contact: Callable[[str, dict[str, Any]], dict[str, Any]]
    rows: Callable[[list[dict[str, Any]]], dict[str, Any]]
    segment: Callable[[str, str, str], dict[str, Any]]
    """Name, attribute and the value that it has to have."""
    count: Callable[[Any], int]

    def call(self, caller: Caller, how: tuple[str, str], body: dict[str, Any]) -> Any:
        return caller(*how, body)


def _criteria(name: str, attribute: str, value: str) -> dict[str, Any]:
    condition = {"field": attribute, "fieldType": "string", "operator": "equals", "value": value}
    return {"name": name, "type": "segment", "filterCriteria": {"logicalOperator": "AND", "groups": [condition]}}


VENDORS = (
    Vendor(
        name="autosend",
        credential="Bearer AS_bench",
        write=("POST", "/v1/contacts/email"),
        bulk=("POST", "/v1/contacts/bulk-update"),
        segments=("POST", "/v1/contact-lists"),
        contact=lambda email, attributes: {"email": email, "customFields": attributes},
        rows=lambda contacts: {"contacts": contacts},
        segment=_criteria,
        count=lambda answer: answer["data"]["contactCount"],
    ),
    Vendor(
        name="segmailer",
        credential="Bearer sm_bench",
        write=("POST", "/api/v2/contacts"),
        bulk=("POST", "/api/v2/contacts/bulk"),
        segments=("POST", "/api/v2/segments"),
        contact=lambda email, attributes: {"identifier": {"email": email}, "attributes": attributes},
        rows=lambda contacts: {"contacts": contacts},
        segment=lambda name, attribute, value: {
            "name": name,
            "filter": {"attribute": attribute, "op": "eq", "value": value},
        },
        count=lambda answer: answer["contactsCount"],
    ),
)


def _email(number: int) -> str:
    return f"person{number}@example.com"


def _attributes(number: int) -> dict[str, Any]:
    told = {f"a{n}": f"v{(number + n) % VALUES}" for n in range(ATTRIBUTES)}
    return told | {"tenth": f"v{number % 10}", "half": f"v{number % 2}", "all": "v0"}


def _bulks(vendor: Vendor) -> Iterator[dict[str, Any]]:
    for start in range(0, SIZE, ROWS):
        yield vendor.rows([vendor.contact(_email(n), _attributes(n)) for n in range(start, start + ROWS)])


# --- writes ----------------------------------------------------------------------------------------------------------


def _world(vendor: Vendor, segments: list[tuple[str, str]]) -> Caller:
    app = create_app(Settings.model_validate({"fixture": "none", "vendor": (vendor.name,)}))
    caller = Caller(app, f"/{vendor.name}", vendor.credential)
    for attribute, value in segments:
        caller(*vendor.segments, vendor.segment(f"{attribute} {value}", attribute, value))
    for body in _bulks(vendor):
        caller(*vendor.bulk, body)
    return caller


def _writes(vendor: Vendor) -> list[str]:
    spread = [(f"a{n}", f"v{value}") for n in range(ATTRIBUTES) for value in range(SEGMENTS // ATTRIBUTES)]
    worlds = {
        "no segment": _world(vendor, []),
        f"{SEGMENTS} segments over {ATTRIBUTES} attributes": _world(vendor, spread),
        f"{SEGMENTS} segments over the one attribute": _world(vendor, [("a0", f"v{n}") for n in range(SEGMENTS)]),
    }
    gc.collect()
    gc.freeze()
    times: dict[str, list[float]] = {name: [] for name in worlds}
    for round in range(ROUNDS):
        for name, caller in worlds.items():
            for number in range(CALLS):
                body = vendor.contact(_email(number * 97), {"a0": f"v{(round + number) % VALUES}"})
                times[name].append(caller.timed(*vendor.write, body))
    medians = {name: statistics.median(some) for name, some in times.items()}
    base = medians["no segment"]
    return [
        f"| {vendor.name} | {name} | {median * 1e6:.0f} | {median / base:.2f} |" for name, median in medians.items()
    ]


# --- making one ------------------------------------------------------------------------------------------------------


class _Making(threading.Thread):
    """One request that makes a segment; says how long it took and how many are in it."""

    def __init__(self, port: int, vendor: Vendor, attribute: str) -> None:
        super().__init__()
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        self._vendor = vendor
        self._attribute = attribute
        self.seconds = 0.0
        self.count = 0

    def run(self) -> None:
        vendor = self._vendor
        began = time.perf_counter()
        answer = _ask(self._connection, vendor, vendor.segments, vendor.segment(self._attribute, self._attribute, "v0"))
        self.seconds, self.count = time.perf_counter() - began, vendor.count(answer)


def _ask(connection: http.client.HTTPConnection, vendor: Vendor, how: tuple[str, str], body: dict[str, Any]) -> Any:
    headers = {"Authorization": vendor.credential, "Content-Type": "application/json"}
    connection.request(how[0], f"/{vendor.name}{how[1]}", orjson.dumps(body), headers)
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status < 300, text
    return orjson.loads(text)


def _write(vendor: Vendor, number: int) -> bytes:
    body = orjson.dumps(vendor.contact(_email(number * 97 % SIZE), {"seen": f"{number}"}))
    return load.request(vendor.write[0], f"/{vendor.name}{vendor.write[1]}", {"Authorization": vendor.credential}, body)


def _making(vendor: Vendor) -> Iterator[str]:
    with lookalike("--fixture", "none", "--vendor", vendor.name) as (port, _):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for body in _bulks(vendor):
            _ask(connection, vendor, vendor.bulk, body)
        for attribute in ("tenth", "half", "all"):
            making = _Making(port, vendor, attribute)
            quiet = load.run(port, lambda n: _write(vendor, n), connections=CONNECTIONS, seconds=1.0)
            making.start()
            seen: list[float] = []
            while making.is_alive():
                seen += load.run(port, lambda n: _write(vendor, n), connections=CONNECTIONS, count=20).times
            high = sorted(seen)[int(len(seen) * 0.99)] * 1000
            yield (
                f"| {vendor.name} | {making.count:,} | {making.seconds:.2f} | {high:.1f} | {max(seen) * 1000:.1f} "
                f"| {quiet.percentile(0.99):.1f} | {len(seen) / making.seconds:,.0f} |"
            )


def report() -> list[str]:
    """Markdown lines."""
    lines = ["| vendor | a write at 100,000 contacts with | microseconds | times |", "|---|---|---|---|"]
    for vendor in VENDORS:
        lines += _writes(vendor)
    lines += [
        "",
        f"| vendor | members of the segment that is made | seconds | p99 of {CONNECTIONS} others' writes meanwhile, ms "
        "| most | p99 at rest | answers a second meanwhile |",
        "|---|---|---|---|---|---|---|",
    ]
    for vendor in VENDORS:
        lines += _making(vendor)
    return lines
