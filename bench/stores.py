"""What the stores cost: a create on `tinydb:` and in memory, answers during a compaction, forks and snapshots.

The sandboxes stand side by side and are called in turn, without a socket. Creates are measured while nothing
else goes on (but the journal's way to the disk, once a second), and while the file is written; and in the long run,
in which the store itself says when the file is due (see `bench.turns`).
"""

from __future__ import annotations

import gc
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from bench.callers import Caller
from bench.turns import SIZE, in_turns, percentile, row, world_on
from bench.worlds import OpenSend
from lookalike.app import App

ROUNDS = 60
CALLS = 100
REPEATS = 15
COMPACTIONS = 10


def _creates(world: OpenSend) -> list[float]:
    return [world.measures()["create"](0) for _ in range(CALLS)]


def report() -> list[str]:
    """Markdown lines."""
    return [*_creates_side_by_side(), "", *_copies(), "", *_memory()]


def _creates_side_by_side() -> list[str]:
    long_base, long_run = in_turns()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.json"
        _, memory = world_on("memory:")
        app, tiny = world_on(f"tinydb:{path}")
        store = app.sandbox.store
        store.flush()  # type: ignore[attr-defined]  # of the tinydb store
        gc.collect()
        gc.freeze()
        lines = [
            f"| create at {SIZE:,} contacts | microseconds (median) | mean | p99 | of memory's rate | by means |",
            "|---|---|---|---|---|---|",
        ]
        base, times = [], []
        for _ in range(ROUNDS):
            base += _creates(memory)
            times += _creates(tiny)
        lines += [row("`memory:`", base, base), row("`tinydb:`", times, base)]
        seconds, during = _during_compactions(store, tiny)
        lines += [
            row("`memory:` in the long run", long_base, long_base),
            row("`tinydb:` in the long run, files included", long_run, long_base),
            row("`tinydb:` while the file is written", during, base),
            "",
            "| while the file is written (`tinydb:`) | |",
            "|---|---|",
            f"| the file, MB | {path.stat().st_size / 1e6:.0f} |",
            f"| writing it took, s (median of {COMPACTIONS}) | {statistics.median(seconds):.2f} |",
            f"| creates answered meanwhile | {len(during):,} |",
            f"| the longest of them, ms | {max(during) * 1e3:.1f} |",
            f"| p99, ms | {percentile(during, 0.99) * 1e3:.1f} |",
        ]
        app.sandbox.close()
    return lines


def _copies() -> list[str]:
    """Forks and snapshots at three sizes, in milliseconds."""
    lines = [
        "| milliseconds | fork | first write in it | next | take a snapshot | go back to it | the same on `tinydb:` |",
        "|---|---|---|---|---|---|---|",
    ]
    for size in (1_000, 10_000, 100_000):
        app, world = world_on("memory:", size)
        figures = [*_forks(app, world), *_snapshots(app)]
        with tempfile.TemporaryDirectory() as folder:
            app, _ = world_on(f"tinydb:{Path(folder) / 'state.json'}", size)
            figures.append(_snapshots(app)[1])
            app.sandbox.close()
        lines.append(f"| {size:,} contacts | " + " | ".join(f"{seconds * 1e3:.2f}" for seconds in figures) + " |")
    return lines


def _forks(app: App, world: OpenSend) -> list[float]:
    control = Caller(app, "/_lookalike", "")
    times: list[list[float]] = [[], [], []]
    gc.collect()
    gc.freeze()
    for n in range(REPEATS):
        times[0].append(control.timed("POST", "/workspaces", {"name": f"f{n}", "from": "default"}))
        fork = Caller(app, "/opensend", f"Bearer os_bench~f{n}")
        for some in times[1:]:
            some.append(fork.timed("POST", "/contacts", {"email": world.email(), "first_name": "Ann"}))
        control("DELETE", f"/workspaces/f{n}")
    return [statistics.median(some) for some in times]


def _snapshots(app: App) -> list[float]:
    control = Caller(app, "/_lookalike", "")
    world = OpenSend(Caller(app, "/opensend", "Bearer os_bench"))
    times: list[list[float]] = [[], []]
    for n in range(REPEATS):
        times[0].append(control.timed("PUT", "/snapshots/base"))
        world.call("POST", "/contacts", {"email": f"later{n}@example.com"})
        times[1].append(control.timed("POST", "/snapshots/base/restore", {}))
    return [statistics.median(some) for some in times]


_RESIDENT = """
import gc, sys
sys.path.insert(0, {root!r})
from bench.stores import _resident
from bench.turns import world_on
app, world = world_on("memory:", 1_000)
gc.collect()
before = _resident()
for _ in range({size}):
    world.measures()["create"](0)
gc.collect()
print((_resident() - before) / {size})
"""


def _resident() -> int:
    """Bytes that this process holds (Linux)."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def _memory() -> list[str]:
    """Bytes that each contact more takes, in a process of its own."""
    code = _RESIDENT.format(root=str(Path(__file__).parent.parent), size=SIZE)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return [f"A contact of three fields takes {float(done.stdout):.0f} bytes in memory, index, orders and all."]


def _during_compactions(store: Any, world: OpenSend) -> tuple[list[float], list[float]]:
    """How long the file took each time, and each create that was answered while it was written."""
    took: list[float] = []

    def flush() -> None:
        began = time.perf_counter()
        store.flush()
        took.append(time.perf_counter() - began)

    during: list[float] = []
    create = world.measures()["create"]
    for _ in range(COMPACTIONS):
        thread = threading.Thread(target=flush)
        create(0)
        thread.start()
        while thread.is_alive():
            during.append(create(0))
    return took, during
