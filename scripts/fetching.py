"""Tools that tests need and Python's packages do not bring: fetched where they are missing, or else done without."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable


def must_not_skip() -> bool:
    """Whether what cannot be tested is a failure: with `CI=true`."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def fetch(tool: str, missing: Callable[[], str | None], install: Callable[[], None]) -> int:
    """Install a tool unless it is there; an exit status. Where it cannot be done, tests are skipped that need it.

    `missing` says why it is not there, if it is not; `install` raises OSError or SubprocessError.
    """
    if missing() is None:
        return 0
    try:
        install()
    except (OSError, subprocess.SubprocessError) as error:
        print(f"{tool} could not be installed: {error}", file=sys.stderr)
        if must_not_skip():
            return 1
        print("The tests that need it will be skipped.", file=sys.stderr)
    return 0
