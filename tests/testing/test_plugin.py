"""The pytest plugin, as suites that use it see it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import lookalike
from lookalike.server import Server
from lookalike.settings import Settings
from lookalike.testing.hosting import threaded

pytest_plugins = ("pytester",)

LOADED = any(found.name == "lookalike" for found in entry_points(group="pytest11"))
PLUGIN = () if LOADED else ("-p", "lookalike.pytest_plugin")
"""An environment that was installed before there was a plugin does not load it by itself."""

CREATE = """
import pytest
import requests

def create(lookalike, email="ann@example.com"):
    headers = {"Authorization": f"Bearer {lookalike.autosend.key}"}
    return requests.post(f"{lookalike.autosend.url}/contacts", json={"email": email}, headers=headers, timeout=30)
"""


@pytest.fixture(autouse=True, scope="module")
def _loaded():
    """Suites that run in this process forget the modules they have loaded, which not every module bears."""
    import requests  # noqa: F401

    threaded({"fixture": "demo"}).close()


SOURCE = str(Path(lookalike.__file__).parent.parent)


@pytest.fixture(autouse=True)
def _tested_tree(monkeypatch):
    """Other processes load what is tested here, wherever they run and whatever is installed."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [SOURCE, os.environ.get("PYTHONPATH")])))


@pytest.fixture
def suite(pytester: pytest.Pytester):
    """`suite(code, "-n", "4")`: the outcome of a test file, run in this process unless pytest-xdist is asked for."""
    pytester.makeini("[pytest]\nlookalike_options = --vendor autosend\nfilterwarnings = error")

    def run(code: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(test_suite=CREATE + code)
        words = (*PLUGIN, "-p", "no:cacheprovider", *arguments)
        return pytester.runpytest_subprocess(*words) if "-n" in words else pytester.runpytest_inprocess(*words)

    return run


# --- what a test gets -------------------------------------------------------------------------------------------


def test_a_test_has_a_workspace_of_its_own(suite):
    result = suite(
        """
@pytest.mark.parametrize("n", range(3))
def test_mine(lookalike, n):
    assert create(lookalike).status_code == 200
    assert [entry["operation"] for entry in lookalike.requests()] == ["create_contact"]
    assert lookalike.autosend.key.endswith(f"~{lookalike.name}")
"""
    )
    result.assert_outcomes(passed=3)


def test_the_variables_of_the_sdks_last_as_long_as_the_test(suite, monkeypatch):
    monkeypatch.setenv("AUTOSEND_BASE_URL", "https://api.autosend.com/v1")
    result = suite("""
import os

def test_set(lookalike):
    found = lookalike.autosend.env()
    assert os.environ["AUTOSEND_BASE_URL"] == found["AUTOSEND_BASE_URL"] == lookalike.autosend.url
    assert os.environ["AUTOSEND_API_KEY"] == os.environ["LOOKALIKE_AUTOSEND_KEY"] == lookalike.autosend.key

def test_all(lookalike):
    assert lookalike.env() == dict(lookalike.autosend.variables)

def test_restored():
    assert os.environ["AUTOSEND_BASE_URL"] == "https://api.autosend.com/v1"
    assert "AUTOSEND_API_KEY" not in os.environ
""")
    result.assert_outcomes(passed=3)


def test_nothing_is_left_of_a_test(suite):
    result = suite("""
def test_first(lookalike):
    lookalike.fault("503")
    lookalike.freeze("2026-01-01T00:00:00Z")
    assert create(lookalike).status_code == 503

def test_second(lookalike_server):
    names = [found["name"] for found in lookalike_server.control.ask("GET", "/workspaces")["workspaces"]]
    assert names == ["default"]
    assert lookalike_server.control.ask("GET", "/faults") == {"faults": []}
    assert lookalike_server.control.ask("GET", "/requests") == {"requests": [], "count": 0}
""")
    result.assert_outcomes(passed=2)


def test_ids_of_a_test_are_the_same_in_every_run(suite, pytester):
    code = """
def test_ids(lookalike, n=1):
    print("ID", create(lookalike).json()["data"]["id"], lookalike.name)
"""
    runs = [re.findall("ID .*", suite(code, "-s").stdout.str()) for _ in range(2)]
    assert runs[0] == runs[1] != []


def test_the_name_of_a_test_may_hold_what_makes_a_key_a_bad_one(suite):
    result = suite("""
@pytest.mark.parametrize("what", ["restricted", "a b/c~d", "_", "ü", "x" * 200])
def test_invalid_credentials(lookalike, what):
    assert create(lookalike).status_code == 200

class TestInvalid:
    def test_(self, lookalike):
        assert create(lookalike).status_code == 200
""")
    result.assert_outcomes(passed=6)


# --- marks ------------------------------------------------------------------------------------------------------


def test_marks_say_what_a_test_starts_with(suite):
    result = suite('''
ANN = """
people:
  list:
    - {email: ann@example.com, first_name: Ann}
"""
pytestmark = pytest.mark.lookalike(fixture=ANN, faults=[{"fault": "latency=1", "operation": "create_*"}])

def test_module(lookalike):
    assert create(lookalike).status_code == 409 or True
    assert lookalike.requests()[0]["faults"] == ["latency"]

@pytest.mark.lookalike(fixture="none", seed=7, faults=["503"])
class TestClass:
    def test_nearest_wins_and_faults_add_up(self, lookalike):
        assert create(lookalike).status_code == 503
        assert lookalike.requests()[0]["faults"] == ["latency", "error"]

    @pytest.mark.lookalike(fixture="demo")
    def test_each_by_itself(self, lookalike):
        assert len(lookalike.messages()) > 5

@pytest.mark.lookalike(fixture="none", faults="503")
def test_one_fault_needs_no_list(lookalike):
    assert create(lookalike).status_code == 503
''')
    result.assert_outcomes(passed=4)


@pytest.mark.parametrize(
    ("mark", "sentence"),
    [
        ("fixtures='demo'", "the mark lookalike does not know 'fixtures': use fixture, seed, faults"),
        ("'demo'", "the mark lookalike does not know 'demo': use fixture, seed, faults"),
        (
            "fixture='dmeo'",
            "lookalike: Member 'fixture' cannot be used: "
            "fixture 'dmeo' is unknown: use demo, empty, large, none, or a YAML or JSON file.",
        ),
        ("fixture='none.yaml'", "lookalike: fixture none.yaml cannot be read: No such file or directory."),
        ("seed='x'", "lookalike: Member 'seed' cannot be used: input should be a valid integer."),
        ("faults=['42']", "lookalike: Member 'fault' cannot be used: '42' is no fault: *"),
        ("faults='42'", "lookalike: Member 'fault' cannot be used: '42' is no fault: *"),
        (
            "faults=[{'fault': '503', 'operation': 'make_contact'}]",
            "lookalike: Member 'when.operation' 'make_contact' matches no operation: use *",
        ),
    ],
)
def test_a_mark_that_makes_no_sense_is_one_sentence(suite, mark, sentence):
    result = suite(f"""
@pytest.mark.lookalike({mark})
def test_it(lookalike):
    pass
""")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*ERROR at setup of test_it*\n{sentence}".split("\n")[0], sentence], consecutive=True)
    assert "Traceback" not in result.stdout.str()


# --- the server -------------------------------------------------------------------------------------------------


def test_options_are_those_of_serve(suite, pytester):
    pytester.makeini("[pytest]\nlookalike_options = --fixture demo --vendor autosend --vendor opensend")
    result = suite("""
def test_it(lookalike):
    assert list(lookalike.accounts) == ["autosend", "opensend"]
    assert lookalike.messages()
""")
    result.assert_outcomes(passed=1)


def test_the_environment_of_serve_is_not_looked_at(suite, monkeypatch):
    monkeypatch.setenv("LOOKALIKE_PORT", "1")
    monkeypatch.setenv("LOOKALIKE_FIXTURE", "nonsense")
    suite("def test_it(lookalike): assert not lookalike.messages()").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("--fixture nonsense", "lookalike: fixture 'nonsense' is unknown: use *"),
        ("--vendor nobody", "lookalike: vendor 'nobody' is unknown: use *"),
        ("--fixtur demo", "lookalike: No such option*--fixtur*"),
    ],
)
def test_options_that_make_no_sense_are_one_sentence(suite, pytester, options, sentence):
    pytester.makeini(f"[pytest]\nlookalike_options = {options}")
    result = suite("def test_it(lookalike): pass")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([sentence])
    assert "Traceback" not in result.stdout.str()


@pytest.fixture
def running():
    with Server(Settings.model_validate({"port": 0, "fixture": "none", "vendor": ("autosend",)})) as server:
        yield server


@pytest.mark.parametrize("by", ["option", "environment"])
def test_a_server_that_runs_already_may_be_used(suite, running, monkeypatch, by):
    arguments = ("--lookalike-url", running.url) if by == "option" else ()
    if by == "environment":
        monkeypatch.setenv("LOOKALIKE_URL", running.url)
    code = f"""
def test_it(lookalike):
    assert create(lookalike).status_code == 200
    assert lookalike.autosend.url == "{running.url}/autosend/v1"
    print("NAME", lookalike.name)
"""
    result = suite(code, "-s", *arguments)
    result.assert_outcomes(passed=1)
    assert list(running.sandbox.workspaces) == ["default"]
    assert "NAME test_it." in result.stdout.str()


def test_two_runs_on_one_server_are_kept_apart(suite, running):
    code = 'def test_it(lookalike): print("NAME", lookalike.name)'
    names = {re.search("NAME (.*)", suite(code, "-s", "--lookalike-url", running.url).stdout.str())[1] for _ in "ab"}
    assert len(names) == 2


def test_a_server_that_goes_away_is_one_sentence(suite):
    code = """
from lookalike.testing import hosting

@pytest.fixture(scope="session")
def lookalike_server():
    host = hosting.threaded({"vendor": ("autosend",)})
    yield host

def test_it(lookalike, lookalike_server):
    lookalike_server.close()
    assert False
"""
    result = suite(code)
    result.assert_outcomes(failed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["lookalike: no lookalike answers at *", "*- lookalike -*", "no lookalike answers at *"]
    )


def test_where_no_server_is_it_is_one_sentence(suite):
    result = suite("def test_it(lookalike): pass", "--lookalike-url", "http://127.0.0.1:1")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["lookalike: no lookalike answers at http://127.0.0.1:1 (*): start one with *"])


# --- pytest-xdist -----------------------------------------------------------------------------------------------

CROWD = """
import os
from pathlib import Path

@pytest.mark.parametrize("n", range(40))
def test_nothing_of_another_test_is_seen(lookalike, lookalike_server, n):
    with Path("urls.txt").open("a") as file:
        file.write(f"{os.environ['PYTEST_XDIST_WORKER']} {lookalike_server.url}\\n")
    headers = {"Authorization": f"Bearer {lookalike.autosend.key}"}

    def post(path, body):
        return requests.post(lookalike.autosend.url + path, json=body, headers=headers, timeout=30)

    day, me = n % 28 + 1, f"n{n}@example.com"
    lookalike.freeze(f"2026-01-{day:02}T00:00:00Z")
    sink, before = lookalike.sink(), lookalike.snapshot()
    assert post("/webhooks", {"name": "mine", "url": sink.url, "events": ["contact.created"]}).ok
    fault = lookalike.fail("autosend", "get_contact", "unavailable")
    assert [create(lookalike).status_code for _ in "ab"] == [200, 409]
    assert create(lookalike, me).status_code == 200
    lookalike.advance("1h")
    mail = {"from": {"email": "us@example.com"}, "to": {"email": me}, "subject": "Hi", "html": "Hi"}
    assert post("/mails/send", mail).ok
    assert requests.get(f"{lookalike.autosend.url}/contacts/1", headers=headers, timeout=30).status_code == 503
    assert fault.hits == 1
    assert lookalike.now.startswith(f"2026-01-{day:02}T01:00")
    assert [message["to"] for message in lookalike.messages()] == [[me]]
    assert len(lookalike.wait("delivery", count=2)) == len(lookalike.deliveries()) == len(sink.received()) == 2
    assert me in sink.received()[-1]["body"]
    assert {entry["workspace"] for entry in lookalike.requests()} == {lookalike.name}
    lookalike.expect.request("autosend", "send_email", count=1)
    lookalike.expect.no_unhandled()
    before.restore()
    assert lookalike.messages() == lookalike.deliveries() == []
    assert create(lookalike).status_code == 200
"""


def workers_and_urls(pytester: pytest.Pytester) -> tuple[set[str], set[str]]:
    lines = (pytester.path / "urls.txt").read_text().splitlines()
    return {line.split()[0] for line in lines}, {line.split()[1] for line in lines}


def test_four_workers_share_a_server_that_the_controller_starts(suite, pytester):
    result = suite(CROWD, "-n", "4", "--lookalike-share")
    result.assert_outcomes(passed=40)
    workers, urls = workers_and_urls(pytester)
    assert (workers, len(urls)) == ({"gw0", "gw1", "gw2", "gw3"}, 1)


def test_four_workers_share_a_server_that_runs_already(suite, pytester, running):
    suite(CROWD, "-n", "4", "--lookalike-url", running.url).assert_outcomes(passed=40)
    assert workers_and_urls(pytester)[1] == {running.url}
    assert list(running.sandbox.workspaces) == ["default"]
    assert len(running.sandbox.journal) == 0
    assert list(running.sandbox.faults) == []


def test_a_worker_has_a_server_of_its_own_unless_told_otherwise(suite, pytester):
    suite(CROWD, "-n", "2").assert_outcomes(passed=40)
    workers, urls = workers_and_urls(pytester)
    assert len(workers) == len(urls) == 2


def test_a_shared_server_that_cannot_start_is_one_sentence(suite, pytester):
    pytester.makeini("[pytest]\nlookalike_share = true\nlookalike_options = --fixture nonsense")
    result = suite("def test_it(lookalike): pass", "-n", "2")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: lookalike: fixture 'nonsense' is unknown: use *"])


# --- reports ----------------------------------------------------------------------------------------------------

FAILING = """
def test_red(lookalike):
    lookalike.freeze("2026-01-01T00:00:00Z")
    lookalike.fail("autosend", "create_contact", "rate_limited", times=1)
    lookalike.fault("503", operation="get_contact")
    create(lookalike)
    create(lookalike)
    for path in ("nothing?a=1", "templates"):
        headers = {"Authorization": f"Bearer {lookalike.autosend.key}"}
        requests.get(f"{lookalike.autosend.url}/{path}", headers=headers, timeout=30)
    assert False

def test_green(lookalike):
    create(lookalike)
"""
TIMELINE = [
    "*- lookalike -*",
    "workspace test_red.*, 2026-01-01T00:00:00.000Z (frozen)",
    "00:00:00.000 autosend POST /v1/contacts   429 create_contact (fault: error)",
    '    sent {"email": "ann@example.com"}',
    '    got  {"success": false, *',
    "00:00:00.000 autosend POST /v1/contacts   200 create_contact",
    '    sent {"email": "ann@example.com"}',
    "00:00:00.000 autosend GET /v1/nothing?a=1 404 no such operation",
    "    got  *",
    "00:00:00.000 autosend GET /v1/templates   501 list_templates (not implemented)",
    "    got  *",
    "the fault fault_2 (503) was never hit",
]


@pytest.mark.parametrize("arguments", [(), ("-n", "1")], ids=["alone", "xdist"])
def test_a_failed_test_shows_what_went_on(suite, arguments):
    result = suite(FAILING, *arguments)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(TIMELINE, consecutive=True)
    assert result.stdout.str().count("- lookalike -") == 1


def test_a_test_that_fails_while_it_is_set_up_shows_it_too(suite):
    result = suite("""
@pytest.fixture
def broken(lookalike):
    create(lookalike)
    raise RuntimeError("no")

def test_it(broken):
    pass
""")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*- lookalike -*", "workspace test_it.*", "* autosend POST /v1/contacts 200 *"])


def test_frames_of_the_plugin_are_not_in_the_way(suite):
    result = suite("""
def test_it(lookalike):
    lookalike.expect.request("autosend", "create_contact")
""")
    result.assert_outcomes(failed=1)
    assert "expectations.py" not in result.stdout.str()


# --- what it costs ----------------------------------------------------------------------------------------------


def modules(code: str, folder: Path) -> list[str]:
    """Every module of lookalike and of what it depends on that is loaded after some code."""
    script = f"{code}\nimport json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, timeout=60, check=True
    )
    ours = ("lookalike", "flask", "werkzeug", "pydantic", "uvicorn", "orjson", "yaml", "click", "tinydb")
    return [name for name in json.loads(done.stdout.splitlines()[-1]) if name.split(".")[0] in ours]


def test_nothing_is_loaded_that_is_not_used(tmp_path):
    (tmp_path / "test_it.py").write_text("def test_it(): pass\n")
    code = f"import pytest; assert pytest.main({['-q', '-p', 'no:cacheprovider', *PLUGIN]!r}) == 0"
    assert modules(code, tmp_path) == ["lookalike", "lookalike.pytest_plugin"]


def test_the_testing_package_loads_no_server(tmp_path):
    found = modules("from lookalike.testing import Sandbox, World", tmp_path)
    assert [name for name in found if not name.startswith("lookalike.")] == ["lookalike"]
    assert "lookalike.sandbox" not in found


def test_the_help_of_pytest_tells(suite):
    result = suite("", "--help")
    result.stdout.fnmatch_lines(["lookalike:", "*--lookalike-url=URL*", "*--lookalike-share*", "*lookalike_options*"])
    suite("", "--markers").stdout.fnmatch_lines(["@pytest.mark.lookalike(fixture=None, seed=None, faults=()):*"])
