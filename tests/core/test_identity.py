"""Who calls: workspaces by tag and by header, names that cannot be, strict keys, and the keys that lookalike shows."""

from __future__ import annotations

import pytest

from lookalike.banner import banner, ready_line
from lookalike.server import Server
from lookalike.settings import Settings
from tests.support import Client

RULE = "a workspace's name has 1 to 64 letters, digits, dots, dashes and underscores"


@pytest.fixture
def client() -> Client:
    return Client("autosend")


def workspace_of(client: Client) -> str:
    return next(client.sandbox.journal.newest_first()).workspace


@pytest.mark.parametrize(
    ("key", "headers", "name"),
    [
        ("AS_a", {}, "default"),
        ("AS_a~", {}, "default"),
        ("AS_a~ci7", {}, "ci7"),
        ("AS_a~b~ci7", {}, "ci7"),
        ("AS_a~ci7", {"X-Lookalike-Workspace": "other"}, "other"),
        ("AS_a", {"X-Lookalike-Workspace": "other"}, "other"),
        ("AS_a~" + "x" * 64, {}, "x" * 64),
        ("", {"X-Lookalike-Workspace": "other"}, "other"),
    ],
)
def test_the_workspace_that_is_named(client, key, headers, name):
    client.as_key(key).get("/v1/events", headers=headers)
    assert workspace_of(client) == name


@pytest.mark.parametrize("name", ["feature/x", ".fixture", "-", "x" * 65, "ä", "a:b"])
def test_a_name_that_cannot_be_is_refused_and_meets_nobody(client, name):
    for caller, headers in ((client.as_key(f"AS_a~{name}"), {}), (client, {"X-Lookalike-Workspace": name})):
        reply = caller.post("/v1/contacts", {"email": "ann@example.com"}, headers=headers)
        assert (reply.status, reply.json) == (400, {"error": f"Workspace {name!r} cannot be: {RULE}."})
        assert reply.headers["x-lookalike-status"] == "bad_workspace"
    assert client.post("/v1/contacts", {"email": "ann@example.com"}).status == 200
    assert list(client.sandbox.workspaces) == ["default"]


@pytest.mark.parametrize("name", ["test_invalid_email", "restricted"])
def test_no_workspace_is_made_that_no_key_could_reach(client, name):
    reply = client.control("POST", "/workspaces", {"name": name})
    assert reply.status == 400
    assert "no key could reach it" in reply.json["error"]
    assert list(client.sandbox.workspaces) == []


@pytest.fixture
def strict(tmp_path) -> str:
    file = tmp_path / "keys.txt"
    file.write_text("# ours\nnonsense\nAS_zed\nAS_one\nAS_two~ci7\nos_one~ci7\n")
    return str(file)


def test_only_the_listed_keys_are_good(strict):
    client = Client("autosend", settings={"strict_keys": strict})
    statuses = {key: client.as_key(key).get("/v1/events").status for key in ("AS_one", "AS_two~ci7", "AS_zed")}
    assert set(statuses.values()) == {200}
    for key in ("AS_lookalike", "AS_one~ci7", "AS_two", "AS_on", "# ours", ""):
        assert client.as_key(key).get("/v1/events").status == 401


def test_the_line_to_paste_is_one_for_a_shell(tmp_path):
    file = tmp_path / "keys.txt"
    file.write_text("one & $two\n")
    with Server(Settings.model_validate({"strict_keys": str(file), "port": 0, "vendor": ("customerio",)})) as server:
        assert "CUSTOMERIO_APP_KEY='one & $two'\n" in banner(server)


def test_the_keys_that_are_shown_work(strict):
    chosen = {"strict_keys": strict, "port": 0, "fixture": "none", "vendor": ("autosend", "opensend")}
    settings = Settings.model_validate(chosen)
    with Server(settings) as server:
        shown = banner(server)
        assert "    key       AS_one\n" in shown
        assert "    key       none in the strict keys file\n" in shown
        assert "AUTOSEND_API_KEY=AS_one" in shown
        assert "RESEND_API_KEY" not in shown
        assert '"key": "AS_one"' in ready_line(server)
        client = Client("autosend", app=server.app)
        vendors = {one["name"]: one for one in client.control("GET", "/vendors").json["vendors"]}
        assert vendors["autosend"]["header"] == {"name": "Authorization", "value": "Bearer AS_one"}
        assert (vendors["opensend"]["key"], vendors["opensend"]["header"]) == (None, None)
        made = client.control("POST", "/workspaces", {"name": "ci7"}).json["vendors"]
        assert {name: one["key"] for name, one in made.items()} == {"autosend": "AS_two~ci7", "opensend": "os_one~ci7"}
