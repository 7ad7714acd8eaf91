"""A sandbox on a tinydb file goes on where it stopped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lookalike.credentials import DEFAULT_WORKSPACE
from lookalike.sandbox import Sandbox
from lookalike.settings import Settings
from lookalike.stores import StoreError
from lookalike.vendor import discover
from lookalike.workspace import CORE

VENDORS = sorted(discover())


def sandbox(path: Path, **more: object) -> Sandbox:
    return Sandbox(Settings.model_validate({"store": f"tinydb:{path}", "seed": 1, **more}))


def contents(one: Sandbox, workspace: str = DEFAULT_WORKSPACE) -> dict[str, list[object]]:
    return {
        f"{name} {resource.name}": documents
        for name in (*one.vendors, CORE)
        for resource, documents in one.store.contents(workspace, name)
        if documents
    }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


def test_everything_is_as_it_was(path: Path):
    first = sandbox(path)
    first.prepare()
    first.move_clock(lambda clock: clock.freeze(2_000_000_000.0), DEFAULT_WORKSPACE)
    before = contents(first)
    first.close()
    second = sandbox(path, fixture="none")
    second.prepare()
    assert len(before) > 5
    assert contents(second) == before
    assert second.workspace(DEFAULT_WORKSPACE).clock.now() == 2_000_000_000.0
    second.close()


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_fixture_is_not_told_twice(path: Path, vendor: str):
    first = sandbox(path, vendor=(vendor,))
    first.prepare()
    resource, documents = next(one for one in first.store.contents(DEFAULT_WORKSPACE, vendor) if one[1])
    first.workspace(DEFAULT_WORKSPACE).part(vendor).collection(resource).delete(documents[0]["id"])
    before = contents(first)
    first.close()
    second = sandbox(path, vendor=(vendor,))
    second.prepare()
    assert contents(second) == before
    second.close()


@pytest.mark.parametrize("vendor", VENDORS)
def test_ids_do_not_repeat(path: Path, vendor: str):
    made: set[str] = set()
    for _ in range(3):
        one = sandbox(path)
        one.prepare()
        workspace = one.workspace(DEFAULT_WORKSPACE)
        with workspace.unit():
            made |= {workspace.part(vendor).ids.uuid4() for _ in range(5)}
        one.close()
    assert len(made) == 15


def test_a_vendor_that_is_not_served_is_kept(path: Path):
    first = sandbox(path)
    first.prepare()
    before = contents(first)
    first.close()
    second = sandbox(path, vendor=(VENDORS[0],), fixture="none")
    second.prepare()
    second.close()
    third = sandbox(path, fixture="none")
    third.prepare()
    assert contents(third) == before
    third.close()


def test_a_reset_and_a_dropped_workspace_last(path: Path):
    first = sandbox(path)
    first.prepare()
    fresh = contents(first)
    other = first.workspace("other")
    for vendor in first.vendors.values():
        first.part(other, vendor)
    for collection in first.store.collections(DEFAULT_WORKSPACE, VENDORS[0]):
        collection.clear()
    first.reset(DEFAULT_WORKSPACE)
    first.drop("other")
    first.close()
    second = sandbox(path)
    assert list(second.workspaces) == [DEFAULT_WORKSPACE]
    second.prepare()
    assert contents(second) == fresh
    second.close()


@pytest.mark.parametrize(
    "state", [{"clock": 5}, {"clock": {"shift": "x"}}, {"ids": []}, {"ids": {VENDORS[0]: "x"}}, {"lag": "x"}]
)
def test_a_state_that_makes_no_sense(path: Path, state: dict[str, object]):
    content = json.dumps({"workspaces": {"1": {"workspace": "w", **state}}})
    path.write_text(content)
    with pytest.raises(StoreError, match=r"^store 'tinydb:.*' holds a state of workspace 'w' that makes no sense$"):
        sandbox(path)
    assert path.read_text() == content
