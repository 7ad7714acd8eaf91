"""What was acknowledged survives SIGKILL, and nothing is there by halves. `bench/crash.py` does it 200 times."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.stores.killing import MOMENTS, Crashes


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_killed_at_any_moment(tmp_path: Path):
    crashes = Crashes(tmp_path / "state.json", seed=1)
    for moment in MOMENTS:
        crashes.crash(moment)
    crashes.finish()
    assert crashes.kills == 5
    assert crashes.answered > 20
