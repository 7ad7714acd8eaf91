"""The recipes of the README: each is run, as far as it can be without an image, a runner's machine or a registry.

What stands in for what is not here. Vitest: a package of that name made of Node's own test runner, with the five
matchers that the sample uses. Compose: the service's own command, with lookalike's host and ports exchanged for free
ones on loopback, and `lookalike run` instead of the network's aliases. GitHub Actions: the `run` lines in a shell, with
`GITHUB_ENV` taken over between them as the runner does, a server where the service container would be, and commands of
our own in place of `npm`; lines that install are not run.
"""

from __future__ import annotations

import inspect
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
import yaml

from lookalike.server import Server
from lookalike.settings import Settings, declared
from lookalike.testing import World
from lookalike.testing.expectations import Expect
from lookalike.vendor import discover
from scripts import javascript, readme
from tests.docs.test_dockerfile import free_port, rest_of
from tests.lacking import lacking
from tests.testing.test_plugin import PLUGIN, SOURCE

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples"
TEXT = readme.README.read_text(encoding="utf-8")
SECTION = TEXT[TEXT.index("## In your tests") : TEXT.index("## Addressing")]
VARIABLES = {setting.variable for setting in declared()}
BIN = Path(sys.executable).parent


def run(
    command: list[str], folder: Path, path: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """A command in a folder, in an environment that holds nothing of whoever runs these tests."""
    kept = {name: value for name, value in os.environ.items() if name in ("LANG", "HOME", "TMPDIR")}
    paths = [str(path)] if path is not None else []
    environment = {
        **kept,
        "PYTHONPATH": SOURCE,
        "PATH": os.pathsep.join([*paths, str(BIN), os.environ["PATH"]]),
        **variables,
    }
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def sample(tmp_path) -> Path:
    """A copy of the examples, which nothing is written into."""
    return Path(shutil.copytree(EXAMPLES, tmp_path / "examples", ignore=shutil.ignore_patterns("__pycache__")))


def test_every_example_is_shown_or_linked():
    for path in EXAMPLES.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            name = path.relative_to(ROOT).as_posix()
            mentioned = f" {name}\n" in TEXT or f"({name})" in TEXT
            used = any(path.name in other.read_text() for other in path.parent.iterdir() if other not in (path,))
            assert mentioned or used, name


# --- pytest -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [(), ("--numprocesses", "4"), ("--numprocesses", "4", "--lookalike-share")])
def test_the_sample_suite(sample, arguments):
    suite = sample / "pytest"
    tests = re.findall(r"^def test_", (suite / "test_newsletter.py").read_text(), re.MULTILINE)
    assert len(tests) == 10
    command = [sys.executable, "-m", "pytest", *PLUGIN, "-W", "error", "-p", "no:cacheprovider", *arguments]
    done = run(command, suite)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\b14 passed\b", done.stdout), done.stdout


def test_the_report_is_the_one_shown(sample):
    (shown,) = re.findall(r"^```text\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
    test = """
def test_a_reader_is_welcomed(newsletter, lookalike):
    lookalike.freeze("2026-01-01T00:00:00Z")
    lookalike.fail("autosend", "create_contact", "rate_limited", times=1)
    newsletter.sign_up("ann@example.com", "Ann")
    assert lookalike.messages() == []
"""
    with (sample / "pytest" / "test_newsletter.py").open("a") as file:
        file.write(test)
    command = [sys.executable, "-m", "pytest", *PLUGIN, "-p", "no:cacheprovider", "-k", "test_a_reader_is_welcomed"]
    done = run(command, sample / "pytest")
    report = done.stdout[done.stdout.index("- lookalike -") :].splitlines()[1:]
    expected = [re.sub(r"\.[0-9a-f]{10},", ".,", line) for line in shown.splitlines()[1:]]
    assert [re.sub(r"\.[0-9a-f]{10},", ".,", line) for line in report[: len(expected)]] == expected


def test_the_table_has_every_member():
    """And no other: what is shown can be called."""
    rows = "\n".join(line for line in SECTION.splitlines() if line.startswith("| `"))
    public = {name for name in vars(World) if not name.startswith("_")} - {"close", "timeline", "mount", "transport"}
    assert {name for name in public - {"expect"} if not re.search(rf"`(lookalike\.)?{name}\b", rows)} == set()
    expectations = {name for name in vars(Expect) if not name.startswith("_")}
    assert set(re.findall(r"`expect\.(\w+)", rows)) == expectations
    for name in re.findall(r"`(\w+)\(", rows):
        assert hasattr(World, name) or name in ("remove", "restore", "received", "answers", "in_segment"), name


def test_the_options_of_the_plugin_are_told():
    from lookalike import pytest_plugin

    source = inspect.getsource(pytest_plugin.pytest_addoption)
    names = re.findall(r'"(--lookalike-\w+|lookalike_\w+)"', source)
    assert len(names) == 4
    assert [name for name in names if f"`{name}" not in SECTION] == []


def test_unittest(sample):
    done = run([sys.executable, "-W", "error", "-m", "unittest", "-v"], sample / "unittest")
    assert done.returncode == 0, done.stderr
    assert "Ran 2 tests" in done.stderr


# --- Vitest and Jest ----------------------------------------------------------------------------------------------

VITEST = """
import assert from "node:assert/strict";
export { afterEach, beforeEach, test } from "node:test";

export const expect = (actual) => ({
  toBe: (expected) => assert.equal(actual, expected),
  toEqual: (expected) => assert.deepEqual(actual, expected),
  toHaveLength: (expected) => assert.equal(actual.length, expected),
  rejects: { toThrow: (message) => assert.rejects(actual, { message }) },
});
"""
SETUP = """
import { after } from "node:test";
import setup from "./lookalike-setup.mjs";
after(await setup());
await import("./newsletter.test.mjs");
"""


@pytest.fixture
def suite(sample) -> Path:
    """The JavaScript sample with the packages it imports."""
    reason = javascript.missing()
    if reason is not None:
        lacking(reason)
    folder = sample / "javascript"
    (folder / "node_modules" / "vitest").mkdir(parents=True)
    (folder / "node_modules" / "vitest" / "package.json").write_text('{"type": "module", "exports": "./index.js"}')
    (folder / "node_modules" / "vitest" / "index.js").write_text(VITEST)
    for package in (javascript.PACKAGES / "node_modules").iterdir():
        if not package.name.startswith("."):
            (folder / "node_modules" / package.name).symlink_to(package)
    return folder


def node(*arguments: str) -> list[str]:
    return [str(javascript.find_node()), *arguments]


def passed(done: subprocess.CompletedProcess[str], count: int) -> None:
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(rf"^\S* ?(?:ℹ|#) pass {count}$", done.stdout, re.MULTILINE), done.stdout
    assert re.search(r"^\S* ?(?:ℹ|#) fail 0$", done.stdout, re.MULTILINE), done.stdout


def test_a_javascript_suite_under_lookalike_run(suite):
    done = run([str(BIN / "python"), "-m", "lookalike", "run", "--", *node("--test", "newsletter.test.mjs")], suite)
    passed(done, 3)
    assert "lookalike: opensend: 7 requests, errors: 503 x5" in done.stderr


@pytest.fixture
def commands(tmp_path) -> Path:
    """A folder for PATH with `lookalike` in it, as an installation would have it, of the tree that is tested."""
    folder = tmp_path / "bin"
    folder.mkdir()
    make_command(folder / "lookalike", f'PYTHONPATH={SOURCE} exec {sys.executable} -m lookalike "$@"')
    return folder


def make_command(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_a_javascript_suite_that_starts_the_server_by_itself(suite, commands):
    (suite / "all.mjs").write_text(SETUP)
    passed(run(node("--test", "all.mjs"), suite, commands), 3)


def test_a_server_that_does_not_start_is_told(suite, commands):
    make_command(commands / "lookalike", "echo the port is taken >&2; exit 2")
    (suite / "all.mjs").write_text(SETUP)
    done = run(node("all.mjs"), suite, commands)
    assert done.returncode == 1
    assert "Error: the port is taken" in done.stderr


def test_the_vitest_configuration_names_the_setup():
    assert '"./lookalike-setup.mjs"' in (EXAMPLES / "javascript" / "vitest.config.mjs").read_text()


# --- compose ------------------------------------------------------------------------------------------------------

COMPOSE = yaml.safe_load((EXAMPLES / "compose" / "compose.yaml").read_text())


def test_the_network_has_every_real_host_name():
    aliases = COMPOSE["services"]["lookalike"]["networks"]["default"]["aliases"]
    assert sorted(aliases) == sorted(host for vendor in discover().values() for host in vendor.hosts)


def test_the_service_is_built_and_set_up_as_the_image_wants():
    service = COMPOSE["services"]["lookalike"]
    assert (EXAMPLES / "compose" / service["build"] / "Dockerfile").exists()
    assert set(service["environment"]) <= VARIABLES
    assert all(isinstance(value, str) for value in service["environment"].values()), "YAML would make numbers of them"
    assert COMPOSE["services"]["app"]["depends_on"] == {"lookalike": {"condition": "service_healthy"}}
    assert rest_of("HEALTHCHECK"), "or nobody would ever be healthy"


def test_the_app_trusts_the_server_and_reaches_it_by_the_real_name(sample, tmp_path):
    given = COMPOSE["services"]["lookalike"]["environment"]
    settings = {name.removeprefix("LOOKALIKE_").lower(): value for name, value in given.items()}
    settings |= {"port": 0, "tls_port": 0, "proxy_port": 0, "ca_folder": str(tmp_path / "authority")}
    app = COMPOSE["services"]["app"]
    folder, trusted = sample / "compose", tmp_path / "lookalike.pem"
    assert set(app["environment"].values()) == {"/tmp/lookalike.pem"}
    with Server(Settings.model_validate(settings)) as server:
        command = [
            part.replace("http://lookalike", server.url)
            .replace("/tmp/lookalike.pem", str(trusted))
            .replace("python", sys.executable)
            for part in app["command"]
        ]
        environment = dict.fromkeys(app["environment"], str(trusted))
        done = run(command, folder, HTTPS_PROXY=server.proxy_url, **environment)
        assert trusted.read_bytes() == server.ca.read_bytes()
    assert (done.returncode, done.stdout) == (0, "ann@example.com\n"), done.stderr


# --- Docker -------------------------------------------------------------------------------------------------------


def test_the_docker_commands_set_what_there_is():
    section = TEXT[TEXT.index("## Docker") : TEXT.index("## More")]
    names = re.findall(r"--env (\w+)=", section)
    assert len(names) >= 3
    assert set(names) <= VARIABLES
    assert set(re.findall(r"--publish 7357:(\d+)", section)) == set(rest_of("EXPOSE"))


def test_a_suite_against_a_server_with_a_token(sample):
    settings = Settings.model_validate({"port": 0, "fixture": "none", "control_token": "for-tests"})
    command = [sys.executable, "-m", "pytest", *PLUGIN, "-p", "no:cacheprovider", "--numprocesses", "4"]
    with Server(settings) as server:
        done = run(command, sample / "pytest", LOOKALIKE_URL=server.url, LOOKALIKE_CONTROL_TOKEN="for-tests")
        refused = run(command, sample / "pytest", LOOKALIKE_URL=server.url)
    assert "14 passed" in done.stdout, done.stdout
    assert "14 errors" in refused.stdout
    assert "lookalike: The control token is missing or wrong" in refused.stdout


# --- GitHub Actions -----------------------------------------------------------------------------------------------


def job(name: str) -> dict[str, Any]:
    """The one job of a workflow."""
    workflow = yaml.safe_load((EXAMPLES / "github" / name).read_text())
    # YAML 1.1 takes `on` for a truth value.
    assert workflow[True] == ["push"]
    (found,) = workflow["jobs"].values()
    assert found["runs-on"] == "ubuntu-latest"
    return dict(found)


def lines(job: dict[str, Any]) -> list[str]:
    """What its steps run, but for what they install."""
    runs = [step["run"] for step in job["steps"] if "run" in step]
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step["uses"]) for step in job["steps"] if "uses" in step)
    return [line for line in runs if not line.startswith(("pip install", "npm ci"))]


def test_a_service_container(sample, commands):
    found = job("service.yml")
    service = found["services"]["lookalike"]
    assert set(service["env"]) <= VARIABLES
    assert service["ports"] == [f"7357:{rest_of('EXPOSE')[0]}"]
    (line,) = lines(found)
    make_command(commands / "python", f'exec {sys.executable} "$@" {" ".join(PLUGIN)} -p no:cacheprovider')
    values = {name.removeprefix("LOOKALIKE_").lower(): value for name, value in service["env"].items()}
    with Server(Settings.model_validate({**values, "port": 0})) as server:
        environment = {name: value.replace("http://127.0.0.1:7357", server.url) for name, value in found["env"].items()}
        done = run(["bash", "-e", "-c", line], sample / "pytest", commands, **environment)
        assert "14 passed" in done.stdout, done.stdout + done.stderr


NPM = """
test "$1" = test
exec {python} -c '
import os
from urllib.request import Request, urlopen
assert os.environ["RESEND_BASE_URL"] and os.environ["LOOKALIKE_URL"]
key = {{"Authorization": "Bearer " + os.environ["AUTOSEND_API_KEY"]}}
with urlopen(Request("https://api.autosend.com/v1/contact-lists", headers=key), timeout=10) as answer:
    print("npm test", answer.status)
'
"""


@pytest.fixture
def runner(sample, commands, tmp_path) -> Iterator[Any]:
    """`runner(line)`: a step in a shell, with the variables that those before it have left; what it printed."""
    make_command(commands / "npm", NPM.format(python=sys.executable))
    taken = tmp_path / "github.env"
    taken.touch()
    authority = {"LOOKALIKE_CA_FOLDER": str(tmp_path / "authority")}

    def step(line: str) -> str:
        variables = dict(row.split("=", 1) for row in taken.read_text().splitlines())
        # A server that is left running would hold on to a pipe.
        with (tmp_path / "said").open("w+") as said:
            environment = {**authority, **variables, "GITHUB_ENV": str(taken), "HOME": str(tmp_path)}
            environment |= {"PATH": f"{commands}:{BIN}:{os.environ['PATH']}", "PYTHONPATH": SOURCE}
            done = subprocess.run(
                ["bash", "-e", "-o", "pipefail", "-c", line],
                cwd=sample, env=environment, stdout=said, stderr=said, timeout=120, check=False,
            )  # fmt: skip
            said.seek(0)
            text = said.read()
        assert done.returncode == 0, text
        return text

    yield step
    pids = tmp_path / "pids"
    for pid in pids.read_text().split() if pids.exists() else ():
        os.kill(int(pid), signal.SIGTERM)


def test_a_step(runner, commands, tmp_path):
    for one, *rest in (line.split() for line in lines(job("step.yml"))):
        assert shutil.which(one, path=f"{commands}:{os.environ['PATH']}") or one.startswith("#"), rest
    for_one, for_all, after = lines(job("step.yml"))
    assert "npm test 200" in runner(for_one)
    if shutil.which("curl") is None:
        lacking("there is no curl")
    port, proxy = free_port(), free_port()
    moved = for_all.replace(":7357", f":{port}").replace("7480", str(proxy))
    moved = moved.replace("serve ", f"serve --port {port} ", 1).replace(" &\n", f" &\necho $! > {tmp_path}/pids\n", 1)
    moved = moved.replace("lookalike env", f"LOOKALIKE_URL=http://127.0.0.1:{port} lookalike env")
    runner(moved)
    assert "npm test 200" in runner(after)


def test_the_ready_line_has_what_the_setup_reads(commands, tmp_path):
    """`--json` prints one line, with the members that the JavaScript setup takes out of it."""
    source = (EXAMPLES / "javascript" / "lookalike-setup.mjs").read_text()
    options = json.loads(re.search(r'spawn\("lookalike", (\[.*?\])\)', source)[1])
    with subprocess.Popen(
        [str(commands / "lookalike"), *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        ready = json.loads(server.stdout.readline())
        with urlopen(f"{ready['url']}/_lookalike/health", timeout=10) as answer:
            assert answer.status == 200
        server.terminate()
        assert server.wait(timeout=10) == 0
    for path in re.findall(r"\bready\.([\w.]+);", source):
        found: Any = ready
        for name in path.split("."):
            found = found[name]
        assert isinstance(found, str), path
