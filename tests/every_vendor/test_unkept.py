"""A store that keeps nothing: every operation answers with the vendor's own error, and lookalike itself never fails."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from lookalike.stores.tinydb_journal import Journals
from tests.every_vendor.worlds import NAMES, VENDORS, path_of
from tests.support import Client


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("limits", ["off", "vendor"])
@pytest.mark.parametrize("name", NAMES)
def test_a_workspace_that_cannot_be_made(name: str, limits: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    client = Client(name, settings={"store": f"tinydb:{tmp_path}/state.json", "rate_limits": limits})
    monkeypatch.setattr(Journals, "append", full)
    for operation in VENDORS[name].operations:
        reply = client(operation.method, path_of(operation, {}), {})
        assert 500 <= reply.status < 600, (operation.id, reply.text)
    monkeypatch.undo()
    client.sandbox.close()
