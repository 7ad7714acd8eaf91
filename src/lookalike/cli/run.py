"""`lookalike run`: a sandbox for the length of one command."""

from __future__ import annotations

import json
import os
from typing import Any

import click

from lookalike.cli.failure import Failure
from lookalike.cli.serve import settings_options

_FREE_PORTS = {"LOOKALIKE_PORT": "0", "LOOKALIKE_TLS_PORT": "0", "LOOKALIKE_PROXY_PORT": "0"}


@click.command(context_settings={"allow_interspersed_args": False})
@settings_options
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run(command: tuple[str, ...], **values: Any) -> int:
    """Run COMMAND with a sandbox of its own, which it meets under the vendors' real host names too.

    The options are those of `serve`, but the ports are free ones unless given, and --json is about the summary that
    is printed on standard error at the end. Exits with COMMAND's status; with 127 if there is no such command; and
    with 1 if COMMAND did well but --block-others had to refuse something.
    """
    from lookalike.certificates import CertificateError
    from lookalike.command import NotFound, run_command
    from lookalike.environment import network_variables, sdk_variables
    from lookalike.seeding import FixtureError
    from lookalike.server import Server, ServerError
    from lookalike.settings import SettingsError, make_settings
    from lookalike.stores import StoreError
    from lookalike.tally import Tally

    tally = Tally()
    given = {name: value for name, value in os.environ.items() if value}
    try:
        settings = make_settings(values, {**_FREE_PORTS, **given})
        with Server(settings, witness=tally) as server:
            trust = network_variables(server.address(), os.environ)
            status = run_command(command, {**os.environ, **sdk_variables(server.sandbox), **trust})
    except (SettingsError, StoreError, ServerError, FixtureError, CertificateError) as error:
        raise Failure(str(error)) from None
    except NotFound as error:
        raise Failure(str(error), error.status) from None
    summary = tally.summary(server)
    lines = [json.dumps(summary)] if settings.json_ else tally.lines(summary)
    for line in lines:
        click.echo(line, err=True)
    return status or int(bool(summary["refused"]))
