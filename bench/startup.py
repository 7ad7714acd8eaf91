"""From the command to *ready* (listening and seeded with the demo fixture), and the memory it takes then."""

from __future__ import annotations

import statistics
import time

from bench.processes import compiled, resident_megabytes, start_lookalike, stop

ROUNDS = 15


def report() -> list[str]:
    """Markdown lines."""
    compiled()
    seconds, memory = [], []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        process = start_lookalike("--fixture", "demo")
        assert process.stdout is not None
        process.stdout.readline()
        seconds.append(time.perf_counter() - began)
        memory.append(resident_megabytes(process.pid))
        stop(process)
    return [
        "| | median | least | most |",
        "|---|---|---|---|",
        f"| start to ready, s | {statistics.median(seconds):.2f} | {min(seconds):.2f} | {max(seconds):.2f} |",
        f"| resident, MB | {statistics.median(memory):.0f} | {min(memory):.0f} | {max(memory):.0f} |",
    ]
