"""Every store that there is, empty, under one name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lookalike.stores import Index, Order, Resource, Store, open_store

PEOPLE = Resource(
    "people",
    unique=("email", "user_id"),
    indexes=("lists", Index("domain", lambda person: [person["email"].partition("@")[2]])),
    orders=(
        Order("id"),
        Order("newest", ("created_at",)),
        Order("in_list", ("created_at",), "lists"),
        Order("by_email", ("email",), text=True),
        Order("in_domain", ("email",), lambda person: [person["email"].partition("@")[2]], text=True),
        Order("by_domain", (), lambda person: [person["email"].partition("@")[2]]),
    ),
)


def person(id: str, **more: object) -> dict[str, object]:
    return {"id": id, "email": f"{id}@example.com", "created_at": 0, "lists": [], **more}


@pytest.fixture(params=["memory:", "tinydb:", "redis:", "cluster:"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "tinydb:":
        return f"tinydb:{tmp_path / 'state.json'}"
    if request.param == "memory:":
        return "memory:"
    return str(request.getfixturevalue("redis_url" if request.param == "redis:" else "cluster_url"))


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = open_store(url)
    yield store
    store.close()
