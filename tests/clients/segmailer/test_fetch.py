"""SegMailer's own way to call it: `fetch` with a key and a JSON string; contacts move between segments at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import javascript
from tests.clients.segmailer.support import expected
from tests.support import TIME

pytestmark = pytest.mark.client

SCRIPT = Path(__file__).parent / "fetch.mjs"


def outcomes(lines):
    return {name: (told["status"], told["body"]) for name, told in lines}


def test_the_sample(node, live_server, workspace, variables):
    assert outcomes(node(SCRIPT, **variables)) == expected()
    sent = [entry for entry in live_server.sandbox.journal if entry.workspace == workspace]
    types = {entry.as_json()["headers"].get("content-type") for entry in sent if entry.method == "POST"}
    assert types == {"text/plain;charset=UTF-8"}


def test_the_sample_at_the_vendors_own_host(node, ca_folder):
    """Under `lookalike run` not even the host is another one."""
    ours = ["run", "--vendor", "segmailer", "--fixture", "none", "--block-others", "--ca-folder", str(ca_folder)]
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    environment = {**kept, "SEGMAILER_API_KEY": "sm_lookalike"}
    script = "delete process.env.SEGMAILER_URL; await import(process.argv[1]);"
    theirs = [str(javascript.find_node()), "--input-type=module", "--eval", script, str(SCRIPT)]
    command = [sys.executable, "-m", "lookalike", *ours, "--json", "--", *theirs]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    times = {"createdAt": TIME, "updatedAt": TIME}
    assert outcomes(map(json.loads, done.stdout.splitlines())) == expected(times)
    summary = json.loads(done.stderr.splitlines()[-1])
    assert (summary["vendors"]["segmailer"]["requests"], summary["refused"]) == (11, {})
