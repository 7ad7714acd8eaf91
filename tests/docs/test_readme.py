"""The README tells the truth: its tables are those of the declarations, and its code runs as printed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple, get_args

import pytest
from click.testing import CliRunner

from lookalike import faults
from lookalike.banner import ready_line
from lookalike.cli import main
from lookalike.faults.types import Fault
from lookalike.problem import INJECTABLE
from lookalike.seeding import load_fixture
from lookalike.seeding.recipes import _MODELS as RECIPES
from lookalike.seeding.schema import FixtureSpec
from lookalike.server import Server
from lookalike.settings import Settings
from lookalike.vendor import discover
from scripts import javascript, readme
from tests.lacking import lacking
from tests.support import witness

TEXT = readme.README.read_text(encoding="utf-8")


class Snippet(NamedTuple):
    """One fenced block of code and the line it starts on."""

    language: str
    code: str
    line: int


def snippets() -> list[Snippet]:
    found = re.finditer(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    return [Snippet(block[1], block[2], TEXT[: block.start()].count("\n") + 2) for block in found]


def section(title: str) -> str:
    start = TEXT.index(f"\n## {title}\n")
    return TEXT[start : TEXT.index("\n## ", start + 1)]


RUNNABLE = [block for block in snippets() if block.language in ("python", "js", "sh")]
FIRST_SCREEN = [block for block in RUNNABLE if block.line < TEXT[: TEXT.index("## Addressing")].count("\n")]


def test_the_tables_are_those_of_the_declarations():
    assert readme.render(TEXT) == TEXT, "README.md is out of date: run make docs"


@pytest.fixture
def served():
    """A server as `lookalike serve` starts it, on a port that is free."""
    with Server(Settings.model_validate({"port": 0}), witness=witness) as server:
        yield server


def run(block: Snippet, server: Server, folder: Path) -> None:
    """Only the port is another; what a line prints is what the comment at its end says."""
    code = block.code.replace(":7357", f":{server.port}")
    done = subprocess.run(
        command(block.language, code, folder),
        cwd=folder,
        env={"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "LOOKALIKE_URL": server.url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"README.md line {block.line}:\n{done.stderr}"
    promised = re.findall(r"(?:print|console\.log)\(.*(?:#|//) (.+)$", code, re.MULTILINE)
    if promised:
        assert done.stdout.splitlines() == promised, f"README.md line {block.line}"


@pytest.mark.parametrize("block", RUNNABLE, ids=lambda block: f"{block.language}-{block.line}")
def test_code_runs_as_printed(block, served, tmp_path):
    run(block, served, tmp_path)


def test_the_first_screen_runs_in_one_go_and_again(served, tmp_path):
    """As a reader would: one snippet after the other against one server, and once more."""
    assert len(FIRST_SCREEN) >= 4
    for block in [*FIRST_SCREEN, *FIRST_SCREEN]:
        try:
            run(block, served, tmp_path)
        except pytest.skip.Exception:
            continue


def command(language: str, code: str, folder: Path) -> list[str]:
    if language == "python":
        return [sys.executable, "-W", "error", "-c", code]
    if language == "sh":
        if "curl" in code and shutil.which("curl") is None:
            lacking("there is no curl")
        return ["sh", "-e", "-c", code]
    reason = javascript.missing()
    if reason is not None:
        lacking(reason)
    if not (folder / "node_modules").exists():
        (folder / "node_modules").symlink_to(javascript.PACKAGES / "node_modules")
    (folder / "snippet.mjs").write_text(code)
    return [str(javascript.find_node()), "snippet.mjs"]


def test_the_ready_line_is_the_one_that_serve_prints(served):
    (block,) = [block for block in snippets() if block.language == "json"]
    assert json.loads(block.code.replace(":7357", f":{served.port}")) == json.loads(ready_line(served))


def test_there_is_code_for_every_vendor():
    """On the first screen, with its base URL in it."""
    for vendor in discover().values():
        base = f"http://127.0.0.1:7357/{vendor.name}{vendor.base_path}"
        assert any(f'"{base}"' in block.code for block in FIRST_SCREEN), vendor.name


def test_every_fault_type_and_its_parameters_are_in_the_table():
    types = get_args(Fault)
    assert {model.model_fields["type"].default for model in types} == set(faults.TYPES)
    for model in types:
        fields = dict(model.model_fields)
        row = re.search(rf"^\| `{fields.pop('type').default}` \|.*$", TEXT, re.MULTILINE)
        assert row, model
        for name in fields:
            assert f"`{name}`" in row[0], f"{model.__name__}.{name}"


def test_every_short_form_of_a_fault_can_be_read():
    paragraph = TEXT[TEXT.index("A fault has a short form") : TEXT.index("`ok` is none")]
    forms = re.findall(r"`([^`]+)`", paragraph)
    assert len(forms) >= len(faults.TYPES)
    for form in forms:
        assert faults.parse_fault(form) is not None
    for script in re.findall(r'`"script": "([^"]+)"`', TEXT):
        assert faults.parse_script(script)


def test_every_kind_of_problem_that_a_rule_may_name_is_there():
    paragraph = TEXT[TEXT.index("The kinds of `error`") : TEXT.index("A fault has a short form")]
    assert tuple(re.findall(r"`(\w+)`", paragraph)) == ("error", *INJECTABLE)


def test_every_member_of_a_rule_is_there():
    text = section("Faults")
    for name in (*faults.When.model_fields, *faults.RuleModel.model_fields):
        assert f'"{name}"' in text, name


def test_every_command_and_option_is_there():
    """The table is generated; this looks at it from the other side, through what `--help` says."""
    text, of_settings = section("Command line"), section("Settings")
    names = [found.name for found in readme.every_command()]
    assert len(names) > 10
    for name in names:
        shown = CliRunner().invoke(main, [*name.split()[1:], "--help"]).stdout
        options = set(re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", shown.partition("Options:")[2], re.MULTILINE))
        assert "--json" in options
        (row,) = re.findall(rf"^\| `{name}(?: [^a-z]+)?` \|.*$", text, re.MULTILINE)
        where = of_settings if name in readme.SERVING else row
        assert all(f"`{option}" in where for option in options - {"--help", "--json"}), name


def test_the_fixture_can_be_loaded_and_shows_the_whole_format(tmp_path):
    (block,) = [block for block in snippets() if block.language == "yaml"]
    path = tmp_path / "my.yaml"
    path.write_text(block.code)
    audience = load_fixture(str(path), seed=0)
    assert len(audience.people) == 21
    assert audience.people[0].email == "ann@example.com"
    for key in (*FixtureSpec.model_fields, *RECIPES):
        assert re.search(rf"\b{key}: ", block.code) or f"\n{key}:\n" in block.code, key


def test_the_contents_lead_to_every_section():
    prose = re.sub(r"^```.*?^```$", "", TEXT, flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"^(##+) (.+)$", prose, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-"): (level, title) for level, title in found}
    links = re.findall(r"\[([^]]+)\]\(#([^)]+)\)", prose)
    assert {anchor for _, anchor in links} <= set(anchors)
    led = set(re.findall(r"\[([^]]+)\]\(#", section("Contents")))
    assert {title for level, title in anchors.values() if level == "##"} - {"Contents", "More"} <= led


def test_links_lead_to_files():
    for document in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", (readme.README.parent / document).read_text(encoding="utf-8")):
            assert (readme.README.parent / target).exists(), f"{document}: {target}"


def test_files_that_the_documents_name_exist():
    """A file or folder in backticks is one of the project, of the core or of a vendor."""
    root = readme.README.parent
    package = root / "src/lookalike"
    parts = [package / name for name in ("control", "outbox", "stores", "testing")]
    folders = (root, package, *parts, *(package / "vendors").iterdir())
    for document in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"):
        text = (root / document).read_text(encoding="utf-8")
        for name in re.findall(r"`((?:[a-z_]+/)*(?:[a-z_]+/|[a-z_]+\.(?:py|yaml|sh)))`", text):
            assert any((folder / name).exists() for folder in folders), f"{document}: {name}"
