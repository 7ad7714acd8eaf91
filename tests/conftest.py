"""Fixtures that every test may use."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from lookalike import pieces, turns
from lookalike.server import Server
from lookalike.settings import Settings
from tests.receiver import Receiver
from tests.redis_fixtures import cluster_url, redis_url, running_cluster, running_redis  # noqa: F401  # fixtures
from tests.support import Client, witness


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("LOOKALIKE_", "AUTOSEND_", "INVENT_", "OPENSEND_", "RESEND_", "SEGMAILER_")):
            monkeypatch.delenv(name)


@pytest.fixture
def sandbox() -> Callable[..., Client]:
    """`sandbox("autosend", fixture="demo")`: a client of a sandbox of its own, empty unless told otherwise."""

    def make(vendor: str, **settings: Any) -> Client:
        return Client(vendor, settings=settings)

    return make


@pytest.fixture(scope="session")
def live_server() -> Iterator[Server]:
    """One sandbox on a real socket for the whole session; tests keep apart by workspace (see `workspace`)."""
    server = Server(Settings.model_validate({"port": 0, "fixture": "none", "seed": 1}), witness=witness)
    with server:
        yield server


@pytest.fixture(scope="session")
def ca_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the certificate authority of these tests; nothing touches that of whoever runs them."""
    return tmp_path_factory.mktemp("authority") / "lookalike"


_numbers = count(1)


@pytest.fixture
def workspace() -> str:
    """A workspace name that no other test of this session uses; put it behind a `~` in the key."""
    return f"t{next(_numbers)}"


@pytest.fixture
def free_port_block() -> int:
    """The first of some ports in a row that nobody listens on."""
    for first in range(20_000 + os.getpid() % 10_000, 60_000, 10):
        if all(_is_free(port) for port in range(first, first + 5)):
            return first
    raise AssertionError("no free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Takes webhooks and keeps them; what it answers can be said."""
    with Receiver().listening() as listening:
        yield listening


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], Any]]:
    """Lengthy work takes a step at a time; what is put here happens between two of them, one after the other."""
    happenings: list[Callable[[], Any]] = []
    monkeypatch.setattr(pieces, "SLICE", 0)
    monkeypatch.setattr(turns.Turns, "pass_on", lambda _self: happenings.pop(0)() if happenings else None)
    return happenings
