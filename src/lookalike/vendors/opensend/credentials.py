"""Keys: how a request names one, which are refused, and the rows that the API-key operations show.

Every well-formed key is welcome. One that was never seen in its workspace gets a row on first use (`Full key`, or
`Sending key` when it is a restricted one), as an owner's own key has one. Keys made by `issue` carry their permission
and domain in their row; one that was withdrawn is refused from then on.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from lookalike.call import Call
from lookalike.credentials import DEFAULT_WORKSPACE
from lookalike.problem import Problem
from lookalike.stores import Resource

API_KEYS = Resource("api_keys", unique=("token",))
"""id, token, name, permission, domain, created_at, last_used_at (ISO or null), used (epoch seconds or 0)."""

WITHDRAWN = Resource("withdrawn_keys")
"""The tokens of deleted keys, as ids."""


PREFIXES = ("os_", "ns_")
"""What lookalike takes for a key; the real server knows keys by their hash alone (I)."""

PUBLIC_PAGES = "/unsubscribe/"
"""Where the token in the link is all the credential there is; it says which workspace is meant, as keys do."""

_USE_EVERY = 60.0
"""Seconds between two notes of a key's last use: a write for every request would be all that a read costs (I)."""


def read_key(call: Call) -> str:
    """`Authorization: Bearer os_...`, split on single spaces, the scheme case-sensitive."""
    if call.path.startswith(PUBLIC_PAGES):
        return call.argument("token") or ""
    header = call.header("Authorization")
    if header is None:
        raise Problem("unauthorized", reason="missing")
    words = header.split(" ")
    if len(words) != 2 or words[0] != "Bearer" or not words[1]:
        raise Problem("unauthorized", reason="malformed")
    if not words[1].startswith(PREFIXES):
        raise Problem("unauthorized", reason="unknown")
    return words[1]


def permit(call: Call) -> None:
    """Refuse withdrawn keys, and sending keys on everything whose `extras` do not say `sending`."""
    token = call.key or ""
    keys = call.collection(API_KEYS)
    row = keys.one("token", token)
    if row is None:
        if call.collection(WITHDRAWN).get(token) is not None:
            raise Problem("unauthorized", reason="unknown")
        permission = "sending_access" if call.restricted else "full_access"
        name = "Sending key" if call.restricted else "Full key"
        row = _row(call, token, name, permission, None)
    now = call.clock.now()
    if not 0 <= now - row["used"] < _USE_EVERY:
        row |= {"used": now, "last_used_at": call.clock.iso()}
        keys.put(row)
    call.notes["api_key"] = row
    sending = call.operation is not None and call.operation.extras.get("sending")
    if row["permission"] == "sending_access" and not sending:
        raise Problem("forbidden")


def caller(call: Call) -> dict[str, Any]:
    """The row of the key that this request came with: its id, and the domain it is restricted to, if any."""
    row: dict[str, Any] = call.notes["api_key"]
    return row


def owner(call: Call) -> str:
    """The id of the user to whom everything in this workspace belongs: `user_` and 20 hexadecimal digits."""
    return "user_" + sha256(call.workspace.name.encode()).hexdigest()[:20]


def issue(call: Call, name: str, permission: str, domain: str | None) -> dict[str, Any]:
    """Make a key and keep it; its token leads back to the workspace it was made in."""
    token = f"os_{call.ids.hex(32)}"
    if call.workspace.name != DEFAULT_WORKSPACE:
        token += f"~{call.workspace.name}"
    row = _row(call, token, name, permission, domain)
    call.collection(API_KEYS).put(row)
    return row


def withdraw(call: Call, id: str) -> bool:
    """Delete a key, so that requests with it are refused; false when there is none of that id."""
    keys = call.collection(API_KEYS)
    row = keys.get(id)
    if row is None:
        return False
    keys.delete(id)
    call.collection(WITHDRAWN).put({"id": row["token"]})
    return True


def _row(call: Call, token: str, name: str, permission: str, domain: str | None) -> dict[str, Any]:
    return {
        "id": call.ids.uuid4(),
        "token": token,
        "name": name,
        "permission": permission,
        "domain": domain,
        "created_at": call.clock.iso(),
        "last_used_at": None,
        "used": 0,
    }
