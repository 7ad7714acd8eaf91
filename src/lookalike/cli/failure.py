"""How a command fails: one sentence on standard error and an exit status, which is 2 unless the command says more."""

from __future__ import annotations

import os
import sys

import click

FAILED = 2
LATE = 1
"""What was waited for did not happen in time."""


class Failure(click.ClickException):
    """A command that cannot do as asked; the message is one sentence for the user."""

    def __init__(self, message: str, status: int = FAILED) -> None:
        super().__init__(message)
        self.status = status


def write_no_more() -> None:
    """Standard output takes nothing more: what Python flushes on its way out has to go elsewhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
