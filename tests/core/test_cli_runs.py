"""`lookalike runs`: what it prints, and how it fails."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from lookalike.server import Server
from lookalike.settings import Settings
from tests.core.terminal import lines

pytestmark = pytest.mark.usefixtures("server")


@pytest.fixture
def server() -> Iterator[Server]:
    chosen = {"port": 0, "fixture": "none", "seed": 1, "vendor": ("autosend",)}
    with Server(Settings.model_validate(chosen)) as made:
        yield made


@pytest.fixture
def ids(server) -> list[str]:
    """Two runs, a second apart; their ids."""
    workspace = server.sandbox.workspace("default")
    with workspace.unit():
        workspace.clock.freeze(1_767_225_600)
        part = workspace.parts["autosend"]
        one = part.keep_run(kind="broadcast", name="May", trigger={"type": "sent"}, contact=None, messages=["m", "n"])
        workspace.clock.advance(1)
        two = part.keep_run(kind="workflow", name="Welcome", trigger={"type": "event"}, contact="ann@example.com")
    return [one, two]


def test_nothing(run):
    assert lines(run("runs")) == ["nothing ran"]


def test_newest_first(run, ids):
    assert lines(run("runs")) == [
        f"2026-01-01T00:00:01.000Z  autosend  default  workflow   Welcome  ann@example.com  0 sent  {ids[1]}",
        f"2026-01-01T00:00:00.000Z  autosend  default  broadcast  May                       2 sent  {ids[0]}",
    ]


def test_filters(run, ids):
    for options, found in (
        (["--kind", "work*"], ids[1:]),
        (["--name", "May", "--vendor", "auto*"], ids[:1]),
        (["--contact", "ANN@example.com"], ids[1:]),
        (["--workspace", "other"], []),
        (["--limit", "1"], ids[1:]),
    ):
        shown = json.loads(lines(run("runs", *options, "--json"))[0])
        assert [one["id"] for one in shown["runs"]] == found


def test_forgetting(run, ids):
    assert lines(run("runs", "clear", "--name", "May")) == ["removed 1"]
    assert json.loads(lines(run("runs", "clear", "--json"))[0]) == {"deleted": 1}
    assert lines(run("runs")) == ["nothing ran"]
