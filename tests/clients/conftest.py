"""Fixtures for the tests that drive official SDKs."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts import javascript
from tests.lacking import lacking

Node = Callable[..., list[Any]]


@pytest.fixture(scope="session")
def node() -> Node:
    """`node(script, RESEND_API_KEY="os_...")`: runs an .mjs file under these variables and PATH alone.

    Answers what it printed, one JSON value a line. Without Node or the SDKs the test is skipped; in CI it fails.
    """
    reason = javascript.missing()
    if reason is not None:
        lacking(reason)
    binary = javascript.find_node()

    def run(script: Path, *arguments: str, timeout: float = 60, **variables: str) -> list[Any]:
        environment = {"PATH": os.environ.get("PATH", ""), **variables}
        command = [str(binary), str(script), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=environment, check=False)
        assert done.returncode == 0, f"{script.name} ended with {done.returncode}:\n{done.stderr}\n{done.stdout}"
        return [json.loads(line) for line in done.stdout.splitlines()]

    return run
