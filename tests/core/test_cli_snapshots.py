"""`lookalike snapshot`: what it prints, and how it fails."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from click.testing import Result

from lookalike.cli import snapshots
from lookalike.server import Server
from lookalike.settings import Settings
from tests.core.terminal import invoke, lines
from tests.support import TIME


@pytest.fixture
def server() -> Iterator[Server]:
    chosen = {"port": 0, "fixture": "none", "seed": 1, "vendor": ("opensend",)}
    with Server(Settings.model_validate(chosen)) as made:
        yield made


@pytest.fixture
def run(server: Server, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("LOOKALIKE_URL", server.url)
    return partial(invoke, "snapshot")


def failure(result: Result) -> str:
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    return result.stderr.strip()


def test_from_save_to_remove(run, tmp_path: Path):
    assert lines(run()) == ["no snapshots"]
    assert lines(run("save", "base")) == ["saved base: default"]
    [row] = lines(run("list"))
    assert row.split() == ["base", TIME, "default"]
    assert json.loads(run("list", "--json").output) == {
        "snapshots": [{"name": "base", "made_at": TIME, "workspaces": ["default"]}]
    }
    assert lines(run("save", "one", "--workspace", "default")) == ["saved one: default"]
    assert lines(run("load", "base")) == ["back to base: default"]
    assert lines(run("load", "base", "--workspace", "default")) == ["back to base: default"]
    file = tmp_path / "base.json"
    assert lines(run("export", "base", str(file))) == [f"wrote base to {file}"]
    assert json.loads(run("export", "base", str(file), "--json").output) == {
        "name": "base",
        "file": str(file),
        "workspaces": ["default"],
    }
    assert json.loads(file.read_text())["lookalike"] == {"version": 1}
    [text] = lines(run("export", "base", "-"))
    assert json.loads(text) == json.loads(file.read_text())
    assert lines(run("import", "copy", str(file))) == ["took in copy: default"]
    assert lines(run("remove", "base")) == ["removed base"]
    assert [row.split()[0] for row in lines(run("list"))] == ["copy", "one"]


def test_a_large_file_is_read_by_the_server(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(snapshots, "_MOST_SENT", 10)
    run("save", "base")
    run("export", "base", str(tmp_path / "base.json"))
    monkeypatch.chdir(tmp_path)
    assert lines(run("import", "copy", "base.json")) == ["took in copy: default"]


def test_failures(run, tmp_path: Path):
    assert failure(run("load", "x")) == "lookalike: There is no snapshot 'x': PUT it first."
    file = tmp_path / "x.json"
    assert failure(run("import", "x", str(file))) == f"lookalike: {file} cannot be read: No such file or directory."
    file.write_text("{")
    assert failure(run("import", "x", str(file))) == f"lookalike: {file} is not JSON."
    file.write_text("{}")
    assert failure(run("import", "x", str(file))) == f"lookalike: {file} is no snapshot of lookalike."
    run("save", "base")
    missing = tmp_path / "none" / "x.json"
    assert failure(run("export", "base", str(missing))) == (
        f"lookalike: {missing} cannot be written: No such file or directory."
    )
