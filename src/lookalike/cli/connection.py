"""The way from a command to the control API of a running server."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import quote

from lookalike.cli.failure import FAILED, LATE, Failure
from lookalike.remote import Control, ControlError

DEFAULT_URL = "http://127.0.0.1:7357"


def ask(method: str, path: str, body: Any = None, query: dict[str, Any] | None = None) -> Any:
    """One request to the server that LOOKALIKE_URL names, and its answer. Raises Failure.

    `path` is without its prefix, as in `/faults`. Members of `query` that are None are left out.
    """
    url = os.environ.get("LOOKALIKE_URL") or DEFAULT_URL
    control = Control(url, os.environ.get("LOOKALIKE_CONTROL_TOKEN"))
    try:
        return control.ask(method, path, body, query)
    except ControlError as error:
        raise Failure(str(error), LATE if error.status == 408 else FAILED) from error
    finally:
        control.close()


def part(name: str) -> str:
    """A name or id as one part of a path. Raises Failure for what would be none, or several."""
    if not name or "/" in name:
        raise Failure(f"{name!r} is no name or id: give one without slashes.")
    return quote(name, safe="")
