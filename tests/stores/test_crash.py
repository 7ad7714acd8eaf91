"""A sandbox on a `tinydb:` file that is killed rather than stopped, and one whose disk is full for a while."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lookalike.credentials import DEFAULT_WORKSPACE
from lookalike.sandbox import Sandbox
from lookalike.stores import StoreError
from lookalike.stores import tinydb as tinydb_module
from lookalike.stores.tinydb import TinyStore
from lookalike.workspace import CORE
from tests.receiver import answering
from tests.support import UUID, Client, wsgi

FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture(autouse=True)
def no_background(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tinydb_module, "TICK", 3600.0)


class Killed:
    """Sandboxes on one file, each of which ends as a killed process does."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.open: list[Client] = []

    def start(self, vendor: str = "opensend", **more: Any) -> Client:
        self.end()
        self.open.append(Client(vendor, settings={"store": f"tinydb:{self.path}", "vendor": (), **more}))
        return self.open[-1]

    def end(self) -> None:
        for client in self.open:
            store = client.sandbox.store
            assert isinstance(store, TinyStore)
            store._closing.set()
            store._changes.set()
            store._writer.join()
            store._journals.close(needed=True)
            store._lock.release()
        self.open.clear()


@pytest.fixture
def killed(tmp_path: Path) -> Iterator[Killed]:
    killed = Killed(tmp_path / "state.json")
    yield killed
    killed.end()


def contents(one: Sandbox, workspace: str = DEFAULT_WORKSPACE) -> dict[str, list[object]]:
    return {
        f"{name} {resource.name}": documents
        for name in (*one.vendors, CORE)
        for resource, documents in one.store.contents(workspace, name)
        if documents
    }


def make(client: Client, n: int) -> str:
    reply = client.post("/contacts", {"email": f"p{n}@example.com", "properties": {"n": f"{n}"}})
    assert reply.status == 201
    return reply.json["id"]


def test_everything_that_was_answered_is_there(killed: Killed):
    client = killed.start(fixture="demo")
    for n in range(3):
        make(client, n)
    segment = client.post("/segments", {"name": "VIP"}).json["id"]
    assert client.post(f"/contacts/p1@example.com/segments/{segment}").status in (200, 201)
    client.patch("/contacts/p2@example.com", {"first_name": "Zoë"})
    client.delete("/contacts/p0@example.com")
    mail = {"from": "a@example.com", "to": ["p1@example.com"], "subject": "Hello", "html": "<p>Hi</p>"}
    client.post("/emails", mail)
    client.sandbox.move_clock(lambda clock: clock.freeze(2_000_000_000.0), DEFAULT_WORKSPACE)
    autosend = Client("autosend", app=client.app)
    assert autosend.post("/v1/contacts", {"email": "auto@example.com"}).status < 300
    before = contents(client.sandbox)
    state = client.sandbox.workspace(DEFAULT_WORKSPACE).state()
    again = killed.start(fixture="none")
    assert again.sandbox.workspace(DEFAULT_WORKSPACE).clock.now() == 2_000_000_000.0
    assert again.sandbox.workspace(DEFAULT_WORKSPACE).state() == state
    assert contents(again.sandbox) == before
    assert again.get("/contacts/p2@example.com").json["first_name"] == "Zoë"
    assert make(again, 9) not in {one["id"] for one in before["opensend contacts"]}


def test_what_was_due_falls_due(killed: Killed):
    client = killed.start()
    client.sandbox.move_clock(lambda clock: clock.freeze(1_800_000_000.0), DEFAULT_WORKSPACE)
    mail = {"from": "a@example.com", "to": ["b@example.com"], "subject": "Later", "html": "x"}
    sent = client.post("/emails", mail | {"scheduled_at": "2027-01-16T08:00:00.000Z"})
    email = f"/emails/{sent.json['id']}"
    client = killed.start()
    assert client.get(email).json["last_event"] == "scheduled"
    client.sandbox.move_clock(lambda clock: clock.advance(86400 * 3), DEFAULT_WORKSPACE)
    assert client.get(email).json["last_event"] == "sent"
    client = killed.start()
    assert client.get(email).json["last_event"] == "sent"
    assert client.sandbox.move_clock(lambda clock: clock.advance(86400 * 3), DEFAULT_WORKSPACE) == 0


def test_the_time_of_workspaces_to_come_and_fault_rules_last(killed: Killed):
    client = killed.start()
    client.sandbox.move_clock(lambda clock: clock.freeze(2_000_000_000.0))
    client.sandbox.faults.add({"fault": {"type": "error", "kind": "internal"}, "times": 3, "when": {"method": "POST"}})
    statuses = [client.post("/segments", {"name": "VIP"}).status for _ in range(2)]
    again = killed.start()
    statuses += [again.post("/segments", {"name": "VIP"}).status for _ in range(2)]
    assert statuses == [500, 500, 500, 201]
    assert again.sandbox.workspace("new").clock.now() == 2_000_000_000.0


def test_webhooks_that_were_due_are_sent(killed: Killed):
    client = killed.start("autosend")
    hook = {"url": "http://127.0.0.1:9/hook", "events": ["contact.created"]}
    assert client.post("/v1/webhooks", hook).status < 300
    for n in range(3):
        client.post("/v1/contacts", {"email": f"p{n}@example.com"})
    client.sandbox.outbox.exchange = answering(500)
    assert client.settle() == 3
    again = killed.start("autosend")
    again.sandbox.outbox.exchange = answering(200)
    again.clock(advance="2d")
    told = again.control("GET", "/webhooks/deliveries").json["deliveries"]
    assert [[attempt["status"] for attempt in one["attempts"]] for one in told] == [[500, 200]] * 3
    assert killed.start("autosend").settle() == 0


def test_a_reset_and_a_dropped_workspace_last(killed: Killed):
    client = killed.start(fixture="demo")
    client.sandbox.prepare()
    fresh = contents(client.sandbox)
    make(client, 1)
    client.get("/contacts", headers={"X-Lookalike-Workspace": "other"})
    client.sandbox.reset(DEFAULT_WORKSPACE)
    assert client.sandbox.drop("other")
    again = killed.start(fixture="demo")
    assert list(again.sandbox.workspaces) == [DEFAULT_WORKSPACE]
    assert contents(again.sandbox) == fresh


class TestFullDisk:
    def test_a_write_is_answered_5xx_and_undone(self, killed: Killed, monkeypatch: pytest.MonkeyPatch):
        client = killed.start()
        kept = make(client, 1)
        before = contents(client.sandbox)
        append = client.sandbox.store._journals.append
        monkeypatch.setattr(client.sandbox.store._journals, "append", _full)
        for vendor, path, body in (
            ("opensend", "/contacts", {"email": "lost@example.com"}),
            ("autosend", "/v1/contacts", {"email": "lost@example.com"}),
            ("customerio", "/v1/segments", {"segment": {"name": "lost"}}),
        ):
            assert Client(vendor, app=client.app).post(path, body).status == 500
        assert client.delete("/contacts/p1@example.com").status == 500
        assert client.get("/contacts/p1@example.com").json["id"] == kept
        assert contents(client.sandbox) == before
        reset = wsgi(client.app, "POST", "/_lookalike/reset", b"{}", {"Content-Type": "application/json"})
        assert (reset.status, reset.json) == (
            503,
            {"error": f"The store {killed.path} cannot be written: No space left on device."},
        )
        assert contents(client.sandbox) == before
        monkeypatch.setattr(client.sandbox.store._journals, "append", append)
        made = make(client, 2)
        assert made == UUID
        after = contents(client.sandbox)
        assert contents(killed.start().sandbox) == after

    def test_reads_go_on_whatever_they_would_note(self, killed: Killed, monkeypatch: pytest.MonkeyPatch):
        client = killed.start()
        make(client, 1)
        before = contents(client.sandbox)
        monkeypatch.setattr(client.sandbox.store._journals, "append", _full)
        another = client.as_key("os_another")
        listed = another.get("/contacts")
        assert (listed.status, [one["email"] for one in listed.json["data"]]) == (200, ["p1@example.com"])
        assert another.delete("/contacts/p1@example.com").status == 500
        assert contents(client.sandbox) == before

    def test_a_clock_that_cannot_be_kept_stays(self, killed: Killed, monkeypatch: pytest.MonkeyPatch):
        client = killed.start()
        make(client, 1)
        client.sandbox.move_clock(lambda clock: clock.freeze(1_800_000_000.0), DEFAULT_WORKSPACE)
        monkeypatch.setattr(client.sandbox.store._journals, "append", _full)
        body = b'{"freeze": "2030-01-01T00:00:00Z"}'
        reply = wsgi(client.app, "POST", "/_lookalike/clock", body, {"Content-Type": "application/json"})
        assert reply.status == 503
        assert client.sandbox.workspace(DEFAULT_WORKSPACE).clock.now() == 1_800_000_000.0

    def test_at_start_it_is_one_sentence(self, killed: Killed, monkeypatch: pytest.MonkeyPatch):
        killed.start(fixture="demo")
        killed.end()
        write = os.write
        monkeypatch.setattr(os, "write", lambda fd, data: write(fd, data) if data.isspace() else _full())
        client = killed.start(fixture="demo")
        with pytest.raises(StoreError) as caught:
            client.sandbox.prepare()
        assert str(caught.value) == f"The store {killed.path} cannot be written: No space left on device."


def _full(*_: object) -> None:
    raise FULL
