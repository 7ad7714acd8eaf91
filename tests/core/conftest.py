"""What the tests of commands share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import Result

from tests.core.terminal import invoke


@pytest.fixture
def run(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """`run("clock", "show")`: a command in this process, talking to the fixture `server` if the test has it."""
    if "server" in request.fixturenames:
        monkeypatch.setenv("LOOKALIKE_URL", request.getfixturevalue("server").url)
    return invoke
