"""A million people with each vendor: how fast they come, what they take, and what goes on with them there.

Each vendor has a process of its own. Calls go in without a socket; "others" are pages of a list that a second thread
asks for while the work goes on.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from bench.callers import Caller
from lookalike.app import create_app
from lookalike.settings import Settings

PEOPLE = int(os.environ.get("CROWDS_PEOPLE", "1000000"))
MEANWHILE = 10
"""Every so many of a hundred people come while others ask."""
PAGES = 300

_chance = Random(1)
_PRO = {"attribute": {"field": "plan", "operator": "eq", "value": "pro"}}
_TEAM = {"field": "plan", "fieldType": "string", "operator": "equals", "value": "team"}

Call = tuple[str, str, Any]


def _random_id() -> str:
    return str(UUID(int=_chance.getrandbits(128), version=4))


def _random_page() -> int:
    return _chance.randrange(1, PEOPLE // 100)


def _address() -> str:
    return f"person{_chance.randrange(PEOPLE)}@example.com"


KEYS = {
    "autosend": "Bearer AS_bench",
    "customerio": "Bearer cio_bench",
    "invent": "Bearer inv_bench",
    "opensend": "Bearer os_bench",
    "segmailer": "Bearer sm_bench",
}

PAGE: dict[str, Callable[[], Call]] = {
    "autosend": lambda: ("POST", "/v1/contacts/search/emails", {"emails": [_address() for _ in range(100)]}),
    "customerio": lambda: ("POST", "/v1/customers?limit=100", {"filter": {"and": [_PRO]}}),
    "invent": lambda: ("GET", f"/orgs/c/contacts?take=100&page={_random_page()}", None),
    "opensend": lambda: ("GET", f"/contacts?limit=100&after={_random_id()}", None),
    "segmailer": lambda: ("GET", f"/api/v2/contacts?limit=100&page={_random_page()}", None),
}
"""A page of a hundred, anywhere; where the vendor has no list, its nearest."""

LONG: dict[str, tuple[str, Call]] = {
    "autosend": (
        "a segment of a tenth",
        (
            "POST",
            "/v1/contact-lists",
            {"name": "Team", "type": "segment", "filterCriteria": {"logicalOperator": "AND", "groups": [_TEAM]}},
        ),
    ),
    "customerio": ("an export of a third", ("POST", "/v1/exports/customers", {"filters": {"and": [_PRO]}})),
    "invent": ("a search that finds nobody", ("GET", "/orgs/c/contacts?search=nobody%20at%20all", None)),
    "opensend": ("a search that finds nobody", ("GET", "/contacts?search=nobody%20at%20all", None)),
    "segmailer": (
        "a segment of a tenth",
        (
            "POST",
            "/api/v2/segments",
            {"name": "Team", "filter": {"attribute": "plan", "op": "eq", "value": "team"}},
        ),
    ),
}


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _meanwhile(ask: Callable[[], float], work: Callable[[], Any]) -> tuple[float, list[float]]:
    """Seconds that the work takes, and those of each answer that others got."""
    took: list[float] = []

    def timed() -> None:
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)

    times: list[float] = []
    thread = threading.Thread(target=timed)
    thread.start()
    while thread.is_alive():
        times.append(ask())
        time.sleep(0.002)  # a caller among many, not one that takes a core for itself
    thread.join()
    return took[0], times


def _worst(times: list[float]) -> dict[str, float]:
    return {"p99": sorted(times)[int(len(times) * 0.99)] * 1e3, "max": max(times) * 1e3}


def measure(vendor: str) -> dict[str, Any]:
    """Figures of one vendor; call it in a process of its own."""
    app = create_app(Settings.model_validate({"fixture": "none", "vendor": (vendor,), "journal": 1000}))
    control, caller = Caller(app, "/_lookalike", "Bearer bench"), Caller(app, f"/{vendor}", KEYS[vendor])
    control("POST", "/crowds", {"people": 1})
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 1_000)  # as the server does
    before, alone = _resident(), PEOPLE - PEOPLE // MEANWHILE

    def ask() -> float:
        return caller.timed(*PAGE[vendor]())

    began, worked = time.perf_counter(), time.process_time()
    control("POST", "/crowds", {"people": alone})
    rate, rate_alone = alone / (time.perf_counter() - began), alone / (time.process_time() - worked)
    _, meanwhile = _meanwhile(ask, lambda: control("POST", "/crowds", {"people": PEOPLE - alone, "first": alone + 1}))
    gc.collect()
    size = (_resident() - before) / PEOPLE
    pages = [ask() for _ in range(PAGES)]
    what, call = LONG[vendor]
    took, during = _meanwhile(ask, lambda: caller(*call))
    return {
        "rate": rate,
        "rate_alone": rate_alone,
        "bytes": size,
        "meanwhile": _worst(meanwhile),
        "page": {"median": statistics.median(pages) * 1e3, **_worst(pages)},
        "long": {"what": what, "seconds": took, **_worst(during)},
    }


def report() -> list[str]:
    """Markdown lines."""
    lines = [
        f"{PEOPLE:,} people.",
        "",
        "| vendor | people a second | a second of processor time | bytes a person | others meanwhile: p99, most, ms "
        "| a page of 100: median, p99, ms "
        "| long work | s | others meanwhile: p99, most, ms |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for vendor in PAGE:
        done = subprocess.run(
            [sys.executable, "-m", "bench.crowds", vendor],
            capture_output=True,
            check=False,
            text=True,
            cwd=Path(__file__).parent.parent,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        found = json.loads(done.stdout)
        meanwhile, page, long = found["meanwhile"], found["page"], found["long"]
        lines.append(
            f"| {vendor} | {found['rate']:,.0f} | {found['rate_alone']:,.0f} | {found['bytes']:.0f} "
            f"| {meanwhile['p99']:.1f}, {meanwhile['max']:.1f} "
            f"| {page['median']:.2f}, {page['p99']:.2f} | {long['what']} | {long['seconds']:.1f} "
            f"| {long['p99']:.1f}, {long['max']:.1f} |"
        )
    return lines


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))
