"""SegMailer has no SDK: its users call it with what their language has, over a real socket."""

from __future__ import annotations

import pytest

from lookalike.clock import parse_instant
from tests.clients.segmailer.support import NOW


@pytest.fixture
def variables(live_server, workspace) -> dict[str, str]:
    """Where SegMailer is and the key of an empty workspace whose clock stands still at `NOW`."""
    live_server.sandbox.workspace(workspace).clock.freeze(parse_instant(NOW))
    key = live_server.sandbox.vendors["segmailer"].sample_key
    return {"SEGMAILER_URL": live_server.urls()["segmailer"], "SEGMAILER_API_KEY": f"{key}~{workspace}"}
