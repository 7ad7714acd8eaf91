"""PyPI `customerio`, unmodified: it speaks https to Customer.io's own host names, so a proxy stands in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from customerio import APIClient, CustomerIO

from lookalike.clock import parse_instant
from lookalike.server import Server
from lookalike.settings import Settings
from tests.support import witness

START = "2026-01-05T09:00:00.000Z"
KEY = "cio_lookalike"

Read = Callable[..., Any]


@pytest.fixture(scope="session")
def secured(ca_folder) -> Iterator[Server]:
    """Customer.io alone, with TLS and a proxy; tests keep apart by workspace."""
    values = {"port": 0, "tls_port": 0, "proxy_port": 0, "fixture": "none", "seed": 1, "vendor": ("customerio",)}
    with Server(Settings.model_validate({**values, "ca_folder": str(ca_folder)}), witness=witness) as server:
        yield server


@pytest.fixture(autouse=True)
def _behind_the_proxy(secured, workspace, monkeypatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, secured.proxy_url)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(secured.ca))
    secured.sandbox.workspace(workspace).clock.freeze(parse_instant(START))


@pytest.fixture
def cio(workspace) -> Iterator[CustomerIO]:
    """The Track client, as its documentation makes one."""
    with CustomerIO(f"{KEY}~{workspace}", "secret") as client:
        yield client


@pytest.fixture
def api(workspace) -> Iterator[APIClient]:
    """The App client."""
    with APIClient(f"{KEY}~{workspace}") as client:
        yield client


@pytest.fixture
def read(api) -> Read:
    """`read("/v1/customers/ann/attributes")`: what the App API shows, status and body; the package has no reads."""

    def ask(path: str, **query: Any) -> tuple[int, Any]:
        answer = api.http.get(api.url + path, params=query, timeout=10)
        return answer.status_code, answer.json()

    return ask


@pytest.fixture
def happened(read) -> Callable[[str], list[tuple[str, Any, Any]]]:
    """Type, name and data of what happened to a person, oldest first."""

    def ask(id: str) -> list[tuple[str, Any, Any]]:
        status, body = read(f"/v1/customers/{id}/activities", limit=100)
        assert status == 200
        return [(one["type"], one.get("name"), one["data"]) for one in reversed(body["activities"])]

    return ask


@pytest.fixture
def outbox(secured, workspace) -> Callable[[], list[dict[str, Any]]]:
    """The messages that this test's workspace keeps, oldest first."""
    return lambda: list(secured.sandbox.workspace(workspace).messages.scan("newest"))


@pytest.fixture
def fault(secured, workspace) -> Iterator[Callable[..., None]]:
    """`fault("identify", script="503x2, ok")`: a rule for one operation in this test's workspace."""
    rules = []

    def add(operation: str, **rule: Any) -> None:
        when = {"vendor": "customerio", "workspace": workspace, "operation": operation}
        rules.append(secured.sandbox.faults.add({"when": when, **rule}))

    yield add
    for rule in rules:
        secured.sandbox.faults.remove(rule.id)


@pytest.fixture
def asked(secured, workspace) -> Callable[[], list[tuple[str, int]]]:
    """Operation and status of every request that reached this test's workspace."""
    return lambda: [(e.operation, e.status) for e in secured.sandbox.journal if e.workspace == workspace]
