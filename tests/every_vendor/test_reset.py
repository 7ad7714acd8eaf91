"""Reset: back to the fixture, whatever happened."""

from __future__ import annotations

import pytest

from tests.every_vendor.worlds import NAMES, contents, fill, somebody, world
from tests.support import Client


def _disturb(client: Client, workspace: str) -> None:
    """Take one document away from every collection."""
    part = client.sandbox.workspace(workspace).parts[client.vendor]
    for resource in client.sandbox.vendors[client.vendor].resources:
        collection = part.collection(resource)
        for document in list(collection.scan(resource.orders[0].name))[:1]:
            collection.delete(document["id"])


@pytest.mark.parametrize("vendor_alone", [False, True])
@pytest.mark.parametrize("fixture", ["none", "demo"])
@pytest.mark.parametrize("name", NAMES)
def test_reset_goes_back_to_the_fixture(name: str, fixture: str, vendor_alone: bool) -> None:
    client, workspace = somebody(name, fixture)
    fill(client, workspace)
    fresh = contents(client, workspace)
    _disturb(client, workspace)
    assert contents(client, workspace) != fresh or not fresh
    client.sandbox.reset(workspace, name if vendor_alone else None)
    fill(client, workspace)
    assert contents(client, workspace) == fresh


@pytest.mark.parametrize("name", NAMES)
def test_reset_empties_a_world_without_a_fixture(name: str) -> None:
    demo, source = somebody(name, "demo")
    fill(demo, source)
    client, workspace = somebody(name)
    fill(client, workspace)
    fresh = contents(client, workspace)
    part = client.sandbox.workspace(workspace).parts[name]
    for resource, documents in demo.sandbox.store.contents(source, name):
        for document in documents:
            part.collection(resource).put(document)
    assert contents(client, workspace) != fresh
    world(name).sandbox.reset(workspace)
    fill(client, workspace)
    assert contents(client, workspace) == fresh
