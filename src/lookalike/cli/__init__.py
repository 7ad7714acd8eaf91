"""The command line: `lookalike serve`, and commands that talk to a running server."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from lookalike import __version__
from lookalike.cli.failure import FAILED, Failure, is_of_output, unwritable, write_no_more

_WHERE = {
    "serve": "serve",
    "run": "run",
    "env": "env",
    "ca": "ca",
    "vendors": "state",
    "coverage": "state",
    "reset": "state",
    "workspaces": "state",
    "seed": "seed",
    "faults": "faults",
    "requests": "requests",
    "clock": "clock",
    "messages": "messages",
    "segments": "segments",
    "runs": "runs",
    "webhooks": "webhooks",
    "wait": "wait",
    "snapshot": "snapshots",
}
"""Every command with its module, imported only when asked for: start-up is time that a script pays for each call."""


class Commands(click.Group):
    """A group that finds its commands in `_WHERE`; an error is one sentence and exit status 2, or the Failure's own."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_WHERE)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _WHERE:
            return None
        module = importlib.import_module(f"lookalike.cli.{_WHERE[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def main(self, *args: Any, **extra: Any) -> Any:
        extra["standalone_mode"] = False
        try:
            status = super().main(*args, **extra)
        except click.ClickException as error:
            click.echo(f"lookalike: {_sentence(error)}", err=True)
            sys.exit(error.status if isinstance(error, Failure) else FAILED)
        except click.Abort:
            sys.exit(130)
        except BrokenPipeError:
            # Whoever read the output has seen enough.
            write_no_more()
            sys.exit(1)
        except OSError as error:
            # Commands write by `say`; but click itself prints helps and versions.
            if not is_of_output(error):
                raise
            write_no_more()
            click.echo(f"lookalike: {unwritable(error)}", err=True)
            sys.exit(FAILED)
        sys.exit(status if isinstance(status, int) else 0)


def _sentence(error: click.ClickException) -> str:
    message = error.format_message()
    if isinstance(error, click.UsageError) and error.ctx is not None:
        return f"{message.rstrip('.')}: see '{error.ctx.command_path} --help'."
    return message


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="lookalike")
@click.pass_context
def main(ctx: click.Context) -> None:
    """A local sandbox server that stands in for customer-messaging APIs.

    `serve` starts it; `run` starts one for a single command. The other commands talk to a running server:
    LOOKALIKE_URL says where it is (default http://127.0.0.1:7357), LOOKALIKE_CONTROL_TOKEN holds its control token
    if it asks for one.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
