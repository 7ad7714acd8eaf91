"""The Makefile: a fresh clone needs git, make and Python alone, and a second run installs nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")


@pytest.fixture
def clone(tmp_path):
    """As much of a fresh clone as make looks at."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "one.py").write_text("ONE = 1\n")
    for path in (tmp_path / "pyproject.toml", tmp_path / "src" / "one.py"):
        os.utime(path, (1, 1))
    return tmp_path


def make(folder: Path, *arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    binary = shutil.which("make")
    assert binary is not None
    environment = {"PATH": os.environ["PATH"] if path is None else path}
    command = [binary, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


def stamp(clone: Path, *names: str) -> None:
    (clone / ".venv").mkdir(exist_ok=True)
    for name in names:
        (clone / ".venv" / name).touch()
        os.utime(clone / ".venv" / name, (2, 2))


@pytest.mark.parametrize("target", ["serve", "test", "lint", "bench"])
def test_every_target_makes_its_own_environment(clone, target):
    first = make(clone, "--dry-run", target)
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("scripts/venv.sh")
    assert "pip install" in first.stdout

    stamp(clone, ".runtime", ".test")
    second = make(clone, "--dry-run", target)
    assert "venv.sh" not in second.stdout
    assert "pip" not in second.stdout


def test_a_changed_project_file_installs_again(clone):
    stamp(clone, ".runtime")
    (clone / "pyproject.toml").touch()
    assert "pip install" in make(clone, "--dry-run", "serve").stdout


@pytest.mark.parametrize("target", ["serve", "test", "bench"])
def test_sources_are_compiled_when_one_has_changed(clone, target):
    stamp(clone, ".runtime", ".test")
    assert "compileall" in make(clone, "--dry-run", target).stdout
    stamp(clone, ".compiled")
    assert "compileall" not in make(clone, "--dry-run", target).stdout
    (clone / "src" / "one.py").touch()
    assert "compileall" in make(clone, "--dry-run", target).stdout


def test_byte_code_is_kept_wherever_python_itself_would_keep_none(clone):
    stamp(clone, ".runtime")
    (clone / ".venv" / "bin").mkdir()
    (clone / ".venv" / "bin" / "python").write_text(
        f'#!/bin/sh\nPYTHONDONTWRITEBYTECODE=1 exec {sys.executable} "$@"\n'
    )
    (clone / ".venv" / "bin" / "python").chmod(0o755)
    done = make(clone, ".venv/.compiled")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (clone / ".venv" / ".compiled").exists()
    assert [path.suffix for path in (clone / "src" / "__pycache__").iterdir()] == [".pyc"]


def test_arguments_reach_the_command(clone):
    stamp(clone, ".runtime", ".test", ".compiled")
    assert make(clone, "--dry-run", "serve", "ARGS=--port 0").stdout == "exec .venv/bin/lookalike serve --port 0\n"
    assert make(clone, "--dry-run", "test", "ARGS=-k faults").stdout.rstrip().endswith("-k faults")


def test_the_tests_come_last_so_that_their_summary_does(clone):
    stamp(clone, ".runtime", ".test")
    commands = make(clone, "--dry-run", "test").stdout.splitlines()
    assert [word for line in commands for word in ("ruff format", "ruff check", "mypy", "pytest") if word in line] == [
        "ruff format",
        "ruff check",
        "mypy",
        "pytest",
    ]


def test_an_older_python_is_refused_with_one_sentence(clone, tmp_path):
    """Every python3 on this PATH fails as one does that is too old."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("sh", "find"):
        (programs / name).symlink_to(shutil.which(name))
    (programs / "python3").write_text("#!/bin/sh\nexit 1\n")
    (programs / "python3").chmod(0o755)
    done = make(clone, "serve", path=str(programs))
    assert done.returncode != 0
    assert done.stderr.splitlines()[0] == (
        "lookalike needs Python 3.11 or newer, with its venv module: "
        "say where it is, as in make PYTHON=/path/to/python3.11"
    )


def test_another_python_is_found_where_python3_is_too_old(clone, tmp_path):
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "sh").symlink_to("/bin/sh")
    (programs / "python3").write_text("#!/bin/sh\nexit 1\n")
    (programs / "python3").chmod(0o755)
    (programs / "python3.11").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (programs / "python3.11").chmod(0o755)
    command = ["/bin/sh", "scripts/venv.sh", "python3"]
    environment = {"PATH": str(programs)}
    done = subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert (clone / ".venv" / "bin" / "python").exists()


def test_ci_runs_what_everybody_runs():
    assert (ROOT / ".ci/run").read_text().rstrip().endswith("exec make test")
    assert os.access(ROOT / ".ci/run", os.X_OK)
