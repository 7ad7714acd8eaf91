"""What the stores cost at 100,000 contacts: a create on `tinydb:` and in memory, and answers during a compaction.

The sandboxes stand side by side and are called in turn, without a socket.
"""

from __future__ import annotations

import gc
import statistics
import tempfile
import threading
import time
from pathlib import Path

from bench.callers import Caller
from bench.worlds import OpenSend
from lookalike.app import App, create_app
from lookalike.settings import Settings

SIZE = 100_000
ROUNDS = 60
CALLS = 100


def _world(store: str) -> tuple[App, OpenSend]:
    app = create_app(Settings.model_validate({"fixture": "none", "vendor": ("opensend",), "store": store}))
    world = OpenSend(Caller(app, "/opensend", "Bearer os_bench"))
    world.prepare(SIZE)
    return app, world


def _creates(world: OpenSend) -> list[float]:
    return [world.measures()["create"](0) for _ in range(CALLS)]


def _percentile(times: list[float], share: float) -> float:
    return sorted(times)[int(len(times) * share)]


def report() -> list[str]:
    """Markdown lines."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.json"
        _, memory = _world("memory:")
        app, tiny = _world(f"tinydb:{path}")
        store = app.sandbox.store
        gc.collect()
        gc.freeze()
        times: dict[str, list[float]] = {"memory:": [], "tinydb:": []}
        for _ in range(ROUNDS):
            times["memory:"] += _creates(memory)
            times["tinydb:"] += _creates(tiny)
        lines = [
            f"| create at {SIZE:,} contacts | microseconds (median) | p99 | of memory's rate |",
            "|---|---|---|---|",
        ]
        base = statistics.median(times["memory:"])
        for name, some in times.items():
            median, high = statistics.median(some), _percentile(some, 0.99)
            lines.append(f"| `{name}` | {median * 1e6:.0f} | {high * 1e6:.0f} | {base / median:.2f} |")
        seconds, during = _during_compaction(store, tiny)
        lines += ["", "| while the file is written (`tinydb:`) | |", "|---|---|"]
        lines.append(f"| the file, MB | {path.stat().st_size / 1e6:.0f} |")
        lines.append(f"| writing it took, s | {seconds:.2f} |")
        lines.append(f"| creates answered meanwhile | {len(during):,} |")
        lines.append(f"| the longest of them, ms | {max(during) * 1e3:.1f} |")
        lines.append(f"| p99, ms | {_percentile(during, 0.99) * 1e3:.1f} |")
        app.sandbox.close()
    return lines


def _during_compaction(store: object, world: OpenSend) -> tuple[float, list[float]]:
    """How long a compaction took, and each create that was answered while it ran."""
    took: list[float] = []

    def flush() -> None:
        began = time.perf_counter()
        store.flush()  # type: ignore[attr-defined]  # of the tinydb store
        took.append(time.perf_counter() - began)

    during: list[float] = []
    thread = threading.Thread(target=flush)
    create = world.measures()["create"]
    create(0)
    thread.start()
    while thread.is_alive():
        during.append(create(0))
    return took[0], during
