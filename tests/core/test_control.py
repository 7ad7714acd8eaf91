"""The control API's nouns of the whole server: health, vendors, coverage, contracts, reset, workspaces."""

from __future__ import annotations

import pytest

from lookalike import __version__
from lookalike.app import create_app
from lookalike.sandbox import Sandbox
from lookalike.settings import Settings
from tests.support import Client, wsgi

NEW_YEAR = "2026-01-01T00:00:00.000Z"


@pytest.fixture
def client() -> Client:
    made = Client("autosend", settings={"vendor": ("autosend",)})
    made.sandbox.prepare()
    return made


def create(client: Client, email: str = "ann@example.com") -> str:
    reply = client.post("/v1/contacts", {"email": email})
    assert reply.status < 300, reply.text
    return email


def tagged(client: Client, workspace: str) -> Client:
    return client.as_key(f"AS_key~{workspace}")


def test_health_is_ready_only_once_seeded():
    sandbox = Sandbox(Settings(fixture="none"))
    app = create_app(sandbox=sandbox)
    before = wsgi(app, "GET", "/_lookalike/health", b"", {})
    assert before.status == 503
    assert before.json == {"error": "lookalike is still being seeded: ask again."}
    sandbox.prepare()
    after = wsgi(app, "GET", "/_lookalike/health", b"", {})
    assert after.status == 200
    assert after.json == {"status": "ok", "version": __version__}
    assert after.headers["content-type"] == "application/json"


def test_a_plain_wsgi_app_is_ready_once_made():
    app = create_app(Settings(fixture="none"))
    assert wsgi(app, "GET", "/_lookalike/health", b"", {}).status == 200


def test_vendors_tell_where_they_are_and_what_to_send(client):
    reply = client.control("GET", "/vendors")
    assert reply.status == 200
    assert reply.json == {
        "vendors": [
            {
                "name": "autosend",
                "title": "AutoSend",
                "url": "/autosend/v1",
                "key": "AS_lookalike",
                "header": {"name": "Authorization", "value": "Bearer AS_lookalike"},
                "hosts": ["api.autosend.com", "autosend.localhost"],
            }
        ]
    }


def test_the_environment_is_what_sdks_read(client):
    """An app without a server of ours around it does not know its own address."""
    reply = client.control("GET", "/environment")
    assert reply.status == 200
    assert reply.json == {
        "url": None,
        "tls_url": None,
        "ca": None,
        "proxy_url": None,
        "variables": {
            "LOOKALIKE_AUTOSEND_URL": "/autosend/v1",
            "LOOKALIKE_AUTOSEND_KEY": "AS_lookalike",
            "AUTOSEND_BASE_URL": "/autosend/v1",
            "AUTOSEND_API_KEY": "AS_lookalike",
        },
    }


def test_coverage_counts_and_lists_operations(client):
    coverage = client.sandbox.vendors["autosend"].coverage
    counts = client.control("GET", "/coverage").json["vendors"]
    assert list(counts) == ["autosend"]
    summary = counts["autosend"]
    known = [entry for entry in coverage.entries if entry.state != "planned"]
    assert summary["documented"] == len(coverage.entries)
    assert summary["implemented"] == len(known) == summary["full"] + summary["partial"]
    assert sum(source["operations"] for source in summary["sources"].values()) == len(known)
    assert sum(source["share"] for source in summary["sources"].values()) == pytest.approx(1, abs=0.01)
    listed = client.control("GET", "/coverage?vendor=autosend").json["vendors"]["autosend"]
    operations = listed.pop("operations")
    assert listed == summary
    assert [operation["id"] for operation in operations] == [entry.id for entry in coverage.entries]
    created = next(operation for operation in operations if operation["id"] == "create_contact")
    assert created == {
        "id": "create_contact",
        "method": "POST",
        "paths": ["/v1/contacts"],
        "state": "full",
        "source": created["source"],
        "doc": created["doc"],
        "why": None,
    }


def test_the_contract_document_is_served(client):
    reply = client.control("GET", "/openapi/autosend.json")
    assert reply.status == 200
    assert reply.json["openapi"] == "3.1.0"
    assert reply.json["servers"] == [{"url": "/autosend/v1"}]


def contacts(client: Client) -> int:
    workspace = client.sandbox.workspaces.get("default" if "~" not in client.key else client.key.rpartition("~")[2])
    part = workspace and workspace.part("autosend")
    resource = next(r for r in client.sandbox.vendors["autosend"].resources if r.name == "contacts")
    return part.collection(resource).count() if part else 0


def test_reset_of_everything_empties_all_workspaces_and_resumes_the_clock(client):
    other = tagged(client, "ci7")
    create(client)
    create(other)
    client.clock(freeze=NEW_YEAR)
    reply = client.control("POST", "/reset", {})
    assert reply.status == 200
    assert reply.json == {"workspaces": ["default", "ci7"]}
    assert (contacts(client), contacts(other)) == (0, 0)
    clocks = client.control("GET", "/clock").json
    assert not clocks["clock"]["frozen"]
    assert not clocks["workspaces"]["ci7"]["frozen"]


def test_reset_of_one_workspace_leaves_the_others(client):
    other = tagged(client, "ci7")
    create(client)
    create(other)
    assert client.control("POST", "/reset", {"workspace": "ci7"}).json == {"workspaces": ["ci7"]}
    assert (contacts(client), contacts(other)) == (1, 0)


def test_reset_of_one_workspace_takes_up_the_time_of_all(client):
    other = tagged(client, "ci7")
    create(other)
    client.clock(freeze=NEW_YEAR)
    client.clock(advance="1h", workspace="ci7")
    client.control("POST", "/reset", {"workspace": "ci7"})
    assert client.control("GET", "/clock?workspace=ci7").json == {
        "workspace": "ci7",
        "clock": {"now": NEW_YEAR, "frozen": True, "shift": 0.0},
    }


def test_reset_of_one_vendor_drops_its_messages_and_keeps_the_time(client):
    create(client)
    client.clock(freeze=NEW_YEAR)
    client.sandbox.workspace("default").part("autosend").keep_message({"id": "m1", "created_at": NEW_YEAR})
    assert client.control("POST", "/reset", {"vendor": "autosend"}).json == {"workspaces": ["default"]}
    assert contacts(client) == 0
    assert client.control("GET", "/messages").json == {"messages": []}
    assert client.control("GET", "/clock").json["workspaces"]["default"]["now"] == NEW_YEAR


def test_a_reset_workspace_repeats_its_ids(client):
    first = client.post("/v1/contacts", {"email": "ann@example.com"}).json["data"]["id"]
    client.control("POST", "/reset")
    assert client.post("/v1/contacts", {"email": "ann@example.com"}).json["data"]["id"] == first


def test_reset_does_not_touch_faults_and_requests(client):
    create(client)
    client.control("POST", "/faults", {"fault": "503"})
    client.control("POST", "/reset")
    assert len(client.control("GET", "/faults").json["faults"]) == 1
    assert client.control("GET", "/requests").json["count"] == 1


def test_a_workspace_is_made_listed_and_dropped(client):
    client.clock(freeze=NEW_YEAR)
    made = client.control("POST", "/workspaces", {"name": "ci7"})
    assert made.status == 201
    assert made.json == {
        "name": "ci7",
        "vendors": {
            "autosend": {
                "url": "/autosend/v1",
                "key": "AS_lookalike~ci7",
                "environment": {
                    "LOOKALIKE_AUTOSEND_URL": "/autosend/v1",
                    "LOOKALIKE_AUTOSEND_KEY": "AS_lookalike~ci7",
                    "AUTOSEND_BASE_URL": "/autosend/v1",
                    "AUTOSEND_API_KEY": "AS_lookalike~ci7",
                },
            }
        },
    }
    create(client.as_key(made.json["vendors"]["autosend"]["key"]))
    assert client.control("GET", "/workspaces").json == {
        "workspaces": [
            {"name": "default", "now": NEW_YEAR, "vendors": ["autosend"]},
            {"name": "ci7", "now": NEW_YEAR, "vendors": ["autosend"]},
        ]
    }
    gone = client.control("DELETE", "/workspaces/ci7")
    assert (gone.status, gone.json) == (200, {"deleted": "ci7"})
    assert [found["name"] for found in client.control("GET", "/workspaces").json["workspaces"]] == ["default"]
    assert contacts(tagged(client, "ci7")) == 0


def test_making_a_workspace_again_keeps_what_is_in_it(client):
    other = tagged(client, "ci7")
    create(other)
    assert client.control("POST", "/workspaces", {"name": "ci7"}).status == 201
    assert contacts(other) == 1


def test_what_belongs_to_a_dropped_workspace_goes_with_it(client):
    names = ("ci7", "ci*", "*", "ci77")
    client.control("POST", "/faults", [{"when": {"workspace": name}, "fault": "503"} for name in names])
    tagged(client, "ci7").get("/v1/contacts/unknown")
    client.control("DELETE", "/workspaces/ci7")
    assert [rule["when"]["workspace"] for rule in client.control("GET", "/faults").json["faults"]] == [
        "ci*",
        "*",
        "ci77",
    ]
    assert client.control("GET", "/requests").json["count"] == 0


ANN = """
people:
  list:
    - {email: ann@example.com, first_name: Ann}
"""


def emails(client: Client) -> list[str]:
    found = client.post("/v1/contacts/search/emails", {"emails": ["ann@example.com"]}).json["data"]
    return [contact["email"] for contact in found["contacts"]]


def test_a_workspace_may_start_with_a_fixture_of_its_own(client):
    assert client.control("POST", "/workspaces", {"name": "ci7", "fixture": ANN}).status == 201
    other = tagged(client, "ci7")
    assert (emails(other), emails(client)) == (["ann@example.com"], [])
    create(other, "bob@example.com")
    client.control("POST", "/reset", {"workspace": "ci7"})
    assert contacts(other) == 1
    again = client.control("POST", "/workspaces", {"name": "ci7", "fixture": "demo"})
    assert (again.status, again.json) == (
        409,
        {"error": "There is a workspace 'ci7' already: POST /_lookalike/reset fills it with another fixture."},
    )


def test_a_fixture_of_its_own_lasts_and_goes_along(tmp_path):
    settings = {"vendor": ("autosend",), "store": f"tinydb:{tmp_path / 'state.json'}"}
    first = Client("autosend", settings=settings)
    first.control("POST", "/workspaces", {"name": "ci7", "fixture": ANN, "seed": 7})
    first.control("POST", "/workspaces", {"name": "fork", "from": "ci7"})
    first.sandbox.close()
    second = Client("autosend", settings=settings)
    for name in ("ci7", "fork"):
        other = tagged(second, name)
        create(other, "bob@example.com")
        second.control("POST", "/reset", {"workspace": name})
        assert (contacts(other), emails(other)) == (1, ["ann@example.com"])
    assert second.sandbox.workspace("ci7").seed == 7
    second.sandbox.close()


def test_a_reset_may_lead_to_another_fixture(client):
    create(client, "bob@example.com")
    reply = client.control("POST", "/reset", {"workspace": "default", "fixture": ANN})
    assert (reply.status, reply.json) == (200, {"workspaces": ["default"]})
    assert (contacts(client), emails(client)) == (1, ["ann@example.com"])
    client.control("POST", "/reset", {"workspace": "default", "fixture": "none"})
    assert contacts(client) == 0
    assert client.control("POST", "/reset", {"workspace": "new", "fixture": ANN}).status == 200
    assert emails(tagged(client, "new")) == ["ann@example.com"]


def test_a_fixture_that_makes_no_sense_changes_nothing(client):
    create(client)
    assert client.control("POST", "/reset", {"workspace": "default", "fixture": "a:\n b"}).status == 400
    assert client.control("POST", "/workspaces", {"name": "new", "fixture": "a:\n b"}).status == 400
    client.control("POST", "/reset", {"workspace": "default"})
    assert contacts(client) == 0
    assert [found["name"] for found in client.control("GET", "/workspaces").json["workspaces"]] == ["default"]


def test_a_seed_repeats_the_ids_of_a_workspace(client):
    def made(seed: int | None) -> str:
        client.control("POST", "/workspaces", {"name": "ci7", "seed": seed})
        id = tagged(client, "ci7").post("/v1/contacts", {"email": "ann@example.com"}).json["data"]["id"]
        client.control("DELETE", "/workspaces/ci7")
        return id

    assert made(7) == made(7)
    assert made(7) != made(8)
    assert made(None) == made(1), "the seed of the server"


def test_where_nothing_is_to_be_trusted_there_is_no_certificate(client):
    reply = client.control("GET", "/ca.pem")
    assert (reply.status, reply.json) == (
        404,
        {"error": "There is no TLS port, and so nothing to trust: start lookalike with --tls-port."},
    )


def kept(client: Client, workspace: str) -> list[dict]:
    return client.control("GET", f"/messages?workspace={workspace}").json["messages"]


def test_a_workspace_made_or_reset_holds_the_fixture_at_once():
    client = Client("autosend", settings={"fixture": "demo"})
    client.sandbox.prepare()
    messages = kept(client, "default")
    assert messages
    client.control("POST", "/workspaces", {"name": "ci7"})
    assert len(kept(client, "ci7")) == len(messages)
    client.control("POST", "/reset")
    assert kept(client, "default") == messages
    client.control("POST", "/reset", {"vendor": "autosend", "workspace": "default"})
    assert sorted(kept(client, "default"), key=str) == sorted(messages, key=str)
