"""The rate limits of a deployment that counts in Redis: fixed windows of a minute."""

from __future__ import annotations

from lookalike.call import Call
from lookalike.limits import Limit

FOLDED = {"audiences": "segments", "contact-properties": "properties"}
"""Root families that count under another name in their `/api` form."""

SENDS = {"/api/emails": 20, "/api/emails/batch": 5}

WINDOW = 60.0


def limits(call: Call) -> tuple[Limit, ...]:
    """One counter for each client address, start of the credential and inner path.

    Reads and writes of a path share it; each is held against the maximum of its own method. It counts before
    authentication, so refused requests count too.
    """
    if call.path == "/openapi.json":
        return ()
    inner = inner_path(call.path)
    caller = (call.header("Authorization") or "anon")[:20]
    return (Limit(f"{_address(call)} {caller} {inner}", _maximum(call.method, inner), WINDOW),)


def inner_path(path: str) -> str:
    """A path in its `/api` form; record ids stay, so every record counts alone."""
    if path.startswith("/api/"):
        return path
    family, slash, rest = path[1:].partition("/")
    return f"/api/{FOLDED.get(family, family)}{slash}{rest}"


def _address(call: Call) -> str:
    """The last address that a proxy forwarded; without one, the connection's."""
    forwarded = [address.strip() for address in (call.header("X-Forwarded-For") or "").split(",") if address.strip()]
    if forwarded:
        return forwarded[-1]
    address: str = call.header("X-Real-IP") or call.environ.get("REMOTE_ADDR", "")
    return address


def _maximum(method: str, inner: str) -> int:
    if method == "GET":
        return 100
    if method == "POST" and inner in SENDS:
        return SENDS[inner]
    if inner.startswith("/api/api-keys") or (method == "POST" and inner.startswith("/api/domains")):
        return 10
    return 30
