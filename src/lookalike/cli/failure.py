"""How a command fails: one sentence on standard error and exit status 2."""

from __future__ import annotations

import click

FAILED = 2


class Failure(click.ClickException):
    """A command that cannot do as asked; the message is one sentence for the user."""

    exit_code = FAILED
