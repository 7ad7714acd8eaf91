"""What a test needs and this machine has not: skipped for users, a failure in CI."""

from __future__ import annotations

from typing import NoReturn

import pytest

from scripts.fetching import must_not_skip


def lacking(reason: str) -> NoReturn:
    """Skip the test for this reason; with `CI=true` fail it instead, so that nothing goes unchecked silently."""
    if must_not_skip():
        pytest.fail(reason)
    pytest.skip(reason)
