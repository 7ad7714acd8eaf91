"""npm `customerio-node`, unmodified, against Customer.io over a real socket."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lookalike.clock import parse_instant
from tests.clients.customerio_node.support import START


@dataclass
class Run:
    """What the steps came to: `answers` as the methods returned or threw them, the `waits` between attempts in ms."""

    answers: list[dict[str, Any]]
    waits: list[float]

    @property
    def oks(self) -> list[Any]:
        """What the methods returned; none may have failed."""
        assert [one for one in self.answers if "ok" not in one] == []
        return [one["ok"] for one in self.answers]


@pytest.fixture
def drive(node, live_server, workspace) -> Callable[..., Run]:
    """`drive(["api", "getSegment", 1], ...)`: calls these in an empty workspace whose clock stands still at `START`."""
    live_server.sandbox.workspace(workspace).clock.freeze(parse_instant(START))
    url = live_server.urls()["customerio"].rstrip("/")

    def run(*steps: list[Any], key: str = "cio_lookalike", **options: Any) -> Run:
        variables = {
            "URL": url,
            "KEY": f"{key}~{workspace}",
            "STEPS": json.dumps(steps),
            "OPTIONS": json.dumps(options),
        }
        *answers, waits = node(Path(__file__).parent / "drive.mjs", **variables)
        return Run(answers, waits)

    return run


@pytest.fixture
def fault(live_server, workspace) -> Iterator[Callable[..., None]]:
    """`fault("identify", script="503x2, ok")`: a rule for one operation in this test's workspace."""
    rules = []

    def add(operation: str, **rule: Any) -> None:
        when = {"vendor": "customerio", "workspace": workspace, "operation": operation}
        rules.append(live_server.sandbox.faults.add({"when": when, **rule}))

    yield add
    for rule in rules:
        live_server.sandbox.faults.remove(rule.id)


@pytest.fixture
def asked(live_server, workspace) -> Callable[[], list[tuple[str, int]]]:
    """Operation and status of every request that reached this test's workspace."""
    return lambda: [(e.operation, e.status) for e in live_server.sandbox.journal if e.workspace == workspace]
