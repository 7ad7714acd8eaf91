"""What tests of commands share, and those of fixtures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.core.terminal import invoke


@pytest.fixture
def run(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """`run("clock", "show")`: a command in this process, talking to the fixture `server` if the test has it."""
    if "server" in request.fixturenames:
        monkeypatch.setenv("LOOKALIKE_URL", request.getfixturevalue("server").url)
    return invoke


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Writes a fixture file and names it as the user would."""
    monkeypatch.chdir(tmp_path)

    def write(content: str | bytes | dict[str, Any], name: str = "crm.yaml") -> str:
        if isinstance(content, dict):
            content = json.dumps(content)
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return name

    return write
