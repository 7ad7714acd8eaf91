"""A sandbox goes on where it stopped: every server is gone, and a new one starts on the same store.

What a workspace does afterwards is what one does whose server never stopped, to the letter; so that is what it is
compared with. In memory nothing lasts.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest

from lookalike.credentials import DEFAULT_WORKSPACE
from lookalike.sandbox import Sandbox
from lookalike.settings import Settings
from lookalike.vendor import discover
from lookalike.workspace import CORE
from tests.receiver import Receiver
from tests.support import Client

VENDORS = sorted(discover())
NOON = "2030-01-01T12:00:00Z"

Told = list[Any]


@pytest.fixture(params=["tinydb", "redis_url", "cluster_url"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "tinydb":
        return f"tinydb:{tmp_path / 'state.json'}"
    return str(request.getfixturevalue(request.param))


def sandbox(store: str, **more: object) -> Sandbox:
    return Sandbox(Settings.model_validate({"store": store, "seed": 1, **more}))


def contents(one: Sandbox, workspace: str = DEFAULT_WORKSPACE) -> dict[str, list[object]]:
    """All documents there, read by whoever may ask for them."""
    for name, vendor in one.vendors.items():
        for resource in vendor.resources:
            one.store.collection(workspace, name, resource)
    return {
        f"{name} {resource.name}": documents
        for name in (*one.vendors, CORE)
        for resource, documents in one.store.contents(workspace, name)
        if documents
    }


class World:
    """Clients of two vendors and of the control API, all of one sandbox; `restart` has another one take its place."""

    def __init__(self, store: str) -> None:
        self.settings: dict[str, Any] = {"store": store, "vendor": ("autosend", "opensend")}
        self.start()

    def start(self) -> None:
        self.autosend = Client("autosend", settings=self.settings)
        self.opensend = Client("opensend", app=self.autosend.app)
        self.sandbox = self.autosend.sandbox

    def restart(self, **settings: Any) -> None:
        self.sandbox.close()
        self.settings |= settings
        self.start()

    def control(self, method: str, path: str, json: Any = ...) -> Any:
        reply = self.autosend.control(method, path, json)
        assert reply.status < 300, reply.text
        return reply.json if reply.raw else None

    def asked(self, method: str, path: str, json: Any = ...) -> tuple[int, Any]:
        """A vendor's answer, with its status."""
        client = self.autosend if path.startswith("/v1/") else self.opensend
        reply = client(method, path, json)
        return reply.status, reply.json

    def made(self, path: str, json: Any) -> Any:
        status, body = self.asked("POST", path, json)
        assert status < 300, body
        return body.get("data", body)

    def shown(self) -> Told:
        """What the control API tells of it, the requests apart."""
        paths = ["clock", "faults", "lag", "messages", "runs", "segments", "snapshots", "workspaces"]
        told = [self.control("GET", f"/{path}") for path in (*paths, "webhooks/modes", "webhooks/deliveries")]
        told[paths.index("workspaces")]["workspaces"].sort(key=itemgetter("name"))
        return told


def contact(number: int) -> dict[str, str]:
    return {"email": f"p{number}@example.com", "firstName": "Zoë"}


# --- what is done before a restart, and what is to come of it afterwards -----------------------------------------


def documents_and_memberships(world: World) -> Callable[[], Told]:
    id = world.made("/v1/contact-lists", {"name": "VIP"})["id"]
    criteria = {"field": "firstName", "fieldType": "string", "operator": "equals", "value": "Zoë"}
    segment = {
        "name": "Zoës",
        "type": "segment",
        "filterCriteria": {"logicalOperator": "AND", "conditions": [criteria]},
    }
    zoes = world.made("/v1/contact-lists", segment)["id"]
    for number in range(3):
        world.made("/v1/contacts", {**contact(number), "listIds": [id]})
    world.made("/contacts", {"email": "bo@example.com", "properties": {}})

    def after() -> Told:
        return [
            world.asked("POST", "/v1/contact-lists/contacts/search", {"contactListId": id}),
            world.asked("POST", "/v1/contacts", contact(1)),
            world.asked("POST", "/v1/contacts", contact(3)),
            world.asked("POST", "/v1/contact-lists/contacts/search", {"contactListId": zoes}),
            world.asked("POST", "/v1/contact-lists", {"name": "VIP"}),
            world.asked("GET", "/contacts/bo@example.com"),
            world.asked("GET", "/contacts"),
        ]

    return after


def faults(world: World) -> Callable[[], Told]:
    rule = {"when": {"operation": "create_contact"}, "fault": {"type": "error", "status": 503}, "times": 3}
    world.control("POST", "/faults", rule)
    world.asked("POST", "/v1/contacts", contact(0))
    return lambda: [world.asked("POST", "/v1/contacts", contact(number)) for number in range(3)]


def windows_of_rate_limits(world: World) -> Callable[[], Told]:
    world.restart(rate_limits="vendor")
    world.control("POST", "/clock", {"freeze": NOON})
    world.asked("GET", "/v1/events")
    return lambda: [world.asked("GET", "/v1/events") for _ in range(2)]


def a_clock_that_was_moved(world: World) -> Callable[[], Told]:
    world.control("POST", "/clock", {"advance": "8d"})
    return lambda: [world.made("/contacts", {"email": "bo@example.com"}), world.asked("GET", "/contacts")]


def what_is_due_later(world: World) -> Callable[[], Told]:
    mail = {"from": "a@b.example", "to": "bo@example.com", "subject": "Hi", "html": "x", "scheduled_at": "in 1 hour"}
    id = world.made("/emails", mail)["id"]

    def after() -> Told:
        world.control("POST", "/clock", {"advance": "59m"})
        before = world.asked("GET", f"/emails/{id}")
        world.control("POST", "/clock", {"advance": "2m"})
        return [before, world.asked("GET", f"/emails/{id}")]

    return after


def id_sequences(world: World) -> Callable[[], Told]:
    ids = [world.made("/v1/contacts", contact(number))["id"] for number in range(2)]
    return lambda: ids + [world.made("/v1/contacts", contact(number))["id"] for number in range(2, 4)]


def snapshots(world: World) -> Callable[[], Told]:
    world.made("/v1/contacts", contact(0))
    world.control("PUT", "/snapshots/one", {})
    world.made("/v1/contacts", contact(1))

    def after() -> Told:
        world.made("/v1/contacts", contact(2))
        everybody = {"contactListId": "GLOBAL_CONTACT_LIST"}
        before = world.asked("POST", "/v1/contact-lists/contacts/search", everybody)
        world.control("POST", "/snapshots/one/restore", {})
        return [before, world.asked("POST", "/v1/contact-lists/contacts/search", everybody)]

    return after


def other_workspaces(world: World) -> Callable[[], Told]:
    world.control("POST", "/workspaces", {"name": "told", "fixture": "demo", "seed": 7})
    world.made("/v1/contacts", contact(0))
    world.control("POST", "/workspaces", {"name": "fork", "from": DEFAULT_WORKSPACE})
    world.control("POST", "/workspaces", {"name": "gone"})
    world.control("DELETE", "/workspaces/gone")

    def after() -> Told:
        shown = []
        for name in ("told", "fork"):
            client = world.autosend.as_key(f"{world.autosend.key}~{name}")
            client.post("/v1/contacts", contact(1))
            shown.append(
                client.post("/v1/contact-lists/contacts/search", {"contactListId": "GLOBAL_CONTACT_LIST"}).json
            )
        world.control("POST", "/reset", {"workspace": "told"})
        return [*shown, contents(world.sandbox, "told")]

    return after


def settings_of_a_workspace(world: World) -> Callable[[], Told]:
    world.control("PUT", "/lag", {"lag": "10m"})
    world.control("PUT", "/webhooks/modes", {"vendor": "autosend", "duplicate": 2, "delayed": "1m"})
    return list


LIVES = [
    documents_and_memberships,
    faults,
    windows_of_rate_limits,
    a_clock_that_was_moved,
    what_is_due_later,
    id_sequences,
    snapshots,
    other_workspaces,
    settings_of_a_workspace,
]


@pytest.mark.parametrize("life", LIVES)
def test_a_workspace_lives_on(store: str, life: Callable[[World], Callable[[], Told]]):
    def lived(world: World, *, restarted: bool) -> Told:
        world.control("POST", "/clock", {"freeze": NOON})
        after = life(world)
        shown = world.shown()
        if restarted:
            world.restart()
            assert world.shown() == shown
        told = [*after(), world.shown(), contents(world.sandbox)]
        world.sandbox.close()
        return told

    assert lived(World(store), restarted=True) == lived(World("memory:"), restarted=False)


def test_deliveries_go_out_that_were_due_or_put_off(store: str, receiver: Receiver):
    def lived(world: World, *, restarted: bool) -> Told:
        world.control("POST", "/clock", {"freeze": NOON})
        world.made("/v1/webhooks", {"url": receiver.url, "events": ["contact.created"]})
        world.made("/v1/contacts", contact(0))
        receiver.answers(500)
        assert world.autosend.settle() == 1
        world.made("/v1/contacts", contact(1))
        if restarted:
            world.restart()
        assert world.autosend.settle() == 1
        for _ in range(3):
            world.control("POST", "/clock", {"advance": "1h"})
            world.autosend.settle()
        told = [(one.headers, one.body) for one in receiver.received]
        receiver.received.clear()
        for delivery in world.control("GET", "/webhooks/deliveries")["deliveries"]:
            attempts = [{**one, "ms": None, "answer": None} for one in delivery["attempts"]]  # they tell real time
            told.append({**delivery, "attempts": attempts})
        world.sandbox.close()
        return told

    unbroken = lived(World("memory:"), restarted=False)
    assert len(unbroken) == 3 + 2
    assert lived(World(store), restarted=True) == unbroken


def test_what_lasts_of_the_journal(store: str):
    """The last requests are the server's own, except where servers share them."""
    world = World(store)
    world.asked("GET", "/contacts")
    asked = world.control("GET", "/requests")
    assert len(asked["requests"]) == 1
    world.restart()
    shared = store.startswith("redis:")
    assert world.control("GET", "/requests")["requests"] == (asked["requests"] if shared else [])
    world.sandbox.close()


@pytest.mark.parametrize("life", LIVES)
def test_in_memory_nothing_lasts(life: Callable[[World], Callable[[], Told]]):
    world = World("memory:")
    world.control("POST", "/clock", {"freeze": NOON})
    fresh = [*world.shown(), contents(world.sandbox)]
    life(world)
    assert [*world.shown(), contents(world.sandbox)] != fresh
    world.restart()
    world.control("POST", "/clock", {"freeze": NOON})
    assert [*world.shown(), contents(world.sandbox)] == fresh
    world.sandbox.close()


# --- fixtures and vendors ---------------------------------------------------------------------------------------


def test_everything_is_as_it_was(store: str):
    first = sandbox(store)
    first.prepare()
    first.move_clock(lambda clock: clock.freeze(2_000_000_000.0), DEFAULT_WORKSPACE)
    before = contents(first)
    first.close()
    second = sandbox(store, fixture="none")
    second.prepare()
    assert len(before) > 5
    assert contents(second) == before
    assert second.workspace(DEFAULT_WORKSPACE).clock.now() == 2_000_000_000.0
    second.close()


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_fixture_is_not_told_twice(store: str, vendor: str):
    first = sandbox(store, vendor=(vendor,))
    first.prepare()
    resource, documents = next(one for one in first.store.contents(DEFAULT_WORKSPACE, vendor) if one[1])
    first.workspace(DEFAULT_WORKSPACE).part(vendor).collection(resource).delete(documents[0]["id"])
    before = contents(first)
    first.close()
    second = sandbox(store, vendor=(vendor,))
    second.prepare()
    assert contents(second) == before
    second.close()


@pytest.mark.parametrize("vendor", VENDORS)
def test_ids_do_not_repeat(store: str, vendor: str):
    made: set[str] = set()
    for _ in range(3):
        one = sandbox(store, fixture="none")
        one.prepare()
        workspace = one.workspace(DEFAULT_WORKSPACE)
        with workspace.unit():
            made |= {workspace.part(vendor).ids.uuid4() for _ in range(5)}
        one.close()
    assert len(made) == 15


def test_a_vendor_that_is_not_served_is_kept(store: str):
    first = sandbox(store)
    first.prepare()
    before = contents(first)
    first.close()
    second = sandbox(store, vendor=(VENDORS[0],), fixture="none")
    second.prepare()
    second.close()
    third = sandbox(store, fixture="none")
    third.prepare()
    assert contents(third) == before
    third.close()


def test_a_reset_and_a_dropped_workspace_last(store: str):
    first = sandbox(store)
    first.prepare()
    fresh = contents(first)
    other = first.workspace("other")
    with other.unit():
        for vendor in first.vendors.values():
            first.part(other, vendor)
    with first.workspace(DEFAULT_WORKSPACE).unit():
        for collection in first.store.collections(DEFAULT_WORKSPACE, VENDORS[0]):
            collection.clear()
    first.reset(DEFAULT_WORKSPACE)
    first.drop("other")
    first.close()
    second = sandbox(store)
    assert list(second.workspaces) == [DEFAULT_WORKSPACE]
    second.prepare()
    assert contents(second) == fresh
    second.close()
