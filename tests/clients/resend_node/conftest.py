"""npm `resend`, unmodified, against OpenSend over a real socket."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lookalike.clock import parse_instant
from tests.clients.resend_node.support import NOW

Run = Callable[[str], dict[str, Any]]


@pytest.fixture
def resend(node, live_server, workspace) -> Run:
    """`resend("contacts.mjs")`: runs a scenario in an empty workspace whose clock stands still at `NOW`.

    Answers what each call of the scenario returned, by the name that the scenario gives it.
    """
    live_server.sandbox.workspace(workspace).clock.freeze(parse_instant(NOW))
    variables = {
        "RESEND_API_KEY": f"{live_server.sandbox.vendors['opensend'].sample_key}~{workspace}",
        "RESEND_BASE_URL": live_server.urls()["opensend"],
    }

    def run(scenario: str) -> dict[str, Any]:
        return dict(node(Path(__file__).parent / scenario, **variables))

    return run
