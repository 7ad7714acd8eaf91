"""What the pytest plugin costs: where it is unused, to start the server in a test process, for a fresh workspace."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Iterator
from time import perf_counter

from bench.processes import compiled

RUNS = 9
WORKSPACES = 300

_START = """
from time import perf_counter
begun = perf_counter()
from lookalike.testing.hosting import threaded
host = threaded({})
print(perf_counter() - begun)
host.close()
"""
_UNUSED = """
import pytest
from time import perf_counter
begun = perf_counter()
import lookalike.pytest_plugin
print(perf_counter() - begun)
"""


def _seconds(script: str) -> float:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return float(done.stdout)


def _workspaces(fixture: str) -> tuple[float, float]:
    """Median seconds to make one and to drop it, over a socket as a test does."""
    from lookalike.testing.hosting import threaded

    host = threaded({"fixture": fixture})
    made, dropped = [], []
    for number in range(WORKSPACES):
        begun = perf_counter()
        world = host.world(f"w{number}", set_variable=lambda _name, _value: None)
        middle = perf_counter()
        world.close()
        made.append(middle - begun)
        dropped.append(perf_counter() - middle)
    host.close()
    return statistics.median(made), statistics.median(dropped)


def report() -> Iterator[str]:
    """The figures as a Markdown table."""
    compiled()
    yield "| | milliseconds |"
    yield "|---|---|"
    for title, script in (("loading the plugin, unused", _UNUSED), ("start of the server in a test process", _START)):
        yield f"| {title} | {statistics.median(_seconds(script) for _ in range(RUNS)) * 1000:.1f} |"
    for fixture in ("none", "demo"):
        made, dropped = _workspaces(fixture)
        yield f"| a fresh workspace, fixture {fixture} | {made * 1000:.2f} |"
        yield f"| dropping it | {dropped * 1000:.2f} |"


if __name__ == "__main__":
    print("\n".join(report()))
