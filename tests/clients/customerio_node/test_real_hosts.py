"""Every method under `lookalike run`: no URL given, the SDK's own host names, US by default and EU."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts import javascript
from tests.clients.customerio_node.support import (
    LOOKUPS,
    OTHERS,
    PIPELINES,
    PLANNED,
    READS,
    SENDS,
    TRACK,
    TRACK_WITH_MORE,
)

pytestmark = pytest.mark.client

APP = {**READS, **SENDS, **{method: arguments for method, (arguments, _) in LOOKUPS.items()}, **OTHERS, **PLANNED}
STEPS = [
    [client, method, *arguments]
    for client, methods in (("track", {**TRACK, **TRACK_WITH_MORE}), ("pipelines", PIPELINES), ("api", APP))
    for method, arguments in methods.items()
]


def outcomes(answers: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    """Method and `ok`, or the status and message it was refused with."""
    told = ("ok" if "ok" in one else (one["status"], one["message"].partition(" (reference")[0]) for one in answers)
    return [(step[1], outcome) for step, outcome in zip(STEPS, told, strict=True)]


@pytest.mark.parametrize("region", ["", "US", "EU"])
def test_every_method_at_the_vendors_own_hosts(node, drive, ca_folder, region):
    node_path = str(javascript.find_node())
    script = Path(__file__).parent / "drive.mjs"
    ours = [
        "run",
        "--vendor",
        "customerio",
        "--fixture",
        "none",
        "--block-others",
        "--ca-folder",
        str(ca_folder),
        "--json",
    ]
    environment = {"PATH": os.environ["PATH"], "KEY": "cio_lookalike", "REGION": region, "STEPS": json.dumps(STEPS)}
    command = [sys.executable, "-m", "lookalike", *ours, "--", node_path, str(script)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    *answers, waits = [json.loads(line) for line in done.stdout.splitlines()]
    assert outcomes(answers) == outcomes(drive(*STEPS).answers)
    assert waits == []
    summary = json.loads(done.stderr.splitlines()[-1])
    assert summary["vendors"]["customerio"]["requests"] >= len(STEPS)
    assert summary["refused"] == {}
