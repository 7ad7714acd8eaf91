"""Snapshots and forks, through the control API: what comes back, what stays apart, which files are refused."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.core.lab import lab
from tests.receiver import Receiver
from tests.support import TIME, Client

NEW_YEAR = "2026-01-01T00:00:00.000Z"


@pytest.fixture(params=["memory:", "tinydb:", "redis:"])
def client(request: pytest.FixtureRequest, tmp_path: Path):
    store = {
        "memory:": lambda: "memory:",
        "tinydb:": lambda: f"tinydb:{tmp_path / 'state.json'}",
        "redis:": lambda: request.getfixturevalue("redis_url"),
    }[request.param]()
    made = Client("opensend", settings={"store": store, "vendor": ("opensend", "autosend"), "fixture": "demo"})
    made.sandbox.prepare()
    yield made
    made.sandbox.close()


def emails(client: Client, workspace: str = "default") -> set[str]:
    """Whom both vendors know in a workspace."""
    tag = {"X-Lookalike-Workspace": workspace}
    listed = client.get("/contacts?limit=100", headers=tag).json["data"]
    asked = {"contactListId": "GLOBAL_CONTACT_LIST", "limit": 100}
    rows = Client("autosend", app=client.app).post("/v1/contact-lists/contacts/search", asked, headers=tag)
    return {one["email"] for one in listed} | {f"autosend {one['email']}" for one in rows.json["data"]["contacts"]}


def add(client: Client, email: str, workspace: str = "default") -> None:
    tag = {"X-Lookalike-Workspace": workspace}
    assert client.post("/contacts", {"email": email}, headers=tag).status == 201
    assert Client("autosend", app=client.app).post("/v1/contacts", {"email": email}, headers=tag).status < 300


def error(reply: Any, status: int = 400) -> str:
    assert reply.status == status, reply.text
    assert list(reply.json) == ["error"]
    return str(reply.json["error"])


class TestGoingBack:
    def test_documents_time_and_ids_are_as_they_were(self, client: Client):
        client.clock(freeze=NEW_YEAR)
        add(client, "before@example.com")
        before = emails(client)
        saved = client.control("PUT", "/snapshots/base")
        assert (saved.status, saved.json) == (200, {"name": "base", "made_at": NEW_YEAR, "workspaces": ["default"]})
        made = client.post("/contacts", {"email": "after@example.com"}).json["id"]
        client.delete("/contacts/before@example.com")
        client.clock(advance="8d")
        assert emails(client) != before
        back = client.control("POST", "/snapshots/base/restore", {})
        assert (back.status, back.json) == (200, {"workspaces": ["default"]})
        assert emails(client) == before
        assert client.sandbox.workspace("default").clock.iso() == NEW_YEAR
        assert client.post("/contacts", {"email": "after@example.com"}).json["id"] == made

    def test_as_often_as_one_likes(self, client: Client):
        before = emails(client)
        client.control("PUT", "/snapshots/base")
        for n in range(3):
            add(client, f"new{n}@example.com")
            client.control("POST", "/snapshots/base/restore", {})
            assert emails(client) == before

    def test_what_was_due_falls_due_again(self, client: Client):
        client.clock(freeze="2026-01-01T00:00:00Z")
        mail = {"from": "a@example.com", "to": ["b@example.com"], "subject": "x", "html": "x"}
        sent = client.post("/emails", mail | {"scheduled_at": "2026-01-03T00:00:00.000Z"}).json["id"]
        client.control("PUT", "/snapshots/base")
        for _ in range(2):
            client.clock(advance="5d")
            assert client.get(f"/emails/{sent}").json["last_event"] == "sent"
            client.control("POST", "/snapshots/base/restore", {})
            assert client.get(f"/emails/{sent}").json["last_event"] == "scheduled"

    def test_one_workspace_of_many(self, client: Client):
        add(client, "one@example.com", "one")
        before = {name: emails(client, name) for name in ("default", "one")}
        assert client.control("PUT", "/snapshots/both").json["workspaces"] == ["default", "one"]
        assert client.control("PUT", "/snapshots/single", {"workspace": "one"}).json["workspaces"] == ["one"]
        for name in ("default", "one"):
            add(client, "later@example.com", name)
        assert client.control("POST", "/snapshots/both/restore", {"workspace": "one"}).json == {"workspaces": ["one"]}
        assert emails(client, "one") == before["one"]
        assert emails(client) == before["default"] | {"later@example.com", "autosend later@example.com"}
        client.control("POST", "/snapshots/both/restore", {})
        assert emails(client) == before["default"]

    def test_a_dropped_workspace_comes_back(self, client: Client):
        add(client, "one@example.com", "one")
        before = emails(client, "one")
        client.control("PUT", "/snapshots/base", {"workspace": "one"})
        client.control("DELETE", "/workspaces/one")
        client.control("POST", "/snapshots/base/restore", {})
        assert emails(client, "one") == before

    def test_the_list_and_replacing_and_removing(self, client: Client):
        assert client.control("GET", "/snapshots").json == {"snapshots": []}
        for name in ("b", "a"):
            client.control("PUT", f"/snapshots/{name}")
        add(client, "later@example.com")
        client.control("PUT", "/snapshots/b")
        listed = client.control("GET", "/snapshots").json
        assert listed == {
            "snapshots": [{"name": name, "made_at": TIME, "workspaces": ["default"]} for name in ("a", "b")]
        }
        client.control("POST", "/snapshots/a/restore", {})
        assert "later@example.com" not in emails(client)
        client.control("POST", "/snapshots/b/restore", {})
        assert "later@example.com" in emails(client)
        assert client.control("DELETE", "/snapshots/b").json == {"deleted": "b"}
        assert [one["name"] for one in client.control("GET", "/snapshots").json["snapshots"]] == ["a"]
        assert [name for name in client.sandbox.store.workspaces() if "snapshot" in name] == [".snapshot a default"]

    def test_what_is_kept_under_a_name_is_what_it_was_kept_for_last(self, client: Client):
        add(client, "there@example.com", "other")
        for name in ("b", "bb", "c"):
            client.control("PUT", f"/snapshots/{name}")
        client.control("PUT", "/snapshots/b", {"workspace": "default"})
        client.control("DELETE", "/snapshots/c")
        places = [name for name in client.sandbox.store.workspaces() if name.startswith(".snapshot")]
        assert sorted(places) == [".snapshot b default", ".snapshot bb default", ".snapshot bb other"]
        client.control("DELETE", "/snapshots/b")
        add(client, "later@example.com", "other")
        assert client.control("POST", "/snapshots/bb/restore", {"workspace": "other"}).status == 200
        assert emails(client, "other") >= {"there@example.com"}
        assert "later@example.com" not in emails(client, "other")

    def test_what_was_half_taken_goes_at_the_start(self, client: Client):
        client.control("PUT", "/snapshots/b")
        store = client.sandbox.store
        store.lay_down(".snapshot half default", "opensend", "contacts", {"x": b'{"id":"x"}'})
        client.sandbox.snapshots.tidy()
        assert [name for name in store.workspaces() if name.startswith(".snapshot")] == [".snapshot b default"]
        assert client.control("POST", "/snapshots/b/restore", {}).status == 200

    def test_they_are_no_workspaces(self, client: Client):
        client.control("PUT", "/snapshots/base")
        assert [one["name"] for one in client.control("GET", "/workspaces").json["workspaces"]] == ["default"]


class TestRefusals:
    def test_names_and_workspaces(self, client: Client):
        assert error(client.control("POST", "/snapshots/x/restore", {}), 404) == (
            "There is no snapshot 'x': PUT it first."
        )
        client.control("PUT", "/snapshots/base")
        for method in ("GET", "DELETE"):
            assert error(client.control(method, "/snapshots/x"), 404) == "There is no snapshot 'x': there are base."
        assert error(client.control("POST", "/snapshots/base/restore", {"workspace": "w"}), 404) == (
            "Snapshot 'base' holds no workspace 'w': leave it out for all."
        )
        assert error(client.control("PUT", "/snapshots/-x")) == (
            "Snapshot '-x' cannot be: use 1 to 64 letters, digits, dots, dashes and underscores."
        )
        assert error(client.control("PUT", "/snapshots/x", {"workspace": "w"}), 404) == (
            "There is no workspace 'w': GET /_lookalike/workspaces lists them."
        )
        assert error(client.control("PUT", "/snapshots/x", {"workspace": "w", "file": "f"})) == (
            "The body cannot be used: send one of workspace, file and workspaces."
        )
        assert error(client.control("PUT", "/snapshots/x", {"file": "/none/such"})) == (
            "Member 'file' cannot be used: No such file or directory."
        )

    @pytest.mark.parametrize(
        ("told", "sentence"),
        [
            ({"workspaces": {}}, "it is no snapshot of lookalike"),
            ({"lookalike": {"version": 2}, "workspaces": {}}, "it is of version 2, and this lookalike reads 1"),
            ({"lookalike": {"version": 1}}, "it holds no workspaces"),
            ({"lookalike": {"version": 1}, "workspaces": {}}, "it holds no workspaces"),
            ({"w": None}, "workspace 'w' lacks its state or its documents"),
            ({"w": {"state": {}}}, "workspace 'w' lacks its state or its documents"),
            ({"w": {"state": 1, "documents": {}}}, "workspace 'w' has a state that makes no sense"),
            ({"w": {"state": {"seed": "x"}, "documents": {}}}, "workspace 'w' has a state that makes no sense"),
            (
                {"w": {"state": {"clock": {"at": 1e18}}, "documents": {}}},
                "workspace 'w' has a state that makes no sense",
            ),
            (
                {"w": {"state": {}, "documents": {"opensend": []}}},
                "workspace 'w' has documents that are not lists of objects with an id",
            ),
            (
                {"w": {"state": {}, "documents": {"opensend/contacts": [{"id": 1}]}}},
                "workspace 'w' has documents that are not lists of objects with an id",
            ),
            (
                {"w": {"state": {}, "documents": {"opensend/contacts": [{"id": "a"}]}}},
                "workspace 'w', opensend/contacts: a document lacks its 'unsubscribed'",
            ),
            (
                {
                    "w": {
                        "state": {},
                        "documents": {
                            "opensend/segments": [],
                            "lookalike/tasks": [{"id": "a", "number": "x", "vendor": "v"}],
                        },
                    }
                },
                "workspace 'w', lookalike/tasks: a document lacks its 'at'",
            ),
        ],
    )
    def test_files(self, client: Client, told: dict[str, Any], sentence: str):
        body = told if told.keys() & {"lookalike", "workspaces"} else {"lookalike": {"version": 1}, "workspaces": told}
        before = client.sandbox.store.workspaces()
        assert error(client.control("PUT", "/snapshots/x", body)) == f"The snapshot cannot be used: {sentence}."
        assert client.control("GET", "/snapshots").json == {"snapshots": []}
        assert client.sandbox.store.workspaces() == before


class TestServersThatShare:
    """What one server keeps the others have: a balancer sends each request to another one."""

    @pytest.fixture(params=["redis_url", "cluster_url"])
    def two(self, request: pytest.FixtureRequest) -> Iterator[list[Client]]:
        settings = {"store": request.getfixturevalue(request.param), "vendor": ("opensend", "autosend")}
        clients = [Client("opensend", settings={**settings, "fixture": "demo"}) for _ in "ab"]
        for client in clients:
            client.sandbox.prepare()
        yield clients
        for client in clients:
            client.sandbox.close()

    def test_one_goes_back_to_what_another_has_kept(self, two: list[Client]):
        one, other = two
        before = emails(one)
        assert one.control("PUT", "/snapshots/base").status == 200
        add(other, "after@example.com")
        assert other.control("POST", "/snapshots/base/restore", {}).json == {"workspaces": ["default"]}
        assert [emails(client) for client in two] == [before, before]

    def test_each_replaces_and_forgets_what_another_has_kept(self, two: list[Client]):
        one, other = two
        one.control("PUT", "/snapshots/base")
        add(one, "second@example.com")
        second = emails(one)
        assert other.control("PUT", "/snapshots/base").status == 200
        add(one, "third@example.com")
        assert one.control("POST", "/snapshots/base/restore", {}).status == 200
        assert [emails(client) for client in two] == [second, second]
        assert one.control("DELETE", "/snapshots/base").status == 200
        assert other.control("PUT", "/snapshots/base").status == 200
        assert one.control("DELETE", "/snapshots/base").status == 200
        assert other.control("GET", "/snapshots").json == {"snapshots": []}

    def test_one_hands_out_and_takes_in_what_another_has_kept(self, two: list[Client]):
        one, other = two
        before = emails(one)
        one.control("PUT", "/snapshots/base")
        file = one.control("GET", "/snapshots/base").json
        assert other.control("GET", "/snapshots/base").json == file
        add(one, "after@example.com")
        for taking, going_back in ((one, other), (other, one), (one, one)):
            assert taking.control("PUT", "/snapshots/theirs", file).status == 200
            assert going_back.control("POST", "/snapshots/theirs/restore", {}).status == 200
            assert [emails(client) for client in two] == [before, before]

    def test_what_one_leaves_at_its_end_has_what_another_has_done(
        self, two: list[Client], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        one, other = two
        file = tmp_path / "left.json"
        add(other, "last@example.com")
        with monkeypatch.context() as at_its_end:
            settings = one.sandbox.settings.model_copy(update={"snapshot_on_exit": str(file)})
            at_its_end.setattr(one.sandbox, "settings", settings)
            one.sandbox.close()
        assert b'"last@example.com"' in file.read_bytes()

    def test_two_take_in_the_same_at_a_time(self, two: list[Client], monkeypatch: pytest.MonkeyPatch):
        one, other = two
        before = emails(one)
        one.control("PUT", "/snapshots/base")
        file = one.control("GET", "/snapshots/base").json
        lay_down, laid = one.sandbox.store.lay_down, []

        def meanwhile(*args: Any) -> None:
            laid.append(args)
            if len(laid) == 2:
                assert other.control("PUT", "/snapshots/theirs", file).status == 200
            lay_down(*args)

        monkeypatch.setattr(one.sandbox.store, "lay_down", meanwhile)
        assert one.control("PUT", "/snapshots/theirs", file).status == 200
        add(one, "after@example.com")
        assert other.control("POST", "/snapshots/theirs/restore", {}).status == 200
        assert [emails(client) for client in two] == [before, before]


class TestFiles:
    def test_what_is_downloaded_can_be_taken_in_elsewhere(self, client: Client):
        add(client, "ann@example.com", "one")
        client.clock(freeze=NEW_YEAR)
        client.control("PUT", "/snapshots/base")
        reply = client.control("GET", "/snapshots/base")
        assert reply.headers["content-disposition"] == 'attachment; filename="base.json"'
        told = reply.json
        assert (told["lookalike"], told["name"], told["made_at"]) == ({"version": 1}, "base", NEW_YEAR)
        assert list(told["workspaces"]) == ["default", "one"]
        assert told["workspaces"]["one"]["state"]["ids"].keys() == {"autosend", "opensend"}
        documents = told["workspaces"]["one"]["documents"]
        assert "ann@example.com" in {one["email"] for one in documents["opensend/contacts"]}
        other = Client("opensend", settings={"vendor": ("opensend", "autosend")})
        assert other.control("PUT", "/snapshots/theirs", told).json == {
            "name": "theirs",
            "made_at": TIME,
            "workspaces": ["default", "one"],
        }
        other.control("POST", "/snapshots/theirs/restore", {})
        for name in ("default", "one"):
            assert emails(other, name) == emails(client, name)
        assert other.sandbox.workspace("one").clock.iso() == NEW_YEAR
        ids = [
            one.post("/contacts", {"email": "next@example.com"}, headers={"X-Lookalike-Workspace": "one"}).json["id"]
            for one in (client, other)
        ]
        assert ids[0] == ids[1]

    def test_a_vendor_that_is_not_served_is_kept(self, client: Client):
        client.control("PUT", "/snapshots/base")
        told = client.control("GET", "/snapshots/base").json
        alone = Client("opensend")
        alone.control("PUT", "/snapshots/base", told)
        alone.control("POST", "/snapshots/base/restore", {})
        alone.control("PUT", "/snapshots/again")
        again = alone.control("GET", "/snapshots/again").json
        kept = again["workspaces"]["default"]["documents"]["autosend/contacts"]
        assert kept == told["workspaces"]["default"]["documents"]["autosend/contacts"]

    def test_a_file_on_the_servers_machine(self, client: Client, tmp_path: Path):
        client.control("PUT", "/snapshots/base")
        path = tmp_path / "base.json"
        path.write_bytes(client.control("GET", "/snapshots/base").raw)
        assert client.control("PUT", "/snapshots/read", {"file": str(path)}).json["workspaces"] == ["default"]
        path.write_text("{")
        assert error(client.control("PUT", "/snapshots/read", {"file": str(path)})).startswith(
            "Member 'file' cannot be used: it is not JSON ("
        )

    def test_on_exit(self, tmp_path: Path):
        path = tmp_path / "exit.json"
        client = Client("opensend", settings={"snapshot_on_exit": str(path)})
        client.post("/contacts", {"email": "ann@example.com"})
        client.sandbox.close()
        other = Client("opensend")
        other.control("PUT", "/snapshots/exit", json.loads(path.read_bytes()))
        other.control("POST", "/snapshots/exit/restore", {})
        assert [one["email"] for one in other.get("/contacts").json["data"]] == ["ann@example.com"]

    def test_on_exit_where_nothing_can_be_written(self, tmp_path: Path, caplog: pytest.LogCaptureFixture):
        path = tmp_path / "none" / "exit.json"
        path.parent.mkdir()
        client = Client("opensend", settings={"snapshot_on_exit": str(path)})
        path.parent.rmdir()  # at start it is refused, see test_settings
        with caplog.at_level(logging.ERROR, "lookalike"):
            client.sandbox.close()
        assert caplog.messages == [f"the snapshot {path} cannot be written: No such file or directory"]


class TestForks:
    def test_a_fork_begins_as_its_origin_and_goes_its_own_way(self, client: Client):
        client.clock(freeze=NEW_YEAR)
        add(client, "both@example.com")
        before = emails(client)
        forked = client.control("POST", "/workspaces", {"name": "b", "from": "default"})
        assert forked.status == 201
        assert forked.json["vendors"]["opensend"]["key"].endswith("~b")
        assert emails(client, "b") == before
        assert client.sandbox.workspace("b").clock.iso() == NEW_YEAR
        add(client, "a@example.com")
        add(client, "b@example.com", "b")
        client.delete("/contacts/both@example.com", headers={"X-Lookalike-Workspace": "b"})
        assert emails(client) == before | {"a@example.com", "autosend a@example.com"}
        assert emails(client, "b") == (before | {"b@example.com", "autosend b@example.com"}) - {"both@example.com"}

    def test_webhooks_under_way_are_the_origins(self, receiver: Receiver):
        """Those that were sent are known to both; what happens in the fork is told by the fork."""
        receiver.answers(200, 500)
        here = lab()
        control = here.client.control
        sent = here.deliver(receiver.url, n=1)
        here.client.settle()
        late = here.deliver(receiver.url, n=2)
        here.client.settle()
        never = {"vendor": "opensend", "subscription": "held", "never": True}
        assert control("PUT", "/webhooks/modes", never).status == 200
        held = here.deliver(receiver.url, n=3, subscription="held")
        control("POST", "/workspaces", {"name": "b", "from": "default"})

        def deliveries(workspace: str) -> dict[str, str]:
            found = control("GET", f"/webhooks/deliveries?workspace={workspace}").json["deliveries"]
            return {one["id"]: one["status"] for one in found}

        assert deliveries("default") == {sent: "delivered", late: "pending", held: "held"}
        assert deliveries("b") == {sent: "delivered"}
        here.client.clock(advance="1h", workspace="b")
        control("DELETE", "/webhooks/modes?workspace=b")
        here.client.settle("b")
        assert [got.json["n"] for got in receiver.received] == [1, 2]
        workspace = here.client.sandbox.workspace("b")
        with workspace.unit():
            workspace.parts["opensend"].deliver(subscription="s", event="e", url=receiver.url, payload={"n": 4})
        here.client.settle("b")
        here.client.clock(advance="1h", workspace="default")
        assert [got.json["n"] for got in receiver.received] == [1, 2, 4, 2]

    def test_what_was_to_be_sent_is_sent_again_after_going_back(self, receiver: Receiver):
        here = lab()
        here.deliver(receiver.url, n=1)
        here.client.control("PUT", "/snapshots/before")
        here.client.settle()
        here.client.control("POST", "/snapshots/before/restore", {})
        here.client.settle()
        assert [got.json["n"] for got in receiver.received] == [1, 1]

    def test_what_names_the_workspace_names_the_fork(self, client: Client):
        autosend = Client("autosend", app=client.app)
        asked = {"contactListId": "GLOBAL_CONTACT_LIST", "limit": 5}

        def projects(workspace: str) -> set[str]:
            reply = autosend.post(
                "/v1/contact-lists/contacts/search", asked, headers={"X-Lookalike-Workspace": workspace}
            )
            return {one["projectId"] for one in reply.json["data"]["contacts"]}

        [default] = projects("default")
        client.control("POST", "/workspaces", {"name": "b", "from": "default"})
        [forked] = projects("b")
        assert forked != default
        assert projects("default") == {default}
        assert projects("b") == {forked}

    def test_it_lasts(self, client: Client):
        add(client, "both@example.com")
        client.control("POST", "/workspaces", {"name": "b", "from": "default"})
        before = emails(client, "b")
        client.control("PUT", "/snapshots/base")
        settings = client.sandbox.settings
        if settings.store == "memory:":
            return
        client.sandbox.close()
        again = Client("opensend", settings={"store": settings.store, "vendor": ("opensend", "autosend")})
        assert emails(again, "b") == before
        add(again, "later@example.com", "b")
        again.control("POST", "/snapshots/base/restore", {})
        assert emails(again, "b") == before
        again.sandbox.close()

    def test_refusals(self, client: Client):
        assert error(client.control("POST", "/workspaces", {"name": "b", "from": "none"}), 404) == (
            "There is no workspace 'none': GET /_lookalike/workspaces lists them."
        )
        client.control("POST", "/workspaces", {"name": "b"})
        assert error(client.control("POST", "/workspaces", {"name": "b", "from": "default"}), 409) == (
            "There is a workspace 'b' already: drop it first."
        )
        assert error(client.control("POST", "/workspaces", {"name": "c", "from": "b", "seed": 1})) == (
            "The body cannot be used: a workspace begins with a fixture or from another workspace: send one of both."
        )
        assert [one["name"] for one in client.control("GET", "/workspaces").json["workspaces"]] == ["default", "b"]
