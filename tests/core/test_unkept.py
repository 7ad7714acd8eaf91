"""What the store cannot keep has not happened: documents, ids, clocks and what is due are as they were."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lookalike.sandbox import Sandbox
from lookalike.settings import Settings
from lookalike.stores import Unwritable
from lookalike.stores.tinydb_journal import Journals


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


@pytest.fixture
def sandbox(path: Path) -> Iterator[Sandbox]:
    chosen = {"store": f"tinydb:{path}", "vendor": ("opensend",), "seed": 1}
    made = Sandbox(Settings.model_validate(chosen))
    made.prepare()
    yield made
    made.close()


def contents(sandbox: Sandbox) -> dict[str, Any]:
    workspaces = [sandbox.home, *sandbox.workspaces.values()]
    return {
        workspace.name: (
            workspace.clock.setting(),
            workspace.lag,
            workspace.seed,
            {
                f"{vendor} {resource.name}": documents
                for vendor in ("lookalike", "opensend")
                for resource, documents in sandbox.store.contents(workspace.name, vendor)
                if documents
            },
        )
        for workspace in workspaces
    }


CHANGES: dict[str, Callable[[Sandbox], object]] = {
    "a clock": lambda one: one.move_clock(lambda clock: clock.advance(60), "default"),
    "all clocks": lambda one: one.move_clock(lambda clock: clock.advance(60)),
    "a reset": lambda one: one.reset("default"),
    "a reset of all": lambda one: one.reset(),
    "a snapshot": lambda one: one.snapshots.save("new"),
    "going back": lambda one: one.snapshots.restore("old"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_a_disk_without_room(sandbox: Sandbox, change: Callable[[Sandbox], object], monkeypatch: pytest.MonkeyPatch):
    sandbox.snapshots.save("old")
    sandbox.move_clock(lambda clock: clock.freeze(2_000_000_000.0), "default")
    before = contents(sandbox)
    with monkeypatch.context() as patched:
        patched.setattr(Journals, "append", full)
        with pytest.raises(Unwritable):
            change(sandbox)
        assert contents(sandbox) == before
    change(sandbox)
    assert contents(sandbox) != before


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_what_came_after_lasts(
    sandbox: Sandbox, path: Path, change: Callable[[Sandbox], object], monkeypatch: pytest.MonkeyPatch
):
    sandbox.snapshots.save("old")
    with monkeypatch.context() as patched:
        patched.setattr(Journals, "append", full)
        with pytest.raises(Unwritable):
            change(sandbox)
    change(sandbox)
    before = contents(sandbox)
    sandbox.close()
    again = Sandbox(Settings.model_validate({"store": f"tinydb:{path}", "vendor": ("opensend",), "seed": 1}))
    assert contents(again) == before
    again.close()
