"""The commands that talk to a running server: what they print, and how they fail."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import click
import pytest
from click.testing import Result

from lookalike import __version__
from lookalike.cli import main
from lookalike.cli.output import table
from lookalike.server import Server
from lookalike.settings import Settings, declared
from tests.core.terminal import lines

TIMEOUT = 30


@pytest.fixture
def server() -> Iterator[Server]:
    chosen = {"port": 0, "fixture": "none", "seed": 1, "vendor": ("autosend",)}
    with Server(Settings.model_validate(chosen)) as made:
        yield made


def answer(result: Result) -> Any:
    """What a command printed with --json."""
    assert result.exit_code == 0, result.output
    assert result.output.count("\n") == 1
    return json.loads(result.output)


def failure(result: Result) -> str:
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    return result.stderr.strip()


def create(server: Server, email: str, key: str = "AS_key") -> int:
    url = f"{server.url}/autosend/v1/contacts"
    body = json.dumps({"email": email}).encode()
    request = Request(url, body, {"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=TIMEOUT) as reply:
            return reply.status
    except HTTPError as error:
        with error:
            return error.code


def every_command(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        yield (*path, name)
        found = group.get_command(context, name)
        if isinstance(found, click.Group):
            yield from every_command(found, (*path, name))


@pytest.mark.parametrize("path", list(every_command(main)), ids=" ".join)
def test_every_command_has_help(run, path):
    result = run(*path, "--help")
    assert result.exit_code == 0
    assert result.output.startswith(f"Usage: lookalike {' '.join(path)}")


def test_without_a_command_there_is_help(run):
    result = run()
    assert result.exit_code == 0
    assert "serve" in result.output


NAMED = (
    ["workspaces", "remove"],
    ["faults", "remove"],
    ["messages", "show"],
    ["messages", "happen", ..., "opened"],
    ["segments", "why", ..., "ann@example.com"],
    ["webhooks", "show"],
    ["webhooks", "replay"],
    ["snapshot", "save"],
    ["snapshot", "load"],
    ["snapshot", "remove"],
)
"""The commands that take a name or id; it stands at the end unless it is marked."""


@pytest.mark.parametrize("name", ["", "a/b"])
@pytest.mark.parametrize("command", NAMED, ids=lambda command: " ".join(command[:2]))
def test_a_name_is_no_path(run, command, name):
    arguments = [name if word is ... else word for word in command]
    arguments += [] if ... in command else [name]
    assert failure(run(*arguments)) == f"lookalike: {name!r} is no name or id: give one without slashes."


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize(
    "arguments",
    [["vendors"], ["vendors", "--json"], [], ["--help"], ["--version"], ["vendors", "--help"]],
    ids=" ".join,
)
def test_an_output_that_takes_nothing_is_one_sentence(server, arguments):
    with open("/dev/full", "w") as full:
        told = subprocess.run(
            [sys.executable, "-m", "lookalike", *arguments],
            check=False,
            env={**os.environ, "LOOKALIKE_URL": server.url},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=TIMEOUT,
        )
    says = "lookalike: the output cannot be written: No space left on device.\n"
    assert (told.returncode, told.stderr) == (2, says)


def test_the_version_is_told(run):
    assert run("--version").output == f"lookalike, version {__version__}\n"


def test_an_unknown_command_is_one_sentence(run):
    assert failure(run("surve")).startswith("lookalike: No such command 'surve'")


def test_vendors(run, server):
    url = server.sandbox.urls["autosend"]
    assert lines(run("vendors")) == [f"autosend  {url}  AS_lookalike"]
    assert answer(run("vendors", "--json"))["vendors"][0]["url"] == url


def test_coverage(run, server):
    summary = server.sandbox.vendors["autosend"].coverage.summary()
    header, row = lines(run("coverage"))
    assert header.split() == ["vendor", "documented", "full", "partial", "unimplemented", "S", "D", "I"]
    counts = [str(summary[state]) for state in ("documented", "full", "partial", "planned")]
    assert row.split() == ["autosend", *counts, *(f"{known['share']:.0%}" for known in summary["sources"].values())]
    listed = lines(run("coverage", "--vendor", "autosend"))
    assert listed[:3] == [header, row, ""]
    assert len(listed) == 3 + summary["documented"]
    assert "operations" in answer(run("coverage", "--vendor", "autosend", "--json"))["vendors"]["autosend"]
    assert failure(run("coverage", "--vendor", "x")) == "lookalike: Vendor 'x' is not served here: use autosend."


def test_what_a_table_shows_stays_on_its_row():
    assert table([("a\nb", "\x1b[31mred"), ("Zoë 🦊", None)], "") == ["a\\nb   \\x1b[31mred", "Zoë 🦊"]


def test_reset(run, server):
    create(server, "ann@example.com", "AS_key~ci7")
    assert create(server, "ann@example.com", "AS_key~ci7") >= 400
    assert lines(run("reset", "--workspace", "ci7")) == ["reset: ci7"]
    assert create(server, "ann@example.com", "AS_key~ci7") < 300
    assert answer(run("reset", "--vendor", "autosend", "--json")) == {"workspaces": ["default", "ci7"]}


def test_workspaces(run, server):
    url = server.sandbox.urls["autosend"]
    assert lines(run("workspaces", "add", "ci7")) == [f"autosend  {url}  AS_lookalike~ci7"]
    assert [row.split()[0] for row in lines(run("workspaces"))] == ["default", "ci7"]
    assert [found["name"] for found in answer(run("workspaces", "--json"))["workspaces"]] == ["default", "ci7"]
    assert lines(run("workspaces", "remove", "ci7")) == ["removed ci7"]


def test_what_a_workspace_starts_with(run, server, tmp_path):
    mine = tmp_path / "mine.yaml"
    mine.write_text("people: {list: [{email: ann@example.com}]}")

    def is_taken(workspace: str, email: str = "ann@example.com") -> bool:
        return create(server, email, f"AS_key~{workspace}") == 409

    lines(run("workspaces", "add", "a", "--fixture", str(mine), "--seed", "7"))
    lines(run("workspaces", "add", "b", "--from", "a"))
    assert [is_taken(workspace) for workspace in ("a", "b", "default")] == [True, True, False]
    assert lines(run("reset", "--workspace", "a", "--fixture", "none")) == ["reset: a"]
    assert not is_taken("a")
    assert failure(run("reset", "--workspace", "a", "--fixture", "dmeo")).startswith("lookalike: Member 'fixture' ")
    gone = tmp_path / "gone.yaml"
    sentence = f"lookalike: fixture {gone} cannot be read: No such file or directory."
    assert failure(run("workspaces", "add", "c", "--fixture", str(gone))) == sentence
    assert failure(run("reset", "--fixture", "demo")).startswith("lookalike: The body cannot be used: fixture and seed")


def test_faults_are_added_listed_and_removed(run, server):
    options = ("--vendor", "autosend", "--operation", "create_contact", "--times", "2")
    assert lines(run("faults", "add", "429", *options)) == [
        "fault_1  error status=429  vendor=autosend operation=create_contact  hits 0 of 2"
    ]
    assert [create(server, "ann@example.com") for _ in range(3)][:2] == [429, 429]
    assert answer(run("faults", "--json"))["faults"][0]["hits"] == 2
    assert lines(run("faults", "list")) == [
        "fault_1  error status=429  vendor=autosend operation=create_contact  hits 2 of 2"
    ]
    assert lines(run("faults", "remove", "fault_1")) == ["removed fault_1"]
    assert lines(run("faults")) == ["no faults"]
    assert failure(run("faults", "remove", "fault_1")) == (
        "lookalike: There is no fault 'fault_1': GET /_lookalike/faults lists them."
    )


def test_a_script_of_faults_runs_step_by_step(run, server):
    added = answer(run("faults", "add", "--script", "503, ok, 429", "--path", "/v1/contacts", "--json"))
    assert added["faults"][0]["script"] == "503, ok, 429"
    assert [create(server, f"{n}@example.com") for n in range(4)] == [503, 200, 429, 200]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["latency=200"], {"fault": {"type": "latency", "ms": 200.0, "sigma": 0.5}}),
        (['{"fault": {"type": "reset"}, "times": 3}'], {"fault": {"type": "reset", "when": "before"}, "times": 3}),
        (['{"type": "reset"}'], {"fault": {"type": "reset", "when": "before"}}),
        (['[{"fault": "reset"}]'], {"fault": {"type": "reset", "when": "before"}}),
        (["reset", "--skip", "2", "--probability", "0.5"], {"skip": 2, "probability": 0.5}),
        (["reset", "--method", "POST", "--workspace", "ci7"], {}),
    ],
)
def test_faults_may_be_json_or_short(run, server, arguments, expected):
    (rule,) = answer(run("faults", "add", *arguments, "--json"))["faults"]
    assert {name: rule[name] for name in expected} == expected


def test_a_fault_may_look_at_the_body(run, server):
    run("faults", "add", "429", "--body", '{"email": "*@vip.test"}')
    assert (create(server, "a@vip.test"), create(server, "a@else.test")) == (429, 200)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "say what shall happen: either a FAULT such as 429, or --script."),
        (["429", "--script", "429"], "say what shall happen: either a FAULT such as 429, or --script."),
        (["{}", "--times", "2"], "a rule given as JSON takes no options: put them into the JSON."),
        (["{"], "the rule is not JSON (Expecting property name"),
        (["429", "--body", "x"], "--body is not JSON (Expecting value"),
        (["4o4"], "Member 'fault' cannot be used: '4o4' is no fault: write "),
        (["429", "--operation", "create_contct"], "matches no operation: use create_contact"),
        (["429", "--times", "0"], "Invalid value for '--times'"),
    ],
)
def test_faults_that_make_no_sense_are_one_sentence(run, server, arguments, says):
    assert says in failure(run("faults", "add", *arguments))
    assert not list(server.sandbox.faults)


def test_all_faults_are_cleared(run, server):
    run("faults", "add", '[{"fault": "429"}, {"fault": "503"}]')
    assert lines(run("faults", "clear")) == ["removed 2"]


def test_requests(run, server):
    assert lines(run("requests")) == ["no requests"]
    create(server, "ann@example.com")
    create(server, "ann@example.com")
    rows = [row.split() for row in lines(run("requests"))]
    assert [row[0] for row in rows] == ["req_2", "req_1"]
    assert rows[1][2:7] == ["autosend", "default", "POST", "/v1/contacts", "200"]
    filters = ("--status", "2xx", "--vendor", "autosend", "--operation", "create_*", "--text", "ann@", "--limit", "5")
    assert [entry["id"] for entry in answer(run("requests", *filters, "--json"))["requests"]] == ["req_1"]
    assert lines(run("requests", "--unimplemented")) == ["no requests"]
    assert lines(run("requests", "clear", "--since", "req_1")) == ["removed 1"]
    assert answer(run("requests", "clear", "--json")) == {"deleted": 1}


@pytest.mark.parametrize("what", ["requests", "runs", "messages"])
@pytest.mark.parametrize("option", [("--vendor", "autosend"), ("--limit", "3"), ("--json",)])
def test_options_that_no_command_would_see(run, server, what, option):
    """Else all would be forgotten, not only what was meant."""
    create(server, "ann@example.com")
    said = failure(run(what, *option, "clear"))
    assert said == "lookalike: Options before 'clear' mean nothing: put them behind it."
    assert len(list(server.sandbox.journal)) == 1


def test_clock(run, server):
    at = "2026-01-01T00:00:00.000Z"
    assert lines(run("clock", "freeze", "2026-01-01T00:00:00Z")) == [
        f"new workspaces  {at}  frozen",
        f"default         {at}  frozen",
    ]
    assert lines(run("clock", "advance", "8d", "--workspace", "default")) == [
        "default  2026-01-09T00:00:00.000Z  frozen"
    ]
    assert answer(run("clock", "--json"))["clock"]["now"] == at
    assert answer(run("clock", "show", "--workspace", "default", "--json"))["clock"]["frozen"]
    assert all(row.endswith("real time") for row in lines(run("clock", "resume")))
    assert all(row.endswith("+90 s") for row in lines(run("clock", "advance", "90")))
    assert all(row.endswith("frozen") for row in lines(run("clock", "freeze")))
    assert failure(run("clock", "advance", "soon")).startswith("lookalike: The clock stays as it is: 'soon' is not a ")


def test_messages(run, server):
    assert lines(run("messages")) == ["no messages"]
    message = {"id": "m1", "from": "us@x.test", "to": ["a@x.test"], "subject": "Hi", "html": "", "text": "Hi"}
    server.sandbox.workspace("default").part("autosend").keep_message(message | {"created_at": "2026-01-01T00:00:00Z"})
    assert lines(run("messages")) == ["2026-01-01T00:00:00Z  autosend  default  a@x.test  Hi  m1"]
    assert [found["id"] for found in answer(run("messages", "--recipient", "a@x.test", "--json"))["messages"]] == ["m1"]
    assert lines(run("messages", "--subject", "Bye")) == ["no messages"]
    assert lines(run("messages", "list", "--vendor", "auto*")) == lines(run("messages"))


def test_what_happens_to_messages(run, server):
    sent = {"from": "us@x.test", "to": ["a@x.test", "b@x.test"], "cc": ["c@x.test"], "subject": "Hi", "text": "Hello"}
    message = {**sent, "id": "m1", "html": None, "created_at": "2026-01-01T00:00:00.000Z", "status": "sent"}
    server.sandbox.workspace("default").part("autosend").keep_message({**message, "suppressed": []})
    run("clock", "freeze", "2026-01-02T00:00:00Z")
    shown = [
        "id          m1",
        "vendor      autosend",
        "workspace   default",
        "created_at  2026-01-01T00:00:00.000Z",
        "from        us@x.test",
        "to          a@x.test, b@x.test",
        "cc          c@x.test",
        "subject     Hi",
        "",
        "Hello",
        "",
    ]
    assert lines(run("messages", "show", "m1")) == [*shown, "nothing happened to it yet"]
    opened = lines(run("messages", "happen", "m1", "opened", "--recipient", "a@x.test", "--ip", "192.0.2.1"))
    assert opened == [*shown, "2026-01-02T00:00:00.000Z  opened  a@x.test"]
    told = ("--bounce", "transient", "--reason", "full", "--at", "2026-01-01T12:00:00Z")
    found = answer(run("messages", "happen", "m1", "bounced", *told, "--json"))
    everybody = ["a@x.test", "b@x.test", "c@x.test"]
    bounced = {"type": "bounced", "at": "2026-01-01T12:00:00.000Z", "recipients": everybody}
    assert found["events"][1] == {**bounced, "bounce": "transient", "reason": "full"}
    assert answer(run("messages", "show", "m1", "--json")) == found
    assert failure(run("messages", "happen", "m1", "clicked")) == (
        "lookalike: The message has no link to click: say which with the member 'url'."
    )
    assert failure(run("messages", "happen", "m1", "lost")).startswith("lookalike: Member 'type' cannot be used: ")
    assert failure(run("messages", "show", "m 2")) == (
        "lookalike: There is no message 'm 2': GET /_lookalike/messages lists them."
    )
    assert lines(run("messages", "clear", "--subject", "Bye")) == ["removed 0"]
    assert answer(run("messages", "clear", "--json")) == {"deleted": 1}
    assert lines(run("messages")) == ["no messages"]


def test_serve_has_a_flag_for_every_setting(run):
    text = run("serve", "--help").output
    for setting in declared():
        assert setting.flag in text
        assert setting.variable in text


# --- no server, another server, a token ---


def test_where_nobody_answers_it_is_one_sentence(run, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    monkeypatch.setenv("LOOKALIKE_URL", url)
    sentence = failure(run("reset"))
    assert sentence.startswith(f"lookalike: no lookalike answers at {url} (")
    assert sentence.endswith("): start one with 'lookalike serve' or set LOOKALIKE_URL.")


@pytest.mark.parametrize("url", ["127.0.0.1:7357", "nonsense", "http://", "http://[::1", "http://127.0.0.1:port"])
def test_a_url_that_is_none_is_one_sentence(run, monkeypatch, url):
    monkeypatch.setenv("LOOKALIKE_URL", url)
    assert failure(run("vendors")).startswith("lookalike: no lookalike answers at ")


@pytest.fixture
def stranger() -> Iterator[str]:
    """A web server that is not lookalike."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if "vendors" in self.path else 404)
            self.end_headers()
            self.wfile.write(b"<html>")

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Page) as other:
        thread = threading.Thread(target=other.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{other.server_port}"
        other.shutdown()
        thread.join()


@pytest.mark.parametrize("name", ["vendors", "faults"])
def test_another_server_is_told_apart(run, monkeypatch, stranger, name):
    monkeypatch.setenv("LOOKALIKE_URL", stranger + "/")
    assert failure(run(name)) == f"lookalike: what answers at {stranger} is not lookalike: set LOOKALIKE_URL."


def test_a_proxy_is_not_asked_about_this_machine(run, server, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert run("vendors").exit_code == 0


def test_the_token_is_taken_from_the_environment(run, monkeypatch):
    chosen = {"port": 0, "fixture": "none", "control_token": "right-token"}
    with Server(Settings.model_validate(chosen)) as server:
        monkeypatch.setenv("LOOKALIKE_URL", server.url)
        said = failure(run("faults"))
        assert said.startswith("lookalike: The control token is missing or wrong")
        assert "set LOOKALIKE_CONTROL_TOKEN" in said
        monkeypatch.setenv("LOOKALIKE_CONTROL_TOKEN", "right-token")
        assert run("faults").exit_code == 0
