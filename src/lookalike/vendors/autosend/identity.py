"""Whose data it is, and the ids of what is in it.

One workspace stands for one project of one organisation. A key of the whole account has to name the project with each
call; which project it names makes no difference here, since the workspace already follows from the key.
"""

from __future__ import annotations

import re
from functools import lru_cache

from lookalike.call import Call
from lookalike.ids import Ids
from lookalike.part import Part
from lookalike.problem import Problem

PROJECT_HEADER = "x-project-id"
FILES = "/v1/inbound/files/"
"""Where links lead that need no key; they end in `~workspace` unless it is the default one."""

_FIRST = 0x66000000
_KEY = re.compile(r"asa?_\S+", re.IGNORECASE)


def new_id(part: Part) -> str:
    """A fresh id of 24 hexadecimal digits. As with MongoDB's own, later ones sort higher."""
    secret = part.ids.hex(16)
    return f"{(_FIRST + part.ids.count) & 0xFFFFFFFF:08x}{secret}"


def new_ids(part: Part, count: int) -> list[str]:
    """So many of them, rising; a draw makes eight secrets, but each has a number of its own."""
    ids = part.ids
    secrets = "".join([ids.hex(128) for _ in range((count + 7) // 8)])
    first = _FIRST + ids.count + 1
    ids.count += count
    numbered = zip(range(first, first + count), range(0, 16 * count, 16), strict=True)
    return [f"{number & 0xFFFFFFFF:08x}{secrets[start : start + 16]}" for number, start in numbered]


@lru_cache(maxsize=1024)
def project_id(workspace: str) -> str:
    """The id of the project that a workspace stands for."""
    return Ids("autosend project", workspace).hex(24)


@lru_cache(maxsize=1024)
def organization_id(workspace: str) -> str:
    """The id of the organisation that owns the project."""
    return Ids("autosend organization", workspace).hex(24)


def read_key(call: Call) -> str:
    """`Authorization: Bearer AS_...`, or `x-api-key`; older keys (`as_`) and account keys (`ASA_`) go too.

    What leads to a file tells its workspace by itself.
    """
    if call.path.startswith(FILES):
        return call.path
    scheme, _, key = (call.header("Authorization") or "").partition(" ")
    key = key.strip() if scheme.lower() == "bearer" else call.header("x-api-key") or ""
    if not _KEY.fullmatch(key):
        raise Problem("unauthorized")
    return key


def permit(call: Call) -> None:
    """Refuse a key without permission, a project's key for the account, and an account key that names no project.

    AutoSend documents the code FORBIDDEN without saying for what, and no scopes of keys: a restricted key may do
    nothing here (I), and where an operation has a documented 403 of its own that one is given. The answer to a
    missing `x-project-id` is inferred as well.
    """
    if call.restricted:
        raise Problem("forbidden")
    of_account, on_account = (call.key or "").lower().startswith("asa_"), call.path.startswith("/v1/account/")
    if on_account and not of_account:
        raise Problem("forbidden", "This endpoint requires an organization admin API key (ASA_ prefix)", code="")
    if of_account and not on_account and call.header(PROJECT_HEADER) is None:
        detail = {"field": PROJECT_HEADER, "message": f"{PROJECT_HEADER} header is required for account API keys"}
        raise Problem("invalid", details=[detail])
