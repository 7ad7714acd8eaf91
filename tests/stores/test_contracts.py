"""The contract cases of two vendors, once more on every store but memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import STORE

ROOT = Path(__file__).parent.parent.parent
CASES = ("tests/vendors/autosend/test_contacts.py", "tests/vendors/opensend/test_contacts.py")


@pytest.fixture(params=["tinydb", "redis_url"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"tinydb:{tmp_path}" if request.param == "tinydb" else str(request.getfixturevalue(request.param))


@pytest.mark.parametrize("cases", CASES)
def test_contract_cases(cases: str, store: str):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", cases]
    environment = {**os.environ, STORE: store}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert " passed" in done.stdout
