"""A client of an empty Invent organization, on a clock that stands still unless a test moves it."""

from __future__ import annotations

import pytest

from tests.vendors.invent.bodies import START


@pytest.fixture
def client(sandbox):
    made = sandbox("invent")
    made.sandbox.prepare()
    made.clock(freeze=START)
    return made
