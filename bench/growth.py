"""What a call costs with 0, 1,000, 10,000 and 100,000 contacts: create, get, update, a page of 100, membership, search.

Sandboxes of all sizes stand side by side and are measured in turn, so that a busy machine touches all of them. Each
figure is the median of many single calls, in microseconds. "0" is the contacts that a full page and the calls
themselves need, so that the pages compared are equally long. What a round makes it unmakes again.
"""

from __future__ import annotations

import gc
import statistics
from typing import Any

from bench.callers import Caller
from bench.worlds import CALLS, LEAST, VENDORS
from lookalike.app import create_app
from lookalike.settings import Settings

SIZES = (0, 1_000, 10_000, 100_000)
ROUNDS = 12


def _worlds(vendor: str) -> dict[int, Any]:
    kind, key = VENDORS[vendor]
    worlds = {}
    for size in SIZES:
        app = create_app(Settings.model_validate({"fixture": "none", "vendor": (vendor,), "journal": 1000}))
        worlds[size] = kind(Caller(app, f"/{vendor}", key))
        worlds[size].prepare(size)
    return worlds


def measure(vendor: str) -> dict[str, dict[int, float]]:
    """Operation -> size -> microseconds a call."""
    worlds = _worlds(vendor)
    gc.collect()
    gc.freeze()
    times: dict[tuple[str, int], list[float]] = {}
    for _ in range(ROUNDS):
        for size, world in worlds.items():
            for name, call in world.measures().items():
                times.setdefault((name, size), []).extend(call(i) for i in range(CALLS))
            world.undo(max(size, LEAST) + 1)
            for name, call in world.heavy().items():
                times.setdefault((name, size), []).append(call())
    names = dict.fromkeys(name for name, _ in times)
    return {name: {size: statistics.median(times[name, size]) * 1e6 for size in SIZES} for name in names}


def report() -> list[str]:
    """Markdown lines."""
    lines = ["| vendor | operation | 0 | 1,000 | 10,000 | 100,000 | 100,000 : 0 |", "|---|---|---|---|---|---|---|"]
    for vendor in VENDORS:
        for name, by_size in measure(vendor).items():
            figures = " | ".join(f"{by_size[size]:.0f}" for size in SIZES)
            lines.append(f"| {vendor} | {name} | {figures} | {by_size[SIZES[-1]] / by_size[SIZES[0]]:.2f} |")
    return lines
