"""Runs every benchmark, or those named on the command line, and prints Markdown for `bench/README.md`."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

BENCHMARKS = {
    "overhead": "What lookalike adds to a request",
    "growth": "Cost of a call as contacts grow, in microseconds",
    "peers": "Requests per second beside emulate",
    "edges": "Creates per second behind three embedded servers",
    "shared": "Requests per second of several servers on one Redis",
    "startup": "Start to ready",
    "segments": "Rule-based segments",
    "lengthy": "Others meanwhile",
    "due": "Others while much falls due",
    "stores": "Stores",
    "crash": "Killed servers",
    "crowds": "Large audiences",
    "plugin": "The pytest plugin",
}


def main(names: list[str]) -> int:
    """Run them in order; an unknown name ends with status 2."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"no benchmark is called {unknown[0]}: choose from {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {platform.system()}\n")
    for name in names or BENCHMARKS:
        print(f"## {BENCHMARKS[name]}\n")
        print("\n".join(importlib.import_module(f"bench.{name}").report()), "\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
