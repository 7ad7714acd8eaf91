"""Two stores in processes of their own that take turns: while one creates contacts, the other stands still altogether.

So each pays for all that it does, the files that it writes in the background too, and a busy minute of the machine
meets both. In one process the background of one would take its time from the other.
"""

from __future__ import annotations

import gc
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.callers import Caller
from bench.processes import ROOT
from bench.worlds import OpenSend
from lookalike.app import App, create_app
from lookalike.settings import Settings

SIZE = 100_000
TURN = 500
"""Creates at a time."""

TURNS = 200
"""So that there are twice as many contacts in the end, and the file was written once on the way or twice."""


def world_on(store: str, size: int = SIZE) -> tuple[App, OpenSend]:
    """A sandbox on a store, and so many contacts in it."""
    app = create_app(Settings.model_validate({"fixture": "none", "vendor": ("opensend",), "store": store}))
    world = OpenSend(Caller(app, "/opensend", "Bearer os_bench"))
    world.prepare(size)
    return app, world


@dataclass
class Runner:
    """A process that creates contacts when told to."""

    process: subprocess.Popen[str]
    times: list[float] = field(default_factory=list)

    def take_turn(self) -> None:
        """Have it create some, and note the seconds of each."""
        os.kill(self.process.pid, signal.SIGCONT)
        self.tell(TURN)
        self.times += map(float, self.hear().split())
        os.kill(self.process.pid, signal.SIGSTOP)

    def tell(self, creates: int) -> None:
        assert self.process.stdin is not None
        print(creates, file=self.process.stdin, flush=True)

    def hear(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()


@contextmanager
def _runner(store: str) -> Iterator[Runner]:
    """One that is ready, and stands still."""
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-m", "bench.turns", store], cwd=ROOT, **pipes) as process:
        runner = Runner(process)
        runner.hear()
        os.kill(process.pid, signal.SIGSTOP)
        try:
            yield runner
        finally:
            os.kill(process.pid, signal.SIGCONT)
            runner.tell(0)
            process.wait(timeout=60)


def in_turns() -> tuple[list[float], list[float]]:
    """Seconds of each create in memory and on `tinydb:`, from `SIZE` contacts on."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        memory, tiny = (
            running.enter_context(_runner(store)) for store in ("memory:", f"tinydb:{Path(folder) / 'state.json'}")
        )
        for _ in range(TURNS):
            memory.take_turn()
            tiny.take_turn()
        return memory.times, tiny.times


def row(name: str, times: list[float], base: list[float]) -> str:
    """A line of a table: microseconds, and what share of the rate of `base` that is."""
    shown = " | ".join(
        f"{seconds * 1e6:.0f}"
        for seconds in (statistics.median(times), statistics.mean(times), percentile(times, 0.99))
    )
    by_medians = statistics.median(base) / statistics.median(times)
    by_means = statistics.mean(base) / statistics.mean(times)
    return f"| {name} | {shown} | {by_medians:.2f} | {by_means:.2f} |"


def percentile(times: list[float], share: float) -> float:
    return sorted(times)[int(len(times) * share)]


def _run(store: str) -> None:
    """What a runner's process does."""
    app, world = world_on(store)
    if app.sandbox.store.keeps:
        app.sandbox.store.flush()  # type: ignore[attr-defined]  # of the tinydb store
    gc.collect()
    gc.freeze()
    create = world.measures()["create"]
    print("ready", flush=True)
    while creates := int(sys.stdin.readline()):
        print(*(create(0) for _ in range(creates)), flush=True)
    app.sandbox.close()


if __name__ == "__main__":
    _run(sys.argv[1])
