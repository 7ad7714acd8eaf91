"""A client of an empty SegMailer workspace, on a clock that stands still unless a test moves it."""

from __future__ import annotations

import pytest

from tests.vendors.segmailer.bodies import START


@pytest.fixture
def client(sandbox):
    made = sandbox("segmailer")
    made.sandbox.prepare()
    made.clock(freeze=START)
    return made
