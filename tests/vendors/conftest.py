"""The contract cases of two vendors run on every store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import support

VENDORS = ("autosend", "opensend")
STORES = ("memory", "tinydb", "redis", "cluster")


@pytest.fixture
def on_store(request: pytest.FixtureRequest) -> Iterator[None]:
    """The clients of a test have their sandboxes on one store after the other."""
    if request.param == "memory":
        yield
        return
    fixture = {"tinydb": "tmp_path", "redis": "redis_url", "cluster": "cluster_url"}[request.param]
    url = str(request.getfixturevalue(fixture))
    with support.on_store(f"tinydb:{url}" if request.param == "tinydb" else url):
        yield


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    vendor = Path(str(metafunc.module.__file__)).parent.name
    if vendor in VENDORS and {"sandbox", "on_store"} & set(metafunc.fixturenames):
        if "on_store" not in metafunc.fixturenames:
            metafunc.fixturenames.insert(0, "on_store")
        metafunc.parametrize("on_store", STORES, indirect=True)
