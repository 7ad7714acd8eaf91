"""A sandbox for the length of a `with` block: for unittest, for scripts, for anything without pytest."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lookalike.testing.hosting import Host, socketless, threaded
from lookalike.testing.world import World

WORKSPACE = "test"
"""The workspace of a sandbox that has only one."""


class Sandbox:
    """A server of its own, and one workspace on it, which the `with` block gets.

    ```python
    class SignupTest(unittest.TestCase):
        def setUp(self):
            self.lookalike = self.enterContext(Sandbox())
    ```

    `settings` are those of `lookalike serve` (`fixture="demo"`, `seed=7`), but workspaces are empty unless told
    otherwise and the environment is not looked at. With `socket=False` nothing listens: `lookalike.mount(session)`
    leads a session of requests there, `httpx.Client(transport=lookalike.transport())` is for httpx. Raises CannotStart.
    """

    def __init__(self, *, socket: bool = True, **settings: Any) -> None:
        self._open = threaded if socket else socketless
        self._settings = settings
        self._host: Host | None = None
        self._undo: list[Callable[[], None]] = []

    if not TYPE_CHECKING:  # a type checker knows that there is nothing

        def __getattr__(self, name: str) -> None:
            hint = f"{name!r} is there within the block: with Sandbox() as lookalike: lookalike.{name}"
            raise AttributeError(name if name.startswith("_") else hint)

    def __enter__(self) -> World:
        self._host = self._open(self._settings)
        try:
            return self._host.world(WORKSPACE, set_variable=self._set_variable)
        except BaseException:
            self._host.close()
            raise

    def __exit__(self, *_: object) -> None:
        while self._undo:
            self._undo.pop()()
        if self._host is not None:
            self._host.close()

    def _set_variable(self, name: str, value: str) -> None:
        before = os.environ.get(name)
        os.environ[name] = value

        def restore() -> None:
            if before is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = before

        self._undo.append(restore)
