"""What a call costs with 0, 1,000, 10,000 and 100,000 contacts: create, get, update, a page of 100, membership, search.

Once without a socket, where little else hides what grows, and once with one, which is what a call costs the server.
Sandboxes of all sizes stand side by side and are measured in turn, so that a busy machine touches all of them. Each
figure is the median of many single calls, in microseconds. "0" is the contacts that a full page and the calls
themselves need, so that the pages compared are equally long. What a round makes it unmakes again.
"""

from __future__ import annotations

import gc
import os
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from bench.callers import Caller, WireCaller
from bench.processes import lookalike
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
    gc.collect()
    gc.freeze()
    return worlds


@contextmanager
def _on_one_core() -> Iterator[None]:
    """What is started here stays on one core: which it is may make more of a difference than what is measured.

    A server that has but one does not stay awake for its clients, which would count as the cost of a call.
    """
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


@contextmanager
def _servers(vendor: str) -> Iterator[dict[int, Any]]:
    """The smallest and the largest, each in a process of its own."""
    kind, key = VENDORS[vendor]
    with ExitStack() as running:
        worlds = {}
        for size in (SIZES[0], SIZES[-1]):
            with _on_one_core():
                port, pid = running.enter_context(lookalike("--fixture", "none", "--journal", "1000"))
            worlds[size] = kind(WireCaller(port, pid, f"/{vendor}", key))
            worlds[size].prepare(size)
        yield worlds


def measure(worlds: dict[int, Any]) -> dict[str, dict[int, float]]:
    """Operation -> size -> microseconds a call."""
    times: dict[tuple[str, int], list[float]] = {}
    for _ in range(ROUNDS):
        for size, world in worlds.items():
            for name, call in world.measures().items():
                times.setdefault((name, size), []).extend(world.call.costs(call, CALLS))
            world.undo(max(size, LEAST) + 1)
            for name, call in world.heavy().items():
                times.setdefault((name, size), []).append(call())
    names = dict.fromkeys(name for name, _ in times)
    return {name: {size: statistics.median(times[name, size]) * 1e6 for size in worlds} for name in names}


def _table(
    vendors: Iterable[str], sizes: Sequence[int], measured: Callable[[str], dict[str, dict[int, float]]]
) -> list[str]:
    titles = " | ".join(f"{size:,}" for size in sizes)
    lines = [f"| vendor | operation | {titles} | {sizes[-1]:,} : {sizes[0]} |", "|---" * (len(sizes) + 3) + "|"]
    for vendor in vendors:
        for name, by_size in measured(vendor).items():
            figures = " | ".join(f"{by_size[size]:.0f}" for size in sizes)
            lines.append(f"| {vendor} | {name} | {figures} | {by_size[sizes[-1]] / by_size[sizes[0]]:.2f} |")
    return lines


def _over_sockets(vendor: str) -> dict[str, dict[int, float]]:
    with _servers(vendor) as worlds:
        return measure(worlds)


def report() -> list[str]:
    """Markdown lines."""
    return [
        *_table(VENDORS, SIZES, lambda vendor: measure(_worlds(vendor))),
        "",
        "Processor time of the server, socket and all:",
        "",
        *_table(("opensend", "autosend"), (SIZES[0], SIZES[-1]), _over_sockets),
    ]
