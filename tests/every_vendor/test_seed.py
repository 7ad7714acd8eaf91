"""The same seed gives the same bytes in every answer; another seed gives other people."""

from __future__ import annotations

import pytest

from tests.every_vendor.worlds import JSON, NAMES, VENDORS, contents, path_of
from tests.support import Client


def _every_read(vendor: str, seed: int) -> dict[str, bytes]:
    """What every GET answers on the demo fixture at a frozen time, with the fixture's ids where a path wants one."""
    client = Client(vendor, settings={"fixture": "demo", "seed": seed})
    client.clock(freeze="2026-03-01T12:00:00Z")
    client.get("/", headers=JSON)
    held = contents(client)
    reads = [operation for operation in VENDORS[vendor].operations if operation.method == "GET"]
    return {operation.id: client.get(path_of(operation, held), headers=JSON).raw for operation in reads}


@pytest.mark.parametrize("vendor", NAMES)
def test_the_same_seed_gives_the_same_bytes(vendor):
    first = _every_read(vendor, seed=7)
    assert first == _every_read(vendor, seed=7)
    assert first != _every_read(vendor, seed=8)
    assert sum(len(raw) for raw in first.values()) > 5_000


@pytest.mark.parametrize("vendor", NAMES)
def test_two_fresh_workspaces_hold_the_same(vendor):
    one = Client(vendor, settings={"fixture": "demo"})
    other = one.as_key(f"{VENDORS[vendor].sample_key}~other")
    for client in (one, other):
        client.get("/", headers=JSON)
    assert contents(one) == contents(one, "other") != {}
