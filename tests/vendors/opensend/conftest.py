"""What OpenSend's tests share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support import Client


@pytest.fixture
def client(sandbox: Callable[..., Client]) -> Client:
    """A sandbox whose clock stands at noon."""
    made = sandbox("opensend")
    made.clock(freeze="2026-03-01T12:00:00Z")
    return made
