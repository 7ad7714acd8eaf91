"""The contract cases of two vendors run on every store.

In memory all of them do. A store never sees what a request was refused for, so on the others one case of a test's table
stands for those that differ in their input only: there is one for each path and method that the table names, and for
each recorded flow. So every operation succeeds there and fails with nearly every status that it has in memory.
`EVERY_CASE=1 make test` runs all cases on all stores, which takes about four times as long as the two vendors do.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import support

VENDORS = ("autosend", "opensend")
STORES = ("memory", "tinydb", "redis", "cluster")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if "EVERY_CASE" in os.environ:
        return
    told: set[object] = set()
    chosen = []
    for item in items:
        parameters = (
            dict(item.callspec.params) if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
        )
        if parameters.get("on_store", "memory") != "memory":
            concerned = item.nodeid.partition("[")[0], *(str(one) for one in parameters.items() if _is_told(*one))
            if concerned in told:
                continue
            told.add(concerned)
        chosen.append(item)
    items[:] = chosen


def _is_told(name: str, value: Any) -> bool:
    """Whether a test's parameter says which operation it is about, or on which store."""
    return name in ("on_store", "flow") or (
        isinstance(value, str) and (value.startswith("/") or value.partition(" ")[0] in METHODS)
    )
