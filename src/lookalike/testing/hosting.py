"""Servers for tests: one in a thread of this process, one without a socket, or one that runs elsewhere."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lookalike.remote import Control
from lookalike.testing.world import SetVariable, World

if TYPE_CHECKING:
    from pathlib import Path

    from lookalike.settings import Settings
    from lookalike.testing.inprocess import Door

DEFAULTS = {"port": 0, "fixture": "none"}
"""Where tests differ from `lookalike serve`: a free port, and workspaces that are empty."""


class CannotStart(Exception):
    """A server that cannot start; the message is one sentence for the user."""


class Host:
    """A server and its control API. `close` ends it, if it was started here."""

    def __init__(
        self,
        control: Control,
        end: Callable[[], None] | None = None,
        *,
        token: str | None = None,
        door: Door | None = None,
    ) -> None:
        self.control = control
        self.token = token
        """The control token, where the server wants one."""
        self._end = end
        self._door = door

    @property
    def url(self) -> str:
        """Where the server is: `http://127.0.0.1:34567`."""
        return self.control.url

    def world(
        self, name: str, *, set_variable: SetVariable, fixture: str | Path | None = None, seed: int | None = None
    ) -> World:
        """A fresh workspace of that name. Raises ControlError."""
        return World(self.control, name, fixture=fixture, seed=seed, set_variable=set_variable, door=self._door)

    def close(self) -> None:
        """Let go of the server."""
        self.control.close()
        if self._end is not None:
            self._end()


def remote(url: str, token: str | None = None) -> Host:
    """A server that runs already."""
    return Host(Control(url, token), token=token)


def threaded(values: Mapping[str, Any]) -> Host:
    """A server in a thread, on a free port unless told otherwise. Raises CannotStart."""
    with _without_collecting():
        settings = _settings(values)
        from lookalike.certificates import CertificateError
        from lookalike.seeding import FixtureError
        from lookalike.server import Server, ServerError
        from lookalike.settings import SettingsError
        from lookalike.stores import StoreError

        try:
            server = Server(settings).start()
        except (CertificateError, FixtureError, ServerError, SettingsError, StoreError) as error:
            raise CannotStart(str(error)) from None
    token = server.sandbox.control_token
    return Host(Control(server.url, token), server.stop, token=token)


def socketless(values: Mapping[str, Any]) -> Host:
    """A sandbox that is reached by calls in this process alone. Raises CannotStart."""
    with _without_collecting():
        settings = _settings(values)
        from lookalike.sandbox import Sandbox
        from lookalike.seeding import FixtureError
        from lookalike.settings import SettingsError
        from lookalike.stores import StoreError
        from lookalike.testing.inprocess import Door

        try:
            sandbox = Sandbox(settings)
            door = Door(sandbox)
            sandbox.prepare()
        except (FixtureError, SettingsError, StoreError) as error:
            raise CannotStart(str(error)) from None
    return Host(Control(door.url, sandbox.control_token, door.exchange), sandbox.close, door=door)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """What is loaded here stays; to look for garbage in it meanwhile takes a fifth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _settings(values: Mapping[str, Any]) -> Settings:
    # The environment's settings are for `lookalike serve`: tests do the same wherever they run.
    from lookalike.settings import SettingsError, make_settings

    try:
        return make_settings({**DEFAULTS, **values}, {})
    except SettingsError as error:
        raise CannotStart(str(error)) from None


def read_options(words: Sequence[str]) -> dict[str, Any]:
    """Settings from the options of `lookalike serve`. Raises CannotStart."""
    import click

    from lookalike.cli.serve import settings_options

    @click.command()
    @settings_options
    def options() -> None:
        """Only read."""

    try:
        given = options.make_context("lookalike", list(words), resilient_parsing=False).params
    except click.UsageError as error:
        raise CannotStart(error.format_message()) from None
    return {name: value for name, value in given.items() if value is not None and value != ()}
