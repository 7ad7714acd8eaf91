"""Servers as processes of their own, and what they take."""

from __future__ import annotations

import compileall
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import lookalike as package

ROOT = Path(__file__).parent.parent
LOOKALIKE = Path(sys.executable).with_name("lookalike")


def compiled() -> None:
    """Have byte code kept of all of lookalike, as pip does where it installs it; Python may be told to keep none."""
    compileall.compile_dir(Path(package.__file__).parent, quiet=2)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, path: str) -> None:
    """Return once something answers there. Raises TimeoutError after ten seconds."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.01)  # another process starts: there is nothing to wait on but its port
    raise TimeoutError(f"nothing answers on port {port}")


@contextmanager
def lookalike(*arguments: str) -> Iterator[tuple[int, int]]:
    """(port, process id) of a lookalike that is ready."""
    process = start_lookalike(*arguments)
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        yield int(ready["url"].rpartition(":")[2]), process.pid
    finally:
        stop(process)


def start_lookalike(*arguments: str) -> subprocess.Popen[str]:
    """A lookalike on a free port that prints its JSON line when ready."""
    command = [str(LOOKALIKE), "serve", "--port", "0", "--json", *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LOOKALIKE_")}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)


def stop(process: subprocess.Popen[str]) -> None:
    """End a process that was started here."""
    process.terminate()
    process.wait(timeout=10)
    if process.stdout is not None:
        process.stdout.close()


def resident_megabytes(pid: int) -> float:
    """Memory that the process holds, in MB; 0 where there is no /proc."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024
