"""npm `autosendjs`, unmodified, against AutoSend over a real socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lookalike.clock import parse_instant
from lookalike.remote import Control
from tests.clients.autosend.support import NOW

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def autosend(node, live_server, workspace) -> Run:
    """`autosend("contacts.mjs")`: runs a scenario in an empty workspace whose clock stands still at `NOW`.

    Answers what each call of the scenario returned, by the name that the scenario gives it.
    """
    live_server.sandbox.workspace(workspace).clock.freeze(parse_instant(NOW))
    variables = {
        "AUTOSEND_API_KEY": f"{live_server.sandbox.vendors['autosend'].sample_key}~{workspace}",
        "AUTOSEND_BASE_URL": live_server.urls()["autosend"],
    }

    def run(scenario: str, *arguments: str, **more: str) -> dict[str, Any]:
        return dict(node(Path(__file__).parent / scenario, *arguments, **variables, **more))

    return run


@pytest.fixture
def fault(live_server, workspace) -> Iterator[Callable[..., None]]:
    """`fault("create_contact", script="429x2, ok")`: a rule for one operation in this test's workspace."""
    rules = []

    def add(operation: str, **rule: Any) -> None:
        when = {"vendor": "autosend", "workspace": workspace, "operation": operation}
        rules.append(live_server.sandbox.faults.add({"when": when, **rule}))

    yield add
    for rule in rules:
        live_server.sandbox.faults.remove(rule.id)


@pytest.fixture
def asked(live_server, workspace) -> Callable[[], list[tuple[str, int]]]:
    """Operation and status of every request that reached this test's workspace."""

    def read() -> list[tuple[str, int]]:
        return [(e.operation, e.status) for e in live_server.sandbox.journal if e.workspace == workspace]

    return read


@pytest.fixture
def outbox(live_server, workspace) -> Callable[[], list[dict[str, Any]]]:
    """The messages that this test's workspace keeps, oldest first."""
    return lambda: list(live_server.sandbox.workspace(workspace).messages.scan("newest"))


@pytest.fixture
def receive(live_server, workspace) -> Iterator[Callable[..., dict[str, Any]]]:
    """`receive(subject="Hi")`: a mail from Ann that arrives in this test's workspace, as AutoSend shows it."""
    control = Control(live_server.url)
    mail = {"vendor": "autosend", "workspace": workspace, "from": "ann@example.org", "to": "desk@support.example.com"}
    yield lambda **more: control.ask("POST", "/inbound", {**mail, **more})
    control.close()
