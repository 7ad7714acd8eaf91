"""A client of an empty Customer.io workspace, on a clock that stands still unless a test moves it."""

from __future__ import annotations

import pytest

from tests.support import Client
from tests.vendors.customerio.bodies import START
from tests.vendors.customerio.contract import Described


@pytest.fixture
def client(sandbox) -> Client:
    made = sandbox("customerio")
    made.sandbox.prepare()
    made.clock(freeze=START)
    return made


@pytest.fixture
def track(client: Client) -> Described:
    """The same client, with every answer held against the vendor's own descriptions too."""
    return Described("customerio", app=client.app)
