"""Servers on a `tinydb:` file, killed 200 times while two vendors are written to; see `tests/stores/killing.py`."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.stores.killing import MOMENTS, Crashes, Refused

KILLS = 200


def report() -> list[str]:
    """Markdown lines."""
    lines = ["| killed during | kills | requests answered | lost, unreadable or by halves |", "|---|---|---|---|"]
    seed = int(time.time())
    for moment in MOMENTS:
        with tempfile.TemporaryDirectory() as folder:
            crashes, failures = Crashes(Path(folder) / "state.json", seed), 0
            while crashes.kills < KILLS // len(MOMENTS):
                try:
                    crashes.crash(moment)
                except Refused as error:
                    lines.append(f"| {moment} | {crashes.kills} | {crashes.answered} | {error} |")
                    failures += 1
                    break
            if not failures:
                crashes.finish()
                lines.append(f"| {moment} | {crashes.kills} | {crashes.answered:,} | 0 |")
    return [*lines, "", f"Seed {seed}."]
