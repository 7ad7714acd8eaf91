"""What fresh workspaces hold is told as of the fixture's own time, whenever that is done."""

from __future__ import annotations

from typing import Any

import pytest

from lookalike import clock
from lookalike.templates import Template
from lookalike.vendor import known

FIXTURE = """
now: 2026-01-15T00:00:00Z
groups:
  - {name: Fresh, where: {field: seen, op: within_last, value: 7d}}
  - {name: Readers}
people:
  list:
    - {email: a@example.com, attributes: {seen: "2026-01-12"}, groups: [Readers]}
    - {email: b@example.com, attributes: {seen: "2026-01-02"}}
"""


def told(vendor: str, monkeypatch: pytest.MonkeyPatch, at: str) -> Any:
    """Every document, as it is told at an instant of real time."""
    instant = clock.parse_instant(at)
    monkeypatch.setattr(clock.time, "time", lambda: instant)
    store = Template({vendor: known()[vendor]()}, FIXTURE, seed=1).store(vendor)
    return {
        (name, of, resource.name): documents
        for name in store.workspaces()
        for of in (vendor, "lookalike")
        for resource, documents in store.contents(name, of)
    }


@pytest.mark.parametrize("vendor", sorted(known()))
def test_real_time_leaves_no_trace(vendor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = told(vendor, monkeypatch, "2026-01-15T00:00:00Z")
    assert any(first.values())
    for at in ("2025-06-01T12:00:00Z", "2027-06-01T12:00:00Z"):
        assert told(vendor, monkeypatch, at) == first
