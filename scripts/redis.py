"""A real redis-server for the tests: where it is, and how it gets there.

Run as a script it fetches Debian's packages into this virtual environment where PATH has no redis-server; nothing is
installed on the machine and no service starts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.fetching import fetch

PACKAGES = ("redis-server", "redis-tools", "libjemalloc2", "liblzf1")
"""The libraries are those that a Debian without Redis may lack."""

FOLDER = Path(sys.prefix) / "redis"


def find_server() -> Path | None:
    """The redis-server on PATH, else the one in this environment, else None."""
    on_path = shutil.which("redis-server")
    own = FOLDER / "usr" / "bin" / "redis-server"
    if on_path is not None:
        return Path(on_path)
    return own if own.exists() else None


def command() -> tuple[list[str], dict[str, str]]:
    """What starts a redis-server, and the environment it needs. Raises FileNotFoundError."""
    server = find_server()
    if server is None:
        raise FileNotFoundError("there is no redis-server")
    if FOLDER not in server.parents:
        return [str(server)], dict(os.environ)
    libraries = sorted({str(path.parent) for path in (FOLDER / "usr" / "lib").rglob("*.so.*")})
    return [str(server)], {**os.environ, "LD_LIBRARY_PATH": os.pathsep.join(libraries)}


def missing() -> str | None:
    """Why there is no Redis to test with, as one sentence; None when there is."""
    if find_server() is None:
        return "there is no redis-server: run `make test` on Debian with a network, or install Redis"
    return None


def install() -> None:
    """Fetch Debian's packages and unpack them. Raises CalledProcessError, TimeoutExpired or OSError."""
    if os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=False, timeout=300, stdout=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory() as folder:
        # Debian's downloader runs as a user of its own, who has to get into the folder.
        os.chmod(folder, 0o755)
        download = ["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", *PACKAGES]
        subprocess.run(download, cwd=folder, check=True, timeout=300, stdout=subprocess.DEVNULL)
        draft = FOLDER.with_name("redis.new")
        shutil.rmtree(draft, ignore_errors=True)
        for package in sorted(Path(folder).glob("*.deb")):
            subprocess.run(["dpkg", "--extract", str(package), str(draft)], check=True, timeout=60)
        shutil.rmtree(FOLDER, ignore_errors=True)
        draft.rename(FOLDER)
    shown, environment = command()
    subprocess.run([*shown, "--version"], env=environment, check=True, timeout=30, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(fetch("redis-server", missing, install))
