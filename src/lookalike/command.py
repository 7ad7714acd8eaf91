"""A command run to its end as if it had been called directly: its streams, its signals, its status."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

_FORWARDED = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")


class NotFound(Exception):
    """A command that cannot be started; the message is one sentence, `status` what a shell would exit with."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


def run_command(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run it, hand on the signals that come meanwhile, and give its status (128 and the number, if a signal ended it).

    Raises NotFound. Must be called from the main thread, where signals arrive.
    """
    first = shutil.which(command[0], path=environment.get("PATH")) if os.name == "nt" else command[0]
    early: list[int] = []
    process: subprocess.Popen[bytes] | None = None

    def forward(number: int, _frame: FrameType | None) -> None:
        if process is None:
            early.append(number)
        elif number != getattr(signal, "SIGINT", None) or not _is_from_terminal():
            with suppress(ProcessLookupError):
                process.send_signal(number)

    with _handled(forward):
        try:
            process = subprocess.Popen([first or command[0], *command[1:]], env=dict(environment))
        except OSError as error:
            reason = error.strerror or str(error)
            status = 126 if isinstance(error, PermissionError) else 127
            raise NotFound(f"{command[0]!r} cannot be run: {reason}", status) from None
        for number in early:
            process.send_signal(number)
        status = process.wait()
    return status if status >= 0 else 128 - status


@contextmanager
def _handled(handler: signal.Handlers | object) -> Iterator[None]:
    numbers = [getattr(signal, name) for name in _FORWARDED if hasattr(signal, name)]
    before = {number: signal.signal(number, handler) for number in numbers}  # type: ignore[arg-type]  # typeshed: int
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def _is_from_terminal() -> bool:
    """Whether Ctrl-C was typed where we run: the terminal has then told the command as well, and once is enough."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    finally:
        os.close(terminal)
