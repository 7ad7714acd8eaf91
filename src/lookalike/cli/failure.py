"""How a command fails: one sentence on standard error and an exit status, which is 2 unless the command says more."""

from __future__ import annotations

import errno
import os
import sys

import click

FAILED = 2
LATE = 1
"""What was waited for did not happen in time."""

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)


class Failure(click.ClickException):
    """A command that cannot do as asked; the message is one sentence for the user."""

    def __init__(self, message: str, status: int = FAILED) -> None:
        super().__init__(message)
        self.status = status


def write_no_more() -> None:
    """Standard output takes nothing more: what Python flushes on its way out has to go elsewhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def is_of_output(error: OSError) -> bool:
    """Whether an error can be that of standard output, which has no name."""
    return error.filename is None and error.errno in _FULL


def unwritable(error: OSError) -> str:
    """The sentence about an output that takes nothing."""
    return f"the output cannot be written: {error.strerror}."
