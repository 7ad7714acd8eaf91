"""Threads that call one sandbox at the same time: on every store nobody meets half of what another one does."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count, pairwise
from typing import Any

import pytest

from lookalike.stores import Store
from tests.stores.conftest import PEOPLE, person
from tests.support import Client

WORKERS = 8
CROWD = 40


@pytest.fixture
def client(url: str) -> Iterator[Client]:
    made = Client("opensend", settings={"store": url, "vendor": ("opensend", "autosend")})
    yield made
    made.sandbox.close()


def everybody(client: Client) -> list[str]:
    """Whom the list shows, page by page."""
    found: list[str] = []
    page = client.get("/contacts?limit=10").json
    while True:
        found += [one["email"] for one in page["data"]]
        if not page["has_more"]:
            return found
        page = client.get(f"/contacts?limit=10&after={page['data'][-1]['id']}").json


def at_once(calls: list[Any]) -> list[Any]:
    with ThreadPoolExecutor(WORKERS) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def test_an_address_is_given_once(client: Client):
    def create(n: int) -> int:
        return client.post("/contacts", {"email": f"p{n % CROWD}@example.com"}).status

    statuses = at_once([lambda n=n: create(n) for n in range(CROWD * 4)])
    assert statuses.count(201) == CROWD
    assert sorted(everybody(client)) == sorted(f"p{n}@example.com" for n in range(CROWD))


def test_pages_neither_repeat_nor_lose_while_others_write(client: Client):
    lasting = {f"p{n}@example.com" for n in range(CROWD)}
    for email in sorted(lasting):
        assert client.post("/contacts", {"email": email}).status == 201

    def come_and_go(worker: int) -> None:
        for n in range(10):
            email = f"w{worker}-{n}@example.com"
            assert client.post("/contacts", {"email": email}).status == 201
            assert client.delete(f"/contacts/{email}").status == 200

    def walk() -> list[str]:
        return everybody(client)

    walks = [found for found in at_once([*[lambda w=w: come_and_go(w) for w in range(4)], *[walk] * 8]) if found]
    assert len(walks) == 8
    for found in walks:
        assert len(found) == len(set(found))
        assert lasting <= set(found)
    assert set(everybody(client)) == lasting


def test_what_one_request_writes_shows_as_a_whole(client: Client):
    """Each request names twenty people anew, and whoever looks finds all of them with one name."""
    autosend = Client("autosend", app=client.app)
    emails = [f"p{n}@example.com" for n in range(20)]

    def name(text: str) -> None:
        rows = [{"email": email, "firstName": text} for email in emails]
        assert autosend.post("/v1/contacts/bulk-update", {"contacts": rows}).status == 200

    def look() -> set[str]:
        rows = autosend.post("/v1/contacts/search/emails", {"emails": emails}).json["data"]["contacts"]
        return {one["firstName"] for one in rows}

    name("first")
    calls = [item for n in range(20) for item in ((lambda n=n: name(f"n{n}")), look)]
    seen = [names for names in at_once(calls) if names is not None]
    assert len(seen) == 20
    assert all(len(names) == 1 for names in seen)


def test_no_id_is_given_twice(client: Client):
    """Ids are made under the same lock as documents: none is handed out twice."""
    made = at_once(
        [lambda n=n: client.post("/contacts", {"email": f"p{n}@example.com"}).json["id"] for n in range(CROWD)]
    )
    assert len(set(made)) == CROWD
    listed = [one["id"] for one in client.get("/contacts?limit=100").json["data"]]
    assert all(one > other for one, other in pairwise(listed))
    assert set(listed) == set(made)


def test_a_workspace_is_dropped_while_others_come(store: Store):
    coming = count()

    class Met(str):
        """A name at which, whenever it is compared, somebody asks for a workspace that is new."""

        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            store.collection(f"new {next(coming)}", "v", PEOPLE)
            return str.__eq__(self, other)

    for name in ("a", "w", "z"):
        store.collection(name, "v", PEOPLE).put(person("a"))
    store.drop(Met("w"))
    assert [store.collection(name, "v", PEOPLE).count() for name in ("a", "w", "z")] == [1, 0, 1]
