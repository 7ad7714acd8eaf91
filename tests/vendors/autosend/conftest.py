"""A client of an empty AutoSend project, on a clock that stands still unless a test moves it."""

from __future__ import annotations

import pytest

from tests.vendors.autosend.bodies import START


@pytest.fixture
def client(sandbox):
    made = sandbox("autosend")
    made.sandbox.prepare()
    made.clock(freeze=START)
    return made
