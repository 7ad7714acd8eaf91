"""`lookalike serve`: the server in the foreground."""

from __future__ import annotations

import gc
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

import click

from lookalike.cli.failure import Failure
from lookalike.cli.output import say
from lookalike.settings import Declared, SettingsError, declared, make_settings


def _option(setting: Declared) -> Callable[[Any], Any]:
    # Values stay text: the settings judge them all alike, wherever they come from.
    kind: dict[str, Any] = {"metavar": setting.metavar}
    if setting.switch:
        kind = {"is_flag": True, "default": None}
    elif setting.repeated:
        kind["multiple"] = True
    return click.option(setting.flag, setting.key, help=setting.help, **kind)


def settings_options(command: Any) -> Any:
    """Every setting as an option of a command."""
    for setting in reversed(declared()):
        command = _option(setting)(command)
    return command


@click.command()
@settings_options
def serve(**values: Any) -> None:
    """Start the server and run until SIGINT or SIGTERM."""
    _stop_early()
    # What start-up makes stays; looking for garbage in it takes a sixth of the time. The server switches it on again.
    gc.disable()
    from lookalike.banner import banner, ready_line
    from lookalike.seeding import FixtureError
    from lookalike.server import Server, ServerError
    from lookalike.stores import StoreError

    def announce(server: Server) -> None:
        click.echo(banner(server), err=True)
        if server.settings.json_:
            say([ready_line(server)])

    try:
        Server(make_settings(values)).run(announce)
    except (SettingsError, StoreError, ServerError, FixtureError) as error:
        raise Failure(str(error)) from None
    finally:
        gc.enable()


def _stop_early() -> None:
    """A signal that comes before the server listens ends the command as one that comes later does."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: sys.exit(0))
