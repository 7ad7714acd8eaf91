"""What is shipped: the wheel, its version, the lock files, and what no file of the project may say."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

import lookalike
from lookalike.vendor import discover
from scripts import javascript

ROOT = Path(__file__).parent.parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel as it would be published."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


def test_the_wheel_contains_what_is_no_python(wheel):
    names = set(wheel.namelist())
    assert "lookalike/py.typed" in names
    for vendor in discover():
        assert f"lookalike/vendors/{vendor}/coverage.yaml" in names
    shipped = {path.name for path in (ROOT / "fixtures").glob("*.yaml")}
    assert shipped >= {"demo.yaml", "empty.yaml", "large.yaml"}
    assert {f"lookalike/fixtures/{name}" for name in shipped} <= names
    strangers = {name for name in names if not name.startswith(("lookalike/", f"lookalike-{lookalike.__version__}."))}
    assert strangers == set()


def test_the_wheel_says_what_it_is(wheel):
    (name,) = [name for name in wheel.namelist() if name.endswith("METADATA")]
    metadata = Parser().parsestr(wheel.read(name).decode())
    assert metadata["Version"] == lookalike.__version__
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "MIT"
    assert "Typing :: Typed" in metadata.get_all("Classifier")
    assert metadata.get_payload().startswith("# lookalike")
    (name,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    assert wheel.read(name).decode() == (
        "[console_scripts]\nlookalike = lookalike.cli:main\n\n[pytest11]\nlookalike = lookalike.pytest_plugin\n"
    )


def test_the_changelog_has_this_version_first():
    versions = re.findall(r"^## \[([^\]]+)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert next(version for version in versions if version != "Unreleased") == lookalike.__version__


def test_every_declared_public_name_exists():
    declared = {}
    for module in pkgutil.walk_packages(lookalike.__path__, "lookalike."):
        if module.name.endswith("__main__"):
            continue
        found = importlib.import_module(module.name)
        declared[module.name] = [name for name in getattr(found, "__all__", ()) if not hasattr(found, name)]
    assert {name: missing for name, missing in declared.items() if missing} == {}
    assert lookalike.__all__ == ["__version__"]


def tracked() -> list[Path]:
    """Every file of the project; without git, whatever lies in its folders."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]
    folders = ("src", "tests", "fixtures", "bench", "scripts")
    return [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".md", ".json")]


FORBIDDEN = {
    "the host of a package registry": r"registry\.(npmjs|yarnpkg)\.|pypi\.(org|python)|pythonhosted\.",
    "a path of the machine it was written on": r"(?<![\w.-])/(work|home/[a-z]+|Users)/(?!lookalike)",
    "a file outside of the project": r"\.\./shared",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_names(what):
    pattern = re.compile(FORBIDDEN[what])
    guilty = []
    for path in tracked():
        if path == Path(__file__):
            continue
        text = path.read_bytes().decode("utf-8", "replace")
        guilty += [f"{path.relative_to(ROOT)}: {found[0]}" for found in pattern.finditer(text)]
    assert guilty == [], what


def test_lock_files_hold_no_download_addresses():
    locks = [path for path in tracked() if path.name.endswith(("-lock.json", ".lock"))]
    assert ROOT / "tests/clients/package-lock.json" in locks
    for lock in locks:
        text = lock.read_text(encoding="utf-8")
        assert '"resolved"' not in text, lock
        assert re.search(r"\.(tgz|tar\.gz|whl|zip)\b", text) is None, lock


def test_the_javascript_sdks_are_pinned():
    folder = ROOT / "tests/clients"
    wanted = json.loads((folder / "package.json").read_text())["dependencies"]
    locked = json.loads((folder / "package-lock.json").read_text())["packages"]
    assert wanted == {name: locked[f"node_modules/{name}"]["version"] for name in wanted}


def test_javascript_packages_that_another_folder_lends_are_left_to_it(tmp_path, monkeypatch):
    """npm empties what a link leads to before it installs anew."""
    lent, packages = tmp_path / "lent", tmp_path / "packages"
    lent.mkdir()
    packages.mkdir()
    (lent / "kept").touch()
    (packages / "node_modules").symlink_to(lent)

    def npm(*_arguments: object, **_options: object) -> None:
        assert not (packages / "node_modules").exists()
        (packages / "node_modules").mkdir()

    monkeypatch.setattr(javascript, "find_node", lambda _oldest: Path(sys.executable))
    monkeypatch.setattr(javascript, "_npm", lambda _node: ["npm"])
    monkeypatch.setattr(javascript.subprocess, "run", npm)
    javascript.install(packages)
    assert (lent / "kept").exists()
    assert (packages / "node_modules" / ".installed").exists()


def test_what_the_tests_need_is_declared():
    """The test extra has what the tests import; nothing else has crept into the virtual environment."""
    extras = " ".join(PROJECT["optional-dependencies"]["test"])
    for name in ("opensend==0.1.0", "resend>=2", "pytest-xdist", "hatchling", "mypy", "ruff"):
        assert name in extras
